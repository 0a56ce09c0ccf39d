/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/slab.h>: malloc, with allocation failure on demand. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdlib.h>
#include <string.h>

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>

/*
 * Tests: this many allocations of the thread succeed, the rest fail; -1: none fails.
 * If only one shall fail, this is -1 as soon as it has failed.
 */
extern __thread long shim_alloc_fail_after;
extern __thread bool shim_alloc_fail_once;

static inline bool shim_alloc_fails(void)
{
	if (shim_alloc_fail_after < 0)
		return false;
	if (!shim_alloc_fail_after) {
		if (shim_alloc_fail_once)
			shim_alloc_fail_after = -1;
		return true;
	}
	shim_alloc_fail_after--;
	return false;
}

static inline void *kmalloc(size_t size, gfp_t flags)
{
	if (shim_alloc_fails() || size == SIZE_MAX)
		return NULL;
	return flags & __GFP_ZERO ? calloc(1, size) : malloc(size);
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kmalloc(size_mul(n, size), flags);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

static inline void kfree(const void *ptr)
{
	free((void *)ptr);
}

static inline void *kmemdup(const void *from, size_t len, gfp_t flags)
{
	void *copy = kmalloc(len, flags);

	return copy ? memcpy(copy, from, len) : NULL;
}

static inline char *kmemdup_nul(const char *from, size_t len, gfp_t flags)
{
	char *copy = kmalloc(len + 1, flags);

	if (!copy)
		return NULL;
	memcpy(copy, from, len);
	copy[len] = '\0';
	return copy;
}

static inline char *kstrdup(const char *from, gfp_t flags)
{
	return from ? kmemdup_nul(from, strlen(from), flags) : NULL;
}

#define kvmalloc kmalloc
#define kvzalloc kzalloc
#define kvmalloc_array kmalloc_array
#define kvcalloc kcalloc
#define kvfree kfree

#endif /* SHIM_LINUX_SLAB_H */
