// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * What clients may do who mean harm, as far as one session shows it: keys that are
 * chosen to meet, replies that are longer than memory, numbers and lengths at the ends
 * of their ranges, passwords that are nearly right. docs/security.md names the bounds.
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

#include "core.h"
#include "kmod/core/crc.h"
#include "kmod/core/keyed_hash.h"
#include "kmod/core/keyspace.h"
#include "kmod/core/segment.h"

#define OOM "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#define MIB (1024 * 1024)
#define LONG 16000
#define MANY 4096
/* Keys that meet, and the bits of their hash in which they do. */
#define CRAFTED 2000
#define CRAFTED_BITS 0xfc00000f

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static int set_up_cluster(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return test_client_setup(state);
}

static struct darter_table *table_of(const char *name)
{
	struct darter_key key;

	darter_key_init(&key, &test_instance, 0, name, strlen(name));
	return &key.db->keys;
}

/* The next number from @i on whose key has a hash, by a known secret, like all others. */
static u32 craft(u32 i, char *name, size_t room)
{
	static const siphash_key_t known;
	int len;

	for (;; i++) {
		len = snprintf(name, room, "%x", i);
		if (!(darter_keyed_hash(name, len, &known) & CRAFTED_BITS))
			return i;
	}
}

static void add_crafted(void)
{
	char name[16], words[32];
	u32 i, at = 0;

	for (i = 0; i < CRAFTED; i++) {
		at = craft(at, name, sizeof(name)) + 1;
		snprintf(words, sizeof(words), "SET %s x", name);
		says(words, "+OK\r\n");
	}
}

/* The longest chain of segments that a search may have to look through. */
static u32 overflow_segments(void)
{
	u32 i, sum = 0;

	for (i = 0; i < TEST_SHARDS; i++)
		sum += test_instance.shards[i].dbs[0].keys.noverflow;
	return sum;
}

/* Who knows the secret makes a list of the table; who does not makes a table of it. */
static void keys_that_meet_elsewhere_do_not_meet_here(void **state)
{
	u32 i, least = U32_MAX, most = 0;

	add_crafted();
	assert_int_equal(overflow_segments(), 0);
	for (i = 0; i < TEST_SHARDS; i++) {
		u64 count = test_instance.shards[i].dbs[0].keys.count;

		least = min_t(u64, least, count);
		most = max_t(u64, most, count);
	}
	assert_in_range(least, CRAFTED / TEST_SHARDS - 150, CRAFTED / TEST_SHARDS);
	assert_in_range(most, CRAFTED / TEST_SHARDS, CRAFTED / TEST_SHARDS + 150);

	says("FLUSHALL", "+OK\r\n");
	memset(&test_instance.hash_key, 0, sizeof(test_instance.hash_key));
	add_crafted();
	assert_true(overflow_segments() >= 4);
	/* All is found all the same. */
	says("DBSIZE", ":2000\r\n");
	test_check();
}

/* A flood of one slot fills one shard, but no bucket of it. */
static void keys_of_one_slot_are_spread_in_their_shard(void **state)
{
	struct darter_table *table = table_of("{tag}");
	char words[64];
	u32 i;

	for (i = 0; i < 20 * 1000; i++) {
		snprintf(words, sizeof(words), "SET {tag}%u x", i);
		says(words, "+OK\r\n");
	}
	assert_int_equal(table->count, 20 * 1000);
	assert_int_equal(table->noverflow, 0);
	/* As full as the table of any other keys. */
	assert_in_range(table->nsegments, 20 * 1000 / CAPACITY, 20 * 1000 * 5 / 2 / CAPACITY);
	assert_true(directory_entries(table->directory) <= 8 * table->nsegments);
}

static void set_value(u32 len)
{
	struct darter_arg argv[] = { { .bytes = "SET", .len = 3 }, { .bytes = "k", .len = 1 }, {} };
	char *value = malloc(len);

	memset(value, 'v', len);
	argv[2] = (struct darter_arg) { .bytes = value, .len = len };
	assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
	free(value);
}

/* The same key very often, in one command. */
static const char *get_often(u32 times)
{
	struct darter_arg *argv = calloc(times + 1, sizeof(*argv));
	const char *reply;
	u32 i;

	argv[0] = (struct darter_arg) { .bytes = "MGET", .len = 4 };
	for (i = 1; i <= times; i++)
		argv[i] = (struct darter_arg) { .bytes = "k", .len = 1 };
	reply = test_say_args(client, argv, times + 1);
	free(argv);
	return reply;
}

/* A small request can ask for a reply that no memory holds. */
static void replies_are_no_longer_than_memory(void **state)
{
	set_value(LONG);
	WRITE_ONCE(test_instance.config.max_memory, 32 * MIB);
	assert_string_equal(get_often(MANY), OOM);
	WRITE_ONCE(test_instance.config.max_memory, 0);
	assert_int_equal(client->session.reply.memory, 0);
}

