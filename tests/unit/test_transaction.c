// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Transactions: what is queued and what it costs, the locks of EXEC, and what its
 * commands see of each other. What may refuse or break one is in test_dispatch.c.
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
#include "kmod/core/blob.h"
#include "kmod/core/command.h"
#include "kmod/core/dispatch.h"
#include "kmod/core/lane.h"
#include "kmod/core/transaction.h"

#define OOM "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#define WRONG_TYPE "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define LONG DARTER_BLOB_MIN

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

/* Some key of every shard: "k<number>". */
static const char *key_in(u32 shard)
{
	static char keys[TEST_SHARDS][16];
	u32 i;

	for (i = 0;; i++) {
		snprintf(keys[shard], sizeof(keys[shard]), "k%u", i);
		if (test_shard_of(keys[shard])->index == shard)
			return keys[shard];
	}
}

static void say_about(struct test_client *who, const char *before, const char *key,
		      const char *after, const char *reply)
{
	char words[64];

	snprintf(words, sizeof(words), "%s %s%s", before, key, after);
	says(who, words, reply);
}

static const struct darter_command *find(const char *name)
{
	return darter_command_find(name, strlen(name));
}

static void queued_arguments_are_copies(void **state)
{
	struct darter_session *session = &client->session;
	char key[] = "key", value[] = "value";
	struct darter_arg argv[] = { { "SET", 3 }, { key, 3 }, { value, 5 } };
	const struct darter_queued *queued;

	assert_int_equal(darter_transaction_begin(session), 0);
	assert_int_equal(darter_transaction_queue(session, find("set"), argv, 3), 0);
	memset(key, '-', 3);
	memset(value, '-', 5);
	memset(argv, 0, sizeof(argv));
	queued = list_first_entry(&session->multi->commands, struct darter_queued, link);
	assert_ptr_equal(queued->command, find("set"));
	assert_int_equal(queued->argc, 3);
	assert_int_equal(queued->argv[1].len, 3);
	assert_memory_equal(queued->argv[1].bytes, "key", 3);
	assert_memory_equal(queued->argv[2].bytes, "value", 5);
	darter_transaction_end(session);
	assert_null(session->multi);
	/* There is nothing to end. */
	darter_transaction_end(session);
}

static void blobs_are_queued_by_reference(void **state)
{
	struct darter_session *session = &client->session;
	struct darter_blob *blob = darter_blob_alloc(LONG, LONG);
	struct darter_arg argv[] = { { "ECHO", 4 }, { blob->data, LONG, .blob = blob } };
	const struct darter_queued *queued;

	assert_int_equal(darter_transaction_begin(session), 0);
	assert_int_equal(darter_transaction_queue(session, find("echo"), argv, 2), 0);
	queued = list_first_entry(&session->multi->commands, struct darter_queued, link);
	assert_ptr_equal(queued->argv[1].bytes, blob->data);
	assert_int_equal(refcount_read(&blob->refs), 2);
	/* They hold memory all the same. */
	assert_true(session->multi->memory >= LONG);
	darter_transaction_end(session);
	assert_int_equal(refcount_read(&blob->refs), 1);
	darter_blob_put(blob);
}

static void a_queue_knows_what_it_holds(void **state)
{
	struct darter_session *session = &client->session;
	const struct darter_arg get[] = { { "GET", 3 }, { "k", 1 } };
	const struct darter_arg set[] = { { "SET", 3 }, { "k", 1 }, { "12", 2 } };
	u64 first;

	assert_int_equal(darter_transaction_begin(session), 0);
	assert_int_equal(session->multi->memory, 0);
	assert_int_equal(darter_transaction_queue(session, find("get"), get, 2), 0);
	assert_false(session->multi->flags & DARTER_CMD_DENYOOM);
	first = session->multi->memory;
	assert_true(first >= sizeof(struct darter_queued) + sizeof(get) + strlen("GETk"));
	assert_int_equal(darter_transaction_queue(session, find("set"), set, 3), 0);
	assert_true(session->multi->flags & DARTER_CMD_DENYOOM);
	assert_int_equal(session->multi->count, 2);
	/* One argument of two bytes more. */
	assert_int_equal(session->multi->memory, 2 * first + sizeof(struct darter_arg) + 2);
	darter_transaction_end(session);
}

static void queueing_needs_memory(void **state)
{
	const struct darter_arg ping[] = { { "PING", 4 } };
	struct darter_session *session = &client->session;

	shim_alloc_fail_after = 0;
	assert_int_equal(darter_transaction_begin(session), -ENOMEM);
	assert_null(session->multi);
	shim_alloc_fail_after = 1;
	assert_int_equal(darter_transaction_begin(session), 0);
	assert_int_equal(darter_transaction_queue(session, find("ping"), ping, 1), -ENOMEM);
	assert_int_equal(session->multi->count, 0);
	assert_true(list_empty(&session->multi->commands));
	assert_int_equal(session->multi->memory, 0);
	shim_alloc_fail_after = -1;
}

