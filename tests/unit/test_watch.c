// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * WATCH: which commands change a key in the eyes of who watches it, in which
 * database, and for how long. The first table was tried on a Redis server.
 */
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
#include "kmod/core/watch.h"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static u32 watches(void)
{
	u32 i, sum = 0;

	for (i = 0; i < TEST_SHARDS; i++)
		sum += test_instance.shards[i].nwatches;
	return sum;
}

/* Whether EXEC finds a changed key; the watches are over then. */
static bool exec_fails(struct test_client *who)
{
	const char *reply;

	says(who, "MULTI", "+OK\r\n");
	says(who, "PING", "+QUEUED\r\n");
	reply = test_say(who, "EXEC");
	if (!strcmp(reply, "*-1\r\n"))
		return true;
	assert_string_equal(reply, "*1\r\n+PONG\r\n");
	return false;
}

/* Before each: s is a string, n a number, t expires, h is a hash; x and y do not exist. */
static const struct {
	const char *watched, *command;
	bool changes;
} cases[] = {
	{ "s", "SET s v", true }, { "s", "SET s w XX", true }, { "s", "SET s w NX", false },
	{ "x", "SET x w XX", false }, { "x", "SET x w", true }, { "s", "SET x w", false },
	{ "s", "SETNX s w", false }, { "x", "SETNX x w", true }, { "s", "SETEX s 10 v", true },
	{ "s", "PSETEX s 10 v", true }, { "s", "GETSET s v", true }, { "s", "GETDEL s", true },
	{ "x", "GETDEL x", false }, { "s", "GETEX s", false }, { "s", "GETEX s EX 10", true },
	{ "s", "GETEX s PERSIST", false }, { "t", "GETEX t PERSIST", true },
	{ "s", "MSET x 1 s 2", true }, { "x", "MSET x 1 s 2", true },
	{ "s", "MSETNX x 1 s 2", false }, { "x", "MSETNX x 1 s 2", false },
	{ "x", "MSETNX x 1 y 2", true }, { "n", "INCR n", true }, { "s", "INCR s", false },
	{ "x", "DECRBY x 2", true }, { "n", "INCRBYFLOAT n 0.5", true },
	{ "s", "APPEND s more", true }, { "x", "APPEND x more", true },
	{ "s", "SETRANGE s 1 x", true }, { "s", "SETRANGE s 1 ", false },
	{ "x", "SETRANGE x 1 ", false }, { "h", "SET h v", true }, { "h", "INCR h", false },
	{ "h", "HSET h f v", true }, { "h", "HSET h g v", true }, { "x", "HSET x f v", true },
	{ "h", "HSETNX h f w", false }, { "h", "HSETNX h g w", true },
	{ "h", "HINCRBY h n 1", true }, { "h", "HINCRBY h f 1", false },
	{ "h", "HINCRBYFLOAT h n 0.5", true }, { "h", "HDEL h f", true },
	{ "h", "HDEL h nosuch", false }, { "h", "HDEL h f n", true }, { "s", "HSET s f v", false },
	{ "s", "DEL x s", true }, { "x", "DEL x s", false }, { "s", "UNLINK s", true },
	{ "s", "EXPIRE s 100", true }, { "s", "EXPIRE s 100 XX", false },
	{ "t", "EXPIRE t 100 NX", false }, { "x", "EXPIRE x 100", false },
	{ "s", "PEXPIREAT s 1", true }, { "t", "PERSIST t", true }, { "s", "PERSIST s", false },
	{ "s", "RENAME s x", true }, { "x", "RENAME s x", true }, { "n", "RENAME s n", true },
	{ "s", "RENAME s s", false }, { "s", "RENAMENX s n", false },
	{ "n", "RENAMENX s n", false }, { "s", "RENAMENX s x", true },
	{ "s", "COPY s x", false }, { "x", "COPY s x", true }, { "n", "COPY s n", false },
	{ "n", "COPY s n REPLACE", true }, { "s", "COPY s s DB 1", false },
	{ "s", "MOVE s 1", true }, { "x", "MOVE x 1", false }, { "s", "FLUSHDB", true },
	{ "x", "FLUSHDB", false }, { "s", "FLUSHALL", true }, { "x", "FLUSHALL", false },
	{ "h", "FLUSHALL", true }, { "s", "GET s", false }, { "s", "MGET s n x", false },
	{ "s", "STRLEN s", false }, { "s", "GETRANGE s 0 1", false }, { "s", "TYPE s", false },
	{ "s", "TOUCH s", false }, { "s", "EXISTS s", false }, { "s", "TTL s", false },
	{ "s", "DUMP s", false }, { "s", "LCS s n", false }, { "h", "HGETALL h", false },
	{ "h", "HRANDFIELD h", false }, { "s", "SCAN 0", false }, { "s", "KEYS *", false },
	{ "s", "nosuch s", false }, { "s", "SET s", false },
};

static void prepare(void)
{
	says(other, "FLUSHALL", "+OK\r\n");
	says(other, "MSET s value n 5", "+OK\r\n");
	says(other, "SET t value EX 1000", "+OK\r\n");
	says(other, "HSET h f v n 1", ":2\r\n");
}