static void nobody_picks_without_end(void **state)
{
	says("HSET h a 1 b 2", ":2\r\n");
	says("HRANDFIELD h -9223372036854775807", OOM);
	says("HRANDFIELD h -4611686018427387903 WITHVALUES", OOM);
	says("HRANDFIELD h -9223372036854775808",
	     "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n");
	/* Nobody hears these, and they end at once. */
	says("CLIENT REPLY OFF", "");
	says("HRANDFIELD h -300000000", "");
	says("CLIENT REPLY ON", "+OK\r\n");
}

/* Commands with numbers at the ends of their ranges, and what they are answered. */
static void numbers_do_not_overflow(void **state)
{
#define RANGE "-ERR value is not an integer or out of range\r\n"
#define OFFSET "-ERR bit offset is not an integer or out of range\r\n"
#define TOO_LONG "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
#define EXPIRE(command) "-ERR invalid expire time in '" command "' command\r\n"
	static const char *const cases[][2] = {
		{ "SETRANGE n 9223372036854775807 x", TOO_LONG },
		{ "SETRANGE n 4294967295 x", TOO_LONG },
		{ "SETRANGE n 2147483647 xx", TOO_LONG },
		{ "SETRANGE n 536870912 x", TOO_LONG },
		{ "SETRANGE n 9223372036854775808 x", RANGE },
		{ "SETRANGE n -1 x", "-ERR offset is out of range\r\n" },
		{ "SETBIT n 4294967296 1", OFFSET },
		{ "SETBIT n 9223372036854775807 1", OFFSET },
		{ "SETBIT n -1 1", OFFSET },
		{ "GETBIT n 18446744073709551615", OFFSET },
		{ "BITFIELD n SET u8 #4611686018427387904 1", OFFSET },
		{ "BITFIELD n SET u8 9223372036854775800 1", OFFSET },
		{ "BITFIELD n SET i64 #576460752303423487 1", OFFSET },
		{ "BITFIELD n GET u64 0",
		  "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n",
		},
		{ "GETRANGE s -9223372036854775808 9223372036854775807", "$5\r\nvalue\r\n" },
		{ "GETRANGE s 9223372036854775807 -9223372036854775808", "$0\r\n\r\n" },
		{ "GETRANGE s 0 9223372036854775808", RANGE },
		{ "BITCOUNT s -9223372036854775808 9223372036854775807", ":21\r\n" },
		{ "BITCOUNT s -9223372036854775808 9223372036854775807 BIT", ":21\r\n" },
		{ "BITPOS s 1 -9223372036854775808 9223372036854775807 BIT", ":1\r\n" },
		{ "INCRBY max 1", "-ERR increment or decrement would overflow\r\n" },
		{ "DECRBY min 1", "-ERR increment or decrement would overflow\r\n" },
		{ "DECRBY s -9223372036854775808", "-ERR decrement would overflow\r\n" },
		{ "EXPIRE s 9223372036854775807", EXPIRE("expire") },
		{ "PEXPIRE s 9223372036854775807", EXPIRE("pexpire") },
		{ "EXPIREAT s 9223372036854775807", EXPIRE("expireat") },
		{ "SET s value EX 9223372036854775807", EXPIRE("set") },
		{ "GETEX s PX 9223372036854775807", EXPIRE("getex") },
		{ "SETEX s 9223372036854775807 v", EXPIRE("setex") },
		{ "RESTORE r 9223372036854775808 x", RANGE },
		{ "SCAN 18446744073709551616", "-ERR invalid cursor\r\n" },
		{ "SCAN 0 COUNT -9223372036854775808", "-ERR syntax error\r\n" },
		{ "SELECT 18446744073709551616", RANGE },
		{ "SWAPDB 0 4294967296", "-ERR invalid second DB index\r\n" },
		{ "SLOWLOG GET 9223372036854775807", "*0\r\n" },
		{ "HINCRBY hmax f 1", "-ERR increment or decrement would overflow\r\n" },
	};
	u32 i;

	says("MSET s value max 9223372036854775807 min -9223372036854775808", "+OK\r\n");
	says("HSET hmax f 9223372036854775807", ":1\r\n");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *reply = test_say(client, cases[i][0]);

		if (strcmp(reply, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], reply);
	}
	says("EXISTS n r", ":0\r\n");
}

/* A new client sends bytes, and is answered this before it is let go. */
static void is_refused(const char *bytes, const char *why)
{
	struct test_client *client = test_connect();
	char reply[128];

	snprintf(reply, sizeof(reply), "-ERR Protocol error: %s\r\n", why);
	assert_string_equal(test_send(client, bytes, strlen(bytes)), reply);
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
	test_close(client);
}

