// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* The slow log, the latency monitor and histograms, with a clock that tests move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/lane.h"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)
#define SECONDS (TEST_BEGIN_MS / 1000)

static u64 elapsed, step;

/* Each command looks at it twice. */
static u64 ticking_clock(void)
{
	elapsed += step;
	return elapsed;
}

static int set_up(void **state)
{
	int err = test_core_setup(state);

	step = 0;
	if (!err)
		test_instance.lanes[0].clock_us = ticking_clock;
	return err;
}

/* Say something that takes so long. */
static void takes(struct test_client *client, u64 micros, const char *words, const char *reply)
{
	step = micros;
	says(client, words, reply);
	step = 0;
}

static void the_slow_are_logged(void **state)
{
	struct test_client *client = test_connect();
	char reply[300];

	takes(client, 9999, "PING fast", "$4\r\nfast\r\n");
	takes(client, 10000, "PING slow", "$4\r\nslow\r\n");
	says(client, "CLIENT SETNAME me", "+OK\r\n");
	test_now += 1000;
	takes(client, 12345, "GET a", "$-1\r\n");
	says(client, "SLOWLOG LEN", ":2\r\n");
	snprintf(reply, sizeof(reply),
		 "*1\r\n*6\r\n:1\r\n:%llu\r\n:12345\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
		 "$11\r\n127.0.0.1:1\r\n$2\r\nme\r\n", SECONDS + 1);
	says(client, "SLOWLOG GET 1", reply);
	says(client, "SLOWLOG RESET", "+OK\r\n");
	says(client, "SLOWLOG GET", "*0\r\n");
	/* Numbers are not given again. */
	takes(client, 10000, "PING", "+PONG\r\n");
	snprintf(reply, sizeof(reply),
		 "*1\r\n*6\r\n:2\r\n:%llu\r\n:10000\r\n*1\r\n$4\r\nPING\r\n"
		 "$11\r\n127.0.0.1:1\r\n$2\r\nme\r\n", SECONDS + 1);
	says(client, "SLOWLOG GET -1", reply);
}

static void the_log_has_a_length(void **state)
{
	struct test_client *client = test_connect();
	u32 i;

	says(client, "CONFIG SET slowlog-max-len 3 slowlog-log-slower-than 1", "+OK\r\n");
	for (i = 0; i < 5; i++)
		takes(client, 1, "PING", "+PONG\r\n");
	says(client, "SLOWLOG LEN", ":3\r\n");
	says(client, "CONFIG SET slowlog-max-len 1", "+OK\r\n");
	takes(client, 1, "PING", "+PONG\r\n");
	says(client, "SLOWLOG LEN", ":1\r\n");
	says(client, "CONFIG SET slowlog-max-len 0", "+OK\r\n");
	takes(client, 1, "PING", "+PONG\r\n");
	says(client, "SLOWLOG LEN", ":1\r\n");
	says(client, "CONFIG SET slowlog-max-len 9 slowlog-log-slower-than -1", "+OK\r\n");
	takes(client, U32_MAX, "PING", "+PONG\r\n");
	says(client, "SLOWLOG LEN", ":1\r\n");
}

/* EXEC is not logged, what it runs is. */
static void transactions_are_logged_by_command(void **state)
{
	struct test_client *client = test_connect();

	says(client, "MULTI", "+OK\r\n");
	says(client, "PING", "+QUEUED\r\n");
	says(client, "GET a", "+QUEUED\r\n");
	takes(client, 10000, "EXEC", "*2\r\n+PONG\r\n$-1\r\n");
	says(client, "SLOWLOG LEN", ":2\r\n");
}

