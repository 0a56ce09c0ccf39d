// SPDX-License-Identifier: GPL-2.0
/*
 * CLUSTER: the answers of a cluster that has one node, which owns every slot, or a
 * node for each worker, of which the asking connection's worker is "myself".
 *
 * They are made of what topology.c announces to the asking connection, each under one
 * hold of config->lock: the number of workers may change. Only GETKEYSINSLOT looks at
 * keys: under all shards' locks, as its row says.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "command.h"
#include "crc.h"
#include "handlers.h"
#include "instance.h"
#include "keyspace.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "topology.h"

/* What an error quotes of an argument at most. */
#define QUOTE_CHARS 128
#define LAST_SLOT (DARTER_SLOTS - 1)

/* As cluster-preferred-endpoint-type counts them. */
enum endpoint_type {
	ENDPOINT_IP,
	ENDPOINT_HOSTNAME,
	ENDPOINT_UNKNOWN,
};

/* Replies an error without cluster emulation. */
static bool enabled(struct darter_ctx *ctx)
{
	if (!ctx->instance->params.cluster)
		darter_reply_error(ctx, "ERR This instance has cluster support disabled");
	return ctx->instance->params.cluster;
}

static bool parse_number(struct darter_ctx *ctx, u32 index, s64 *value)
{
	if (darter_parse_s64(ctx->argv[index].bytes, ctx->argv[index].len, value))
		return true;
	darter_reply_not_integer(ctx);
	return false;
}

void darter_cmd_cluster_keyslot(struct darter_ctx *ctx)
{
	if (enabled(ctx))
		darter_reply_int(ctx, darter_key_slot(ctx->argv[2].bytes, ctx->argv[2].len));
}

void darter_cmd_cluster_countkeysinslot(struct darter_ctx *ctx)
{
	s64 slot;

	if (!enabled(ctx) || !parse_number(ctx, 2, &slot))
		return;
	if (slot < 0 || slot > LAST_SLOT)
		darter_reply_error(ctx, "ERR Invalid slot");
	else
		darter_reply_int(ctx, darter_keyspace_slot_count(ctx->instance, slot));
}

static void reply_key(void *arg, const char *key, u32 len)
{
	darter_reply_bulk(arg, key, len);
}

void darter_cmd_cluster_getkeysinslot(struct darter_ctx *ctx)
{
	struct darter_reply_later later;
	s64 slot, limit;
	u32 count;

	if (!enabled(ctx) || !parse_number(ctx, 2, &slot) || !parse_number(ctx, 3, &limit))
		return;
	if (slot < 0 || slot > LAST_SLOT || limit < 0) {
		darter_reply_error(ctx, "ERR Invalid slot or number of keys");
		return;
	}
	/* Clusters have database 0 only. */
	darter_reply_begin(ctx, &later);
	count = darter_keyspace_slot_keys(ctx->instance, 0, slot, min_t(s64, limit, U32_MAX),
					  reply_key, ctx);
	darter_reply_end_array(ctx, &later, count);
}

static const char *preferred_endpoint(const struct darter_announcement *node, u32 type)
{
	switch (type) {
	case ENDPOINT_HOSTNAME:
		return node->hostname[0] ? node->hostname : "?";
	case ENDPOINT_UNKNOWN:
		return "";
	default:
		return node->ip;
	}
}

/* What is known of the node beside its preferred endpoint. */
static void reply_other_endpoints(struct darter_ctx *ctx, const struct darter_announcement *node,
				  u32 type)
{
	bool ip = type != ENDPOINT_IP;
	bool hostname = type != ENDPOINT_HOSTNAME && node->hostname[0];

	darter_reply_map(ctx, ip + hostname);
	if (ip) {
		darter_reply_string(ctx, "ip");
		darter_reply_string(ctx, node->ip);
	}
	if (hostname) {
		darter_reply_string(ctx, "hostname");
		darter_reply_string(ctx, node->hostname);
	}
}

/* An array with an element for each node, in the order of their slots. */
static void reply_nodes(struct darter_ctx *ctx,
			void (*reply)(struct darter_ctx *ctx,
				      const struct darter_announcement *node))
{
	struct darter_config *config = &ctx->instance->config;
	struct darter_announcement node;
	u32 i, count;

	mutex_lock(&config->lock);
	count = darter_topology_nodes(ctx->instance);
	darter_reply_array(ctx, count);
	for (i = 0; i < count; i++) {
		darter_topology_announce(ctx->instance, i, ctx->session, &node);
		reply(ctx, &node);
	}
	mutex_unlock(&config->lock);
}

