// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* INFO: which sections come, in which form, and that their figures follow what happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/keyspace.h"

#define INFO_CHARS 65536

static const char *const usual[] = {
	"Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules",
	"Errorstats", "Cluster", "Keyspace",
};

static char info[INFO_CHARS];

static int set_up_cluster(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return test_client_setup(state);
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

/* Keep the text of an INFO; its bulk is as long as it says. */
static void ask(const char *words)
{
	const char *reply = test_say(client, words);
	u32 len;
	int used;

	assert_int_equal(sscanf(reply, "$%u\r\n%n", &len, &used), 1);
	assert_int_equal(strlen(reply), used + len + 2);
	memcpy(info, reply + used, len);
	info[len] = '\0';
}

static bool has_section(const char *title)
{
	char line[64];

	snprintf(line, sizeof(line), "# %s\r\n", title);
	return strstr(info, line);
}

/* The value of a field, as a number. */
static u64 number(const char *name)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\r\n%s:", name);
	at = strstr(info, line);
	if (!at)
		fail_msg("no field %s", name);
	return strtoull(at + strlen(line), NULL, 10);
}

static void has(const char *line)
{
	char bounded[256];

	snprintf(bounded, sizeof(bounded), "\r\n%s\r\n", line);
	if (!strstr(info, bounded))
		fail_msg("no line %s in %s", line, info);
}

static u32 count_sections(void)
{
	const char *at = info;
	u32 count = 0;

	while ((at = strstr(at, "# "))) {
		assert_true(at == info || at[-1] == '\n');
		count++;
		at++;
	}
	return count;
}

static void the_usual_sections(void **state)
{
	static const char *const words[] = { "INFO", "INFO default", "INFO DEFAULT default" };
	const char *last;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		ask(words[i]);
		last = info;
		for (j = 0; j < ARRAY_SIZE(usual); j++) {
			assert_true(has_section(usual[j]));
			/* In this order. */
			last = strstr(last, usual[j]);
			assert_non_null(last);
		}
		assert_int_equal(count_sections(), ARRAY_SIZE(usual));
		assert_false(has_section("Commandstats"));
	}
}

static void all_sections(void **state)
{
	static const char *const words[] = {
		"INFO all", "INFO everything", "INFO default commandstats latencystats",
		"INFO server ALL",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		ask(words[i]);
		assert_true(has_section("Commandstats"));
		assert_true(has_section("Latencystats"));
		assert_int_equal(count_sections(), ARRAY_SIZE(usual) + 2);
	}
}

/* Each once, in the order of all sections, with an empty line between. */
static void chosen_sections(void **state)
{
	says("INFO nosuch", "$0\r\n\r\n");
	says("INFO cluster", "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n");
	says("INFO CLUSTER nosuch cluster", "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n");
	says("INFO keyspace cluster modules",
	     "$57\r\n# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n\r\n");
	test_say(client, "HELLO 3");
	says("INFO cluster", "=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n");
	says("INFO nosuch", "=4\r\ntxt:\r\n");
}

/* Clients read the text line by line: a title, or a name with a value. */
static void lines_have_a_form(void **state)
{
	char *line, *rest = info;

	says("GET", "-ERR wrong number of arguments for 'get' command\r\n");
	says("SET k v EX 100", "+OK\r\n");
	ask("INFO everything");
	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(line);

		if (!len && !rest)
			break;
		assert_true(len > 0 && line[len - 1] == '\r');
		if (len == 1 || line[0] == '#')
			continue;
		assert_in_range(strcspn(line, ":"), 1, len - 2);
		/* No blank in a name. */
		assert_true(strcspn(line, ":") < strcspn(line, " \t"));
	}
}

static void fields_that_clients_read(void **state)
{
	static const struct darter_arg binds[] = {
		{ .bytes = "CONFIG", .len = 6 }, { .bytes = "SET", .len = 3 },
		{ .bytes = "bind", .len = 4 }, { .bytes = "127.0.0.1 ::1", .len = 13 },
	};

	ask("INFO");
	has("redis_version:7.2.0");
	has("redis_mode:standalone");
	has("arch_bits:64");
	has("tcp_port:6379");
	has("loading:0");
	has("role:master");
	has("connected_slaves:0");
	has("cluster_enabled:0");
	has("maxmemory_policy:noeviction");
	has("rdb_bgsave_in_progress:0");
	has("aof_enabled:0");
	has("darter_version:" DARTER_VERSION);
	has("darter_workers:1");
	has("darter_shards:4");
	assert_int_equal(strspn(strstr(info, "run_id:") + 7, "0123456789abcdef"), 40);
	assert_int_equal(strspn(strstr(info, "master_replid:") + 14, "0123456789abcdef"), 40);
	has("listener0:name=tcp,bind=127.0.0.1,port=6379");
	assert_string_equal(test_say_args(client, binds, ARRAY_SIZE(binds)), "+OK\r\n");
	ask("INFO server");
	has("listener0:name=tcp,bind=127.0.0.1,bind=::1,port=6379");
	says("CONFIG SET port 0", "+OK\r\n");
	ask("INFO server");
	assert_null(strstr(info, "listener0"));
	has("tcp_port:0");
}

