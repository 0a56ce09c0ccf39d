// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* OBJECT and MEMORY: what counts as use, what an encoding survives, what keys take. */
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
#include "kmod/core/keyspace.h"

#define SECONDS 100

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void pass(u32 seconds)
{
	test_now += seconds * 1000;
}

/* Commands that use the key k, and others that look at it or at what is around it. */
static void what_counts_as_use(void **state)
{
	static const char *const uses[] = {
		"GET k", "STRLEN k", "SET k v", "APPEND k x", "TOUCH k", "GETRANGE k 0 1",
		"MGET a k", "MSET a 1 k 2", "GETEX k", "SETRANGE k 0 y", "EXPIRE k 1000",
		"PERSIST k", "DUMP k", "SET k v XX", "SETNX k v", "SET k v GET",
	};
	static const char *const looks[] = {
		"TYPE k", "EXISTS k", "TTL k", "OBJECT ENCODING k", "OBJECT IDLETIME k",
		"OBJECT FREQ k", "MEMORY USAGE k", "KEYS *", "SCAN 0", "GET a",
	};
	u32 i;

	says("SET k v", "+OK\r\n");
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		pass(SECONDS);
		test_say(client, uses[i]);
		says("OBJECT IDLETIME k", ":0\r\n");
	}
	pass(7);
	for (i = 0; i < ARRAY_SIZE(looks); i++) {
		test_say(client, looks[i]);
		says("OBJECT IDLETIME k", ":7\r\n");
	}
}

static void new_keys_are_just_used(void **state)
{
	static const char *const makers[] = {
		"SET n v", "SETNX n v", "APPEND n v", "INCR n", "HSET n f v", "COPY k n",
		"RENAME k n", "MSET n 1", "SETBIT n 1 1", "BITOP NOT n k", "SETRANGE n 2 x",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		says("SET k v", "+OK\r\n");
		pass(SECONDS);
		test_say(client, makers[i]);
		says("OBJECT IDLETIME n", ":0\r\n");
		says("FLUSHALL", "+OK\r\n");
	}
}

static void who_does_not_touch(void **state)
{
	says("SET k v", "+OK\r\n");
	says("CLIENT NO-TOUCH ON", "+OK\r\n");
	pass(9);
	says("GET k", "$1\r\nv\r\n");
	says("SET k w", "+OK\r\n");
	says("SET k much-longer-than-it-was-before-so-that-it-moves", "+OK\r\n");
	says("APPEND k x", ":48\r\n");
	says("EXPIRE k 1000", ":1\r\n");
	says("OBJECT IDLETIME k", ":9\r\n");
	says("TOUCH k", ":1\r\n");
	says("OBJECT IDLETIME k", ":0\r\n");
	says("SET new v", "+OK\r\n");
	says("OBJECT IDLETIME new", ":0\r\n");
	says("CLIENT NO-TOUCH OFF", "+OK\r\n");
	pass(9);
	says("GET k", "$48\r\nmuch-longer-than-it-was-before-so-that-it-movesx\r\n");
	says("OBJECT IDLETIME k", ":0\r\n");
}

static void restored_idle_times(void **state)
{
	char payload[64];
	struct darter_arg argv[] = {
		{ .bytes = "RESTORE", .len = 7 }, { .bytes = "r", .len = 1 },
		{ .bytes = "0", .len = 1 }, { .bytes = payload },
		{ .bytes = "IDLETIME", .len = 8 }, { .bytes = "1234", .len = 4 },
	};
	const char *reply;

	says("SET k v", "+OK\r\n");
	reply = test_say(client, "DUMP k");
	argv[3].len = strtoul(reply + 1, NULL, 10);
	memcpy(payload, strchr(reply, '\n') + 1, argv[3].len);
	assert_string_equal(test_say_args(client, argv, ARRAY_SIZE(argv)), "+OK\r\n");
	says("OBJECT IDLETIME r", ":1234\r\n");
	pass(6);
	says("OBJECT IDLETIME r", ":1240\r\n");
}

static void the_clock_may_go_back(void **state)
{
	says("SET k v", "+OK\r\n");
	test_now -= 5000;
	says("OBJECT IDLETIME k", ":0\r\n");
	says("GET k", "$1\r\nv\r\n");
	pass(3);
	says("OBJECT IDLETIME k", ":3\r\n");
}

