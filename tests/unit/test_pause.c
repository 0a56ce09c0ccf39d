// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Pauses: who waits, until when, and which of two pauses counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "core.h"
#include "kmod/core/pause.h"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static void waits(struct test_client *client, const char *words)
{
	says(client, words, "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	assert_true(darter_session_blocked(&client->session));
}

/* It was kicked, and goes on with this reply. */
static void goes_on(struct test_client *client, const char *reply)
{
	assert_true(client->kicks > 0);
	client->kicks = 0;
	assert_string_equal(test_go_on(client), reply);
	assert_false(darter_session_blocked(&client->session));
}

static u32 tick(void)
{
	return darter_instance_tick(&test_instance, 0, test_now);
}

static void writes_wait(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	says(other, "CLIENT PAUSE 1000 WRITE", "+OK\r\n");
	says(client, "GET a", "$-1\r\n");
	waits(client, "SET a 1");
	says(other, "PING", "+PONG\r\n");
	says(other, "GET a", "$-1\r\n");
	/* A kick for another reason changes nothing. */
	assert_string_equal(test_go_on(client), "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	assert_int_equal(client->kicks, 0);
	says(other, "CLIENT UNPAUSE", "+OK\r\n");
	goes_on(client, "+OK\r\n");
	says(other, "GET a", "$1\r\n1\r\n");
}

static void all_wait(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	says(other, "CLIENT PAUSE 1000", "+OK\r\n");
	waits(client, "PING");
	waits(other, "CLIENT UNPAUSE");
	test_now += 999;
	tick();
	assert_int_equal(client->kicks + other->kicks, 0);
	test_now++;
	tick();
	goes_on(client, "+PONG\r\n");
	goes_on(other, "+OK\r\n");
}

/* What comes when the time is over, before a tick has seen it, does not wait. */
static void nobody_waits_too_long(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CLIENT PAUSE 50", "+OK\r\n");
	assert_true(tick() <= 50);
	test_now += 50;
	says(client, "PING", "+PONG\r\n");
}

static void what_is_refused_does_not_wait(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CLIENT PAUSE 1000", "+OK\r\n");
	says(client, "GET", "-ERR wrong number of arguments for 'get' command\r\n");
	says(client, "nosuch", "-ERR unknown command 'nosuch', with args beginning with: \r\n");
	waits(client, "GET a");
}

static void transactions_wait_for_what_they_write(void **state)
{
	struct test_client *reader = test_connect(), *writer = test_connect();
	struct test_client *other = test_connect();

	says(reader, "MULTI", "+OK\r\n");
	says(reader, "GET a", "+QUEUED\r\n");
	says(writer, "MULTI", "+OK\r\n");
	says(writer, "SET a 1", "+QUEUED\r\n");
	says(other, "CLIENT PAUSE 1000 WRITE", "+OK\r\n");
	says(reader, "EXEC", "*1\r\n$-1\r\n");
	waits(writer, "EXEC");
	says(other, "CLIENT UNPAUSE", "+OK\r\n");
	goes_on(writer, "*1\r\n+OK\r\n");
}

static void a_pause_is_not_weakened(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	/* Queued before, since nothing is answered in a pause of all. */
	says(other, "MULTI", "+OK\r\n");
	says(other, "CLIENT PAUSE 1000 ALL", "+QUEUED\r\n");
	says(other, "CLIENT PAUSE 500 WRITE", "+QUEUED\r\n");
	says(other, "EXEC", "*2\r\n+OK\r\n+OK\r\n");
	waits(client, "GET a");
	test_now += 999;
	tick();
	assert_int_equal(client->kicks, 0);
	test_now++;
	tick();
	goes_on(client, "$-1\r\n");
}

static void a_pause_of_nothing_is_none(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CLIENT PAUSE 0", "+OK\r\n");
	says(client, "SET a 1", "+OK\r\n");
	assert_false(darter_pause_active(&test_instance.pause));
}

/* An earlier pause that is over leaves nothing to a later one. */
static void pauses_are_forgotten(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CLIENT PAUSE 100 ALL", "+OK\r\n");
	test_now += 100;
	says(client, "CLIENT PAUSE 100 WRITE", "+OK\r\n");
	says(client, "GET a", "$-1\r\n");
	waits(client, "SET a 1");
}

static void who_ends_is_forgotten(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	says(other, "CLIENT PAUSE 1000", "+OK\r\n");
	waits(client, "PING");
	test_close(client);
	assert_true(list_empty(&test_instance.pause.sessions));
	test_now += 1000;
	tick();
	says(other, "PING", "+PONG\r\n");
}

static void keys_do_not_expire(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SET a 1 PX 10", "+OK\r\n");
	says(client, "CLIENT PAUSE 1000 WRITE", "+OK\r\n");
	test_now += 900;
	tick();
	says(client, "GET a", "$-1\r\n");
	says(client, "EXISTS a", ":0\r\n");
	says(client, "TTL a", ":-2\r\n");
	says(client, "DBSIZE", ":1\r\n");
	says(client, "CLIENT UNPAUSE", "+OK\r\n");
	says(client, "GET a", "$-1\r\n");
	says(client, "DBSIZE", ":0\r\n");
}

static void replies_are_skipped(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CLIENT REPLY SKIP", "");
	/* Its answer is the daemon's, or that there is none. */
	says(client, "CONFIG REWRITE", "");
	says(client, "PING", "+PONG\r\n");
	says(client, "CLIENT REPLY OFF", "");
	says(client, "nosuch", "");
	says(client, "CLIENT REPLY SKIP", "");
	says(client, "PING", "");
	assert_int_equal(test_instance.total_errors, 2);
	says(client, "CLIENT REPLY ON", "+OK\r\n");
	says(client, "PING", "+PONG\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)
		TEST(writes_wait),
		TEST(all_wait),
		TEST(nobody_waits_too_long),
		TEST(what_is_refused_does_not_wait),
		TEST(transactions_wait_for_what_they_write),
		TEST(a_pause_is_not_weakened),
		TEST(a_pause_of_nothing_is_none),
		TEST(pauses_are_forgotten),
		TEST(who_ends_is_forgotten),
		TEST(keys_do_not_expire),
		TEST(replies_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
