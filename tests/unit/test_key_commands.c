// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Commands of keys whatever their type: between shards, between databases, onto themselves. */
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
#include "kmod/core/keyspace.h"

#define SYNTAX "-ERR syntax error\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NO_KEY "-ERR no such key\r\n"
#define BAD_DB "-ERR DB index is out of range\r\n"
#define SAME "-ERR source and destination objects are the same\r\n"
#define BIG_LEN 20000
#define TARGETS 16

static char big[BIG_LEN + 1];

static int set_up(void **state)
{
	memset(big, 'b', BIG_LEN);
	if (test_client_setup(state))
		return -1;
	return 0;
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void set_big(const char *key)
{
	struct darter_arg argv[] = {
		{ .bytes = "SET", .len = 3 },
		{ .bytes = key, .len = strlen(key) },
		{ .bytes = big, .len = BIG_LEN },
	};

	assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
}

static void del_counts_what_was_there(void **state)
{
	static const char *const verbs[] = { "DEL", "UNLINK" };
	char words[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		says("MSET a 1 b 2 c 3", "+OK\r\n");
		says("HSET h f v", ":1\r\n");
		snprintf(words, sizeof(words), "%s a none b a h", verbs[i]);
		says(words, ":3\r\n");
		says("DBSIZE", ":1\r\n");
		snprintf(words, sizeof(words), "%s a", verbs[i]);
		says(words, ":0\r\n");
	}
}

static void what_has_expired_is_not_there(void **state)
{
	says("MSET a 1 b 2", "+OK\r\n");
	says("PEXPIRE a 10", ":1\r\n");
	test_now += 11;
	says("EXISTS a b", ":1\r\n");
	says("TOUCH a b", ":1\r\n");
	says("TYPE a", "+none\r\n");
	says("DEL a b", ":1\r\n");
	says("SET a 1 PX 10", "+OK\r\n");
	says("SET b 2", "+OK\r\n");
	test_now += 11;
	says("RENAME a c", NO_KEY);
	says("RENAMENX b a", ":1\r\n");
	says("GET a", "$1\r\n2\r\n");
	says("SET c 3 PX 10", "+OK\r\n");
	test_now += 11;
	says("COPY c d", ":0\r\n");
	says("COPY a c", ":1\r\n");
}

static void exists_counts_each_time(void **state)
{
	says("MSET a 1 b 2", "+OK\r\n");
	says("EXISTS a", ":1\r\n");
	says("EXISTS a a none b a", ":4\r\n");
	says("TOUCH a a none b", ":3\r\n");
	says("EXISTS none", ":0\r\n");
}

static void types(void **state)
{
	says("SET s v", "+OK\r\n");
	says("HSET h f v", ":1\r\n");
	says("TYPE s", "+string\r\n");
	says("TYPE h", "+hash\r\n");
	says("TYPE none", "+none\r\n");
}

/* The second of the last access of a key. */
static u32 access_of(const char *name)
{
	struct darter_entry *entry;
	struct darter_key key;

	darter_key_init(&key, &test_instance, 0, name, strlen(name));
	darter_shard_lock(key.shard);
	entry = darter_key_find(&key, test_now);
	darter_shard_unlock(key.shard);
	assert_non_null(entry);
	return entry->access;
}

/* TYPE, EXISTS and TTL are no use of a key, TOUCH and GET are. */
static void touching(void **state)
{
	u32 before;

	says("SET a 1", "+OK\r\n");
	says("TOUCH a", ":1\r\n");
	before = access_of("a");
	test_now += 100000;
	says("TYPE a", "+string\r\n");
	says("EXISTS a", ":1\r\n");
	says("TTL a", ":-1\r\n");
	assert_int_equal(access_of("a"), before);
	says("TOUCH a", ":1\r\n");
	assert_int_equal(access_of("a") - before, 100);
	before = access_of("a");
	test_now += 100000;
	says("GET a", "$1\r\n1\r\n");
	assert_int_equal(access_of("a") - before, 100);
}

/* Every kind of value under every one of many names, so into every shard. */
static void renaming_keeps_value_and_deadline(void **state)
{
	char words[64];
	u32 i;

	for (i = 0; i < TARGETS; i++) {
		says("SET s value PX 100000", "+OK\r\n");
		says("HSET h f v g w", ":2\r\n");
		set_big("b");
		says("EXPIRE b 50", ":1\r\n");
		snprintf(words, sizeof(words), "RENAME s s%u", i);
		says(words, "+OK\r\n");
		snprintf(words, sizeof(words), "RENAMENX h h%u", i);
		says(words, ":1\r\n");
		snprintf(words, sizeof(words), "RENAME b b%u", i);
		says(words, "+OK\r\n");
		says("EXISTS s h b", ":0\r\n");
		snprintf(words, sizeof(words), "GETEX s%u", i);
		says(words, "$5\r\nvalue\r\n");
		snprintf(words, sizeof(words), "PTTL s%u", i);
		says(words, ":100000\r\n");
		snprintf(words, sizeof(words), "HMGET h%u f g", i);
		says(words, "*2\r\n$1\r\nv\r\n$1\r\nw\r\n");
		snprintf(words, sizeof(words), "GETRANGE b%u 19998 -1", i);
		says(words, "$2\r\nbb\r\n");
		snprintf(words, sizeof(words), "TTL b%u", i);
		says(words, ":50\r\n");
	}
	says("DBSIZE", ":48\r\n");
	says("FLUSHDB", "+OK\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

static void renaming_replaces(void **state)
{
	char words[64];
	u32 i;

	for (i = 0; i < TARGETS; i++) {
		says("SET s new", "+OK\r\n");
		snprintf(words, sizeof(words), "HSET t%u f v", i);
		says(words, ":1\r\n");
		snprintf(words, sizeof(words), "EXPIRE t%u 100", i);
		says(words, ":1\r\n");
		snprintf(words, sizeof(words), "RENAMENX s t%u", i);
		says(words, ":0\r\n");
		says("GET s", "$3\r\nnew\r\n");
		snprintf(words, sizeof(words), "RENAME s t%u", i);
		says(words, "+OK\r\n");
		says("EXISTS s", ":0\r\n");
		snprintf(words, sizeof(words), "GET t%u", i);
		says(words, "$3\r\nnew\r\n");
		/* The deadline was the old key's. */
		snprintf(words, sizeof(words), "TTL t%u", i);
		says(words, ":-1\r\n");
	}
}

static void renaming_onto_itself(void **state)
{
	says("SET a 1 PX 100000", "+OK\r\n");
	says("RENAME a a", "+OK\r\n");
	says("RENAMENX a a", ":0\r\n");
	says("GET a", "$1\r\n1\r\n");
	says("TTL a", ":100\r\n");
	says("RENAME none none", NO_KEY);
	says("RENAME none a", NO_KEY);
	says("RENAMENX none a", NO_KEY);
	says("GET a", "$1\r\n1\r\n");
}

static void copies_are_independent(void **state)
{
	char words[64];
	u32 i;

	says("SET s value PX 100000", "+OK\r\n");
	says("HSET h f v", ":1\r\n");
	for (i = 0; i < TARGETS; i++) {
		snprintf(words, sizeof(words), "COPY s s%u", i);
		says(words, ":1\r\n");
		snprintf(words, sizeof(words), "COPY h h%u", i);
		says(words, ":1\r\n");
		snprintf(words, sizeof(words), "PTTL s%u", i);
		says(words, ":100000\r\n");
		snprintf(words, sizeof(words), "APPEND s%u x", i);
		says(words, ":6\r\n");
		snprintf(words, sizeof(words), "HSET h%u f other g w", i);
		says(words, ":1\r\n");
	}
	says("GET s", "$5\r\nvalue\r\n");
	says("HGETALL h", "*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
}

static void copy_options(void **state)
{
	says("MSET a 1 b 2", "+OK\r\n");
	says("COPY a b", ":0\r\n");
	says("GET b", "$1\r\n2\r\n");
	says("COPY a b replace", ":1\r\n");
	says("GET b", "$1\r\n1\r\n");
	says("COPY none b REPLACE", ":0\r\n");
	says("GET b", "$1\r\n1\r\n");
	says("COPY a a", SAME);
	says("COPY a a DB 0 REPLACE", SAME);
	says("COPY none none", SAME);
	says("COPY a a db 1", ":1\r\n");
	says("COPY a c DB 1 DB 2 REPLACE", ":1\r\n");
	says("COPY a b DB", SYNTAX);
	says("COPY a b NOSUCH", SYNTAX);
	says("COPY a b REPLACE 1", SYNTAX);
	says("COPY a b DB x", NOT_INTEGER);
	says("COPY a b DB -1", BAD_DB);
	says("COPY a b DB 1000000", BAD_DB);
	says("COPY a b DB 4294967296",
	     "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
	says("SELECT 1", "+OK\r\n");
	says("KEYS *", "*1\r\n$1\r\na\r\n");
	says("SELECT 2", "+OK\r\n");
	says("GET c", "$1\r\n1\r\n");
}

static void moving(void **state)
{
	says("SET a 1 PX 100000", "+OK\r\n");
	says("HSET h f v", ":1\r\n");
	says("MOVE a 0", SAME);
	says("MOVE none 0", SAME);
	says("MOVE none 1", ":0\r\n");
	says("MOVE a x", NOT_INTEGER);
	says("MOVE a -1", BAD_DB);
	says("MOVE a 1000000", BAD_DB);
	says("MOVE a 1", ":1\r\n");
	says("MOVE h 1", ":1\r\n");
	says("DBSIZE", ":0\r\n");
	says("SET a 2", "+OK\r\n");
	says("MOVE a 1", ":0\r\n");
	says("GET a", "$1\r\n2\r\n");
	says("SELECT 1", "+OK\r\n");
	says("GET a", "$1\r\n1\r\n");
	says("TTL a", ":100\r\n");
	says("HGET h f", "$1\r\nv\r\n");
	says("DBSIZE", ":2\r\n");
}

/* Keys are bytes: none ends at a NUL, and the empty one is one. */
static void keys_are_any_bytes(void **state)
{
	static const struct darter_arg names[] = {
		{ .bytes = "", .len = 0 }, { .bytes = "\0", .len = 1 },
		{ .bytes = "\0\0", .len = 2 }, { .bytes = "a\0b", .len = 3 },
		{ .bytes = "a\0c", .len = 3 }, { .bytes = "a", .len = 1 },
		{ .bytes = "\r\n", .len = 2 }, { .bytes = "\xff\xfe", .len = 2 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct darter_arg argv[] = {
			{ .bytes = "SET", .len = 3 }, names[i], { .bytes = "v", .len = 1 },
		};

		assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
	}
	says("DBSIZE", ":8\r\n");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct darter_arg argv[] = {
			{ .bytes = "RENAME", .len = 6 }, names[i], { .bytes = "x", .len = 1 },
		};

		assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
	}
	says("DBSIZE", ":1\r\n");
}

#define KEY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEY_TEST(del_counts_what_was_there),
		KEY_TEST(what_has_expired_is_not_there),
		KEY_TEST(exists_counts_each_time),
		KEY_TEST(types),
		KEY_TEST(touching),
		KEY_TEST(renaming_keeps_value_and_deadline),
		KEY_TEST(renaming_replaces),
		KEY_TEST(renaming_onto_itself),
		KEY_TEST(copies_are_independent),
		KEY_TEST(copy_options),
		KEY_TEST(moving),
		KEY_TEST(keys_are_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
