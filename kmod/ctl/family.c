// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its operations, what each accepts, and the life of
 * an instance's control. See family.h for the locks.
 *
 * resv_start_op stays 0, so that the core checks every header and refuses
 * attributes where an operation has no policy; none of the GENL_DONT_VALIDATE_*
 * is set, so attributes are checked strictly, in dumps too.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/slab.h>

#include "family.h"

/* Taken for writing only to change 'registered', and never around a request. */
static DECLARE_RWSEM(family_lock);
static bool registered;
static const struct darter_ctl_backend *backend;
static atomic_t lives = ATOMIC_INIT(0);

static const struct nla_policy start_policy[] = {
	[DARTER_A_BIND] = { .type = NLA_NUL_STRING, .len = DARTER_BIND_MAX },
	[DARTER_A_PORT] = { .type = NLA_U16 },
	[DARTER_A_SHARDS] = NLA_POLICY_MAX(NLA_U32, DARTER_MAX_SHARDS),
	[DARTER_A_WORKERS] = { .type = NLA_U32 },
	[DARTER_A_DATABASES] = NLA_POLICY_MAX(NLA_U32, DARTER_MAX_DATABASES),
	[DARTER_A_CLUSTER] = NLA_POLICY_MAX(NLA_U8, 2),
	[DARTER_A_WORKER_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy config_get_policy[] = {
	[DARTER_A_PATTERN] = { .type = NLA_NUL_STRING, .len = DARTER_NAME_MAX },
};

static const struct nla_policy param_policy[] = {
	[DARTER_A_NAME] = { .type = NLA_NUL_STRING, .len = DARTER_NAME_MAX },
	[DARTER_A_VALUE] = { .type = NLA_NUL_STRING, .len = DARTER_VALUE_MAX },
};

static const struct nla_policy config_set_policy[] = {
	[DARTER_A_PARAM] = NLA_POLICY_NESTED(param_policy),
	[DARTER_A_LOADING] = { .type = NLA_FLAG },
};

static const struct nla_policy client_kill_policy[] = {
	[DARTER_A_CLIENT_ID] = { .type = NLA_U64 },
};

static const struct nla_policy topology_set_policy[] = {
	[DARTER_A_NODE_IP] = { .type = NLA_NUL_STRING, .len = DARTER_HOST_MAX },
	[DARTER_A_NODE_HOSTNAME] = { .type = NLA_NUL_STRING, .len = DARTER_HOST_MAX },
	[DARTER_A_NODE_PORT] = { .type = NLA_U16 },
	[DARTER_A_NODE_BUS_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy answer_policy[] = {
	[DARTER_A_UPCALL_ID] = { .type = NLA_U64 },
	[DARTER_A_UPCALL_REPLY] = { .type = NLA_BINARY, .len = DARTER_REPLY_MAX },
};

static const struct nla_policy check_policy[] = {
	[DARTER_A_WHOLE] = { .type = NLA_FLAG },
};

static const struct genl_ops operations[] = {
	{
		.cmd = DARTER_CMD_INSTANCE_GET,
		.doit = darter_do_instance_get,
	},
	{
		.cmd = DARTER_CMD_START,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_start,
		.policy = start_policy,
		.maxattr = ARRAY_SIZE(start_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_STOP,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_stop,
	},
	{
		.cmd = DARTER_CMD_CONFIG_GET,
		.dumpit = darter_dump_config,
		.policy = config_get_policy,
		.maxattr = ARRAY_SIZE(config_get_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_CONFIG_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_config_set,
		.policy = config_set_policy,
		.maxattr = ARRAY_SIZE(config_set_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_SHARD_GET,
		.dumpit = darter_dump_shards,
	},
	{
		.cmd = DARTER_CMD_WORKER_GET,
		.dumpit = darter_dump_workers,
	},
	{
		.cmd = DARTER_CMD_CLIENT_GET,
		.dumpit = darter_dump_clients,
	},
	{
		.cmd = DARTER_CMD_CLIENT_KILL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_client_kill,
		.policy = client_kill_policy,
		.maxattr = ARRAY_SIZE(client_kill_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_TOPOLOGY_GET,
		.doit = darter_do_topology_get,
		.dumpit = darter_dump_topology,
	},
	{
		.cmd = DARTER_CMD_TOPOLOGY_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_topology_set,
		.policy = topology_set_policy,
		.maxattr = ARRAY_SIZE(topology_set_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_REGISTER,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_register,
	},
	{
		.cmd = DARTER_CMD_ANSWER,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = darter_do_answer,
		.policy = answer_policy,
		.maxattr = ARRAY_SIZE(answer_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_CHECK,
		.flags = GENL_UNS_ADMIN_PERM,
		.start = darter_start_check,
		.dumpit = darter_dump_check,
		.done = darter_done_check,
		.policy = check_policy,
		.maxattr = ARRAY_SIZE(check_policy) - 1,
	},
	{
		.cmd = DARTER_CMD_LATENCY_GET,
		.dumpit = darter_dump_latency,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = DARTER_GENL_GROUP_EVENTS },
};

struct genl_family darter_family __ro_after_init = {
	.name = DARTER_GENL_NAME,
	.version = DARTER_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = operations,
	.n_ops = ARRAY_SIZE(operations),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

const struct darter_ctl_backend *darter_ctl_backend(void)
{
	return backend;
}

/**
 * darter_ctl_get() - the instance that a request is about
 * @net: of the sender's socket
 * @extack: where to say that there is none
 *
 * Return: an instance with a reference, to be put with darter_ctl_put(), or NULL.
 */
struct darter_instance *darter_ctl_get(struct net *net, struct netlink_ext_ack *extack)
{
	struct darter_instance *instance = backend->get(net);

	if (!instance)
		NL_SET_ERR_MSG(extack, "no instance in this network namespace");
	return instance;
}

void darter_ctl_put(struct darter_instance *instance)
{
	backend->put(instance);
}

/**
 * darter_family_enter() - keep the family registered
 *
 * What is sent unasked carries the family's number or goes to its group, and both
 * are given to others once it is gone.
 *
 * Context: may sleep. darter_family_leave() follows if it returned true.
 * Return: whether it is registered at all.
 */
bool darter_family_enter(void)
{
	down_read(&family_lock);
	if (registered)
		return true;
	up_read(&family_lock);
	return false;
}

void darter_family_leave(void)
{
	up_read(&family_lock);
}

static void set_registered(bool on)
{
	down_write(&family_lock);
	registered = on;
	up_write(&family_lock);
}

/* A number for netlink_callback.seq, in which 0 means that nothing is checked. */
u32 darter_ctl_next_life(void)
{
	return (u32)atomic_inc_return(&lives) ?: (u32)atomic_inc_return(&lives);
}

/**
 * darter_ctl_init() - register the family
 * @owner: of the instances; its callbacks are called from now on
 *
 * Context: may sleep; not from a pernet callback.
 * Return: 0 or a negative errno.
 */
int darter_ctl_init(const struct darter_ctl_backend *owner)
{
	int err;

	BUILD_BUG_ON(sizeof_field(struct darter_config, bind) != DARTER_BIND_MAX + 1);
	BUILD_BUG_ON(sizeof_field(struct darter_config, announce_ip) != DARTER_HOST_MAX + 1);
	BUILD_BUG_ON((int)DARTER_CLUSTER_SINGLE != (int)DARTER_TOPOLOGY_SINGLE ||
		     (int)DARTER_CLUSTER_PER_CPU != (int)DARTER_TOPOLOGY_PER_CPU);

	backend = owner;
	err = darter_daemon_init();
	if (err)
		return err;
	err = genl_register_family(&darter_family);
	if (err) {
		darter_daemon_exit();
		return err;
	}
	set_registered(true);
	return 0;
}

/**
 * darter_ctl_exit() - remove the family
 *
 * Requests in progress end first. Instances may still be attached; they tell
 * nobody anything any more.
 *
 * Context: sleeps until no callback of the backend runs; not from one.
 */
void darter_ctl_exit(void)
{
	set_registered(false);
	genl_unregister_family(&darter_family);
	darter_daemon_exit();
}

/**
 * darter_ctl_attach() - make an instance reachable
 * @instance: new, not yet to be had from the backend's get()
 * @net: its network namespace
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int darter_ctl_attach(struct darter_instance *instance, struct net *net)
{
	struct darter_control *control = kzalloc(sizeof(*control), GFP_KERNEL);

	if (!control)
		return -ENOMEM;
	control->net = net;
	mutex_init(&control->daemon_lock);
	control->life = darter_ctl_next_life();
	control->config_life = control->life;
	instance->control = control;
	darter_ctl_tell(control, DARTER_EVENT_KIND_INSTANCE, "started");
	return 0;
}

/**
 * darter_ctl_detach() - the end of an instance
 * @instance: no longer to be had, without references and without workers
 *
 * Context: may sleep.
 */
void darter_ctl_detach(struct darter_instance *instance)
{
	struct darter_control *control = instance->control;

	if (!control)
		return;
	darter_ctl_tell(control, DARTER_EVENT_KIND_INSTANCE, "stopped");
	instance->control = NULL;
	mutex_destroy(&control->daemon_lock);
	kfree(control);
}
