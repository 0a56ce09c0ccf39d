// SPDX-License-Identifier: GPL-2.0
/*
 * The keyspace, see keyspace.h: entries in their tables and wheels, the counters
 * that follow them, and the end of values. Everything that links or unlinks an
 * entry is here. A change to a key marks its watchers.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bytes.h"
#include "command.h"
#include "crc.h"
#include "hash.h"
#include "instance.h"
#include "keyed_hash.h"
#include "keyspace.h"
#include "keyspace_fields.h"
#include "number/integer.h"
#include "session.h"
#include "trace.h"
#include "watch.h"

/* The mean time to live counts longer ones as 30 years; ms. */
#define DEADLINE_SHARE_MAX (30LL * 365 * 86400 * 1000)
/* Shortest pause between two looks for expired keys while there is no hurry, ms. */
#define EXPIRE_PAUSE 10
/* A wheel that is more than this behind has ticks to catch up with, ms. */
#define WHEEL_LAG 128

static u64 entry_hash(const struct darter_table *table, const void *item, u32 depth)
{
	const struct darter_entry *entry = item;

	return darter_keyed_hash(darter_entry_key(entry), entry->key_len, table->key);
}

static bool entry_equal(const void *item, const void *key, size_t len)
{
	const struct darter_entry *entry = item;

	return entry->key_len == len && darter_same(darter_entry_key(entry), key, len);
}

static const struct darter_table_ops keys_ops = {
	.hash = entry_hash,
	.equal = entry_equal,
};

/**
 * darter_keyspace_init() - give a shard its part of every database
 * @shard: with instance and arena set
 *
 * Return: 0 or -ENOMEM.
 */
int darter_keyspace_init(struct darter_shard *shard)
{
	struct darter_instance *instance = shard->instance;
	u32 i;

	shard->dbs = kvcalloc(instance->params.databases, sizeof(*shard->dbs), GFP_KERNEL);
	if (!shard->dbs)
		return -ENOMEM;
	for (i = 0; i < instance->params.databases; i++) {
		darter_table_init(&shard->dbs[i].keys, &keys_ops, &shard->arena, &shard->guard,
				  &instance->hash_key);
		darter_wheel_init(&shard->dbs[i].deadlines, instance->started);
		darter_wheel_init(&shard->dbs[i].field_deadlines, instance->started);
	}
	return 0;
}

/* An entry with its string ends. */
static void free_string(struct darter_guard *guard, void *object)
{
	struct darter_shard *shard = container_of(guard, struct darter_shard, guard);
	struct darter_entry *entry = object;

	if (entry->encoding == DARTER_BLOB) {
		shard->blob_bytes -= darter_blob_footprint(darter_entry_blob(entry));
		darter_blob_put(darter_entry_blob(entry));
	}
	darter_entry_free(&shard->arena, entry);
}

/* The same when no reader is left that found it; none looks at what is no string. */
static void retire_item(void *arg, void *item)
{
	struct darter_shard *shard = arg;
	struct darter_entry *entry = item;
	size_t bytes = darter_arena_footprint(darter_entry_size(entry->key_len, entry->expires,
								entry->value_len));

	if (entry->encoding == DARTER_OBJECT)
		darter_hash_free(&shard->arena, darter_entry_hash(entry));
	else if (entry->encoding == DARTER_BLOB)
		bytes += darter_blob_footprint(darter_entry_blob(entry));
	darter_guard_retire(&shard->guard, entry, bytes, free_string);
}

/* The same without its value, which belongs to another entry now. */
static void retire_shell(struct darter_shard *shard, struct darter_entry *entry)
{
	WRITE_ONCE(entry->encoding, DARTER_INLINE);
	retire_item(shard, entry);
}

static void db_empty(struct darter_shard *shard, struct darter_db *db)
{
	u64 now = shard->instance->host->wall_us() / 1000;

	darter_table_destroy(&db->keys, retire_item, shard);
	darter_wheel_destroy(&db->deadlines);
	darter_wheel_init(&db->deadlines, now);
	darter_wheel_destroy(&db->field_deadlines);
	darter_wheel_init(&db->field_deadlines, now);
	WRITE_ONCE(db->volatile_keys, 0);
	WRITE_ONCE(db->deadline_sum, 0);
}

