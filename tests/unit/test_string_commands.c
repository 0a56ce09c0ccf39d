// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* The commands of strings through a client: options, borders and errors. */
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

#define BIG_LEN 20000
#define SYNTAX "-ERR syntax error\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NOT_FLOAT "-ERR value is not a valid float\r\n"
#define WRONG_TYPE "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define TOO_LONG "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
#define OVERFLOW "-ERR increment or decrement would overflow\r\n"

/* Send words, check the reply. */
#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static const char *say_args(const char *verb, const char *key, const char *bytes, u32 len)
{
	struct darter_arg argv[] = {
		{ .bytes = verb, .len = strlen(verb) },
		{ .bytes = key, .len = strlen(key) },
		{ .bytes = bytes, .len = len },
	};

	return test_say_args(client, argv, 3);
}

static void set_options_contradict(void **state)
{
	says("SET k v NX XX", SYNTAX);
	says("SET k v XX NX", SYNTAX);
	says("SET k v EX 10 PX 10", SYNTAX);
	says("SET k v PXAT 1900000000000 EXAT 1900000000", SYNTAX);
	says("SET k v EX 10 KEEPTTL", SYNTAX);
	says("SET k v KEEPTTL PX 10", SYNTAX);
	says("SET k v PERSIST", SYNTAX);
	says("SET k v NOSUCH", SYNTAX);
	says("SET k v EX", SYNTAX);
	says("SET k v PX 10 EX", SYNTAX);
	says("SET k v GET PXAT", SYNTAX);
	says("EXISTS k", ":0\r\n");
}

static void set_options_agree(void **state)
{
	says("SET k v nx gEt", "$-1\r\n");
	says("SET k w NX GET", "$1\r\nv\r\n");
	says("GET k", "$1\r\nv\r\n");
	says("SET k w XX GET px 1000", "$1\r\nv\r\n");
	says("SET none w XX GET", "$-1\r\n");
	says("EXISTS none", ":0\r\n");
	/* An option may come again; of one kind of time the last one counts. */
	says("SET k v NX NX", "$-1\r\n");
	says("SET k v XX XX KEEPTTL KEEPTTL", "+OK\r\n");
	says("SET k v PX 1 PX 200000", "+OK\r\n");
	says("SET k v KEEPTTL GET", "$1\r\nv\r\n");
	says("TTL k", ":200\r\n");
	says("SET k v", "+OK\r\n");
	says("TTL k", ":-1\r\n");
}

static void set_checks_times(void **state)
{
	static const char *const times[] = { "EX", "PX", "EXAT", "PXAT" };
	static const char *const wrong[] = { "0", "-1", "-9223372036854775808" };
	char words[64];
	u32 i, j;

	says("SET k old", "+OK\r\n");
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		for (j = 0; j < ARRAY_SIZE(wrong); j++) {
			snprintf(words, sizeof(words), "SET k v %s %s", times[i], wrong[j]);
			says(words, "-ERR invalid expire time in 'set' command\r\n");
		}
		snprintf(words, sizeof(words), "SET k v %s ten", times[i]);
		says(words, NOT_INTEGER);
	}
	says("SET k v EX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n");
	says("SET k v PX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n");
	/* The time is read before the key is looked at. */
	says("SET k v XX EX 0", "-ERR invalid expire time in 'set' command\r\n");
	says("SETEX k 0 v", "-ERR invalid expire time in 'setex' command\r\n");
	says("SETEX k x v", NOT_INTEGER);
	says("PSETEX k -5 v", "-ERR invalid expire time in 'psetex' command\r\n");
	says("GET k", "$3\r\nold\r\n");
	says("TTL k", ":-1\r\n");
}

static void set_in_the_past_is_gone(void **state)
{
	says("SET k v", "+OK\r\n");
	says("SET k w PXAT 1", "+OK\r\n");
	says("GET k", "$-1\r\n");
	says("SET k w EXAT 1", "+OK\r\n");
	says("EXISTS k", ":0\r\n");
}

