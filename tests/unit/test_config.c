// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Configuration: Redis' texts, and that a change happens wholly or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/instance.h"

static struct darter_instance instance;
static char why[256], events[512];
static u32 bad, applied, applications;
static int apply_result;
static char bind_when_applied[DARTER_BINDS_CHARS];

static int apply(struct darter_instance *of, u32 effects, char *text, size_t room)
{
	assert_ptr_equal(of, &instance);
	assert_true(mutex_is_locked(&of->config.lock));
	applied = effects;
	applications++;
	strcpy(bind_when_applied, of->config.bind);
	if (apply_result)
		snprintf(text, room, "Failed to bind to specified addresses.");
	return apply_result;
}

static void event(struct darter_instance *of, enum darter_event kind, const char *text)
{
	size_t len = strlen(events);

	assert_false(mutex_is_locked(&of->config.lock));
	snprintf(events + len, sizeof(events) - len, "%d:%s ", kind, text);
}

static u64 total_memory(void)
{
	return 1000000000;
}

static const struct darter_host host = {
	.apply = apply,
	.event = event,
	.total_memory = total_memory,
};

static int set_up(void **state)
{
	memset(&instance, 0, sizeof(instance));
	instance.host = &host;
	instance.params = (struct darter_params){
		.shards = 3, .databases = 16, .lanes = 2, .max_lanes = 4,
	};
	darter_config_init(&instance);
	events[0] = '\0';
	applied = 0;
	applications = 0;
	apply_result = 0;
	return 0;
}

static int tear_down(void **state)
{
	mutex_destroy(&instance.config.lock);
	return 0;
}

static int set(const char *name, const char *value)
{
	struct darter_config_pair pair = { name, value };

	why[0] = '\0';
	return darter_config_set(&instance, &pair, 1, false, &bad, why, sizeof(why));
}

static int load(const char *name, const char *value)
{
	struct darter_config_pair pair = { name, value };

	why[0] = '\0';
	return darter_config_set(&instance, &pair, 1, true, &bad, why, sizeof(why));
}

static int keep(void *arg, u32 index, const char *name, const char *value)
{
	strcpy(arg, value);
	return 1;
}

static const char *get(const char *name)
{
	static char value[1024];

	assert_int_equal(darter_config_get(&instance, name, 0, keep, value), 1);
	return value;
}

static void refused(const char *name, const char *value, const char *text)
{
	char before[1024];

	strcpy(before, get(name));
	assert_int_not_equal(set(name, value), 0);
	assert_string_equal(why, text);
	assert_string_equal(get(name), before);
}

static void accepted(const char *name, const char *value, const char *shown)
{
	int err = set(name, value);

	if (err)
		fail_msg("%s %s: %s", name, value, why);
	assert_string_equal(get(name), shown);
}

