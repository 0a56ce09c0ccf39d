// SPDX-License-Identifier: GPL-2.0
/*
 * Fields of big hashes, see field_table.h. The shard's lock serializes all.
 *
 * Setting several fields is all or nothing: every step leaves behind what undoing
 * it needs, and undoing takes no memory.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arena.h"
#include "command.h"
#include "field_table.h"
#include "keyed_hash.h"

static u64 name_hash(const struct darter_table *table, const struct darter_lp_text *name)
{
	return darter_keyed_hash(name->bytes, name->len, table->key);
}

static u64 field_hash(const struct darter_table *table, const void *item, u32 depth)
{
	const struct darter_field *field = item;
	struct darter_lp_text name;

	if (depth <= DARTER_TABLE_CODE_DEPTH)
		return darter_table_hash_of_code(field->code);
	name = darter_field_name(field);
	return name_hash(table, &name);
}

static bool field_equal(const void *item, const void *key, size_t len)
{
	struct darter_lp_text name = darter_field_name(item);

	return name.len == len && !memcmp(name.bytes, key, len);
}

static const struct darter_table_ops fields_ops = {
	.hash = field_hash,
	.equal = field_equal,
};

static bool is_long(u32 name_len, u32 value_len)
{
	return max(name_len, value_len) >= DARTER_FIELD_LONG;
}

static size_t size_for(u32 name_len, u32 value_len)
{
	size_t lens = is_long(name_len, value_len) ? sizeof(struct darter_field_lens) : 0;

	return sizeof(struct darter_field) + lens + name_len + value_len;
}

size_t darter_field_size(const struct darter_field *field)
{
	return size_for(darter_field_name(field).len, darter_field_value(field).len);
}

/* Behind the name, which the field has. */
static void put_value(struct darter_field *field, const struct darter_lp_text *value)
{
	if (field->name_len == DARTER_FIELD_LONG)
		((struct darter_field_lens *)field->bytes)->value = value->len;
	else
		field->value_len = value->len;
	memcpy((char *)darter_field_value(field).bytes, value->bytes, value->len);
}

static struct darter_field *field_make(struct darter_arena *arena, u64 hash,
				       const struct darter_lp_text pair[2])
{
	struct darter_field *field;

	field = darter_arena_alloc(arena, size_for(pair[0].len, pair[1].len));
	if (!field)
		return NULL;
	field->code = darter_table_code(hash);
	if (is_long(pair[0].len, pair[1].len)) {
		field->name_len = DARTER_FIELD_LONG;
		((struct darter_field_lens *)field->bytes)->name = pair[0].len;
	} else {
		field->name_len = pair[0].len;
	}
	memcpy((char *)darter_field_name(field).bytes, pair[0].bytes, pair[0].len);
	put_value(field, &pair[1]);
	return field;
}

static void field_free(void *arena, void *item)
{
	darter_arena_free(arena, item, darter_field_size(item));
}

void darter_field_table_init(struct darter_table *table, struct darter_arena *arena,
			     const siphash_key_t *key)
{
	darter_table_init(table, &fields_ops, arena, NULL, key);
}

void darter_field_table_destroy(struct darter_table *table)
{
	darter_table_destroy(table, field_free, table->arena);
}

/**
 * darter_field_table_find() - look a field up
 * @table: the table
 * @name: of the field
 * @len: of the name
 *
 * Return: the field, or NULL.
 */
struct darter_field *darter_field_table_find(const struct darter_table *table, const char *name,
					     u32 len)
{
	return darter_table_find(table, darter_keyed_hash(name, len, table->key), name, len);
}

/* A field that was set, and the one that it took the place of. */
struct change {
	struct darter_field *made, *old;
};

/* Set a field; what was there, @change->old, is not freed. */
static int put_field(struct darter_table *table, u64 hash, const struct darter_lp_text pair[2],
		     struct change *change)
{
	change->made = field_make(table->arena, hash, pair);
	if (!change->made)
		return -ENOMEM;
	if (change->old) {
		darter_table_replace(table, hash, change->old, change->made);
	} else if (darter_table_insert(table, hash, change->made)) {
		field_free(table->arena, change->made);
		return -ENOMEM;
	}
	return 0;
}

static void undo(struct darter_table *table, const struct change *change)
{
	struct darter_lp_text name = darter_field_name(change->made);
	u64 hash = name_hash(table, &name);

	if (change->old)
		darter_table_replace(table, hash, change->made, change->old);
	else
		darter_table_remove(table, hash, name.bytes, name.len);
	field_free(table->arena, change->made);
}

static struct darter_field *find_hashed(const struct darter_table *table, u64 hash,
					const struct darter_lp_text *name)
{
	return darter_table_find(table, hash, name->bytes, name->len);
}

