// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Walks through the keyspace: what SCAN guarantees while keys come and go, its
 * options and cursors, and the commands that list, pick, count and flush.
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
#include "kmod/core/keyspace.h"

#define SYNTAX "-ERR syntax error\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define BAD_CURSOR "-ERR invalid cursor\r\n"
#define NOTHING "*2\r\n$1\r\n0\r\n*0\r\n"
#define KEYS 4000

static u32 seen[KEYS];			/* how often each key:N was returned */

static int set_up(void **state)
{
	srand(23);
	memset(seen, 0, sizeof(seen));
	if (test_client_setup(state))
		return -1;
	return 0;
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void set_key(u32 i)
{
	char words[64];

	snprintf(words, sizeof(words), "SET key:%u v", i);
	says(words, "+OK\r\n");
}

static void del_key(u32 i)
{
	char words[64];

	snprintf(words, sizeof(words), "DEL key:%u", i);
	test_say(client, words);
}

static void set_keys(u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		set_key(i);
}

/* Count the keys of an array reply; each is key:N. */
static u32 note_keys(const char *reply)
{
	u32 count, len, i, key;
	int used;

	assert_int_equal(sscanf(reply, "*%u\r\n%n", &count, &used), 1);
	for (i = 0; i < count; i++) {
		reply += used;
		assert_int_equal(sscanf(reply, "$%u\r\nkey:%u\r\n%n", &len, &key, &used), 2);
		assert_true(key < KEYS);
		seen[key]++;
	}
	assert_string_equal(reply + used, "");
	return count;
}

/* One call; returns the next cursor. */
static u64 scan(u64 cursor, const char *options, u32 *found)
{
	unsigned long long next;
	char words[128];
	const char *reply;
	u32 len;
	int used;

	snprintf(words, sizeof(words), "SCAN %llu%s", (unsigned long long)cursor, options);
	reply = test_say(client, words);
	assert_int_equal(sscanf(reply, "*2\r\n$%u\r\n%llu\r\n%n", &len, &next, &used), 2);
	*found = note_keys(reply + used);
	return next;
}

/* From the beginning to the end; returns how many calls it took. */
static u32 scan_all(const char *options, u32 *found)
{
	u32 calls = 0, here;
	u64 cursor = 0;

	*found = 0;
	do {
		cursor = scan(cursor, options, &here);
		*found += here;
		assert_true(++calls < 10 * KEYS);
	} while (cursor);
	return calls;
}

static void nothing_to_scan(void **state)
{
	says("SCAN 0", NOTHING);
	says("SCAN 0 COUNT 1000 MATCH x TYPE hash", NOTHING);
	says("KEYS *", "*0\r\n");
	says("RANDOMKEY", "$-1\r\n");
	says("DBSIZE", ":0\r\n");
}

static void every_key_is_found(void **state)
{
	static const char *const counts[] = { "", " COUNT 1", " COUNT 100", " COUNT 100000" };
	u32 i, key, found, calls, last = U32_MAX;

	set_keys(500);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		memset(seen, 0, sizeof(seen));
		calls = scan_all(counts[i], &found);
		for (key = 0; key < 500; key++)
			assert_true(seen[key]);
		assert_true(found < 1000);
		if (i > 1)
			assert_true(calls < last);
		last = calls;
	}
	/* A call stays in its shard, but needs no more than one there. */
	assert_int_equal(last, TEST_SHARDS);
	memset(seen, 0, sizeof(seen));
	scan_all(" COUNT 9223372036854775807", &found);
	assert_int_equal(found, 500);
}

/* Keys that are there from the first call to the last are returned, whatever else is. */
static void scan_while_the_table_grows(void **state)
{
	u32 key, added = 200, step = 0, found;
	u64 cursor = 0;

	set_keys(added);
	do {
		cursor = scan(cursor, " COUNT 5", &found);
		for (key = 0; key < 60 && added < KEYS; key++)
			set_key(added++);
		assert_true(++step < KEYS);
	} while (cursor);
	assert_true(added > 1000);
	for (key = 0; key < 200; key++)
		assert_true(seen[key]);
}

static void scan_while_the_table_shrinks(void **state)
{
	u32 key, gone = 0, step = 0, found;
	u64 cursor = 0;

	set_keys(KEYS);
	do {
		cursor = scan(cursor, " COUNT 10", &found);
		/* All but each tenth key goes. */
		for (key = 0; key < 100 && gone < KEYS; key++, gone++)
			if (gone % 10)
				del_key(gone);
		assert_true(++step < KEYS);
	} while (cursor);
	assert_int_equal(gone, KEYS);
	for (key = 0; key < KEYS; key += 10)
		assert_true(seen[key]);
}

