// SPDX-License-Identifier: GPL-2.0
/*
 * Hash values, see hash.h. A hash that outgrows its listpack never goes back to
 * one. All memory is of the shard's arena, and the shard's lock serializes all.
 *
 * Setting several fields is all or nothing. In a listpack room for all of them
 * is made first, and writing into it cannot fail. In a table every step leaves
 * behind what undoing it needs, and undoing takes no memory.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arena.h"
#include "command.h"
#include "hash.h"
#include "hash_ttl.h"
#include "keyed_hash.h"
#include "table.h"

/* No listpack grows beyond this, whatever the limits say. */
#define LP_BYTES_MAX (1024u * 1024 * 1024)
/* Up to this many fields a foreign listpack is compared each with each. */
#define PAIRWISE_MAX 512

struct darter_field {
	u32 name_len, value_len;
	char bytes[];			/* name, value */
};

static const siphash_key_t *hash_key(const struct darter_hash *hash)
{
	return hash->has_ttls ? hash->ttls->key : hash->key;
}

static u64 field_hash(const struct darter_table *table, const void *item)
{
	const struct darter_field *field = item;

	return darter_keyed_hash(field->bytes, field->name_len, table->key);
}

static bool field_equal(const void *item, const void *key, size_t len)
{
	const struct darter_field *field = item;

	return field->name_len == len && !memcmp(field->bytes, key, len);
}

static const struct darter_table_ops fields_ops = {
	.hash = field_hash,
	.equal = field_equal,
};

static size_t field_size(u32 name_len, u32 value_len)
{
	return sizeof(struct darter_field) + name_len + value_len;
}

static struct darter_field *field_make(struct darter_arena *arena,
				       const struct darter_lp_text *name,
				       const struct darter_lp_text *value)
{
	struct darter_field *field;

	field = darter_arena_alloc(arena, field_size(name->len, value->len));
	if (!field)
		return NULL;
	field->name_len = name->len;
	field->value_len = value->len;
	memcpy(field->bytes, name->bytes, name->len);
	memcpy(field->bytes + name->len, value->bytes, value->len);
	return field;
}

static void field_free(void *arena, void *item)
{
	struct darter_field *field = item;

	darter_arena_free(arena, field, field_size(field->name_len, field->value_len));
}

static struct darter_table *fields_make(struct darter_arena *arena, const siphash_key_t *key)
{
	struct darter_table *table = darter_arena_alloc(arena, sizeof(*table));

	if (table)
		darter_table_init(table, &fields_ops, arena, key);
	return table;
}

static void fields_free(struct darter_arena *arena, struct darter_table *table)
{
	if (!table)
		return;
	darter_table_destroy(table, field_free, arena);
	darter_arena_free(arena, table, sizeof(*table));
}

/* A listpack's memory is a whole size class, which growth then finds in place. */
static u8 *lp_make(struct darter_arena *arena, u32 bytes, u32 *room)
{
	*room = darter_arena_footprint(bytes);
	return darter_arena_alloc(arena, *room);
}

/**
 * darter_hash_make() - make an empty hash
 * @arena: of the shard
 * @key: for hashing field names; outlives the hash
 *
 * Return: the hash, or NULL.
 */
struct darter_hash *darter_hash_make(struct darter_arena *arena, const siphash_key_t *key)
{
	struct darter_hash *hash = darter_arena_alloc(arena, sizeof(*hash));

	if (!hash)
		return NULL;
	hash->table = NULL;
	hash->has_ttls = false;
	hash->key = key;
	hash->lp = lp_make(arena, DARTER_LP_EMPTY, &hash->room);
	if (!hash->lp) {
		darter_arena_free(arena, hash, sizeof(*hash));
		return NULL;
	}
	darter_lp_init(hash->lp);
	return hash;
}

/**
 * darter_hash_free() - free a hash with its fields
 * @arena: where it came from
 * @hash: the hash
 */
void darter_hash_free(struct darter_arena *arena, struct darter_hash *hash)
{
	darter_hash_ttls_free(arena, hash);
	darter_arena_free(arena, hash->lp, hash->room);
	fields_free(arena, hash->table);
	darter_arena_free(arena, hash, sizeof(*hash));
}

