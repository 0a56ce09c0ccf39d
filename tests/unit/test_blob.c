// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Blobs: room, references and memory that ends, and that commands never write
 * to a blob that somebody else still reads.
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
#include <linux/mm.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/keyspace.h"

#define BIG_LEN 20000

static char big[BIG_LEN + 1];

static int set_up(void **state)
{
	memset(big, 'b', BIG_LEN);
	if (test_client_setup(state))
		return -1;
	return 0;
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

/* Say words of which BIG stands for the big string. */
static const char *say_big(const char *words)
{
	struct darter_arg argv[8];
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

static struct darter_blob *blob_of(const char *name)
{
	struct darter_entry *entry;
	struct darter_key key;

	darter_key_init(&key, &test_instance, 0, name, strlen(name));
	darter_shard_lock(key.shard);
	entry = darter_key_find(&key, test_now);
	darter_shard_unlock(key.shard);
	assert_non_null(entry);
	assert_int_equal(entry->type, DARTER_STRING);
	return entry->encoding == DARTER_BLOB ? darter_entry_blob(entry) : NULL;
}

static bool all_bytes_are(const char *bytes, size_t len, char byte)
{
	return !len || (bytes[0] == byte && !memcmp(bytes, bytes + 1, len - 1));
}

static void whole_pages_are_used_up(void **state)
{
	/* Around the most that fits into a page as well. */
	const size_t page = PAGE_SIZE - sizeof(struct darter_blob);
	const size_t rooms[] = {
		0, 1, page - 3, page - 2, page - 1, page, page + 1, 16384, 100000, 1 << 20,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		struct darter_blob *blob = darter_blob_alloc(rooms[i] / 2, rooms[i]);
		size_t bytes;

		assert_non_null(blob);
		assert_int_equal(refcount_read(&blob->refs), 1);
		assert_int_equal(blob->len, rooms[i] / 2);
		assert_true(blob->room >= rooms[i] + 2);
		bytes = darter_blob_footprint(blob);
		assert_int_equal(bytes % PAGE_SIZE, 0);
		assert_int_equal(bytes, sizeof(*blob) + blob->room);
		assert_true(bytes < sizeof(*blob) + rooms[i] + 2 + PAGE_SIZE);
		/* All of it may be written. */
		memset(blob->data, 'x', blob->room);
		darter_blob_put(blob);
	}
}

static void sizes_have_a_limit(void **state)
{
	assert_null(darter_blob_alloc(0, (size_t)S32_MAX + 1));
	assert_null(darter_blob_alloc(0, U32_MAX));
	assert_null(darter_blob_alloc(0, SIZE_MAX));
}

static void memory_may_end(void **state)
{
	shim_alloc_fail_after = 0;
	assert_null(darter_blob_alloc(10, 10));
	shim_alloc_fail_after = -1;
}

/* Who frees too early or never is found by the sanitizer. */
static void the_last_reference_frees(void **state)
{
	struct darter_blob *blob = darter_blob_alloc(3, 3);

	assert_non_null(blob);
	assert_ptr_equal(darter_blob_get(blob), blob);
	darter_blob_get(blob);
	assert_int_equal(refcount_read(&blob->refs), 3);
	darter_blob_put(blob);
	darter_blob_put(blob);
	assert_int_equal(refcount_read(&blob->refs), 1);
	memcpy(blob->data, "abc", 3);
	darter_blob_put(blob);
	darter_blob_put(NULL);
}

static void small_strings_have_none(void **state)
{
	struct darter_arg argv[] = {
		{ .bytes = "SET", .len = 3 },
		{ .bytes = "s", .len = 1 },
		{ .bytes = big, .len = DARTER_BLOB_MIN - 1 },
	};

	assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
	assert_null(blob_of("s"));
	argv[2].len++;
	assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
	assert_non_null(blob_of("s"));
	assert_int_equal(refcount_read(&blob_of("s")->refs), 1);
	assert_int_equal(blob_of("s")->len, DARTER_BLOB_MIN);
}

static void memory_is_counted(void **state)
{
	u64 before = atomic64_read(&test_instance.used);
	u64 footprint;

	assert_string_equal(say_big("SET b BIG"), "+OK\r\n");
	footprint = darter_blob_footprint(blob_of("b"));
	assert_true(atomic64_read(&test_instance.used) >= before + footprint);
	/* A copy shares the bytes, yet either key alone keeps them. */
	says("COPY b c", ":1\r\n");
	assert_ptr_equal(blob_of("b"), blob_of("c"));
	assert_int_equal(refcount_read(&blob_of("b")->refs), 2);
	says("DEL b", ":1\r\n");
	test_grace_period();
	assert_int_equal(refcount_read(&blob_of("c")->refs), 1);
	assert_true(all_bytes_are(blob_of("c")->data, BIG_LEN, 'b'));
	says("DEL c", ":1\r\n");
	assert_true(atomic64_read(&test_instance.used) == before);
}

/* As a reply that is still to be sent holds it. */
static void readers_keep_what_they_read(void **state)
{
	static const char *const writes[] = {
		"SETRANGE b 5 xyz", "APPEND b x", "SETRANGE b 30000 x", "SET b v", "SET b BIG",
		"DEL b", "GETDEL b", "EXPIRE b -1", "FLUSHALL", "RENAME b c", "MSET b 1",
		"SET c v", "GETSET b x",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		struct darter_blob *blob;

		says("FLUSHALL", "+OK\r\n");
		say_big("SET b BIG");
		blob = darter_blob_get(blob_of("b"));
		assert_int_not_equal(say_big(writes[i])[0], '-');
		assert_int_equal(blob->len, BIG_LEN);
		assert_true(all_bytes_are(blob->data, BIG_LEN, 'b'));
		darter_blob_put(blob);
	}
}

/* Nobody else reads it: the bytes are changed where they are. */
static void own_blobs_change_in_place(void **state)
{
	struct darter_blob *blob;

	say_big("SET b BIG");
	blob = blob_of("b");
	says("SETRANGE b 5 xyz", ":20000\r\n");
	assert_ptr_equal(blob_of("b"), blob);
	says("GETRANGE b 4 8", "$5\r\nbxyzb\r\n");
}

static void copies_part_when_written(void **state)
{
	say_big("SET b BIG");
	says("COPY b c", ":1\r\n");
	says("SETRANGE c 0 x", ":20000\r\n");
	assert_ptr_not_equal(blob_of("b"), blob_of("c"));
	says("APPEND b tail", ":20004\r\n");
	says("GETRANGE b 0 0", "$1\r\nb\r\n");
	says("GETRANGE c 0 0", "$1\r\nx\r\n");
	says("GETRANGE b -5 -1", "$5\r\nbtail\r\n");
	says("STRLEN c", ":20000\r\n");
	assert_int_equal(refcount_read(&blob_of("b")->refs), 1);
	assert_int_equal(refcount_read(&blob_of("c")->refs), 1);
}

/* Whatever is queued behind a GET in the same packet, its reply is what was there. */
static void queued_replies_are_not_overwritten(void **state)
{
	static const char packet[] =
		"GET b\r\nSETRANGE b 0 xxxx\r\nGETRANGE b 0 19999\r\nDEL b\r\nSET b y\r\n";
	const char *reply;

	say_big("SET b BIG");
	reply = test_send(client, packet, sizeof(packet) - 1);
	assert_memory_equal(reply, "$20000\r\nbbbb", 12);
	assert_true(all_bytes_are(reply + 8, BIG_LEN, 'b'));
	reply += 8 + BIG_LEN;
	assert_memory_equal(reply, "\r\n:20000\r\n$20000\r\nxxxxb", 23);
	reply += 2 + 8 + 8 + BIG_LEN;
	assert_string_equal(reply, "\r\n:1\r\n+OK\r\n");
}

/* A string that grows by little again and again is not copied each time. */
static void growth_has_room_to_spare(void **state)
{
	struct darter_blob *blob;
	u32 i, moves = 0;

	say_big("SET b BIG");
	blob = blob_of("b");
	for (i = 0; i < 2000; i++) {
		char expected[32];

		snprintf(expected, sizeof(expected), ":%u\r\n", BIG_LEN + 20 * (i + 1));
		says("APPEND b twenty_bytes_of_text", expected);
		moves += blob_of("b") != blob;
		blob = blob_of("b");
	}
	assert_true(moves >= 1);
	assert_true(moves < 10);
	says("GETRANGE b -24 -1", "$24\r\ntexttwenty_bytes_of_text\r\n");
	says("GETRANGE b 19998 20002", "$5\r\nbbtwe\r\n");
}

/* Growing needs memory; without it the old bytes are there, and no more. */
static void failed_growth_changes_nothing(void **state)
{
	struct darter_blob *blob;
	long allocations;
	u64 used;

	say_big("SET b BIG");
	says("COPY b c", ":1\r\n");
	blob = blob_of("b");
	used = atomic64_read(&test_instance.used);
	for (allocations = 0;; allocations++) {
		const char *reply;

		assert_true(allocations < 20);
		shim_alloc_fail_after = allocations;
		reply = test_say(client, "SETRANGE b 30000 x");
		shim_alloc_fail_after = -1;
		if (!strcmp(reply, ":30001\r\n"))
			break;
		if (client->verdict == DARTER_SESSION_ABORT) {
			test_close(client);
			client = test_connect();
		}
		assert_ptr_equal(blob_of("b"), blob);
		assert_int_equal(blob->len, BIG_LEN);
		assert_int_equal(refcount_read(&blob->refs), 2);
		assert_true(atomic64_read(&test_instance.used) == used);
	}
	assert_true(allocations > 0);
	assert_int_equal(refcount_read(&blob->refs), 1);
}

#define BLOB_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_pages_are_used_up),
		cmocka_unit_test(sizes_have_a_limit),
		cmocka_unit_test(memory_may_end),
		cmocka_unit_test(the_last_reference_frees),
		BLOB_TEST(small_strings_have_none),
		BLOB_TEST(memory_is_counted),
		BLOB_TEST(readers_keep_what_they_read),
		BLOB_TEST(own_blobs_change_in_place),
		BLOB_TEST(copies_part_when_written),
		BLOB_TEST(queued_replies_are_not_overwritten),
		BLOB_TEST(growth_has_room_to_spare),
		BLOB_TEST(failed_growth_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
