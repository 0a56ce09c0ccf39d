// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Monitors: what they are told, what they may do, and when they are closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/observe.h"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)
#define HEAD "+1700000000.000000 [0 127.0.0.1:1] "

static struct test_client *monitor;

static int set_up(void **state)
{
	int err = test_core_setup(state);

	if (err)
		return err;
	monitor = test_connect();
	client = test_connect();
	return 0;
}

/* What others have sent, as its owner sends it on. */
static const char *hear(struct test_client *listener)
{
	assert_true(darter_session_collect(&listener->session, &test_instance.lanes[0]));
	return test_take(listener);
}

#define hears(listener, lines) assert_string_equal(hear(listener), lines)

static void commands_are_shown(void **state)
{
	struct darter_arg argv[] = {
		{ .bytes = "eChO", .len = 4 },
		{ .bytes = "a \"\\\n\r\t\a\b\0\x7f\xff~", .len = 13 },
	};

	says(client, "PING", "+PONG\r\n");
	says(monitor, "MONITOR", "+OK\r\n");
	says(client, "SET a 1", "+OK\r\n");
	hears(monitor, HEAD "\"SET\" \"a\" \"1\"\r\n");
	test_now += 1005;
	says(client, "SELECT 3", "+OK\r\n");
	hears(monitor, "+1700000001.005000 [3 127.0.0.1:1] \"SELECT\" \"3\"\r\n");
	test_now -= 1005;
	says(client, "SELECT 0", "+OK\r\n");
	hear(monitor);
	test_say_args(client, argv, 2);
	hears(monitor,
	      HEAD "\"eChO\" \"a \\\"\\\\\\n\\r\\t\\a\\b\\x00\\x7f\\xff~\"\r\n");
}

static void some_commands_are_not(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	says(client, "CONFIG GET nosuch", "*0\r\n");
	says(client, "SLOWLOG LEN", ":0\r\n");
	says(client, "GET", "-ERR wrong number of arguments for 'get' command\r\n");
	test_say(client, "nosuch");
	says(test_connect(), "MONITOR", "+OK\r\n");
	hears(monitor, "");
	/* One that runs and fails is. */
	says(client, "EXEC", "-ERR EXEC without MULTI\r\n");
	hears(monitor, HEAD "\"EXEC\"\r\n");
}

static void passwords_are_not(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	test_say(client, "AUTH x");
	test_say(client, "AUTH default x");
	test_say(client, "HELLO 2 SETNAME auth AUTH default x");
	test_say(client, "HELLO 2 AUTH default x AUTH default y SETNAME z");
	test_say(client, "HELLO 2 AUTH x");
	hears(monitor,
	      HEAD "\"AUTH\" \"(redacted)\"\r\n"
	      HEAD "\"AUTH\" \"(redacted)\" \"(redacted)\"\r\n"
	      HEAD "\"HELLO\" \"2\" \"SETNAME\" \"auth\" \"AUTH\" \"(redacted)\" \"(redacted)\"\r\n"
	      HEAD "\"HELLO\" \"2\" \"AUTH\" \"(redacted)\" \"(redacted)\" \"AUTH\" \"(redacted)\""
	      " \"(redacted)\" \"SETNAME\" \"z\"\r\n"
	      HEAD "\"HELLO\" \"2\" \"AUTH\" \"x\"\r\n");
}

static void transactions_are_shown_when_they_run(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	hears(monitor, HEAD "\"MULTI\"\r\n");
	says(client, "INCR n", "+QUEUED\r\n");
	says(client, "MONITOR", "+QUEUED\r\n");
	hears(monitor, "");
	says(client, "EXEC",
	     "*2\r\n:1\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n");
	hears(monitor, HEAD "\"INCR\" \"n\"\r\n" HEAD "\"EXEC\"\r\n");
}

static void all_monitors_are_told(void **state)
{
	struct test_client *second = test_connect();

	says(monitor, "MONITOR", "+OK\r\n");
	says(second, "MONITOR", "+OK\r\n");
	/* Asking again changes nothing and is not answered. */
	says(second, "MONITOR", "");
	says(client, "PING", "+PONG\r\n");
	assert_int_equal(monitor->kicks, 1);
	/* One kick is enough for all that has not been taken yet. */
	says(client, "PING", "+PONG\r\n");
	assert_int_equal(monitor->kicks, 1);
	assert_true(darter_session_has_pushes(&monitor->session));
	hears(monitor, HEAD "\"PING\"\r\n" HEAD "\"PING\"\r\n");
	assert_false(darter_session_has_pushes(&monitor->session));
	test_close(monitor);
	says(client, "PING", "+PONG\r\n");
	hears(second, HEAD "\"PING\"\r\n" HEAD "\"PING\"\r\n" HEAD "\"PING\"\r\n");
}

static void a_monitor_sees_itself(void **state)
{
	static const char pings[] = "PING\r\nPING\r\n";

	says(monitor, "MONITOR", "+OK\r\n");
	assert_string_equal(test_send(monitor, pings, strlen(pings)),
			    "+PONG\r\n" HEAD "\"PING\"\r\n+PONG\r\n" HEAD "\"PING\"\r\n");
	says(monitor, "GET a", "-ERR Replica can't interact with the keyspace\r\n");
	says(monitor, "SET a 1", "-ERR Replica can't interact with the keyspace\r\n");
	assert_non_null(strstr(test_say(monitor, "CLIENT INFO"), " flags=O "));
}

