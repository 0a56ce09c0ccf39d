/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/hash.h>. */
#ifndef SHIM_LINUX_HASH_H
#define SHIM_LINUX_HASH_H

#include <linux/types.h>

/* Fibonacci hashing: the golden ratio's bits spread neighbours. */
static inline u32 hash_64(u64 value, unsigned int bits)
{
	return value * 0x9e3779b97f4a7c15ULL >> (64 - bits);
}

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * 0x9e3779b9u >> (32 - bits);
}

#endif /* SHIM_LINUX_HASH_H */