/**
 * darter_keyspace_destroy() - free a shard's keys
 * @shard: used by nobody any more
 */
void darter_keyspace_destroy(struct darter_shard *shard)
{
	u32 i;

	/* Nobody reads any more, and no grace period need tell. */
	shard->guard.quiet = true;
	for (i = 0; shard->dbs && i < shard->instance->params.databases; i++)
		db_empty(shard, &shard->dbs[i]);
	kvfree(shard->dbs);
	shard->dbs = NULL;
}

static void forget_slots(struct darter_shard *shard)
{
	struct darter_instance *instance = shard->instance;
	u32 slot = darter_shard_slots(instance, shard->index);
	u32 end = darter_shard_slots(instance, shard->index + 1);

	for (; slot < end; slot++)
		WRITE_ONCE(instance->slot_counts[slot], 0);
}

/**
 * darter_keyspace_flush() - delete all keys of a shard in a database
 * @shard: locked
 * @db: which one, U32_MAX: all
 */
void darter_keyspace_flush(struct darter_shard *shard, u32 db)
{
	u32 i;

	lockdep_assert_held(&shard->lock);
	darter_watch_touch_all(shard, db);
	for (i = 0; i < shard->instance->params.databases; i++)
		if ((db == i || db == U32_MAX) && shard->dbs[i].keys.count)
			db_empty(shard, &shard->dbs[i]);
	if (shard->instance->slot_counts && (!db || db == U32_MAX))
		forget_slots(shard);
}

/* Others read it without the lock. */
#define SWAP_ONCE(a, b)						\
	do {							\
		typeof(a) old = (a);				\
								\
		WRITE_ONCE(a, b);				\
		WRITE_ONCE(b, old);				\
	} while (0)

/**
 * darter_keyspace_swap() - exchange the keys of two databases in a shard
 * @shard: locked; slots are not counted, or neither database is 0
 * @a: a database
 * @b: another one
 * @now: ms since the epoch
 */
void darter_keyspace_swap(struct darter_shard *shard, u32 a, u32 b, u64 now)
{
	struct darter_db *one = &shard->dbs[a], *other = &shard->dbs[b];

	lockdep_assert_held(&shard->lock);
	darter_watch_touch_swap(shard, a, b, now);
	darter_table_swap(&one->keys, &other->keys);
	darter_wheel_swap(&one->deadlines, &other->deadlines);
	darter_wheel_swap(&one->field_deadlines, &other->field_deadlines);
	SWAP_ONCE(one->volatile_keys, other->volatile_keys);
	SWAP_ONCE(one->deadline_sum, other->deadline_sum);
}

/**
 * darter_key_init() - say where a key is
 * @key: to fill
 * @instance: the store
 * @db: index of a database
 * @bytes: the key; must live as long as @key
 * @len: its bytes
 *
 * Context: any; no lock.
 */
void darter_key_init(struct darter_key *key, struct darter_instance *instance, u32 db,
		     const char *bytes, u32 len)
{
	u64 hash = darter_key_hash(instance, bytes, len);

	darter_key_set(key, darter_shard_at(instance, bytes, len, hash), db, bytes, len, hash);
}

/**
 * darter_key_changed() - mark the watchers of a key
 * @key: was or is about to be written
 */
void darter_key_changed(const struct darter_key *key)
{
	darter_watch_touch(key->shard, key->index, key->hash, key->bytes, key->len);
}

/* A key is as good as used when it is made, unless that was said already. */
static void begin_use(const struct darter_key *key, struct darter_entry *entry)
{
	if (!READ_ONCE(entry->access))
		darter_key_used(key, entry);
}

static void count_slot(const struct darter_key *key, s32 change)
{
	u32 *counts = key->shard->instance->slot_counts;
	u16 slot;

	if (!counts || key->index)
		return;
	slot = darter_key_slot(key->bytes, key->len);
	WRITE_ONCE(counts[slot], counts[slot] + change);
}