struct sampling {
	u64 left, taken, bytes;
};

static void sample_field(void *arg, void *item)
{
	const struct darter_field *field = item;
	struct sampling *sampling = arg;

	if (!sampling->left)
		return;
	sampling->left--;
	sampling->taken++;
	sampling->bytes += darter_arena_footprint(field_size(field->name_len, field->value_len));
}

/**
 * darter_hash_bytes() - memory that a hash takes
 * @hash: the hash
 * @samples: fields to look at, from which all are estimated
 *
 * Return: bytes, as counted in the arena; exact if all fields were looked at.
 */
u64 darter_hash_bytes(const struct darter_hash *hash, u64 samples)
{
	u64 bytes = darter_arena_footprint(sizeof(*hash)) + darter_hash_ttls_bytes(hash);
	u64 cursor = 0;
	struct sampling sampling = { .left = samples };

	if (hash->lp)
		return bytes + darter_arena_footprint(hash->room);
	bytes += darter_arena_footprint(sizeof(*hash->table)) + darter_table_bytes(hash->table);
	do {
		cursor = darter_table_scan(hash->table, cursor, sample_field, &sampling);
		cond_resched();
	} while (cursor && sampling.left);
	if (!sampling.taken)
		return bytes;
	if (sampling.taken == hash->table->count)
		return bytes + sampling.bytes;
	return bytes + div64_u64(sampling.bytes, sampling.taken) * hash->table->count;
}

/**
 * darter_hash_len() - number of fields
 * @hash: the hash
 *
 * Return: how many.
 */
u64 darter_hash_len(const struct darter_hash *hash)
{
	return hash->lp ? darter_lp_count(hash->lp) / 2 : hash->table->count;
}

static void pair_of_field(struct darter_pair *pair, const struct darter_field *field)
{
	pair->name = (struct darter_lp_text) { field->bytes, field->name_len };
	pair->value = (struct darter_lp_text) { field->bytes + field->name_len,
						field->value_len };
}

/* The pair at a listpack position; returns the position of its value. */
static u32 pair_at(struct darter_pair *pair, const u8 *lp, u32 at)
{
	struct darter_lp_value value;

	darter_lp_get(lp, at, &value);
	pair->name = darter_lp_text(&value, pair->name_digits);
	at = darter_lp_next(lp, at);
	darter_lp_get(lp, at, &value);
	pair->value = darter_lp_text(&value, pair->value_digits);
	return at;
}

static u32 lp_find_name(const struct darter_hash *hash, const char *name, u32 len)
{
	return darter_lp_find(hash->lp, darter_lp_first(hash->lp), name, len, 1);
}

static u64 name_hash(const struct darter_table *table, const struct darter_lp_text *name)
{
	return darter_keyed_hash(name->bytes, name->len, table->key);
}

static struct darter_field *table_find(const struct darter_table *table,
				       const struct darter_lp_text *name)
{
	return darter_table_find(table, name_hash(table, name), name->bytes, name->len);
}

/**
 * darter_hash_get() - look a field up
 * @hash: the hash
 * @name: of the field
 * @len: of the name
 * @pair: set to what was found, valid until the hash changes
 *
 * Return: whether it exists.
 */
bool darter_hash_get(const struct darter_hash *hash, const char *name, u32 len,
		     struct darter_pair *pair)
{
	const struct darter_field *field;
	u32 at;

	if (hash->lp) {
		at = lp_find_name(hash, name, len);
		if (at)
			pair_at(pair, hash->lp, at);
		return at;
	}
	field = table_find(hash->table, &(struct darter_lp_text) { name, len });
	if (field)
		pair_of_field(pair, field);
	return field;
}

/* Make a copy of @lp with room for @bytes the hash's listpack. */
static int lp_take(struct darter_arena *arena, struct darter_hash *hash, const u8 *lp, u32 bytes)
{
	u32 room;
	u8 *copy = lp_make(arena, bytes, &room);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, lp, darter_lp_bytes(lp));
	darter_arena_free(arena, hash->lp, hash->room);
	hash->lp = copy;
	hash->room = room;
	return 0;
}

