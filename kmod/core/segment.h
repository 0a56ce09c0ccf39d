/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a table is made of; for table.c, which changes it, table_walk.c, which
 * visits its items in ways that do not need a key, and check_table.c, which sees
 * whether it is sound.
 *
 * The directory maps the leading bits of a 32-bit prefix of the hash to
 * segments. A segment has 16 home buckets of 14 slots, and 3 stash buckets.
 * An item is in its home bucket, in the next one, or in the stash.
 *
 * Of the hash, bits 31 to 4 are the prefix, bits 3 to 0 the home bucket and bits
 * 39 to 32 the fingerprint. (The upper ones choose shards, see shard.c.)
 *
 * A reader without the lock may meet a bucket that is being changed, and segments and
 * a directory that were replaced. So a slot is written before the bit that says that
 * it is used, an item that was found is compared with the key, and what is replaced
 * stays as it is until no reader is left; whether what was found is right, or nothing,
 * the table's guard tells.
 */
#ifndef DARTER_CORE_SEGMENT_H
#define DARTER_CORE_SEGMENT_H

#include <linux/bitops.h>
#include <linux/rcupdate.h>

#include "table.h"

#define SLOTS 14
#define HOMES 16
#define STASHES 3
#define BUCKETS (HOMES + STASHES)
#define CAPACITY (BUCKETS * SLOTS)
#define ALL_USED ((1u << SLOTS) - 1)

/* Two cache lines; fingerprints are compared a word at a time, see search_word(). */
struct bucket {
	u8 fingerprints[SLOTS];
	u16 used;			/* a bit for each slot */
	void *slots[SLOTS];
};

struct darter_segment {
	struct darter_segment *overflow;
	u32 depth;			/* prefix bits that its items share */
	u32 count;			/* items, without the overflow's */
	struct bucket buckets[BUCKETS];
};

struct darter_directory {
	u32 depth;
	struct darter_segment *segments[];	/* 1 << depth of them */
};

static inline u32 prefix_of(u64 hash)
{
	return (u32)hash & ~(HOMES - 1);
}

static inline u32 home_of(u64 hash)
{
	return hash & (HOMES - 1);
}

static inline u8 fingerprint_of(u64 hash)
{
	return hash >> 32;
}

static inline u32 directory_index(u32 prefix, u32 depth)
{
	return depth ? prefix >> (32 - depth) : 0;
}

static inline u32 directory_entries(const struct darter_directory *directory)
{
	return 1u << directory->depth;
}

static inline struct darter_segment *segment_at(const struct darter_directory *directory,
						u32 prefix)
{
	return rcu_dereference_raw(directory->segments[directory_index(prefix, directory->depth)]);
}

/* Visit the items of one segment, without those of its overflow. */
static inline void visit_segment(const struct darter_segment *segment,
				 void (*visit)(void *arg, void *item), void *arg)
{
	u32 i, used;

	for (i = 0; i < BUCKETS; i++)
		for (used = segment->buckets[i].used; used; used &= used - 1)
			visit(arg, segment->buckets[i].slots[__ffs(used)]);
}

#endif /* DARTER_CORE_SEGMENT_H */
