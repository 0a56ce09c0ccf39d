// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration, see config.h: one table of parameters. What their values may be
 * is in config_value.c.
 *
 * A change is first parsed into a copy of the fields concerned. When all pairs
 * are right, copy and fields are exchanged under config->lock and the owner of
 * the sockets applies what they mean; if that fails they are exchanged again.
 * So a lockless reader never sees a value that was refused for what it says.
 */
#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "config_value.h"
#include "glob.h"
#include "instance.h"
#include "lane.h"
#include "observe.h"
#include "topology.h"

#define FIELD(name, type, field, ...) \
	{ name, &darter_value_##type, .offset = offsetof(struct darter_config, field), __VA_ARGS__ }
#define PARAM(name, type, field)						\
	{ name, &darter_value_##type, .offset = offsetof(struct darter_params, field),	\
	  .flags = IMMUTABLE | FIXED | IN_PARAMS }
#define CONSTANT(name, value, more)						\
	{ name, &darter_value_constant, value, .flags = FIXED | (more) }
#define RANGE(from, to) .min = (from), .max = (to)
/* The words of the documents: a test compares them. */
#define KNOB(unit_text, effect_text) .unit = (unit_text), .effect = (effect_text)

/* How long a worker polls by default, us, where others have CPUs to run on. */
#define POLL 50
#define POLL_WORKERS 3

static u64 default_workers(const struct darter_instance *instance)
{
	return instance->params.lanes;
}

static u64 default_memory(const struct darter_instance *instance)
{
	return instance->host->total_memory() / 5 * 4;
}

static u64 default_poll(const struct darter_instance *instance)
{
	return instance->params.lanes < POLL_WORKERS ? 0 : POLL;
}

/*
 * What a client may ask for. Constants are here because clients and tools read
 * them. An old name is a parameter of its own over the same field, as in Redis.
 */
static const struct parameter parameters[] = {
	FIELD("bind", binds, bind, .initial = "127.0.0.1", .effects = DARTER_APPLY_LISTEN),
	FIELD("port", u32, port, .initial = "6379", RANGE(0, 65535),
	      .effects = DARTER_APPLY_LISTEN | DARTER_APPLY_TOPOLOGY),
	FIELD("darter-worker-port", u32, worker_port, .initial = "0", RANGE(0, 65535),
	      .effects = DARTER_APPLY_LISTEN | DARTER_APPLY_TOPOLOGY),
	FIELD("darter-workers", u32, workers, .compute = default_workers, RANGE(1, U16_MAX),
	      .effects = DARTER_APPLY_WORKERS | DARTER_APPLY_LISTEN | DARTER_APPLY_TOPOLOGY,
	      KNOB("threads",
		   "threads that serve clients; at most one for each CPU that there can be")),
	FIELD("tcp-backlog", u32, backlog, .initial = "511", RANGE(0, S32_MAX),
	      .flags = IMMUTABLE, .effects = DARTER_APPLY_LISTEN),
	FIELD("maxclients", u32, max_clients, .initial = "10000", RANGE(1, U32_MAX)),
	FIELD("timeout", u32, timeout, .initial = "0", RANGE(0, S32_MAX)),
	FIELD("tcp-keepalive", u32, tcp_keepalive, .initial = "300", RANGE(0, S32_MAX),
	      .effects = DARTER_APPLY_OPTIONS),
	FIELD("protected-mode", bool, protected_mode, .initial = "yes"),
	FIELD("client-query-buffer-limit", memory, query_buffer_limit, .initial = "1gb",
	      RANGE(1 << 20, S64_MAX)),
	FIELD("proto-max-bulk-len", memory, max_bulk_len, .initial = "512mb",
	      RANGE(1 << 20, S64_MAX)),
	FIELD("client-output-buffer-limit", limits, output_limits,
	      .initial = "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60"),
	FIELD("requirepass", password, password, .initial = ""),
	FIELD("maxmemory", memory, max_memory, .compute = default_memory, RANGE(0, U64_MAX)),
	FIELD("hash-max-listpack-entries", u64, hash_max_listpack_entries, .initial = "512",
	      RANGE(0, S64_MAX)),
	FIELD("hash-max-ziplist-entries", u64, hash_max_listpack_entries, .initial = "512",
	      RANGE(0, S64_MAX)),
	FIELD("hash-max-listpack-value", memory, hash_max_listpack_value, .initial = "64",
	      RANGE(0, S64_MAX)),
	FIELD("hash-max-ziplist-value", memory, hash_max_listpack_value, .initial = "64",
	      RANGE(0, S64_MAX)),
	FIELD("rdbcompression", bool, rdb_compression, .initial = "yes"),
	FIELD("slowlog-log-slower-than", s64, slowlog_slower_than, .initial = "10000",
	      RANGE(-1, S64_MAX), .effects = DARTER_APPLY_OBSERVE),
	FIELD("slowlog-max-len", u64, slowlog_max_len, .initial = "128", RANGE(0, S64_MAX)),
	FIELD("latency-monitor-threshold", u64, latency_threshold, .initial = "0",
	      RANGE(0, S64_MAX), .effects = DARTER_APPLY_OBSERVE),
	FIELD("latency-tracking", bool, latency_tracking, .initial = "yes",
	      .effects = DARTER_APPLY_OBSERVE),
	FIELD("latency-tracking-info-percentiles", percentiles, percentiles,
	      .initial = "50 99 99.9"),
	FIELD("cluster-announce-ip", host, announce_ip, .initial = "",
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-hostname", hostname, announce_hostname, .initial = "",
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-port", u32, announce_port, .initial = "0", RANGE(0, 65535),
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-tls-port", u32, announce_tls_port, .initial = "0",
	      RANGE(0, 65535), .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-bus-port", u32, announce_bus_port, .initial = "0",
	      RANGE(0, 65535), .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-preferred-endpoint-type", endpoint, preferred_endpoint, .initial = "ip",
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("darter-batch-commands", u32, knobs.batch_commands, .initial = "32",
	      RANGE(1, S32_MAX),
	      KNOB("commands",
		   "consecutive commands of a client on a shard that share a hold of its lock")),
	FIELD("darter-visit-commands", u32, knobs.visit_commands, .initial = "256",
	      RANGE(1, S32_MAX),
	      KNOB("commands",
		   "commands of a client after which others may get a turn")),
	FIELD("darter-visit-replies", memory, knobs.visit_replies, .initial = "256kb",
	      RANGE(1, S32_MAX),
	      KNOB("bytes",
		   "queued replies of a client after which others may get a turn")),
	FIELD("darter-visit-rounds", u32, knobs.visit_rounds, .initial = "8",
	      RANGE(1, S32_MAX),
	      KNOB("rounds",
		   "rounds of receiving, running and sending after which others get a turn")),
	FIELD("darter-receive", memory, knobs.receive, .initial = "64kb",
	      RANGE(64, DARTER_SCRATCH_SIZE),
	      KNOB("bytes",
		   "received from a client in one round, unless a command is longer")),
	FIELD("darter-dispatch", dispatch, dispatch, .initial = "worker",
	      .effects = DARTER_APPLY_DISPATCH,
	      KNOB("worker, inline",
		   "where strings are read: in the client's worker or where its packet arrives")),
	FIELD("darter-inline-commands", u32, knobs.inline_commands, .initial = "64",
	      RANGE(1, S32_MAX),
	      KNOB("commands",
		   "commands of a packet that are executed where it arrives, if dispatch is so")),
	FIELD("darter-lockless-tries", u32, knobs.lockless_tries, .initial = "3",
	      RANGE(0, 1000),
	      KNOB("tries",
		   "tries to read a string without its shard's lock; 0: the lock is taken")),
	FIELD("darter-lock-spins", u32, knobs.lock_spins, .initial = "64",
	      RANGE(1, 1000000),
	      KNOB("tries",
		   "tries to take a shard's lock before its client is parked")),
	FIELD("darter-lock-patience", u32, knobs.lock_patience, .initial = "8",
	      RANGE(0, S32_MAX),
	      KNOB("times",
		   "times that a command is parked before its worker sleeps for the locks")),
	FIELD("darter-expire-keys", u32, knobs.expire_keys, .initial = "200",
	      RANGE(1, S32_MAX),
	      KNOB("keys",
		   "expired keys of a shard that are deleted before commands get a turn")),
	FIELD("darter-tick", u32, knobs.tick, .initial = "100",
	      RANGE(1, 1000),
	      KNOB("milliseconds",
		   "longest sleep of a worker, after which it looks for expired keys")),
	FIELD("darter-poll", u32, knobs.poll, .compute = default_poll,
	      RANGE(0, 10000),
	      KNOB("microseconds",
		   "how long a worker looks for work before it sleeps, as long as that pays")),
	FIELD("darter-latency-by-shard", bool, latency_by_shard, .initial = "no",
	      .effects = DARTER_APPLY_OBSERVE,
	      KNOB("yes, no",
		   "count how long commands take for each shard, too")),
	FIELD("darter-steering", bool, knobs.steering, .initial = "yes",
	      .effects = DARTER_APPLY_OPTIONS,
	      KNOB("yes, no",
		   "prefer the worker on the CPU where a new connection's packets arrive")),
	FIELD("enable-debug-command", access, debug_access, .initial = "no", .flags = IMMUTABLE),
	PARAM("databases", u32, databases),
	PARAM("cluster-enabled", enabled, cluster),
	CONSTANT("cluster-require-full-coverage", "yes", 0),
	CONSTANT("save", "", 0),
	CONSTANT("appendonly", "no", 0),
	CONSTANT("maxmemory-policy", "noeviction", 0),
	CONSTANT("notify-keyspace-events", "", 0),
	CONSTANT("io-threads", "1", IMMUTABLE),
};

static_assert(ARRAY_SIZE(parameters) <= DARTER_CONFIG_MAX);
static_assert(DARTER_BINDS_CHARS <= VALUE_CHARS && DARTER_PASSWORD_CHARS <= VALUE_CHARS &&
	      DARTER_HOST_CHARS <= VALUE_CHARS);

static const struct parameter *find_parameter(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (!strcasecmp(parameters[i].name, name))
			return &parameters[i];
	return NULL;
}

const char *darter_config_name(const char *name)
{
	const struct parameter *parameter = find_parameter(name);

	return parameter ? parameter->name : name;
}

static u32 index_of(const struct parameter *parameter)
{
	return parameter - parameters;
}

static void *field_of(struct darter_config *config, const struct parameter *parameter)
{
	return (char *)config + parameter->offset;
}

static void print_default(const struct darter_instance *instance,
			  const struct parameter *parameter, char *out, size_t room)
{
	if (parameter->compute)
		scnprintf(out, room, "%llu", parameter->compute(instance));
	else
		strscpy(out, parameter->initial, room);
}

/**
 * darter_config_init() - fill in the defaults
 * @instance: with params and host set
 */
void darter_config_init(struct darter_instance *instance)
{
	struct darter_config *config = &instance->config;
	char text[1], value[VALUE_CHARS];
	const struct reason nobody = { text, sizeof(text) };
	size_t i;

	memset(config, 0, sizeof(*config));
	mutex_init(&config->lock);
	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		const struct parameter *parameter = &parameters[i];

		if (parameter->flags & FIXED)
			continue;
		print_default(instance, parameter, value, sizeof(value));
		WARN_ON_ONCE(parameter->type->parse(parameter, value, field_of(config, parameter),
						    &nobody));
	}
	darter_observe_update(instance);
}

/**
 * darter_config_auth_required() - whether new sessions must authenticate
 * @instance: whose
 *
 * Context: any, no lock.
 * Return: whether a password is set.
 */
bool darter_config_auth_required(struct darter_instance *instance)
{
	return READ_ONCE(instance->config.password[0]);
}

/* What CONFIG GET shows. Strings under config->lock. */
static void print_value(struct darter_instance *instance, const struct parameter *parameter,
			char *out, size_t room)
{
	const void *field = field_of(&instance->config, parameter);

	if (parameter->flags & IN_PARAMS)
		field = (const char *)&instance->params + parameter->offset;
	parameter->type->print(parameter, field, out, room);
}

static bool is_current(struct darter_instance *instance, const struct parameter *parameter,
		       const char *text)
{
	/* Those that never change are short. */
	char now[32];

	print_value(instance, parameter, now, sizeof(now));
	return !strcasecmp(now, text);
}

/* A change on its way: the pairs, and the values that are not in force. */
struct change {
	struct darter_instance *instance;
	const struct darter_config_pair *pairs;
	u32 count;
	bool loading;
	struct darter_config *staged;
	DECLARE_BITMAP(set, DARTER_CONFIG_MAX);		/* names in the pairs */
	DECLARE_BITMAP(changed, DARTER_CONFIG_MAX);	/* fields, by their first names */
};

static int check_pair(struct change *change, const struct darter_config_pair *pair,
		      const struct reason *why)
{
	const struct parameter *parameter = find_parameter(pair->name);

	if (!parameter) {
		darter_refuse(why, "Unknown option or number of arguments for CONFIG SET - '%s'",
			      pair->name);
		return -ENOENT;
	}
	if ((parameter->flags & IMMUTABLE && !change->loading) ||
	    (parameter->flags & FIXED && !is_current(change->instance, parameter, pair->value))) {
		darter_refuse(why, "can't set immutable config");
		return -EPERM;
	}
	if (__test_and_set_bit(index_of(parameter), change->set))
		return darter_refuse(why, "duplicate parameter");
	return 0;
}

static int parse_pair(struct change *change, const struct darter_config_pair *pair,
		      const struct reason *why)
{
	const struct parameter *parameter = find_parameter(pair->name);
	void *field;

	if (parameter->flags & FIXED)
		return 0;
	field = field_of(change->staged, parameter);
	memcpy(field, field_of(&change->instance->config, parameter), parameter->type->size);
	return parameter->type->parse(parameter, pair->value, field, why);
}

static int each_pair(struct change *change, u32 *bad, const struct reason *why,
		     int (*step)(struct change *change, const struct darter_config_pair *pair,
				 const struct reason *why))
{
	int err = 0;
	u32 i;

	for (i = 0; i < change->count && !err; i++) {
		*bad = i;
		err = step(change, &change->pairs[i], why);
	}
	return err;
}

static void exchange_unit(void *field, void *staged, u32 unit)
{
	u64 *a64 = field, *b64 = staged;
	u32 *a32 = field, *b32 = staged;
	u8 *a8 = field, *b8 = staged;
	u64 old;

	switch (unit) {
	case sizeof(u64):
		old = *a64;
		WRITE_ONCE(*a64, *b64);
		*b64 = old;
		break;
	case sizeof(u32):
		old = *a32;
		WRITE_ONCE(*a32, *b32);
		*b32 = old;
		break;
	default:
		old = *a8;
		WRITE_ONCE(*a8, *b8);
		*b8 = old;
	}
}

/* The parameter by which a field is known when it has several names. */
static const struct parameter *first_name(const struct parameter *parameter)
{
	const struct parameter *other = parameters;

	while (other->flags & FIXED || other->offset != parameter->offset)
		other++;
	return other;
}

static void exchange_parameter(struct change *change, const struct parameter *parameter)
{
	void *field = field_of(&change->instance->config, parameter);
	void *staged = field_of(change->staged, parameter);
	u32 at, unit = parameter->type->unit;

	if (memcmp(field, staged, parameter->type->size))
		__set_bit(index_of(parameter), change->changed);
	for (at = 0; at < parameter->type->size; at += unit)
		exchange_unit(field + at, staged + at, unit);
}

/* Swap staged values and those in force, which are read meanwhile, unit by unit. */
static void exchange_all(struct change *change)
{
	DECLARE_BITMAP(done, DARTER_CONFIG_MAX) = {};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		const struct parameter *parameter = &parameters[i];

		if (!test_bit(i, change->set) || parameter->flags & FIXED)
			continue;
		parameter = first_name(parameter);
		if (!__test_and_set_bit(index_of(parameter), done))
			exchange_parameter(change, parameter);
	}
}

