// SPDX-License-Identifier: GPL-2.0
/* The INFO command and its short sections, see info.h for the locking. */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "client.h"
#include "command.h"
#include "handlers.h"
#include "info.h"
#include "instance.h"
#include "keyspace.h"
#include "reply.h"
#include "session.h"
#include "text.h"

#define OS_CHARS 128
/* Ticks in a second, see darter_instance_tick(). */
#define TICKS 10

struct section {
	const char *name;		/* as in the argument */
	const char *title;
	bool usual;			/* shown by a plain INFO */
	void (*write)(struct darter_instance *instance, struct darter_text *text);
};

static void write_listener(struct darter_instance *instance, struct darter_text *text)
{
	struct darter_config *config = &instance->config;
	const char *bind = config->bind;
	size_t len;

	mutex_lock(&config->lock);
	if (config->port) {
		darter_text_add(text, "listener0:name=tcp");
		for (; *bind; bind += len + (bind[len] == ' ')) {
			len = strcspn(bind, " ");
			darter_text_add(text, ",bind=%.*s", (int)len, bind);
		}
		darter_text_add(text, ",port=%u\r\n", config->port);
	}
	mutex_unlock(&config->lock);
}

static const char *const topologies[] = {
	[DARTER_TOPOLOGY_NONE] = "none",
	[DARTER_TOPOLOGY_SINGLE] = "single",
	[DARTER_TOPOLOGY_PER_CPU] = "per-cpu",
};

static void write_server(struct darter_instance *instance, struct darter_text *text)
{
	u64 now_us = instance->host->wall_us();
	u64 uptime = (now_us / 1000 - min(now_us / 1000, instance->started)) / 1000;
	char os[OS_CHARS] = "";

	instance->host->describe(os, sizeof(os));
	darter_text_add(text,
			"redis_version:" DARTER_REDIS_VERSION "\r\n"
			"redis_git_sha1:00000000\r\n"
			"redis_git_dirty:0\r\n"
			"redis_mode:%s\r\n"
			"os:%s\r\n"
			"arch_bits:64\r\n"
			"run_id:%s\r\n"
			"tcp_port:%u\r\n"
			"server_time_usec:%llu\r\n"
			"uptime_in_seconds:%llu\r\n"
			"uptime_in_days:%llu\r\n"
			"hz:%u\r\n"
			"configured_hz:%u\r\n"
			"io_threads_active:0\r\n",
			instance->params.cluster ? "cluster" : "standalone", os,
			instance->run_id, READ_ONCE(instance->config.port), now_us, uptime,
			uptime / 86400, TICKS, TICKS);
	write_listener(instance, text);
	darter_text_add(text,
			"darter_version:" DARTER_VERSION "\r\n"
			"darter_mode:%s\r\n"
			"darter_topology:%s\r\n"
			"darter_workers:%u\r\n"
			"darter_shards:%u\r\n",
			instance->host->mode, topologies[instance->params.cluster],
			READ_ONCE(instance->workers), instance->params.shards);
}

struct clients {
	u32 connected, blocked;
	u64 max_input, max_output;
};

static int count_client(void *arg, struct darter_session *session)
{
	struct clients *clients = arg;
	u64 input = (u64)READ_ONCE(session->query_bytes) + READ_ONCE(session->query_free);

	clients->connected++;
	clients->blocked += darter_session_blocked(session);
	clients->max_input = max(clients->max_input, input);
	clients->max_output = max(clients->max_output, READ_ONCE(session->reply_memory));
	return 0;
}

static void write_clients(struct darter_instance *instance, struct darter_text *text)
{
	struct clients clients = {};

	darter_clients_visit(instance, 0, count_client, &clients);
	darter_text_add(text,
			"connected_clients:%u\r\n"
			"cluster_connections:0\r\n"
			"maxclients:%u\r\n"
			"client_recent_max_input_buffer:%llu\r\n"
			"client_recent_max_output_buffer:%llu\r\n"
			"blocked_clients:%u\r\n"
			"tracking_clients:0\r\n"
			"clients_in_timeout_table:0\r\n",
			clients.connected, READ_ONCE(instance->config.max_clients),
			clients.max_input, clients.max_output, clients.blocked);
}

