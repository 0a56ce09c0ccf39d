// SPDX-License-Identifier: GPL-2.0
/*
 * Hash values, see hash.h. A hash that outgrows its listpack never goes back to
 * one, nor does an object go back into its entry. All memory is of the shard's
 * arena, and the shard's lock serializes all.
 *
 * Setting several fields is all or nothing. In a listpack room for all of them
 * is made first, and writing into it cannot fail; for a table see field_table.c.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arena.h"
#include "command.h"
#include "hash.h"
#include "hash_ttl.h"

/* No listpack grows beyond this, whatever the limits say. */
#define LP_BYTES_MAX (1024u * 1024 * 1024)
/* Up to this many fields a foreign listpack is compared each with each. */
#define PAIRWISE_MAX 512

/*
 * Room for a listpack is a whole size class, which growth then finds in place: of
 * the entry, or of an allocation of its own.
 */
static u32 inline_room(u32 key_len, bool expires, u32 bytes)
{
	return darter_arena_footprint(darter_entry_size(key_len, expires, bytes)) -
	       darter_entry_size(key_len, expires, 0);
}

static u8 *lp_make(struct darter_arena *arena, u32 bytes, u32 *room)
{
	*room = darter_arena_footprint(bytes);
	return darter_arena_alloc(arena, *room);
}

/**
 * darter_hash_make() - make an entry with an empty hash
 * @arena: of the shard
 * @key: the key
 * @key_len: its bytes
 * @deadline: ms since the epoch, or DARTER_NO_DEADLINE
 * @bytes: room for its listpack, see darter_hash_room()
 *
 * Return: the entry, linked nowhere, or NULL.
 */
struct darter_entry *darter_hash_make(struct darter_arena *arena, const char *key, u32 key_len,
				      s64 deadline, u32 bytes)
{
	u32 room = inline_room(key_len, deadline != DARTER_NO_DEADLINE, bytes);
	struct darter_entry *entry;

	entry = darter_entry_make(arena, key, key_len, DARTER_HASH, room, deadline);
	if (entry)
		darter_lp_init(darter_hash_listpack(entry));
	return entry;
}

static struct darter_hash *object_make(struct darter_arena *arena, const siphash_key_t *key)
{
	struct darter_hash *hash = darter_arena_alloc(arena, sizeof(*hash));

	if (!hash)
		return NULL;
	hash->lp = NULL;
	hash->room = 0;
	hash->ttls = NULL;
	darter_field_table_init(&hash->table, arena, key);
	return hash;
}

/**
 * darter_hash_free() - free an object with its fields
 * @arena: where it came from
 * @hash: the object, in no wheel
 */
void darter_hash_free(struct darter_arena *arena, struct darter_hash *hash)
{
	darter_hash_ttls_free(arena, hash);
	darter_arena_free(arena, hash->lp, hash->room);
	darter_field_table_destroy(&hash->table);
	darter_arena_free(arena, hash, sizeof(*hash));
}

/* Have an entry in place of an inline one refer to an object, which is taken over. */
static int put_object(struct darter_arena *arena, struct darter_entry **entry,
		      struct darter_hash *hash)
{
	const struct darter_entry *from = *entry;
	struct darter_entry *made;

	made = darter_entry_make_ref(arena, darter_entry_key(from), from->key_len, DARTER_HASH,
				     DARTER_OBJECT, hash, darter_entry_deadline(from));
	if (!made) {
		darter_hash_free(arena, hash);
		return -ENOMEM;
	}
	made->access = READ_ONCE(from->access);
	*entry = made;
	return 0;
}

/* Make a copy of @lp with room for @bytes the listpack of an object. */
static int object_take(struct darter_arena *arena, struct darter_hash *hash, const u8 *lp,
		       u32 bytes)
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

/**
 * darter_hash_become_object() - have room for more than fields and values
 * @arena: of the shard
 * @entry: the entry of a hash; remade unless it refers to an object already
 * @key: of the tables' hash
 *
 * Return: 0, or -ENOMEM when nothing has changed.
 */
