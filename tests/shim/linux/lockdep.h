/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/lockdep.h>. */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <linux/compiler.h>

#define lockdep_assert_held(lock) ((void)(lock))

struct lock_class_key {
};

#define lockdep_register_key(key) ((void)(key))
#define lockdep_unregister_key(key) ((void)(key))
#define lockdep_set_class(lock, key) ((void)(lock), (void)(key))

#endif /* SHIM_LINUX_LOCKDEP_H */
