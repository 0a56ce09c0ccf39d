// SPDX-License-Identifier: GPL-2.0
/* darterctl shards: what each part of the keyspace holds and did. */
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{}
};

int darter_ctl_shards(struct darter_call *call)
{
	return darter_ctl_show_table(call, DARTER_CMD_SHARD_GET, fields);
}
