// SPDX-License-Identifier: GPL-2.0
/*
 * Hashes whose fields expire, see keyspace_fields.h.
 *
 * Whoever looks a key up deletes the fields that have expired first, so that nobody
 * ever finds one, and the key with its last field. What nobody looks up the wheel
 * brings. A hash waits there for its next deadline, or for one that it had: then
 * nothing is found to be due, and it waits on.
 */
#include <linux/kernel.h>

#include "hash.h"
#include "hash_ttl.h"
#include "instance.h"
#include "keyspace_fields.h"

static struct darter_ttls *ttls_of(const struct darter_entry *entry)
{
	return entry->type == DARTER_HASH ? darter_hash_ttls(entry) : NULL;
}

void darter_fields_link(const struct darter_key *key, struct darter_entry *entry)
{
	struct darter_ttls *ttls = ttls_of(entry);

	if (!ttls || !ttls->count)
		return;
	lockdep_assert_held(&key->shard->lock);
	ttls->entry = entry;
	darter_wheel_add(&key->db->field_deadlines, &ttls->node,
			 darter_hash_ttl_first(entry));
}

void darter_fields_unlink(const struct darter_key *key, struct darter_entry *entry)
{
	struct darter_ttls *ttls = ttls_of(entry);

	if (!ttls || !ttls->entry)
		return;
	lockdep_assert_held(&key->shard->lock);
	darter_wheel_del(&key->db->field_deadlines, &ttls->node);
	ttls->entry = NULL;
}

void darter_fields_moved(struct darter_entry *entry)
{
	struct darter_ttls *ttls = ttls_of(entry);

	if (ttls && ttls->entry)
		ttls->entry = entry;
}

void darter_fields_changed(const struct darter_key *key, struct darter_entry *entry)
{
	struct darter_ttls *ttls = ttls_of(entry);

	if (!ttls)
		return;
	if (ttls->entry && ttls->node.deadline == darter_hash_ttl_first(entry))
		return;
	darter_fields_unlink(key, entry);
	darter_fields_link(key, entry);
}

void darter_fields_deleted(const struct darter_key *key, struct darter_entry *entry)
{
	struct darter_entry *old = entry;

	darter_hash_trim(&key->shard->arena, &entry);
	if (entry != old)
		darter_key_move(key, old, entry);
	darter_key_changed(key);
	darter_fields_changed(key, entry);
}

/* The key, empty as its hash may be, stays. */
static u32 delete_expired(const struct darter_key *key, struct darter_entry *entry, u64 now,
			  u32 budget)
{
	u32 done = darter_hash_expire(&key->shard->arena, entry, now, budget);

	if (!done)
		return 0;
	/* With its deadlines it is an object, which is not remade. */
	darter_hash_trim(&key->shard->arena, &entry);
	darter_key_changed(key);
	return done;
}

/**
 * darter_fields_drop_expired() - delete what has expired of a key that was looked up
 * @key: the key
 * @entry: its entry, of any type
 * @now: ms since the epoch
 *
 * Return: the entry, or NULL: no field is left, and the key was deleted.
 */
struct darter_entry *darter_fields_drop_expired(const struct darter_key *key,
						struct darter_entry *entry, u64 now)
{
	if (!ttls_of(entry) || darter_hash_ttl_first(entry) >= now)
		return entry;
	lockdep_assert_held(&key->shard->lock);
	delete_expired(key, entry, now, U32_MAX);
	if (darter_hash_len(entry)) {
		darter_fields_changed(key, entry);
		return entry;
	}
	darter_key_delete(key, entry);
	return NULL;
}

struct advance {
	struct darter_shard *shard;
	u32 db;
	u64 now;
	u32 budget;
	struct hlist_head waiting;	/* hashes to go back into the wheel */
};

/* The wheel has let go of the hash, and gets it back later: it is being walked. */
static void expire_hash(void *arg, struct darter_wheel_node *node)
{
	struct darter_ttls *ttls = container_of(node, struct darter_ttls, node);
	struct darter_entry *entry = ttls->entry;
	struct advance *advance = arg;
	struct darter_key key;

	darter_key_init(&key, advance->shard->instance, advance->db, darter_entry_key(entry),
			entry->key_len);
	advance->budget -= delete_expired(&key, entry, advance->now, advance->budget);
	if (darter_hash_len(entry)) {
		hlist_add_head(&node->link, &advance->waiting);
		return;
	}
	ttls->entry = NULL;
	darter_key_delete(&key, entry);
}

static void wait_again(struct darter_wheel *wheel, struct hlist_head *waiting)
{
	struct darter_wheel_node *node;
	struct hlist_node *next;

	hlist_for_each_entry_safe(node, next, waiting, link) {
		struct darter_ttls *ttls = container_of(node, struct darter_ttls, node);

		if (ttls->count)
			darter_wheel_add(wheel, node, darter_hash_ttl_first(ttls->entry));
		else
			ttls->entry = NULL;
	}
}

/**
 * darter_fields_advance() - delete fields that have expired in a database
 * @shard: the shard, locked
 * @db: index of the database
 * @now: ms since the epoch
 * @budget: fields at most, and hashes; not 0
 *
 * Return: what is left of the budget; 0 means that there may be more.
 */
u32 darter_fields_advance(struct darter_shard *shard, u32 db, u64 now, u32 budget)
{
	struct darter_wheel *wheel = &shard->dbs[db].field_deadlines;
	struct advance advance = { .shard = shard, .db = db, .now = now, .budget = budget };
	u32 hashes;

	lockdep_assert_held(&shard->lock);
	/* A field lives through the millisecond of its deadline. */
	hashes = darter_wheel_advance(wheel, now - 1, budget, expire_hash, &advance);
	wait_again(wheel, &advance.waiting);
	return hashes < budget ? advance.budget : 0;
}
