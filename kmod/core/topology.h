/* SPDX-License-Identifier: GPL-2.0 */
/* The cluster that an instance claims to be: one node that owns every slot. */
#ifndef DARTER_CORE_TOPOLOGY_H
#define DARTER_CORE_TOPOLOGY_H

#include <linux/types.h>

#include "config.h"

struct darter_instance;
struct darter_session;

/* The node as announced to one session. */
struct darter_announcement {
	char ip[DARTER_HOST_CHARS];		/* announced, else the session's local address */
	char hostname[DARTER_HOST_CHARS];	/* "" if none */
	u16 port, bus_port;
};

/* @session may be NULL (netlink asks): then the first bind address stands in. */
void darter_topology_announce(struct darter_instance *instance,
			      const struct darter_session *session,
			      struct darter_announcement *out);

#endif /* DARTER_CORE_TOPOLOGY_H */
