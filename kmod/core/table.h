/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables: extendible hashing of fixed-size segments, after Dash (Lu et al.,
 * "Dash: Scalable Hashing on Persistent Memory", VLDB 2020).
 *
 * Items are pointers that the table neither reads nor owns; two callbacks tell
 * it their hash and compare them with a key. The caller serializes writers. With a
 * guard, see guard.h, an item can be found without that; all else needs it.
 */
#ifndef DARTER_CORE_TABLE_H
#define DARTER_CORE_TABLE_H

#include <linux/siphash.h>
#include <linux/types.h>

struct darter_arena;
struct darter_directory;
struct darter_guard;
struct darter_table;

struct darter_table_ops {
	/* As far as a segment of that depth asks for it: darter_table_hash_of_code() */
	u64 (*hash)(const struct darter_table *table, const void *item, u32 depth);
	bool (*equal)(const void *item, const void *key, size_t len);
};

/*
 * What items may keep of their hash so that moving them asks for no other: home
 * bucket and leading bits of the prefix, see segment.h. It serves tables up to a
 * depth, which is that of about half a million items.
 */
#define DARTER_TABLE_CODE_DEPTH 12

static inline u16 darter_table_code(u64 hash)
{
	return ((u32)hash >> 20) << 4 | (hash & 15);
}

static inline u64 darter_table_hash_of_code(u16 code)
{
	return (u32)(code >> 4) << 20 | (code & 15);
}

struct darter_table {
	struct darter_directory *directory;	/* of segments; NULL: empty */
	const struct darter_table_ops *ops;
	struct darter_arena *arena;
	struct darter_guard *guard;		/* NULL: nobody reads without the lock */
	const siphash_key_t *key;		/* for ops->hash */
	u64 count;				/* items */
	u32 nsegments;
	u32 ndeepest;				/* segments as deep as the directory */
	u32 noverflow;				/* segments that only extend others */
};

/* All cursors are below this, so that callers can put more into one number. */
#define DARTER_TABLE_CURSOR_BITS 40

void darter_table_init(struct darter_table *table, const struct darter_table_ops *ops,
		       struct darter_arena *arena, struct darter_guard *guard,
		       const siphash_key_t *key);
void darter_table_destroy(struct darter_table *table,
			  void (*release)(void *arg, void *item), void *arg);
void *darter_table_find(const struct darter_table *table, u64 hash, const void *key, size_t len);
int darter_table_reserve(struct darter_table *table, u64 hash);
int darter_table_insert(struct darter_table *table, u64 hash, void *item);
void *darter_table_remove(struct darter_table *table, u64 hash, const void *key, size_t len);
void darter_table_replace(struct darter_table *table, u64 hash, void *old, void *item);
u64 darter_table_bytes(const struct darter_table *table);
u64 darter_table_scan(const struct darter_table *table, u64 cursor,
		      void (*visit)(void *arg, void *item), void *arg);
void darter_table_each(const struct darter_table *table,
		       void (*visit)(void *arg, void *item), void *arg);
void darter_table_swap(struct darter_table *a, struct darter_table *b);
void *darter_table_random(const struct darter_table *table, u64 random);

#endif /* DARTER_CORE_TABLE_H */
