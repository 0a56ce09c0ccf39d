// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Giving keys a deadline, on conditions, at the ends of time, and telling it. */
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

#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NX_AND_OTHERS \
	"-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"
#define GT_AND_LT "-ERR GT and LT options at the same time are not compatible\r\n"

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void units_and_bases(void **state)
{
	says("SET k v", "+OK\r\n");
	says("EXPIRE k 100", ":1\r\n");
	says("PTTL k", ":100000\r\n");
	says("PEXPIRE k 1500", ":1\r\n");
	says("PTTL k", ":1500\r\n");
	says("EXPIREAT k 1800000000", ":1\r\n");
	says("PTTL k", ":100000000000\r\n");
	says("PEXPIREAT k 1700000000001", ":1\r\n");
	says("PTTL k", ":1\r\n");
	says("EXPIRE none 100", ":0\r\n");
	says("PEXPIREAT none 1", ":0\r\n");
}

/* Seconds are the nearest, not those that are over. */
static void seconds_are_rounded(void **state)
{
	says("SET k v", "+OK\r\n");
	says("PEXPIRE k 1499", ":1\r\n");
	says("TTL k", ":1\r\n");
	says("PEXPIRE k 1500", ":1\r\n");
	says("TTL k", ":2\r\n");
	says("PEXPIRE k 499", ":1\r\n");
	says("TTL k", ":0\r\n");
	says("PEXPIREAT k 4000000000499", ":1\r\n");
	says("EXPIRETIME k", ":4000000000\r\n");
	says("PEXPIREAT k 4000000000500", ":1\r\n");
	says("EXPIRETIME k", ":4000000001\r\n");
	says("PEXPIRETIME k", ":4000000000500\r\n");
}

static void no_key_and_no_deadline(void **state)
{
	static const char *const verbs[] = { "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME" };
	char words[32];
	u32 i;

	says("SET k v", "+OK\r\n");
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		snprintf(words, sizeof(words), "%s k", verbs[i]);
		says(words, ":-1\r\n");
		snprintf(words, sizeof(words), "%s none", verbs[i]);
		says(words, ":-2\r\n");
	}
}

static void the_last_millisecond_counts(void **state)
{
	says("SET k v PX 10", "+OK\r\n");
	test_now += 10;
	says("PTTL k", ":0\r\n");
	says("GET k", "$1\r\nv\r\n");
	test_now++;
	says("PTTL k", ":-2\r\n");
	says("GET k", "$-1\r\n");
}

static void the_past_deletes(void **state)
{
	static const char *const commands[] = {
		"EXPIRE k 0", "EXPIRE k -1", "PEXPIRE k 0", "PEXPIRE k -5", "EXPIREAT k 0",
		"EXPIREAT k -1", "EXPIREAT k 1000", "PEXPIREAT k 1700000000000",
		"PEXPIREAT k -1", "PEXPIREAT k 1", "PEXPIREAT k -9223372036854775808",
		"PEXPIRE k -9223372036854775808", "EXPIRE k -9223372036854775",
		"EXPIREAT k -9223372036854775",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		says("SET k v", "+OK\r\n");
		says(commands[i], ":1\r\n");
		says("EXISTS k", ":0\r\n");
		says("DBSIZE", ":0\r\n");
	}
	assert_true(atomic64_read(&test_instance.used) == 0);
}

static void times_have_limits(void **state)
{
	says("SET k v", "+OK\r\n");
	says("EXPIRE k 9223372036854776", "-ERR invalid expire time in 'expire' command\r\n");
	says("EXPIRE k 9223372036854775", "-ERR invalid expire time in 'expire' command\r\n");
	says("EXPIRE k -9223372036854776", "-ERR invalid expire time in 'expire' command\r\n");
	says("PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n");
	says("EXPIREAT k 9223372036854776", "-ERR invalid expire time in 'expireat' command\r\n");
	says("EXPIREAT k x", NOT_INTEGER);
	says("EXPIRE k ", NOT_INTEGER);
	says("EXPIRE k 1.5", NOT_INTEGER);
	says("PEXPIREAT k 9223372036854775808", NOT_INTEGER);
	/* Whether there is a key is asked last. */
	says("EXPIRE none 9223372036854776", "-ERR invalid expire time in 'expire' command\r\n");
	says("TTL k", ":-1\r\n");
	says("PEXPIREAT k 9223372036854775807", ":1\r\n");
	says("PEXPIRETIME k", ":9223372036854775807\r\n");
	says("EXPIRETIME k", ":9223372036854776\r\n");
	says("EXPIREAT k 9223372036854775", ":1\r\n");
	says("PEXPIRETIME k", ":9223372036854775000\r\n");
	says("GET k", "$1\r\nv\r\n");
}

