/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keyspace: finding, making, replacing and expiring entries.
 *
 * Every function that takes a key needs the lock of the key's shard, which the
 * dispatcher took by the command's row; they assert it. A write counts watchers
 * (see watch.h) through darter_keyspace_changed().
 */
#ifndef DARTER_CORE_KEYSPACE_H
#define DARTER_CORE_KEYSPACE_H

#include <linux/types.h>

#include "entry.h"
#include "shard.h"

struct darter_arg;
struct darter_ctx;
struct darter_instance;

#define DARTER_NO_DEADLINE (-1LL)

/* A shard's part of every database; may sleep; 0 or -ENOMEM, then destroy cleans up. */
int darter_keyspace_init(struct darter_shard *shard);
void darter_keyspace_destroy(struct darter_shard *shard);

/* Lookup of an argument's key in ctx->db. Expired keys are deleted and not found. */
struct darter_entry *darter_lookup(struct darter_ctx *ctx, const struct darter_arg *key);
/* The same for reads: counts a hit or a miss. */
struct darter_entry *darter_lookup_read(struct darter_ctx *ctx, const struct darter_arg *key);

/* The key was written: dirty its watchers. */
void darter_keyspace_changed(struct darter_ctx *ctx, u32 db, const struct darter_arg *key);

/* ms since the epoch, or DARTER_NO_DEADLINE. */
s64 darter_entry_deadline(const struct darter_entry *entry);
const char *darter_entry_key(const struct darter_entry *entry);

/* Totals for DBSIZE and INFO: no lock, each part as it was at some moment. */
u64 darter_keyspace_count(const struct darter_instance *instance, u32 db);
u64 darter_keyspace_volatile(const struct darter_instance *instance, u32 db);
/* Mean ms to live of the volatile keys of a database, 0 without any. */
u64 darter_keyspace_mean_ttl(const struct darter_instance *instance, u32 db, u64 now);
/* Keys of a slot in database 0 with cluster-enabled; no lock. */
u32 darter_keyspace_slot_count(const struct darter_instance *instance, u16 slot);
/*
 * Visit up to @limit keys of a slot; the caller holds the slot's shard.
 * Returns how many there were.
 */
u32 darter_keyspace_slot_keys(struct darter_instance *instance, u32 db, u16 slot, u32 limit,
			      void (*visit)(void *arg, const char *key, u32 len), void *arg);

/*
 * Delete what has expired in one shard, at most @budget keys.
 * Context: takes the shard's lock if it is free, gives up otherwise.
 * Return: ms until there may be more to do, 0 when the budget was used up.
 */
u32 darter_keyspace_expire(struct darter_shard *shard, u64 now, u32 budget);
/* Empty one database of one shard, or all with @db U32_MAX; under the lock. */
void darter_keyspace_flush(struct darter_shard *shard, u32 db);

#endif /* DARTER_CORE_KEYSPACE_H */
