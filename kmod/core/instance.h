/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instances: one store, as many as there are network namespaces that want one.
 *
 * Made by kmod/net (or the host build), which owns its sockets and threads and
 * is called back through struct darter_host.
 */
#ifndef DARTER_CORE_INSTANCE_H
#define DARTER_CORE_INSTANCE_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "config.h"
#include "info.h"
#include "keyed_hash.h"
#include "lane.h"
#include "latency.h"
#include "monitor.h"
#include "observe.h"
#include "pause.h"
#include "shard.h"
#include "slowlog.h"

struct darter_instance;
struct darter_lane;
struct darter_session;
struct darter_upcall;

#define DARTER_VERSION "0.1.0"
#define DARTER_REDIS_VERSION "7.2.0"
#define DARTER_ID_CHARS 40
#define DARTER_ERROR_KINDS 64

/* The cluster that an instance claims to be. */
enum darter_topology {
	DARTER_TOPOLOGY_NONE,		/* without cluster-enabled */
	DARTER_TOPOLOGY_SINGLE,		/* one node, which owns every slot */
	DARTER_TOPOLOGY_PER_CPU,	/* a node for each worker, with a port of its own */
};

/* Fixed for an instance's life. */
struct darter_params {
	u32 shards, databases;
	u32 lanes;			/* workers when it starts */
	u32 max_lanes;			/* and at most, 0: no more than that */
	enum darter_topology cluster;
};

enum darter_event {
	DARTER_EVENT_CONFIG,		/* text: name of the changed parameter */
	DARTER_EVENT_TOPOLOGY,
	DARTER_EVENT_FLUSH,		/* text: "all" or the database's number */
	DARTER_EVENT_DAEMON,		/* text: "connected" or "disconnected" */
	DARTER_EVENT_OOM,		/* maxmemory reached, at most one a second */
};

/* What surrounds the core. Every callback may be called from any worker. */
struct darter_host {
	const char *mode;		/* "module" or "host", for INFO */
	/* Run the session again soon. Any context, under any leaf lock. */
	void (*kick)(struct darter_session *session);
	/* Apply changed parameters, enum darter_config_effect; may sleep, may fail. */
	int (*apply)(struct darter_instance *instance, u32 effects, char *why, size_t why_len);
	/* Send a request to the daemon: 0 or -ENOTCONN, -ENOMEM. May sleep. */
	int (*upcall)(struct darter_instance *instance, struct darter_upcall *upcall);
	/* Tell who listens. May sleep. */
	void (*event)(struct darter_instance *instance, enum darter_event event, const char *text);
	/* Physical memory of the machine, bytes. */
	u64 (*total_memory)(void);
	/* CPU time of the workers so far, microseconds. */
	void (*cpu_time)(struct darter_instance *instance, u64 *system, u64 *user);
	/* "Linux 6.1.0 x86_64" and process or module identity for INFO server. */
	void (*describe)(char *os, size_t room);
	/* Current wall time, microseconds since the epoch. */
	u64 (*wall_us)(void);
	/* Keep the calling worker for so many microseconds, or until it shall end. */
	void (*rest)(struct darter_session *session, u64 micros);
};

/* How often an error code was replied, for INFO errorstats. */
struct darter_error_kind {
	char code[32];
	u64 count;
};

struct darter_instance {
	struct darter_params params;
	const struct darter_host *host;
	void *owner;			/* what made it: kmod/net, the host build */
	void *control;			/* of kmod/ctl */
	siphash_key_t hash_key;
	char run_id[DARTER_ID_CHARS + 1], node_id[DARTER_ID_CHARS + 1];
	char shard_id[DARTER_ID_CHARS + 1];
	u64 started;			/* ms since the epoch */
	u32 seconds;			/* since the epoch, when the last command began */

	struct darter_config config;
	struct darter_observe observe;
	struct darter_shard *shards;	/* params.shards of them */
	struct darter_lane *lanes;	/* params.max_lanes, of which the first nlanes are made */
	u32 nlanes;			/* only grows, under config.lock: darter_instance_lanes() */
	struct darter_lane *inline_lanes;	/* of CPUs, see inline.h */
	u32 ninline_lanes;		/* 0 until they are made, all at once, under config.lock */
	u32 workers;			/* lanes that own shards now; changes under config.lock */
	u64 epoch;			/* of the cluster's first node; under config.lock */
	struct mutex gather_lock;	/* outside shards: one sleeping locker of many */
	u32 *slot_counts;		/* keys per slot with cluster-enabled, else NULL */

	atomic64_t used;		/* bytes of keys and values, all shards */
	atomic64_t peak;
	atomic64_t oom_told;		/* ms since the epoch: the last event of that kind */
	atomic64_t client_memory;	/* bytes that sessions hold */