int darter_hash_become_object(struct darter_arena *arena, struct darter_entry **entry,
			      const siphash_key_t *key)
{
	const u8 *lp = darter_hash_listpack(*entry);
	struct darter_hash *hash;

	if ((*entry)->encoding == DARTER_OBJECT)
		return 0;
	hash = object_make(arena, key);
	if (!hash)
		return -ENOMEM;
	if (object_take(arena, hash, lp, darter_lp_bytes(lp))) {
		darter_hash_free(arena, hash);
		return -ENOMEM;
	}
	return put_object(arena, entry, hash);
}

/**
 * darter_hash_bytes() - memory that an object takes
 * @hash: the object
 * @samples: fields to look at, from which all are estimated
 *
 * Return: bytes, as counted in the arena; exact if all fields were looked at.
 */
u64 darter_hash_bytes(const struct darter_hash *hash, u64 samples)
{
	u64 bytes = darter_arena_footprint(sizeof(*hash)) + darter_hash_ttls_bytes(hash);

	if (hash->lp)
		return bytes + darter_arena_footprint(hash->room);
	return bytes + darter_field_table_bytes(&hash->table, samples);
}

/**
 * darter_hash_len() - number of fields
 * @entry: the entry of a hash
 *
 * Return: how many.
 */
u64 darter_hash_len(const struct darter_entry *entry)
{
	const u8 *lp = darter_hash_listpack(entry);

	return lp ? darter_lp_count(lp) / 2 : darter_entry_hash(entry)->table.count;
}

