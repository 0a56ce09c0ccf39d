// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Commands without memory: let the n-th allocation fail for n = 0, 1, ... until
 * the command succeeds. Until then nothing changes and the reply is -OOM, or the
 * connection ends if there is no room even for that.
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
#include "kmod/core/lane.h"
#include "kmod/core/shard.h"

#define BIG_LEN 20000
#define STATE_CHARS (1 << 20)
#define FIELDS 200
#define ATTEMPTS_MAX 2000

static const char *const keys[] = {
	"s", "n", "b", "h", "hh", "e", "x", "y", "z", "new", "new2", "new3",
};

/* The word BIG stands for many bytes. */
static const char *const commands[] = {
	"SET s v", "SET s BIG", "SET b v", "SET new v", "SET new BIG PX 1000", "SET n v KEEPTTL",
	"SET s v GET", "SET b v GET", "SET new BIG GET", "SET h v", "SET hh BIG", "SET e v",
	"SETEX s 10 v", "PSETEX new 10000 BIG", "SETNX new v", "GETSET b v", "GETDEL b",
	"GETDEL s", "GETEX s EX 100", "GETEX b PX 5000", "GETEX n PERSIST",
	"MSET s 1 new 2 b 3 new2 BIG h 4 e 5 new3 6", "MSET s 1 s BIG new 2 new BIG new 3",
	"MSETNX new 1 new2 BIG new 3 e 4", "INCR n", "INCR new", "INCRBY n 1000000000000",
	"INCRBYFLOAT n 1e300", "INCRBYFLOAT n 1e4000", "INCRBYFLOAT new 3.0",
	"APPEND s tail", "APPEND s BIG", "APPEND b tail", "APPEND b BIG", "APPEND new v",
	"SETRANGE s 20000 x", "SETRANGE b 100 x", "SETRANGE b 50000 x", "SETRANGE new 5 x",
	"DEL s b h hh e n", "UNLINK s b h hh e n", "EXPIRE s 100", "EXPIRE b 100",
	"EXPIRE hh 100", "PEXPIRE n 1", "EXPIRE n -1", "PERSIST n", "RENAME s x", "RENAME s y",
	"RENAME s z", "RENAME b x", "RENAME b y", "RENAME h x", "RENAME h y", "RENAME hh x",
	"RENAME hh y", "RENAME hh z", "RENAME n s", "RENAME hh s", "RENAMENX hh b",
	"RENAMENX e x", "COPY s x", "COPY b y", "COPY h x", "COPY hh x", "COPY hh y",
	"COPY hh s REPLACE", "COPY n hh REPLACE", "COPY b x DB 1", "COPY hh hh DB 1", "MOVE s 1",
	"MOVE hh 1", "MOVE b 1", "MOVE n 1", "HSET h f v2", "HSET h a 1 b 2 c 3 f 4", "HSET h f BIG",
	"HSET hh a 1 b 2 f1 3 c BIG", "HSET new f v", "HSET new f BIG g v", "HMSET h a 1 b BIG",
	"HSETNX h new v", "HSETNX new f v", "HINCRBY h n 5", "HINCRBY hh n 5",
	"HINCRBYFLOAT h n 1e300", "HINCRBYFLOAT hh n 1e4000", "HDEL h f g", "HDEL hh f1 f2 f3",
	"FLUSHALL", "FLUSHDB", "GET b", "GET s", "MGET b s n new", "KEYS *", "SCAN 0", "HGETALL hh",
	"HKEYS hh", "HMGET h f g x", "HSCAN hh 0 COUNT 1000", "HRANDFIELD hh 300", "LCS s n",
	"LCS s s IDX WITHMATCHLEN", "LCS s n LEN", "TYPE s", "EXISTS s b e", "TTL n", "DUMP b",
	"DUMP hh", "DUMP h", "STRLEN b", "GETRANGE b 10 19000", "PING", "ECHO BIG",
	"SELECT 1", "NOSUCHCOMMAND BIG", "SET s", "CONFIG GET maxmem*", "CLIENT SETNAME me",
	"CLIENT LIST", "HELLO 3", "COMMAND INFO get set", "WATCH s b",
};

static struct test_client *observer, *actor;
static char big[BIG_LEN + 1];

/* Chunks that wait in the lane would make up for failed allocations. */
static void drop_spare_chunks(void)
{
	struct darter_lane *lane = &test_instance.lanes[0];
	struct darter_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &lane->spare_chunks, link) {
		list_del(&chunk->link);
		darter_chunk_free(chunk);
	}
	lane->nspare_chunks = 0;
}

static const char *say(struct test_client *client, const char *words)
{
	struct darter_arg argv[32];
	u32 argc = 0;

	for (;;) {
		const char *end = strchrnul(words, ' ');

		assert_true(argc < ARRAY_SIZE(argv));
		argv[argc] = (struct darter_arg){ .bytes = words, .len = end - words };
		if (argv[argc].len == 3 && !memcmp(words, "BIG", 3))
			argv[argc] = (struct darter_arg){ .bytes = big, .len = BIG_LEN };
		argc++;
		if (!*end)
			return test_say_args(client, argv, argc);
		words = end + 1;
	}
}

