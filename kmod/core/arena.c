// SPDX-License-Identifier: GPL-2.0
/*
 * Arenas, see arena.h, and slab.h for the layout. A slab that becomes empty goes
 * back to the system unless it is the only empty one of its class.
 *
 * Nothing is zeroed: callers write what they read.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "arena.h"
#include "slab.h"

#define ARENA_GFP (GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY)

static u32 class_of(size_t size)
{
	if (size <= FINE_STEP)
		return 0;
	if (size <= FINE_MAX)
		return (size - 1) / FINE_STEP;
	return FINE_CLASSES + PARTS_MAX - (u32)PARTED / (u32)round_up(size, FINE_STEP);
}

/**
 * darter_arena_footprint() - memory that an object of a size occupies
 * @size: bytes asked for
 *
 * Return: bytes that darter_arena_alloc() adds to the arena's used.
 */
size_t darter_arena_footprint(size_t size)
{
	if (size <= DARTER_ARENA_SMALL_MAX)
		return class_size(class_of(size));
	return PAGE_ALIGN(size);
}

/**
 * darter_arena_init() - make an empty arena
 * @arena: memory to fill
 *
 * Return: 0.
 */
int darter_arena_init(struct darter_arena *arena)
{
	u32 i;

	arena->used = 0;
	arena->reserved = 0;
	arena->changes = 0;
	for (i = 0; i < DARTER_ARENA_CLASSES; i++) {
		INIT_LIST_HEAD(&arena->classes[i].partial);
		INIT_LIST_HEAD(&arena->classes[i].full);
		arena->classes[i].nempty = 0;
		arena->classes[i].nslabs = 0;
	}
	return 0;
}

static void slab_release(struct darter_arena *arena, struct darter_arena_class *class,
			 struct slab *slab)
{
	list_del(&slab->link);
	class->nslabs--;
	unpoison(slab, SLAB_SIZE);
	free_pages((unsigned long)slab, SLAB_ORDER);
	arena->reserved -= SLAB_SIZE;
}

static void release_all(struct darter_arena *arena, struct darter_arena_class *class,
			struct list_head *slabs)
{
	struct slab *slab, *next;

	list_for_each_entry_safe(slab, next, slabs, link)
		slab_release(arena, class, slab);
}

/**
 * darter_arena_destroy() - give all slabs back
 * @arena: initialised or zeroed
 *
 * Small objects that are still live vanish with their slabs. Objects above
 * DARTER_ARENA_SMALL_MAX must have been freed.
 */
void darter_arena_destroy(struct darter_arena *arena)
{
	u32 i;

	for (i = 0; i < DARTER_ARENA_CLASSES; i++) {
		struct darter_arena_class *class = &arena->classes[i];

		if (!class->partial.next)
			return;
		release_all(arena, class, &class->partial);
		release_all(arena, class, &class->full);
	}
}

static struct slab *slab_make(struct darter_arena *arena, struct darter_arena_class *class)
{
	struct slab *slab = (struct slab *)__get_free_pages(ARENA_GFP, SLAB_ORDER);

	if (!slab)
		return NULL;
	slab->free = NULL;
	slab->used = 0;
	slab->fresh = SLAB_HEAD;
	poison((char *)slab + SLAB_HEAD, SLAB_SIZE - SLAB_HEAD);
	list_add(&slab->link, &class->partial);
	class->nempty++;
	class->nslabs++;
	arena->reserved += SLAB_SIZE;
	return slab;
}

static void *slab_take(struct slab *slab, size_t object)
{
	void *taken = slab->free;

	if (taken) {
		unpoison(taken, object);
		slab->free = *(void **)taken;
	} else {
		taken = (char *)slab + slab->fresh;
		unpoison(taken, object);
		slab->fresh += object;
	}
	slab->used++;
	return taken;
}

static void *alloc_small(struct darter_arena *arena, size_t size)
{
	u32 index = class_of(size);
	size_t object = class_size(index);
	struct darter_arena_class *class = &arena->classes[index];
	struct slab *slab;
	void *taken;

	slab = list_first_entry_or_null(&class->partial, struct slab, link);
	if (!slab) {
		slab = slab_make(arena, class);
		if (!slab)
			return NULL;
	}
	if (!slab->used)
		class->nempty--;
	taken = slab_take(slab, object);
	if (!slab_has_room(slab, object))
		list_move(&slab->link, &class->full);
	arena->used += object;
	return taken;
}

/**
 * darter_arena_alloc() - allocate an object
 * @arena: the arena, its shard locked
 * @size: bytes; 0 gets the smallest object
 *
 * Context: may sleep.
 * Return: memory with undefined contents, aligned to 8 bytes, or NULL.
 */
void *darter_arena_alloc(struct darter_arena *arena, size_t size)
{
	void *object;

	arena->changes++;
	if (size <= DARTER_ARENA_SMALL_MAX)
		return alloc_small(arena, size);
	object = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!object)
		return NULL;
	arena->used += PAGE_ALIGN(size);
	arena->reserved += PAGE_ALIGN(size);
	return object;
}

/**
 * darter_arena_free() - free an object
 * @arena: where it came from, its shard locked
 * @object: the object, or NULL
 * @size: the size it was asked for
 */
void darter_arena_free(struct darter_arena *arena, void *object, size_t size)
{
	struct darter_arena_class *class;
	struct slab *slab;
	size_t room;

	if (!object)
		return;
	arena->changes++;
	if (size > DARTER_ARENA_SMALL_MAX) {
		arena->used -= PAGE_ALIGN(size);
		arena->reserved -= PAGE_ALIGN(size);
		kvfree(object);
		return;
	}
	class = &arena->classes[class_of(size)];
	room = class_size(class_of(size));
	slab = (struct slab *)((unsigned long)object & ~(SLAB_SIZE - 1));
	if (!slab_has_room(slab, room))
		list_move(&slab->link, &class->partial);
	*(void **)object = slab->free;
	slab->free = object;
	poison(object, room);
	arena->used -= room;
	if (--slab->used)
		return;
	if (class->nempty)
		slab_release(arena, class, slab);
	else
		class->nempty++;
}

/**
 * darter_arena_trim() - give back the slabs that are kept without an object
 * @arena: the arena, its shard locked
 *
 * Context: may sleep.
 */
void darter_arena_trim(struct darter_arena *arena)
{
	struct slab *slab, *next;
	u32 i;

	for (i = 0; i < DARTER_ARENA_CLASSES; i++) {
		struct darter_arena_class *class = &arena->classes[i];

		if (!class->nempty)
			continue;
		list_for_each_entry_safe(slab, next, &class->partial, link)
			if (!slab->used)
				slab_release(arena, class, slab);
		class->nempty = 0;
	}
}
