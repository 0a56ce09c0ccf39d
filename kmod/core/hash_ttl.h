/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times to live of a hash's fields: what is kept of them, beside the fields.
 *
 * Under the lock of the shard whose arena the hash lives in.
 */
#ifndef DARTER_CORE_HASH_TTL_H
#define DARTER_CORE_HASH_TTL_H

#include <linux/siphash.h>
#include <linux/types.h>

#include "wheel.h"

struct darter_arena;
struct darter_arg;
struct darter_entry;
struct darter_hash;
struct darter_table;

/* The deadline of a field without one; later than all others. */
#define DARTER_TTL_NONE U64_MAX

/* A field that has a deadline. */
struct darter_ttl {
	u64 deadline;
	u32 at;				/* where in the heap */
	u32 name_len;
	char name[];
};

struct darter_ttls {
	const siphash_key_t *key;	/* of the index's hash */
	struct darter_ttl **heap;	/* each no later than those below it */
	u32 count, room;
	u64 bytes;			/* of the records, as counted in the arena */
	struct darter_table *index;	/* of the same by name; NULL: few enough to look at all */
	bool used;			/* some field had a deadline once */
	/* the hash in its database's wheel, see keyspace_fields.h */
	struct darter_entry *entry;	/* whose value it is; NULL: not in the wheel */
	struct darter_wheel_node node;
};

/* Of an object, whether it has any or not. */
void darter_hash_ttls_free(struct darter_arena *arena, struct darter_hash *hash);
int darter_hash_ttls_copy(struct darter_arena *arena, struct darter_hash *to,
			  const struct darter_hash *from);
u64 darter_hash_ttls_bytes(const struct darter_hash *hash);

/* Deadlines are ms since the epoch. */
u64 darter_hash_ttl(const struct darter_entry *entry, const char *name, u32 len);
/* The earliest, DARTER_TTL_NONE without any. */
u64 darter_hash_ttl_first(const struct darter_entry *entry);
int darter_hash_ttl_prepare(struct darter_arena *arena, struct darter_entry **entry,
			    const siphash_key_t *key, const struct darter_arg *names, u32 count);
void darter_hash_ttl_set(struct darter_entry *entry, const char *name, u32 len, u64 deadline);
void darter_hash_ttl_settle(struct darter_arena *arena, struct darter_entry *entry,
			    const struct darter_arg *names, u32 count);
bool darter_hash_ttl_drop(struct darter_arena *arena, struct darter_entry *entry,
			  const char *name, u32 len);
u32 darter_hash_expire(struct darter_arena *arena, struct darter_entry *entry, u64 now,
		       u32 budget);

#endif /* DARTER_CORE_HASH_TTL_H */
