// SPDX-License-Identifier: GPL-2.0
/*
 * Servers: an instance together with its workers, and what the core is lent by
 * the kernel around it. Starting and stopping is serialized by namespace.c.
 */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#include "core/upcall.h"
#include "ctl/ctl.h"
#include "net.h"

#define DEFAULT_DATABASES 16

static u64 wall_us(void)
{
	return div_u64(ktime_get_real_ns(), NSEC_PER_USEC);
}

static u64 monotonic_us(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_USEC);
}

/**
 * darter_now() - the wall clock as keys' deadlines use it
 *
 * Return: ms since the epoch.
 */
u64 darter_now(void)
{
	return div_u64(ktime_get_real_ns(), NSEC_PER_MSEC);
}

/**
 * darter_now_for() - the same for a command that is about to run
 * @lane: of the worker that runs it; what the command takes counts from now
 *
 * Both clocks are read at one go.
 *
 * Return: ms since the epoch.
 */
u64 darter_now_for(struct darter_lane *lane)
{
	ktime_t now = ktime_get();

	lane->since = div_u64(ktime_to_ns(now), NSEC_PER_USEC);
	return div_u64(ktime_to_ns(ktime_mono_to_real(now)), NSEC_PER_MSEC);
}

static void host_kick(struct darter_session *session)
{
	struct darter_connection *connection = container_of(session, struct darter_connection,
							     session);

	WRITE_ONCE(connection->resume, true);
	darter_worker_kick(connection);
}

/**
 * darter_server_workers() - how many workers have been made
 * @server: whose
 *
 * Context: any.
 * Return: their number; all before it can be looked at.
 */
u32 darter_server_workers(const struct darter_server *server)
{
	/* Pairs with the release in make_workers(). */
	return smp_load_acquire(&server->nworkers);
}

/* The CPUs that are there now, one after the other. */
static u32 cpu_of_worker(u32 index)
{
	u32 cpu = cpumask_first(cpu_online_mask);

	while (index--) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	return cpu;
}

/* Once dispatch is inline, each CPU has a lane for it, as long as the instance lives. */
static int make_inline_lanes(struct darter_server *server)
{
	struct darter_instance *instance = &server->instance;

	if (instance->config.dispatch != DARTER_DISPATCH_INLINE)
		return 0;
	return darter_instance_add_inline_lanes(instance, nr_cpu_ids, monotonic_us);
}

/* As many workers as are wanted, if there are fewer. */
static int make_workers(struct darter_server *server)
{
	struct darter_instance *instance = &server->instance;
	u32 i;
	int err;

	for (i = server->nworkers; i < instance->config.workers; i++) {
		err = i < instance->nlanes ? 0 : darter_instance_add_lane(instance);
		if (err)
			return err;
		instance->lanes[i].clock_us = monotonic_us;
		err = darter_worker_init(&server->workers[i], server, i, cpu_of_worker(i));
		if (err)
			return err;
		/* Pairs with the acquire in darter_server_workers(). */
		smp_store_release(&server->nworkers, i + 1);
	}
	return 0;
}

static void start_workers(struct darter_server *server, u32 first)
{
	u32 i;

	for (i = first; i < server->nworkers; i++)
		darter_worker_start(&server->workers[i]);
}

/* The shards, and who attends to which listener. */
static void hand_out(struct darter_server *server)
{
	u32 i;

	darter_instance_hand_out(&server->instance, server->instance.config.workers);
	for (i = 0; i < server->nworkers; i++)
		darter_worker_kick_accept(&server->workers[i]);
}

static int apply_sockets(struct darter_server *server, u32 effects, char *why, size_t why_len)
{
	char text[128] = "out of memory";
	int err;

	err = darter_listeners_open(server, text, sizeof(text));
	if (!err)
		return 0;
	pr_warn_ratelimited("cannot listen: %s\n", text);
	if (effects & DARTER_APPLY_WORKERS)
		strscpy(why, text, why_len);
	/* Of these two only the port is part of the topology. */
	else if (effects & DARTER_APPLY_TOPOLOGY)
		strscpy(why, "Unable to listen on this port. Check server logs.", why_len);
	else
		strscpy(why, "Failed to bind to specified addresses.", why_len);
	return err;
}

static int host_apply(struct darter_instance *instance, u32 effects, char *why, size_t why_len)
{
	struct darter_server *server = instance->owner;
	u32 first = server->nworkers;
	int err = 0;

	/* While the instance is made there is nothing to change. */
	if (!first)
		return 0;
	if (effects & DARTER_APPLY_DISPATCH)
		err = make_inline_lanes(server);
	if (err)
		strscpy(why, "out of memory", why_len);
	if (effects & DARTER_APPLY_OPTIONS)
		darter_listeners_set_options(server);
	if (!err && effects & DARTER_APPLY_WORKERS) {
		err = make_workers(server);
		start_workers(server, first);
		if (err)
			strscpy(why, "the workers cannot be started", why_len);
	}
	if (!err && effects & DARTER_APPLY_LISTEN)
		err = apply_sockets(server, effects, why, why_len);
	if (!err && effects & DARTER_APPLY_WORKERS)
		hand_out(server);
	return err;
}

static u64 host_total_memory(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return (u64)info.totalram * info.mem_unit;
}

static void host_cpu_time(struct darter_instance *instance, u64 *system, u64 *user)
{
	struct darter_server *server = instance->owner;
	u32 i, count = darter_server_workers(server);
	u64 ns = 0;

	for (i = 0; i < count; i++)
		ns += READ_ONCE(server->workers[i].task->se.sum_exec_runtime);
	*system = div_u64(ns, NSEC_PER_USEC);
	*user = 0;
}