static u32 changed_effects(const struct change *change)
{
	u32 i, effects = 0;

	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (test_bit(i, change->changed))
			effects |= parameters[i].effects;
	return effects;
}

/* The first pair that has to do with what could not be applied. */
static u32 find_culprit(const struct change *change)
{
	u32 i;

	for (i = 0; i < change->count; i++) {
		const struct parameter *parameter = find_parameter(change->pairs[i].name);

		if (!(parameter->flags & FIXED) && parameter->effects & ~DARTER_APPLY_OBSERVE &&
		    test_bit(index_of(first_name(parameter)), change->changed))
			return i;
	}
	return 0;
}

static int commit(struct change *change, u32 *bad, const struct reason *why)
{
	struct darter_instance *instance = change->instance;
	u32 effects;
	int err = 0;

	exchange_all(change);
	effects = changed_effects(change) & ~DARTER_APPLY_OBSERVE;
	if (effects & DARTER_APPLY_TOPOLOGY)
		err = darter_topology_check(instance, why->text, why->room);
	if (!err && effects)
		err = instance->host->apply(instance, effects, why->text, why->room);
	if (err) {
		*bad = find_culprit(change);
		exchange_all(change);
	}
	darter_observe_update(instance);
	/* What callers take for a value that cannot be read. */
	return err == -EINVAL ? -EADDRNOTAVAIL : err;
}