/* Gaining and losing a deadline moves the entry; its form goes along. */
static void forms_go_along(void **state)
{
	says("SET k 12", "+OK\r\n");
	says("APPEND k 3", ":3\r\n");
	says("EXPIRE k 100", ":1\r\n");
	says("OBJECT ENCODING k", "$3\r\nraw\r\n");
	says("PERSIST k", ":1\r\n");
	says("RENAME k other-name", "+OK\r\n");
	says("MOVE other-name 1", ":1\r\n");
	says("SELECT 1", "+OK\r\n");
	says("OBJECT ENCODING other-name", "$3\r\nraw\r\n");
	says("INCR other-name", ":124\r\n");
	says("OBJECT ENCODING other-name", "$3\r\nint\r\n");
	says("OBJECT REFCOUNT other-name", ":2147483647\r\n");
	says("COPY other-name copy", ":1\r\n");
	says("OBJECT REFCOUNT copy", ":1\r\n");
	says("OBJECT ENCODING copy", "$3\r\nint\r\n");
	says("INCR copy", ":125\r\n");
	says("OBJECT REFCOUNT copy", ":2147483647\r\n");
}

static u64 used(void)
{
	return atomic64_read(&test_instance.used);
}

static s64 usage(const char *words)
{
	return strtoll(test_say(client, words) + 1, NULL, 10);
}

/* One more key takes what USAGE says, in a table that has room. */
static void usage_is_exact(void **state)
{
	char words[32768];
	u64 before;
	size_t len;
	u32 i;

	says("SET first v", "+OK\r\n");
	for (i = 1; i < 30000; i = i * 3 + 1) {
		char *value = kmalloc(i + 1, GFP_KERNEL);

		says("FLUSHALL", "+OK\r\n");
		says("SET k v", "+OK\r\n");
		before = used() - usage("MEMORY USAGE k");
		memset(value, 'x', i);
		value[i] = '\0';
		snprintf(words, sizeof(words), "SET k %s", value);
		kfree(value);
		says(words, "+OK\r\n");
		assert_int_equal(used() - before, usage("MEMORY USAGE k"));
	}
	says("DEL k", ":1\r\n");
	says("HSET k f v", ":1\r\n");
	before = used() - usage("MEMORY USAGE k");
	for (i = 0; i < 2000; i += 10) {
		u32 j;

		len = snprintf(words, sizeof(words), "HSET k");
		for (j = i; j < i + 10; j++)
			len += snprintf(words + len, sizeof(words) - len, " field%u %u", j, j * j);
		test_say(client, words);
		assert_int_equal(used() - before, usage("MEMORY USAGE k SAMPLES 0"));
	}
	says("HLEN k", ":2001\r\n");
}

static u64 reserved(void)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < TEST_SHARDS; i++)
		sum += test_instance.shards[i].arena.reserved;
	return sum;
}

static void purging_leaves_nothing(void **state)
{
	static const char digits[] = "0123456789012345678901234567890123456789";
	char words[64];
	u32 i;

	for (i = 0; i < 1000; i++) {
		snprintf(words, sizeof(words), "SET key%u %.*s", i, i % 40, digits);
		test_say(client, words);
	}
	says("FLUSHALL", "+OK\r\n");
	assert_true(reserved());
	says("MEMORY PURGE", "+OK\r\n");
	assert_int_equal(reserved(), 0);
	says("SET k v", "+OK\r\n");
	says("MEMORY PURGE", "+OK\r\n");
	says("GET k", "$1\r\nv\r\n");
}

static void the_doctor_sees_peaks(void **state)
{
	assert_non_null(strstr(test_say(client, "MEMORY DOCTOR"), "too little"));
	says("SETRANGE a 30000000 x", ":30000001\r\n");
	assert_non_null(strstr(test_say(client, "MEMORY DOCTOR"), "nothing to complain"));
	says("SETRANGE b 20000000 x", ":20000001\r\n");
	says("DEL a", ":1\r\n");
	assert_non_null(strstr(test_say(client, "MEMORY DOCTOR"), "* Peak: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_counts_as_use),
		TEST(new_keys_are_just_used),
		TEST(who_does_not_touch),
		TEST(restored_idle_times),
		TEST(the_clock_may_go_back),
		TEST(forms_go_along),
		TEST(usage_is_exact),
		TEST(purging_leaves_nothing),
		TEST(the_doctor_sees_peaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
