// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* What is executed where its packet arrives, and what is left for the worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/inline.h"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)
#define GET_A "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
#define SET_A "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\n"
#define PING "*1\r\n$4\r\nPING\r\n"

static struct darter_visit visit;

static int set_up(void **state)
{
	if (test_client_setup(state) ||
	    darter_instance_add_inline_lanes(&test_instance, 2, NULL))
		return -1;
	says(client, "SET a 1", "+OK\r\n");
	visit = (struct darter_visit) {
		.lane = darter_inline_lane(&test_instance, 1), .now = test_now, .budget = 64,
	};
	return 0;
}

static bool begins(void)
{
	return darter_inline_fit(&client->session) &&
	       darter_inline_begin(&client->session, &visit);
}

/* What a packet is answered at once; so many bytes of it are left. */
static const char *arrive(const char *packet, size_t len, size_t left)
{
	const char *replies;

	assert_true(begins());
	assert_int_equal(darter_inline_run(&client->session, &visit, packet, len), len - left);
	darter_inline_end(&client->session, &visit);
	replies = test_take(client);
	test_drop_spare_chunks();
	return replies;
}

#define arrives(packet, left, replies) \
	assert_string_equal(arrive(packet, strlen(packet), left), replies)
#define is_left_alone() assert_false(begins())

static void reads_are_answered_at_once(void **state)
{
	u32 i;

	for (i = 0; i < TEST_SHARDS; i++)
		darter_shard_lock(&test_instance.shards[i]);
	arrives(GET_A, 0, "$1\r\n1\r\n");
	arrives(PING GET_A PING, 0, "+PONG\r\n$1\r\n1\r\n+PONG\r\n");
	for (i = 0; i < TEST_SHARDS; i++)
		darter_shard_unlock(&test_instance.shards[i]);
	assert_int_equal(visit.lane->commands, 4);
}

static void the_rest_is_left_from_the_first_command_on(void **state)
{
	static const char *const others[] = {
		SET_A, "PING\r\n", "*1\r\n$4\r\nNONE\r\n", "*1\r\n$3\r\nGET\r\n", "*x\r\n",
		"*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$3\r\nGET\r\n$1", "",
		"*2\r\n$4\r\nHLEN\r\n$1\r\na\r\n",
		"*9\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n"
		"$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n",
	};
	char packet[400];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		sprintf(packet, GET_A "%s%s", others[i], *others[i] ? GET_A : "");
		arrives(packet, strlen(packet) - strlen(GET_A), "$1\r\n1\r\n");
		/* The session is as it was, and the worker can take the rest. */
		assert_false(client->session.complete || client->session.argc);
	}
	says(client, "GET a", "$1\r\n1\r\n");
}

/* What would reply an error or change something needs its worker. */
static void errors_are_left(void **state)
{
	says(client, "HSET h f v", ":1\r\n");
	says(client, "SET gone 1 PX 1", "+OK\r\n");
	test_now += 2;
	visit.now = test_now;
	arrives("*2\r\n$3\r\nGET\r\n$1\r\nh\r\n", 20, "");
	arrives("*2\r\n$3\r\nGET\r\n$4\r\ngone\r\n", 23, "");
	arrives("*3\r\n$4\r\nPING\r\n$1\r\na\r\n$1\r\nb\r\n", 28, "");
	assert_int_equal(test_instance.total_errors, 0);
	assert_int_equal(visit.lane->commands, 0);
}

/* A key that is being changed needs the worker, not one of another stripe. */
static void open_stripes_are_left(void **state)
{
	u64 hash = darter_key_hash(&test_instance, "a", 1);
	struct darter_shard *shard = darter_shard_of(&test_instance, "a", 1);

	darter_guard_open(&shard->guard, hash);
	arrives(GET_A, strlen(GET_A), "");
	darter_guard_settle(&shard->guard);
	darter_guard_open(&shard->guard, hash + (1ULL << 32));
	arrives(GET_A, 0, "$1\r\n1\r\n");
	darter_guard_settle(&shard->guard);
}

static void a_packet_has_a_budget(void **state)
{
	visit.budget = 2;
	arrives(PING PING PING, strlen(PING), "+PONG\r\n+PONG\r\n");
}