/* Nothing is ever loaded or saved: what clients wait for is always over. */
static void write_persistence(struct darter_instance *instance, struct darter_text *text)
{
	darter_text_add(text,
			"loading:0\r\n"
			"async_loading:0\r\n"
			"rdb_bgsave_in_progress:0\r\n"
			"aof_enabled:0\r\n"
			"aof_rewrite_in_progress:0\r\n"
			"aof_rewrite_scheduled:0\r\n");
}

static void write_replication(struct darter_instance *instance, struct darter_text *text)
{
	darter_text_add(text,
			"role:master\r\n"
			"connected_slaves:0\r\n"
			"master_failover_state:no-failover\r\n"
			"master_replid:%s\r\n"
			"master_replid2:0000000000000000000000000000000000000000\r\n"
			"master_repl_offset:0\r\n"
			"second_repl_offset:-1\r\n"
			"repl_backlog_active:0\r\n"
			"repl_backlog_size:0\r\n"
			"repl_backlog_first_byte_offset:0\r\n"
			"repl_backlog_histlen:0\r\n",
			instance->run_id);
}

static void write_cpu(struct darter_instance *instance, struct darter_text *text)
{
	u64 system = 0, user = 0;

	instance->host->cpu_time(instance, &system, &user);
	darter_text_add(text,
			"used_cpu_sys:%llu.%06llu\r\n"
			"used_cpu_user:%llu.%06llu\r\n"
			"used_cpu_sys_children:0.000000\r\n"
			"used_cpu_user_children:0.000000\r\n",
			system / 1000000, system % 1000000, user / 1000000, user % 1000000);
}

static void write_modules(struct darter_instance *instance, struct darter_text *text)
{
}

static void write_cluster(struct darter_instance *instance, struct darter_text *text)
{
	darter_text_add(text, "cluster_enabled:%u\r\n", !!instance->params.cluster);
}

static void write_keyspace(struct darter_instance *instance, struct darter_text *text)
{
	u64 keys, now = instance->host->wall_us() / 1000;
	u32 db;

	for (db = 0; db < instance->params.databases; db++) {
		keys = darter_keyspace_count(instance, db);
		if (keys)
			darter_text_add(text, "db%u:keys=%llu,expires=%llu,avg_ttl=%llu\r\n",
					db, keys, darter_keyspace_volatile(instance, db),
					darter_keyspace_mean_ttl(instance, db, now));
	}
}

static const struct section sections[] = {
	{ "server", "Server", true, write_server },
	{ "clients", "Clients", true, write_clients },
	{ "memory", "Memory", true, darter_info_memory },
	{ "persistence", "Persistence", true, write_persistence },
	{ "stats", "Stats", true, darter_info_stats },
	{ "replication", "Replication", true, write_replication },
	{ "cpu", "CPU", true, write_cpu },
	{ "modules", "Modules", true, write_modules },
	{ "commandstats", "Commandstats", false, darter_info_commandstats },
	{ "errorstats", "Errorstats", true, darter_info_errorstats },
	{ "latencystats", "Latencystats", false, darter_info_latencystats },
	{ "cluster", "Cluster", true, write_cluster },
	{ "keyspace", "Keyspace", true, write_keyspace },
};

static bool is_wanted(const struct section *section, const struct darter_arg *arg)
{
	return darter_arg_is(arg, section->name) || darter_arg_is(arg, "all") ||
	       darter_arg_is(arg, "everything") ||
	       (section->usual && darter_arg_is(arg, "default"));
}

static u32 choose_sections(const struct darter_ctx *ctx)
{
	u32 section, i, chosen = 0;

	for (section = 0; section < ARRAY_SIZE(sections); section++) {
		if (ctx->argc == 1 && sections[section].usual)
			chosen |= BIT(section);
		for (i = 1; i < ctx->argc; i++)
			if (is_wanted(&sections[section], &ctx->argv[i]))
				chosen |= BIT(section);
	}
	return chosen;
}

void darter_cmd_info(struct darter_ctx *ctx)
{
	u32 section, chosen = choose_sections(ctx);
	struct darter_text text = {};

	for (section = 0; section < ARRAY_SIZE(sections); section++) {
		if (!(chosen & BIT(section)))
			continue;
		darter_text_add(&text, "%s# %s\r\n", text.len ? "\r\n" : "",
				sections[section].title);
		sections[section].write(ctx->instance, &text);
	}
	darter_text_reply(ctx, &text);
}