static void host_describe(char *os, size_t room)
{
	const struct new_utsname *name = init_utsname();

	snprintf(os, room, "%s %s %s", name->sysname, name->release, name->machine);
}

static const struct darter_host host = {
	.mode = "module",
	.kick = host_kick,
	.apply = host_apply,
	.upcall = darter_ctl_upcall,
	.event = darter_ctl_event,
	.total_memory = host_total_memory,
	.cpu_time = host_cpu_time,
	.describe = host_describe,
	.wall_us = wall_us,
	.rest = darter_worker_rest,
};

static int check_workers(u32 workers, char *why, size_t why_len)
{
	if (workers <= num_possible_cpus())
		return 0;
	snprintf(why, why_len, "%u workers are more than this machine has CPUs (%u)", workers,
		 num_possible_cpus());
	return -EINVAL;
}

static int make_instance(struct darter_server *server, const struct darter_start *start,
			 char *why, size_t why_len)
{
	struct darter_params params = {
		.lanes = start->workers ?: num_online_cpus(),
		.max_lanes = num_possible_cpus(),
		.databases = start->databases ?: DEFAULT_DATABASES,
		.cluster = start->cluster,
	};
	int err = check_workers(params.lanes, why, why_len);

	if (err)
		return err;
	params.shards = start->shards ?: min_t(u32, params.lanes, DARTER_MAX_SHARDS);
	err = darter_params_check(&params, why, why_len);
	return err ?: darter_instance_init(&server->instance, &params, &host, server);
}

static int configure(struct darter_server *server, const struct darter_start *start,
		     const struct darter_config_pair *pairs, u32 npairs, char *why,
		     size_t why_len)
{
	struct darter_config_pair fixed[3];
	char port[8], worker_port[8], text[128] = "";
	u32 nfixed = 0, bad = 0;
	int err;

	snprintf(port, sizeof(port), "%u", start->port);
	if (start->port)
		fixed[nfixed++] = (struct darter_config_pair) { "port", port };
	snprintf(worker_port, sizeof(worker_port), "%u", start->worker_port);
	if (start->worker_port)
		fixed[nfixed++] = (struct darter_config_pair) { "darter-worker-port",
								worker_port };
	if (start->bind && *start->bind)
		fixed[nfixed++] = (struct darter_config_pair) { "bind", start->bind };
	err = nfixed ? darter_config_set(&server->instance, fixed, nfixed, true, &bad, text,
					 sizeof(text)) : 0;
	if (err)
		pairs = fixed;
	else if (npairs)
		err = darter_config_set(&server->instance, pairs, npairs, true, &bad, text,
					sizeof(text));
	if (err)
		snprintf(why, why_len, "%s: %s", pairs[bad].name, text);
	return err;
}

static int make_first_workers(struct darter_server *server)
{
	int err;

	server->workers = kvcalloc(server->instance.params.max_lanes, sizeof(*server->workers),
				   GFP_KERNEL);
	if (!server->workers)
		return -ENOMEM;
	err = make_workers(server) ?: make_inline_lanes(server);
	if (!err)
		hand_out(server);
	return err;
}

/*
 * All threads end first: each can change the listeners of all, and add workers, which
 * are behind it.
 */
static void free_workers(struct darter_server *server)
{
	u32 i;

	for (i = 0; i < server->nworkers; i++)
		darter_worker_stop(&server->workers[i]);
	for (i = 0; i < server->nworkers; i++)
		darter_worker_destroy(&server->workers[i]);
	server->nworkers = 0;
	kvfree(server->workers);
}

/**
 * darter_server_start() - make an instance and serve it
 * @net: the network namespace of its sockets; outlives it
 * @start: what is fixed for its life
 * @pairs: parameters to begin with
 * @npairs: how many
 * @why: set to what is wrong when that fails, if there is more to say
 * @why_len: room there
 *
 * Context: sleeps.
 * Return: the server with one reference, or an error pointer.
 */
struct darter_server *darter_server_start(struct net *net, const struct darter_start *start,
					  const struct darter_config_pair *pairs, u32 npairs,
					  char *why, size_t why_len)
{
	struct darter_server *server = kvzalloc(sizeof(*server), GFP_KERNEL);
	int err;

	if (!server)
		return ERR_PTR(-ENOMEM);
	server->net = net;
	refcount_set(&server->refs, 1);
	init_completion(&server->idle);
	err = make_instance(server, start, why, why_len);
	if (err)
		goto err_free;
	err = configure(server, start, pairs, npairs, why, why_len);
	if (!err)
		err = make_first_workers(server);
	if (!err)
		err = darter_listeners_open(server, why, why_len);
	if (!err)
		err = darter_ctl_attach(&server->instance, net);
	if (err)
		goto err_workers;
	start_workers(server, 0);
	return server;

err_workers:
	free_workers(server);
	darter_instance_destroy(&server->instance);
err_free:
	kvfree(server);
	return ERR_PTR(err);
}

/**
 * darter_server_stop() - close everything and free it
 * @server: no longer to be found; the caller's reference is the last but those
 *	that are about to be put
 *
 * Context: sleeps.
 */
void darter_server_stop(struct darter_server *server)
{
	if (!refcount_dec_and_test(&server->refs))
		wait_for_completion(&server->idle);
	WRITE_ONCE(server->instance.shutting_down, true);
	free_workers(server);
	darter_ctl_detach(&server->instance);
	darter_instance_destroy(&server->instance);
	kvfree(server);
}
