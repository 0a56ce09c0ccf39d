// SPDX-License-Identifier: GPL-2.0
/*
 * Placing keys in shards, and taking shards' locks, see shard.h.
 *
 * Waiting is done by sessions, not by threads. A session that met a busy shard
 * puts itself on the shard's list and then tries once more; who unlocks releases
 * the mutex and then looks at the list. A full barrier on both sides between the
 * two steps makes sure that one of them sees the other.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "crc.h"
#include "instance.h"
#include "keyspace.h"
#include "session.h"
#include "shard.h"
#include "watch.h"

/**
 * darter_shard_init() - make an empty shard
 * @shard: zeroed memory
 * @instance: its instance; params are set
 * @index: its position, which is its rank in the lock order
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM, after which darter_shard_destroy() cleans up.
 */
int darter_shard_init(struct darter_shard *shard, struct darter_instance *instance, u16 index)
{
	int err;

	mutex_init(&shard->lock);
	lockdep_register_key(&shard->lock_key);
	lockdep_set_class(&shard->lock, &shard->lock_key);
	spin_lock_init(&shard->waiters_lock);
	INIT_LIST_HEAD(&shard->waiters);
	darter_guard_init(&shard->guard, &shard->arena);
	shard->instance = instance;
	shard->index = index;
	shard->watches = kvcalloc(DARTER_WATCH_BUCKETS, sizeof(*shard->watches), GFP_KERNEL);
	if (!shard->watches)
		return -ENOMEM;
	err = darter_arena_init(&shard->arena);
	if (err)
		return err;
	return darter_keyspace_init(shard);
}

/**
 * darter_shard_destroy() - free a shard with all its keys
 * @shard: a shard that was zeroed before darter_shard_init()
 *
 * Context: may sleep; nobody else uses the shard, no session waits for it.
 */
void darter_shard_destroy(struct darter_shard *shard)
{
	if (!shard->instance)
		return;
	darter_keyspace_destroy(shard);
	darter_guard_destroy(&shard->guard);
	darter_arena_destroy(&shard->arena);
	kvfree(shard->watches);
	mutex_destroy(&shard->lock);
	lockdep_unregister_key(&shard->lock_key);
}

/**
 * darter_shard_of_slot() - the shard of a slot's keys with cluster emulation
 * @instance: whose
 * @slot: the slot
 *
 * Return: the shard, not locked.
 */
struct darter_shard *darter_shard_of_slot(struct darter_instance *instance, u16 slot)
{
	return &instance->shards[slot * instance->params.shards / DARTER_SLOTS];
}

/**
 * darter_shard_at() - the shard where a key lives
 * @instance: whose
 * @key: the key's bytes
 * @len: how many
 * @hash: darter_key_hash() of them
 *
 * With cluster-enabled neighbouring slots share a shard, so that a hash tag
 * keeps its keys under one lock. Otherwise the high half of the keyed hash
 * decides, of which the table uses the low one first.
 *
 * Return: the shard, not locked.
 */
struct darter_shard *darter_shard_at(struct darter_instance *instance, const char *key, u32 len,
				     u64 hash)
{
	u64 nshards = instance->params.shards;

	if (instance->params.cluster)
		return darter_shard_of_slot(instance, darter_key_slot(key, len));
	return &instance->shards[(hash >> 32) * nshards >> 32];
}

struct darter_shard *darter_shard_of(struct darter_instance *instance, const char *key, u32 len)
{
	return darter_shard_at(instance, key, len, darter_key_hash(instance, key, len));
}

/**
 * darter_lane_shards() - the shards that belong to a worker
 * @instance: whose
 * @workers: between how many all shards are shared
 * @lane: of the worker
 * @first: set to the first of its shards
 * @end: set to the one behind the last; nothing belongs to a worker that is left over
 *
 * The shards with shard * workers / shards == lane: any two workers have as many, or
 * one more. Who belongs to whom decides about nothing but where work is done first.
 */
void darter_lane_shards(const struct darter_instance *instance, u32 workers, u32 lane,
			u32 *first, u32 *end)
{
	u32 shards = instance->params.shards;

	lane = min(lane, workers);
	*first = DIV_ROUND_UP(lane * shards, workers);
	*end = DIV_ROUND_UP(min(lane + 1, workers) * shards, workers);
}

/**
 * darter_shard_slots() - the first slot of a shard with cluster emulation
 * @instance: whose
 * @index: of the shard; of the one behind the last for the end of its slots
 *
 * Return: the slot.
 */
u32 darter_shard_slots(const struct darter_instance *instance, u32 index)
{
	return DIV_ROUND_UP(index * DARTER_SLOTS, instance->params.shards);
}

/**
 * darter_shard_trylock() - lock one shard if it is free, or will be in a moment
 * @shard: the shard
 *
 * Context: does not sleep; the caller holds none, or only shards before this one.
 * Return: whether it is locked now.
 */
