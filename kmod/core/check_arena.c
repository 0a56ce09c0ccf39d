// SPDX-License-Identifier: GPL-2.0
/*
 * Whether an arena is sound, see check.h and slab.h: each slab by itself, and what
 * the arena counts. Under the lock of the arena's shard.
 *
 * Slabs come and go between steps. So those that were looked at go to the end of
 * their list, which changes nothing but the order in which free objects are used;
 * and of a class with more slabs than fit a step, as many are looked at as there were
 * when it was begun.
 */
#include <linux/kernel.h>

#include "check.h"
#include "shard.h"
#include "slab.h"

/* Slabs that one step looks at. */
#define SLABS_MAX 64u

static const char *fault_of_object(const struct slab *slab, const void *object, size_t room)
{
	size_t at = (const char *)object - (const char *)slab;

	if (at < SLAB_HEAD || (at - SLAB_HEAD) % room)
		return "is between the objects of its slab";
	if (at >= slab->fresh)
		return "was never given out by its slab";
	return slab->used ? NULL : "is in an empty slab";
}

/**
 * darter_check_object() - count what an object takes, and see that its slab knows of it
 * @check: the check
 * @object: allocated in the arena of the shard
 * @size: as it was asked for
 * @what: it is, for a finding
 */
void darter_check_object(struct darter_check *check, const void *object, size_t size,
			 const char *what)
{
	size_t room = darter_arena_footprint(size);
	const struct slab *slab;
	const char *fault;

	check->bytes += room;
	if (size > DARTER_ARENA_SMALL_MAX)
		return;
	slab = (const struct slab *)((unsigned long)object & ~(SLAB_SIZE - 1));
	fault = fault_of_object(slab, object, room);
	if (fault)
		darter_check_found(check, "%s %s", what, fault);
}

/* Objects of it that were freed, as far as their list goes in one piece. */
static u32 count_free(struct darter_check *check, const struct slab *slab, size_t room)
{
	u32 given = (slab->fresh - SLAB_HEAD) / room, count = 0;
	void *object = slab->free, *next;

	while (object && count <= given) {
		size_t at = (char *)object - (char *)slab;

		if (at < SLAB_HEAD || at >= slab->fresh || (at - SLAB_HEAD) % room) {
			darter_check_found(check, "a freed object of %zu bytes lies elsewhere",
					   room);
			break;
		}
		unpoison(object, sizeof(void *));
		next = *(void **)object;
		poison(object, sizeof(void *));
		object = next;
		count++;
	}
	return count;
}

static void check_slab(struct darter_check *check, const struct slab *slab, size_t room,
		       bool partial)
{
	u32 given, freed;

	if (slab->fresh < SLAB_HEAD || slab->fresh > SLAB_SIZE ||
	    (slab->fresh - SLAB_HEAD) % room) {
		darter_check_found(check, "a slab for %zu bytes has given out up to %u", room,
				   slab->fresh);
		return;
	}
	given = (slab->fresh - SLAB_HEAD) / room;
	freed = count_free(check, slab, room);
	if (given != slab->used + freed)
		darter_check_found(check, "a slab for %zu bytes gave out %u: %u used, %u free",
				   room, given, slab->used, freed);
	if (slab_has_room(slab, room) != partial)
		darter_check_found(check, "a slab for %zu bytes with%s room is on the wrong list",
				   room, partial ? "out" : "");
	check->slab_objects += slab->used * room;
	check->slab_bytes += SLAB_SIZE;
}

/* Up to @most slabs of a list; each goes to its end. */
static u32 check_list(struct darter_check *check, struct list_head *list, size_t room,
		      bool partial, u32 most, u32 *empty)
{
	struct slab *slab, *first = NULL;
	u32 seen;

	for (seen = 0; seen < most && !list_empty(list); seen++) {
		slab = list_first_entry(list, struct slab, link);
		if (slab == first)
			break;
		first = first ?: slab;
		if (slab->link.prev != list || slab->link.next->prev != &slab->link) {
			darter_check_found(check, "slabs for %zu bytes are linked badly", room);
			break;
		}
		check_slab(check, slab, room, partial);
		*empty += !slab->used;
		list_move_tail(&slab->link, list);
	}
	return seen;
}

/* All slabs of a class, and that they are as many as is counted. */
static void check_class(struct darter_check *check, struct darter_arena_class *class, size_t room)
{
	u32 seen, empty = 0;

	seen = check_list(check, &class->partial, room, true, U32_MAX, &empty);
	seen += check_list(check, &class->full, room, false, U32_MAX, &empty);
	if (seen != class->nslabs)
		darter_check_found(check, "%u slabs for %zu bytes are counted, and there are %u",
				   class->nslabs, room, seen);
	else if (empty != class->nempty)
		darter_check_found(check, "%u empty slabs for %zu bytes are counted, not %u",
				   class->nempty, room, empty);
}

/* Some slabs of a class that has many: as many, in all steps together, as it had. */
static bool check_some(struct darter_check *check, struct darter_arena_class *class, size_t room)
{
	u32 seen, empty = 0;

	if (!check->slabs)
		check->slabs = class->nslabs;
	seen = check_list(check, &class->partial, room, true, SLABS_MAX / 2, &empty);
	seen += check_list(check, &class->full, room, false, SLABS_MAX - seen, &empty);
	check->slabs_unsure = true;
	check->slabs -= min(check->slabs, seen);
	return !check->slabs || !seen;
}

/**
 * darter_check_class() - look at slabs of the class that the check has come to
 * @check: the check
 *
 * Return: whether this was the last of the class.
 */
bool darter_check_class(struct darter_check *check)
{
	struct darter_arena_class *class = &check->shard->arena.classes[check->class];
	size_t room = class_size(check->class);

	check->budget -= min(check->budget, 1 + 4 * min(class->nslabs, SLABS_MAX));
	if (class->nslabs > SLABS_MAX && !check->whole)
		return check_some(check, class, room);
	check_class(check, class, room);
	return true;
}

/**
 * darter_check_arena() - compare sums with what the shard counts
 * @check: has looked at all slabs of the shard, which has not changed meanwhile
 *
 * Objects too big for a slab take what is reserved beside the slabs. What is retired
 * is in the arena still, or a blob, and no entry's any more.
 */
void darter_check_arena(struct darter_check *check)
{
	const struct darter_shard *shard = check->shard;
	u64 used = check->slab_objects + shard->arena.reserved - check->slab_bytes;
	u64 live = shard->arena.used + shard->blob_bytes - shard->guard.retired;

	if (!check->slabs_unsure && used != shard->arena.used)
		darter_check_found(check, "the arena counts %llu bytes, and slabs hold %llu",
				   (unsigned long long)shard->arena.used,
				   (unsigned long long)used);
	if (check->bytes + check->blob_bytes != live)
		darter_check_found(check, "%llu bytes are in use, and entries take %llu",
				   (unsigned long long)live,
				   (unsigned long long)(check->bytes + check->blob_bytes));
}