static int lp_grow(struct darter_arena *arena, struct darter_hash *hash, u32 bytes)
{
	return bytes <= hash->room ? 0 : lp_take(arena, hash, hash->lp, bytes);
}

/* Give back room when most of it is unused; failing to is harmless. */
static void lp_trim(struct darter_arena *arena, struct darter_hash *hash)
{
	u32 bytes = darter_lp_bytes(hash->lp);

	if (darter_arena_footprint(bytes) <= hash->room / 2)
		lp_take(arena, hash, hash->lp, bytes);
}

/* Set a field at @at, 0: a new one; there is room. */
static void lp_put(struct darter_hash *hash, u32 at, const struct darter_lp_text pair[2])
{
	if (at)
		darter_lp_splice(hash->lp, darter_lp_next(hash->lp, at), 1, &pair[1], 1);
	else
		darter_lp_splice(hash->lp, 0, 0, pair, 2);
}

/*
 * By how much a listpack may grow while a field is set. A value that shrinks
 * counts nothing, so the sum for several fields holds at every step, even if
 * one comes twice.
 */
static u32 lp_growth(const struct darter_hash *hash, u32 at, const struct darter_lp_text pair[2])
{
	u32 bytes = darter_lp_encoded_size(pair[1].bytes, pair[1].len), old;

	if (!at)
		return bytes + darter_lp_encoded_size(pair[0].bytes, pair[0].len);
	at = darter_lp_next(hash->lp, at);
	old = (darter_lp_next(hash->lp, at) ?: darter_lp_bytes(hash->lp) - 1) - at;
	return bytes > old ? bytes - old : 0;
}

static int table_add(struct darter_arena *arena, struct darter_table *table,
		     const struct darter_lp_text *name, const struct darter_lp_text *value)
{
	struct darter_field *field = field_make(arena, name, value);

	if (!field)
		return -ENOMEM;
	if (darter_table_insert(table, name_hash(table, name), field)) {
		field_free(arena, field);
		return -ENOMEM;
	}
	return 0;
}

/* The fields of a listpack as a table. -EINVAL: a name comes twice. */
static int table_of_listpack(struct darter_arena *arena, const siphash_key_t *key, const u8 *lp,
			     struct darter_table **out)
{
	struct darter_table *table = fields_make(arena, key);
	int err = table ? 0 : -ENOMEM;
	struct darter_pair pair;
	u32 at = darter_lp_first(lp);

	while (at && !err) {
		at = darter_lp_next(lp, pair_at(&pair, lp, at));
		if (table_find(table, &pair.name))
			err = -EINVAL;
		else
			err = table_add(arena, table, &pair.name, &pair.value);
	}
	if (err)
		fields_free(arena, table);
	else
		*out = table;
	return err;
}

static void become_table(struct darter_arena *arena, struct darter_hash *hash,
			 struct darter_table *table)
{
	darter_arena_free(arena, hash->lp, hash->room);
	hash->lp = NULL;
	hash->room = 0;
	hash->table = table;
}

/* From listpack to table; on failure nothing has changed. */
static int hash_convert(struct darter_arena *arena, struct darter_hash *hash)
{
	struct darter_table *table;

	if (table_of_listpack(arena, hash_key(hash), hash->lp, &table))
		return -ENOMEM;
	become_table(arena, hash, table);
	return 0;
}

static bool has_duplicates(const u8 *lp)
{
	struct darter_pair pair;
	u32 at = darter_lp_first(lp);

	while (at) {
		at = darter_lp_next(lp, pair_at(&pair, lp, at));
		if (darter_lp_find(lp, at, pair.name.bytes, pair.name.len, 1))
			return true;
	}
	return false;
}

/**
 * darter_hash_adopt() - fill an empty hash with a listpack from outside
 * @arena: where it came from
 * @hash: an empty hash
 * @limits: of the listpack encoding; of them the number of entries counts
 * @lp: a sound listpack; copied
 *
 * Return: 0, -EINVAL if it is not one of distinct names and values, -ENOMEM.
 */
