// SPDX-License-Identifier: GPL-2.0
/*
 * What the nodes of the emulated cluster are called by, and where their ports are.
 * Nothing is kept here: the configuration, how many workers share the shards (both
 * under config->lock), what is fixed for the instance's life and the asking
 * connection say it all.
 *
 * The node of a worker that was taken away owns no slots. Nobody is told of it but
 * those who are connected to it still.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "crc.h"
#include "instance.h"
#include "session.h"
#include "shard.h"
#include "topology.h"

/* A cluster node's bus listens this far from its port. */
#define BUS_DISTANCE 10000
/* Leading digits of an id that tell an instance's nodes apart: enough for all lanes. */
#define OWN_DIGITS 4

static bool is_per_cpu(const struct darter_instance *instance)
{
	return instance->params.cluster == DARTER_TOPOLOGY_PER_CPU;
}

/**
 * darter_topology_nodes() - how many nodes are announced
 * @instance: whose
 *
 * Context: any; under config->lock for an answer that goes with others.
 * Return: their number, 1 without cluster emulation.
 */
u32 darter_topology_nodes(const struct darter_instance *instance)
{
	return is_per_cpu(instance) ? READ_ONCE(instance->workers) : 1;
}

/**
 * darter_topology_self() - the node that a client speaks to
 * @session: the client
 *
 * Return: its number. It may be of a node that owns no slots any more.
 */
u32 darter_topology_self(const struct darter_session *session)
{
	if (!is_per_cpu(session->instance))
		return 0;
	return session->node >= 0 ? session->node : session->lane;
}

/**
 * darter_topology_scope() - the shards that a command without keys is about
 * @session: the client
 * @first: set to the first of them
 * @end: set to the one behind the last
 *
 * Who asks every node for its keys shall get each once, as from a cluster: over a
 * worker's own port they are those of its node, over the shared one all. They are
 * the same from the taking of locks to the end of the command.
 */
void darter_topology_scope(const struct darter_session *session, u32 *first, u32 *end)
{
	const struct darter_instance *instance = session->instance;

	*first = 0;
	*end = instance->params.shards;
	if (session->node >= 0)
		darter_lane_shards(instance, session->workers, session->node, first, end);
}

/* The first node has the instance's id; add a node's number to its first digits. */
static void make_id(char *out, const char *first, u32 node)
{
	static const char digits[] = "0123456789abcdef";
	u32 i, sum = node;

	memcpy(out, first, DARTER_ID_CHARS + 1);
	for (i = OWN_DIGITS; i--; sum >>= 4) {
		sum += out[i] <= '9' ? out[i] - '0' : out[i] - 'a' + 10;
		out[i] = digits[sum & 15];
	}
}

/**
 * darter_topology_find() - find a node by its id
 * @instance: whose
 * @id: the id's bytes
 * @len: how many
 *
 * Return: the node's number, or -1.
 */
int darter_topology_find(const struct darter_instance *instance, const char *id, u32 len)
{
	char own[DARTER_ID_CHARS + 1];
	u32 node;

	if (len != DARTER_ID_CHARS)
		return -1;
	for (node = 0; node < darter_topology_nodes(instance); node++) {
		make_id(own, instance->node_id, node);
		if (!memcmp(own, id, len))
			return node;
	}
	return -1;
}

/* What the first worker listens on beside the shared port, 0: nothing. */
static u32 first_worker_port(const struct darter_instance *instance)
{
	u32 port = READ_ONCE(instance->config.port);

	if (!is_per_cpu(instance))
		return 0;
	return READ_ONCE(instance->config.worker_port) ?: (port ? port + 1 : 0);
}

/**
 * darter_topology_port() - the port of a worker's own
 * @instance: whose
 * @lane: of the worker
 *
 * Context: any; under config->lock for a port that goes with others.
 * Return: the port, 0 if it has none: then all share one.
 */
u16 darter_topology_port(const struct darter_instance *instance, u32 lane)
{
	u32 first = first_worker_port(instance);

	return first && first + lane <= U16_MAX ? first + lane : 0;
}

/**
 * darter_topology_port_owner() - the node that a port belongs to
 * @instance: whose
 * @port: of a listener
 *
 * Return: the node's number, -1 for the port that all share.
 */
int darter_topology_port_owner(const struct darter_instance *instance, u16 port)
{
	u32 first = first_worker_port(instance);

	if (!first || port < first || port - first >= instance->params.max_lanes ||
	    port == READ_ONCE(instance->config.port))
		return -1;
	return port - first;
}

static int check_room(const struct darter_instance *instance, u32 first, char *why,
		      size_t why_len)
{
	u32 workers = instance->config.workers;

	if (first + workers - 1 <= U16_MAX)
		return 0;
	scnprintf(why, why_len, "there are no %u ports for the workers from %u on", workers,
		  first);
	return -ERANGE;
}

