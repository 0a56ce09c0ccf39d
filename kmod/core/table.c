// SPDX-License-Identifier: GPL-2.0
/*
 * Extendible hashing of segments, see table.h, and segment.h for the layout.
 *
 * An item goes to its home bucket or the next one, whichever is emptier, else
 * to the stash; when all are full the segment splits in two by one more bit of
 * the prefix, and the directory doubles if it has no such bit yet. So growth
 * moves the items of one segment, never those of the table. Segments that have
 * become sparse merge again, and the directory halves when it may.
 *
 * If splitting cannot help, since the hashes in a segment are equal as far as
 * the prefix goes or the directory would grow out of proportion, an overflow
 * segment is chained to it and searched as a longer stash.
 */
#include <linux/bitops.h>
#include <asm/byteorder.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "arena.h"
#include "guard.h"
#include "segment.h"
#include "table.h"

/* Merge two segments when both together fill this much of one. */
#define MERGE_BELOW (CAPACITY * 2 / 5)
#define EACH_BYTE 0x0101010101010101ULL
#define PREFIX_BITS 28
/* The directory may have this many entries for each segment. */
#define DIRECTORY_SLACK 16
/* For more items at once it is better to wait for readers than to hold them back. */
#define MANY 100

/* As rcu_assign_pointer(): a reader that finds it finds what it points to. */
#define publish(pointer, value) smp_store_release(&(pointer), value) /* rcu_dereference_raw() */

/* A change that readers without the lock must not see a part of. */
static void reshape(struct darter_table *table)
{
	if (table->guard)
		darter_guard_reshape(table->guard);
}

static void segment_put(struct darter_segment *segment, struct bucket *bucket, u8 fingerprint,
			void *item)
{
	u32 slot = __ffs(~bucket->used & ALL_USED);

	publish(bucket->slots[slot], item);
	WRITE_ONCE(bucket->fingerprints[slot], fingerprint);
	/* Pairs with the acquire in search_word(): who sees the bit sees the slot. */
	smp_store_release(&bucket->used, bucket->used | 1u << slot);
	segment->count++;
}

static void segment_clear(struct darter_segment *segment, struct bucket *bucket, u32 slot)
{
	WRITE_ONCE(bucket->used, bucket->used & ~(1u << slot));
	segment->count--;
}

static u32 bucket_load(const struct bucket *bucket)
{
	return hweight16(bucket->used);
}

static struct darter_segment *segment_make(struct darter_table *table, u32 depth)
{
	struct darter_segment *segment = darter_arena_alloc(table->arena, sizeof(*segment));

	if (!segment)
		return NULL;
	memset(segment, 0, sizeof(*segment));
	segment->depth = depth;
	return segment;
}

static void free_segment(struct darter_guard *guard, void *segment)
{
	darter_arena_free(guard->arena, segment, sizeof(struct darter_segment));
}

/* A segment that was in the table, and readers may be in it. */
static void segment_retire(struct darter_table *table, struct darter_segment *segment)
{
	if (table->guard)
		darter_guard_retire(table->guard, segment,
				    darter_arena_footprint(sizeof(*segment)), free_segment);
	else
		darter_arena_free(table->arena, segment, sizeof(*segment));
}

/* A segment that nobody but the caller has seen. */
static void segment_discard(struct darter_table *table, struct darter_segment *segment)
{
	darter_arena_free(table->arena, segment, sizeof(*segment));
}

static size_t directory_size(u32 depth)
{
	return sizeof(struct darter_directory) + (sizeof(struct darter_segment *) << depth);
}

static void free_directory(struct darter_guard *guard, void *object)
{
	struct darter_directory *directory = object;

	darter_arena_free(guard->arena, directory, directory_size(directory->depth));
}

static void directory_retire(struct darter_table *table, struct darter_directory *directory)
{
	size_t size = directory_size(directory->depth);

	if (table->guard)
		darter_guard_retire(table->guard, directory, darter_arena_footprint(size),
				    free_directory);
	else
		darter_arena_free(table->arena, directory, size);
}

