// SPDX-License-Identifier: GPL-2.0
/*
 * The directives of redis.conf, and Darter's own. The names are those of Redis
 * 7.2; the defaults are the values a new instance reports. The table is constant;
 * learned names are added to a list that only grows, by the one thread there is.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "names.h"

#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#define ROW(name, use, type, value) { name, DARTER_USE_##use, DARTER_TYPE_##type, value }
#define NONE(name, type) { name, DARTER_USE_NONE, DARTER_TYPE_##type, NULL }

static const struct darter_name names[] = {
	/* the instance's parameters */
	ROW("bind", SET, WORDS, "127.0.0.1"),
	ROW("port", SET, NUMBER, "6379"),
	ROW("darter-worker-port", SET, NUMBER, "0"),
	ROW("darter-workers", SET, NUMBER, NULL),
	ROW("darter-dispatch", SET, TEXT, "worker"),
	ROW("darter-inline-commands", SET, NUMBER, "64"),
	ROW("tcp-backlog", SET, NUMBER, "511"),
	ROW("maxclients", SET, NUMBER, "10000"),
	ROW("timeout", SET, NUMBER, "0"),
	ROW("tcp-keepalive", SET, NUMBER, "300"),
	ROW("protected-mode", SET, BOOL, "yes"),
	ROW("client-query-buffer-limit", SET, MEMORY, "1073741824"),
	ROW("proto-max-bulk-len", SET, MEMORY, "536870912"),
	ROW("client-output-buffer-limit", SET, LIMITS,
	    "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"),
	ROW("requirepass", SET, TEXT, ""),
	ROW("maxmemory", SET, MEMORY, NULL),
	ROW("hash-max-listpack-entries", SET, NUMBER, "512"),
	ROW("hash-max-listpack-value", SET, MEMORY, "64"),
	ROW("rdbcompression", SET, BOOL, "yes"),
	ROW("slowlog-log-slower-than", SET, NUMBER, "10000"),
	ROW("slowlog-max-len", SET, NUMBER, "128"),
	ROW("latency-monitor-threshold", SET, NUMBER, "0"),
	ROW("latency-tracking", SET, BOOL, "yes"),
	ROW("latency-tracking-info-percentiles", SET, WORDS, "50 99 99.9"),
	ROW("cluster-announce-ip", SET, TEXT, ""),
	ROW("cluster-announce-hostname", SET, TEXT, ""),
	ROW("cluster-announce-port", SET, NUMBER, "0"),
	ROW("cluster-announce-tls-port", SET, NUMBER, "0"),
	ROW("cluster-announce-bus-port", SET, NUMBER, "0"),
	ROW("cluster-preferred-endpoint-type", SET, TEXT, "ip"),
	ROW("darter-batch-commands", SET, NUMBER, "32"),
	ROW("darter-visit-commands", SET, NUMBER, "256"),
	ROW("darter-visit-replies", SET, MEMORY, "262144"),
	ROW("darter-visit-rounds", SET, NUMBER, "8"),
	ROW("darter-receive", SET, MEMORY, "65536"),
	ROW("darter-lockless-tries", SET, NUMBER, "3"),
	ROW("darter-lock-spins", SET, NUMBER, "64"),
	ROW("darter-lock-patience", SET, NUMBER, "8"),
	ROW("darter-expire-keys", SET, NUMBER, "200"),
	ROW("darter-tick", SET, NUMBER, "100"),
	ROW("darter-poll", SET, NUMBER, NULL),
	ROW("darter-latency-by-shard", SET, BOOL, "no"),
	ROW("darter-steering", SET, BOOL, "yes"),
	ROW("enable-debug-command", SET, TEXT, "no"),
	/* fixed when an instance starts */
	ROW("databases", FIXED, NUMBER, "16"),
	ROW("cluster-enabled", FIXED, BOOL, "no"),
	ROW("darter-topology", FIXED, TEXT, NULL),
	ROW("darter-shards", FIXED, NUMBER, NULL),
	/* the daemon's own */
	ROW("daemonize", DAEMON, BOOL, NULL),
	ROW("logfile", DAEMON, TEXT, NULL),
	ROW("loglevel", DAEMON, TEXT, NULL),
	ROW("pidfile", DAEMON, TEXT, NULL),
	ROW("supervised", DAEMON, TEXT, NULL),
	/* Redis', with nothing here that they could change */
	NONE("acl-pubsub-default", TEXT),
	NONE("aclfile", TEXT),
	NONE("acllog-max-len", TEXT),
	NONE("active-defrag-cycle-max", TEXT),
	NONE("active-defrag-cycle-min", TEXT),
	NONE("active-defrag-ignore-bytes", TEXT),
	NONE("active-defrag-max-scan-fields", TEXT),
	NONE("active-defrag-threshold-lower", TEXT),
	NONE("active-defrag-threshold-upper", TEXT),
	NONE("active-expire-effort", TEXT),
	NONE("activedefrag", TEXT),
	NONE("activerehashing", TEXT),
	NONE("always-show-logo", TEXT),
	NONE("aof-load-truncated", TEXT),
	NONE("aof-rewrite-incremental-fsync", TEXT),
	NONE("aof-timestamp-enabled", TEXT),
	NONE("aof-use-rdb-preamble", TEXT),
	NONE("aof_rewrite_cpulist", TEXT),
	NONE("appenddirname", TEXT),
	NONE("appendfilename", TEXT),
	NONE("appendfsync", TEXT),
	NONE("appendonly", TEXT),
	NONE("auto-aof-rewrite-min-size", TEXT),
	NONE("auto-aof-rewrite-percentage", TEXT),
	NONE("bgsave_cpulist", TEXT),
	NONE("bind-source-addr", TEXT),
	NONE("bio_cpulist", TEXT),
	NONE("busy-reply-threshold", TEXT),
	NONE("cluster-allow-pubsubshard-when-down", TEXT),
	NONE("cluster-allow-reads-when-down", TEXT),
	NONE("cluster-allow-replica-migration", TEXT),
	NONE("cluster-announce-human-nodename", TEXT),
	NONE("cluster-config-file", TEXT),
	NONE("cluster-link-sendbuf-limit", TEXT),
	NONE("cluster-migration-barrier", TEXT),
	NONE("cluster-node-timeout", TEXT),
	NONE("cluster-port", TEXT),
	NONE("cluster-replica-no-failover", TEXT),
	NONE("cluster-replica-validity-factor", TEXT),
	NONE("cluster-require-full-coverage", TEXT),
	NONE("crash-log-enabled", TEXT),
	NONE("crash-memcheck-enabled", TEXT),
	NONE("dbfilename", TEXT),
	NONE("dir", TEXT),
	NONE("disable-thp", TEXT),
	NONE("dynamic-hz", TEXT),
	NONE("enable-module-command", TEXT),
	NONE("enable-protected-configs", TEXT),
	NONE("hll-sparse-max-bytes", TEXT),
	NONE("hz", TEXT),
	NONE("ignore-warnings", TEXT),
	NONE("io-threads", TEXT),
	NONE("io-threads-do-reads", TEXT),
	NONE("jemalloc-bg-thread", TEXT),
	NONE("key-load-delay", TEXT),
	NONE("lazyfree-lazy-eviction", TEXT),
	NONE("lazyfree-lazy-expire", TEXT),
	NONE("lazyfree-lazy-server-del", TEXT),
	NONE("lazyfree-lazy-user-del", TEXT),
	NONE("lazyfree-lazy-user-flush", TEXT),
	NONE("lfu-decay-time", TEXT),
	NONE("lfu-log-factor", TEXT),
	NONE("list-compress-depth", TEXT),
	NONE("list-max-listpack-size", TEXT),
	NONE("list-max-ziplist-entries", TEXT),
	NONE("list-max-ziplist-value", TEXT),
	NONE("loading-process-events-interval-bytes", TEXT),
	NONE("loadmodule", LINES),
	NONE("locale-collate", TEXT),
	NONE("lua-replicate-commands", TEXT),
	NONE("masterauth", TEXT),
	NONE("masteruser", TEXT),
	NONE("maxmemory-clients", TEXT),
	NONE("maxmemory-eviction-tenacity", TEXT),
	NONE("maxmemory-policy", TEXT),
	NONE("maxmemory-samples", TEXT),
	NONE("min-replicas-max-lag", TEXT),
	NONE("min-replicas-to-write", TEXT),
	NONE("no-appendfsync-on-rewrite", TEXT),
	NONE("notify-keyspace-events", TEXT),
	NONE("oom-score-adj", TEXT),
	NONE("oom-score-adj-values", WORDS),
	NONE("proc-title-template", TEXT),
	NONE("propagation-error-behavior", TEXT),
	NONE("rdb-del-sync-files", TEXT),
	NONE("rdb-key-save-delay", TEXT),
	NONE("rdb-save-incremental-fsync", TEXT),
	NONE("rdbchecksum", TEXT),
	NONE("rename-command", LINES),
	NONE("repl-backlog-size", TEXT),
	NONE("repl-backlog-ttl", TEXT),
	NONE("repl-disable-tcp-nodelay", TEXT),
	NONE("repl-diskless-load", TEXT),
	NONE("repl-diskless-sync", TEXT),
	NONE("repl-diskless-sync-delay", TEXT),
	NONE("repl-diskless-sync-max-replicas", TEXT),
	NONE("repl-ping-replica-period", TEXT),
	NONE("repl-timeout", TEXT),
	NONE("replica-announce-ip", TEXT),
	NONE("replica-announce-port", TEXT),
	NONE("replica-announced", TEXT),
	NONE("replica-ignore-disk-write-errors", TEXT),
	NONE("replica-ignore-maxmemory", TEXT),
	NONE("replica-lazy-flush", TEXT),
	NONE("replica-priority", TEXT),
	NONE("replica-read-only", TEXT),
	NONE("replica-serve-stale-data", TEXT),
	NONE("replicaof", WORDS),
	NONE("sanitize-dump-payload", TEXT),
	NONE("save", LINES),
	NONE("server_cpulist", TEXT),
	NONE("set-max-intset-entries", TEXT),
	NONE("set-max-listpack-entries", TEXT),
	NONE("set-max-listpack-value", TEXT),
	NONE("set-proc-title", TEXT),
	NONE("shutdown-on-sigint", WORDS),
	NONE("shutdown-on-sigterm", WORDS),
	NONE("shutdown-timeout", TEXT),
	NONE("socket-mark-id", TEXT),
	NONE("stop-writes-on-bgsave-error", TEXT),
	NONE("stream-node-max-bytes", TEXT),
	NONE("stream-node-max-entries", TEXT),
	NONE("syslog-enabled", TEXT),
	NONE("syslog-facility", TEXT),
	NONE("syslog-ident", TEXT),
	NONE("tls-auth-clients", TEXT),
	NONE("tls-ca-cert-dir", TEXT),
	NONE("tls-ca-cert-file", TEXT),
	NONE("tls-cert-file", TEXT),
	NONE("tls-ciphers", TEXT),
	NONE("tls-ciphersuites", TEXT),
	NONE("tls-client-cert-file", TEXT),
	NONE("tls-client-key-file", TEXT),
	NONE("tls-client-key-file-pass", TEXT),
	NONE("tls-cluster", TEXT),
	NONE("tls-dh-params-file", TEXT),
	NONE("tls-key-file", TEXT),
	NONE("tls-key-file-pass", TEXT),
	NONE("tls-port", TEXT),
	NONE("tls-prefer-server-ciphers", TEXT),
	NONE("tls-protocols", TEXT),
	NONE("tls-replication", TEXT),
	NONE("tls-session-cache-size", TEXT),
	NONE("tls-session-cache-timeout", TEXT),
	NONE("tls-session-caching", TEXT),
	NONE("tracking-table-max-keys", TEXT),
	NONE("unixsocket", TEXT),
	NONE("unixsocketperm", TEXT),
	NONE("use-exit-on-panic", TEXT),
	NONE("user", LINES),
	NONE("zset-max-listpack-entries", TEXT),
	NONE("zset-max-listpack-value", TEXT),
};

