/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash values: a listpack of fields and values while they are few and short,
 * then a table of fields. Under the lock of the shard whose arena they live in;
 * that lock is also what a copy needs of the hash it is made from.
 */
#ifndef DARTER_CORE_HASH_H
#define DARTER_CORE_HASH_H

#include <linux/siphash.h>
#include <linux/types.h>

#include "config.h"
#include "listpack.h"

struct darter_arena;
struct darter_arg;
struct darter_table;
struct darter_ttls;

struct darter_hash {
	u8 *lp;				/* NULL: fields are in the table */
	u32 room;			/* bytes allocated for lp */
	bool has_ttls;			/* fields have deadlines, or had; see hash_ttl.h */
	struct darter_table *table;	/* of struct darter_field; NULL: listpack */
	union {
		const siphash_key_t *key;	/* of the table's hash */
		struct darter_ttls *ttls;	/* with has_ttls; has the key */
	};
};

/* Up to which size a hash stays a listpack. */
struct darter_hash_limits {
	u64 entries, value;
};

static inline struct darter_hash_limits darter_hash_limits(const struct darter_config *config)
{
	return (struct darter_hash_limits) {
		.entries = READ_ONCE(config->hash_max_listpack_entries),
		.value = READ_ONCE(config->hash_max_listpack_value),
	};
}

/* A field as found; numbers in listpacks are printed to the digits. */
struct darter_pair {
	struct darter_lp_text name, value;
	char name_digits[DARTER_S64_CHARS], value_digits[DARTER_S64_CHARS];
};

/* Where the fields of a listpack are. */
struct darter_hash_index {
	const struct darter_hash *hash;
	u32 *positions;			/* NULL: a table needs none */
};

struct darter_hash *darter_hash_make(struct darter_arena *arena, const siphash_key_t *key);
void darter_hash_free(struct darter_arena *arena, struct darter_hash *hash);
struct darter_hash *darter_hash_copy(struct darter_arena *arena, const struct darter_hash *from);
int darter_hash_adopt(struct darter_arena *arena, struct darter_hash *hash,
		      const struct darter_hash_limits *limits, const u8 *lp);
u64 darter_hash_bytes(const struct darter_hash *hash, u64 samples);
u64 darter_hash_len(const struct darter_hash *hash);
bool darter_hash_get(const struct darter_hash *hash, const char *name, u32 len,
		     struct darter_pair *pair);
int darter_hash_set(struct darter_arena *arena, struct darter_hash *hash,
		    const struct darter_hash_limits *limits,
		    const struct darter_arg *words, u32 count);
bool darter_hash_del(struct darter_arena *arena, struct darter_hash *hash,
		     const char *name, u32 len);
u64 darter_hash_scan(const struct darter_hash *hash, u64 cursor,
		     void (*visit)(void *arg, const struct darter_pair *pair), void *arg);
void darter_hash_each(const struct darter_hash *hash,
		      void (*visit)(void *arg, const struct darter_pair *pair), void *arg);
void darter_hash_pick(const struct darter_hash *hash, u64 random, struct darter_pair *pair);
int darter_hash_index(const struct darter_hash *hash, struct darter_hash_index *index);
/* Free what darter_hash_index() allocated, if it did. */
void darter_hash_index_free(struct darter_hash_index *index);
void darter_hash_index_pick(const struct darter_hash_index *index, u64 random,
			    struct darter_pair *pair);

#endif /* DARTER_CORE_HASH_H */