s64 darter_deadline_share(const struct darter_instance *instance, s64 deadline)
{
	return clamp_t(s64, deadline - (s64)instance->started, 0, DEADLINE_SHARE_MAX);
}

static void link_deadline(const struct darter_key *key, struct darter_entry *entry)
{
	struct darter_wheel_node *node = darter_entry_node(entry);
	struct darter_db *db = key->db;

	if (!entry->expires)
		return;
	darter_wheel_add(&db->deadlines, node, node->deadline);
	WRITE_ONCE(db->volatile_keys, db->volatile_keys + 1);
	WRITE_ONCE(db->deadline_sum, db->deadline_sum +
		   darter_deadline_share(key->shard->instance, node->deadline));
}

static void forget_deadline(const struct darter_key *key, s64 deadline)
{
	struct darter_db *db = key->db;

	WRITE_ONCE(db->volatile_keys, db->volatile_keys - 1);
	WRITE_ONCE(db->deadline_sum, db->deadline_sum -
		   darter_deadline_share(key->shard->instance, deadline));
}

static void unlink_deadline(const struct darter_key *key, struct darter_entry *entry)
{
	struct darter_wheel_node *node = darter_entry_node(entry);

	if (!entry->expires)
		return;
	darter_wheel_del(&key->db->deadlines, node);
	forget_deadline(key, node->deadline);
}

/**
 * darter_key_insert() - add an entry for a key that does not exist
 * @key: the key
 * @entry: made in the arena of the key's shard
 *
 * Return: 0, or -ENOMEM with the entry still the caller's.
 */
int darter_key_insert(const struct darter_key *key, struct darter_entry *entry)
{
	int err;

	lockdep_assert_held(&key->shard->lock);
	darter_guard_open(&key->shard->guard, key->hash);
	err = darter_table_insert(&key->db->keys, key->hash, entry);
	if (err)
		return err;
	begin_use(key, entry);
	link_deadline(key, entry);
	darter_fields_link(key, entry);
	count_slot(key, 1);
	darter_key_changed(key);
	return 0;
}

/**
 * darter_key_replace() - exchange a key's entry, value and deadline
 * @key: the key
 * @old: its entry; freed with its value
 * @entry: made in the arena of the key's shard
 */
void darter_key_replace(const struct darter_key *key, struct darter_entry *old,
			struct darter_entry *entry)
{
	lockdep_assert_held(&key->shard->lock);
	darter_guard_open(&key->shard->guard, key->hash);
	darter_table_replace(&key->db->keys, key->hash, old, entry);
	begin_use(key, entry);
	unlink_deadline(key, old);
	link_deadline(key, entry);
	darter_fields_unlink(key, old);
	darter_fields_link(key, entry);
	retire_item(key->shard, old);
	darter_key_changed(key);
}

/**
 * darter_key_put() - insert or replace
 * @key: the key
 * @old: its entry, NULL if it does not exist
 * @entry: the new one
 *
 * Return: 0, or -ENOMEM with the entry still the caller's.
 */
int darter_key_put(const struct darter_key *key, struct darter_entry *old,
		   struct darter_entry *entry)
{
	if (!old)
		return darter_key_insert(key, entry);
	darter_key_replace(key, old, entry);
	return 0;
}

/**
 * darter_key_delete() - delete a key
 * @key: the key; its bytes may lie in the entry
 * @entry: its entry; freed
 */
void darter_key_delete(const struct darter_key *key, struct darter_entry *entry)
{
	lockdep_assert_held(&key->shard->lock);
	darter_key_changed(key);
	count_slot(key, -1);
	darter_guard_open(&key->shard->guard, key->hash);
	darter_table_remove(&key->db->keys, key->hash, key->bytes, key->len);
	unlink_deadline(key, entry);
	darter_fields_unlink(key, entry);
	retire_item(key->shard, entry);
}

/**
 * darter_key_discard() - free an entry that was never linked
 * @key: whose shard it was made for
 * @entry: the entry; freed with its value
 */