int darter_hash_adopt(struct darter_arena *arena, struct darter_hash *hash,
		      const struct darter_hash_limits *limits, const u8 *lp)
{
	u32 count = darter_lp_count(lp);
	bool convert = count / 2 > limits->entries;
	struct darter_table *table = NULL;
	int err;

	if (count % 2)
		return -EINVAL;
	if (convert || count / 2 > PAIRWISE_MAX) {
		/* Comparing each with each may take too long. */
		err = table_of_listpack(arena, hash_key(hash), lp, &table);
		if (err)
			return err;
	} else if (has_duplicates(lp)) {
		return -EINVAL;
	}
	if (convert) {
		become_table(arena, hash, table);
		return 0;
	}
	fields_free(arena, table);
	return lp_take(arena, hash, lp, darter_lp_bytes(lp));
}

/* A field that was set, and the one that it took the place of. */
struct change {
	struct darter_field *made, *old;
};

/* Set a field of a table; what was there, @change->old, is not freed. */
static int table_put(struct darter_arena *arena, struct darter_table *table, u64 code,
		     const struct darter_lp_text pair[2], struct change *change)
{
	change->made = field_make(arena, &pair[0], &pair[1]);
	if (!change->made)
		return -ENOMEM;
	if (change->old) {
		darter_table_replace(table, code, change->old, change->made);
	} else if (darter_table_insert(table, code, change->made)) {
		field_free(arena, change->made);
		return -ENOMEM;
	}
	return 0;
}

static void table_undo(struct darter_arena *arena, struct darter_table *table,
		       const struct change *change)
{
	struct darter_field *made = change->made;
	u64 code = field_hash(table, made);

	if (change->old)
		darter_table_replace(table, code, made, change->old);
	else
		darter_table_remove(table, code, made->bytes, made->name_len);
	field_free(arena, made);
}

/* Overwrite a value that leaves the field in its size class. */
static bool put_in_place(struct darter_field *field, const struct darter_lp_text pair[2])
{
	size_t want = field_size(pair[0].len, pair[1].len);

	if (want > DARTER_ARENA_SMALL_MAX ||
	    darter_arena_footprint(field_size(field->name_len, field->value_len)) !=
	    darter_arena_footprint(want))
		return false;
	memcpy(field->bytes + field->name_len, pair[1].bytes, pair[1].len);
	field->value_len = pair[1].len;
	return true;
}

static int table_set(struct darter_arena *arena, struct darter_table *table,
		     const struct darter_lp_text pair[2])
{
	u64 code = name_hash(table, &pair[0]);
	struct change change;

	change.old = darter_table_find(table, code, pair[0].bytes, pair[0].len);
	if (change.old && put_in_place(change.old, pair))
		return 0;
	if (table_put(arena, table, code, pair, &change))
		return -ENOMEM;
	if (!change.old)
		return 1;
	field_free(arena, change.old);
	return 0;
}

static void pair_of_words(struct darter_lp_text pair[2], const struct darter_arg *words)
{
	pair[0] = (struct darter_lp_text) { words[0].bytes, words[0].len };
	pair[1] = (struct darter_lp_text) { words[1].bytes, words[1].len };
}

static int table_set_all(struct darter_arena *arena, struct darter_table *table,
			 const struct darter_arg *words, u32 count)
{
	struct darter_lp_text pair[2];
	struct change *changes;
	u32 i, added = 0;
	u64 code;

	pair_of_words(pair, words);
	if (count == 1)
		return table_set(arena, table, pair);
	changes = kvmalloc_array(count, sizeof(*changes), GFP_KERNEL | __GFP_NOWARN);
	if (!changes)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		pair_of_words(pair, &words[2 * i]);
		code = name_hash(table, &pair[0]);
		changes[i].old = darter_table_find(table, code, pair[0].bytes, pair[0].len);
		if (table_put(arena, table, code, pair, &changes[i]))
			goto err_undo;
		added += !changes[i].old;
	}
	for (i = 0; i < count; i++)
		if (changes[i].old)
			field_free(arena, changes[i].old);
	kvfree(changes);
	return added;