static int set_up(void **state)
{
	memset(big, 'b', BIG_LEN);
	if (test_core_setup(state))
		return -1;
	observer = test_connect();
	actor = test_connect();
	return 0;
}

static void prepare(void)
{
	char command[64];
	u32 i;

	test_now = TEST_BEGIN_MS;
	test_close(actor);
	actor = test_connect();
	say(observer, "FLUSHALL");
	say(observer, "SET s small");
	say(observer, "SET n 5 PX 100000");
	say(observer, "SET b BIG");
	say(observer, "HSET h f v g w");
	for (i = 0; i < FIELDS; i++) {
		snprintf(command, sizeof(command), "HSET hh f%u %u", i, i);
		say(observer, command);
	}
	say(observer, "SET e x PX 1");
	test_now += 10;
}

static void note(char *state, size_t *len, const char *verb, const char *key, const char *more)
{
	char command[128];

	snprintf(command, sizeof(command), "%s %s%s", verb, key, more);
	*len += snprintf(state + *len, STATE_CHARS - *len, "%s", say(observer, command));
	assert_true(*len < STATE_CHARS);
}

/* All that a client can see of the keys. */
static char *observe(void)
{
	char *state = malloc(STATE_CHARS);
	size_t len = 0;
	u32 db, i;

	for (db = 0; db < 2; db++) {
		say(observer, db ? "SELECT 1" : "SELECT 0");
		for (i = 0; i < ARRAY_SIZE(keys); i++) {
			note(state, &len, "TYPE", keys[i], "");
			note(state, &len, "PEXPIRETIME", keys[i], "");
			note(state, &len, "GET", keys[i], "");
			note(state, &len, "HLEN", keys[i], "");
			note(state, &len, "HMGET", keys[i], " f g a b c n f0 f1 f2 f3 f100 f199");
		}
	}
	say(observer, "SELECT 0");
	return state;
}

static bool is_oom(const char *reply)
{
	return !strncmp(reply, "-OOM ", 5) || strstr(reply, "Insufficient memory");
}

/* One attempt with that many allocations: true when it came to its end. */
static bool attempt(const char *command, const char *before, long allocations, char *reply)
{
	char *after;
	bool over;

	drop_spare_chunks();
	shim_alloc_fail_after = allocations;
	snprintf(reply, STATE_CHARS, "%s", say(actor, command));
	shim_alloc_fail_after = -1;
	over = actor->verdict == DARTER_SESSION_READ && !is_oom(reply);
	if (over)
		return true;
	if (actor->verdict == DARTER_SESSION_ABORT) {
		test_close(actor);
		actor = test_connect();
	}
	after = observe();
	if (strcmp(before, after))
		fail_msg("%s changed something with %ld allocations", command, allocations);
	free(after);
	return false;
}

/* Replies that are not the same each time; DUMP compresses if there is memory for it. */
static bool varies(const char *command)
{
	return !strncmp(command, "DUMP", 4) || !strncmp(command, "CLIENT", 6) || !strncmp(command, "HELLO", 5) ||
	       !strncmp(command, "HRANDFIELD", 10);
}

static void check_command(const char *command)
{
	char *expected = malloc(STATE_CHARS), *reply = malloc(STATE_CHARS);
	char *before, *changed, *after;
	long allocations = 0;

	prepare();
	assert_true(attempt(command, "", -1, expected));
	changed = observe();
	prepare();
	before = observe();
	while (!attempt(command, before, allocations, reply))
		if (++allocations > ATTEMPTS_MAX)
			fail_msg("%s never succeeds: %s", command, reply);
	after = observe();
	if (!varies(command))
		assert_string_equal(reply, expected);
	assert_string_equal(after, changed);
	free(before);
	free(changed);
	free(after);
	free(expected);
	free(reply);
}

static void nothing_changes_half(void **state)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		check_command(commands[i]);
	say(observer, "FLUSHALL");
	for (i = 0; i < TEST_SHARDS; i++) {
		assert_true(test_instance.shards[i].arena.used == 0);
		assert_true(test_instance.shards[i].blob_bytes == 0);
	}
	assert_true(atomic64_read(&test_instance.used) == 0);
}

/* EXEC may end early, but it ends, and nothing of it is left. */
static void transactions_end(void **state)
{
	static const char *const queued[] = {
		"MULTI", "SET s v", "GET b", "HSET h a BIG", "MSET new BIG new2 v", "GET b",
	};
	const char *reply;
	long allocations;
	u32 i;

	for (allocations = 0;; allocations++) {
		assert_true(allocations < ATTEMPTS_MAX);
		prepare();
		for (i = 0; i < ARRAY_SIZE(queued); i++)
			assert_false(is_oom(say(actor, queued[i])));
		drop_spare_chunks();
		shim_alloc_fail_after = allocations;
		reply = say(actor, "EXEC");
		shim_alloc_fail_after = -1;
		if (actor->verdict == DARTER_SESSION_ABORT)
			continue;
		assert_int_equal(actor->verdict, DARTER_SESSION_READ);
		if (!strstr(reply, "-OOM "))
			break;
		assert_string_equal(say(actor, "EXEC"), "-ERR EXEC without MULTI\r\n");
	}
	assert_true(allocations > 2);
}

#define SCARCITY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCARCITY_TEST(nothing_changes_half),
		SCARCITY_TEST(transactions_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
