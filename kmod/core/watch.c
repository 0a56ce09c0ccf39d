// SPDX-License-Identifier: GPL-2.0
/*
 * Watched keys, see watch.h. A shard's hash of watches is under the shard's
 * lock; the list of a session's watches belongs to the session's worker.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "instance.h"
#include "keyspace.h"
#include "session.h"
#include "shard.h"
#include "watch.h"

static struct hlist_head *watch_bucket(struct darter_shard *shard, u64 hash)
{
	return &shard->watches[hash % DARTER_WATCH_BUCKETS];
}

static bool watch_matches(const struct darter_watch *watch, u32 db, u64 hash,
			  const char *key, u32 len)
{
	return watch->hash == hash && watch->db == db && watch->key_len == len &&
	       !memcmp(watch->key, key, len);
}

static bool watch_exists(const struct darter_session *session, u32 db, u64 hash,
			 const char *key, u32 len)
{
	const struct darter_watch *watch;

	list_for_each_entry(watch, &session->watched, session_link)
		if (watch_matches(watch, db, hash, key, len))
			return true;
	return false;
}

/**
 * darter_watch_add() - watch a key for a session
 * @session: the session, run by its owner
 * @db: the key's database
 * @key: its bytes
 * @len: how many
 *
 * Watching a key again changes nothing.
 *
 * Context: may sleep; under the lock of the key's shard.
 * Return: 0 or -ENOMEM.
 */
int darter_watch_add(struct darter_session *session, u32 db, const char *key, u32 len)
{
	struct darter_instance *instance = session->instance;
	u64 hash = darter_key_hash(instance, key, len);
	struct darter_shard *shard = darter_shard_at(instance, key, len, hash);
	struct darter_watch *watch;

	lockdep_assert_held(&shard->lock);
	if (watch_exists(session, db, hash, key, len))
		return 0;
	watch = kvmalloc(struct_size(watch, key, len), GFP_KERNEL | __GFP_NOWARN);
	if (!watch)
		return -ENOMEM;
	watch->session = session;
	watch->shard = shard;
	watch->hash = hash;
	watch->db = db;
	watch->key_len = len;
	memcpy(watch->key, key, len);
	hlist_add_head(&watch->hash_link, watch_bucket(shard, hash));
	shard->nwatches++;
	list_add_tail(&watch->session_link, &session->watched);
	WRITE_ONCE(session->watching, session->watching + 1);
	return 0;
}

/**
 * darter_watch_touch() - a key changed: mark who watches it
 * @shard: the key's shard, locked
 * @db: the key's database
 * @hash: darter_key_hash() of the key
 * @key: its bytes
 * @len: how many
 */
void darter_watch_touch(struct darter_shard *shard, u32 db, u64 hash, const char *key, u32 len)
{
	struct darter_watch *watch;

	lockdep_assert_held(&shard->lock);
	if (!shard->nwatches)
		return;
	hlist_for_each_entry(watch, watch_bucket(shard, hash), hash_link)
		if (watch_matches(watch, db, hash, key, len))
			WRITE_ONCE(watch->session->watch_dirty, true);
}

/**
 * darter_watch_touch_all() - a database is emptied: mark who watches keys in it
 * @shard: the shard, locked
 * @db: the database, U32_MAX: all
 *
 * To be called before the keys are gone: as in Redis, who watches a key that
 * does not exist is not disturbed.
 */
void darter_watch_touch_all(struct darter_shard *shard, u32 db)
{
	struct darter_watch *watch;
	u32 i;

	lockdep_assert_held(&shard->lock);
	for (i = 0; shard->nwatches && i < DARTER_WATCH_BUCKETS; i++)
		hlist_for_each_entry(watch, &shard->watches[i], hash_link)
			if ((db == U32_MAX || watch->db == db) &&
			    darter_table_find(&shard->dbs[watch->db].keys, watch->hash,
					      watch->key, watch->key_len))
				WRITE_ONCE(watch->session->watch_dirty, true);
}

/* Whether the watched key is in a database; if it has expired, it is deleted. */
static bool is_there(const struct darter_watch *watch, u32 db, u64 now)
{
	struct darter_key key;

	darter_key_init(&key, watch->shard->instance, db, watch->key, watch->key_len);
	return darter_key_find(&key, now);
}

/**
 * darter_watch_touch_swap() - two databases are exchanged: mark who watches keys in them
 * @shard: the shard, locked
 * @a: a database
 * @b: another one
 * @now: ms since the epoch
 *
 * Who watches a key that is in neither of them is not disturbed. None that has
 * expired is left, since whoever looks at it later would delete a changed key.
 */
void darter_watch_touch_swap(struct darter_shard *shard, u32 a, u32 b, u64 now)
{
	struct darter_watch *watch;
	u32 i;

	lockdep_assert_held(&shard->lock);
	for (i = 0; shard->nwatches && i < DARTER_WATCH_BUCKETS; i++)
		hlist_for_each_entry(watch, &shard->watches[i], hash_link)
			if ((watch->db == a || watch->db == b) &&
			    is_there(watch, a, now) | is_there(watch, b, now))
				WRITE_ONCE(watch->session->watch_dirty, true);
}

static void watch_free(struct darter_watch *watch)
{
	lockdep_assert_held(&watch->shard->lock);
	hlist_del(&watch->hash_link);
	watch->shard->nwatches--;
	list_del(&watch->session_link);
	WRITE_ONCE(watch->session->watching, watch->session->watching - 1);
	kvfree(watch);
}

/**
 * darter_watch_clear_locked() - drop a session's watches
 * @session: the session, run by its owner
 *
 * Context: under the locks of all shards of the watched keys.
 */
void darter_watch_clear_locked(struct darter_session *session)
{
	struct darter_watch *watch, *next;

	list_for_each_entry_safe(watch, next, &session->watched, session_link)
		watch_free(watch);
	WRITE_ONCE(session->watch_dirty, false);
}

/**
 * darter_watch_clear() - drop a session's watches
 * @session: the session, run by its owner
 *
 * Context: may sleep; the caller holds no shard.
 */
void darter_watch_clear(struct darter_session *session)
{
	struct darter_watch *watch, *next;

	list_for_each_entry_safe(watch, next, &session->watched, session_link) {
		struct darter_shard *shard = watch->shard;

		darter_shard_lock(shard);
		watch_free(watch);
		darter_shard_unlock(shard);
	}
	WRITE_ONCE(session->watch_dirty, false);
}
