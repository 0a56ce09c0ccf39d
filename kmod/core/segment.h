/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a table is made of; for table.c, which changes it, and table_walk.c,
 * which visits its items in ways that do not need a key.
 *
 * The directory maps the leading bits of a 32-bit prefix of the hash to
 * segments. A segment has 16 home buckets of 14 slots, and 3 stash buckets.
 * An item is in its home bucket, in the next one, or in the stash.
 *
 * Of the hash, bits 31 to 4 are the prefix, bits 3 to 0 the home bucket and bits
 * 39 to 32 the fingerprint. (The upper ones choose shards, see shard.c.)
 *
 * Readers without the lock are to come: each segment has a version that is odd
 * while one of its buckets changes, slots are written once and whole, and segments
 * and directories are freed through one function each. A version for each bucket
 * would take the place of a slot.
 */
#ifndef DARTER_CORE_SEGMENT_H
#define DARTER_CORE_SEGMENT_H

#include <linux/bitops.h>

#include "table.h"

#define SLOTS 14
#define HOMES 16
#define STASHES 3
#define BUCKETS (HOMES + STASHES)
#define CAPACITY (BUCKETS * SLOTS)

/* Two cache lines; fingerprints are compared a word at a time, see search_word(). */
struct bucket {
	u8 fingerprints[SLOTS];
	u16 used;			/* a bit for each slot */
	void *slots[SLOTS];
};

struct darter_segment {
	struct darter_segment *overflow;
	u32 version;			/* odd while a bucket changes */
	u32 depth;			/* prefix bits that its items share */
	u32 count;			/* items, without the overflow's */
	struct bucket buckets[BUCKETS];
};

static inline u32 prefix_of(u64 hash)
{
	return (u32)hash & ~(HOMES - 1);
}

static inline u32 home_of(u64 hash)
{
	return hash & (HOMES - 1);
}

static inline u32 directory_index(u32 prefix, u32 depth)
{
	return depth ? prefix >> (32 - depth) : 0;
}

static inline struct darter_segment *segment_at(const struct darter_table *table, u32 prefix)
{
	return table->directory[directory_index(prefix, table->depth)];
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