static void commands_change_keys_or_do_not(void **state)
{
	char watch[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		prepare();
		snprintf(watch, sizeof(watch), "WATCH %s", cases[i].watched);
		says(client, watch, "+OK\r\n");
		test_say(other, cases[i].command);
		if (exec_fails(client) != cases[i].changes)
			fail_msg("%s, while %s is watched", cases[i].command, cases[i].watched);
	}
	assert_int_equal(watches(), 0);
}

/* RESTORE, whose payload is not text. */
static void restored_keys_are_changed(void **state)
{
	static const char replace[] = "REPLACE";
	char payload[64];
	struct darter_arg argv[] = {
		{ "RESTORE", 7 }, { "s", 1 }, { "0", 1 }, { payload, 0 },
		{ replace, 7 },
	};
	const char *dumped;

	prepare();
	dumped = test_say(other, "DUMP s");
	argv[3].len = atoi(dumped + 1);
	memcpy(payload, strchr(dumped, '\n') + 1, argv[3].len);
	says(client, "WATCH s", "+OK\r\n");
	assert_memory_equal(test_say_args(other, argv, 4), "-BUSYKEY", 8);
	assert_false(exec_fails(client));
	says(client, "WATCH s", "+OK\r\n");
	assert_string_equal(test_say_args(other, argv, 5), "+OK\r\n");
	assert_true(exec_fails(client));
}

static void ones_own_changes_count(void **state)
{
	says(client, "WATCH a", "+OK\r\n");
	says(client, "SET a 1", "+OK\r\n");
	assert_true(exec_fails(client));
	/* But not what the transaction itself does. */
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "INCR a", "+QUEUED\r\n");
	says(client, "INCR a", "+QUEUED\r\n");
	says(client, "EXEC", "*2\r\n:2\r\n:3\r\n");
	assert_false(exec_fails(client));
}

static void databases_are_apart(void **state)
{
	says(client, "SELECT 1", "+OK\r\n");
	says(client, "WATCH a", "+OK\r\n");
	says(client, "SELECT 0", "+OK\r\n");
	says(other, "SET a 1", "+OK\r\n");
	says(other, "FLUSHDB", "+OK\r\n");
	assert_false(exec_fails(client));

	says(client, "SELECT 1", "+OK\r\n");
	says(client, "WATCH a", "+OK\r\n");
	says(client, "SELECT 0", "+OK\r\n");
	says(client, "WATCH b", "+OK\r\n");
	says(other, "SELECT 1", "+OK\r\n");
	says(other, "SET b 1", "+OK\r\n");
	says(other, "SET a 1", "+OK\r\n");
	assert_true(exec_fails(client));
}

static void keys_arrive_from_other_databases(void **state)
{
	static const char *const moves[] = { "MOVE a 1", "COPY a a DB 1" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		says(other, "FLUSHALL", "+OK\r\n");
		says(other, "SET a 1", "+OK\r\n");
		says(client, "SELECT 1", "+OK\r\n");
		says(client, "WATCH a", "+OK\r\n");
		says(other, moves[i], ":1\r\n");
		assert_true(exec_fails(client));
		says(client, "WATCH a", "+OK\r\n");
		/* It is in the way now. */
		says(other, "SET a 1", "+OK\r\n");
		says(other, moves[i], ":0\r\n");
		assert_false(exec_fails(client));
	}
	says(client, "WATCH a", "+OK\r\n");
	says(other, "FLUSHALL", "+OK\r\n");
	assert_true(exec_fails(client));
}

static void expired_keys_are_changed(void **state)
{
	/* Found so by EXEC, by another client, and by the periodic work. */
	static const char *const finders[] = { NULL, "EXISTS a", "TICK" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(finders); i++) {
		says(other, "SET a 1 PX 100", "+OK\r\n");
		says(client, "WATCH a", "+OK\r\n");
		says(client, "SELECT 2", "+OK\r\n");
		test_now += 1000;
		if (finders[i] && !strcmp(finders[i], "TICK"))
			darter_instance_tick(&test_instance, 0, test_now);
		else if (finders[i])
			says(other, finders[i], ":0\r\n");
		assert_true(exec_fails(client));
		says(client, "SELECT 0", "+OK\r\n");
	}
}

/* A key that has expired before it is watched is one that does not exist. */
static void expired_keys_are_watched_as_absent(void **state)
{
	says(other, "SET a 1 PX 100", "+OK\r\n");
	test_now += 1000;
	says(client, "WATCH a", "+OK\r\n");
	darter_instance_tick(&test_instance, 0, test_now);
	says(other, "EXISTS a", ":0\r\n");
	says(other, "DEL a", ":0\r\n");
	says(other, "FLUSHALL", "+OK\r\n");
	assert_false(exec_fails(client));

	says(other, "SET a 1 PX 100", "+OK\r\n");
	test_now += 1000;
	says(client, "WATCH a", "+OK\r\n");
	says(other, "SET a 2", "+OK\r\n");
	assert_true(exec_fails(client));
}