static struct darter_directory *directory_make(struct darter_table *table, u32 depth)
{
	struct darter_directory *directory;

	directory = darter_arena_alloc(table->arena, directory_size(depth));
	if (directory)
		directory->depth = depth;
	return directory;
}

/* From now on readers find this one. */
static void directory_replace(struct darter_table *table, struct darter_directory *directory)
{
	struct darter_directory *old = table->directory;

	publish(table->directory, directory);
	if (old)
		directory_retire(table, old);
}

/* Where a new item of that hash can go; NULL: the segment is full for it. */
static struct bucket *segment_place(struct darter_segment *segment, u64 hash)
{
	u32 home = home_of(hash), i;
	struct bucket *first = &segment->buckets[home];
	struct bucket *second = &segment->buckets[(home + 1) % HOMES];
	struct bucket *emptier = bucket_load(second) < bucket_load(first) ? second : first;

	if (emptier->used != ALL_USED)
		return emptier;
	for (i = HOMES; i < BUCKETS; i++)
		if (segment->buckets[i].used != ALL_USED)
			return &segment->buckets[i];
	return NULL;
}

/* In an overflow segment any bucket will do. */
static struct bucket *overflow_place(struct darter_segment *segment, struct darter_segment **where)
{
	u32 i;

	for (; segment; segment = segment->overflow)
		for (i = 0; i < BUCKETS; i++)
			if (segment->buckets[i].used != ALL_USED) {
				*where = segment;
				return &segment->buckets[i];
			}
	return NULL;
}

static bool segment_add(struct darter_segment *segment, u64 hash, u8 fingerprint, void *item)
{
	struct bucket *bucket = segment_place(segment, hash);

	if (!bucket)
		return false;
	segment_put(segment, bucket, fingerprint, item);
	return true;
}

/*
 * The top bit of each of eight bytes that equals the fingerprint in all bytes of
 * @pattern. One behind such a byte may look like it; keys are compared anyway.
 */
static u64 match_word(u64 word, u64 pattern)
{
	u64 differs = word ^ pattern;

	return (differs - EACH_BYTE) & ~differs & EACH_BYTE << 7;
}

/* A word of a bucket, of which a byte may be changing. */
static u64 bucket_word(const struct bucket *bucket, u32 first)
{
	return le64_to_cpu((__force __le64)READ_ONCE(((const u64 *)bucket)[first / 8]));
}

/* Of the second word, the bytes behind the fingerprints are those of no used slot. */
static __always_inline void **search_word(const struct darter_table *table, struct bucket *bucket,
					  u32 first, u64 pattern, const void *key, size_t len)
{
	u64 matches = match_word(bucket_word(bucket, first), pattern);

	for (; matches; matches &= matches - 1) {
		u32 slot = first + __ffs64(matches) / 8;

		/* Pairs with the release in segment_put(). */
		if (smp_load_acquire(&bucket->used) & 1u << slot &&
		    table->ops->equal(rcu_dereference_raw(bucket->slots[slot]), key, len))
			return &bucket->slots[slot];
	}
	return NULL;
}

static __always_inline void **search_bucket(const struct darter_table *table,
					    struct bucket *bucket, u64 pattern, const void *key,
					    size_t len)
{
	return search_word(table, bucket, 0, pattern, key, len) ?:
	       search_word(table, bucket, 8, pattern, key, len);
}

/* What is not at home is seldom there: in the stash, or in overflow segments. */
static noinline void **search_further(const struct darter_table *table,
				      struct darter_segment *segment, u64 pattern,
				      const void *key, size_t len)
{
	u32 first = HOMES, i;
	void **found;

	for (; segment; segment = rcu_dereference_raw(segment->overflow), first = 0)
		for (i = first; i < BUCKETS; i++) {
			if (!READ_ONCE(segment->buckets[i].used))
				continue;
			found = search_bucket(table, &segment->buckets[i], pattern, key, len);
			if (found)
				return found;
		}
	return NULL;
}

