/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an arena is made of; for arena.c, which changes it, and check_arena.c, which
 * sees whether it is sound. Under the lock of the arena's shard.
 *
 * Small objects live in slabs: naturally aligned blocks of pages, so that the
 * slab of an object is found by masking its address. A slab serves one class;
 * its free objects form a list through their first word, and objects that were
 * never used are handed out in order behind it.
 */
#ifndef DARTER_CORE_SLAB_H
#define DARTER_CORE_SLAB_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "arena.h"

#define SLAB_ORDER 3
#define SLAB_SIZE (PAGE_SIZE << SLAB_ORDER)
#define FINE_STEP 8
#define FINE_MAX 512
#define FINE_CLASSES (FINE_MAX / FINE_STEP)
/* Larger classes are equal parts of this many bytes, so that a slab has no rest. */
#define PARTED (32 * 1024 - SLAB_HEAD)
#define PARTS_MAX 62

struct slab {
	struct list_head link;		/* in partial or full of its class */
	void *free;			/* freed objects, chained by their first word */
	u32 used;			/* live objects */
	u32 fresh;			/* offset of the first object never handed out */
};

/* Objects start aligned to the step of the finest classes. */
#define SLAB_HEAD round_up(sizeof(struct slab), FINE_STEP)

/* The compiler says so of a kernel with KASAN, too, which has other functions. */
#if defined(__SANITIZE_ADDRESS__) && !defined(__KERNEL__)
#include <sanitizer/asan_interface.h>
#define poison(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define unpoison(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
#else
#define poison(start, size) ((void)(start), (void)(size))
#define unpoison(start, size) ((void)(start), (void)(size))
#endif

static inline size_t class_size(u32 class)
{
	if (class < FINE_CLASSES)
		return (class + 1) * FINE_STEP;
	return round_down((u32)PARTED / (FINE_CLASSES + PARTS_MAX - class), FINE_STEP);
}

static inline bool slab_has_room(const struct slab *slab, size_t object)
{
	return slab->free || slab->fresh + object <= SLAB_SIZE;
}

#endif /* DARTER_CORE_SLAB_H */
