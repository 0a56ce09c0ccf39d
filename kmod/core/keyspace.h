/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keyspace: finding, storing, replacing and expiring entries.
 *
 * Unless said otherwise a function needs the lock of the key's shard, which the
 * dispatcher took as the command's row asks; it is asserted.
 */
#ifndef DARTER_CORE_KEYSPACE_H
#define DARTER_CORE_KEYSPACE_H

#include <linux/types.h>

#include "command.h"
#include "entry.h"
#include "instance.h"

struct darter_session;

/* A key in a database, with what finding it needs. */
struct darter_key {
	struct darter_shard *shard;
	struct darter_db *db;
	u32 index;			/* of the database */
	u32 len;
	u64 hash;
	const char *bytes;
};

int darter_keyspace_init(struct darter_shard *shard);
void darter_keyspace_destroy(struct darter_shard *shard);

/* All that is known of a key. */
static inline void darter_key_set(struct darter_key *key, struct darter_shard *shard, u32 db,
				  const char *bytes, u32 len, u64 hash)
{
	key->shard = shard;
	key->db = &shard->dbs[db];
	key->index = db;
	key->hash = hash;
	key->bytes = bytes;
	key->len = len;
}

void darter_key_init(struct darter_key *key, struct darter_instance *instance, u32 db,
		     const char *bytes, u32 len);

/* The same for an argument, whose hash may be known already. */
static inline void darter_key_of_arg(struct darter_key *key, struct darter_instance *instance,
				     u32 db, const struct darter_arg *arg)
{
	if (arg->hash)
		darter_key_set(key, &instance->shards[arg->shard], db, arg->bytes, arg->len,
			       arg->hash);
	else
		darter_key_init(key, instance, db, arg->bytes, arg->len);
}

/**
 * darter_key_used() - note that a key is used now
 * @key: the key
 * @entry: its entry
 */
static inline void darter_key_used(const struct darter_key *key, struct darter_entry *entry)
{
	u32 now = READ_ONCE(key->shard->instance->seconds);

	/* A key that all CPUs read stays in their caches for a second. */
	if (READ_ONCE(entry->access) != now)
		WRITE_ONCE(entry->access, now);
}

struct darter_entry *darter_key_find(const struct darter_key *key, u64 now);
void darter_key_changed(const struct darter_key *key);
int darter_key_insert(const struct darter_key *key, struct darter_entry *entry);
void darter_key_replace(const struct darter_key *key, struct darter_entry *old,
			struct darter_entry *entry);
int darter_key_put(const struct darter_key *key, struct darter_entry *old,
		   struct darter_entry *entry);
void darter_key_delete(const struct darter_key *key, struct darter_entry *entry);
/* The same for one that has expired, which is counted. */
void darter_key_drop(const struct darter_key *key, struct darter_entry *entry);
void darter_key_discard(const struct darter_key *key, struct darter_entry *entry);
struct darter_entry *darter_key_clone(const struct darter_key *key,
				      const struct darter_entry *from);
int darter_key_rename(const struct darter_key *from, struct darter_entry *entry,
		      const struct darter_key *to, struct darter_entry *old);
void darter_key_move(const struct darter_key *key, struct darter_entry *entry,
		     struct darter_entry *moved);
/* What a deadline adds to a database's sum: little enough that millions of them fit. */
s64 darter_deadline_share(const struct darter_instance *instance, s64 deadline);
struct darter_entry *darter_key_set_deadline(const struct darter_key *key,
					     struct darter_entry *entry, s64 deadline);

/* The argument's key in ctx->db, and its entry if it exists. */
struct darter_entry *darter_lookup_key(struct darter_ctx *ctx, const struct darter_arg *arg,
				       struct darter_key *key);
struct darter_entry *darter_lookup(struct darter_ctx *ctx, const struct darter_arg *arg);
/* The same for what returns the value: counts a hit or a miss. */
struct darter_entry *darter_lookup_read_key(struct darter_ctx *ctx, const struct darter_arg *arg,
					    struct darter_key *key);
struct darter_entry *darter_lookup_read(struct darter_ctx *ctx, const struct darter_arg *arg);
/* For reads that do not count as use of the key, as of its type or deadline. */
const struct darter_entry *darter_lookup_peek(struct darter_ctx *ctx,
					      const struct darter_arg *arg);

/* No lock: each part as it was at some moment. */
u64 darter_keyspace_count(const struct darter_instance *instance, u32 db);
u64 darter_keyspace_count_in(const struct darter_instance *instance, u32 db, u32 first, u32 end);
u64 darter_keyspace_volatile(const struct darter_instance *instance, u32 db);
u64 darter_keyspace_mean_ttl(const struct darter_instance *instance, u32 db, u64 now);
u32 darter_keyspace_slot_count(const struct darter_instance *instance, u16 slot);

u32 darter_keyspace_slot_keys(struct darter_instance *instance, u32 db, u16 slot, u32 limit,
			      void (*visit)(void *arg, const char *key, u32 len), void *arg);
u32 darter_keyspace_expire(struct darter_shard *shard, u64 now, u32 budget);
void darter_keyspace_flush(struct darter_shard *shard, u32 db);
void darter_keyspace_swap(struct darter_shard *shard, u32 a, u32 b, u64 now);

bool darter_scan_parse(const struct darter_session *session, const struct darter_arg *arg,
		       u16 *shard, u64 *cursor);

#endif /* DARTER_CORE_KEYSPACE_H */
