// SPDX-License-Identifier: GPL-2.0
/* darterctl status: the instance in short. */
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{ DARTER_A_VERSION, "version", "Version", DARTER_FIELD_TEXT },
	{ DARTER_A_ABI, "abi", NULL, DARTER_FIELD_NUMBER },
	{ DARTER_A_MODE, "mode", "Mode", DARTER_FIELD_TEXT },
	{ DARTER_A_RUN_ID, "run_id", "Run ID", DARTER_FIELD_TEXT },
	{ DARTER_A_UPTIME, "uptime", "Uptime (seconds)", DARTER_FIELD_NUMBER },
	{ DARTER_A_BIND, "bind", "Bind", DARTER_FIELD_TEXT },
	{ DARTER_A_PORT, "port", "Port", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLUSTER, "cluster", "Cluster emulation", DARTER_FIELD_CLUSTER },
	{ DARTER_A_WORKER_PORT, "worker_port", "First worker's port", DARTER_FIELD_NUMBER },
	{ DARTER_A_DAEMON, "daemon", "Daemon registered", DARTER_FIELD_FLAG },
	{ DARTER_A_SHARDS, "shards", "Shards", DARTER_FIELD_NUMBER },
	{ DARTER_A_WORKERS, "workers", "Workers", DARTER_FIELD_NUMBER },
	{ DARTER_A_DATABASES, "databases", "Databases", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENTS, "clients", "Clients", DARTER_FIELD_NUMBER },
	{ DARTER_A_MAX_CLIENTS, "max_clients", "Clients at most", DARTER_FIELD_NUMBER },
	{ DARTER_A_KEYS, "keys", "Keys", DARTER_FIELD_NUMBER },
	{ DARTER_A_VOLATILE_KEYS, "volatile_keys", "Keys with expiry", DARTER_FIELD_NUMBER },
	{ DARTER_A_MEMORY, "memory", "Memory", DARTER_FIELD_BYTES },
	{ DARTER_A_PEAK_MEMORY, "peak_memory", "Memory at its peak", DARTER_FIELD_BYTES },
	{ DARTER_A_MAX_MEMORY, "max_memory", "Memory at most", DARTER_FIELD_BYTES },
	{ DARTER_A_COMMANDS, "commands", "Commands executed", DARTER_FIELD_NUMBER },
	{ DARTER_A_CONNECTIONS, "connections", "Connections accepted", DARTER_FIELD_NUMBER },
	{}
};

int darter_ctl_status(struct darter_call *call)
{
	return darter_ctl_show_object(call, DARTER_CMD_INSTANCE_GET, fields);
}