static void tell(const struct change *change)
{
	struct darter_instance *instance = change->instance;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (test_bit(i, change->changed))
			instance->host->event(instance, DARTER_EVENT_CONFIG, parameters[i].name);
	if (changed_effects(change) & DARTER_APPLY_TOPOLOGY)
		instance->host->event(instance, DARTER_EVENT_TOPOLOGY, "");
}

int darter_config_set(struct darter_instance *instance, const struct darter_config_pair *pairs,
		      u32 count, bool loading, u32 *bad, char *why, size_t why_len)
{
	struct change change = {
		.instance = instance,
		.pairs = pairs,
		.count = count,
		.loading = loading,
	};
	const struct reason reason = { why, why_len };
	int err;

	*bad = 0;
	change.staged = kzalloc(sizeof(*change.staged), GFP_KERNEL | __GFP_NOWARN);
	if (!change.staged) {
		darter_refuse(&reason, "out of memory");
		return -ENOMEM;
	}
	mutex_lock(&instance->config.lock);
	err = each_pair(&change, bad, &reason, check_pair);
	if (!err)
		err = each_pair(&change, bad, &reason, parse_pair);
	if (!err)
		err = commit(&change, bad, &reason);
	mutex_unlock(&instance->config.lock);
	if (!err)
		tell(&change);
	/* It may hold a password. */
	memzero_explicit(change.staged, sizeof(*change.staged));
	kfree(change.staged);
	return err;
}

