// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a table is sound, see check.h and segment.h: the directory and each
 * segment by themselves, and each item where its hash says. Under the lock of the
 * table's shard; a walk goes on after others have changed the table, and then visits
 * a segment again that has become another.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "check.h"
#include "segment.h"

/* More than any hash has bits: all of the hash is asked for. */
#define WHOLE_HASH 64

static u64 span_of(u32 depth)
{
	return 1ULL << (32 - depth);
}

/* Where a segment begins. A walk may come to its middle: it may have merged since. */
static u32 first_prefix(u32 prefix, const struct darter_segment *segment)
{
	return prefix & ~(u32)(span_of(segment->depth) - 1);
}

/* All directory entries of its prefix lead to the segment, and to no other. */
static void check_directory(struct darter_check *check, const struct darter_table *table,
			    const struct darter_segment *segment, u32 prefix)
{
	const struct darter_directory *directory = table->directory;
	u32 span = 1u << (directory->depth - segment->depth);
	u32 first = directory_index(prefix, directory->depth), i;

	for (i = 0; i < span; i++)
		if (directory->segments[first + i] != segment) {
			darter_check_found(check, "directory entry %u leads astray", first + i);
			return;
		}
}

static void check_part(struct darter_check *check, const struct darter_segment *part, u32 depth)
{
	u32 i, count = 0;

	for (i = 0; i < BUCKETS; i++) {
		count += hweight16(part->buckets[i].used & ALL_USED);
		if (part->buckets[i].used & ~ALL_USED)
			darter_check_found(check, "bucket %u uses slots that do not exist", i);
	}
	if (count != part->count)
		darter_check_found(check, "a segment counts %u items and has %u", part->count,
				   count);
	if (part->depth != depth)
		darter_check_found(check, "an overflow segment of depth %u is behind one of %u",
				   part->depth, depth);
}

static void enter_segment(struct darter_check *check, struct darter_check_walk *walk,
			  const struct darter_table *table, const struct darter_segment *segment)
{
	const struct darter_segment *part;

	check->entry = walk->of;
	walk->segment = segment;
	walk->slot = 0;
	check_directory(check, table, segment, first_prefix(walk->prefix, segment));
	walk->segments++;
	walk->deepest += segment->depth == table->directory->depth;
	for (part = segment; part; part = part->overflow) {
		walk->overflow += part != segment;
		check_part(check, part, segment->depth);
	}
}

/* Whether no more overflow segments follow than there are. */
static bool ends(const struct darter_segment *segment, u32 noverflow)
{
	u32 count = 0;

	while ((segment = segment->overflow))
		if (count++ == noverflow)
			return false;
	return true;
}

/* The segment that the walk is in, entered anew if it is another one by now. */
static const struct darter_segment *walk_segment(struct darter_check *check,
						 struct darter_check_walk *walk,
						 const struct darter_table *table)
{
	const struct darter_segment *segment = segment_at(table->directory, walk->prefix);

	if (segment->depth > table->directory->depth) {
		darter_check_found(check, "a segment of depth %u is below a directory of %u",
				   segment->depth, table->directory->depth);
		return NULL;
	}
	if (!ends(segment, table->noverflow)) {
		darter_check_found(check, "more than %u overflow segments are in a row",
				   table->noverflow);
		return NULL;
	}
	if (segment != walk->segment)
		enter_segment(check, walk, table, segment);
	return segment;
}

/* Home or next bucket or stash; in overflow segments anywhere. */
static bool may_be_in(u32 bucket, u32 home, bool overflow)
{
	return overflow || bucket >= HOMES || bucket == home || bucket == (home + 1) % HOMES;
}