static void lengths_of_requests_do_not_overflow(void **state)
{
	is_refused("*2147483648\r\n", "invalid multibulk length");
	is_refused("*9223372036854775808\r\n", "invalid multibulk length");
	is_refused("*18446744073709551617\r\n", "invalid multibulk length");
	is_refused("*+1\r\n", "invalid multibulk length");
	is_refused("*1\r\n$2147483648\r\n", "invalid bulk length");
	is_refused("*1\r\n$536870913\r\n", "invalid bulk length");
	is_refused("*1\r\n$9223372036854775807\r\n", "invalid bulk length");
	is_refused("*1\r\n$18446744073709551616\r\n", "invalid bulk length");
	is_refused("*1\r\n$-1\r\n", "invalid bulk length");
	is_refused("*1\r\n$-9223372036854775808\r\n", "invalid bulk length");
	/* A negative number of arguments is none. */
	assert_string_equal(test_send(client, "*-9223372036854775808\r\nPING\r\n", 29), "+PONG\r\n");
}

/* What is announced takes memory when it comes, not before. */
static void announcements_take_no_memory(void **state)
{
	static const char announcement[] = "*2147483647\r\n$3\r\nSET\r\n$536870912\r\n";
	struct test_client *other = test_connect();
	u64 before, now;

	darter_session_publish(&other->session);
	before = other->session.memory;
	test_send(other, announcement, strlen(announcement));
	darter_session_publish(&other->session);
	now = other->session.memory;
	assert_true(now - before < 64 * 1024);
}

/* Before AUTH: 10 arguments of 16 KiB, whatever the parameters allow. */
static void strangers_take_little_memory(void **state)
{
	struct test_client *stranger;
	u32 i;

	says("CONFIG SET requirepass secret", "+OK\r\n");
	is_refused("*11\r\n", "unauthenticated multibulk length");
	is_refused("*1\r\n$16385\r\n", "unauthenticated bulk length");
	stranger = test_connect();
	assert_string_equal(test_send(stranger, "*10\r\n", 5), "");
	for (i = 0; i < 9; i++) {
		char bulk[16384 + 16];
		int head = sprintf(bulk, "$16384\r\n");

		memset(bulk + head, 'x', 16384);
		memcpy(bulk + head + 16384, "\r\n", 2);
		assert_string_equal(test_send(stranger, bulk, head + 16386), "");
	}
	darter_session_publish(&stranger->session);
	assert_true(stranger->session.memory < 10 * 16384 * 4);
	test_close(stranger);
	stranger = test_connect();
	assert_string_equal(test_say(stranger, "MULTI"), "-NOAUTH Authentication required.\r\n");
	assert_string_equal(test_say(stranger, "WATCH a"), "-NOAUTH Authentication required.\r\n");
	assert_string_equal(test_say(stranger, "MONITOR"), "-NOAUTH Authentication required.\r\n");
}

/* Each byte of a password counts, and so does its length. */
static void nearly_right_is_wrong(void **state)
{
#define WRONG "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
	static const char secret[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	struct darter_arg argv[] = { { .bytes = "AUTH", .len = 4 }, {} };
	char guess[64];
	u32 i;

	/* What a longer one has left behind is no part of it. */
	says("CONFIG SET requirepass 0123456789abcdefghijklmnopqrstuvwxyzLONGER", "+OK\r\n");
	says("CONFIG SET requirepass 0123456789abcdefghijklmnopqrstuvwxyz", "+OK\r\n");
	argv[1].bytes = guess;
	for (i = 0; i < sizeof(secret) - 1; i++) {
		memcpy(guess, secret, sizeof(secret));
		guess[i] ^= 1;
		argv[1].len = sizeof(secret) - 1;
		assert_string_equal(test_say_args(client, argv, 2), WRONG);
		argv[1].len = i;
		assert_string_equal(test_say_args(client, argv, 2), WRONG);
	}
	memcpy(guess, "0123456789abcdefghijklmnopqrstuvwxyz\0ONGER", 43);
	for (i = sizeof(secret); i <= 43; i++) {
		argv[1].len = i;
		assert_string_equal(test_say_args(client, argv, 2), WRONG);
	}
	argv[1].len = sizeof(secret) - 1;
	assert_string_equal(test_say_args(client, argv, 2), "+OK\r\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_that_meet_elsewhere_do_not_meet_here),
		cmocka_unit_test_setup_teardown(keys_of_one_slot_are_spread_in_their_shard,
						set_up_cluster, test_core_teardown),
		TEST(replies_are_no_longer_than_memory),
		TEST(nobody_picks_without_end),
		TEST(numbers_do_not_overflow),
		TEST(lengths_of_requests_do_not_overflow),
		TEST(announcements_take_no_memory),
		TEST(strangers_take_little_memory),
		TEST(nearly_right_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
