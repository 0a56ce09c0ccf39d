// SPDX-License-Identifier: GPL-2.0
/* darterctl clients: the connections, and closing one. */
#include <limits.h>
#include <string.h>

#include "../common/api.h"
#include "../common/names.h"
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
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
