// SPDX-License-Identifier: GPL-2.0
/*
 * Hash values, see hash.h. A hash that outgrows its listpack never goes back to
 * one. All memory is of the shard's arena.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "arena.h"
#include "hash.h"
#include "table.h"

/* No listpack grows beyond this, whatever the limits say. */
#define LP_BYTES_MAX (1u << 30)

struct darter_field {
	u32 name_len, value_len;
	char bytes[];			/* name, value */
};

static u64 field_hash(const struct darter_table *table, const void *item)
{
	const struct darter_field *field = item;

	return siphash(field->bytes, field->name_len, table->key);
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
	darter_arena_free(arena, hash->lp, hash->room);
	fields_free(arena, hash->table);
	darter_arena_free(arena, hash, sizeof(*hash));
}

/**
 * darter_hash_adopt() - fill an empty hash with a listpack
 * @arena: where it came from
 * @hash: an empty hash
 * @lp: a sound listpack of names and values; copied
 *
 * Return: 0 or -ENOMEM.
 */
int darter_hash_adopt(struct darter_arena *arena, struct darter_hash *hash, const u8 *lp)
{
	u32 room;
	u8 *copy = lp_make(arena, darter_lp_bytes(lp), &room);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, lp, darter_lp_bytes(lp));
	darter_arena_free(arena, hash->lp, hash->room);
	hash->lp = copy;
	hash->room = room;
	return 0;
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

static struct darter_field *find_field(const struct darter_hash *hash, const char *name, u32 len)
{
	return darter_table_find(hash->table, siphash(name, len, hash->key), name, len);
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
	field = find_field(hash, name, len);
	if (field)
		pair_of_field(pair, field);
	return field;
}

/* Room for @bytes in the listpack; its contents stay. */
static int lp_grow(struct darter_arena *arena, struct darter_hash *hash, u32 bytes)
{
	u32 room;
	u8 *lp;

	if (bytes <= hash->room)
		return 0;
	lp = lp_make(arena, bytes, &room);
	if (!lp)
		return -ENOMEM;
	memcpy(lp, hash->lp, darter_lp_bytes(hash->lp));
	darter_arena_free(arena, hash->lp, hash->room);
	hash->lp = lp;
	hash->room = room;
	return 0;
}

static int lp_set(struct darter_arena *arena, struct darter_hash *hash, u32 at,
		  const struct darter_lp_text *name, const struct darter_lp_text *value)
{
	struct darter_lp_text pair[2] = { *name, *value };
	u32 bytes = darter_lp_bytes(hash->lp);

	bytes += darter_lp_encoded_size(value->bytes, value->len);
	if (!at)
		bytes += darter_lp_encoded_size(name->bytes, name->len);
	if (lp_grow(arena, hash, bytes))
		return -ENOMEM;
	if (at)
		darter_lp_splice(hash->lp, darter_lp_next(hash->lp, at), 1, value, 1);
	else
		darter_lp_splice(hash->lp, 0, 0, pair, 2);
	return !at;
}

static int table_add(struct darter_arena *arena, struct darter_table *table,
		     const siphash_key_t *key, const struct darter_lp_text *name,
		     const struct darter_lp_text *value)
{
	struct darter_field *field = field_make(arena, name, value);

	if (!field)
		return -ENOMEM;
	if (darter_table_insert(table, siphash(name->bytes, name->len, key), field)) {
		field_free(arena, field);
		return -ENOMEM;
	}
	return 0;
}

/* From listpack to table; on failure nothing has changed. */
static int hash_convert(struct darter_arena *arena, struct darter_hash *hash)
{
	struct darter_table *table = fields_make(arena, hash->key);
	u32 at;

	if (!table)
		return -ENOMEM;
	for (at = darter_lp_first(hash->lp); at;) {
		struct darter_pair pair;

		at = darter_lp_next(hash->lp, pair_at(&pair, hash->lp, at));
		if (table_add(arena, table, hash->key, &pair.name, &pair.value)) {
			fields_free(arena, table);
			return -ENOMEM;
		}
	}
	darter_arena_free(arena, hash->lp, hash->room);
	hash->lp = NULL;
	hash->room = 0;
	hash->table = table;
	return 0;
}

static int table_set(struct darter_arena *arena, struct darter_hash *hash,
		     const struct darter_lp_text *name, const struct darter_lp_text *value)
{
	struct darter_field *old = find_field(hash, name->bytes, name->len);
	struct darter_field *field;

	if (!old)
		return table_add(arena, hash->table, hash->key, name, value) ?: 1;
	field = field_make(arena, name, value);
	if (!field)
		return -ENOMEM;
	darter_table_replace(hash->table, siphash(name->bytes, name->len, hash->key), old, field);
	field_free(arena, old);
	return 0;
}

static bool too_big_for_listpack(const struct darter_hash *hash, u32 at,
				 const struct darter_hash_limits *limits,
				 const struct darter_lp_text *name,
				 const struct darter_lp_text *value)
{
	u64 bytes = (u64)darter_lp_bytes(hash->lp) + name->len + value->len;

	return name->len > limits->value || value->len > limits->value ||
	       bytes + 2 * DARTER_LP_OVERHEAD > LP_BYTES_MAX ||
	       (!at && darter_hash_len(hash) >= limits->entries);
}

/**
 * darter_hash_set() - set a field
 * @arena: of the hash
 * @hash: the hash
 * @limits: of the listpack encoding
 * @name: of the field
 * @value: to set
 *
 * Return: 1 if the field is new, 0 if it existed, -ENOMEM with the fields as
 * they were.
 */
int darter_hash_set(struct darter_arena *arena, struct darter_hash *hash,
		    const struct darter_hash_limits *limits,
		    const struct darter_lp_text *name, const struct darter_lp_text *value)
{
	u32 at;

	if (hash->lp) {
		at = lp_find_name(hash, name->bytes, name->len);
		if (!too_big_for_listpack(hash, at, limits, name, value))
			return lp_set(arena, hash, at, name, value);
		if (hash_convert(arena, hash))
			return -ENOMEM;
	}
	return table_set(arena, hash, name, value);
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
		if (at)
			darter_lp_splice(hash->lp, at, 2, NULL, 0);
		return at;
	}
	field = darter_table_remove(hash->table, siphash(name, len, hash->key), name, len);
	if (field)
		field_free(arena, field);
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
	u64 cursor = 0;

	do {
		cursor = darter_hash_scan(hash, cursor, visit, arg);
	} while (cursor);
}

/**
 * darter_hash_random() - some field
 * @hash: not empty
 * @random: 64 random bits
 * @pair: set to the field
 */
void darter_hash_random(const struct darter_hash *hash, u64 random, struct darter_pair *pair)
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

struct copying {
	struct darter_arena *arena;
	struct darter_hash *to;
	bool failed;
};

static void copy_field(void *arg, const struct darter_pair *pair)
{
	struct copying *copying = arg;

	if (!copying->failed && table_add(copying->arena, copying->to->table, copying->to->key,
					  &pair->name, &pair->value))
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
	struct darter_hash *to = darter_hash_make(arena, from->key);
	struct copying copying = { .arena = arena, .to = to };

	if (!to)
		return NULL;
	if (from->lp) {
		copying.failed = darter_hash_adopt(arena, to, from->lp);
	} else {
		copying.failed = hash_convert(arena, to);
		darter_hash_each(from, copy_field, &copying);
	}
	if (!copying.failed)
		return to;
	darter_hash_free(arena, to);
	return NULL;
}