/* Keys that stay while at random others come, go, move and change; several scans. */
static void scan_while_everything_changes(void **state)
{
	u32 round, key, found, step;
	u64 cursor;

	set_keys(KEYS / 2);
	for (round = 0; round < 6; round++) {
		memset(seen, 0, sizeof(seen));
		cursor = 0;
		step = 0;
		do {
			char options[32];

			snprintf(options, sizeof(options), " COUNT %u", 1 + rand() % 40);
			cursor = scan(cursor, options, &found);
			for (key = 0; key < 40; key++) {
				u32 other = rand() % KEYS;

				if (other % 4 == 0 && other < KEYS / 2)
					test_say(client, "SET key:0 another_value EX 1000");
				else if (other % 8 < (round % 2 ? 6 : 3))
					del_key(other);
				else
					set_key(other);
			}
			assert_true(++step < 4 * KEYS);
		} while (cursor);
		for (key = 0; key < KEYS / 2; key += 4)
			assert_true(seen[key]);
	}
}

static void options_filter(void **state)
{
	u32 key, found;

	set_keys(200);
	for (key = 0; key < 50; key++) {
		char words[64];

		snprintf(words, sizeof(words), "HSET key:%u f v", 1000 + key);
		says(words, ":1\r\n");
	}
	scan_all(" TYPE hash", &found);
	assert_true(found >= 50);
	for (key = 0; key < KEYS; key++)
		assert_int_equal(!!seen[key], key >= 1000 && key < 1050);
	memset(seen, 0, sizeof(seen));
	scan_all(" type STRING match key:1? count 3", &found);
	for (key = 0; key < KEYS; key++)
		assert_int_equal(!!seen[key], key >= 10 && key < 20);
	memset(seen, 0, sizeof(seen));
	/* The last one of each counts. */
	scan_all(" MATCH nothing MATCH key:[1-3] TYPE hash TYPE string COUNT 1 COUNT 7", &found);
	for (key = 0; key < KEYS; key++)
		assert_int_equal(!!seen[key], key >= 1 && key <= 3);
	scan_all(" TYPE stream", &found);
	assert_int_equal(found, 0);
	scan_all(" MATCH none*", &found);
	assert_int_equal(found, 0);
}

static void wrong_options(void **state)
{
	says("SCAN 0 COUNT", SYNTAX);
	says("SCAN 0 MATCH", SYNTAX);
	says("SCAN 0 TYPE", SYNTAX);
	says("SCAN 0 NOSUCH 1", SYNTAX);
	says("SCAN 0 COUNT 10 NOSUCH", SYNTAX);
	says("SCAN 0 COUNT 0", SYNTAX);
	says("SCAN 0 COUNT -5", SYNTAX);
	says("SCAN 0 COUNT x", NOT_INTEGER);
	says("SCAN 0 COUNT 9223372036854775808", NOT_INTEGER);
	says("SCAN x COUNT 0", BAD_CURSOR);
}

static void cursors(void **state)
{
	says("SCAN x", BAD_CURSOR);
	says("SCAN 1x", BAD_CURSOR);
	says("SCAN 1.5", BAD_CURSOR);
	says("SCAN 18446744073709551616", BAD_CURSOR);
	/* Numbers that no SCAN has returned. */
	says("SCAN 18446744073709551615", NOTHING);
	says("SCAN 12345678901234567890", NOTHING);
	says("SCAN -1", NOTHING);
	says("SCAN ", NOTHING);
}

/* Any number is safe, and leads to the end. */
static void any_cursor_ends(void **state)
{
	u32 round, calls, found;
	u64 cursor;

	set_keys(300);
	for (round = 0; round < 300; round++) {
		cursor = (u64)rand() << 33 ^ (u64)rand() << 15 ^ rand();
		cursor >>= rand() % 64;
		calls = 0;
		do {
			cursor = scan(cursor, " COUNT 50", &found);
			assert_true(++calls < KEYS);
		} while (cursor);
	}
}

