/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shards: a lock, and everything that belongs to the keys behind it.
 *
 * Lock order: socket, then shards in ascending index, then leaf locks. A worker
 * does not sleep on a busy shard: it tries, spins shortly, and parks the
 * session on the shard's waiter list; who unlocks kicks all of them.
 */
#ifndef DARTER_CORE_SHARD_H
#define DARTER_CORE_SHARD_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "arena.h"
#include "guard.h"
#include "table.h"
#include "wheel.h"

struct darter_instance;
struct darter_session;

#define DARTER_MAX_SHARDS 256
#define DARTER_MAX_DATABASES 1024

/* One database's part in one shard. */
struct darter_db {
	struct darter_table keys;	/* of struct darter_entry */
	struct darter_wheel deadlines;	/* entries with an expiry */
	struct darter_wheel field_deadlines;	/* hashes some of whose fields expire */
	u64 volatile_keys;		/* how many those are */
	s64 deadline_sum;		/* of their deadlines, for the mean TTL of INFO */
};

struct darter_shard {
	struct mutex lock;		/* protects all but the waiters; readers may do without */
	struct lock_class_key lock_key;	/* each is a class, in the order of their indices */
	u16 index;
	u16 lane;			/* whose worker it belongs to; changes under config.lock */
	struct darter_instance *instance;
	struct darter_arena arena;
	struct darter_guard guard;	/* of readers that do without the lock */
	u64 blob_bytes;			/* of blobs that entries hold */
	u64 published;			/* part of memory counted in instance->used */
	u64 resident;			/* taken from the system, for all to read */
	u64 held_back;			/* part of that which waits for readers, likewise */
	struct darter_db *dbs;		/* instance->params.databases of them */
	struct hlist_head *watches;	/* hash of watched keys, see watch.h */
	u32 nwatches;

	/* statistics: written under the lock, read without */
	u64 expired, contended;

	spinlock_t waiters_lock;	/* leaf; protects waiters and park_link of each */
	struct list_head waiters;	/* sessions that found the lock taken */
};

/* A set of shards, to be locked together. */
struct darter_shard_set {
	DECLARE_BITMAP(bits, DARTER_MAX_SHARDS);
};

int darter_shard_init(struct darter_shard *shard, struct darter_instance *instance, u16 index);
void darter_shard_destroy(struct darter_shard *shard);

/* Where a key lives: by slot with cluster-enabled, else by the keyed hash. */
struct darter_shard *darter_shard_of(struct darter_instance *instance,
				     const char *key, u32 len);
/* The same for a key whose hash is known. */
struct darter_shard *darter_shard_of_slot(struct darter_instance *instance, u16 slot);
struct darter_shard *darter_shard_at(struct darter_instance *instance, const char *key, u32 len,
				     u64 hash);

/* Each worker owns a run of shards, and each shard a run of slots; both may be empty. */
void darter_lane_shards(const struct darter_instance *instance, u32 workers, u32 lane,
			u32 *first, u32 *end);
u32 darter_shard_slots(const struct darter_instance *instance, u32 index);

/* Spins for a moment. */
bool darter_shard_trylock(struct darter_shard *shard);
bool darter_shards_trylock(struct darter_instance *instance,
			   const struct darter_shard_set *set, u16 *busy);
/* Sleeps; for who was turned away by busy shards too often. */
void darter_shards_lock(struct darter_instance *instance,
			const struct darter_shard_set *set);
void darter_shards_unlock(struct darter_instance *instance,
			  const struct darter_shard_set *set);
void darter_shard_lock(struct darter_shard *shard);
void darter_shard_unlock(struct darter_shard *shard);
/*
 * Let others see what a command has done: readers without the lock, and who asks for
 * the memory in use. Unlocking does it, too.
 */
void darter_shard_publish(struct darter_shard *shard);
/* Whether sessions wait for a shard that the caller holds. */
static inline bool darter_shard_wanted(const struct darter_shard *shard)
{
	return !list_empty_careful(&shard->waiters);
}

/* Wait for a busy shard to be unlocked; false: it is free by now, try again. */
bool darter_shard_park(struct darter_shard *shard, struct darter_session *session);
void darter_shard_unpark(struct darter_shard *shard, struct darter_session *session);

#endif /* DARTER_CORE_SHARD_H */