void darter_key_discard(const struct darter_key *key, struct darter_entry *entry)
{
	if (entry->encoding == DARTER_OBJECT)
		darter_hash_free(&key->shard->arena, darter_entry_hash(entry));
	free_string(&key->shard->guard, entry);
}

/**
 * darter_key_move() - have a remade entry take the place of a key's entry
 * @key: the key
 * @entry: its entry; freed, while the value is the other's
 * @moved: the same with the same value, see darter_entry_remake()
 */
void darter_key_move(const struct darter_key *key, struct darter_entry *entry,
		     struct darter_entry *moved)
{
	lockdep_assert_held(&key->shard->lock);
	darter_guard_open(&key->shard->guard, key->hash);
	darter_table_replace(&key->db->keys, key->hash, entry, moved);
	unlink_deadline(key, entry);
	link_deadline(key, moved);
	darter_fields_moved(moved);
	retire_shell(key->shard, entry);
}

/**
 * darter_key_set_deadline() - give a key a deadline, change it or take it away
 * @key: the key
 * @entry: its entry
 * @deadline: ms since the epoch or DARTER_NO_DEADLINE
 *
 * Return: the key's entry, which may have moved, or NULL when memory is short:
 * then nothing has changed.
 */
struct darter_entry *darter_key_set_deadline(const struct darter_key *key,
					     struct darter_entry *entry, s64 deadline)
{
	bool expires = deadline != DARTER_NO_DEADLINE;
	struct darter_entry *moved;

	lockdep_assert_held(&key->shard->lock);
	if (entry->expires == expires) {
		darter_guard_open(&key->shard->guard, key->hash);
		unlink_deadline(key, entry);
		if (entry->expires)
			WRITE_ONCE(darter_entry_node(entry)->deadline, deadline);
		link_deadline(key, entry);
		darter_key_changed(key);
		return entry;
	}
	moved = darter_entry_remake(&key->shard->arena, entry, entry->value_len, deadline);
	if (!moved)
		return NULL;
	darter_key_changed(key);
	darter_key_move(key, entry, moved);
	return moved;
}

void darter_key_drop(const struct darter_key *key, struct darter_entry *entry)
{
	trace_darter_expire(key->shard, key->db - key->shard->dbs, true);
	WRITE_ONCE(key->shard->expired, key->shard->expired + 1);
	darter_key_delete(key, entry);
}

/**
 * darter_key_find() - look a key up
 * @key: the key
 * @now: ms since the epoch
 *
 * Return: its entry or NULL. A key that has expired is deleted and not found, and
 * so are fields of a hash.
 */
struct darter_entry *darter_key_find(const struct darter_key *key, u64 now)
{
	struct darter_entry *entry;

	lockdep_assert_held(&key->shard->lock);
	entry = darter_table_find(&key->db->keys, key->hash, key->bytes, key->len);
	if (!entry)
		return NULL;
	if (!darter_entry_expired(entry, now))
		return darter_fields_look(key, entry, now);
	darter_key_drop(key, entry);
	return NULL;
}

/* An entry for a key with what another has; @value is what it refers to. */
static struct darter_entry *make_like(const struct darter_key *key,
				      const struct darter_entry *from, void *value)
{
	struct darter_arena *arena = &key->shard->arena;
	s64 deadline = darter_entry_deadline(from);
	struct darter_entry *entry;

	if (from->encoding == DARTER_INLINE)
		entry = darter_entry_make(arena, key->bytes, key->len, from->type,
					  from->value_len, deadline);
	else
		entry = darter_entry_make_ref(arena, key->bytes, key->len, from->type,
					      from->encoding, value, deadline);
	if (!entry)
		return NULL;
	entry->form = from->form;
	if (from->encoding == DARTER_INLINE)
		memcpy(darter_entry_inline(entry), darter_entry_inline(from), from->value_len);
	return entry;
}

