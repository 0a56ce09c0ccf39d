/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/lockdep.h>. */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <linux/compiler.h>

#define lockdep_assert_held(lock) ((void)(lock))

#endif /* SHIM_LINUX_LOCKDEP_H */
