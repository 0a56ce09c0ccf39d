/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash values: a listpack of fields and values while they are few and short,
 * then a table of fields. The listpack follows the key in the entry, as a short
 * string does, so that a small hash is one allocation. A hash with a table, or
 * with deadlines of fields, is a struct darter_hash that the entry refers to.
 *
 * Under the lock of the shard whose arena they live in; that lock is also what a
 * copy needs of the hash it is made from.
 *
 * A function that takes a pointer to the pointer of an entry may have to remake it.
 * Then it leaves the old one to the caller, as darter_entry_free() takes it: whoever
 * has linked the old one links the new one in its place, see darter_key_move().
 */
#ifndef DARTER_CORE_HASH_H
#define DARTER_CORE_HASH_H

#include <linux/siphash.h>
#include <linux/types.h>

#include "config.h"
#include "entry.h"
#include "field_table.h"
#include "listpack.h"

struct darter_arena;
struct darter_arg;
struct darter_ttls;

struct darter_hash {
	u8 *lp;				/* NULL: fields are in the table */
	u32 room;			/* bytes allocated for lp */
	struct darter_ttls *ttls;	/* NULL: no field ever had a deadline */
	struct darter_table table;	/* of struct darter_field */
};

/* What the hashes of an instance have in common. */
struct darter_hash_rules {
	const siphash_key_t *key;	/* of the tables' hash; outlives them */
	u64 entries, value;		/* up to which sizes a hash stays a listpack */
};

static inline struct darter_hash_rules darter_hash_rules(const struct darter_config *config,
							 const siphash_key_t *key)
{
	return (struct darter_hash_rules) {
		.key = key,
		.entries = READ_ONCE(config->hash_max_listpack_entries),
		.value = READ_ONCE(config->hash_max_listpack_value),
	};
}

/* The listpack that the fields are in; NULL: they are in a table. */
static inline u8 *darter_hash_listpack(const struct darter_entry *entry)
{
	if (READ_ONCE(entry->encoding) == DARTER_INLINE)
		return (u8 *)darter_entry_inline(entry);
	return darter_entry_hash(entry)->lp;
}

/* The table that they are in; NULL: they are in a listpack. */
static inline const struct darter_table *darter_hash_table(const struct darter_entry *entry)
{
	return darter_hash_listpack(entry) ? NULL : &darter_entry_hash(entry)->table;
}

/* What there is of the fields' deadlines, NULL if there never was one. */
static inline struct darter_ttls *darter_hash_ttls(const struct darter_entry *entry)
{
	return READ_ONCE(entry->encoding) == DARTER_INLINE ? NULL : darter_entry_hash(entry)->ttls;
}

/* A field as found; numbers in listpacks are printed to the digits. */
struct darter_pair {
	struct darter_lp_text name, value;
	char name_digits[DARTER_S64_CHARS], value_digits[DARTER_S64_CHARS];
};

/* Where the fields of a listpack are. */
struct darter_hash_index {
	const struct darter_entry *entry;
	u32 *positions;			/* NULL: a table needs none */
};

u32 darter_hash_room(const struct darter_hash_rules *rules, const struct darter_arg *words,
		     u32 count);
struct darter_entry *darter_hash_make(struct darter_arena *arena, const char *key, u32 key_len,
				      s64 deadline, u32 bytes);
int darter_hash_become_object(struct darter_arena *arena, struct darter_entry **entry,
			      const siphash_key_t *key);
void darter_hash_free(struct darter_arena *arena, struct darter_hash *hash);
struct darter_hash *darter_hash_copy(struct darter_arena *arena, const struct darter_hash *from);
int darter_hash_adopt(struct darter_arena *arena, struct darter_entry **entry,
		      const struct darter_hash_rules *rules, const u8 *lp);
u64 darter_hash_bytes(const struct darter_hash *hash, u64 samples);
u64 darter_hash_len(const struct darter_entry *entry);
bool darter_hash_get(const struct darter_entry *entry, const char *name, u32 len,
		     struct darter_pair *pair);
int darter_hash_set(struct darter_arena *arena, struct darter_entry **entry,
		    const struct darter_hash_rules *rules, const struct darter_arg *words,
		    u32 count);
bool darter_hash_del(struct darter_arena *arena, struct darter_entry *entry, const char *name,
		     u32 len);
void darter_hash_trim(struct darter_arena *arena, struct darter_entry **entry);
u64 darter_hash_scan(const struct darter_entry *entry, u64 cursor,
		     void (*visit)(void *arg, const struct darter_pair *pair), void *arg);
void darter_hash_each(const struct darter_entry *entry,
		      void (*visit)(void *arg, const struct darter_pair *pair), void *arg);
void darter_hash_pick(const struct darter_entry *entry, u64 random, struct darter_pair *pair);
int darter_hash_index(const struct darter_entry *entry, struct darter_hash_index *index);
/* Free what darter_hash_index() allocated, if it did. */
void darter_hash_index_free(struct darter_hash_index *index);
void darter_hash_index_pick(const struct darter_hash_index *index, u64 random,
			    struct darter_pair *pair);

#endif /* DARTER_CORE_HASH_H */