/* The slot of an item, NULL if it is not there. */
static __always_inline void **search(const struct darter_table *table, u64 hash, const void *key,
				     size_t len)
{
	const struct darter_directory *directory = rcu_dereference_raw(table->directory);
	u64 pattern = fingerprint_of(hash) * EACH_BYTE;
	struct darter_segment *segment;
	u32 home = home_of(hash);

	if (!directory)
		return NULL;
	segment = segment_at(directory, prefix_of(hash));
	return search_bucket(table, &segment->buckets[home], pattern, key, len) ?:
	       search_bucket(table, &segment->buckets[(home + 1) % HOMES], pattern, key, len) ?:
	       search_further(table, segment, pattern, key, len);
}

/**
 * darter_table_init() - make an empty table
 * @table: memory to fill
 * @ops: hash and comparison of the items
 * @arena: where the structure's memory comes from
 * @guard: of those who read without the lock; NULL: nobody does
 * @key: of the hash, for ops->hash; outlives the table
 *
 * An empty table holds no memory.
 */
void darter_table_init(struct darter_table *table, const struct darter_table_ops *ops,
		       struct darter_arena *arena, struct darter_guard *guard,
		       const siphash_key_t *key)
{
	memset(table, 0, sizeof(*table));
	table->ops = ops;
	table->arena = arena;
	table->guard = guard;
	table->key = key;
}

static void segment_release_all(struct darter_table *table, struct darter_segment *segment,
				void (*release)(void *arg, void *item), void *arg)
{
	while (segment) {
		struct darter_segment *next = segment->overflow;

		if (release)
			visit_segment(segment, release, arg);
		segment_retire(table, segment);
		segment = next;
	}
}

/**
 * darter_table_destroy() - empty a table and free its structure
 * @table: the table; empty afterwards and usable again
 * @release: called for each item, or NULL
 * @arg: for @release
 *
 * Context: may sleep until readers are done.
 */
void darter_table_destroy(struct darter_table *table,
			  void (*release)(void *arg, void *item), void *arg)
{
	struct darter_directory *directory = table->directory;
	bool wait = table->guard && !table->guard->quiet && table->count > MANY;
	struct darter_segment *segment;
	u32 i;

	if (!directory)
		return;
	reshape(table);
	publish(table->directory, NULL);
	WRITE_ONCE(table->count, 0);
	table->nsegments = 0;
	table->ndeepest = 0;
	table->noverflow = 0;
	if (wait)
		darter_guard_quiet(table->guard, true);
	for (i = 0; i < directory_entries(directory);) {
		segment = directory->segments[i];
		i += 1u << (directory->depth - segment->depth);
		segment_release_all(table, segment, release, arg);
		cond_resched();
	}
	directory_retire(table, directory);
	if (wait)
		darter_guard_quiet(table->guard, false);
}

/**
 * darter_table_find() - look up an item
 * @table: the table
 * @hash: of the key
 * @key: for ops->equal
 * @len: of the key
 *
 * Context: under what serializes writers; or, with a guard, inside rcu_read_lock().
 * Then the guard tells whether the answer is right.
 * Return: the item, or NULL.
 */
void *darter_table_find(const struct darter_table *table, u64 hash, const void *key, size_t len)
{
	void **slot = search(table, hash, key, len);

	return slot ? rcu_dereference_raw(*slot) : NULL;
}

static int table_start(struct darter_table *table)
{
	struct darter_segment *segment = segment_make(table, 0);
	struct darter_directory *directory;

	if (!segment)
		return -ENOMEM;
	directory = directory_make(table, 0);
	if (!directory) {
		segment_discard(table, segment);
		return -ENOMEM;
	}
	directory->segments[0] = segment;
	directory_replace(table, directory);
	table->nsegments = 1;
	table->ndeepest = 1;
	return 0;
}