static void conditions_on_a_key_without_deadline(void **state)
{
	says("SET k v", "+OK\r\n");
	says("EXPIRE k 100 XX", ":0\r\n");
	says("EXPIRE k 100 GT", ":0\r\n");
	says("EXPIRE k 100 XX GT", ":0\r\n");
	says("EXPIRE k 100 XX LT", ":0\r\n");
	says("TTL k", ":-1\r\n");
	says("EXPIRE k 100 NX", ":1\r\n");
	says("TTL k", ":100\r\n");
	says("PERSIST k", ":1\r\n");
	says("EXPIRE k 200 LT", ":1\r\n");
	says("TTL k", ":200\r\n");
}

static void conditions_on_a_key_with_one(void **state)
{
	says("SET k v EX 100", "+OK\r\n");
	says("EXPIRE k 200 NX", ":0\r\n");
	says("EXPIRE k 100 GT", ":0\r\n");
	says("EXPIRE k 100 LT", ":0\r\n");
	says("EXPIRE k 99 GT", ":0\r\n");
	says("EXPIRE k 101 LT", ":0\r\n");
	says("TTL k", ":100\r\n");
	says("EXPIRE k 101 gt", ":1\r\n");
	says("EXPIRE k 90 lt", ":1\r\n");
	says("EXPIRE k 200 xx", ":1\r\n");
	says("EXPIRE k 300 XX GT", ":1\r\n");
	says("EXPIRE k 400 XX XX", ":1\r\n");
	says("TTL k", ":400\r\n");
	/* A deadline that has passed is earlier than any, later than none. */
	says("EXPIRE k -1 NX", ":0\r\n");
	says("EXPIRE k -1 GT", ":0\r\n");
	says("EXISTS k", ":1\r\n");
	says("EXPIRE k -1 LT", ":1\r\n");
	says("EXISTS k", ":0\r\n");
}

static void conditions_contradict(void **state)
{
	says("SET k v", "+OK\r\n");
	says("EXPIRE k 100 NX XX", NX_AND_OTHERS);
	says("EXPIRE k 100 GT NX", NX_AND_OTHERS);
	says("EXPIRE k 100 LT NX", NX_AND_OTHERS);
	says("EXPIRE k 100 GT LT NX", NX_AND_OTHERS);
	says("EXPIRE k 100 GT LT", GT_AND_LT);
	says("EXPIRE k 100 XX LT GT", GT_AND_LT);
	says("EXPIRE k 100 NX AB", "-ERR Unsupported option AB\r\n");
	says("EXPIRE k 100 ab XX NX", "-ERR Unsupported option ab\r\n");
	says("PEXPIREAT none 100 nx+", "-ERR Unsupported option nx+\r\n");
	/* Options before times. */
	says("EXPIRE k x NX XX", NX_AND_OTHERS);
	says("TTL k", ":-1\r\n");
}

static void persisting(void **state)
{
	says("PERSIST none", ":0\r\n");
	says("SET k v", "+OK\r\n");
	says("PERSIST k", ":0\r\n");
	says("EXPIRE k 100", ":1\r\n");
	says("PERSIST k", ":1\r\n");
	says("TTL k", ":-1\r\n");
	test_now += 200000;
	says("GET k", "$1\r\nv\r\n");
}

/* Hashes and big strings keep their contents when their entries move. */
static void values_stay(void **state)
{
	says("SETRANGE b 20000 x", ":20001\r\n");
	says("HSET h f v g w", ":2\r\n");
	says("EXPIRE b 100", ":1\r\n");
	says("EXPIRE h 100", ":1\r\n");
	says("GETRANGE b -1 -1", "$1\r\nx\r\n");
	says("HMGET h f g", "*2\r\n$1\r\nv\r\n$1\r\nw\r\n");
	says("PERSIST b", ":1\r\n");
	says("PERSIST h", ":1\r\n");
	says("STRLEN b", ":20001\r\n");
	says("HLEN h", ":2\r\n");
	says("DEL b h", ":2\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

#define EXPIRE_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPIRE_TEST(units_and_bases),
		EXPIRE_TEST(seconds_are_rounded),
		EXPIRE_TEST(no_key_and_no_deadline),
		EXPIRE_TEST(the_last_millisecond_counts),
		EXPIRE_TEST(the_past_deletes),
		EXPIRE_TEST(times_have_limits),
		EXPIRE_TEST(conditions_on_a_key_without_deadline),
		EXPIRE_TEST(conditions_on_a_key_with_one),
		EXPIRE_TEST(conditions_contradict),
		EXPIRE_TEST(persisting),
		EXPIRE_TEST(values_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
