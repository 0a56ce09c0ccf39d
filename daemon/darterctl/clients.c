// SPDX-License-Identifier: GPL-2.0
/* darterctl clients: the connections, and closing one. */
#include <limits.h>
#include <string.h>

#include "../common/api.h"
#include "../common/names.h"
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{ DARTER_A_CLIENT_ID, "id", "ID", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENT_ADDR, "addr", "ADDRESS", DARTER_FIELD_TEXT },
	{ DARTER_A_CLIENT_LADDR, "laddr", NULL, DARTER_FIELD_TEXT },
	{ DARTER_A_CLIENT_NAME, "name", "NAME", DARTER_FIELD_TEXT },
	{ DARTER_A_CLIENT_AGE, "age", "AGE", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENT_IDLE, "idle", "IDLE", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENT_DB, "db", "DB", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENT_RESP, "resp", "RESP", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENT_COMMAND, "command", "LAST COMMAND", DARTER_FIELD_TEXT },
	{ DARTER_A_WORKER_ID, "worker", "WORKER", DARTER_FIELD_NUMBER },
	{ DARTER_A_MEMORY, "memory", "MEMORY", DARTER_FIELD_BYTES },
	{}
};

int darter_ctl_clients(struct darter_call *call)
{
	unsigned long long id;
	int err;

	if (call->argc < 2)
		return darter_ctl_show_table(call, DARTER_CMD_CLIENT_GET, fields);
	if (call->argc != 3 || strcmp(call->argv[1], "kill") ||
	    darter_parse_number(call->argv[2], ULLONG_MAX, &id))
		return darter_ctl_usage(call);
	err = darter_api_client_kill(call->control, id);
	return err ? darter_ctl_failed(call, err) : darter_ctl_done(call);
}