static int directory_double(struct darter_table *table)
{
	const struct darter_directory *old = table->directory;
	struct darter_directory *directory = directory_make(table, old->depth + 1);
	u32 i;

	if (!directory)
		return -ENOMEM;
	for (i = 0; i < directory_entries(directory); i++)
		directory->segments[i] = old->segments[i / 2];
	directory_replace(table, directory);
	table->ndeepest = 0;
	return 0;
}

/* Halve the directory while no segment needs its last bit. */
static void directory_shrink(struct darter_table *table)
{
	while (table->directory->depth && !table->ndeepest) {
		const struct darter_directory *old = table->directory;
		struct darter_directory *directory = directory_make(table, old->depth - 1);
		u32 i;

		if (!directory)
			return;
		for (i = 0; i < directory_entries(directory); i++) {
			directory->segments[i] = old->segments[2 * i];
			/* Each deepest segment has one entry only. */
			if (directory->segments[i]->depth == directory->depth)
				table->ndeepest++;
		}
		directory_replace(table, directory);
	}
}

static void directory_point(struct darter_table *table, u32 prefix, u32 depth,
			    struct darter_segment *segment)
{
	struct darter_directory *directory = table->directory;
	u32 span = 1u << (directory->depth - depth);
	u32 first = directory_index(prefix, directory->depth) & ~(span - 1);
	u32 i;

	reshape(table);
	for (i = 0; i < span; i++)
		publish(directory->segments[first + i], segment);
}

/* Whether splitting may help: there is a bit left and the directory may grow. */
static bool may_split(const struct darter_table *table, const struct darter_segment *segment)
{
	if (segment->depth >= PREFIX_BITS || segment->overflow)
		return false;
	return segment->depth < table->directory->depth ||
	       directory_entries(table->directory) <= (u64)DIRECTORY_SLACK * table->nsegments;
}

/* Spread the items of one segment over two; false if one of them gets too full. */
static bool spread(const struct darter_table *table, const struct darter_segment *from,
		   struct darter_segment *low, struct darter_segment *high, u32 bit)
{
	u32 i, used;

	for (i = 0; i < BUCKETS; i++) {
		const struct bucket *bucket = &from->buckets[i];

		for (used = bucket->used; used; used &= used - 1) {
			u32 slot = __ffs(used);
			void *item = bucket->slots[slot];
			u64 hash = table->ops->hash(table, item, low->depth);

			if (!segment_add((u32)hash & bit ? high : low, hash,
					 bucket->fingerprints[slot], item))
				return false;
		}
	}
	return true;
}

static int segment_split(struct darter_table *table, u32 prefix)
{
	struct darter_segment *old = segment_at(table->directory, prefix);
	u32 depth = old->depth + 1, bit = 1u << (32 - depth);
	struct darter_segment *low, *high;
	int err = -ENOMEM;

	if (depth > table->directory->depth && directory_double(table))
		return -ENOMEM;
	low = segment_make(table, depth);
	high = segment_make(table, depth);
	if (!low || !high)
		goto err_free;
	if (!spread(table, old, low, high, bit)) {
		err = -EAGAIN;
		goto err_free;
	}
	directory_point(table, prefix & ~bit, depth, low);
	directory_point(table, prefix | bit, depth, high);
	if (depth == table->directory->depth)
		table->ndeepest += 2;
	table->nsegments++;
	segment_retire(table, old);
	return 0;

err_free:
	if (low)
		segment_discard(table, low);
	if (high)
		segment_discard(table, high);
	directory_shrink(table);
	return err;
}

static int add_overflow(struct darter_table *table, struct darter_segment *segment)
{
	struct darter_segment *overflow = segment_make(table, segment->depth);

	if (!overflow)
		return -ENOMEM;
	while (segment->overflow)
		segment = segment->overflow;
	publish(segment->overflow, overflow);
	table->noverflow++;
	return 0;
}

/* Where an item of that hash goes, without making room. */
static struct bucket *find_place(const struct darter_table *table, u64 hash,
				 struct darter_segment **where)
{
	struct bucket *bucket;

	*where = segment_at(table->directory, prefix_of(hash));
	bucket = segment_place(*where, hash);
	return bucket ?: overflow_place((*where)->overflow, where);
}

