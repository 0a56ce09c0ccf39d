// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* CONFIG through a client: patterns, several pairs at once, and what cannot be applied. */
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

#define SYNTAX "-ERR syntax error\r\n"
#define FAILED(name) "-ERR CONFIG SET failed (possibly related to argument '" name "') - "
#define UNKNOWN(name) "-ERR Unknown option or number of arguments for CONFIG SET - '" name "'\r\n"

static struct darter_host host;
static u32 applied, events;
static int apply_result;

static int apply(struct darter_instance *instance, u32 effects, char *why, size_t why_len)
{
	applied++;
	if (apply_result)
		snprintf(why, why_len, "the port is taken");
	return apply_result;
}

static void event(struct darter_instance *instance, enum darter_event event, const char *text)
{
	events += event == DARTER_EVENT_CONFIG;
}

static int set_up(void **state)
{
	if (test_core_setup(state))
		return -1;
	host = *test_instance.host;
	host.apply = apply;
	host.event = event;
	test_instance.host = &host;
	applied = 0;
	events = 0;
	apply_result = 0;
	client = test_connect();
	return 0;
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void a_name_is_given_back_as_written(void **state)
{
	says("CONFIG GET timeout", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
	says("CONFIG GET TimeOut", "*2\r\n$7\r\nTimeOut\r\n$1\r\n0\r\n");
	says("CONFIG GET nosuch", "*0\r\n");
	says("CONFIG GET ", "*0\r\n");
}

static void patterns_give_the_names(void **state)
{
	says("CONFIG GET TIMEOU?", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
	says("CONFIG GET [ts]imeout", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
	says("CONFIG GET hash-max-listpack-*",
	     "*4\r\n$25\r\nhash-max-listpack-entries\r\n$3\r\n512\r\n"
	     "$23\r\nhash-max-listpack-value\r\n$2\r\n64\r\n");
	says("CONFIG GET nosuch*", "*0\r\n");
}

/* Each parameter once, however many patterns it matches. */
static void several_patterns(void **state)
{
	says("CONFIG GET timeout port nosuch",
	     "*4\r\n$7\r\ntimeout\r\n$1\r\n0\r\n$4\r\nport\r\n$4\r\n6379\r\n");
	says("CONFIG GET timeout time* timeout", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
	assert_string_equal(test_say(client, "CONFIG GET * *"),
			    strdupa(test_say(client, "CONFIG GET *")));
	test_say(client, "HELLO 3");
	says("CONFIG GET timeout port",
	     "%2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n$4\r\nport\r\n$4\r\n6379\r\n");
	says("CONFIG GET nosuch", "%0\r\n");
}

/* What comes out goes in again: tools set back what they have read. */
static void every_parameter_takes_its_own_value(void **state)
{
	char *all = strdup(test_say(client, "CONFIG GET *")), *at = all;
	u32 count, i, len[2];
	int used;

	assert_int_equal(sscanf(at, "*%u\r\n%n", &count, &used), 1);
	at += used;
	assert_true(count > 40);
	for (i = 0; i < count; i += 2) {
		struct darter_arg argv[4] = {
			{ .bytes = "CONFIG", .len = 6 }, { .bytes = "SET", .len = 3 },
		};
		u32 part;

		for (part = 0; part < 2; part++) {
			assert_int_equal(sscanf(at, "$%u\r\n%n", &len[part], &used), 1);
			argv[2 + part].bytes = strchr(at, '\n') + 1;
			argv[2 + part].len = len[part];
			at = (char *)argv[2 + part].bytes + len[part] + 2;
		}
		/* Some are fixed when the server starts. */
		if (!strncmp(argv[2].bytes, "tcp-backlog", 11) ||
		    !strncmp(argv[2].bytes, "io-threads", 10) ||
		    !strncmp(argv[2].bytes, "databases", 9) ||
		    !strncmp(argv[2].bytes, "cluster-enabled", 15) ||
		    !strncmp(argv[2].bytes, "enable-debug-command", 20))
			assert_non_null(strstr(test_say_args(client, argv, 4),
					       "can't set immutable config"));
		else
			assert_string_equal(test_say_args(client, argv, 4), "+OK\r\n");
	}
	assert_int_equal(events, 0);
	free(all);
}

static void several_pairs(void **state)
{
	says("CONFIG SET timeout 10 maxclients 50 HASH-MAX-LISTPACK-ENTRIES 7", "+OK\r\n");
	says("CONFIG GET timeout maxclients",
	     "*4\r\n$7\r\ntimeout\r\n$2\r\n10\r\n$10\r\nmaxclients\r\n$2\r\n50\r\n");
	says("CONFIG GET hash-max-ziplist-entries",
	     "*2\r\n$24\r\nhash-max-ziplist-entries\r\n$1\r\n7\r\n");
	assert_int_equal(events, 3);
	assert_int_equal(applied, 0);
}

/* One wrong pair, at whatever place, and none of them counts. */
static void all_pairs_or_none(void **state)
{
	static const char *const wrong[] = {
		"timeout x", "timeout -1", "nosuch 1", "maxmemory 1qb", "databases 7",
		"port 65536", "rdbcompression maybe", "maxclients 50", "appendonly yes",
	};
	char words[128];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(words, sizeof(words), "CONFIG SET tcp-keepalive 1 %s maxclients 51",
			 wrong[i]);
		assert_int_equal(test_say(client, words)[0], '-');
		snprintf(words, sizeof(words), "CONFIG SET %s tcp-keepalive 1 maxclients 51",
			 wrong[i]);
		assert_int_equal(test_say(client, words)[0], '-');
		snprintf(words, sizeof(words), "CONFIG SET tcp-keepalive 1 maxclients 51 %s",
			 wrong[i]);
		assert_int_equal(test_say(client, words)[0], '-');
		says("CONFIG GET tcp-keepalive", "*2\r\n$13\r\ntcp-keepalive\r\n$3\r\n300\r\n");
		says("CONFIG GET maxclients", "*2\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n");
	}
	assert_int_equal(events, 0);
	assert_int_equal(applied, 0);
}

static void errors_name_the_parameter(void **state)
{
	says("CONFIG SET timeout x",
	     FAILED("timeout") "argument couldn't be parsed into an integer\r\n");
	says("CONFIG SET maxclients 9 TimeOut -1",
	     FAILED("timeout") "argument must be between 0 and 2147483647 inclusive\r\n");
	says("CONFIG SET protected-mode 1",
	     FAILED("protected-mode") "argument must be 'yes' or 'no'\r\n");
	says("CONFIG SET databases 5", FAILED("databases") "can't set immutable config\r\n");
	says("CONFIG SET timeout 1 timeout 2", FAILED("timeout") "duplicate parameter\r\n");
	says("CONFIG SET nosuch 1", UNKNOWN("nosuch"));
	says("CONFIG SET timeout 1 nosuch 1", UNKNOWN("nosuch"));
	says("CONFIG SET timeout", "-ERR wrong number of arguments for 'config|set' command\r\n");
	says("CONFIG SET timeout 1 maxclients", SYNTAX);
	says("CONFIG GET timeout", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
}

/* A server that cannot listen elsewhere goes on where it is. */
static void what_cannot_be_applied_is_undone(void **state)
{
	apply_result = -EADDRINUSE;
	says("CONFIG SET timeout 5 port 7000",
	     FAILED("port") "Unable to listen on this port. Check server logs.\r\n");
	says("CONFIG SET bind 192.0.2.1",
	     FAILED("bind") "Failed to bind to specified addresses.\r\n");
	assert_int_equal(applied, 2);
	apply_result = -ENOMEM;
	says("CONFIG SET port 7000",
	     "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
	says("CONFIG GET port timeout bind",
	     "*6\r\n$4\r\nport\r\n$4\r\n6379\r\n$7\r\ntimeout\r\n$1\r\n0\r\n"
	     "$4\r\nbind\r\n$9\r\n127.0.0.1\r\n");
	assert_int_equal(events, 0);
	apply_result = 0;
	says("CONFIG SET timeout 5 port 7000", "+OK\r\n");
	says("CONFIG GET port timeout",
	     "*4\r\n$4\r\nport\r\n$4\r\n7000\r\n$7\r\ntimeout\r\n$1\r\n5\r\n");
	assert_int_equal(events, 2);
}

/* A long name is quoted in part only, and no byte of it ends the reply. */
static void names_of_any_length(void **state)
{
	char *name = malloc(5001);
	struct darter_arg argv[] = {
		{ .bytes = "CONFIG", .len = 6 }, { .bytes = "SET", .len = 3 },
		{ .bytes = name, .len = 5000 }, { .bytes = "1", .len = 1 },
	};
	const char *reply;

	memset(name, 'x', 5000);
	reply = test_say_args(client, argv, 4);
	assert_memory_equal(reply, "-ERR Unknown option", 19);
	assert_true(strlen(reply) < 600);
	assert_string_equal(reply + strlen(reply) - 2, "\r\n");
	memcpy(name, "time\r\nout", 9);
	argv[2].len = 9;
	reply = test_say_args(client, argv, 4);
	assert_ptr_equal(strchr(reply, '\r'), reply + strlen(reply) - 2);
	says("PING", "+PONG\r\n");
	free(name);
}

static void a_password_counts_at_once(void **state)
{
	struct test_client *other;

	says("CONFIG SET requirepass secret", "+OK\r\n");
	/* Who is in stays in. */
	says("PING", "+PONG\r\n");
	other = test_connect();
	assert_string_equal(test_say(other, "PING"), "-NOAUTH Authentication required.\r\n");
	says("CONFIG SET requirepass ", "+OK\r\n");
	other = test_connect();
	assert_string_equal(test_say(other, "PING"), "+PONG\r\n");
}

static void statistics_begin_again(void **state)
{
	says("SET k v", "+OK\r\n");
	says("GET k", "$1\r\nv\r\n");
	says("GET none", "$-1\r\n");
	says("GET", "-ERR wrong number of arguments for 'get' command\r\n");
	assert_non_null(strstr(test_say(client, "INFO stats"), "\r\nkeyspace_hits:1\r\n"));
	says("CONFIG RESETSTAT", "+OK\r\n");
	assert_non_null(strstr(test_say(client, "INFO stats"), "\r\nkeyspace_hits:0\r\n"));
	assert_non_null(strstr(test_say(client, "INFO stats"), "\r\nkeyspace_misses:0\r\n"));
	assert_non_null(strstr(test_say(client, "INFO stats"), "\r\ntotal_error_replies:0\r\n"));
	assert_null(strstr(test_say(client, "INFO commandstats"), "cmdstat_get:"));
	assert_null(strstr(test_say(client, "INFO errorstats"), "errorstat_ERR"));
	says("DBSIZE", ":1\r\n");
}

static void the_daemon_rewrites(void **state)
{
	says("CONFIG REWRITE", "-ERR darterd is not connected\r\n");
	assert_int_equal(test_upcalls, 1);
	says("PING", "+PONG\r\n");
}

static void help_is_a_list_of_lines(void **state)
{
	u32 count, lines = 0;
	const char *reply = test_say(client, "CONFIG HELP");

	assert_int_equal(sscanf(reply, "*%u\r\n+CONFIG ", &count), 1);
	for (reply = strstr(reply, "\r\n+"); reply; reply = strstr(reply + 1, "\r\n+"))
		lines++;
	assert_int_equal(lines, count);
}

#define CONFIG_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONFIG_TEST(a_name_is_given_back_as_written),
		CONFIG_TEST(patterns_give_the_names),
		CONFIG_TEST(several_patterns),
		CONFIG_TEST(every_parameter_takes_its_own_value),
		CONFIG_TEST(several_pairs),
		CONFIG_TEST(all_pairs_or_none),
		CONFIG_TEST(errors_name_the_parameter),
		CONFIG_TEST(what_cannot_be_applied_is_undone),
		CONFIG_TEST(names_of_any_length),
		CONFIG_TEST(a_password_counts_at_once),
		CONFIG_TEST(statistics_begin_again),
		CONFIG_TEST(the_daemon_rewrites),
		CONFIG_TEST(help_is_a_list_of_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
