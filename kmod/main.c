// SPDX-License-Identifier: GPL-2.0
/*
 * The module: its parameters, and the instance of the initial network namespace,
 * which is started with them. Everything else is set over netlink.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <net/net_namespace.h>

#include "core/instance.h"
#include "ctl/ctl.h"
#include "darter.h"
#include "net/net.h"

static bool autostart = true;
module_param(autostart, bool, 0444);
MODULE_PARM_DESC(autostart, "start an instance in the initial network namespace (default: yes)");

static ushort port;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "TCP port (default: 6379)");

static ushort worker_port;
module_param(worker_port, ushort, 0444);
MODULE_PARM_DESC(worker_port, "per-cpu: port of the first worker's own (default: port + 1)");

static char *bind;
module_param(bind, charp, 0444);
MODULE_PARM_DESC(bind, "addresses to listen on, blanks between (default: loopback)");

static uint shards;
module_param(shards, uint, 0444);
MODULE_PARM_DESC(shards, "parts of the keyspace, each with a lock (default: as many as workers)");

static uint workers;
module_param(workers, uint, 0444);
MODULE_PARM_DESC(workers, "threads (default: one for each CPU)");

static uint databases;
module_param(databases, uint, 0444);
MODULE_PARM_DESC(databases, "databases for SELECT (default: 16)");

static const char *const cluster_names[] = {
	[DARTER_TOPOLOGY_NONE] = "no",
	[DARTER_TOPOLOGY_SINGLE] = "single",
	[DARTER_TOPOLOGY_PER_CPU] = "per-cpu",
};

static int set_cluster(const char *text, const struct kernel_param *param)
{
	enum darter_topology *cluster = param->arg;
	int found = sysfs_match_string(cluster_names, text);
	bool one;

	if (found < 0 && kstrtobool(text, &one))
		return -EINVAL;
	*cluster = found < 0 ? (one ? DARTER_TOPOLOGY_SINGLE : DARTER_TOPOLOGY_NONE) : found;
	return 0;
}

static int get_cluster(char *text, const struct kernel_param *param)
{
	const enum darter_topology *cluster = param->arg;

	return sysfs_emit(text, "%s\n", cluster_names[*cluster]);
}

static const struct kernel_param_ops cluster_ops = { .set = set_cluster, .get = get_cluster };
static enum darter_topology cluster;
module_param_cb(cluster, &cluster_ops, &cluster, 0444);
__MODULE_PARM_TYPE(cluster, "string");
MODULE_PARM_DESC(cluster, "answer as a Redis Cluster: no, single (one node), per-cpu (default: no)");

static char *dispatch;
module_param(dispatch, charp, 0444);
MODULE_PARM_DESC(dispatch, "where commands are executed: worker, inline (default: worker)");

static char *maxmemory;
module_param(maxmemory, charp, 0444);
MODULE_PARM_DESC(maxmemory, "memory limit, as in redis.conf (default: 80% of the machine's)");

static int __init start_first(void)
{
	struct darter_config_pair pairs[2];
	const struct darter_start start = {
		.port = port,
		.worker_port = worker_port,
		.bind = bind,
		.shards = shards,
		.workers = workers,
		.databases = databases,
		.cluster = cluster,
	};
	char why[128] = "";
	u32 npairs = 0;
	int err;

	if (maxmemory)
		pairs[npairs++] = (struct darter_config_pair) { "maxmemory", maxmemory };
	if (dispatch)
		pairs[npairs++] = (struct darter_config_pair) { "darter-dispatch", dispatch };
	err = darter_namespace_start(&init_net, &start, pairs, npairs, why, sizeof(why));
	if (err)
		pr_err("cannot start: %s (error %d)\n", *why ? why : "see the error number", err);
	return err;
}

static int __init darter_init(void)
{
	int err;

	err = darter_namespaces_init();
	if (err)
		return err;
	if (autostart)
		err = start_first();
	if (err)
		darter_namespaces_exit();
	else
		pr_info("version " DARTER_VERSION " loaded\n");
	return err;
}

static void __exit darter_exit(void)
{
	darter_namespaces_exit();
}

module_init(darter_init);
module_exit(darter_exit);

MODULE_AUTHOR("The Darter authors");
MODULE_DESCRIPTION("Redis-compatible in-memory store");
MODULE_LICENSE("GPL");
MODULE_VERSION(DARTER_VERSION);