static struct darter_entry *clone_blob(const struct darter_key *key,
				       const struct darter_entry *from)
{
	struct darter_blob *blob = darter_entry_blob(from);
	struct darter_entry *entry = make_like(key, from, blob);

	if (!entry)
		return NULL;
	darter_blob_get(blob);
	key->shard->blob_bytes += darter_blob_footprint(blob);
	return entry;
}

static struct darter_entry *clone_object(const struct darter_key *key,
					 const struct darter_entry *from)
{
	struct darter_arena *arena = &key->shard->arena;
	struct darter_hash *hash = darter_hash_copy(arena, darter_entry_hash(from));
	struct darter_entry *entry;

	if (!hash)
		return NULL;
	entry = make_like(key, from, hash);
	if (!entry)
		darter_hash_free(arena, hash);
	return entry;
}

/**
 * darter_key_clone() - make an entry with the value and deadline of another
 * @key: the key that the new one is for
 * @from: the other, perhaps in another shard, locked as well
 *
 * Return: an entry linked nowhere, NULL when memory is short.
 */
struct darter_entry *darter_key_clone(const struct darter_key *key,
				      const struct darter_entry *from)
{
	switch (from->encoding) {
	case DARTER_BLOB:
		return clone_blob(key, from);
	case DARTER_OBJECT:
		return clone_object(key, from);
	default:
		return make_like(key, from, NULL);
	}
}

/* Within a shard an object changes hands, however big it is. */
static int rename_object(const struct darter_key *from, struct darter_entry *entry,
			 const struct darter_key *to, struct darter_entry *old)
{
	struct darter_entry *moved = make_like(to, entry, darter_entry_ref(entry));

	if (!moved)
		return -ENOMEM;
	darter_fields_unlink(from, entry);
	if (darter_key_put(to, old, moved)) {
		darter_entry_free(&to->shard->arena, moved);
		darter_fields_link(from, entry);
		return -ENOMEM;
	}
	/* Nothing is left of its value. */
	darter_guard_open(&from->shard->guard, from->hash);
	WRITE_ONCE(entry->encoding, DARTER_INLINE);
	darter_key_delete(from, entry);
	return 0;
}

/**
 * darter_key_rename() - have what is at one key at another key instead
 * @from: the key, whose shard is locked
 * @entry: its entry; freed
 * @to: another key, whose shard is locked
 * @old: the entry of @to, NULL without one; freed
 *
 * Return: 0, or -ENOMEM, then nothing has changed.
 */
int darter_key_rename(const struct darter_key *from, struct darter_entry *entry,
		      const struct darter_key *to, struct darter_entry *old)
{
	struct darter_entry *clone;

	if (entry->encoding == DARTER_OBJECT && from->shard == to->shard)
		return rename_object(from, entry, to, old);
	clone = darter_key_clone(to, entry);
	if (!clone)
		return -ENOMEM;
	if (darter_key_put(to, old, clone)) {
		darter_key_discard(to, clone);
		return -ENOMEM;
	}
	darter_key_delete(from, entry);
	return 0;
}

static u64 keys_of(const struct darter_shard *shard, u32 db)
{
	return READ_ONCE(shard->dbs[db].keys.count);
}

/**
 * darter_keyspace_count_in() - keys of a database in some shards
 * @instance: the store
 * @db: index of the database
 * @first: the first of the shards
 * @end: the one behind the last
 *
 * Context: no lock.
 * Return: how many, each shard's share as of some moment.
 */
u64 darter_keyspace_count_in(const struct darter_instance *instance, u32 db, u32 first, u32 end)
{
	u64 sum = 0;
	u32 i;

	for (i = first; i < end; i++)
		sum += keys_of(&instance->shards[i], db);
	return sum;
}

/**
 * darter_keyspace_count() - keys of a database
 * @instance: the store
 * @db: index of the database
 *
 * Context: no lock.
 * Return: how many, each shard's share as of some moment.
 */
u64 darter_keyspace_count(const struct darter_instance *instance, u32 db)
{
	return darter_keyspace_count_in(instance, db, 0, instance->params.shards);
}

/**
 * darter_keyspace_volatile() - keys of a database that have a deadline
 * @instance: the store
 * @db: index of the database
 *
 * Context: no lock.
 * Return: how many, each shard's share as of some moment.
 */