static const struct {
	const char *older, *newer;
} aliases[] = {
	{ "cluster-slave-no-failover", "cluster-replica-no-failover" },
	{ "cluster-slave-validity-factor", "cluster-replica-validity-factor" },
	{ "hash-max-ziplist-entries", "hash-max-listpack-entries" },
	{ "hash-max-ziplist-value", "hash-max-listpack-value" },
	{ "list-max-ziplist-size", "list-max-listpack-size" },
	{ "lua-time-limit", "busy-reply-threshold" },
	{ "min-slaves-max-lag", "min-replicas-max-lag" },
	{ "min-slaves-to-write", "min-replicas-to-write" },
	{ "repl-ping-slave-period", "repl-ping-replica-period" },
	{ "slave-announce-ip", "replica-announce-ip" },
	{ "slave-announce-port", "replica-announce-port" },
	{ "slave-ignore-maxmemory", "replica-ignore-maxmemory" },
	{ "slave-lazy-flush", "replica-lazy-flush" },
	{ "slave-priority", "replica-priority" },
	{ "slave-read-only", "replica-read-only" },
	{ "slave-serve-stale-data", "replica-serve-stale-data" },
	{ "slaveof", "replicaof" },
	{ "zset-max-ziplist-entries", "zset-max-listpack-entries" },
	{ "zset-max-ziplist-value", "zset-max-listpack-value" },
};