static void reply_slots(struct darter_ctx *ctx, const struct darter_announcement *node)
{
	u32 type = READ_ONCE(ctx->instance->config.preferred_endpoint);

	darter_reply_array(ctx, 3);
	darter_reply_int(ctx, node->first_slot);
	darter_reply_int(ctx, node->last_slot);
	darter_reply_array(ctx, 4);
	if (type == ENDPOINT_UNKNOWN)
		darter_reply_null(ctx);
	else
		darter_reply_string(ctx, preferred_endpoint(node, type));
	darter_reply_int(ctx, node->port);
	darter_reply_string(ctx, node->id);
	reply_other_endpoints(ctx, node, type);
}

void darter_cmd_cluster_slots(struct darter_ctx *ctx)
{
	if (enabled(ctx))
		reply_nodes(ctx, reply_slots);
}

static void reply_shard_node(struct darter_ctx *ctx, const struct darter_announcement *node)
{
	u32 type = READ_ONCE(ctx->instance->config.preferred_endpoint);
	bool hostname = node->hostname[0];

	darter_reply_map(ctx, 7 + hostname);
	darter_reply_string(ctx, "id");
	darter_reply_string(ctx, node->id);
	darter_reply_string(ctx, "port");
	darter_reply_int(ctx, node->port);
	darter_reply_string(ctx, "ip");
	darter_reply_string(ctx, node->ip);
	darter_reply_string(ctx, "endpoint");
	darter_reply_string(ctx, preferred_endpoint(node, type));
	if (hostname) {
		darter_reply_string(ctx, "hostname");
		darter_reply_string(ctx, node->hostname);
	}
	darter_reply_string(ctx, "role");
	darter_reply_string(ctx, "master");
	darter_reply_string(ctx, "replication-offset");
	darter_reply_int(ctx, 0);
	darter_reply_string(ctx, "health");
	darter_reply_string(ctx, "online");
}

/* A node is the only one of its shard. */
static void reply_shard(struct darter_ctx *ctx, const struct darter_announcement *node)
{
	darter_reply_map(ctx, 2);
	darter_reply_string(ctx, "slots");
	darter_reply_array(ctx, 2);
	darter_reply_int(ctx, node->first_slot);
	darter_reply_int(ctx, node->last_slot);
	darter_reply_string(ctx, "nodes");
	darter_reply_array(ctx, 1);
	reply_shard_node(ctx, node);
}

void darter_cmd_cluster_shards(struct darter_ctx *ctx)
{
	if (enabled(ctx))
		reply_nodes(ctx, reply_shard);
}

static void add_node(struct darter_ctx *ctx, u32 number, struct darter_text *text)
{
	bool myself = number == darter_topology_self(ctx->session);
	struct darter_announcement node;

	darter_topology_announce(ctx->instance, number, ctx->session, &node);
	/* Others answered a ping just now: they cannot be gone while we are here. */
	darter_text_add(text, "%s %s:%u@%u%s%s %smaster - 0 %llu %llu connected",
			node.id, node.ip, node.port, node.bus_port,
			node.hostname[0] ? "," : "", node.hostname, myself ? "myself," : "",
			myself ? 0 : ctx->now, node.epoch);
	if (node.owns_slots)
		darter_text_add(text, " %u-%u", node.first_slot, node.last_slot);
	darter_text_add(text, "\n");
}

void darter_cmd_cluster_nodes(struct darter_ctx *ctx)
{
	struct darter_config *config = &ctx->instance->config;
	u32 i, count, self = darter_topology_self(ctx->session);
	struct darter_text text = {};

	if (!enabled(ctx))
		return;
	mutex_lock(&config->lock);
	count = darter_topology_nodes(ctx->instance);
	for (i = 0; i < count; i++)
		add_node(ctx, i, &text);
	if (self >= count)
		add_node(ctx, self, &text);
	mutex_unlock(&config->lock);
	darter_text_reply(ctx, &text);
}