static void expired_keys_are_not_shown(void **state)
{
	u32 key, found;

	set_keys(100);
	for (key = 0; key < 100; key += 2) {
		char words[64];

		snprintf(words, sizeof(words), "PEXPIRE key:%u 10", key);
		says(words, ":1\r\n");
	}
	test_now += 11;
	scan_all("", &found);
	for (key = 0; key < 100; key++)
		assert_int_equal(!!seen[key], key % 2);
	assert_int_equal(note_keys(test_say(client, "KEYS *")), 50);
	for (key = 0; key < 200; key++) {
		u32 len, picked;

		assert_int_equal(sscanf(test_say(client, "RANDOMKEY"), "$%u\r\nkey:%u", &len,
					&picked), 2);
		assert_int_equal(picked % 2, 1);
	}
}

static void keys_match_patterns(void **state)
{
	says("MSET hello 1 hallo 2 hxllo 3 hllo 4 heeeello 5", "+OK\r\n");
	assert_memory_equal(test_say(client, "KEYS *"), "*5\r\n", 4);
	assert_memory_equal(test_say(client, "KEYS h?llo"), "*3\r\n", 4);
	assert_memory_equal(test_say(client, "KEYS h*llo"), "*5\r\n", 4);
	assert_memory_equal(test_say(client, "KEYS h[ae]llo"), "*2\r\n", 4);
	assert_memory_equal(test_say(client, "KEYS h[^ae]llo"), "*1\r\n", 4);
	assert_memory_equal(test_say(client, "KEYS h[a-e]llo"), "*2\r\n", 4);
	says("KEYS hello", "*1\r\n$5\r\nhello\r\n");
	says("KEYS HELLO", "*0\r\n");
	says("KEYS ", "*0\r\n");
	says("SELECT 1", "+OK\r\n");
	says("KEYS *", "*0\r\n");
}

/* Of 20 keys over four shards each is picked about as often as any other. */
static void picks_are_fair(void **state)
{
	u32 i, key, len;

	set_keys(20);
	for (i = 0; i < 8000; i++) {
		assert_int_equal(sscanf(test_say(client, "RANDOMKEY"), "$%u\r\nkey:%u", &len, &key),
				 2);
		assert_true(key < 20);
		seen[key]++;
	}
	/* 400 expected; this is 8 standard deviations away. */
	for (key = 0; key < 20; key++)
		assert_in_range(seen[key], 240, 560);
}

static void picks_come_to_an_end(void **state)
{
	u32 key;

	for (key = 0; key < 50; key++) {
		char words[64];

		snprintf(words, sizeof(words), "SET key:%u v PX 10", key);
		says(words, "+OK\r\n");
	}
	test_now += 11;
	says("DBSIZE", ":50\r\n");
	says("RANDOMKEY", "$-1\r\n");
	says("DBSIZE", ":0\r\n");
}

static void flushing(void **state)
{
	static const char *const each[] = { "FLUSHDB", "FLUSHDB SYNC", "flushdb async" };
	static const char *const all[] = { "FLUSHALL", "FLUSHALL async", "flushall Sync" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(each); i++) {
		says("SELECT 1", "+OK\r\n");
		says("MSET a 1 b 2", "+OK\r\n");
		says("HSET h f v", ":1\r\n");
		says("SELECT 0", "+OK\r\n");
		says("MSET a 1 b 2 c 3", "+OK\r\n");
		says("EXPIRE a 100", ":1\r\n");
		says(each[i], "+OK\r\n");
		says("DBSIZE", ":0\r\n");
		says("SELECT 1", "+OK\r\n");
		says("DBSIZE", ":3\r\n");
		says("SET a 1", "+OK\r\n");
		says(all[i], "+OK\r\n");
		says("DBSIZE", ":0\r\n");
		assert_true(atomic64_read(&test_instance.used) == 0);
	}
	says("SET a 1", "+OK\r\n");
	says("FLUSHALL NOW", SYNTAX);
	says("FLUSHDB SYNC ASYNC", SYNTAX);
	says("FLUSHDB 0", SYNTAX);
	says("GET a", "$1\r\n1\r\n");
}

#define SCAN_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(nothing_to_scan),
		SCAN_TEST(every_key_is_found),
		SCAN_TEST(scan_while_the_table_grows),
		SCAN_TEST(scan_while_the_table_shrinks),
		SCAN_TEST(scan_while_everything_changes),
		SCAN_TEST(options_filter),
		SCAN_TEST(wrong_options),
		SCAN_TEST(cursors),
		SCAN_TEST(any_cursor_ends),
		SCAN_TEST(expired_keys_are_not_shown),
		SCAN_TEST(keys_match_patterns),
		SCAN_TEST(picks_are_fair),
		SCAN_TEST(picks_come_to_an_end),
		SCAN_TEST(flushing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
