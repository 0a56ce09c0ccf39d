// SPDX-License-Identifier: GPL-2.0
/* darterctl topology: the nodes that are announced as a cluster. */
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "../common/api.h"
#include "../common/names.h"
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{ DARTER_A_CLUSTER, "cluster", "CLUSTER", DARTER_FIELD_CLUSTER },
	{ DARTER_A_WORKER_ID, "worker", "WORKER", DARTER_FIELD_NUMBER },
	{ DARTER_A_NODE_ID, "node_id", "NODE ID", DARTER_FIELD_TEXT },
	{ DARTER_A_NODE_IP, "ip", "ADDRESS", DARTER_FIELD_TEXT },
	{ DARTER_A_NODE_HOSTNAME, "hostname", "HOST NAME", DARTER_FIELD_TEXT },
	{ DARTER_A_NODE_PORT, "port", "PORT", DARTER_FIELD_NUMBER },
	{ DARTER_A_NODE_BUS_PORT, "bus_port", "BUS PORT", DARTER_FIELD_NUMBER },
	{ DARTER_A_FIRST_SLOT, "first_slot", "FIRST SLOT", DARTER_FIELD_NUMBER },
	{ DARTER_A_LAST_SLOT, "last_slot", "LAST SLOT", DARTER_FIELD_NUMBER },
	{}
};

static const struct option options[] = {
	{ "ip", required_argument, NULL, 'i' },
	{ "hostname", required_argument, NULL, 'n' },
	{ "port", required_argument, NULL, 'p' },
	{ "bus-port", required_argument, NULL, 'b' },
	{}
};

static int take_port(const char *text, int *port)
{
	unsigned long long value;
	int err = darter_parse_number(text, USHRT_MAX, &value);

	if (!err)
		*port = value;
	return err;
}

static int take(struct darter_topology *topology, int option)
{
	switch (option) {
	case 'i':
		topology->ip = optarg;
		return 0;
	case 'n':
		topology->hostname = optarg;
		return 0;
	case 'p':
		return take_port(optarg, &topology->port);
	case 'b':
		return take_port(optarg, &topology->bus_port);
	default:
		return -1;
	}
}

/* "set" stands where getopt expects the program's name. */
static int set(struct darter_call *call)
{
	struct darter_topology topology = { .port = -1, .bus_port = -1 };
	int option, err;

	if (call->argc < 3)
		return darter_ctl_usage(call);
	for (;;) {
		option = getopt_long(call->argc - 1, call->argv + 1, "", options, NULL);
		if (option < 0)
			break;
		if (take(&topology, option))
			return darter_ctl_usage(call);
	}
	if (optind < call->argc - 1)
		return darter_ctl_usage(call);
	err = darter_api_topology_set(call->control, &topology);
	return err ? darter_ctl_failed(call, err) : darter_ctl_done(call);
}

int darter_ctl_topology(struct darter_call *call)
{
	if (call->argc > 1 && !strcmp(call->argv[1], "set"))
		return set(call);
	return darter_ctl_show_table(call, DARTER_CMD_TOPOLOGY_GET, fields);
}