/**
 * darter_config_get() - visit parameters that match a pattern
 * @instance: whose
 * @pattern: glob, any case
 * @first: position to resume from
 * @visit: gets position, name and value; non-zero stops
 * @arg: for @visit
 *
 * Context: may sleep. @visit is called without a lock.
 * Return: 0 or what @visit returned.
 */
int darter_config_get(struct darter_instance *instance, const char *pattern, u32 first,
		      int (*visit)(void *arg, u32 index, const char *name, const char *value),
		      void *arg)
{
	size_t pattern_len = strlen(pattern);
	char value[VALUE_CHARS];
	int err = 0;
	u32 i;

	for (i = first; i < ARRAY_SIZE(parameters) && !err; i++) {
		const char *name = parameters[i].name;

		if (!darter_glob_match(pattern, pattern_len, name, strlen(name), true))
			continue;
		mutex_lock(&instance->config.lock);
		print_value(instance, &parameters[i], value, sizeof(value));
		mutex_unlock(&instance->config.lock);
		err = visit(arg, i, name, value);
	}
	return err;
}

/**
 * darter_config_knob() - describe a parameter that experimenters turn
 * @instance: whose
 * @index: its position, as darter_config_get() gave it
 * @knob: filled in
 *
 * The default is printed as the value is, whatever unit the table has it in.
 *
 * Context: may sleep.
 * Return: whether it is one.
 */
bool darter_config_knob(struct darter_instance *instance, u32 index, struct darter_knob *knob)
{
	const struct parameter *parameter = &parameters[index];
	char text[1];
	const struct reason nobody = { text, sizeof(text) };
	u64 field = 0;

	if (!parameter->effect)
		return false;
	knob->unit = parameter->unit;
	knob->effect = parameter->effect;
	knob->min = parameter->min;
	knob->max = parameter->max;
	print_default(instance, parameter, knob->initial, sizeof(knob->initial));
	if (!parameter->type->parse(parameter, knob->initial, &field, &nobody))
		parameter->type->print(parameter, &field, knob->initial, sizeof(knob->initial));
	return true;
}