/* The same, with a place made if there is none; NULL without memory for that. */
static struct bucket *make_place(struct darter_table *table, u64 hash,
				 struct darter_segment **where)
{
	struct bucket *bucket;
	int err = table->directory ? 0 : table_start(table);

	while (!err) {
		bucket = find_place(table, hash, where);
		if (bucket)
			return bucket;
		*where = segment_at(table->directory, prefix_of(hash));
		err = may_split(table, *where) ? segment_split(table, prefix_of(hash)) : -EAGAIN;
		if (err == -EAGAIN)
			err = add_overflow(table, *where);
	}
	return NULL;
}

/**
 * darter_table_reserve() - make sure that one insertion will not fail
 * @table: the table
 * @hash: of the item that will be inserted next
 *
 * Context: may sleep to allocate.
 * Return: 0, or -ENOMEM with the items untouched.
 */
int darter_table_reserve(struct darter_table *table, u64 hash)
{
	struct darter_segment *where;

	return make_place(table, hash, &where) ? 0 : -ENOMEM;
}

/**
 * darter_table_insert() - add an item whose key is not in the table
 * @table: the table
 * @hash: of the item's key
 * @item: the item
 *
 * Context: may sleep to allocate.
 * Return: 0, or -ENOMEM with the items untouched.
 */
int darter_table_insert(struct darter_table *table, u64 hash, void *item)
{
	struct darter_segment *where;
	struct bucket *bucket = make_place(table, hash, &where);

	if (!bucket)
		return -ENOMEM;
	segment_put(where, bucket, fingerprint_of(hash), item);
	WRITE_ONCE(table->count, table->count + 1);
	return 0;
}

static void nothing(void *arg, void *item)
{
}

/* The segment that differs from one in the last bit of its prefix alone. */
static struct darter_segment *buddy_of(const struct darter_table *table, u32 prefix,
				       const struct darter_segment *segment)
{
	struct darter_segment *buddy;

	if (!segment->depth)
		return NULL;
	buddy = segment_at(table->directory, prefix ^ 1u << (32 - segment->depth));
	return buddy->depth == segment->depth ? buddy : NULL;
}

/* Join two sparse segments. Failing changes nothing: they stay as they are. */
static bool segment_merge(struct darter_table *table, u32 prefix)
{
	struct darter_segment *segment = segment_at(table->directory, prefix);
	struct darter_segment *buddy = buddy_of(table, prefix, segment);
	struct darter_segment *joined;
	u32 depth = segment->depth;

	if (!buddy || segment->overflow || buddy->overflow ||
	    segment->count + buddy->count > MERGE_BELOW)
		return false;
	joined = segment_make(table, depth - 1);
	if (!joined)
		return false;
	if (!spread(table, segment, joined, joined, 0) ||
	    !spread(table, buddy, joined, joined, 0)) {
		segment_discard(table, joined);
		return false;
	}
	directory_point(table, prefix, depth - 1, joined);
	if (depth == table->directory->depth)
		table->ndeepest -= 2;
	table->nsegments--;
	segment_retire(table, segment);
	segment_retire(table, buddy);
	return true;
}

/* Drop overflow segments that have become empty. */
static void trim_overflow(struct darter_table *table, struct darter_segment *segment)
{
	while (segment->overflow) {
		struct darter_segment *next = segment->overflow;

		if (next->count) {
			segment = next;
			continue;
		}
		reshape(table);
		WRITE_ONCE(segment->overflow, next->overflow);
		segment_retire(table, next);
		table->noverflow--;
	}
}

static void table_shrink(struct darter_table *table, u32 prefix)
{
	if (!table->count) {
		darter_table_destroy(table, nothing, NULL);
		return;
	}
	trim_overflow(table, segment_at(table->directory, prefix));
	if (segment_at(table->directory, prefix)->count > MERGE_BELOW / 2)
		return;
	while (segment_merge(table, prefix))
		;
	/* Halving costs as much as the directory is long: not at every chance. */
	if (!table->ndeepest &&
	    directory_entries(table->directory) > 2ULL * table->nsegments)
		directory_shrink(table);
}