static void keys_are_compared_whole(void **state)
{
	static const struct darter_arg watch[] = {
		{ "WATCH", 5 }, { "a\0b", 3 }, { "", 0 }, { "aa", 2 },
	};
	static const struct darter_arg changed[] = { { "INCR", 4 }, { "a\0b", 3 } };
	static const struct darter_arg empty[] = { { "INCR", 4 }, { "", 0 } };

	assert_string_equal(test_say_args(client, watch, 4), "+OK\r\n");
	says(other, "MSET a 1 aaa 1 A 1 AA 1", "+OK\r\n");
	assert_false(exec_fails(client));
	assert_string_equal(test_say_args(client, watch, 4), "+OK\r\n");
	test_say_args(other, changed, 2);
	assert_true(exec_fails(client));
	assert_string_equal(test_say_args(client, watch, 4), "+OK\r\n");
	test_say_args(other, empty, 2);
	assert_true(exec_fails(client));
}

static void many_may_watch_one_key(void **state)
{
	struct test_client *third = test_connect();

	says(client, "WATCH a", "+OK\r\n");
	says(other, "WATCH a b", "+OK\r\n");
	says(third, "WATCH b", "+OK\r\n");
	assert_int_equal(watches(), 4);
	says(third, "SET a 1", "+OK\r\n");
	assert_true(exec_fails(client));
	assert_int_equal(watches(), 3);
	assert_true(exec_fails(other));
	assert_false(exec_fails(third));
	assert_int_equal(watches(), 0);
}

static void keys_are_watched_once(void **state)
{
	struct darter_session *session = &client->session;

	says(client, "WATCH a b a", "+OK\r\n");
	says(client, "WATCH b", "+OK\r\n");
	assert_int_equal(session->watching, 2);
	assert_int_equal(watches(), 2);
	says(client, "SELECT 1", "+OK\r\n");
	says(client, "WATCH a", "+OK\r\n");
	assert_int_equal(session->watching, 3);
	says(client, "UNWATCH", "+OK\r\n");
	assert_int_equal(session->watching, 0);
	assert_int_equal(watches(), 0);
	assert_true(list_empty(&session->watched));
	says(other, "SET a 1", "+OK\r\n");
	assert_false(exec_fails(client));
}

/* Nothing can be lost any more: it is not worth a watch. */
static void dirty_sessions_watch_no_more(void **state)
{
	says(client, "WATCH a", "+OK\r\n");
	says(other, "SET a 1", "+OK\r\n");
	assert_true(client->session.watch_dirty);
	says(client, "WATCH b c d", "+OK\r\n");
	assert_int_equal(client->session.watching, 1);
	assert_true(exec_fails(client));
	assert_false(client->session.watch_dirty);
}

static void who_leaves_watches_nothing(void **state)
{
	says(client, "WATCH a b c d e f", "+OK\r\n");
	says(other, "WATCH a", "+OK\r\n");
	test_close(client);
	assert_int_equal(watches(), 1);
	says(other, "SET a 1", "+OK\r\n");
	assert_true(exec_fails(other));
}

static void watching_needs_memory(void **state)
{
	struct darter_shard *shard = test_shard_of("a");
	struct darter_session *session = &client->session;

	darter_shard_lock(shard);
	shim_alloc_fail_after = 0;
	assert_int_equal(darter_watch_add(session, 0, "a", 1), -ENOMEM);
	shim_alloc_fail_after = -1;
	assert_int_equal(session->watching, 0);
	assert_int_equal(shard->nwatches, 0);
	assert_int_equal(darter_watch_add(session, 0, "a", 1), 0);
	/* What is watched already needs none. */
	shim_alloc_fail_after = 0;
	assert_int_equal(darter_watch_add(session, 0, "a", 1), 0);
	shim_alloc_fail_after = -1;
	assert_int_equal(session->watching, 1);
	darter_watch_touch(shard, 1, darter_key_hash(&test_instance, "a", 1), "a", 1);
	assert_false(session->watch_dirty);
	darter_watch_touch(shard, 0, darter_key_hash(&test_instance, "a", 1), "a", 1);
	assert_true(session->watch_dirty);
	darter_watch_clear_locked(session);
	assert_int_equal(shard->nwatches, 0);
	assert_false(session->watch_dirty);
	darter_shard_unlock(shard);
}

#define watch_test(name) \
	cmocka_unit_test_setup_teardown(name, test_two_clients_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		watch_test(commands_change_keys_or_do_not),
		watch_test(restored_keys_are_changed),
		watch_test(ones_own_changes_count),
		watch_test(databases_are_apart),
		watch_test(keys_arrive_from_other_databases),
		watch_test(expired_keys_are_changed),
		watch_test(expired_keys_are_watched_as_absent),
		watch_test(keys_are_compared_whole),
		watch_test(many_may_watch_one_key),
		watch_test(keys_are_watched_once),
		watch_test(dirty_sessions_watch_no_more),
		watch_test(who_leaves_watches_nothing),
		watch_test(watching_needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
