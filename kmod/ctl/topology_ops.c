// SPDX-License-Identifier: GPL-2.0
/*
 * The cluster that an instance claims to be. What is set here are the
 * cluster-announce-* parameters, with the same checks and the same events.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "core/config.h"
#include "core/topology.h"
#include "family.h"

/* A port as text. */
#define PORT_CHARS 6

static const struct {
	int attr;
	const char *parameter;
	bool number;
} settings[] = {
	{ DARTER_A_NODE_IP, "cluster-announce-ip", false },
	{ DARTER_A_NODE_HOSTNAME, "cluster-announce-hostname", false },
	{ DARTER_A_NODE_PORT, "cluster-announce-port", true },
	{ DARTER_A_NODE_BUS_PORT, "cluster-announce-bus-port", true },
};

/* What a message is made of. */
struct announced {
	struct darter_instance *instance;
	u32 number;
};

static int fill_worker(struct sk_buff *skb, const struct announced *node)
{
	if (node->instance->params.cluster != DARTER_TOPOLOGY_PER_CPU)
		return 0;
	return nla_put_u32(skb, DARTER_A_WORKER_ID, node->number);
}

static int fill_node(struct sk_buff *skb, const void *object)
{
	const struct announced *of = object;
	struct darter_config *config = &of->instance->config;
	struct darter_announcement node;

	mutex_lock(&config->lock);
	darter_topology_announce(of->instance, of->number, NULL, &node);
	mutex_unlock(&config->lock);
	return nla_put_u8(skb, DARTER_A_CLUSTER, of->instance->params.cluster) ?:
	       fill_worker(skb, of) ?:
	       nla_put_string(skb, DARTER_A_NODE_ID, node.id) ?:
	       nla_put_string(skb, DARTER_A_NODE_IP, node.ip) ?:
	       nla_put_string(skb, DARTER_A_NODE_HOSTNAME, node.hostname) ?:
	       nla_put_u16(skb, DARTER_A_NODE_PORT, node.port) ?:
	       nla_put_u16(skb, DARTER_A_NODE_BUS_PORT, node.bus_port) ?:
	       nla_put_u32(skb, DARTER_A_FIRST_SLOT, node.first_slot) ?:
	       nla_put_u32(skb, DARTER_A_LAST_SLOT, node.last_slot);
}

static int fill_first(struct sk_buff *skb, struct darter_instance *instance)
{
	const struct announced first = { .instance = instance };

	return fill_node(skb, &first);
}

int darter_do_topology_get(struct sk_buff *skb, struct genl_info *info)
{
	struct darter_instance *instance;
	int err;

	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	err = darter_ctl_reply(info, instance, fill_first);
	darter_ctl_put(instance);
	return err;
}

/* Nodes whose parts were announced differently show as an interrupted dump. */
int darter_dump_topology(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct darter_position *position = (struct darter_position *)cb->ctx;
	const struct darter_control *control;
	struct announced node;

	node.instance = darter_ctl_get(sock_net(skb->sk), cb->extack);
	if (!node.instance)
		return -ENODEV;
	control = node.instance->control;
	cb->seq = READ_ONCE(control->config_life);
	for (; position->next < darter_topology_nodes(node.instance); position->next++) {
		node.number = position->next;
		if (darter_dump_message(skb, cb, fill_node, &node))
			break;
	}
	darter_ctl_put(node.instance);
	return skb->len;
}

static int set_all(struct genl_info *info, const struct darter_config_pair *pairs,
		   const struct nlattr *const *from, u32 count)
{
	struct darter_instance *instance;
	char why[DARTER_WHY_CHARS] = "";
	u32 bad = 0;
	int err;

	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	err = darter_config_set(instance, pairs, count, false, &bad, why, sizeof(why));
	darter_ctl_put(instance);
	if (!err)
		return 0;
	darter_ctl_say(info->extack, *why ? why : "the topology could not be set");
	NL_SET_BAD_ATTR(info->extack, from[bad]);
	return err;
}

int darter_do_topology_set(struct sk_buff *skb, struct genl_info *info)
{
	struct darter_config_pair pairs[ARRAY_SIZE(settings)];
	const struct nlattr *from[ARRAY_SIZE(settings)];
	char ports[ARRAY_SIZE(settings)][PORT_CHARS];
	u32 i, count = 0;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct nlattr *attr = info->attrs[settings[i].attr];

		if (!attr)
			continue;
		pairs[count].name = settings[i].parameter;
		pairs[count].value = settings[i].number ? ports[i] : nla_data(attr);
		if (settings[i].number)
			scnprintf(ports[i], PORT_CHARS, "%u", nla_get_u16(attr));
		from[count++] = attr;
	}
	if (!count) {
		GENL_SET_ERR_MSG(info, "nothing given to set");
		return -EINVAL;
	}
	return set_all(info, pairs, from, count);
}