static void test_defaults(void **state)
{
	static const char *const expected[][2] = {
		{ "bind", "127.0.0.1" }, { "port", "6379" }, { "tcp-backlog", "511" },
		{ "maxclients", "10000" }, { "timeout", "0" }, { "tcp-keepalive", "300" },
		{ "protected-mode", "yes" }, { "client-query-buffer-limit", "1073741824" },
		{ "proto-max-bulk-len", "536870912" }, { "requirepass", "" },
		{ "client-output-buffer-limit",
		  "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60" },
		{ "maxmemory", "800000000" }, { "hash-max-listpack-entries", "512" },
		{ "hash-max-ziplist-entries", "512" }, { "hash-max-listpack-value", "64" },
		{ "hash-max-ziplist-value", "64" }, { "cluster-announce-ip", "" },
		{ "cluster-announce-bus-port", "0" },
		{ "cluster-preferred-endpoint-type", "ip" }, { "databases", "16" },
		{ "cluster-enabled", "no" }, { "save", "" }, { "appendonly", "no" },
		{ "maxmemory-policy", "noeviction" }, { "notify-keyspace-events", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(get(expected[i][0]), expected[i][1]);
	assert_int_equal(applications, 0);
}

static void test_integers(void **state)
{
	static const char unparsed[] = "argument couldn't be parsed into an integer";
	static const char between[] = "argument must be between 0 and 2147483647 inclusive";

	accepted("timeout", "7", "7");
	accepted("TIMEOUT", "2147483647", "2147483647");
	refused("timeout", "2147483648", between);
	refused("timeout", "-1", between);
	refused("timeout", "", unparsed);
	refused("timeout", "01", unparsed);
	refused("timeout", "+1", unparsed);
	refused("timeout", " 1", unparsed);
	refused("timeout", "1kb", unparsed);
	refused("timeout", "99999999999999999999", unparsed);
	refused("port", "65536", "argument must be between 0 and 65535 inclusive");
	refused("maxclients", "0", "argument must be between 1 and 4294967295 inclusive");
	accepted("maxclients", "4294967295", "4294967295");
	accepted("hash-max-listpack-entries", "9223372036854775807", "9223372036854775807");
	refused("hash-max-ziplist-entries", "-1",
		"argument must be between 0 and 9223372036854775807 inclusive");
}

static void test_memory(void **state)
{
	static const char not_memory[] = "argument must be a memory value";
	static const char between[] =
		"argument must be between 1048576 and 9223372036854775807 inclusive";

	accepted("maxmemory", "100", "100");
	accepted("maxmemory", "1k", "1000");
	accepted("maxmemory", "1Kb", "1024");
	accepted("maxmemory", "2m", "2000000");
	accepted("maxmemory", "2MB", "2097152");
	accepted("maxmemory", "3g", "3000000000");
	accepted("maxmemory", "3gB", "3221225472");
	accepted("maxmemory", "5b", "5");
	accepted("maxmemory", "01", "1");
	accepted("maxmemory", "", "0");
	accepted("maxmemory", "18446744073709551615", "18446744073709551615");
	accepted("maxmemory", "99999999999999999999999", "18446744073709551615");
	refused("maxmemory", "18446744073709551615kb", not_memory);
	refused("maxmemory", "1tb", not_memory);
	refused("maxmemory", "1.5gb", not_memory);
	refused("maxmemory", "-1", not_memory);
	refused("maxmemory", "1 gb", not_memory);
	refused("maxmemory", "1%", not_memory);
	refused("proto-max-bulk-len", "1", between);
	refused("proto-max-bulk-len", "99999999999999999999", between);
	accepted("hash-max-ziplist-value", "64k", "64000");
	assert_string_equal(get("hash-max-listpack-value"), "64000");
}

static void test_words(void **state)
{
	accepted("protected-mode", "NO", "no");
	refused("protected-mode", "true", "argument must be 'yes' or 'no'");
	accepted("cluster-preferred-endpoint-type", "Hostname", "hostname");
	refused("cluster-preferred-endpoint-type", "x",
		"argument(s) must be one of the following: ip, hostname, unknown-endpoint");
	accepted("cluster-announce-hostname", "a-1.example", "a-1.example");
	refused("cluster-announce-hostname", "a b",
		"Hostnames may only contain alphanumeric characters, hyphens or dots");
	refused("cluster-announce-hostname", "\xc3\xa9",
		"Hostnames may only contain alphanumeric characters, hyphens or dots");
	accepted("cluster-announce-hostname", "", "");
}

static void test_long_texts(void **state)
{
	char text[DARTER_PASSWORD_CHARS + 1];

	memset(text, 'a', sizeof(text));
	text[DARTER_PASSWORD_CHARS] = '\0';
	refused("requirepass", text, "argument must be shorter than 512 characters");
	text[DARTER_PASSWORD_CHARS - 1] = '\0';
	accepted("requirepass", text, text);
	accepted("requirepass", "short", "short");
	text[DARTER_HOST_CHARS] = '\0';
	refused("cluster-announce-hostname", text, "Hostnames must be less than 256 characters");
	text[DARTER_HOST_CHARS - 1] = '\0';
	accepted("cluster-announce-hostname", text, text);
}

static void test_password(void **state)
{
	assert_false(darter_config_auth_required(&instance));
	accepted("requirepass", "foo bar", "foo bar");
	assert_true(darter_config_auth_required(&instance));
	accepted("requirepass", "", "");
	assert_false(darter_config_auth_required(&instance));
}

static void test_binds(void **state)
{
	char many[DARTER_BINDS_CHARS + 40] = "";

	accepted("bind", "  ::1\t 127.0.0.1 -10.0.0.1 ", "::1 127.0.0.1 -10.0.0.1");
	assert_int_equal(applied, DARTER_APPLY_LISTEN);
	accepted("bind", "", "");
	accepted("bind", "a b c d e f g h i j k l m n o p", "a b c d e f g h i j k l m n o p");
	refused("bind", "a b c d e f g h i j k l m n o p q", "Too many bind addresses specified.");
	memset(many, 'a', DARTER_BINDS_CHARS - 1);
	accepted("bind", many, many);
	memset(many, 'a', DARTER_BINDS_CHARS);
	refused("bind", many, "argument must be shorter than 512 characters");
}

static void test_output_limits(void **state)
{
	static const char wrong_count[] =
		"Wrong number of arguments in buffer limit configuration.";
	static const char wrong_number[] =
		"Error in hard, soft or soft_seconds setting in buffer limit configuration.";
	static const char name[] = "client-output-buffer-limit";

	accepted(name, "normal 1mb 1k 10",
		 "normal 1048576 1000 10 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
	accepted(name, "Slave 1 2 3 pubsub 5 6 7", "normal 1048576 1000 10 slave 1 2 3 pubsub 5 6 7");
	accepted(name, "replica 9 9 9", "normal 1048576 1000 10 slave 9 9 9 pubsub 5 6 7");
	accepted(name, "", "normal 1048576 1000 10 slave 9 9 9 pubsub 5 6 7");
	refused(name, "normal 0 0", wrong_count);
	refused(name, "normal 0 0 0 pubsub", wrong_count);
	refused(name, "normal  0 0 0", wrong_count);
	refused(name, "foo 0 0 0", "Invalid client class specified in buffer limit configuration.");
	refused(name, "normal 0 0 x", wrong_number);
	refused(name, "normal 0 x 0", wrong_number);
	refused(name, "normal x 0 0", wrong_number);
	refused(name, "normal 0 0 -1", wrong_number);
	refused(name, "normal 0 0 0 replica 1 2 x", wrong_number);
}

static void test_workers(void **state)
{
	assert_string_equal(get("darter-workers"), "2");
	accepted("darter-workers", "4", "4");
	assert_int_equal(applied,
			 DARTER_APPLY_WORKERS | DARTER_APPLY_LISTEN | DARTER_APPLY_TOPOLOGY);
	assert_int_equal(set("darter-workers", "5"), -ERANGE);
	assert_string_equal(why, "there can be 4 workers at most");
	assert_int_equal(set("darter-workers", "0"), -EINVAL);
	assert_string_equal(get("darter-workers"), "4");
	assert_int_equal(applications, 1);
}

static void test_workers_are_nodes(void **state)
{
	instance.params.cluster = DARTER_TOPOLOGY_PER_CPU;
	accepted("darter-workers", "3", "3");
	assert_int_equal(set("darter-workers", "4"), -ERANGE);
	assert_string_equal(why,
			    "the per-cpu topology needs a shard for each worker: 3 shards, 4 workers");
}

static void test_unknown(void **state)
{
	assert_int_equal(set("foo", "1"), -ENOENT);
	assert_string_equal(why, "Unknown option or number of arguments for CONFIG SET - 'foo'");
	assert_int_equal(set("appendfsync", "no"), -ENOENT);
	assert_int_equal(darter_config_get(&instance, "foo", 0, keep, why), 0);
}

static void test_immutable(void **state)
{
	static const char immutable[] = "can't set immutable config";

	refused("databases", "16", immutable);
	refused("tcp-backlog", "511", immutable);
	refused("io-threads", "1", immutable);
	refused("save", "900 1", immutable);
	refused("appendonly", "yes", immutable);
	accepted("save", "", "");
	accepted("appendonly", "NO", "no");
	accepted("notify-keyspace-events", "", "");
	assert_int_equal(set("databases", "16"), -EPERM);
	assert_int_equal(applications, 0);
	assert_string_equal(events, "");
}

static void test_loading(void **state)
{
	assert_int_equal(load("databases", "16"), 0);
	assert_int_equal(load("databases", "17"), -EPERM);
	assert_int_equal(load("cluster-enabled", "yes"), -EPERM);
	assert_int_equal(load("tcp-backlog", "100"), 0);
	assert_int_equal(applied, DARTER_APPLY_LISTEN);
	assert_string_equal(get("tcp-backlog"), "100");
	assert_int_equal(load("io-threads", "4"), -EPERM);
}

static int set_pairs(const struct darter_config_pair *pairs, u32 count)
{
	why[0] = '\0';
	return darter_config_set(&instance, pairs, count, false, &bad, why, sizeof(why));
}

static void test_several(void **state)
{
	const struct darter_config_pair good[] = {
		{ "maxmemory", "5gb" }, { "tcp-keepalive", "60" }, { "port", "7000" },
		{ "timeout", "0" },
	};

	assert_int_equal(set_pairs(good, ARRAY_SIZE(good)), 0);
	assert_string_equal(get("maxmemory"), "5368709120");
	assert_int_equal(applied,
			 DARTER_APPLY_OPTIONS | DARTER_APPLY_LISTEN | DARTER_APPLY_TOPOLOGY);
	assert_int_equal(applications, 1);
	/* What stayed as it was is no event. */
	assert_string_equal(events, "0:port 0:tcp-keepalive 0:maxmemory 1: ");
}

static void test_all_or_none(void **state)
{
	const struct darter_config_pair unknown[] = { { "timeout", "7" }, { "foo", "1" } };
	const struct darter_config_pair wrong[] = { { "timeout", "7" }, { "maxmemory", "x" } };
	const struct darter_config_pair twice[] = { { "timeout", "x" }, { "Timeout", "1" } };
	const struct darter_config_pair first[] = { { "databases", "1" }, { "foo", "1" } };

	assert_int_equal(set_pairs(unknown, 2), -ENOENT);
	assert_int_equal(bad, 1);
	assert_int_equal(set_pairs(wrong, 2), -EINVAL);
	assert_int_equal(bad, 1);
	assert_int_equal(set_pairs(twice, 2), -EINVAL);
	assert_int_equal(bad, 1);
	assert_string_equal(why, "duplicate parameter");
	assert_int_equal(set_pairs(first, 2), -EPERM);
	assert_int_equal(bad, 0);
	assert_string_equal(get("timeout"), "0");
	assert_int_equal(applications, 0);
	assert_string_equal(events, "");
}

static void test_two_names(void **state)
{
	const struct darter_config_pair pairs[] = {
		{ "hash-max-ziplist-entries", "1" }, { "hash-max-listpack-entries", "2" },
	};

	assert_int_equal(set_pairs(pairs, 2), 0);
	assert_string_equal(get("hash-max-ziplist-entries"), "2");
	assert_string_equal(events, "0:hash-max-listpack-entries ");
	assert_int_equal(set("hash-max-ziplist-value", "5"), 0);
	assert_int_equal(instance.config.hash_max_listpack_value, 5);
}

static void test_rollback(void **state)
{
	const struct darter_config_pair pairs[] = {
		{ "maxmemory", "77" }, { "bind", "1.2.3.4" }, { "hash-max-ziplist-value", "8" },
		{ "requirepass", "secret" },
	};

	apply_result = -EADDRNOTAVAIL;
	assert_int_equal(set_pairs(pairs, ARRAY_SIZE(pairs)), -EADDRNOTAVAIL);
	assert_int_equal(bad, 1);
	assert_string_equal(why, "Failed to bind to specified addresses.");
	assert_string_equal(bind_when_applied, "1.2.3.4");
	assert_string_equal(get("bind"), "127.0.0.1");
	assert_string_equal(get("maxmemory"), "800000000");
	assert_string_equal(get("hash-max-listpack-value"), "64");
	assert_string_equal(get("requirepass"), "");
	assert_string_equal(events, "");
}

static void test_no_memory(void **state)
{
	shim_alloc_fail_after = 0;
	assert_int_equal(set("timeout", "5"), -ENOMEM);
	shim_alloc_fail_after = -1;
	assert_string_equal(get("timeout"), "0");
}

struct visited {
	u32 count, last, stop_at;
};

static int count_visit(void *arg, u32 index, const char *name, const char *value)
{
	struct visited *visited = arg;

	assert_true(!visited->count || index > visited->last);
	assert_true(index < DARTER_CONFIG_MAX);
	visited->last = index;
	visited->count++;
	return index == visited->stop_at ? -EAGAIN : 0;
}

static void test_globs(void **state)
{
	struct visited all = { .stop_at = U32_MAX }, more = all, some = all;
	struct visited part = { .stop_at = 4 };

	assert_int_equal(darter_config_get(&instance, "*", 0, count_visit, &all), 0);
	assert_true(all.count > 25);
	assert_int_equal(darter_config_get(&instance, "*", 0, count_visit, &part), -EAGAIN);
	assert_int_equal(darter_config_get(&instance, "*", part.last + 1, count_visit, &more), 0);
	assert_int_equal(part.count + more.count, all.count);
	assert_int_equal(darter_config_get(&instance, "Hash-Max-*", 0, count_visit, &some), 0);
	assert_int_equal(some.count, 4);
}

/* Every value that is shown can be set again: tools restore what they read. */
static int set_back(void *arg, u32 index, const char *name, const char *value)
{
	int err = load(name, value);

	if (err)
		fail_msg("%s '%s': %s", name, value, why);
	assert_string_equal(get(name), value);
	return 0;
}

static void test_set_back(void **state)
{
	assert_int_equal(darter_config_get(&instance, "*", 0, set_back, NULL), 0);
	assert_int_equal(applications, 0);
	assert_string_equal(events, "");
}

static int check_knob(void *arg, u32 index, const char *name, const char *value)
{
	struct darter_knob knob;
	char past[32];
	u32 *count = arg;

	if (!darter_config_knob(&instance, index, &knob))
		return 0;
	++*count;
	assert_true(knob.unit[0] && knob.effect[0]);
	/* Nobody has turned it, and the default is written as a value is. */
	assert_string_equal(knob.initial, value);
	if (!knob.max)
		return 0;
	snprintf(past, sizeof(past), "%llu", (unsigned long long)knob.max + 1);
	assert_int_equal(set(name, past), -EINVAL);
	assert_non_null(strstr(why, "argument must be between"));
	snprintf(past, sizeof(past), "%llu", (unsigned long long)knob.max);
	/* More workers than CPUs are refused by whoever makes them. */
	if (strcmp(name, "darter-workers"))
		assert_int_equal(set(name, past), 0);
	if (knob.min) {
		snprintf(past, sizeof(past), "%llu", (unsigned long long)knob.min - 1);
		assert_int_equal(set(name, past), -EINVAL);
	}
	return 0;
}

static void test_knobs(void **state)
{
	u32 count = 0;

	assert_int_equal(darter_config_get(&instance, "*", 0, check_knob, &count), 0);
	assert_true(count > 10);
	count = 0;
	assert_int_equal(darter_config_get(&instance, "max*", 0, check_knob, &count), 0);
	assert_int_equal(count, 0);
}

/* It takes a CPU to poll on. */
static void test_default_of_poll(void **state)
{
	assert_string_equal(get("darter-poll"), "0");
	tear_down(state);
	instance.params.lanes = 3;
	darter_config_init(&instance);
	assert_string_equal(get("darter-poll"), "50");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults), TEST(test_integers), TEST(test_memory), TEST(test_words),
		TEST(test_long_texts), TEST(test_password), TEST(test_binds),
		TEST(test_output_limits), TEST(test_workers), TEST(test_workers_are_nodes),
		TEST(test_unknown), TEST(test_immutable),
		TEST(test_loading), TEST(test_several), TEST(test_all_or_none),
		TEST(test_two_names), TEST(test_rollback), TEST(test_no_memory),
		TEST(test_globs), TEST(test_set_back), TEST(test_knobs), TEST(test_default_of_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
