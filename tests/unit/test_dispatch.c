// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* What may refuse a command, transactions, watches, and locks that are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/command.h"
#include "kmod/core/dispatch.h"
#include "kmod/core/lane.h"
#include "kmod/core/transaction.h"

#define ABORT "-EXECABORT Transaction discarded because of: "
#define OOM "OOM command not allowed when used memory > 'maxmemory'.\r\n"

/* Say something and check what comes back. */
#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static struct darter_command_stats *stats(const char *name)
{
	const struct darter_command *command = darter_command_find(name, strlen(name));

	return &test_instance.lanes[0].by_command[darter_command_index(command)];
}

static void unknown_commands_are_quoted(void **state)
{
	struct test_client *client = test_connect();
	struct darter_arg args[] = {
		{ .bytes = "f\r\no", .len = 4 },
		{ .bytes = "a\nb", .len = 3 },
		{ .bytes = "c\0d", .len = 3 },
	};
	char name[200], expected[400];

	says(client, "FoO", "-ERR unknown command 'FoO', with args beginning with: \r\n");
	says(client, "foo a b",
	     "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n");
	assert_string_equal(test_say_args(client, args, 3),
			    "-ERR unknown command 'f  o', with args beginning with: 'a b' 'c' \r\n");
	/* Of the name and of all arguments together, 128 characters. */
	memset(name, 'x', sizeof(name));
	args[0] = (struct darter_arg){ .bytes = name, .len = sizeof(name) };
	args[1] = args[0];
	snprintf(expected, sizeof(expected),
		 "-ERR unknown command '%.128s', with args beginning with: '%.128s' \r\n",
		 name, name);
	assert_string_equal(test_say_args(client, args, 3), expected);
}

static void subcommands_are_named(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CoNfig fOO", "-ERR unknown subcommand 'fOO'. Try CONFIG HELP.\r\n");
	says(client, "CONFIG GET",
	     "-ERR wrong number of arguments for 'config|get' command\r\n");
	says(client, "config", "-ERR wrong number of arguments for 'config' command\r\n");
	says(client, "GET", "-ERR wrong number of arguments for 'get' command\r\n");
	assert_int_equal(stats("config|get")->rejected, 1);
	assert_int_equal(stats("config")->rejected, 1);
}

static void http_is_shown_the_door(void **state)
{
	struct test_client *post = test_connect(), *host = test_connect();

	says(post, "POST / HTTP/1.1", "");
	assert_int_equal(post->verdict, DARTER_SESSION_FINISH);
	says(host, "Host: example", "");
	assert_int_equal(host->verdict, DARTER_SESSION_FINISH);
}

static void passwords_come_first(void **state)
{
	struct test_client *first = test_connect(), *client;

	says(first, "CONFIG SET requirepass pw", "+OK\r\n");
	client = test_connect();
	says(client, "GET a", "-NOAUTH Authentication required.\r\n");
	says(client, "GET", "-ERR wrong number of arguments for 'get' command\r\n");
	says(client, "EXEC", ABORT "NOAUTH Authentication required.\r\n");
	says(client, "AUTH pw", "+OK\r\n");
	says(client, "GET a", "$-1\r\n");
}