/**
 * darter_field_table_add() - add a field
 * @table: the table
 * @name: of the field
 * @value: of the field
 *
 * Return: 0, -EEXIST if there is one of that name, or -ENOMEM.
 */
int darter_field_table_add(struct darter_table *table, const struct darter_lp_text *name,
			   const struct darter_lp_text *value)
{
	const struct darter_lp_text pair[2] = { *name, *value };
	u64 hash = name_hash(table, name);
	struct change change = { };

	if (find_hashed(table, hash, name))
		return -EEXIST;
	return put_field(table, hash, pair, &change);
}

/* Whether a value leaves the field in its size class and form. */
static bool value_fits(const struct darter_field *field, u32 name_len, u32 value_len)
{
	size_t want = size_for(name_len, value_len);

	return want <= DARTER_ARENA_SMALL_MAX &&
	       (field->name_len == DARTER_FIELD_LONG) == is_long(name_len, value_len) &&
	       darter_arena_footprint(darter_field_size(field)) == darter_arena_footprint(want);
}

static bool put_in_place(struct darter_field *field, const struct darter_lp_text pair[2])
{
	if (darter_field_value(field).len != pair[1].len &&
	    !value_fits(field, pair[0].len, pair[1].len))
		return false;
	put_value(field, &pair[1]);
	return true;
}

static int set_one(struct darter_table *table, const struct darter_arg *words)
{
	struct darter_lp_text pair[2];
	struct change change;
	u64 hash;

	darter_pair_of_words(pair, words);
	hash = name_hash(table, &pair[0]);
	change.old = find_hashed(table, hash, &pair[0]);
	if (change.old && put_in_place(change.old, pair))
		return 0;
	if (put_field(table, hash, pair, &change))
		return -ENOMEM;
	if (!change.old)
		return 1;
	field_free(table->arena, change.old);
	return 0;
}

static int set_all(struct darter_table *table, const struct darter_arg *words, u32 count,
		   struct change *changes)
{
	struct darter_lp_text pair[2];
	u32 i, added = 0;
	u64 hash;

	for (i = 0; i < count; i++) {
		darter_pair_of_words(pair, &words[2 * i]);
		hash = name_hash(table, &pair[0]);
		changes[i].old = find_hashed(table, hash, &pair[0]);
		if (put_field(table, hash, pair, &changes[i]))
			goto err_undo;
		added += !changes[i].old;
	}
	for (i = 0; i < count; i++)
		if (changes[i].old)
			field_free(table->arena, changes[i].old);
	return added;

err_undo:
	while (i--)
		undo(table, &changes[i]);
	return -ENOMEM;
}

/**
 * darter_field_table_set() - set fields
 * @table: the table
 * @words: names and values in turn
 * @count: fields, at least one
 *
 * Return: how many are new, or -ENOMEM with all fields as they were.
 */
int darter_field_table_set(struct darter_table *table, const struct darter_arg *words, u32 count)
{
	struct change *changes;
	int added;

	if (count == 1)
		return set_one(table, words);
	changes = kvmalloc_array(count, sizeof(*changes), GFP_KERNEL | __GFP_NOWARN);
	if (!changes)
		return -ENOMEM;
	added = set_all(table, words, count, changes);
	kvfree(changes);
	return added;
}

/**
 * darter_field_table_del() - delete a field
 * @table: the table
 * @name: of the field
 * @len: of the name
 *
 * Return: whether it existed.
 */
bool darter_field_table_del(struct darter_table *table, const char *name, u32 len)
{
	struct darter_field *field;

	field = darter_table_remove(table, darter_keyed_hash(name, len, table->key), name, len);
	if (!field)
		return false;
	field_free(table->arena, field);
	return true;
}

struct sampling {
	u64 left, taken, bytes;
};

static void sample_field(void *arg, void *item)
{
	struct sampling *sampling = arg;

	if (!sampling->left)
		return;
	sampling->left--;
	sampling->taken++;
	sampling->bytes += darter_arena_footprint(darter_field_size(item));
}

/**
 * darter_field_table_bytes() - memory of the fields and of the table's structure
 * @table: the table
 * @samples: fields to look at, from which all are estimated
 *
 * Return: bytes, as counted in the arena; exact if all fields were looked at.
 */
u64 darter_field_table_bytes(const struct darter_table *table, u64 samples)
{
	struct sampling sampling = { .left = samples };
	u64 bytes = darter_table_bytes(table), cursor = 0;

	do {
		cursor = darter_table_scan(table, cursor, sample_field, &sampling);
		cond_resched();
	} while (cursor && sampling.left);
	if (!sampling.taken)
		return bytes;
	if (sampling.taken == table->count)
		return bytes + sampling.bytes;
	return bytes + div64_u64(sampling.bytes, sampling.taken) * table->count;
}