static void set_replaces_any_type(void **state)
{
	says("HSET h f v", ":1\r\n");
	says("SET h v GET", WRONG_TYPE);
	says("GETSET h v", WRONG_TYPE);
	says("SET h v NX", "$-1\r\n");
	says("TYPE h", "+hash\r\n");
	says("SET h v XX", "+OK\r\n");
	says("GET h", "$1\r\nv\r\n");
	says("HSET h2 f v", ":1\r\n");
	says("SETEX h2 10 v", "+OK\r\n");
	says("TYPE h2", "+string\r\n");
	says("HSET h3 f v", ":1\r\n");
	says("SETNX h3 v", ":0\r\n");
	says("MSET h3 v", "+OK\r\n");
	says("GET h3", "$1\r\nv\r\n");
}

static void wrong_types_are_refused(void **state)
{
	static const char *const commands[] = {
		"GET h", "GETDEL h", "GETEX h", "GETEX h PERSIST", "STRLEN h", "INCR h", "DECR h",
		"INCRBY h 1", "DECRBY h 1", "INCRBYFLOAT h 1", "APPEND h x", "SETRANGE h 0 x",
		"SETRANGE h 0 ", "GETRANGE h 0 -1", "SUBSTR h 0 -1", "GETSET h x",
	};
	u32 i;

	says("HSET h f v", ":1\r\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		says(commands[i], WRONG_TYPE);
	says("MGET h none", "*2\r\n$-1\r\n$-1\r\n");
	says("HGETALL h", "*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
}

static void getex_changes_the_deadline(void **state)
{
	says("SET k v", "+OK\r\n");
	says("GETEX k", "$1\r\nv\r\n");
	says("TTL k", ":-1\r\n");
	says("GETEX k EX 100", "$1\r\nv\r\n");
	says("TTL k", ":100\r\n");
	says("GETEX k", "$1\r\nv\r\n");
	says("TTL k", ":100\r\n");
	says("GETEX k PX 1500", "$1\r\nv\r\n");
	says("TTL k", ":2\r\n");
	says("GETEX k PERSIST", "$1\r\nv\r\n");
	says("TTL k", ":-1\r\n");
	says("GETEX k EXAT 4000000000", "$1\r\nv\r\n");
	says("EXPIRETIME k", ":4000000000\r\n");
	says("GETEX k PXAT 4000000000123", "$1\r\nv\r\n");
	says("PEXPIRETIME k", ":4000000000123\r\n");
	/* A time that has passed takes the key along. */
	says("GETEX k PXAT 1000", "$1\r\nv\r\n");
	says("EXISTS k", ":0\r\n");
}

static void getex_refuses(void **state)
{
	says("SET k v", "+OK\r\n");
	says("GETEX k EX", SYNTAX);
	says("GETEX k NX", SYNTAX);
	says("GETEX k GET", SYNTAX);
	says("GETEX k KEEPTTL", SYNTAX);
	says("GETEX k PERSIST EX 10", SYNTAX);
	says("GETEX k EX 10 PERSIST", SYNTAX);
	says("GETEX k EX 10 PX 10", SYNTAX);
	says("GETEX k EX 0", "-ERR invalid expire time in 'getex' command\r\n");
	says("GETEX k EXAT -1", "-ERR invalid expire time in 'getex' command\r\n");
	says("GETEX k PX 1.5", NOT_INTEGER);
	says("TTL k", ":-1\r\n");
	/* Without a key nobody reads the time. */
	says("GETEX none EX 0", "$-1\r\n");
	says("GETEX none EX", SYNTAX);
}

static void getdel_and_getset(void **state)
{
	says("SET k v PX 100000", "+OK\r\n");
	says("GETSET k w", "$1\r\nv\r\n");
	says("TTL k", ":-1\r\n");
	says("GETDEL k", "$1\r\nw\r\n");
	says("GETDEL k", "$-1\r\n");
	says("GETSET k x", "$-1\r\n");
	says("GET k", "$1\r\nx\r\n");
}

static u64 counted(const char *name)
{
	const char *info = strstr(test_say(client, "INFO stats"), name);

	assert_non_null(info);
	return strtoull(info + strlen(name), NULL, 10);
}

/* Whatever returns a value counts as a read, whatever it does beside. */
static void reads_are_counted(void **state)
{
	static const struct {
		const char *words;
		u32 reads;
	} cases[] = {
		{ "GET k", 1 }, { "MGET k k", 2 }, { "STRLEN k", 1 }, { "GETRANGE k 0 1", 1 },
		{ "GETEX k", 1 }, { "GETEX k EX 100", 1 }, { "LCS k k", 2 }, { "GETDEL k", 1 },
		{ "GETSET k 2", 1 }, { "SET k 2 GET", 1 }, { "SET k 2", 0 }, { "SET k 2 NX", 0 },
		{ "SETNX k 2", 0 }, { "INCR k", 0 }, { "INCRBYFLOAT k 1", 0 }, { "APPEND k 1", 0 },
		{ "SETRANGE k 0 1", 0 }, { "MSET k 1", 0 }, { "MSETNX k 1", 0 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 hits = counted("keyspace_hits:"), misses = counted("keyspace_misses:");

		says("SET k 1", "+OK\r\n");
		test_say(client, cases[i].words);
		assert_int_equal(counted("keyspace_hits:") - hits, cases[i].reads);
		says("FLUSHALL", "+OK\r\n");
		test_say(client, cases[i].words);
		assert_int_equal(counted("keyspace_misses:") - misses, cases[i].reads);
		says("FLUSHALL", "+OK\r\n");
	}
}

static void ranges_are_read(void **state)
{
	says("SET k Hello", "+OK\r\n");
	says("GETRANGE k 0 -1", "$5\r\nHello\r\n");
	says("GETRANGE k 1 3", "$3\r\nell\r\n");
	says("GETRANGE k -3 -2", "$2\r\nll\r\n");
	says("GETRANGE k -100 100", "$5\r\nHello\r\n");
	says("GETRANGE k -100 -100", "$1\r\nH\r\n");
	says("GETRANGE k -100 -101", "$0\r\n\r\n");
	says("GETRANGE k 4 4", "$1\r\no\r\n");
	says("GETRANGE k 5 5", "$0\r\n\r\n");
	says("GETRANGE k 5 100", "$0\r\n\r\n");
	says("GETRANGE k 3 1", "$0\r\n\r\n");
	says("GETRANGE k -1 0", "$0\r\n\r\n");
	says("GETRANGE k -9223372036854775808 9223372036854775807", "$5\r\nHello\r\n");
	says("GETRANGE k 9223372036854775807 9223372036854775807", "$0\r\n\r\n");
	says("GETRANGE k -9223372036854775808 -9223372036854775808", "$1\r\nH\r\n");
	says("GETRANGE k x 0", NOT_INTEGER);
	says("GETRANGE none 0 9223372036854775808", NOT_INTEGER);
	says("GETRANGE none 0 -1", "$0\r\n\r\n");
	says("SET empty ", "+OK\r\n");
	says("GETRANGE empty 0 0", "$0\r\n\r\n");
	says("SUBSTR k 1 -2", "$3\r\nell\r\n");
}

static void ranges_are_written(void **state)
{
	says("SETRANGE k 0 ", ":0\r\n");
	says("EXISTS k", ":0\r\n");
	says("SET k Hello PX 100000", "+OK\r\n");
	says("SETRANGE k 1 ipp", ":5\r\n");
	says("GET k", "$5\r\nHippo\r\n");
	says("SETRANGE k 4 ocampus", ":11\r\n");
	says("GET k", "$11\r\nHippocampus\r\n");
	says("SETRANGE k 500 ", ":11\r\n");
	says("TTL k", ":100\r\n");
	says("SETRANGE gap 3 x", ":4\r\n");
	assert_memory_equal(test_say(client, "GET gap"), "$4\r\n\0\0\0x\r\n", 10);
	says("SETRANGE k -1 x", "-ERR offset is out of range\r\n");
	says("SETRANGE k x x", NOT_INTEGER);
	says("SETRANGE k 536870912 x", TOO_LONG);
	says("SETRANGE k 2147483647 x", TOO_LONG);
	says("SETRANGE k 4294967296 x", TOO_LONG);
	says("SETRANGE k 9223372036854775807 x", TOO_LONG);
	says("SETRANGE none 536870912 x", TOO_LONG);
	says("SETRANGE k 9223372036854775807 ", ":11\r\n");
	says("EXISTS none", ":0\r\n");
	says("GET k", "$11\r\nHippocampus\r\n");
}

/* Nothing of an old value shines through where it has become shorter and grows again. */
static void gaps_are_zeros(void **state)
{
	static const u32 offsets[] = { 10, 100, 16383, 16384, 20000, 40000 };
	static const char *const firsts[] = { "", "x", "xxxxxxxx" };
	u32 i, j, at;

	for (i = 0; i < ARRAY_SIZE(firsts); i++)
		for (j = 0; j < ARRAY_SIZE(offsets); j++) {
			char words[64], head[32];
			const char *reply;
			u32 len = strlen(firsts[i]);

			snprintf(words, sizeof(words), "SET k %s", firsts[i]);
			says(words, "+OK\r\n");
			snprintf(words, sizeof(words), "SETRANGE k %u y", offsets[j]);
			snprintf(head, sizeof(head), ":%u\r\n", offsets[j] + 1);
			says(words, head);
			reply = test_say(client, "GET k");
			snprintf(head, sizeof(head), "$%u\r\n%s", offsets[j] + 1, firsts[i]);
			assert_memory_equal(reply, head, strlen(head));
			reply = strchr(reply, '\n') + 1;
			for (at = len; at < offsets[j]; at++)
				assert_int_equal(reply[at], 0);
			assert_int_equal(reply[at], 'y');
		}
}

static void appending_keeps_the_deadline(void **state)
{
	says("APPEND k ", ":0\r\n");
	says("EXISTS k", ":1\r\n");
	says("APPEND k ab", ":2\r\n");
	says("EXPIRE k 100", ":1\r\n");
	says("APPEND k cd", ":4\r\n");
	says("APPEND k ", ":4\r\n");
	says("GET k", "$4\r\nabcd\r\n");
	says("TTL k", ":100\r\n");
}

/* From a string in its entry to one in a blob, and on. */
static void appending_grows_strings(void **state)
{
	static char part[1000], all[40000];
	char expected[32];
	const char *reply;
	u32 len;

	for (len = 0; len < sizeof(all); len += sizeof(part)) {
		memset(part, 'a' + len / 1000 % 26, sizeof(part));
		memcpy(all + len, part, sizeof(part));
		snprintf(expected, sizeof(expected), ":%zu\r\n", len + sizeof(part));
		assert_string_equal(say_args("APPEND", "k", part, sizeof(part)), expected);
	}
	reply = test_say(client, "GET k");
	assert_memory_equal(reply, "$40000\r\n", 8);
	assert_memory_equal(reply + 8, all, sizeof(all));
}

static void strings_have_a_greatest_length(void **state)
{
	static char big[BIG_LEN];

	memset(big, 'b', sizeof(big));
	says("CONFIG SET proto-max-bulk-len 1048576", "+OK\r\n");
	says("SETRANGE k 1048575 x", ":1048576\r\n");
	says("SETRANGE k 1048576 x", TOO_LONG);
	says("APPEND k x", TOO_LONG);
	says("APPEND k ", ":1048576\r\n");
	assert_string_equal(say_args("APPEND", "k", big, sizeof(big)), TOO_LONG);
	says("STRLEN k", ":1048576\r\n");
	says("SETRANGE k 0 y", ":1048576\r\n");
}

static void numbers_are_counted(void **state)
{
	says("INCR n", ":1\r\n");
	says("INCRBY n 41", ":42\r\n");
	says("DECRBY n 50", ":-8\r\n");
	says("DECR n", ":-9\r\n");
	says("DECRBY new -5", ":5\r\n");
	says("EXPIRE n 100", ":1\r\n");
	says("INCRBY n -1000000000000", ":-1000000000009\r\n");
	says("TTL n", ":100\r\n");
	says("GET n", "$14\r\n-1000000000009\r\n");
	says("STRLEN n", ":14\r\n");
}

static void numbers_do_not_overflow(void **state)
{
	says("SET max 9223372036854775806", "+OK\r\n");
	says("INCR max", ":9223372036854775807\r\n");
	says("INCR max", OVERFLOW);
	says("INCRBY max 9223372036854775807", OVERFLOW);
	says("GET max", "$19\r\n9223372036854775807\r\n");
	says("SET min -9223372036854775807", "+OK\r\n");
	says("DECR min", ":-9223372036854775808\r\n");
	says("DECR min", OVERFLOW);
	says("INCRBY min -9223372036854775808", OVERFLOW);
	says("DECRBY min 1", OVERFLOW);
	says("DECRBY min -9223372036854775808", "-ERR decrement would overflow\r\n");
	says("DECRBY none -9223372036854775808", "-ERR decrement would overflow\r\n");
	says("INCRBY min 9223372036854775807", ":-1\r\n");
	says("INCRBY none -9223372036854775808", ":-9223372036854775808\r\n");
}

static void texts_are_not_counted(void **state)
{
	static const char *const texts[] = {
		"", "x", "+1", "01", "1.0", "1e1", "9223372036854775808", "-0", "0x1",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		char words[64];

		snprintf(words, sizeof(words), "SET k %s", texts[i]);
		says(words, "+OK\r\n");
		says("INCR k", NOT_INTEGER);
		says("DECRBY k 5", NOT_INTEGER);
		snprintf(words, sizeof(words), "$%zu\r\n%s\r\n", strlen(texts[i]), texts[i]);
		says("GET k", words);
		snprintf(words, sizeof(words), "INCRBY none %s", texts[i]);
		says(words, NOT_INTEGER);
	}
	says("EXISTS none", ":0\r\n");
	assert_string_equal(say_args("SET", "k", " 1", 2), "+OK\r\n");
	says("INCR k", NOT_INTEGER);
	assert_string_equal(say_args("SET", "k", "1\0", 2), "+OK\r\n");
	says("INCR k", NOT_INTEGER);
}

static void floats_are_added(void **state)
{
	says("INCRBYFLOAT f 10.50", "$4\r\n10.5\r\n");
	says("INCRBYFLOAT f 0.1", "$4\r\n10.6\r\n");
	says("INCRBYFLOAT f -5", "$3\r\n5.6\r\n");
	says("SET f 5.0e3", "+OK\r\n");
	says("EXPIRE f 100", ":1\r\n");
	says("INCRBYFLOAT f 2.0e2", "$4\r\n5200\r\n");
	says("TTL f", ":100\r\n");
	says("INCRBYFLOAT f -5200", "$1\r\n0\r\n");
	says("SET f 3", "+OK\r\n");
	says("INCRBYFLOAT f 1.000000000000000005", "$19\r\n4.00000000000000001\r\n");
	says("SET f abc", "+OK\r\n");
	says("INCRBYFLOAT f 1", NOT_FLOAT);
	says("SET f 1", "+OK\r\n");
	says("INCRBYFLOAT f abc", NOT_FLOAT);
	says("INCRBYFLOAT f ", NOT_FLOAT);
	says("INCRBYFLOAT f nan", NOT_FLOAT);
	says("INCRBYFLOAT f +inf", "-ERR increment would produce NaN or Infinity\r\n");
	says("INCRBYFLOAT none -inf", "-ERR increment would produce NaN or Infinity\r\n");
	assert_string_equal(say_args("INCRBYFLOAT", "f", " 1", 2), NOT_FLOAT);
	assert_string_equal(say_args("INCRBYFLOAT", "f", "1 ", 2), NOT_FLOAT);
	says("GET f", "$1\r\n1\r\n");
	says("EXISTS none", ":0\r\n");
}

static void mset_sets_all(void **state)
{
	says("SET a old PX 100000", "+OK\r\n");
	says("MSET a 1 b 2 a 3", "+OK\r\n");
	says("MGET a b none a", "*4\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n$1\r\n3\r\n");
	says("TTL a", ":-1\r\n");
	says("MSET a", "-ERR wrong number of arguments for 'mset' command\r\n");
	says("MSET a 4 b", "-ERR wrong number of arguments for 'mset' command\r\n");
	says("GET a", "$1\r\n3\r\n");
}

/* Where all old values give way in place, where some do not, and with a key that comes twice. */
static void mset_overwrites(void **state)
{
	says("MSET a 1 b 2", "+OK\r\n");
	says("MSET a 33 b 44 a 555", "+OK\r\n");
	says("MGET a b", "*2\r\n$3\r\n555\r\n$2\r\n44\r\n");
	says("MSET a 6 b a-longer-value-that-needs-another-size-class-than-the-old-one", "+OK\r\n");
	says("STRLEN b", ":61\r\n");
	says("MSET b 7 h 8 a 9 b 0", "+OK\r\n");
	says("MGET a b h", "*3\r\n$1\r\n9\r\n$1\r\n0\r\n$1\r\n8\r\n");
	says("DEL h", ":1\r\n");
	says("HSET h f v", ":1\r\n");
	says("MSET a 1 h 2", "+OK\r\n");
	says("MGET a h", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
	says("PEXPIRE a 1000", ":1\r\n");
	says("MSET h 3 a 4", "+OK\r\n");
	says("TTL a", ":-1\r\n");
	/* Watchers of each are told. */
	says("WATCH h", "+OK\r\n");
	says("MSET a 5 h 6", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("EXEC", "*-1\r\n");
}

static void msetnx_sets_all_or_none(void **state)
{
	says("MSETNX a 1 b 2", ":1\r\n");
	says("MSETNX c 3 b 4 d 5", ":0\r\n");
	says("MGET a b c d", "*4\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n$-1\r\n");
	says("MSETNX c 3 d", "-ERR wrong number of arguments for 'msetnx' command\r\n");
	says("EXISTS c", ":0\r\n");
	/* A key that comes twice is still new. */
	says("MSETNX e 1 e 2", ":1\r\n");
	says("GET e", "$1\r\n2\r\n");
	says("HSET h f v", ":1\r\n");
	says("MSETNX x 1 h 2", ":0\r\n");
	says("EXISTS x", ":0\r\n");
}

static void expired_keys_are_new(void **state)
{
	says("MSET a 1 n 5", "+OK\r\n");
	says("PEXPIRE a 10", ":1\r\n");
	says("PEXPIRE n 10", ":1\r\n");
	test_now += 11;
	says("MSETNX a 2 b 3", ":1\r\n");
	says("TTL a", ":-1\r\n");
	says("INCR n", ":1\r\n");
	says("TTL n", ":-1\r\n");
}

/* Shorter, longer, in place or not: what was set last is there. */
static void values_change_size(void **state)
{
	static char bytes[BIG_LEN];
	char expected[32];
	u32 i, len;

	srand(3);
	for (i = 0; i < 300; i++) {
		const char *reply;

		len = rand() % 3 ? rand() % 600 : rand() % BIG_LEN;
		memset(bytes, 'a' + i % 26, len);
		assert_string_equal(say_args("SET", "k", bytes, len), "+OK\r\n");
		reply = test_say(client, "GET k");
		snprintf(expected, sizeof(expected), "$%u\r\n", len);
		assert_memory_equal(reply, expected, strlen(expected));
		assert_memory_equal(reply + strlen(expected), bytes, len);
		assert_string_equal(reply + strlen(expected) + len, "\r\n");
	}
	says("DEL k", ":1\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

#define STRING_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STRING_TEST(set_options_contradict),
		STRING_TEST(set_options_agree),
		STRING_TEST(set_checks_times),
		STRING_TEST(set_in_the_past_is_gone),
		STRING_TEST(set_replaces_any_type),
		STRING_TEST(wrong_types_are_refused),
		STRING_TEST(getex_changes_the_deadline),
		STRING_TEST(getex_refuses),
		STRING_TEST(getdel_and_getset),
		STRING_TEST(reads_are_counted),
		STRING_TEST(ranges_are_read),
		STRING_TEST(ranges_are_written),
		STRING_TEST(gaps_are_zeros),
		STRING_TEST(appending_keeps_the_deadline),
		STRING_TEST(appending_grows_strings),
		STRING_TEST(strings_have_a_greatest_length),
		STRING_TEST(numbers_are_counted),
		STRING_TEST(numbers_do_not_overflow),
		STRING_TEST(texts_are_not_counted),
		STRING_TEST(floats_are_added),
		STRING_TEST(mset_sets_all),
		STRING_TEST(mset_overwrites),
		STRING_TEST(msetnx_sets_all_or_none),
		STRING_TEST(expired_keys_are_new),
		STRING_TEST(values_change_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
