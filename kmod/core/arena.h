/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arenas: size-class allocators with exact accounting, one for each shard.
 *
 * An arena has no lock; whoever uses it holds the lock of its shard. Objects
 * are freed with the size they were asked for, so none carries a header.
 */
#ifndef DARTER_CORE_ARENA_H
#define DARTER_CORE_ARENA_H

#include <linux/list.h>
#include <linux/types.h>

/* Larger objects come from the system one by one. */
#define DARTER_ARENA_SMALL_MAX 4088
/* 8-byte steps up to 512 bytes, then what 62 to 8 equal parts of 32 KiB are. */
#define DARTER_ARENA_CLASSES (512 / 8 + 55)

struct darter_arena_class {
	struct list_head partial;	/* of slabs with free objects */
	struct list_head full;
	u32 nempty;			/* slabs on partial without any object */
	u32 nslabs;			/* on both lists */
};

struct darter_arena {
	u64 used;			/* bytes of live objects, rounded as they are stored */
	u64 reserved;			/* bytes taken from the system */
	u64 changes;			/* allocated or freed so many times */
	struct darter_arena_class classes[DARTER_ARENA_CLASSES];
};

int darter_arena_init(struct darter_arena *arena);
void darter_arena_destroy(struct darter_arena *arena);
void *darter_arena_alloc(struct darter_arena *arena, size_t size);
void darter_arena_free(struct darter_arena *arena, void *object, size_t size);
void darter_arena_trim(struct darter_arena *arena);
size_t darter_arena_footprint(size_t size);

#endif /* DARTER_CORE_ARENA_H */
