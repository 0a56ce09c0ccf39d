/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/siphash.h>, of which the core needs the key. */
#ifndef SHIM_LINUX_SIPHASH_H
#define SHIM_LINUX_SIPHASH_H

#include <linux/types.h>

typedef struct {
	u64 key[2];
} siphash_key_t;

#endif /* SHIM_LINUX_SIPHASH_H */