/* However many replies wait to be sent. */
static void its_own_lines_follow_their_replies(void **state)
{
	static char request[200000];
	const char *heard, *at;
	size_t len = 0;
	u32 i;

	says(monitor, "MONITOR", "+OK\r\n");
	for (i = 0; i < 3; i++)
		len += sprintf(request + len, "ECHO %060000u\r\n", i);
	len += sprintf(request + len, "PING\r\n");
	says(client, "PING", "+PONG\r\n");
	heard = test_send(monitor, request, len);
	at = heard;
	assert_int_equal(monitor->verdict, DARTER_SESSION_YIELD);
	assert_memory_equal(at, "$60000\r\n0", 9);
	at = strstr(at, "\"PING\"\r\n");
	assert_non_null(at);
	for (i = 0; i < 2; i++) {
		at = strstr(at, "\r\n$60000\r\n");
		assert_non_null(at);
		at = strstr(at, "\"ECHO\"");
		assert_non_null(at);
	}
	assert_true(at - heard > 256 * 1024);
	assert_false(darter_session_has_pushes(&monitor->session));
	assert_string_equal(test_go_on(monitor), "+PONG\r\n" HEAD "\"PING\"\r\n");
}

static void reset_ends_it(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	says(client, "PING", "+PONG\r\n");
	says(monitor, "RESET", HEAD "\"PING\"\r\n+RESET\r\n");
	says(client, "PING", "+PONG\r\n");
	hears(monitor, "");
	says(monitor, "GET a", "$-1\r\n");
	assert_int_equal(test_instance.monitors.count, 0);
	/* Nobody looks at commands again that are not slow. */
	assert_int_equal(test_instance.observe.threshold, 10000);
}

static void monitors_are_not_paused(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	says(client, "CLIENT PAUSE 1000", "+OK\r\n");
	says(monitor, "PING", "+PONG\r\n" HEAD "\"PING\"\r\n");
	says(monitor, "CLIENT UNPAUSE", "+OK\r\n");
}

static void silence_is_kept(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	says(monitor, "CLIENT REPLY OFF", "");
	says(client, "PING", "+PONG\r\n");
	hears(monitor, "");
	assert_false(darter_session_has_pushes(&monitor->session));
}

static void limits_hold(void **state)
{
	says(monitor, "MONITOR", "+OK\r\n");
	test_instance.config.output_limits[DARTER_CLIENT_NORMAL].hard = 10000;
	while (!monitor->session.killed) {
		says(client, "PING", "+PONG\r\n");
		assert_true(monitor->session.pushes.memory < 11000);
	}
	/* With what it holds for replies. */
	assert_true(monitor->session.pushes.memory > 5000);
	assert_int_equal(monitor->kicks, 2);
	/* Nothing is added any more, and all is given back. */
	says(client, "PING", "+PONG\r\n");
	assert_true(monitor->session.pushes.memory < 11000);
	test_close(monitor);
	test_close(client);
	assert_int_equal(atomic64_read(&test_instance.client_memory), 0);
}

static void a_lazy_monitor_goes_when_memory_is_short(void **state)
{
	struct darter_arg argv[] = { { .bytes = "ECHO", .len = 4 }, { .len = 30000 } };
	static char bytes[30000];
	u32 i;

	argv[1].bytes = bytes;
	says(monitor, "MONITOR", "+OK\r\n");
	for (i = 0; i < 20; i++)
		test_say_args(client, argv, 2);
	assert_false(monitor->session.killed);
	test_instance.config.max_memory = 1;
	test_say_args(client, argv, 2);
	assert_true(monitor->session.killed);
}

static void without_memory_nothing_is_shown(void **state)
{
	says(client, "CONFIG SET latency-tracking no slowlog-log-slower-than -1", "+OK\r\n");
	says(monitor, "MONITOR", "+OK\r\n");
	/* There is memory for the reply. */
	shim_alloc_fail_after = 1;
	says(client, "PING", "+PONG\r\n");
	shim_alloc_fail_after = -1;
	hears(monitor, "");
	says(client, "PING", "+PONG\r\n");
	shim_alloc_fail_after = 0;
	assert_false(darter_session_collect(&monitor->session, &test_instance.lanes[0]));
}

static void a_monitor_may_be_silent(void **state)
{
	says(monitor, "CONFIG SET timeout 10", "+OK\r\n");
	says(monitor, "MONITOR", "+OK\r\n");
	assert_true(darter_session_overdue(&client->session, true, test_now + 11000));
	assert_false(darter_session_overdue(&monitor->session, true, test_now + 11000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)
		TEST(commands_are_shown),
		TEST(some_commands_are_not),
		TEST(passwords_are_not),
		TEST(transactions_are_shown_when_they_run),
		TEST(all_monitors_are_told),
		TEST(a_monitor_sees_itself),
		TEST(its_own_lines_follow_their_replies),
		TEST(reset_ends_it),
		TEST(monitors_are_not_paused),
		TEST(silence_is_kept),
		TEST(limits_hold),
		TEST(a_lazy_monitor_goes_when_memory_is_short),
		TEST(without_memory_nothing_is_shown),
		TEST(a_monitor_may_be_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