static void pair_of_field(struct darter_pair *pair, const struct darter_field *field)
{
	pair->name = darter_field_name(field);
	pair->value = darter_field_value(field);
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

static u32 lp_find_name(const u8 *lp, const char *name, u32 len)
{
	return darter_lp_find(lp, darter_lp_first(lp), name, len, 1);
}

/**
 * darter_hash_get() - look a field up
 * @entry: the entry of a hash
 * @name: of the field
 * @len: of the name
 * @pair: set to what was found, valid until the hash changes
 *
 * Return: whether it exists.
 */
bool darter_hash_get(const struct darter_entry *entry, const char *name, u32 len,
		     struct darter_pair *pair)
{
	const u8 *lp = darter_hash_listpack(entry);
	const struct darter_field *field;
	u32 at;

	if (lp) {
		at = lp_find_name(lp, name, len);
		if (at)
			pair_at(pair, lp, at);
		return at;
	}
	field = darter_field_table_find(darter_hash_table(entry), name, len);
	if (field)
		pair_of_field(pair, field);
	return field;
}

/* Have room for @bytes in the listpack, and little more. */
static int lp_resize(struct darter_arena *arena, struct darter_entry **entry, u32 bytes)
{
	const struct darter_entry *from = *entry;
	struct darter_entry *made;

	if (from->encoding == DARTER_OBJECT)
		return object_take(arena, darter_entry_hash(from), darter_hash_listpack(from),
				   bytes);
	made = darter_entry_remake(arena, from, inline_room(from->key_len, from->expires, bytes),
				   darter_entry_deadline(from));
	if (!made)
		return -ENOMEM;
	*entry = made;
	return 0;
}

static u32 lp_room(const struct darter_entry *entry)
{
	return entry->encoding == DARTER_INLINE ? entry->value_len
						: darter_entry_hash(entry)->room;
}

static int lp_grow(struct darter_arena *arena, struct darter_entry **entry, u32 bytes)
{
	return bytes <= lp_room(*entry) ? 0 : lp_resize(arena, entry, bytes);
}

/**
 * darter_hash_trim() - give back room when most of a listpack's is unused
 * @arena: of the hash
 * @entry: the entry of a hash; may be remade. Without memory for that it stays.
 */
void darter_hash_trim(struct darter_arena *arena, struct darter_entry **entry)
{
	const u8 *lp = darter_hash_listpack(*entry);

	if (lp && darter_arena_footprint(darter_lp_bytes(lp)) <= lp_room(*entry) / 2)
		lp_resize(arena, entry, darter_lp_bytes(lp));
}

/* Set a field at @at, 0: a new one; there is room. */
static void lp_put(u8 *lp, u32 at, const struct darter_lp_text pair[2])
{
	if (at)
		darter_lp_splice(lp, darter_lp_next(lp, at), 1, &pair[1], 1);
	else
		darter_lp_splice(lp, 0, 0, pair, 2);
}

/*
 * By how much a listpack may grow while a field is set. A value that shrinks
 * counts nothing, so the sum for several fields holds at every step, even if
 * one comes twice.
 */
static u32 lp_growth(const u8 *lp, u32 at, const struct darter_lp_text pair[2])
{
	u32 bytes = darter_lp_encoded_size(pair[1].bytes, pair[1].len), old;

	if (!at)
		return bytes + darter_lp_encoded_size(pair[0].bytes, pair[0].len);
	at = darter_lp_next(lp, at);
	old = (darter_lp_next(lp, at) ?: darter_lp_bytes(lp) - 1) - at;
	return bytes > old ? bytes - old : 0;
}

/* Fill an empty table. -EINVAL: a name comes twice. On failure it is empty again. */
static int fill_table(struct darter_table *table, const u8 *lp)
{
	u32 at = darter_lp_first(lp);
	struct darter_pair pair;
	int err = 0;

	while (at && !err) {
		at = darter_lp_next(lp, pair_at(&pair, lp, at));
		err = darter_field_table_add(table, &pair.name, &pair.value);
	}
	if (err)
		darter_field_table_destroy(table);
	return err == -EEXIST ? -EINVAL : err;
}

static int object_of_listpack(struct darter_arena *arena, const siphash_key_t *key, const u8 *lp,
			      struct darter_hash **out)
{
	struct darter_hash *hash = object_make(arena, key);
	int err = hash ? fill_table(&hash->table, lp) : -ENOMEM;

	if (!err)
		*out = hash;
	else if (hash)
		darter_hash_free(arena, hash);
	return err;
}

/* From listpack to table; on failure nothing has changed. */
static int become_table(struct darter_arena *arena, struct darter_entry **entry,
			const siphash_key_t *key)
{
	u8 *lp = darter_hash_listpack(*entry);
	struct darter_hash *hash;

	if ((*entry)->encoding == DARTER_INLINE) {
		if (object_of_listpack(arena, key, lp, &hash))
			return -ENOMEM;
		return put_object(arena, entry, hash);
	}
	hash = darter_entry_hash(*entry);
	if (fill_table(&hash->table, lp))
		return -ENOMEM;
	darter_arena_free(arena, lp, hash->room);
	hash->lp = NULL;
	hash->room = 0;
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
 * @entry: the entry of an empty hash; may be remade
 * @rules: of the instance; of the limits the number of entries counts
 * @lp: a sound listpack; copied
 *
 * Return: 0, -EINVAL if it is not one of distinct names and values, -ENOMEM.
 */
int darter_hash_adopt(struct darter_arena *arena, struct darter_entry **entry,
		      const struct darter_hash_rules *rules, const u8 *lp)
{
	u32 count = darter_lp_count(lp);
	struct darter_hash *hash;
	int err;

	if (count % 2)
		return -EINVAL;
	if (count / 2 > min_t(u64, rules->entries, PAIRWISE_MAX)) {
		/* Comparing each with each may take too long. */
		err = object_of_listpack(arena, rules->key, lp, &hash);
		if (err)
			return err;
		if (count / 2 > rules->entries)
			return put_object(arena, entry, hash);
		darter_hash_free(arena, hash);
	} else if (has_duplicates(lp)) {
		return -EINVAL;
	}
	if (lp_grow(arena, entry, darter_lp_bytes(lp)))
		return -ENOMEM;
	memcpy(darter_hash_listpack(*entry), lp, darter_lp_bytes(lp));
	return 0;
}

/**
 * darter_hash_room() - what a new hash will need
 * @rules: of the instance
 * @words: names and values in turn that it is about to be given
 * @count: fields
 *
 * Return: bytes for darter_hash_make(), few if it will be a table.
 */
u32 darter_hash_room(const struct darter_hash_rules *rules, const struct darter_arg *words,
		     u32 count)
{
	u64 bytes = DARTER_LP_EMPTY;
	u32 i;

	if (count > rules->entries)
		return DARTER_LP_EMPTY;
	for (i = 0; i < 2 * count; i++) {
		if (words[i].len > rules->value)
			return DARTER_LP_EMPTY;
		bytes += darter_lp_encoded_size(words[i].bytes, words[i].len);
	}
	return bytes <= LP_BYTES_MAX ? bytes : DARTER_LP_EMPTY;
}

/*
 * Whether the fields fit the listpack, and to which size it may grow meanwhile.
 * A new field that comes twice counts twice. @at is set to where the last one is.
 */
static bool plan_listpack(const u8 *lp, const struct darter_hash_rules *rules,
			  const struct darter_arg *words, u32 count, u64 *bytes, u32 *at)
{
	u64 entries = darter_lp_count(lp) / 2;
	struct darter_lp_text pair[2];
	u32 i;

	*bytes = darter_lp_bytes(lp);
	if (count > rules->entries)
		return false;
	for (i = 0; i < count; i++) {
		darter_pair_of_words(pair, &words[2 * i]);
		if (pair[0].len > rules->value || pair[1].len > rules->value)
			return false;
		*at = lp_find_name(lp, pair[0].bytes, pair[0].len);
		entries += !*at;
		*bytes += lp_growth(lp, *at, pair);
	}
	return *bytes <= LP_BYTES_MAX && entries <= rules->entries;
}

static int lp_set(u8 *lp, const struct darter_arg *words, u32 count, u32 at)
{
	struct darter_lp_text pair[2];
	u32 i, added = 0;

	for (i = 0; i < count; i++) {
		darter_pair_of_words(pair, &words[2 * i]);
		/* A single one is where the plan found it. */
		if (count > 1)
			at = lp_find_name(lp, pair[0].bytes, pair[0].len);
		lp_put(lp, at, pair);
		added += !at;
	}
	return added;
}

/**
 * darter_hash_set() - set fields
 * @arena: of the hash
 * @entry: the entry of a hash; may be remade, even when setting fails
 * @rules: of the instance
 * @words: names and values in turn
 * @count: fields, at least one
 *
 * Return: how many are new, or -ENOMEM with all fields as they were.
 */
int darter_hash_set(struct darter_arena *arena, struct darter_entry **entry,
		    const struct darter_hash_rules *rules, const struct darter_arg *words,
		    u32 count)
{
	const u8 *lp = darter_hash_listpack(*entry);
	u32 at = 0;
	u64 bytes;

	if (lp && plan_listpack(lp, rules, words, count, &bytes, &at)) {
		if (lp_grow(arena, entry, bytes))
			return -ENOMEM;
		return lp_set(darter_hash_listpack(*entry), words, count, at);
	}
	if (lp && become_table(arena, entry, rules->key))
		return -ENOMEM;
	return darter_field_table_set(&darter_entry_hash(*entry)->table, words, count);
}

/**
 * darter_hash_del() - delete a field
 * @arena: of the hash
 * @entry: the entry of a hash, which keeps its room, see darter_hash_trim()
 * @name: of the field
 * @len: of the name
 *
 * Return: whether it existed.
 */
bool darter_hash_del(struct darter_arena *arena, struct darter_entry *entry, const char *name,
		     u32 len)
{
	u8 *lp = darter_hash_listpack(entry);
	bool existed;
	u32 at;

	if (lp) {
		at = lp_find_name(lp, name, len);
		if (at)
			darter_lp_splice(lp, at, 2, NULL, 0);
		existed = at;
	} else {
		existed = darter_field_table_del(&darter_entry_hash(entry)->table, name, len);
	}
	/* The name may be the one that goes with this. */
	darter_hash_ttl_drop(arena, entry, name, len);
	return existed;
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
 * @entry: the entry of a hash
 * @cursor: 0 to begin, then what the last call returned
 * @visit: called for each field there
 * @arg: for @visit
 *
 * A listpack is visited as a whole.
 *
 * Return: the next cursor, 0 at the end.
 */
u64 darter_hash_scan(const struct darter_entry *entry, u64 cursor,
		     void (*visit)(void *arg, const struct darter_pair *pair), void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };
	const u8 *lp = darter_hash_listpack(entry);
	struct darter_pair pair;
	u32 at;

	if (!lp)
		return darter_table_scan(darter_hash_table(entry), cursor, visit_field, &visitor);
	for (at = darter_lp_first(lp); at;) {
		at = darter_lp_next(lp, pair_at(&pair, lp, at));
		visit(arg, &pair);
	}
	return 0;
}

/**
 * darter_hash_each() - visit all fields
 * @entry: the entry of a hash
 * @visit: called for each; must not change the hash
 * @arg: for @visit
 */
void darter_hash_each(const struct darter_entry *entry,
		      void (*visit)(void *arg, const struct darter_pair *pair), void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };

	if (darter_hash_listpack(entry))
		darter_hash_scan(entry, 0, visit, arg);
	else
		darter_table_each(darter_hash_table(entry), visit_field, &visitor);
}

/**
 * darter_hash_pick() - some field
 * @entry: the entry of a hash that is not empty
 * @random: 64 random bits
 * @pair: set to the field
 */
void darter_hash_pick(const struct darter_entry *entry, u64 random, struct darter_pair *pair)
{
	const u8 *lp = darter_hash_listpack(entry);
	u32 at, skip;

	if (!lp) {
		pair_of_field(pair, darter_table_random(darter_hash_table(entry), random));
		return;
	}
	at = darter_lp_first(lp);
	for (skip = 2 * (random % darter_hash_len(entry)); skip; skip--)
		at = darter_lp_next(lp, at);
	pair_at(pair, lp, at);
}

/**
 * darter_hash_index() - prepare for many picks
 * @entry: the entry of a hash; must not change before the index is freed
 * @index: to fill; free with darter_hash_index_free()
 *
 * Return: 0 or -ENOMEM.
 */
int darter_hash_index(const struct darter_entry *entry, struct darter_hash_index *index)
{
	const u8 *lp = darter_hash_listpack(entry);
	u32 at, i = 0;

	index->entry = entry;
	index->positions = NULL;
	if (!lp)
		return 0;
	index->positions = kvmalloc_array(darter_hash_len(entry), sizeof(u32),
					  GFP_KERNEL | __GFP_NOWARN);
	if (!index->positions)
		return -ENOMEM;
	for (at = darter_lp_first(lp); at;) {
		index->positions[i++] = at;
		at = darter_lp_next(lp, darter_lp_next(lp, at));
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
	const struct darter_entry *entry = index->entry;

	if (index->positions)
		pair_at(pair, darter_hash_listpack(entry),
			index->positions[random % darter_hash_len(entry)]);
	else
		darter_hash_pick(entry, random, pair);
}

struct copying {
	struct darter_table *to;
	bool failed;
};

static void copy_field(void *arg, void *item)
{
	struct darter_lp_text name = darter_field_name(item), value = darter_field_value(item);
	struct copying *copying = arg;

	if (!copying->failed && darter_field_table_add(copying->to, &name, &value))
		copying->failed = true;
}

/**
 * darter_hash_copy() - make a copy of an object in any arena
 * @arena: of the copy; its shard is locked, and so is that of @from
 * @from: the object
 *
 * Return: the copy, or NULL.
 */
struct darter_hash *darter_hash_copy(struct darter_arena *arena, const struct darter_hash *from)
{
	struct darter_hash *to = object_make(arena, from->table.key);
	struct copying copying = { };

	if (!to)
		return NULL;
	copying.to = &to->table;
	if (from->lp)
		copying.failed = object_take(arena, to, from->lp, darter_lp_bytes(from->lp));
	else
		darter_table_each(&from->table, copy_field, &copying);
	if (!copying.failed && !darter_hash_ttls_copy(arena, to, from))
		return to;
	darter_hash_free(arena, to);
	return NULL;
}
