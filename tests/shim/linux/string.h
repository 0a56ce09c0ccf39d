/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/string.h>. */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <string.h>
#include <strings.h>

#include <linux/errno.h>
#include <linux/types.h>

/* Copy what fits and terminate it: the length, or -E2BIG when it was cut. */
static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t len;

	if (!size)
		return -E2BIG;
	for (len = 0; from[len]; len++) {
		if (len == size - 1) {
			to[len] = '\0';
			return -E2BIG;
		}
		to[len] = from[len];
	}
	to[len] = '\0';
	return len;
}

static inline void memzero_explicit(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}

#endif /* SHIM_LINUX_STRING_H */