#define OWN_PREFIX "darter-"

struct learned {
	struct learned *next;
	struct darter_name name;
	char text[];
};

static struct learned *learned_names;

static const char *newer_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (!strcasecmp(aliases[i].older, name))
			return aliases[i].newer;
	}
	return name;
}

const struct darter_name *darter_name_find(const char *name)
{
	name = newer_name(name);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcasecmp(names[i].name, name))
			return &names[i];
	}
	for (const struct learned *one = learned_names; one; one = one->next) {
		if (!strcasecmp(one->text, name))
			return &one->name;
	}
	return NULL;
}

/* No module has a parameter whose name would need quotes. */
static bool may_be_learned(const char *name)
{
	if (strncasecmp(name, OWN_PREFIX, strlen(OWN_PREFIX)))
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && *name != '-')
			return false;
	}
	return true;
}

int darter_name_learn(const char *name, const struct darter_name **found)
{
	struct learned *one;

	*found = darter_name_find(name);
	if (*found || !may_be_learned(name))
		return 0;
	one = malloc(sizeof(*one) + strlen(name) + 1);
	if (!one)
		return -ENOMEM;
	for (char *to = strcpy(one->text, name); *to; to++)
		*to = tolower((unsigned char)*to);
	one->name = (struct darter_name){ one->text, DARTER_USE_SET, DARTER_TYPE_WORDS, NULL };
	one->next = learned_names;
	learned_names = one;
	*found = &one->name;
	return 0;
}

