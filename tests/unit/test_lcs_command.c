// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* LCS: its options and errors, and its answers against the definition. */
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

#define SYNTAX "-ERR syntax error\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NOT_STRINGS "-ERR The specified keys must contain string values\r\n"
#define TOO_BIG \
	"-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n"
#define NO_MEMORY "-ERR Insufficient memory, failed allocating transient memory for LCS\r\n"
#define BOTH "-ERR If you want both the length and indexes, please just use IDX.\r\n"
#define PAIR "*2\r\n:%d\r\n:%d\r\n"
#define MAX_LEN 40
#define ROUNDS 400

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void the_subsequence(void **state)
{
	says("MSET a ohmytext b mynewtext", "+OK\r\n");
	says("LCS a b", "$6\r\nmytext\r\n");
	says("LCS a b LEN", ":6\r\n");
	says("LCS a b WITHMATCHLEN", "$6\r\nmytext\r\n");
	says("LCS a b MINMATCHLEN 100", "$6\r\nmytext\r\n");
	says("LCS a a", "$8\r\nohmytext\r\n");
	says("LCS a none", "$0\r\n\r\n");
	says("LCS none a LEN", ":0\r\n");
	says("LCS none none2", "$0\r\n\r\n");
	says("SET c QQQ", "+OK\r\n");
	says("LCS a c", "$0\r\n\r\n");
}

/* Of several that are as long as each other it is the one that Redis finds. */
static void the_same_of_several(void **state)
{
	says("MSET a abcbdab b bdcaba", "+OK\r\n");
	says("LCS a b", "$4\r\nbdab\r\n");
	says("LCS b a", "$4\r\nbcba\r\n");
	says("LCS a b IDX",
	     "*4\r\n$7\r\nmatches\r\n*2\r\n"
	     "*2\r\n*2\r\n:5\r\n:6\r\n*2\r\n:3\r\n:4\r\n"
	     "*2\r\n*2\r\n:3\r\n:4\r\n*2\r\n:0\r\n:1\r\n"
	     "$3\r\nlen\r\n:4\r\n");
}