static int check_workers(const struct darter_instance *instance, char *why, size_t why_len)
{
	u32 workers = instance->config.workers;

	if (workers > instance->params.max_lanes)
		scnprintf(why, why_len, "there can be %u workers at most",
			  instance->params.max_lanes);
	else if (is_per_cpu(instance) && workers > instance->params.shards)
		scnprintf(why, why_len, DARTER_TOO_FEW_SHARDS, instance->params.shards, workers);
	else
		return 0;
	return -ERANGE;
}

/**
 * darter_topology_check() - whether parameters fit together
 * @instance: whose; they are in force already
 * @why: set to what is wrong
 * @why_len: room there
 *
 * Context: config->lock is held.
 * Return: 0 or -ERANGE.
 */
int darter_topology_check(const struct darter_instance *instance, char *why, size_t why_len)
{
	const struct darter_config *config = &instance->config;
	u32 first = first_worker_port(instance), workers = config->workers;
	int err = check_workers(instance, why, why_len);

	if (err || !is_per_cpu(instance))
		return err;
	err = check_room(instance, first, why, why_len) ?:
	      check_room(instance, config->announce_port, why, why_len) ?:
	      check_room(instance, config->announce_bus_port, why, why_len);
	if (err || !config->port || config->port < first || config->port >= first + workers)
		return err;
	scnprintf(why, why_len, "the ports of %u workers from %u on include the shared one",
		  workers, first);
	return -ERANGE;
}

/* The host of "127.0.0.1:6379" or "[::1]:6379". */
static void copy_host(char *out, size_t room, const char *endpoint)
{
	const char *end = strrchr(endpoint, ':');
	size_t len = end ? end - endpoint : strlen(endpoint);

	if (len >= 2 && endpoint[0] == '[' && endpoint[len - 1] == ']') {
		endpoint++;
		len -= 2;
	}
	scnprintf(out, room, "%.*s", (int)len, endpoint);
}

/* The first address that a client could connect to. */
static void copy_first_bind(char *out, size_t room, const char *binds)
{
	static const char *const anywhere[] = { "", "*", "0.0.0.0", "::*", "::" };
	u32 i;

	if (*binds == '-')
		binds++;
	scnprintf(out, room, "%.*s", (int)strcspn(binds, " "), binds);
	for (i = 0; i < ARRAY_SIZE(anywhere); i++)
		if (!strcmp(out, anywhere[i]))
			strscpy(out, "127.0.0.1", room);
}

/* Ports that are set are the first node's, the others' follow. Under config->lock. */
static void announce_ports(const struct darter_instance *instance, u32 node,
			   struct darter_announcement *out)
{
	const struct darter_config *config = &instance->config;
	u32 port = darter_topology_port(instance, node) ?: config->port;

	out->port = config->announce_port ? config->announce_port + node : port;
	if (config->announce_bus_port)
		out->bus_port = config->announce_bus_port + node;
	else
		out->bus_port = port <= U16_MAX - BUS_DISTANCE ? port + BUS_DISTANCE : 0;
}

static void announce_slots(const struct darter_instance *instance, u32 node,
			   struct darter_announcement *out)
{
	u32 first = 0, end = instance->params.shards;

	if (is_per_cpu(instance))
		darter_lane_shards(instance, instance->workers, node, &first, &end);
	out->owns_slots = first < end;
	out->first_slot = darter_shard_slots(instance, first);
	out->last_slot = darter_shard_slots(instance, end) - 1;
}

/**
 * darter_topology_announce() - how a node is announced
 * @instance: whose
 * @node: its number
 * @session: who asks; NULL: not a client
 * @out: filled in; ip is never empty, slots have no meaning if it owns none
 *
 * Without an announced address it is the one that the session is connected to,
 * so that a client is sent to where it came from.
 *
 * Context: config->lock is held, so that what is told of all nodes fits together.
 */
void darter_topology_announce(const struct darter_instance *instance, u32 node,
			      const struct darter_session *session,
			      struct darter_announcement *out)
{
	const struct darter_config *config = &instance->config;

	lockdep_assert_held(&config->lock);
	make_id(out->id, instance->node_id, node);
	make_id(out->shard_id, instance->shard_id, node);
	announce_slots(instance, node, out);
	out->epoch = out->owns_slots ? instance->epoch + node : 0;
	if (config->announce_ip[0])
		strscpy(out->ip, config->announce_ip, sizeof(out->ip));
	else if (session)
		copy_host(out->ip, sizeof(out->ip), session->laddr);
	else
		copy_first_bind(out->ip, sizeof(out->ip), config->bind);
	if (!out->ip[0])
		strscpy(out->ip, "127.0.0.1", sizeof(out->ip));
	strscpy(out->hostname, config->announce_hostname, sizeof(out->hostname));
	announce_ports(instance, node, out);
}