bool darter_shard_trylock(struct darter_shard *shard)
{
	u32 tries = READ_ONCE(shard->instance->config.knobs.lock_spins);

	do {
		if (mutex_trylock(&shard->lock))
			return true;
		cpu_relax();
	} while (--tries);
	/* Two who are turned away at once may count as one. */
	WRITE_ONCE(shard->contended, READ_ONCE(shard->contended) + 1);
	return false;
}

void darter_shard_publish(struct darter_shard *shard)
{
	struct darter_instance *instance = shard->instance;
	u64 used = shard->arena.used + shard->blob_bytes - shard->guard.retired;
	s64 total;

	darter_guard_settle(&shard->guard);
	WRITE_ONCE(shard->resident, shard->arena.reserved + shard->blob_bytes);
	WRITE_ONCE(shard->held_back, shard->guard.retired);
	if (used == shard->published)
		return;
	total = atomic64_add_return(used - shard->published, &instance->used);
	shard->published = used;
	/* A lost race between two peaks loses the smaller step of one moment. */
	if (total > atomic64_read(&instance->peak))
		atomic64_set(&instance->peak, total);
}

static void shard_wake_waiters(struct darter_shard *shard)
{
	struct darter_session *session, *next;

	spin_lock(&shard->waiters_lock);
	list_for_each_entry_safe(session, next, &shard->waiters, park_link) {
		list_del_init(&session->park_link);
		session->instance->host->kick(session);
	}
	spin_unlock(&shard->waiters_lock);
}

/**
 * darter_shard_lock() - lock one shard, sleeping if need be
 * @shard: the shard; the caller holds none
 *
 * Context: may sleep.
 */
void darter_shard_lock(struct darter_shard *shard)
{
	mutex_lock(&shard->lock);
}

/**
 * darter_shard_unlock() - unlock a shard and wake who waits for it
 * @shard: a shard that the caller locked
 */
void darter_shard_unlock(struct darter_shard *shard)
{
	darter_shard_publish(shard);
	mutex_unlock(&shard->lock);
	/* Pairs with the barrier in darter_shard_park(). */
	smp_mb();
	if (darter_shard_wanted(shard))
		shard_wake_waiters(shard);
}

/**
 * darter_shards_trylock() - lock a set of shards, or none
 * @instance: whose
 * @set: which
 * @busy: set to the index of the shard that was taken
 *
 * Context: does not sleep; spins for a moment.
 * Return: whether all are locked now.
 */
bool darter_shards_trylock(struct darter_instance *instance,
			   const struct darter_shard_set *set, u16 *busy)
{
	struct darter_shard_set held = {};
	unsigned long i;

	for_each_set_bit(i, set->bits, instance->params.shards) {
		if (!darter_shard_trylock(&instance->shards[i])) {
			darter_shards_unlock(instance, &held);
			*busy = i;
			return false;
		}
		__set_bit(i, held.bits);
	}
	return true;
}

/**
 * darter_shards_lock() - lock a set of shards, sleeping if need be
 * @instance: whose
 * @set: which
 *
 * Trying again and again may never find all of many busy shards free at once.
 * Who was turned away often comes here, one at a time for each instance.
 *
 * Context: may sleep; the caller holds no shard.
 */
void darter_shards_lock(struct darter_instance *instance, const struct darter_shard_set *set)
{
	unsigned long i;

	mutex_lock(&instance->gather_lock);
	for_each_set_bit(i, set->bits, instance->params.shards)
		mutex_lock(&instance->shards[i].lock);
	mutex_unlock(&instance->gather_lock);
}

/**
 * darter_shards_unlock() - unlock a set of shards
 * @instance: whose
 * @set: which; all are held by the caller
 */
void darter_shards_unlock(struct darter_instance *instance, const struct darter_shard_set *set)
{
	unsigned long i;

	for_each_set_bit(i, set->bits, instance->params.shards)
		darter_shard_unlock(&instance->shards[i]);
}

/**
 * darter_shard_park() - have a session kicked when a shard is unlocked
 * @shard: the shard that was busy
 * @session: a session that its owner runs now and that is parked nowhere
 *
 * Return: true: the owner stops running the session until it is kicked; false:
 * the shard is free by now and the session is not parked.
 */
bool darter_shard_park(struct darter_shard *shard, struct darter_session *session)
{
	spin_lock(&shard->waiters_lock);
	list_add_tail(&session->park_link, &shard->waiters);
	session->parked_on = shard;
	spin_unlock(&shard->waiters_lock);
	/* Pairs with the barrier in darter_shard_unlock(). */
	smp_mb();
	if (mutex_is_locked(&shard->lock))
		return true;
	darter_shard_unpark(shard, session);
	return false;
}

/**
 * darter_shard_unpark() - take a session off a shard's list, if it is there
 * @shard: where it was parked
 * @session: the session
 *
 * After this no kick for the shard's sake is under way.
 */
void darter_shard_unpark(struct darter_shard *shard, struct darter_session *session)
{
	spin_lock(&shard->waiters_lock);
	list_del_init(&session->park_link);
	session->parked_on = NULL;
	spin_unlock(&shard->waiters_lock);
}