err_undo:
	while (i--)
		table_undo(arena, table, &changes[i]);
	kvfree(changes);
	return -ENOMEM;
}

/*
 * Whether the fields fit the listpack, and to which size it may grow meanwhile.
 * A new field that comes twice counts twice. @at is set to where the last one is.
 */
static bool plan_listpack(const struct darter_hash *hash, const struct darter_hash_limits *limits,
			  const struct darter_arg *words, u32 count, u64 *bytes, u32 *at)
{
	u64 entries = darter_hash_len(hash);
	struct darter_lp_text pair[2];
	u32 i;

	*bytes = darter_lp_bytes(hash->lp);
	if (count > limits->entries)
		return false;
	for (i = 0; i < count; i++) {
		pair_of_words(pair, &words[2 * i]);
		if (pair[0].len > limits->value || pair[1].len > limits->value)
			return false;
		*at = lp_find_name(hash, pair[0].bytes, pair[0].len);
		entries += !*at;
		*bytes += lp_growth(hash, *at, pair);
	}
	return *bytes <= LP_BYTES_MAX && entries <= limits->entries;
}

/**
 * darter_hash_set() - set fields
 * @arena: of the hash
 * @hash: the hash
 * @limits: of the listpack encoding
 * @words: names and values in turn
 * @count: fields, at least one
 *
 * Return: how many are new, or -ENOMEM with all fields as they were.
 */
int darter_hash_set(struct darter_arena *arena, struct darter_hash *hash,
		    const struct darter_hash_limits *limits,
		    const struct darter_arg *words, u32 count)
{
	struct darter_lp_text pair[2];
	u32 i, at = 0, added = 0;
	u64 bytes;

	if (hash->lp && !plan_listpack(hash, limits, words, count, &bytes, &at) &&
	    hash_convert(arena, hash))
		return -ENOMEM;
	if (!hash->lp)
		return table_set_all(arena, hash->table, words, count);
	if (lp_grow(arena, hash, bytes))
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		pair_of_words(pair, &words[2 * i]);
		/* A single one is where the plan found it. */
		if (count > 1)
			at = lp_find_name(hash, pair[0].bytes, pair[0].len);
		lp_put(hash, at, pair);
		added += !at;
	}
	return added;
}

/**
 * darter_hash_del() - delete a field
 * @arena: of the hash
 * @hash: the hash
 * @name: of the field
 * @len: of the name
 *
 * Return: whether it existed.
 */
bool darter_hash_del(struct darter_arena *arena, struct darter_hash *hash,
		     const char *name, u32 len)
{
	struct darter_field *field;
	u32 at;

	if (hash->lp) {
		at = lp_find_name(hash, name, len);
		if (at) {
			darter_lp_splice(hash->lp, at, 2, NULL, 0);
			lp_trim(arena, hash);
		}
		/* The name may be the one that goes with this. */
		darter_hash_ttl_drop(arena, hash, name, len);
		return at;
	}
	field = darter_table_remove(hash->table, darter_keyed_hash(name, len, hash_key(hash)), name, len);
	if (field)
		field_free(arena, field);
	darter_hash_ttl_drop(arena, hash, name, len);
	return field;
}

struct visitor {
	void (*visit)(void *arg, const struct darter_pair *pair);
	void *arg;
};

static void visit_field(void *arg, void *item)
{
	const struct visitor *visitor = arg;
	struct darter_pair pair;

	pair_of_field(&pair, item);
	visitor->visit(visitor->arg, &pair);
}

/**
 * darter_hash_scan() - visit a part of the fields
 * @hash: the hash
 * @cursor: 0 to begin, then what the last call returned
 * @visit: called for each field there
 * @arg: for @visit
 *
 * A listpack is visited as a whole.
 *
 * Return: the next cursor, 0 at the end.
 */