static void the_ranges(void **state)
{
	says("MSET a ohmytext b mynewtext", "+OK\r\n");
	says("LCS a b IDX",
	     "*4\r\n$7\r\nmatches\r\n*2\r\n"
	     "*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n"
	     "*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n"
	     "$3\r\nlen\r\n:6\r\n");
	says("LCS a b idx WithMatchLen MinMatchLen 3",
	     "*4\r\n$7\r\nmatches\r\n*1\r\n"
	     "*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"
	     "$3\r\nlen\r\n:6\r\n");
	says("LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
	     "*4\r\n$7\r\nmatches\r\n*1\r\n"
	     "*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"
	     "$3\r\nlen\r\n:6\r\n");
	says("LCS a b IDX MINMATCHLEN 5", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:6\r\n");
	says("LCS a b IDX MINMATCHLEN 9223372036854775807",
	     "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:6\r\n");
	says("LCS a none IDX", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n");
	says("MSET x aXb y aYb", "+OK\r\n");
	/* A least length below 0 is one of 0. */
	says("LCS x y IDX MINMATCHLEN -5",
	     "*4\r\n$7\r\nmatches\r\n*2\r\n"
	     "*2\r\n*2\r\n:2\r\n:2\r\n*2\r\n:2\r\n:2\r\n"
	     "*2\r\n*2\r\n:0\r\n:0\r\n*2\r\n:0\r\n:0\r\n"
	     "$3\r\nlen\r\n:2\r\n");
}

static void ranges_are_a_map_in_resp3(void **state)
{
	says("MSET a x b x", "+OK\r\n");
	test_say(client, "HELLO 3");
	says("LCS a b IDX",
	     "%2\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:0\r\n:0\r\n*2\r\n:0\r\n:0\r\n"
	     "$3\r\nlen\r\n:1\r\n");
}

static void errors(void **state)
{
	says("SET a text", "+OK\r\n");
	says("HSET h f v", ":1\r\n");
	says("LCS a h", NOT_STRINGS);
	says("LCS h a", NOT_STRINGS);
	/* Types are looked at before options. */
	says("LCS h none NOSUCH", NOT_STRINGS);
	says("LCS a none NOSUCH", SYNTAX);
	says("LCS a none MINMATCHLEN", SYNTAX);
	says("LCS a none MINMATCHLEN x", NOT_INTEGER);
	says("LCS a none IDX LEN", BOTH);
	says("LCS a none LEN IDX", BOTH);
	says("LCS a", "-ERR wrong number of arguments for 'lcs' command\r\n");
}

/* Four bytes for each pair of prefixes count, whatever is really needed. */
static void the_table_has_a_limit(void **state)
{
	says("CONFIG SET proto-max-bulk-len 1048576", "+OK\r\n");
	/* 512 * 512 * 4 bytes, just that. */
	says("SETRANGE a 510 x", ":511\r\n");
	says("SETRANGE b 510 x", ":511\r\n");
	says("LCS a b LEN", ":511\r\n");
	says("APPEND b x", ":512\r\n");
	says("LCS a b LEN", TOO_BIG);
	says("LCS b a", TOO_BIG);
	says("LCS a none", "$0\r\n\r\n");
}

/* How many allocations a command needs; with fewer it is refused in words. */
static long allocations_of(const char *words, const char *expected)
{
	bool refused = false;
	const char *reply;
	long count;

	for (count = 0;; count++) {
		assert_true(count < 20);
		shim_alloc_fail_after = count;
		reply = test_say(client, words);
		shim_alloc_fail_after = -1;
		if (client->verdict == DARTER_SESSION_ABORT) {
			test_close(client);
			client = test_connect();
			continue;
		}
		if (!strcmp(reply, expected))
			break;
		assert_true(!strcmp(reply, NO_MEMORY) || !strncmp(reply, "-OOM ", 5));
		refused |= !strcmp(reply, NO_MEMORY);
	}
	assert_true(refused);
	return count;
}

static void memory_may_end(void **state)
{
	long all;

	says("MSET a ohmytext b mynewtext c x", "+OK\r\n");
	all = allocations_of("LCS a b", "$6\r\nmytext\r\n");
	/* For the length alone one row is enough. */
	assert_true(allocations_of("LCS a b LEN", ":6\r\n") < all);
	assert_true(allocations_of("LCS a c IDX",
				   "*4\r\n$7\r\nmatches\r\n*1\r\n"
				   "*2\r\n*2\r\n:6\r\n:6\r\n*2\r\n:0\r\n:0\r\n"
				   "$3\r\nlen\r\n:1\r\n") < all);
}

/* By the definition: lengths for all pairs of suffixes. */
static u32 lcs_len(const char *a, const char *b)
{
	static u32 lengths[MAX_LEN + 1][MAX_LEN + 1];
	int i, j, a_len = strlen(a), b_len = strlen(b);

	memset(lengths, 0, sizeof(lengths));
	for (i = a_len - 1; i >= 0; i--)
		for (j = b_len - 1; j >= 0; j--)
			lengths[i][j] = a[i] == b[j] ? 1 + lengths[i + 1][j + 1] :
					max(lengths[i + 1][j], lengths[i][j + 1]);
	return lengths[0][0];
}

static bool is_subsequence(const char *part, const char *whole)
{
	for (; *part && *whole; whole++)
		part += *part == *whole;
	return !*part;
}

static void random_text(char *text)
{
	u32 i, len = 1 + rand() % MAX_LEN;

	for (i = 0; i < len; i++)
		text[i] = 'a' + rand() % 3;
	text[len] = '\0';
}

/* The ranges of a reply are equal in both strings, in falling order, and add up. */
static void check_ranges(const char *reply, const char *a, const char *b, u32 len)
{
	int a_end = MAX_LEN + 1, b_end = MAX_LEN + 1;
	u32 matches, i, sum = 0, range;
	int a_first, a_last, b_first, b_last, used;

	assert_int_equal(sscanf(reply, "*4\r\n$7\r\nmatches\r\n*%u\r\n%n", &matches, &used), 1);
	for (i = 0; i < matches; i++) {
		reply += used;
		assert_int_equal(sscanf(reply, "*3\r\n" PAIR PAIR ":%u\r\n%n", &a_first,
					&a_last, &b_first, &b_last, &range, &used), 5);
		assert_true(a_first <= a_last && a_last < a_end && b_last < b_end);
		assert_int_equal(a_last - a_first + 1, range);
		assert_int_equal(b_last - b_first + 1, range);
		assert_memory_equal(a + a_first, b + b_first, range);
		a_end = a_first;
		b_end = b_first;
		sum += range;
	}
	assert_int_equal(sum, len);
	reply += used;
	assert_int_equal(sscanf(reply, "$3\r\nlen\r\n:%u\r\n", &i), 1);
	assert_int_equal(i, len);
}

static void answers_fit_the_definition(void **state)
{
	char a[MAX_LEN + 1], b[MAX_LEN + 1], words[128], common[MAX_LEN + 1];
	u32 round, len;

	srand(17);
	for (round = 0; round < ROUNDS; round++) {
		random_text(a);
		random_text(b);
		snprintf(words, sizeof(words), "MSET a %s b %s", a, b);
		says(words, "+OK\r\n");
		len = lcs_len(a, b);
		snprintf(words, sizeof(words), ":%u\r\n", len);
		says("LCS a b LEN", words);
		*common = '\0';
		sscanf(test_say(client, "LCS a b"), "$%*u\r\n%40[a-c]", common);
		assert_int_equal(strlen(common), len);
		assert_true(is_subsequence(common, a));
		assert_true(is_subsequence(common, b));
		check_ranges(test_say(client, "LCS a b IDX WITHMATCHLEN"), a, b, len);
	}
}

#define LCS_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LCS_TEST(the_subsequence),
		LCS_TEST(the_same_of_several),
		LCS_TEST(the_ranges),
		LCS_TEST(ranges_are_a_map_in_resp3),
		LCS_TEST(errors),
		LCS_TEST(the_table_has_a_limit),
		LCS_TEST(memory_may_end),
		LCS_TEST(answers_fit_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
