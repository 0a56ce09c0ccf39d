/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration: Redis' names and texts over typed fields.
 *
 * Numbers and flags are read without a lock (READ_ONCE); strings under
 * config->lock, a leaf mutex. Changes go through darter_config_set() alone.
 */
#ifndef DARTER_CORE_CONFIG_H
#define DARTER_CORE_CONFIG_H

#include <linux/mutex.h>
#include <linux/types.h>

struct darter_instance;

#define DARTER_BINDS_CHARS 512
#define DARTER_PASSWORD_CHARS 512
#define DARTER_HOST_CHARS 256
/* The default of a knob as text. */
#define DARTER_KNOB_CHARS 24
/* No more parameters than this. */
#define DARTER_CONFIG_MAX 64

/* latency-tracking-info-percentiles: no more than this, and each as text. */
#define DARTER_PERCENTILES_MAX 32
#define DARTER_PERCENTILE_CHARS 16

struct darter_percentiles {
	u32 count;
	u32 millionths[DARTER_PERCENTILES_MAX];	/* of a percent */
};

enum darter_client_class {
	DARTER_CLIENT_NORMAL,
	DARTER_CLIENT_REPLICA,
	DARTER_CLIENT_PUBSUB,
	DARTER_CLIENT_CLASSES,
};

/* Where commands are executed. */
enum darter_dispatch_mode {
	DARTER_DISPATCH_WORKER,		/* all in the worker of their connection */
	DARTER_DISPATCH_INLINE,		/* what can be where its packet arrives, see inline.h */
};

struct darter_output_limit {
	u64 hard, soft;			/* bytes, 0: none */
	u64 soft_seconds;
};

/*
 * How work is portioned, for who wants to know what comes of it. What each is and may
 * be stands in the table of config.c. Read without a lock, once where it decides.
 */
struct darter_knobs {
	u32 batch_commands;
	u32 visit_commands, visit_rounds;
	u64 visit_replies;		/* bytes */
	u64 receive;			/* bytes */
	u32 inline_commands;
	u32 lockless_tries;
	u32 lock_spins, lock_patience;
	u32 expire_keys;
	u32 tick;			/* ms */
	u32 poll;			/* us */
	bool steering;
};

struct darter_config {
	struct mutex lock;		/* one change at a time; protects the strings */

	struct darter_knobs knobs;

	/* networking */
	char bind[DARTER_BINDS_CHARS];	/* addresses, one space between */
	u32 port;			/* 0: no listener */
	u32 worker_port;		/* per-cpu topology: the first worker's, 0: port + 1 */
	u32 workers;			/* wanted; instance->workers is how many there are */
	u32 dispatch;			/* enum darter_dispatch_mode */
	u32 backlog;
	u32 max_clients;
	u32 timeout;			/* idle seconds, 0: never */
	u32 tcp_keepalive;		/* seconds, 0: off */
	bool protected_mode;
	u64 query_buffer_limit;
	u64 max_bulk_len;
	struct darter_output_limit output_limits[DARTER_CLIENT_CLASSES];

	/* security */
	char password[DARTER_PASSWORD_CHARS];	/* "": none */

	u32 debug_access;		/* enum darter_debug_access */

	/* memory */
	u64 max_memory;			/* bytes, 0: no limit */

	/* encodings */
	u64 hash_max_listpack_entries, hash_max_listpack_value;
	bool rdb_compression;		/* of strings in DUMP payloads */

	/* observation */
	s64 slowlog_slower_than;	/* us, below 0: off */
	u64 slowlog_max_len;		/* entries */
	u64 latency_threshold;		/* ms, 0: off */
	bool latency_tracking, latency_by_shard;
	struct darter_percentiles percentiles;	/* under the lock */

	/* cluster emulation */
	char announce_ip[DARTER_HOST_CHARS], announce_hostname[DARTER_HOST_CHARS];
	u32 announce_port, announce_tls_port, announce_bus_port;
	u32 preferred_endpoint;		/* 0 ip, 1 hostname, 2 unknown-endpoint */
};

/* What the owner of the sockets must redo after a change, a bit each. */
enum darter_config_effect {
	DARTER_APPLY_LISTEN = 1 << 0,	/* bind, port, backlog: may fail, is undone then */
	DARTER_APPLY_OPTIONS = 1 << 1,	/* of listening sockets */
	DARTER_APPLY_TOPOLOGY = 1 << 2,
	DARTER_APPLY_OBSERVE = 1 << 3,	/* the core does it itself: observe.h */
	DARTER_APPLY_WORKERS = 1 << 4,	/* may fail; darter_instance_hand_out() ends it */
	DARTER_APPLY_DISPATCH = 1 << 5,	/* may fail, is undone then */
};

/* What there is to know of a parameter that experimenters turn. */
struct darter_knob {
	const char *unit, *effect;
	u64 min, max;			/* both 0: it is not a number */
	char initial[DARTER_KNOB_CHARS];
};

struct darter_config_pair {
	const char *name, *value;	/* NUL-terminated */
};

/* "99.9" for 99900000. */
void darter_format_percentile(char *out, u32 millionths);

void darter_config_init(struct darter_instance *instance);
/* Whether new sessions must authenticate: a password is set. */
bool darter_config_auth_required(struct darter_instance *instance);

/**
 * darter_config_set() - change several parameters, all or none
 * @instance: whose
 * @pairs: names (any case) and values in the syntax of redis.conf
 * @count: how many pairs
 * @loading: from a configuration file: parameters that CONFIG SET may not change
 *	are accepted if they say what is so already
 * @bad: set to the index of the offending pair
 * @why: set to a message without the error code, as Redis words it
 * @why_len: room in @why
 *
 * Context: may sleep, takes config->lock and calls host->apply() under it.
 * Return: 0, -ENOENT for an unknown name, -EPERM for an immutable one, -EINVAL
 * for a bad value or duplicate, -ERANGE for values that do not go together, -ENOMEM,
 * or what applying the change failed with, which is none of these but -ENOMEM.
 */
int darter_config_set(struct darter_instance *instance, const struct darter_config_pair *pairs,
		      u32 count, bool loading, u32 *bad, char *why, size_t why_len);

/* A parameter's name as it is documented, whatever the case; @name if there is none. */
const char *darter_config_name(const char *name);

/*
 * Visit parameters whose name matches a glob, in table order, with the value as
 * CONFIG GET prints it. A non-zero return of @visit stops and is returned.
 * @first: position to resume from (index in the table).
 */
int darter_config_get(struct darter_instance *instance, const char *pattern, u32 first,
		      int (*visit)(void *arg, u32 index, const char *name, const char *value),
		      void *arg);
/* Describe the parameter at a position of the table. False: it is no knob. */
bool darter_config_knob(struct darter_instance *instance, u32 index, struct darter_knob *knob);

#endif /* DARTER_CORE_CONFIG_H */
