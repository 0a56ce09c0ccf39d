// SPDX-License-Identifier: GPL-2.0
/* darterctl shards: what each part of the keyspace holds and did. */
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{ DARTER_A_SHARD_ID, "shard", "SHARD", DARTER_FIELD_NUMBER },
	{ DARTER_A_FIRST_SLOT, "first_slot", "FIRST SLOT", DARTER_FIELD_NUMBER },
	{ DARTER_A_LAST_SLOT, "last_slot", "LAST SLOT", DARTER_FIELD_NUMBER },
	{ DARTER_A_KEYS, "keys", "KEYS", DARTER_FIELD_NUMBER },
	{ DARTER_A_VOLATILE_KEYS, "volatile_keys", "VOLATILE", DARTER_FIELD_NUMBER },
	{ DARTER_A_MEMORY, "memory", "MEMORY", DARTER_FIELD_BYTES },
	{ DARTER_A_HITS, "hits", "HITS", DARTER_FIELD_NUMBER },
	{ DARTER_A_MISSES, "misses", "MISSES", DARTER_FIELD_NUMBER },
	{ DARTER_A_EXPIRED, "expired", "EXPIRED", DARTER_FIELD_NUMBER },
	{ DARTER_A_CONTENDED, "contended", "CONTENDED", DARTER_FIELD_NUMBER },
	{}
};

int darter_ctl_shards(struct darter_call *call)
{
	return darter_ctl_show_table(call, DARTER_CMD_SHARD_GET, fields);
}