	/* clients, see client.h */
	struct mutex clients_lock;	/* leaf */
	struct list_head clients;
	u32 nclients;
	u64 max_input, max_output;
	atomic64_t next_client_id;
	u64 rejected_clients, total_clients;

	struct darter_pause pause;
	struct darter_monitors monitors;
	struct darter_slowlog slowlog;
	struct darter_latency latency;

	/* upcalls, see upcall.h */
	spinlock_t upcalls_lock;	/* leaf */
	struct list_head upcalls;
	u64 next_upcall_id;

	spinlock_t errors_lock;		/* leaf; for the reset counters too */
	struct darter_error_kind errors[DARTER_ERROR_KINDS];
	u32 nerrors;
	u64 total_errors;

	struct darter_reset reset;
	struct darter_rates rates;	/* written by the first lane's worker */

	bool expire_passively;		/* DEBUG SET-ACTIVE-EXPIRE: only who is looked at expires */
	bool shutting_down;		/* set by its owner, who closes all connections */
};

/* What is wrong with so many shards and workers as nodes. */
#define DARTER_TOO_FEW_SHARDS \
	"the per-cpu topology needs a shard for each worker: %u shards, %u workers"

int darter_params_check(const struct darter_params *params, char *why, size_t why_len);
int darter_instance_init(struct darter_instance *instance, const struct darter_params *params,
			 const struct darter_host *host, void *owner);
/*
 * One lane more, for a worker that is made at run time. Under config.lock, or before
 * anybody else uses the instance. Return: 0 or -ENOMEM.
 */
int darter_instance_add_lane(struct darter_instance *instance);
/*
 * The lanes of inline dispatch, for so many CPUs, with that clock; nothing if they are
 * made. Under config.lock, likewise. Return: 0 or -ENOMEM.
 */
int darter_instance_add_inline_lanes(struct darter_instance *instance, u32 count,
				     u64 (*clock_us)(void));
/* Give the shards to the first lanes, so many; all are made. Under config.lock, likewise. */
void darter_instance_hand_out(struct darter_instance *instance, u32 workers);
/* How many lanes of workers have been made. Any context. */
static inline u32 darter_instance_lanes(const struct darter_instance *instance)
{
	/* Pairs with the release in darter_instance_add_lane(). */
	return smp_load_acquire(&instance->nlanes);
}

/* The lane of a CPU for inline dispatch, NULL without it. Any context. */
static inline struct darter_lane *darter_inline_lane(const struct darter_instance *instance,
						     u32 cpu)
{
	/* Pairs with the release in darter_instance_add_inline_lanes(). */
	if (cpu >= smp_load_acquire(&instance->ninline_lanes))
		return NULL;
	return &instance->inline_lanes[cpu];
}

/* The lane at a position, which moves on where there is none; NULL at the end. */
static inline struct darter_lane *darter_lane_at(const struct darter_instance *instance, u32 *at)
{
	u32 max = instance->params.max_lanes;

	if (*at < max && *at < darter_instance_lanes(instance))
		return &instance->lanes[*at];
	*at = *at > max ? *at : max;
	return darter_inline_lane(instance, *at - max);
}

/* All lanes, those of workers and those of inline dispatch: to add up their counters. */
#define darter_for_each_lane(lane, instance, at)			\
	for ((at) = 0; ((lane) = darter_lane_at(instance, &(at))); (at)++)

/* All sessions are gone. */
void darter_instance_destroy(struct darter_instance *instance);
/**
 * darter_key_hash() - the hash that places a key in its table
 * @instance: whose secret key to use
 * @key: the key's bytes
 * @len: how many
 *
 * Return: SipHash-1-3 of the key.
 */
static inline u64 darter_key_hash(const struct darter_instance *instance, const char *key,
				  u32 len)
{
	return darter_keyed_hash(key, len, &instance->hash_key);
}

/* Memory of keys, values and clients: what maxmemory limits. Any context. */
u64 darter_instance_memory(const struct darter_instance *instance);
/* Any reply may be that long; and what it may take beyond that. */
#define DARTER_REPLY_FLOOR (16u * 1024 * 1024)
u64 darter_instance_reply_limit(const struct darter_instance *instance);
/* Whether a command that may grow memory must be refused. Any context. */
bool darter_instance_over_limit(const struct darter_instance *instance);
/*
 * Periodic work of one lane: active expiry of its share of the shards.
 * Return: ms until the next call. What a worker does itself it need not find out:
 * behind commands it calls after darter-tick.
 */
u32 darter_instance_tick(struct darter_instance *instance, u16 lane, u64 now);
/* A command was refused for want of memory: tell, but not more than once a second. */
void darter_instance_tell_oom(struct darter_instance *instance, u64 now);
void darter_instance_count_error(struct darter_instance *instance, const char *text);
void darter_instance_reset_stats(struct darter_instance *instance);

#endif /* DARTER_CORE_INSTANCE_H */