static void long_replies_end_a_packet(void **state)
{
	char *packet = malloc(64 * sizeof(GET_A));
	u32 i, replies = 0, left;

	test_say_args(client, (struct darter_arg[]) {
		{ .bytes = "SETRANGE", .len = 8 }, { .bytes = "a", .len = 1 },
		{ .bytes = "15000", .len = 5 }, { .bytes = "x", .len = 1 },
	}, 4);
	for (i = 0; i < 64; i++)
		strcpy(packet + i * strlen(GET_A), GET_A);
	assert_true(begins());
	left = 64 - darter_inline_run(&client->session, &visit, packet, 64 * strlen(GET_A)) /
	       strlen(GET_A);
	darter_inline_end(&client->session, &visit);
	replies = client->session.reply.bytes / 15010;
	assert_true(left && replies + left == 64 && replies <= 6);
	/* Before they are sent, nothing else is done here. */
	is_left_alone();
	free(packet);
}

static void special_sessions_are_their_workers(void **state)
{
	says(client, "MULTI", "+OK\r\n");
	is_left_alone();
	says(client, "EXEC", "*0\r\n");
	says(client, "CLIENT REPLY OFF", "");
	is_left_alone();
	says(client, "CLIENT REPLY ON", "+OK\r\n");
	says(client, "CLIENT REPLY SKIP", "");
	is_left_alone();
	says(client, "PING", "");
	test_send(client, "*2\r\n$3\r\nGET", 11);
	is_left_alone();
	test_send(client, "\r\n$1\r\na\r\n", 9);
	arrives(PING, 0, "+PONG\r\n");
	says(client, "CLIENT PAUSE 10 ALL", "+OK\r\n");
	is_left_alone();
	test_now += 11;
	darter_instance_tick(&test_instance, 0, test_now);
	says(client, "CONFIG SET slowlog-log-slower-than 10", "+OK\r\n");
	is_left_alone();
	says(client, "CONFIG SET slowlog-log-slower-than 10000", "+OK\r\n");
	says(test_connect(), "MONITOR", "+OK\r\n");
	is_left_alone();
}

static void passwords_come_first(void **state)
{
	says(client, "CONFIG SET requirepass secret", "+OK\r\n");
	arrives(PING, 0, "+PONG\r\n");
	client = test_connect();
	is_left_alone();
	says(client, "AUTH secret", "+OK\r\n");
	arrives(PING, 0, "+PONG\r\n");
}

static void who_does_not_touch_does_not(void **state)
{
	says(client, "CLIENT NO-TOUCH ON", "+OK\r\n");
	test_now += 20000;
	says(client, "PING", "+PONG\r\n");
	visit.now = test_now;
	arrives(GET_A, 0, "$1\r\n1\r\n");
	says(client, "OBJECT IDLETIME a", ":20\r\n");
	says(client, "CLIENT NO-TOUCH OFF", "+OK\r\n");
	arrives(GET_A, 0, "$1\r\n1\r\n");
	says(client, "OBJECT IDLETIME a", ":0\r\n");
}

/* Without memory at once it is the worker's, who can wait for some. */
static void memory_may_be_short(void **state)
{
	shim_alloc_fail_after = 0;
	arrives(PING GET_A, strlen(PING GET_A), "");
	shim_alloc_fail_after = -1;
	arrives(PING GET_A, 0, "+PONG\r\n$1\r\n1\r\n");
}

static u64 hits(void)
{
	return strtoull(strstr(test_say(client, "INFO stats"), "keyspace_hits:") + 14, NULL, 10);
}

static void counters_are_added_up(void **state)
{
	u64 before = hits();

	arrives(GET_A GET_A, 0, "$1\r\n1\r\n$1\r\n1\r\n");
	assert_int_equal(hits(), before + 2);
	assert_non_null(strstr(test_say(client, "INFO stats"), "\r\ndarter_inline_commands:2\r\n"));
	assert_non_null(strstr(test_say(client, "INFO commandstats"), "cmdstat_get:calls=2,"));
}

#define inline_test(name) cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		inline_test(reads_are_answered_at_once),
		inline_test(the_rest_is_left_from_the_first_command_on),
		inline_test(errors_are_left),
		inline_test(open_stripes_are_left),
		inline_test(a_packet_has_a_budget),
		inline_test(long_replies_end_a_packet),
		inline_test(special_sessions_are_their_workers),
		inline_test(passwords_come_first),
		inline_test(who_does_not_touch_does_not),
		inline_test(memory_may_be_short),
		inline_test(counters_are_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
