// SPDX-License-Identifier: GPL-2.0
/*
 * Ways through a table that do not begin with a key: all items, a cursor that
 * misses nothing while the table changes between calls, a random item.
 *
 * The caller holds what keeps the table from changing during a call.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "segment.h"
#include "table.h"

/* Random places to look at before counting items. */
#define RANDOM_TRIES 128

/**
 * darter_table_each() - visit all items
 * @table: the table
 * @visit: called once for each; must not change the table
 * @arg: for @visit
 */
void darter_table_each(const struct darter_table *table,
		       void (*visit)(void *arg, void *item), void *arg)
{
	const struct darter_directory *directory = table->directory;
	u32 i, entries = directory ? directory_entries(directory) : 0;

	for (i = 0; i < entries;) {
		struct darter_segment *segment = directory->segments[i];

		i += 1u << (directory->depth - segment->depth);
		for (; segment; segment = segment->overflow)
			visit_segment(segment, visit, arg);
	}
}

/*
 * A cursor: the prefix where the part of the table not yet visited begins, the
 * home bucket that is next there, and the depth of the segment when its first
 * bucket was visited. The range that is walked bucket by bucket is the one of
 * that depth: if the segment has merged since, items of its other half are left
 * for later; if it has split, the first half goes on and the second starts anew.
 */
struct cursor {
	u32 prefix, home, depth;
};

static struct cursor cursor_unpack(u64 packed)
{
	return (struct cursor) {
		.prefix = (u32)packed & ~(HOMES - 1),
		.home = packed & (HOMES - 1),
		.depth = packed >> 32 & 31,
	};
}

static u64 cursor_pack(const struct cursor *cursor)
{
	return (u64)cursor->depth << 32 | cursor->prefix | cursor->home;
}

static u64 range_of(u32 depth)
{
	return 1ULL << (32 - depth);
}

struct scan {
	const struct darter_table *table;
	struct cursor at;
	void (*visit)(void *arg, void *item);
	void *arg;
};

static void scan_bucket(const struct scan *scan, const struct bucket *bucket)
{
	u32 used;

	for (used = bucket->used; used; used &= used - 1) {
		void *item = bucket->slots[__ffs(used)];
		u64 hash = scan->table->ops->hash(scan->table, item, scan->at.depth);

		if (home_of(hash) == scan->at.home &&
		    prefix_of(hash) - scan->at.prefix < range_of(scan->at.depth))
			scan->visit(scan->arg, item);
	}
}

static void scan_home(const struct scan *scan, const struct darter_segment *segment)
{
	u32 i;

	scan_bucket(scan, &segment->buckets[scan->at.home]);
	scan_bucket(scan, &segment->buckets[(scan->at.home + 1) % HOMES]);
	for (i = HOMES; i < BUCKETS; i++)
		scan_bucket(scan, &segment->buckets[i]);
	while ((segment = segment->overflow))
		for (i = 0; i < BUCKETS; i++)
			scan_bucket(scan, &segment->buckets[i]);
}

/**
 * darter_table_scan() - visit a small part of the table
 * @table: the table
 * @cursor: 0 to begin, then what the last call returned; any number is safe
 * @visit: called for each item there; must not change the table
 * @arg: for @visit
 *
 * What is in the table from the first call to the last is visited at least
 * once, whatever else comes, goes or moves in between.
 *
 * Return: the next cursor, 0 when all was visited.
 */
u64 darter_table_scan(const struct darter_table *table, u64 cursor,
		      void (*visit)(void *arg, void *item), void *arg)
{
	struct scan scan = { .table = table, .visit = visit, .arg = arg };
	struct darter_segment *segment;
	u64 next;

	if (!table->directory)
		return 0;
	scan.at = cursor_unpack(cursor);
	segment = segment_at(table->directory, scan.at.prefix);
	if (!scan.at.home) {
		/* As wide as the place where it begins allows. */
		scan.at.depth = segment->depth;
		if (scan.at.prefix)
			scan.at.depth = max_t(u32, segment->depth, 32 - __ffs(scan.at.prefix));
	}
	scan.at.depth = max(scan.at.depth, segment->depth);
	scan_home(&scan, segment);
	if (++scan.at.home < HOMES)
		return cursor_pack(&scan.at);
	next = scan.at.prefix + range_of(scan.at.depth);
	if (next >> 32)
		return 0;
	scan.at = (struct cursor) { .prefix = next };
	return cursor_pack(&scan.at);
}

/* Steps of a linear congruential sequence (Knuth's MMIX); the high half is good. */
static u32 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 32;
}

/* A number below @limit from 32 random bits. */
static u32 scale_random(u32 random, u32 limit)
{
	return (u64)random * limit >> 32;
}

/* The item before which the table has @rank others, in the order of memory. */
static void *item_of_rank(const struct darter_table *table, u64 rank)
{
	const struct darter_directory *directory = table->directory;
	const struct darter_segment *segment, *part;
	u32 i, used, entry;

	for (entry = 0;; entry += 1u << (directory->depth - segment->depth)) {
		segment = directory->segments[entry];
		for (part = segment; part; part = part->overflow) {
			if (rank >= part->count) {
				rank -= part->count;
				continue;
			}
			for (i = 0;; i++)
				for (used = part->buckets[i].used; used; used &= used - 1)
					if (!rank--)
						return part->buckets[i].slots[__ffs(used)];
		}
	}
}

/**
 * darter_table_random() - some item
 * @table: the table
 * @random: 64 random bits
 *
 * All items are equally likely: random places are tried until one holds an item,
 * and a segment that several directory entries share counts at the first of them
 * alone. Should that take too long, as in a nearly empty table, or if overflow
 * segments make places unequal, an item is counted out.
 *
 * Return: an item, NULL if there is none.
 */
void *darter_table_random(const struct darter_table *table, u64 random)
{
	const struct darter_directory *directory = table->directory;
	u32 tries = table->noverflow ? 0 : RANDOM_TRIES;

	if (!table->count)
		return NULL;
	while (tries--) {
		u32 entry = scale_random(next_random(&random), directory_entries(directory));
		u32 at = scale_random(next_random(&random), CAPACITY);
		const struct darter_segment *segment = directory->segments[entry];
		const struct bucket *bucket = &segment->buckets[at / SLOTS];

		if (!(entry & ((1u << (directory->depth - segment->depth)) - 1)) &&
		    bucket->used & 1u << at % SLOTS)
			return bucket->slots[at % SLOTS];
	}
	next_random(&random);
	return item_of_rank(table, random % table->count);
}
