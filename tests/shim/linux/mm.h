/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/mm.h>: pages are naturally aligned blocks from the heap. */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x) round_up(x, PAGE_SIZE)

static inline int get_order(unsigned long size)
{
	int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

static inline unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	size_t size = PAGE_SIZE << order;
	void *block = shim_alloc_fails() ? NULL : aligned_alloc(size, size);

	if (block && flags & __GFP_ZERO)
		memset(block, 0, size);
	return (unsigned long)block;
}

static inline void free_pages(unsigned long block, unsigned int order)
{
	free((void *)block);
}

#endif /* SHIM_LINUX_MM_H */