static void emulation_is_told(void **state)
{
	ask("INFO");
	has("redis_mode:cluster");
	has("cluster_enabled:1");
}

static void time_passes(void **state)
{
	ask("INFO server");
	assert_true(number("uptime_in_seconds") == 0);
	test_now += 90000 * 1000ULL + 999;
	ask("INFO server");
	assert_true(number("uptime_in_seconds") == 90000);
	assert_true(number("uptime_in_days") == 1);
	assert_true(number("server_time_usec") == test_now * 1000);
	/* A clock that is set back makes no big number. */
	test_now = TEST_BEGIN_MS - 5000;
	ask("INFO server");
	assert_true(number("uptime_in_seconds") == 0);
}

static void clients_are_counted(void **state)
{
	struct test_client *other;

	ask("INFO clients");
	assert_true(number("connected_clients") == 1);
	assert_true(number("blocked_clients") == 0);
	assert_true(number("maxclients") == 10000);
	other = test_connect();
	ask("INFO clients");
	assert_true(number("connected_clients") == 2);
	test_close(other);
	ask("INFO clients");
	assert_true(number("connected_clients") == 1);
	ask("INFO stats");
	assert_true(number("total_connections_received") == 2);
}

static void databases_with_keys(void **state)
{
	says("MSET a 1 b 2 c 3", "+OK\r\n");
	says("PEXPIRE a 1000", ":1\r\n");
	says("PEXPIRE b 3000", ":1\r\n");
	says("SELECT 2", "+OK\r\n");
	says("HSET h f v", ":1\r\n");
	ask("INFO keyspace");
	has("db0:keys=3,expires=2,avg_ttl=2000");
	has("db2:keys=1,expires=0,avg_ttl=0");
	assert_null(strstr(info, "db1"));
	assert_null(strstr(info, "db3"));
	test_now += 500;
	ask("INFO keyspace");
	has("db0:keys=3,expires=2,avg_ttl=1500");
	says("FLUSHALL", "+OK\r\n");
	says("INFO keyspace", "$12\r\n# Keyspace\r\n\r\n");
}

static void commands_are_counted(void **state)
{
	says("CONFIG RESETSTAT", "+OK\r\n");
	says("SET k v", "+OK\r\n");
	says("GET k", "$1\r\nv\r\n");
	says("GET none", "$-1\r\n");
	says("HGET k f",
	     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
	says("GET", "-ERR wrong number of arguments for 'get' command\r\n");
	ask("INFO stats");
	assert_true(number("keyspace_hits") == 2);
	assert_true(number("keyspace_misses") == 1);
	assert_true(number("total_error_replies") == 2);
	ask("INFO errorstats");
	has("errorstat_ERR:count=1");
	has("errorstat_WRONGTYPE:count=1");
	ask("INFO commandstats");
	assert_non_null(strstr(info, "\r\ncmdstat_get:calls=2,usec="));
	assert_non_null(strstr(info, ",rejected_calls=1,failed_calls=0\r\n"));
	assert_non_null(strstr(strstr(info, "cmdstat_hget:calls=1,usec="),
			       ",rejected_calls=0,failed_calls=1\r\n"));
	assert_null(strstr(info, "cmdstat_hset"));
}

static void expiry_is_counted(void **state)
{
	says("MSET a 1 b 2", "+OK\r\n");
	says("PEXPIRE a 10", ":1\r\n");
	test_now += 11;
	says("GET a", "$-1\r\n");
	ask("INFO stats");
	assert_true(number("expired_keys") == 1);
}

/* Without memory INFO is an error or ends the connection, and no part of a text. */
static void memory_may_end(void **state)
{
	const char *reply;
	u32 refused = 0;
	long after;

	for (after = 0;; after++) {
		assert_true(after < 50);
		shim_alloc_fail_after = after;
		reply = test_say(client, "INFO everything");
		shim_alloc_fail_after = -1;
		if (client->verdict == DARTER_SESSION_ABORT) {
			test_close(client);
			client = test_connect();
			continue;
		}
		if (reply[0] == '$')
			break;
		assert_string_equal(reply,
				    "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
		refused++;
	}
	assert_true(refused > 0);
	assert_non_null(strstr(reply, "# Keyspace\r\n"));
}

#define INFO_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		INFO_TEST(the_usual_sections),
		INFO_TEST(all_sections),
		INFO_TEST(chosen_sections),
		INFO_TEST(lines_have_a_form),
		INFO_TEST(fields_that_clients_read),
		cmocka_unit_test_setup_teardown(emulation_is_told, set_up_cluster,
						test_core_teardown),
		INFO_TEST(time_passes),
		INFO_TEST(clients_are_counted),
		INFO_TEST(databases_with_keys),
		INFO_TEST(commands_are_counted),
		INFO_TEST(expiry_is_counted),
		INFO_TEST(memory_may_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