u64 darter_keyspace_volatile(const struct darter_instance *instance, u32 db)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		sum += READ_ONCE(instance->shards[i].dbs[db].volatile_keys);
	return sum;
}

/**
 * darter_keyspace_mean_ttl() - mean time to live of the keys that have one
 * @instance: the store
 * @db: index of the database
 * @now: ms since the epoch
 *
 * Context: no lock.
 * Return: ms, 0 without such keys.
 */
u64 darter_keyspace_mean_ttl(const struct darter_instance *instance, u32 db, u64 now)
{
	u64 count = darter_keyspace_volatile(instance, db), mean = 0;
	u32 i;

	for (i = 0; count && i < instance->params.shards; i++)
		mean += (u64)READ_ONCE(instance->shards[i].dbs[db].deadline_sum) / count;
	mean += instance->started;
	return count && mean > now ? mean - now : 0;
}

u32 darter_keyspace_slot_count(const struct darter_instance *instance, u16 slot)
{
	return READ_ONCE(instance->slot_counts[slot]);
}

struct expiry {
	struct darter_shard *shard;
	u32 db;
};

static void expire_node(void *arg, struct darter_wheel_node *node)
{
	const struct expiry *expiry = arg;
	struct darter_shard *shard = expiry->shard;
	struct darter_entry *entry = darter_entry_of_node(node);
	struct darter_key key;

	darter_key_init(&key, shard->instance, expiry->db, darter_entry_key(entry),
			entry->key_len);
	darter_key_changed(&key);
	count_slot(&key, -1);
	darter_guard_open(&shard->guard, key.hash);
	darter_table_remove(&key.db->keys, key.hash, key.bytes, key.len);
	/* The wheel has let go of it already. */
	forget_deadline(&key, node->deadline);
	darter_fields_unlink(&key, entry);
	retire_item(shard, entry);
	trace_darter_expire(shard, expiry->db, false);
	WRITE_ONCE(shard->expired, shard->expired + 1);
}

/* What is left of the budget for other databases. */
static u32 expire_keys(struct darter_shard *shard, u32 db, u64 now, u32 budget)
{
	struct darter_wheel *wheel = &shard->dbs[db].deadlines;
	struct expiry expiry = { .shard = shard, .db = db };

	/* A key lives through the millisecond of its deadline. */
	return budget - darter_wheel_advance(wheel, now - 1, budget, expire_node, &expiry);
}

static u64 expire_dbs(struct darter_shard *shard, u64 now, u32 budget)
{
	u64 next = U64_MAX;
	u32 i;

	for (i = 0; i < shard->instance->params.databases; i++) {
		struct darter_db *db = &shard->dbs[i];

		darter_wheel_skip(&db->deadlines, now);
		darter_wheel_skip(&db->field_deadlines, now);
		if (db->deadlines.count)
			budget = expire_keys(shard, i, now, budget);
		if (budget && db->field_deadlines.count)
			budget = darter_fields_advance(shard, i, now, budget);
		if (!budget)
			return 0;
		next = min3(next, darter_wheel_next(&db->deadlines),
			    darter_wheel_next(&db->field_deadlines));
	}
	return next;
}

/**
 * darter_keyspace_expire() - delete what has expired in one shard
 * @shard: not locked; left alone when somebody else holds it
 * @now: ms since the epoch
 * @budget: keys and fields at most
 *
 * Return: ms until there may be more, 0 when there probably is now.
 */
u32 darter_keyspace_expire(struct darter_shard *shard, u64 now, u32 budget)
{
	u64 next;

	if (!mutex_trylock(&shard->lock))
		return 1;
	next = expire_dbs(shard, now, budget);
	darter_guard_poll(&shard->guard);
	darter_shard_unlock(shard);
	if (next < now - min_t(u64, now, WHEEL_LAG))
		return 0;
	return next > now ? clamp_t(u64, next - now, EXPIRE_PAUSE, U32_MAX) : EXPIRE_PAUSE;
}
