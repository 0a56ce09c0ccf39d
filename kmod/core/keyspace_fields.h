/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hashes whose fields expire, in the keyspace. Each waits in its database's wheel
 * for the next of its fields.
 *
 * All is under the lock of the key's shard.
 */
#ifndef DARTER_CORE_KEYSPACE_FIELDS_H
#define DARTER_CORE_KEYSPACE_FIELDS_H

#include <linux/types.h>

#include "keyspace.h"

/* The entry is, or is no longer, what is at the key; nothing for other values. */
void darter_fields_link(const struct darter_key *key, struct darter_entry *entry);
void darter_fields_unlink(const struct darter_key *key, struct darter_entry *entry);
/* The entry was relocated. */
void darter_fields_moved(struct darter_entry *entry);
/* Deadlines of fields were set or taken away. */
void darter_fields_changed(const struct darter_key *key, struct darter_entry *entry);
/* Fields were deleted, others are left. The entry may move, if it has room to give back. */
void darter_fields_deleted(const struct darter_key *key, struct darter_entry *entry);
struct darter_entry *darter_fields_drop_expired(const struct darter_key *key,
						struct darter_entry *entry, u64 now);
/* The same, where most values are of other types. */
static inline struct darter_entry *darter_fields_look(const struct darter_key *key,
						      struct darter_entry *entry, u64 now)
{
	if (entry->type != DARTER_HASH)
		return entry;
	return darter_fields_drop_expired(key, entry, now);
}

u32 darter_fields_advance(struct darter_shard *shard, u32 db, u64 now, u32 budget);

#endif /* DARTER_CORE_KEYSPACE_FIELDS_H */