static void queues_run_at_exec(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	says(client, "MULTI", "+OK\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	says(client, "HSET a f v", "+QUEUED\r\n");
	says(client, "INCR a", "+QUEUED\r\n");
	says(other, "GET a", "$-1\r\n");
	says(client, "EXEC",
	     "*3\r\n+OK\r\n"
	     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
	     ":2\r\n");
	says(client, "EXEC", "-ERR EXEC without MULTI\r\n");
	says(client, "DISCARD", "-ERR DISCARD without MULTI\r\n");
	assert_int_equal(stats("set")->calls, 1);
	assert_int_equal(stats("hset")->failed, 1);
	assert_int_equal(stats("exec")->calls, 2);
	assert_int_equal(stats("exec")->failed, 1);
}

static void some_commands_are_never_queued(void **state)
{
	struct test_client *client = test_connect();

	says(client, "MULTI", "+OK\r\n");
	says(client, "MULTI", "-ERR MULTI calls can not be nested\r\n");
	says(client, "WATCH a", "-ERR WATCH inside MULTI is not allowed\r\n");
	says(client, "PING", "+QUEUED\r\n");
	says(client, "EXEC", "*1\r\n+PONG\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "DISCARD", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "RESET", "+RESET\r\n");
	says(client, "EXEC", "-ERR EXEC without MULTI\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "QUIT", "+OK\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
}

static void errors_break_transactions(void **state)
{
	static const char *const wrong[] = {
		"nosuch", "GET", "CONFIG nosuch", "SHUTDOWN", "DISCARD x",
	};
	struct test_client *client = test_connect();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		says(client, "MULTI", "+OK\r\n");
		assert_int_equal(test_say(client, wrong[i])[0], '-');
		/* Accepted, but nothing is kept of it. */
		says(client, "SET a 1", "+QUEUED\r\n");
		assert_int_equal(client->session.multi->count, 0);
		says(client, "EXEC",
		     "-EXECABORT Transaction discarded because of previous errors.\r\n");
		says(client, "EXEC", "-ERR EXEC without MULTI\r\n");
	}
	says(client, "GET a", "$-1\r\n");
}

static void a_wrong_exec_ends_the_transaction(void **state)
{
	struct test_client *client = test_connect();

	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "EXEC x",
	     ABORT "wrong number of arguments for 'exec' command\r\n");
	assert_null(client->session.multi);
	assert_true(list_empty(&client->session.watched));
	says(client, "EXEC", "-ERR EXEC without MULTI\r\n");
}

static void the_daemon_is_not_asked_in_exec(void **state)
{
	struct test_client *client = test_connect();

	says(client, "MULTI", "+OK\r\n");
	says(client, "CONFIG REWRITE", "+QUEUED\r\n");
	says(client, "PING", "+QUEUED\r\n");
	says(client, "EXEC",
	     "*2\r\n-ERR Command not allowed inside a transaction\r\n+PONG\r\n");
	assert_int_equal(test_upcalls, 0);
	assert_null(client->session.upcall);
}

static void limit_memory(u64 bytes)
{
	WRITE_ONCE(test_instance.config.max_memory, bytes);
}

static void growing_needs_memory(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SET a 1", "+OK\r\n");
	limit_memory(1);
	says(client, "SET a 2", "-" OOM);
	says(client, "GET a", "$1\r\n1\r\n");
	says(client, "DEL a", ":1\r\n");
	assert_int_equal(stats("set")->rejected, 1);
}

/* A queue may grow without bound, whatever is in it. */
static void queueing_needs_memory(void **state)
{
	struct test_client *client = test_connect();

	says(client, "MULTI", "+OK\r\n");
	limit_memory(1);
	says(client, "GET a", "-" OOM);
	says(client, "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "DISCARD", "+OK\r\n");
}

static void exec_needs_memory_if_a_command_does(void **state)
{
	struct test_client *client = test_connect();

	says(client, "MULTI", "+OK\r\n");
	says(client, "GET a", "+QUEUED\r\n");
	limit_memory(1);
	says(client, "EXEC", "*1\r\n$-1\r\n");
	limit_memory(0);
	says(client, "MULTI", "+OK\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	limit_memory(1);
	says(client, "EXEC", ABORT OOM);
	limit_memory(0);
	says(client, "GET a", "$-1\r\n");
}

static void watched_keys_abort(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	says(client, "WATCH a b", "+OK\r\n");
	says(other, "SET b 1", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "PING", "+QUEUED\r\n");
	says(client, "EXEC", "*-1\r\n");
	/* The watch is over. */
	says(other, "SET b 2", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "EXEC", "*0\r\n");
}

static void watches_end(void **state)
{
	static const char *const ends[] = { "UNWATCH", "DISCARD", "RESET" };
	struct test_client *client = test_connect(), *other = test_connect();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		says(client, "WATCH a", "+OK\r\n");
		says(other, "INCR a", i == 0 ? ":1\r\n" : i == 1 ? ":2\r\n" : ":3\r\n");
		if (!strcmp(ends[i], "DISCARD"))
			says(client, "MULTI", "+OK\r\n");
		test_say(client, ends[i]);
		says(client, "MULTI", "+OK\r\n");
		says(client, "PING", "+QUEUED\r\n");
		says(client, "EXEC", "*1\r\n+PONG\r\n");
	}
}

static void expired_keys_abort(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SET a 1 PX 10", "+OK\r\n");
	says(client, "WATCH a", "+OK\r\n");
	test_now += 11;
	says(client, "MULTI", "+OK\r\n");
	says(client, "EXEC", "*-1\r\n");
	/* What had expired before it was watched is just not there. */
	says(client, "SET a 1 PX 10", "+OK\r\n");
	test_now += 11;
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "EXEC", "*0\r\n");
}

static void select_lasts_within_exec(void **state)
{
	struct test_client *client = test_connect();

	says(client, "MULTI", "+OK\r\n");
	says(client, "SELECT 1", "+QUEUED\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	says(client, "SELECT 0", "+QUEUED\r\n");
	says(client, "GET a", "+QUEUED\r\n");
	says(client, "EXEC", "*4\r\n+OK\r\n+OK\r\n+OK\r\n$-1\r\n");
}

static void busy_shards_are_waited_for(void **state)
{
	struct test_client *client = test_connect();
	struct darter_shard *shard = test_shard_of("a");

	darter_shard_lock(shard);
	says(client, "SET a 1", "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	assert_int_equal(client->kicks, 0);
	darter_shard_unlock(shard);
	assert_int_equal(client->kicks, 1);
	assert_string_equal(test_go_on(client), "+OK\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_int_equal(stats("set")->calls, 1);
}

/* A client that leaves while it waits is not kicked any more. */
static void waiting_clients_may_leave(void **state)
{
	struct test_client *client = test_connect();
	struct darter_shard *shard = test_shard_of("a");

	darter_shard_lock(shard);
	says(client, "SET a 1", "");
	test_close(client);
	darter_shard_unlock(shard);
}

/* What commands that do without the lock answer while somebody else holds it. */
static void readers_need_no_lock(void **state)
{
	static const char *const cases[][2] = {
		{ "GET s", "$3\r\nabc\r\n" }, { "GET none", "$-1\r\n" },
		{ "MGET s", "*1\r\n$3\r\nabc\r\n" }, { "EXISTS s", ":1\r\n" },
		{ "TYPE s", "+string\r\n" }, { "TYPE h", "+hash\r\n" },
		{ "TTL s", ":-1\r\n" }, { "PTTL t", ":10000\r\n" },
		{ "EXPIRETIME s", ":-1\r\n" }, { "PEXPIRETIME none", ":-2\r\n" },
		{ "STRLEN s", ":3\r\n" }, { "GETRANGE s 1 1", "$1\r\nb\r\n" },
		{ "SUBSTR s 0 -2", "$2\r\nab\r\n" }, { "GETBIT s 1", ":1\r\n" },
		{ "BITCOUNT s", ":10\r\n" }, { "BITCOUNT s 9 22 BIT", ":6\r\n" },
		{ "OBJECT ENCODING s", "$6\r\nembstr\r\n" }, { "OBJECT REFCOUNT s", ":1\r\n" },
		{ "OBJECT IDLETIME s", ":0\r\n" },
	};
	struct test_client *client = test_connect();
	u32 i;

	says(client, "SET s abc", "+OK\r\n");
	says(client, "HSET h f v", ":1\r\n");
	says(client, "SET t 1 EX 10", "+OK\r\n");
	for (i = 0; i < TEST_SHARDS; i++)
		darter_shard_lock(&test_instance.shards[i]);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		says(client, cases[i][0], cases[i][1]);
	for (i = 0; i < TEST_SHARDS; i++)
		darter_shard_unlock(&test_instance.shards[i]);
	assert_int_equal(stats("get")->calls, 2);
	/* Nobody was kept from the shards. */
	assert_int_equal(test_instance.shards[0].contended, 0);
}

/* What they cannot do without it, or must not: the first answer is the only one. */
static void readers_take_the_lock_for_the_rest(void **state)
{
	static const char *const cases[] = {
		"GET h", "GETRANGE s x 1", "GETBIT s -1", "TTL gone", "MGET s s", "EXISTS s t",
		"OBJECT FREQ s", "TYPE deadlines", "BITCOUNT big",
	};
	struct test_client *client = test_connect();
	u32 i, j;

	says(client, "SET s abc", "+OK\r\n");
	says(client, "SETBIT big 160000 1", ":0\r\n");
	says(client, "HSET h f v", ":1\r\n");
	says(client, "HSET deadlines f v", ":1\r\n");
	says(client, "HEXPIRE deadlines 10 FIELDS 1 f", "*1\r\n:1\r\n");
	says(client, "SET gone 1 PX 10", "+OK\r\n");
	test_now += 11;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (j = 0; j < TEST_SHARDS; j++)
			darter_shard_lock(&test_instance.shards[j]);
		says(client, cases[i], "");
		assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
		for (j = 0; j < TEST_SHARDS; j++)
			darter_shard_unlock(&test_instance.shards[j]);
		assert_true(strlen(test_go_on(client)) > 3);
	}
	assert_int_equal(stats("get")->failed, 1);
}

/* A key that is being changed is not read, and another one of the shard is. */
static void readers_see_open_stripes(void **state)
{
	struct test_client *client = test_connect();
	struct darter_shard *shard = test_shard_of("a");
	char other[16];
	u64 hash;
	u32 i;

	says(client, "SET a 1", "+OK\r\n");
	hash = darter_key_hash(&test_instance, "a", 1);
	for (i = 0;; i++) {
		sprintf(other, "%u", i);
		if (test_shard_of(other) == shard &&
		    darter_guard_stripe(darter_key_hash(&test_instance, other, strlen(other))) !=
		    darter_guard_stripe(hash))
			break;
	}
	test_say_args(client, (struct darter_arg[]) {
		{ .bytes = "SET", .len = 3 }, { .bytes = other, .len = strlen(other) },
		{ .bytes = "2", .len = 1 },
	}, 3);
	darter_shard_lock(shard);
	darter_guard_open(&shard->guard, hash);
	says(client, "GET a", "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	darter_shard_unlock(shard);
	assert_string_equal(test_go_on(client), "$1\r\n1\r\n");
	darter_shard_lock(shard);
	darter_guard_open(&shard->guard, hash);
	assert_string_equal(test_say_args(client, (struct darter_arg[]) {
		{ .bytes = "GET", .len = 3 }, { .bytes = other, .len = strlen(other) },
	}, 2), "$1\r\n2\r\n");
	/* While the table is rebuilt, nobody reads. */
	darter_guard_reshape(&shard->guard);
	assert_string_equal(test_say_args(client, (struct darter_arg[]) {
		{ .bytes = "GET", .len = 3 }, { .bytes = other, .len = strlen(other) },
	}, 2), "");
	darter_shard_unlock(shard);
	assert_string_equal(test_go_on(client), "$1\r\n2\r\n");
}

static struct darter_lane *lane(void)
{
	return &test_instance.lanes[0];
}

static struct {
	struct darter_shard *shard;	/* that all commands are about */
	struct test_client *waiter;	/* parks on it during the second command; or NULL */
	u32 commands, longest;
} run;

/* Each command looks at the clock when it ends, with its shard locked. */
static u64 clock_in_run(void)
{
	if (!lane()->held)
		return 1;
	assert_ptr_equal(lane()->held, run.shard);
	run.longest = max(run.longest, lane()->run + 1);
	run.commands++;
	if (run.waiter && run.commands == 2)
		assert_true(darter_shard_park(run.shard, &run.waiter->session));
	if (run.waiter && run.commands == 3)
		assert_int_equal(run.waiter->kicks, 1);
	return 1;
}

static void begin_runs(const char *key)
{
	memset(&run, 0, sizeof(run));
	run.shard = test_shard_of(key);
	lane()->clock_us = clock_in_run;
	/* So the first one does not look when it begins. */
	lane()->since = 1;
}

static void pipeline(struct test_client *client, const char *request, u32 times)
{
	char bytes[4096] = "";

	assert_true(times * strlen(request) < sizeof(bytes));
	while (times--)
		strcat(bytes, request);
	test_send(client, bytes, strlen(bytes));
}

static void commands_on_a_shard_share_its_lock(void **state)
{
	struct test_client *client = test_connect();

	begin_runs("a");
	pipeline(client, "*2\r\n$4\r\nHLEN\r\n$1\r\na\r\n", 100);
	assert_int_equal(run.commands, 100);
	/* Others get their turn. */
	assert_int_equal(run.longest, 32);
	assert_null(lane()->held);
	assert_false(mutex_is_locked(&run.shard->lock));
	begin_runs("a");
	test_instance.config.knobs.batch_commands = 5;
	test_instance.config.knobs.lockless_tries = 0;
	pipeline(client, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", 100);
	assert_int_equal(run.commands, 100);
	assert_int_equal(run.longest, 5);
}

static void who_waits_ends_a_run(void **state)
{
	struct test_client *client = test_connect();

	begin_runs("a");
	run.waiter = test_connect();
	pipeline(client, "*2\r\n$4\r\nHLEN\r\n$1\r\na\r\n", 5);
	assert_int_equal(run.commands, 5);
	assert_int_equal(run.longest, 3);
	assert_int_equal(run.waiter->kicks, 1);
}

/* It lets go of watched keys, which may be in the shard of the run. */
static void a_wrong_exec_ends_a_run(void **state)
{
	static const char pipeline[] =
		"*2\r\n$4\r\nHLEN\r\n$1\r\na\r\n*2\r\n$4\r\nEXEC\r\n$1\r\nx\r\n";
	struct test_client *client = test_connect();

	says(client, "WATCH a", "+OK\r\n");
	assert_string_equal(test_send(client, pipeline, strlen(pipeline)),
			    ":0\r\n-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n");
	assert_null(lane()->held);
	assert_int_equal(test_shard_of("a")->nwatches, 0);
}

/* Whatever follows, the shard is free when the input is used up. */
static void runs_end(void **state)
{
	static const char *const behind[] = {
		"", "*2\r\n$3\r\nGET\r\n$1", "*1\r\n$4\r\nPING\r\n", "PING\r\n", "*x\r\n",
		"*1\r\n$8\r\nFLUSHALL\r\n", "*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n",
		"*3\r\n$6\r\nRENAME\r\n$1\r\na\r\n$1\r\nb\r\n", "*1\r\n$4\r\nQUIT\r\n",
		"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$99999\r\n", "*1\r\n$7\r\nnothing\r\n",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(behind); i++) {
		struct test_client *client = test_connect();
		char bytes[200];

		begin_runs("a");
		snprintf(bytes, sizeof(bytes), "*2\r\n$4\r\nHLEN\r\n$1\r\na\r\n%s", behind[i]);
		test_send(client, bytes, strlen(bytes));
		assert_true(run.commands);
		assert_null(lane()->held);
		assert_false(mutex_is_locked(&run.shard->lock));
		test_close(client);
	}
}

static void assert_shards(const char *words, u32 argc, ...)
{
	struct darter_session session = { .instance = &test_instance };
	struct darter_shard_set got = {}, expected = {};
	struct darter_arg argv[8];
	const char *key;
	va_list keys;
	u32 i;

	for (i = 0; i < argc; i++) {
		argv[i] = (struct darter_arg){ .bytes = words, .len = strcspn(words, " ") };
		words += argv[i].len + 1;
	}
	va_start(keys, argc);
	while ((key = va_arg(keys, const char *)))
		__set_bit(test_shard_of(key)->index, expected.bits);
	va_end(keys);
	darter_command_shards(&session, darter_command_lookup(argv, argc), argv, argc, &got);
	assert_memory_equal(&got, &expected, sizeof(got));
}

static void commands_lock_their_keys(void **state)
{
	assert_shards("GET a", 2, "a", NULL);
	assert_shards("MSET a 1 b 2 c 3", 7, "a", "b", "c", NULL);
	assert_shards("RENAME a b", 3, "a", "b", NULL);
	assert_shards("DEL a b c d", 5, "a", "b", "c", "d", NULL);
	assert_shards("PING a", 2, NULL);
}

static void some_commands_lock_all(void **state)
{
	struct darter_session session = { .instance = &test_instance };
	static const char *const names[] = { "keys", "flushall", "flushdb", "randomkey" };
	struct darter_shard_set set;
	u32 i, shard;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct darter_arg argv[] = {
			{ .bytes = names[i], .len = strlen(names[i]) },
			{ .bytes = "*", .len = 1 },
		};

		memset(&set, 0, sizeof(set));
		darter_command_shards(&session, darter_command_lookup(argv, 1), argv, 2,
				      &set);
		for (shard = 0; shard < TEST_SHARDS; shard++)
			assert_true(test_bit(shard, set.bits));
	}
}

/* Wherever memory ends, a transaction is as it was or is lost with an error. */
static void short_memory_breaks_transactions(void **state)
{
	struct test_client *client = test_connect();
	bool failed = true;
	long after;

	for (after = 0; failed; after++) {
		const char *reply;

		says(client, "MULTI", "+OK\r\n");
		says(client, "SET a 1", "+QUEUED\r\n");
		shim_alloc_fail_after = after;
		reply = test_say(client, "SET b 22222222222222222222222222222222222222222222");
		shim_alloc_fail_after = -1;
		if (client->verdict == DARTER_SESSION_ABORT) {
			test_close(client);
			client = test_connect();
			continue;
		}
		failed = strcmp(reply, "+QUEUED\r\n");
		if (failed)
			assert_string_equal(reply, "-" OOM);
		says(client, "EXEC", failed ?
		     "-EXECABORT Transaction discarded because of previous errors.\r\n" :
		     "*2\r\n+OK\r\n+OK\r\n");
	}
	assert_true(after > 1);
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		core_test(unknown_commands_are_quoted),
		core_test(subcommands_are_named),
		core_test(http_is_shown_the_door),
		core_test(passwords_come_first),
		core_test(queues_run_at_exec),
		core_test(some_commands_are_never_queued),
		core_test(errors_break_transactions),
		core_test(a_wrong_exec_ends_the_transaction),
		core_test(the_daemon_is_not_asked_in_exec),
		core_test(growing_needs_memory),
		core_test(queueing_needs_memory),
		core_test(exec_needs_memory_if_a_command_does),
		core_test(watched_keys_abort),
		core_test(watches_end),
		core_test(expired_keys_abort),
		core_test(select_lasts_within_exec),
		core_test(busy_shards_are_waited_for),
		core_test(waiting_clients_may_leave),
		core_test(readers_need_no_lock),
		core_test(readers_take_the_lock_for_the_rest),
		core_test(readers_see_open_stripes),
		core_test(commands_on_a_shard_share_its_lock),
		core_test(who_waits_ends_a_run),
		core_test(a_wrong_exec_ends_a_run),
		core_test(runs_end),
		core_test(commands_lock_their_keys),
		core_test(some_commands_lock_all),
		core_test(short_memory_breaks_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