static void without_memory_nothing_is_logged(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CONFIG SET latency-tracking no slowlog-log-slower-than 1", "+OK\r\n");
	/* There is memory for the reply. */
	shim_alloc_fail_after = 1;
	takes(client, 1, "PING", "+PONG\r\n");
	shim_alloc_fail_after = -1;
	says(client, "SLOWLOG LEN", ":0\r\n");
	takes(client, 1, "PING", "+PONG\r\n");
	shim_alloc_fail_after = 1;
	says(client, "SLOWLOG GET",
	     "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
}

static void events_are_noted(void **state)
{
	struct test_client *client = test_connect();
	char reply[200];

	takes(client, 50000, "PING", "+PONG\r\n");
	says(client, "LATENCY LATEST", "*0\r\n");
	says(client, "CONFIG SET latency-monitor-threshold 5", "+OK\r\n");
	takes(client, 4999, "PING", "+PONG\r\n");
	says(client, "LATENCY LATEST", "*0\r\n");
	takes(client, 9999, "PING", "+PONG\r\n");
	takes(client, 7000, "ECHO a", "$1\r\na\r\n");
	takes(client, 8000, "KEYS *", "*0\r\n");
	test_now += 2000;
	takes(client, 5000, "PING", "+PONG\r\n");
	snprintf(reply, sizeof(reply), "*2\r\n*4\r\n$7\r\ncommand\r\n:%llu\r\n:8\r\n:8\r\n"
		 "*4\r\n$12\r\nfast-command\r\n:%llu\r\n:5\r\n:9\r\n", SECONDS, SECONDS + 2);
	says(client, "LATENCY LATEST", reply);
	/* In a second the longest counts. */
	snprintf(reply, sizeof(reply), "*2\r\n*2\r\n:%llu\r\n:9\r\n*2\r\n:%llu\r\n:5\r\n",
		 SECONDS, SECONDS + 2);
	says(client, "LATENCY HISTORY fast-command", reply);
	says(client, "LATENCY RESET nosuch command command", ":1\r\n");
	says(client, "LATENCY HISTORY command", "*0\r\n");
	says(client, "LATENCY RESET", ":1\r\n");
	says(client, "LATENCY LATEST", "*0\r\n");
}

static void expiring_is_an_event(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CONFIG SET latency-monitor-threshold 5", "+OK\r\n");
	step = 5000;
	darter_instance_tick(&test_instance, 0, test_now);
	step = 0;
	assert_non_null(strstr(test_say(client, "LATENCY LATEST"),
			       "expire-cycle\r\n:1700000000\r\n:5\r\n:5\r\n"));
}

static void a_series_has_an_end(void **state)
{
	struct test_client *client = test_connect();
	const char *reply;
	u32 i;

	says(client, "CONFIG SET latency-monitor-threshold 1", "+OK\r\n");
	for (i = 1; i <= 200; i++) {
		test_now += 1000;
		takes(client, i * 1000, "PING", "+PONG\r\n");
	}
	reply = test_say(client, "LATENCY HISTORY fast-command");
	assert_ptr_equal(strstr(reply, "*160\r\n*2\r\n:1700000041\r\n:41\r\n"), reply);
}

/* Drawn by a Redis server of the same samples. */
static const char graph[] =
	"fast-command - high 60 ms, low 2 ms (all time high 60 ms)\n"
	"--------------------------------------------------------------------------------\n"
	"   #  # \n"
	" _ |  | \n"
	" | | o| \n"
	"_|#|_||o\n"
	"        \n"
	"11987654\n"
	"10ssssss\n"
	"ss      \n";

static void samples_are_drawn(void **state)
{
	static const u32 latencies[] = { 5, 34, 12, 60, 2, 25, 60, 7 };
	struct test_client *client = test_connect();
	char reply[600];
	u32 i;

	says(client, "CONFIG SET latency-monitor-threshold 1", "+OK\r\n");
	for (i = 0; i < ARRAY_SIZE(latencies); i++) {
		takes(client, latencies[i] * 1000, "PING", "+PONG\r\n");
		test_now += 1000;
	}
	test_now += 3000;
	snprintf(reply, sizeof(reply), "$%zu\r\n%s\r\n", strlen(graph), graph);
	says(client, "LATENCY GRAPH fast-command", reply);
	says(client, "LATENCY GRAPH command",
	     "-ERR No samples available for event 'command'\r\n");
}

static void labels_have_units(void **state)
{
	static const u64 ago[] = { 86400000ULL * 12, 3600000 * 5, 60000 * 42, 7000 };
	struct test_client *client = test_connect();
	u64 end = test_now + 86400000ULL * 20;
	u32 i;

	says(client, "CONFIG SET latency-monitor-threshold 1", "+OK\r\n");
	for (i = 0; i < ARRAY_SIZE(ago); i++) {
		test_now = end - ago[i];
		takes(client, 3000, "PING", "+PONG\r\n");
	}
	test_now = end;
	/* Of equal samples each is the least. */
	assert_non_null(strstr(test_say(client, "LATENCY GRAPH fast-command"),
			       "-\n    \n    \n    \n____\n    \n1547\n2h2s\nd m \n\r\n"));
}

static void the_doctor_speaks(void **state)
{
	struct test_client *client = test_connect();

	assert_non_null(strstr(test_say(client, "LATENCY DOCTOR"), "is not monitored"));
	says(client, "CONFIG SET latency-monitor-threshold 5", "+OK\r\n");
	assert_non_null(strstr(test_say(client, "LATENCY DOCTOR"), "Nothing took as long"));
	takes(client, 6000, "KEYS *", "*0\r\n");
	test_now += 1000;
	takes(client, 9000, "KEYS *", "*0\r\n");
	assert_non_null(strstr(test_say(client, "LATENCY DOCTOR"),
			       "command: 2 spikes, on average 7 ms (mean deviation 1 ms), "
			       "the worst ever 9 ms.\n"));
	assert_non_null(strstr(test_say(client, "LATENCY DOCTOR"),
			       "CONFIG SET slowlog-log-slower-than 5000\n"));
}

static void durations_are_distributed(void **state)
{
	struct test_client *client = test_connect();

	takes(client, 0, "PING", "+PONG\r\n");
	takes(client, 1, "PING", "+PONG\r\n");
	takes(client, 33, "PING", "+PONG\r\n");
	takes(client, 34, "PING", "+PONG\r\n");
	takes(client, 9000000, "PING", "+PONG\r\n");
	says(client, "LATENCY HISTOGRAM nosuch ping get",
	     "*2\r\n$4\r\nping\r\n*4\r\n$5\r\ncalls\r\n:5\r\n$14\r\nhistogram_usec\r\n"
	     "*8\r\n:1\r\n:2\r\n:33\r\n:3\r\n:66\r\n:4\r\n:1082130\r\n:5\r\n");
}

static void info_has_percentiles(void **state)
{
	struct test_client *client = test_connect();
	u32 i;

	for (i = 0; i < 100; i++)
		takes(client, i, "PING", "+PONG\r\n");
	assert_non_null(strstr(test_say(client, "INFO latencystats"),
			       "# Latencystats\r\n"
			       "latency_percentiles_usec_ping:"
			       "p50=49.151,p99=98.303,p99.9=99.327\r\n"));
	says(client, "CONFIG SET latency-tracking-info-percentiles 99.50", "+OK\r\n");
	assert_non_null(strstr(test_say(client, "INFO latencystats"),
			       "latency_percentiles_usec_ping:p99.5=99.327\r\n"));
	says(client, "CONFIG RESETSTAT", "+OK\r\n");
	assert_null(strstr(test_say(client, "INFO latencystats"), "ping"));
	says(client, "CONFIG SET latency-tracking no", "+OK\r\n");
	says(client, "PING", "+PONG\r\n");
	says(client, "INFO latencystats", "$16\r\n# Latencystats\r\n\r\n");
	says(client, "LATENCY HISTOGRAM ping", "*0\r\n");
}

static void containers_stand_for_their_subcommands(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SLOWLOG LEN", ":0\r\n");
	says(client, "LATENCY HISTOGRAM slowlog slowlog|len",
	     "*4\r\n$11\r\nslowlog|len\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n"
	     "*2\r\n:1\r\n:1\r\n"
	     "$11\r\nslowlog|len\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n"
	     "*2\r\n:1\r\n:1\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)
		TEST(the_slow_are_logged),
		TEST(the_log_has_a_length),
		TEST(transactions_are_logged_by_command),
		TEST(without_memory_nothing_is_logged),
		TEST(events_are_noted),
		TEST(expiring_is_an_event),
		TEST(a_series_has_an_end),
		TEST(samples_are_drawn),
		TEST(labels_have_units),
		TEST(the_doctor_speaks),
		TEST(durations_are_distributed),
		TEST(info_has_percentiles),
		TEST(containers_stand_for_their_subcommands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