void darter_cmd_cluster_info(struct darter_ctx *ctx)
{
	struct darter_config *config = &ctx->instance->config;
	u32 count, self = darter_topology_self(ctx->session);
	struct darter_text text = {};
	u64 epoch;

	if (!enabled(ctx))
		return;
	mutex_lock(&config->lock);
	count = darter_topology_nodes(ctx->instance);
	epoch = ctx->instance->epoch;
	mutex_unlock(&config->lock);
	darter_text_add(&text,
			"cluster_state:ok\r\n"
			"cluster_slots_assigned:%u\r\n"
			"cluster_slots_ok:%u\r\n"
			"cluster_slots_pfail:0\r\n"
			"cluster_slots_fail:0\r\n"
			"cluster_known_nodes:%u\r\n"
			"cluster_size:%u\r\n"
			"cluster_current_epoch:%llu\r\n"
			"cluster_my_epoch:%llu\r\n"
			"cluster_stats_messages_sent:0\r\n"
			"cluster_stats_messages_received:0\r\n"
			"total_cluster_links_buffer_limit_exceeded:0\r\n",
			DARTER_SLOTS, DARTER_SLOTS, count + (self >= count), count,
			epoch + count - 1, self < count ? epoch + self : 0);
	darter_text_reply(ctx, &text);
}

static void announce_self(struct darter_ctx *ctx, struct darter_announcement *node)
{
	struct darter_config *config = &ctx->instance->config;

	mutex_lock(&config->lock);
	darter_topology_announce(ctx->instance, darter_topology_self(ctx->session), ctx->session,
				 node);
	mutex_unlock(&config->lock);
}

void darter_cmd_cluster_myid(struct darter_ctx *ctx)
{
	struct darter_announcement node;

	if (!enabled(ctx))
		return;
	announce_self(ctx, &node);
	darter_reply_string(ctx, node.id);
}

void darter_cmd_cluster_myshardid(struct darter_ctx *ctx)
{
	struct darter_announcement node;

	if (!enabled(ctx))
		return;
	announce_self(ctx, &node);
	darter_reply_string(ctx, node.shard_id);
}

/* Nodes have no connections to each other. */
void darter_cmd_cluster_links(struct darter_ctx *ctx)
{
	if (enabled(ctx))
		darter_reply_array(ctx, 0);
}

/* Whether the argument names a node; replies an error if not. */
static bool names_node(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	if (darter_topology_find(ctx->instance, arg->bytes, arg->len) >= 0)
		return true;
	darter_reply_errorf(ctx, "ERR Unknown node %.*s", min_t(int, arg->len, QUOTE_CHARS),
			    arg->bytes);
	return false;
}

void darter_cmd_cluster_replicas(struct darter_ctx *ctx)
{
	if (enabled(ctx) && names_node(ctx, &ctx->argv[2]))
		darter_reply_array(ctx, 0);
}

void darter_cmd_cluster_slaves(struct darter_ctx *ctx)
{
	darter_cmd_cluster_replicas(ctx);
}

void darter_cmd_cluster_count_failure_reports(struct darter_ctx *ctx)
{
	if (enabled(ctx) && names_node(ctx, &ctx->argv[2]))
		darter_reply_int(ctx, 0);
}

/* Subcommands that would change the cluster. */
void darter_cmd_cluster_refuse(struct darter_ctx *ctx)
{
	if (enabled(ctx))
		darter_reply_error(ctx,
				   "ERR Darter emulates a cluster, which cannot be changed");
}

void darter_cmd_cluster_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"COUNT-FAILURE-REPORTS <node-id>",
		"    Tell how many nodes say that <node-id> has failed.",
		"COUNTKEYSINSLOT <slot>",
		"    Tell how many keys <slot> has.",
		"GETKEYSINSLOT <slot> <count>",
		"    List up to <count> keys of a slot.",
		"INFO",
		"    Describe the cluster.",
		"KEYSLOT <key>",
		"    Tell the slot of <key>.",
		"MYID",
		"    Tell the id of this node.",
		"MYSHARDID",
		"    Tell the id of this node's shard.",
		"NODES",
		"    List the nodes, one a line:",
		"    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
		"REPLICAS <node-id>",
		"    List the replicas of <node-id>.",
		"SLOTS",
		"    List ranges of slots with the nodes that serve them.",
		"SHARDS",
		"    List shards with their slots and nodes.",
		"LINKS",
		"    List the connections to other nodes.",
		"HELP",
		"    Show this text.",
	};

	if (enabled(ctx))
		darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
