// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of a slot, see keyspace.h. Under the lock of the slot's shard, which the
 * caller holds.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "crc.h"
#include "instance.h"
#include "keyspace.h"

struct slot_scan {
	u16 slot;
	u32 left, found;
	void (*visit)(void *arg, const char *key, u32 len);
	void *arg;
};

static void visit_slot(void *arg, void *item)
{
	struct darter_entry *entry = item;
	struct slot_scan *scan = arg;
	const char *key = darter_entry_key(entry);

	if (!scan->left || darter_key_slot(key, entry->key_len) != scan->slot)
		return;
	scan->left--;
	scan->found++;
	scan->visit(scan->arg, key, entry->key_len);
}

/**
 * darter_keyspace_slot_keys() - visit keys of a slot
 * @instance: the store, with cluster-enabled
 * @db: index of the database
 * @slot: the slot; its shard is locked by the caller
 * @limit: how many at most
 * @visit: called for each
 * @arg: for @visit
 *
 * Looks at every key of the shard: slots are not indexed.
 *
 * Return: how many were visited.
 */
u32 darter_keyspace_slot_keys(struct darter_instance *instance, u32 db, u16 slot, u32 limit,
			      void (*visit)(void *arg, const char *key, u32 len), void *arg)
{
	struct slot_scan scan = { .slot = slot, .left = limit, .visit = visit, .arg = arg };
	struct darter_shard *shard = darter_shard_of_slot(instance, slot);
	u64 cursor = 0;

	lockdep_assert_held(&shard->lock);
	do {
		cursor = darter_table_scan(&shard->dbs[db].keys, cursor, visit_slot, &scan);
		cond_resched();
	} while (cursor && scan.left);
	return scan.found;
}