static void check_place(struct darter_check *check, const struct darter_check_walk *walk,
			const struct darter_table *table, const struct bucket *bucket, u32 slot)
{
	u64 hash = table->ops->hash(table, bucket->slots[slot % SLOTS], WHOLE_HASH);
	u32 first = first_prefix(walk->prefix, walk->segment);
	u32 number = slot / SLOTS % BUCKETS;

	if (prefix_of(hash) - first >= span_of(walk->segment->depth))
		darter_check_found(check, "an item of prefix %08x is in the segment of %08x",
				   prefix_of(hash), first);
	else if (!may_be_in(number, home_of(hash), slot >= CAPACITY))
		darter_check_found(check, "an item of bucket %u is in bucket %u", home_of(hash),
				   number);
	if (bucket->fingerprints[slot % SLOTS] != fingerprint_of(hash))
		darter_check_found(check, "the fingerprint of an item is not that of its hash");
}

/* False: the item takes another step. */
static bool visit_slot(struct darter_check *check, const struct darter_check_walk *walk,
		       const struct darter_table *table, const struct bucket *bucket,
		       bool (*look)(struct darter_check *check, void *item))
{
	void *item = bucket->slots[walk->slot % SLOTS];

	if (!item) {
		darter_check_found(check, "a used slot is empty");
		return true;
	}
	if (!look(check, item))
		return false;
	check_place(check, walk, table, bucket, walk->slot);
	check->entry = walk->of;
	return true;
}

/* False: the budget is used up. */
static bool walk_items(struct darter_check *check, struct darter_check_walk *walk,
		       const struct darter_table *table, const struct darter_segment *segment,
		       bool (*look)(struct darter_check *check, void *item))
{
	const struct darter_segment *part = segment;
	u32 i;

	for (i = walk->slot / CAPACITY; i && part; i--)
		part = part->overflow;
	for (; part; part = part->overflow) {
		do {
			const struct bucket *bucket;

			bucket = &part->buckets[walk->slot / SLOTS % BUCKETS];
			if (!(bucket->used & 1u << walk->slot % SLOTS))
				continue;
			if (!check->budget)
				return false;
			check->budget--;
			if (!visit_slot(check, walk, table, bucket, look))
				return false;
			walk->items++;
		} while (++walk->slot % CAPACITY);
	}
	return true;
}

/**
 * darter_check_walk() - look at a part of a table
 * @check: the check; its budget is what there may be of items
 * @walk: where it is; begins as zeroes
 * @table: the table
 * @look: called for each item; false if it wants to see that again in another step
 *
 * Return: whether all was looked at; else there is more for another step.
 */
bool darter_check_walk(struct darter_check *check, struct darter_check_walk *walk,
		       const struct darter_table *table,
		       bool (*look)(struct darter_check *check, void *item))
{
	const struct darter_segment *segment;
	u64 next;

	while (table->directory) {
		segment = walk_segment(check, walk, table);
		if (!segment)
			return true;
		if (!walk_items(check, walk, table, segment, look))
			return false;
		/* Whatever the directory says, it goes forward. */
		next = first_prefix(walk->prefix, segment) + span_of(segment->depth);
		walk->segment = NULL;
		if (next >> 32)
			break;
		walk->prefix = next;
		if (!check->budget)
			return false;
		/* An empty segment is some work, too. */
		check->budget--;
	}
	return true;
}

/**
 * darter_check_walked() - compare what a walk has met with what the table counts
 * @check: the check
 * @walk: a walk that came to its end, while the table did not change
 * @table: the table
 * @what: that are in it
 */
void darter_check_walked(struct darter_check *check, const struct darter_check_walk *walk,
			 const struct darter_table *table, const char *what)
{
	if (walk->items != table->count)
		darter_check_found(check, "%llu %s are counted, and there are %llu",
				   (unsigned long long)table->count, what,
				   (unsigned long long)walk->items);
	if (walk->segments != (table->directory ? table->nsegments : 0) ||
	    walk->overflow != table->noverflow ||
	    (table->directory && walk->deepest != table->ndeepest))
		darter_check_found(check,
				   "segments are counted as %u, %u deepest, %u overflow: not %u, %u, %u",
				   table->nsegments, table->ndeepest, table->noverflow,
				   walk->segments, walk->deepest, walk->overflow);
}