/* Among those where items of that hash are. */
static struct darter_segment *segment_of_slot(const struct darter_table *table, u64 hash,
					      void **slot)
{
	struct darter_segment *segment = segment_at(table->directory, prefix_of(hash));

	while ((void *)slot < (void *)segment || (void *)slot >= (void *)(segment + 1))
		segment = segment->overflow;
	return segment;
}

static struct bucket *bucket_of_slot(struct darter_segment *segment, void **slot)
{
	size_t offset = (char *)slot - (char *)segment->buckets;

	return &segment->buckets[offset / sizeof(struct bucket)];
}

/**
 * darter_table_remove() - take an item out
 * @table: the table
 * @hash: of the key
 * @key: for ops->equal
 * @len: of the key
 *
 * Context: may sleep to allocate a smaller structure, does without it if it
 * cannot.
 * Return: the item, which is the caller's, or NULL.
 */
void *darter_table_remove(struct darter_table *table, u64 hash, const void *key, size_t len)
{
	void **slot = search(table, hash, key, len), *item;
	struct darter_segment *segment;
	struct bucket *bucket;

	if (!slot)
		return NULL;
	item = *slot;
	segment = segment_of_slot(table, hash, slot);
	bucket = bucket_of_slot(segment, slot);
	segment_clear(segment, bucket, slot - bucket->slots);
	WRITE_ONCE(table->count, table->count - 1);
	table_shrink(table, prefix_of(hash));
	return item;
}

static bool replace_in(struct darter_segment *segment, u32 first, u32 end, void *old, void *item)
{
	u32 i, used;

	for (i = first; i < end; i++) {
		struct bucket *bucket = &segment->buckets[i];

		for (used = bucket->used; used; used &= used - 1) {
			u32 slot = __ffs(used);

			if (bucket->slots[slot] != old)
				continue;
			publish(bucket->slots[slot], item);
			return true;
		}
	}
	return false;
}

/**
 * darter_table_replace() - exchange an item for one with the same key
 * @table: the table
 * @hash: of the key
 * @old: an item in the table; only its address is used
 * @item: what takes its place
 */
void darter_table_replace(struct darter_table *table, u64 hash, void *old, void *item)
{
	struct darter_segment *segment = segment_at(table->directory, prefix_of(hash));
	u32 home = home_of(hash), next = (home + 1) % HOMES;

	if (replace_in(segment, home, home + 1, old, item) ||
	    replace_in(segment, next, next + 1, old, item) ||
	    replace_in(segment, HOMES, BUCKETS, old, item))
		return;
	do
		segment = segment->overflow;
	while (segment && !replace_in(segment, 0, BUCKETS, old, item));
	WARN_ON_ONCE(!segment);
}

/**
 * darter_table_bytes() - memory of the structure, without the items
 * @table: the table
 *
 * Return: bytes, as counted in the arena.
 */
u64 darter_table_bytes(const struct darter_table *table)
{
	u64 segments = table->nsegments + table->noverflow;

	if (!table->directory)
		return 0;
	return segments * darter_arena_footprint(sizeof(struct darter_segment)) +
	       darter_arena_footprint(directory_size(table->directory->depth));
}

/**
 * darter_table_swap() - exchange the items of two tables
 * @a: a table
 * @b: another one with the same arena, callbacks and key
 */
void darter_table_swap(struct darter_table *a, struct darter_table *b)
{
	struct darter_directory *directory = a->directory;
	u64 count = a->count;

	reshape(a);
	reshape(b);
	/* Others read the numbers of items without what serializes writers. */
	WRITE_ONCE(a->count, b->count);
	WRITE_ONCE(b->count, count);
	publish(a->directory, b->directory);
	publish(b->directory, directory);
	swap(a->nsegments, b->nsegments);
	swap(a->ndeepest, b->ndeepest);
	swap(a->noverflow, b->noverflow);
}