u64 darter_hash_scan(const struct darter_hash *hash, u64 cursor,
		     void (*visit)(void *arg, const struct darter_pair *pair), void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };
	struct darter_pair pair;
	u32 at;

	if (!hash->lp)
		return darter_table_scan(hash->table, cursor, visit_field, &visitor);
	for (at = darter_lp_first(hash->lp); at;) {
		at = darter_lp_next(hash->lp, pair_at(&pair, hash->lp, at));
		visit(arg, &pair);
	}
	return 0;
}

/**
 * darter_hash_each() - visit all fields
 * @hash: the hash
 * @visit: called for each; must not change the hash
 * @arg: for @visit
 */
void darter_hash_each(const struct darter_hash *hash,
		      void (*visit)(void *arg, const struct darter_pair *pair), void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };

	if (hash->lp)
		darter_hash_scan(hash, 0, visit, arg);
	else
		darter_table_each(hash->table, visit_field, &visitor);
}

/**
 * darter_hash_pick() - some field
 * @hash: not empty
 * @random: 64 random bits
 * @pair: set to the field
 */
void darter_hash_pick(const struct darter_hash *hash, u64 random, struct darter_pair *pair)
{
	u32 at, skip;

	if (!hash->lp) {
		pair_of_field(pair, darter_table_random(hash->table, random));
		return;
	}
	at = darter_lp_first(hash->lp);
	for (skip = 2 * (random % darter_hash_len(hash)); skip; skip--)
		at = darter_lp_next(hash->lp, at);
	pair_at(pair, hash->lp, at);
}

/**
 * darter_hash_index() - prepare for many picks
 * @hash: the hash; must not change before the index is freed
 * @index: to fill; free with darter_hash_index_free()
 *
 * Return: 0 or -ENOMEM.
 */
int darter_hash_index(const struct darter_hash *hash, struct darter_hash_index *index)
{
	u32 at, i = 0;

	index->hash = hash;
	index->positions = NULL;
	if (!hash->lp)
		return 0;
	index->positions = kvmalloc_array(darter_hash_len(hash), sizeof(u32),
					  GFP_KERNEL | __GFP_NOWARN);
	if (!index->positions)
		return -ENOMEM;
	for (at = darter_lp_first(hash->lp); at;) {
		index->positions[i++] = at;
		at = darter_lp_next(hash->lp, darter_lp_next(hash->lp, at));
	}
	return 0;
}

void darter_hash_index_free(struct darter_hash_index *index)
{
	kvfree(index->positions);
}

/**
 * darter_hash_index_pick() - darter_hash_pick() in constant time
 * @index: of the hash
 * @random: 64 random bits
 * @pair: set to a field
 */
void darter_hash_index_pick(const struct darter_hash_index *index, u64 random,
			    struct darter_pair *pair)
{
	const struct darter_hash *hash = index->hash;

	if (index->positions)
		pair_at(pair, hash->lp, index->positions[random % darter_hash_len(hash)]);
	else
		darter_hash_pick(hash, random, pair);
}

struct copying {
	struct darter_arena *arena;
	struct darter_hash *to;
	bool failed;
};

static void copy_field(void *arg, const struct darter_pair *pair)
{
	struct copying *copying = arg;

	if (!copying->failed &&
	    table_add(copying->arena, copying->to->table, &pair->name, &pair->value))
		copying->failed = true;
}

/**
 * darter_hash_copy() - make a copy in any arena
 * @arena: of the copy; its shard is locked, and so is that of @from
 * @from: the hash
 *
 * Return: the copy, or NULL.
 */
struct darter_hash *darter_hash_copy(struct darter_arena *arena, const struct darter_hash *from)
{
	struct darter_hash *to = darter_hash_make(arena, hash_key(from));
	struct copying copying = { .arena = arena, .to = to };

	if (!to)
		return NULL;
	if (from->lp) {
		copying.failed = lp_take(arena, to, from->lp, darter_lp_bytes(from->lp));
	} else {
		copying.failed = hash_convert(arena, to);
		darter_hash_each(from, copy_field, &copying);
	}
	if (!copying.failed && !darter_hash_ttls_copy(arena, to, from))
		return to;
	darter_hash_free(arena, to);
	return NULL;
}
