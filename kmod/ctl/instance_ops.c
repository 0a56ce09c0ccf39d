// SPDX-License-Identifier: GPL-2.0
/*
 * An instance as a whole: seen, started and stopped. Every figure is as of a
 * moment of its own.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "core/keyspace.h"
#include "core/lane.h"
#include "core/topology.h"
#include "family.h"

/* What is counted in parts, added up. */
struct sums {
	u64 keys, volatile_keys;
	u64 commands, connections;
};

static struct sums add_up(const struct darter_instance *instance)
{
	const struct darter_lane *lane;
	struct sums sums = {};
	u32 i;

	for (i = 0; i < instance->params.databases; i++) {
		sums.keys += darter_keyspace_count(instance, i);
		sums.volatile_keys += darter_keyspace_volatile(instance, i);
	}
	darter_for_each_lane(lane, instance, i) {
		sums.commands += READ_ONCE(lane->commands);
		sums.connections += READ_ONCE(lane->connections);
	}
	return sums;
}

static int fill_identity(struct sk_buff *skb, struct darter_instance *instance)
{
	const struct darter_control *control = instance->control;
	u64 now = instance->host->wall_us() / 1000;
	/* The clock may have been set back. */
	u64 uptime = now > instance->started ? (now - instance->started) / 1000 : 0;

	return nla_put_u32(skb, DARTER_A_ABI, DARTER_ABI) ?:
	       nla_put_string(skb, DARTER_A_VERSION, DARTER_VERSION) ?:
	       nla_put_string(skb, DARTER_A_MODE, instance->host->mode) ?:
	       nla_put_string(skb, DARTER_A_RUN_ID, instance->run_id) ?:
	       nla_put_u64_64bit(skb, DARTER_A_UPTIME, uptime, DARTER_A_PAD) ?:
	       nla_put_u8(skb, DARTER_A_DAEMON, !!READ_ONCE(control->daemon));
}

/* The ports of the workers' own follow each other. */
static int fill_worker_port(struct sk_buff *skb, const struct darter_instance *instance)
{
	u16 port = darter_topology_port(instance, 0);

	return port ? nla_put_u16(skb, DARTER_A_WORKER_PORT, port) : 0;
}

static int fill_parameters(struct sk_buff *skb, struct darter_instance *instance)
{
	struct darter_config *config = &instance->config;
	int err;

	mutex_lock(&config->lock);
	err = nla_put_string(skb, DARTER_A_BIND, config->bind);
	mutex_unlock(&config->lock);
	return err ?:
	       nla_put_u16(skb, DARTER_A_PORT, READ_ONCE(config->port)) ?:
	       fill_worker_port(skb, instance) ?:
	       nla_put_u32(skb, DARTER_A_SHARDS, instance->params.shards) ?:
	       nla_put_u32(skb, DARTER_A_WORKERS, READ_ONCE(instance->workers)) ?:
	       nla_put_u32(skb, DARTER_A_DATABASES, instance->params.databases) ?:
	       nla_put_u8(skb, DARTER_A_CLUSTER, instance->params.cluster) ?:
	       nla_put_u32(skb, DARTER_A_MAX_CLIENTS, READ_ONCE(config->max_clients)) ?:
	       nla_put_u64_64bit(skb, DARTER_A_MAX_MEMORY, READ_ONCE(config->max_memory),
				 DARTER_A_PAD);
}

static int fill_figures(struct sk_buff *skb, struct darter_instance *instance)
{
	struct sums sums = add_up(instance);
	u32 clients;

	mutex_lock(&instance->clients_lock);
	clients = instance->nclients;
	mutex_unlock(&instance->clients_lock);
	return nla_put_u32(skb, DARTER_A_CLIENTS, clients) ?:
	       nla_put_u64_64bit(skb, DARTER_A_KEYS, sums.keys, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_VOLATILE_KEYS, sums.volatile_keys, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_MEMORY, darter_instance_memory(instance),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_PEAK_MEMORY, atomic64_read(&instance->peak),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_COMMANDS, sums.commands, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_CONNECTIONS, sums.connections, DARTER_A_PAD);
}

static int fill_instance(struct sk_buff *skb, struct darter_instance *instance)
{
	return fill_identity(skb, instance) ?:
	       fill_parameters(skb, instance) ?:
	       fill_figures(skb, instance);
}

/**
 * darter_ctl_reply() - answer a request with one message about an instance
 * @info: the request
 * @instance: the instance, for @fill
 * @fill: puts the attributes, non-zero when they do not fit
 *
 * Context: may sleep.
 * Return: 0 or a negative errno with its text.
 */
int darter_ctl_reply(struct genl_info *info, struct darter_instance *instance,
		     int (*fill)(struct sk_buff *skb, struct darter_instance *instance))
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *head;

	if (!skb) {
		GENL_SET_ERR_MSG(info, "out of memory");
		return -ENOMEM;
	}
	head = genlmsg_put_reply(skb, info, &darter_family, 0, info->genlhdr->cmd);
	if (!head || fill(skb, instance)) {
		nlmsg_free(skb);
		GENL_SET_ERR_MSG(info, "the answer is too long");
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);
}

int darter_do_instance_get(struct sk_buff *skb, struct genl_info *info)
{
	struct darter_instance *instance;
	int err;

	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	err = darter_ctl_reply(info, instance, fill_instance);
	darter_ctl_put(instance);
	return err;
}

static u32 number(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : 0;
}

int darter_do_start(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	const struct darter_start start = {
		.port = attrs[DARTER_A_PORT] ? nla_get_u16(attrs[DARTER_A_PORT]) : 0,
		.shards = number(info, DARTER_A_SHARDS),
		.workers = number(info, DARTER_A_WORKERS),
		.databases = number(info, DARTER_A_DATABASES),
		.cluster = attrs[DARTER_A_CLUSTER] ? nla_get_u8(attrs[DARTER_A_CLUSTER]) : 0,
		.worker_port = attrs[DARTER_A_WORKER_PORT] ?
			       nla_get_u16(attrs[DARTER_A_WORKER_PORT]) : 0,
		.bind = attrs[DARTER_A_BIND] ? nla_data(attrs[DARTER_A_BIND]) : NULL,
	};
	char why[DARTER_WHY_CHARS] = "";
	int err;

	err = darter_ctl_backend()->start(genl_info_net(info), &start, why, sizeof(why));
	if (err == -EEXIST)
		GENL_SET_ERR_MSG(info, "this network namespace has an instance");
	else if (err)
		darter_ctl_say(info->extack, *why ? why : "the instance could not be started");
	return err;
}

int darter_do_stop(struct sk_buff *skb, struct genl_info *info)
{
	int err = darter_ctl_backend()->stop(genl_info_net(info));

	if (err != -ENOENT) {
		if (err)
			GENL_SET_ERR_MSG(info, "the instance could not be stopped");
		return err;
	}
	GENL_SET_ERR_MSG(info, "no instance in this network namespace");
	return -ENODEV;
}
