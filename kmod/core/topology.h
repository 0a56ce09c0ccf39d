/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cluster that an instance claims to be: one node that owns every slot, or in
 * the per-cpu topology a node for each worker, which owns the slots of the worker's
 * shards. Nodes are counted from 0; a node's number is that of its worker's lane. How
 * many workers there are can change: config->lock holds the topology still.
 */
#ifndef DARTER_CORE_TOPOLOGY_H
#define DARTER_CORE_TOPOLOGY_H

#include <linux/types.h>

#include "config.h"
#include "instance.h"

struct darter_session;

/* A node as announced to one session. */
struct darter_announcement {
	char id[DARTER_ID_CHARS + 1], shard_id[DARTER_ID_CHARS + 1];
	char ip[DARTER_HOST_CHARS];		/* announced, else the session's local address */
	char hostname[DARTER_HOST_CHARS];	/* "" if none */
	u16 port, bus_port;
	bool owns_slots;			/* false: its worker was taken away */
	u16 first_slot, last_slot;
	u64 epoch;				/* of its configuration */
};

u32 darter_topology_nodes(const struct darter_instance *instance);
u32 darter_topology_self(const struct darter_session *session);
int darter_topology_find(const struct darter_instance *instance, const char *id, u32 len);
void darter_topology_scope(const struct darter_session *session, u32 *first, u32 *end);
u16 darter_topology_port(const struct darter_instance *instance, u32 lane);
int darter_topology_port_owner(const struct darter_instance *instance, u16 port);
int darter_topology_check(const struct darter_instance *instance, char *why, size_t why_len);

/* @session may be NULL (netlink asks): then the first bind address stands in. */
void darter_topology_announce(const struct darter_instance *instance, u32 node,
			      const struct darter_session *session,
			      struct darter_announcement *out);

#endif /* DARTER_CORE_TOPOLOGY_H */