static void multi_needs_memory(void **state)
{
	/* The reply has its room first. */
	shim_alloc_fail_after = 1;
	says(client, "MULTI", OOM);
	shim_alloc_fail_after = -1;
	says(client, "EXEC", "-ERR EXEC without MULTI\r\n");
}

/* Short and long arguments, while others use the buffers that they came in. */
static void arguments_outlive_their_input(void **state)
{
	static char value[2 * LONG], noise[30000];
	const struct darter_arg set[] = {
		{ "SET", 3 }, { "long", 4 }, { value, sizeof(value) },
	};
	const struct darter_arg echo[] = { { "ECHO", 4 }, { noise, sizeof(noise) } };
	char expected[64];

	memset(value, 'v', sizeof(value));
	memset(noise, '?', sizeof(noise));
	says(client, "MULTI", "+OK\r\n");
	says(client, "SET short 1", "+QUEUED\r\n");
	assert_string_equal(test_say_args(client, set, 3), "+QUEUED\r\n");
	test_say_args(other, echo, 2);
	says(client, "GET short", "+QUEUED\r\n");
	says(client, "STRLEN long", "+QUEUED\r\n");
	test_say_args(other, echo, 2);
	snprintf(expected, sizeof(expected), "*4\r\n+OK\r\n+OK\r\n$1\r\n1\r\n:%zu\r\n",
		 sizeof(value));
	says(client, "EXEC", expected);
	assert_string_equal(test_say(client, "GETRANGE long 32765 -1"), "$3\r\nvvv\r\n");
}

static void a_pipeline_may_hold_it_all(void **state)
{
	static const char bytes[] =
		"MULTI\r\nset a \"x y\"\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nnosuch\r\nEXEC\r\n"
		"MULTI\r\nset a b\r\nEXEC\r\nGET a\r\n";

	assert_string_equal(test_send(client, bytes, sizeof(bytes) - 1),
			    "+OK\r\n+QUEUED\r\n+QUEUED\r\n"
			    "-ERR unknown command 'nosuch', with args beginning with: \r\n"
			    "-EXECABORT Transaction discarded because of previous errors.\r\n"
			    "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n$1\r\nb\r\n");
}

static void errors_of_commands_stop_nothing(void **state)
{
	says(client, "SET a text", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "INCR a", "+QUEUED\r\n");
	says(client, "HSET a f v", "+QUEUED\r\n");
	says(client, "PING a b", "+QUEUED\r\n");
	says(client, "SET b 1", "+QUEUED\r\n");
	says(client, "EXEC",
	     "*4\r\n-ERR value is not an integer or out of range\r\n" WRONG_TYPE
	     "-ERR wrong number of arguments for 'ping' command\r\n+OK\r\n");
	says(client, "GET b", "$1\r\n1\r\n");
}

static void the_protocol_may_change_within(void **state)
{
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "GET a", "+QUEUED\r\n");
	says(client, "HELLO 3", "+QUEUED\r\n");
	says(client, "GET a", "+QUEUED\r\n");
	assert_non_null(strstr(test_say(client, "EXEC"), "*0\r\n_\r\n"));
	/* What was lost is told in the new one, too. */
	says(client, "WATCH a", "+OK\r\n");
	says(client, "SET a 1", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "EXEC", "_\r\n");
}

/* A key does not expire halfway. */
static void time_stands_still_within(void **state)
{
	says(client, "MULTI", "+OK\r\n");
	says(client, "SET a 1 PX 10", "+QUEUED\r\n");
	says(client, "PTTL a", "+QUEUED\r\n");
	test_now += 1000;
	says(client, "PTTL a", "+QUEUED\r\n");
	says(client, "EXEC", "*3\r\n+OK\r\n:10\r\n:10\r\n");
	test_now += 11;
	says(client, "EXISTS a", ":0\r\n");
}