void darter_names_forget(void)
{
	struct learned *one;

	while (learned_names) {
		one = learned_names;
		learned_names = one->next;
		free(one);
	}
}

bool darter_name_is_learned(const struct darter_name *name)
{
	return name < names || name >= names + ARRAY_SIZE(names);
}

const struct darter_name *darter_name_at(unsigned int index)
{
	return index < ARRAY_SIZE(names) ? &names[index] : NULL;
}

int darter_parse_number(const char *text, unsigned long long max, unsigned long long *out)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

int darter_parse_memory(const char *text, unsigned long long *out)
{
	static const struct {
		const char *name;
		unsigned long long bytes;
	} units[] = {
		{ "", 1 }, { "b", 1 }, { "k", 1000 }, { "kb", 1024 },
		{ "m", 1000 * 1000 }, { "mb", 1024 * 1024 },
		{ "g", 1000 * 1000 * 1000 }, { "gb", 1024 * 1024 * 1024 },
	};
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -ERANGE;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcasecmp(end, units[i].name))
			continue;
		return __builtin_mul_overflow(value, units[i].bytes, out) ? -ERANGE : 0;
	}
	return -EINVAL;
}

bool darter_name_same(const struct darter_name *name, const char *a, const char *b)
{
	unsigned long long x, y;

	switch (name->type) {
	case DARTER_TYPE_LIMITS:
		return darter_limits_same(a, b);
	case DARTER_TYPE_NUMBER:
		if (!darter_parse_number(a, ULLONG_MAX, &x) &&
		    !darter_parse_number(b, ULLONG_MAX, &y))
			return x == y;
		return !strcmp(a, b);
	case DARTER_TYPE_MEMORY:
		if (!darter_parse_memory(a, &x) && !darter_parse_memory(b, &y))
			return x == y;
		return !strcmp(a, b);
	case DARTER_TYPE_BOOL:
		return !strcasecmp(a, b);
	default:
		return !strcmp(a, b);
	}
}
