// SPDX-License-Identifier: GPL-2.0
/*
 * What the one node of the emulated cluster is called by. Nothing is kept here:
 * the configuration (config->lock) and the asking connection say it all.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "instance.h"
#include "session.h"
#include "topology.h"

/* A cluster node's bus listens this far from its port. */
#define BUS_DISTANCE 10000

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

/**
 * darter_topology_announce() - how the node is announced
 * @instance: the node
 * @session: who asks; NULL: not a client
 * @out: filled in; ip is never empty
 *
 * Without an announced address it is the one that the session is connected to,
 * so that a client is sent to where it came from.
 *
 * Context: may sleep; takes config->lock.
 */
void darter_topology_announce(struct darter_instance *instance,
			      const struct darter_session *session,
			      struct darter_announcement *out)
{
	struct darter_config *config = &instance->config;

	mutex_lock(&config->lock);
	if (config->announce_ip[0])
		strscpy(out->ip, config->announce_ip, sizeof(out->ip));
	else if (session)
		copy_host(out->ip, sizeof(out->ip), session->laddr);
	else
		copy_first_bind(out->ip, sizeof(out->ip), config->bind);
	if (!out->ip[0])
		strscpy(out->ip, "127.0.0.1", sizeof(out->ip));
	strscpy(out->hostname, config->announce_hostname, sizeof(out->hostname));
	out->port = config->announce_port ?: config->port;
	out->bus_port = config->announce_bus_port;
	if (!out->bus_port && config->port <= U16_MAX - BUS_DISTANCE)
		out->bus_port = config->port + BUS_DISTANCE;
	mutex_unlock(&config->lock);
}
