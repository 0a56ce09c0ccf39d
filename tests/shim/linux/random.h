/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/random.h>. */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <sys/random.h>

#include <linux/types.h>

static inline void get_random_bytes(void *out, size_t len)
{
	char *p = out;

	while (len) {
		ssize_t got = getrandom(p, len, 0);

		if (got > 0) {
			p += got;
			len -= got;
		}
	}
}

static inline u64 get_random_u64(void)
{
	u64 word;

	get_random_bytes(&word, sizeof(word));
	return word;
}

static inline u32 get_random_u32(void)
{
	return get_random_u64();
}

#endif /* SHIM_LINUX_RANDOM_H */