static void broken_queues_hold_nothing(void **state)
{
	struct darter_session *session = &client->session;
	u64 before = session->memory;

	says(client, "MULTI", "+OK\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	assert_true(session->multi_memory > 0);
	says(client, "WATCH a", "-ERR WATCH inside MULTI is not allowed\r\n");
	assert_false(session->multi_broken);
	says(client, "nosuch", "-ERR unknown command 'nosuch', with args beginning with: \r\n");
	says(client, "SET b 1", "+QUEUED\r\n");
	assert_int_equal(session->multi->count, 1);
	says(client, "DISCARD", "+OK\r\n");
	darter_session_publish(session);
	assert_int_equal(session->multi_memory, 0);
	assert_int_equal(session->memory, before);
	says(client, "MULTI", "+OK\r\n");
	says(client, "PING", "+QUEUED\r\n");
	says(client, "EXEC", "*1\r\n+PONG\r\n");
}

static u32 shards_of_exec(void)
{
	struct darter_shard_set set = {};
	u32 i, bits = 0;

	darter_transaction_shards(&client->session, &set);
	for (i = 0; i < TEST_SHARDS; i++)
		bits |= test_bit(i, set.bits) << i;
	return bits;
}

static void exec_locks_what_it_needs(void **state)
{
	say_about(client, "WATCH", key_in(3), "", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	assert_int_equal(shards_of_exec(), 0b1000);
	says(client, "PING", "+QUEUED\r\n");
	assert_int_equal(shards_of_exec(), 0b1000);
	say_about(client, "SET", key_in(1), " v", "+QUEUED\r\n");
	assert_int_equal(shards_of_exec(), 0b1010);
	say_about(client, "MGET", key_in(1), " x", "+QUEUED\r\n");
	say_about(client, "GET", key_in(0), "", "+QUEUED\r\n");
	assert_int_equal(shards_of_exec(), 0b1011 | 1 << test_shard_of("x")->index);
	says(client, "DBSIZE", "+QUEUED\r\n");
	says(client, "KEYS *", "+QUEUED\r\n");
	assert_int_equal(shards_of_exec(), 0b1111);
	says(client, "DISCARD", "+OK\r\n");
}

/* Until all shards are there, nothing is done. */
static void exec_waits_for_all(void **state)
{
	u32 busy;

	for (busy = 0; busy < TEST_SHARDS; busy++) {
		u32 i, kicks = client->kicks;

		says(client, "MULTI", "+OK\r\n");
		for (i = 0; i < TEST_SHARDS; i++)
			say_about(client, "INCR", key_in(i), "", "+QUEUED\r\n");
		darter_shard_lock(&test_instance.shards[busy]);
		says(client, "EXEC", "");
		assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
		for (i = 0; i < TEST_SHARDS; i++)
			if (i != busy)
				say_about(other, "STRLEN", key_in(i), "",
					  busy ? ":1\r\n" : ":0\r\n");
		darter_shard_unlock(&test_instance.shards[busy]);
		assert_int_equal(client->kicks, kicks + 1);
		test_go_on(client);
		assert_int_equal(client->verdict, DARTER_SESSION_READ);
		for (i = 0; i < TEST_SHARDS; i++)
			say_about(other, "STRLEN", key_in(i), "", ":1\r\n");
	}
	say_about(client, "GET", key_in(2), "", "$1\r\n4\r\n");
}

/* While it waits for a lock a watched key may still change. */
static void watched_keys_may_change_while_exec_waits(void **state)
{
	say_about(client, "WATCH", key_in(0), "", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	say_about(client, "SET", key_in(1), " v", "+QUEUED\r\n");
	darter_shard_lock(&test_instance.shards[1]);
	says(client, "EXEC", "");
	say_about(other, "SET", key_in(0), " v", "+OK\r\n");
	darter_shard_unlock(&test_instance.shards[1]);
	assert_string_equal(test_go_on(client), "*-1\r\n");
	say_about(client, "EXISTS", key_in(1), "", ":0\r\n");
}

static void unwatch_within_is_harmless(void **state)
{
	says(client, "WATCH a b c", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "UNWATCH", "+QUEUED\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	says(client, "EXEC", "*2\r\n+OK\r\n+OK\r\n");
	assert_true(list_empty(&client->session.watched));
	assert_false(client->session.watch_dirty);
	/* It does not take back what happened before. */
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "UNWATCH", "+QUEUED\r\n");
	says(other, "SET a 2", "+OK\r\n");
	says(client, "EXEC", "*-1\r\n");
}

static void exec_counts_its_commands(void **state)
{
	struct darter_lane *lane = &test_instance.lanes[0];
	u64 before;

	says(client, "MULTI", "+OK\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	says(client, "INCR a", "+QUEUED\r\n");
	before = lane->commands;
	says(client, "EXEC", "*2\r\n+OK\r\n:2\r\n");
	assert_int_equal(lane->commands, before + 3);
	assert_int_equal(lane->by_command[darter_command_index(find("incr"))].calls, 1);
	assert_string_equal(client->session.last_command->name, "exec");
}

#define multi_test(name) \
	cmocka_unit_test_setup_teardown(name, test_two_clients_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		multi_test(queued_arguments_are_copies),
		multi_test(blobs_are_queued_by_reference),
		multi_test(a_queue_knows_what_it_holds),
		multi_test(queueing_needs_memory),
		multi_test(multi_needs_memory),
		multi_test(arguments_outlive_their_input),
		multi_test(a_pipeline_may_hold_it_all),
		multi_test(errors_of_commands_stop_nothing),
		multi_test(the_protocol_may_change_within),
		multi_test(time_stands_still_within),
		multi_test(broken_queues_hold_nothing),
		multi_test(exec_locks_what_it_needs),
		multi_test(exec_waits_for_all),
		multi_test(watched_keys_may_change_while_exec_waits),
		multi_test(unwatch_within_is_harmless),
		multi_test(exec_counts_its_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
