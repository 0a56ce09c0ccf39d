// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/reply.c kmod/core/blob.c kmod/core/number/integer.c tests/shim/shim.c */
/* Replies: headers that come after their elements, cutting back, memory that ends. */
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
#include "kmod/core/command.h"
#include "kmod/core/instance.h"
#include "kmod/core/lane.h"
#include "kmod/core/reply.h"
#include "kmod/core/session.h"

#define ROOM (1 << 22)

static struct darter_session session;
static struct darter_instance instance;
static struct darter_lane lane;
static struct darter_ctx ctx;
static char *bytes, *want;
static size_t wanted;
static u32 errors;

u64 darter_instance_reply_limit(const struct darter_instance *of)
{
	return U64_MAX;
}

void darter_instance_count_error(struct darter_instance *of, const char *text)
{
	errors++;
}

static int set_up(void **state)
{
	srand(5);
	memset(&session, 0, sizeof(session));
	memset(&lane, 0, sizeof(lane));
	INIT_LIST_HEAD(&lane.spare_chunks);
	darter_reply_init(&session.reply);
	session.reply.lane = &lane;
	session.resp = 2;
	ctx = (struct darter_ctx){ .session = &session, .instance = &instance };
	bytes = malloc(ROOM);
	want = malloc(ROOM);
	wanted = 0;
	errors = 0;
	return 0;
}

static int tear_down(void **state)
{
	struct darter_chunk *chunk, *next;

	shim_alloc_fail_after = -1;
	darter_reply_drop(&session.reply);
	assert_true(session.reply.memory == 0);
	assert_int_equal(session.reply.count, 0);
	list_for_each_entry_safe(chunk, next, &lane.spare_chunks, link)
		darter_chunk_free(chunk);
	free(bytes);
	free(want);
	return 0;
}

/* The bytes of the queue, whose counters are right. */
static size_t collect(void)
{
	struct darter_chunk *chunk;
	size_t len = 0, memory = 0;
	u32 count = 0;

	list_for_each_entry(chunk, &session.reply.chunks, link) {
		assert_true(len + chunk->len < ROOM);
		memcpy(bytes + len, chunk->bytes, chunk->len);
		len += chunk->len;
		memory += chunk->blob ? sizeof(*chunk) + darter_blob_footprint(chunk->blob) :
			  chunk->bytes - (char *)chunk + chunk->len + chunk->room;
		count++;
	}
	assert_true(session.reply.bytes == len);
	assert_true(session.reply.memory == memory);
	assert_int_equal(session.reply.count, count);
	bytes[len] = '\0';
	return len;
}

static void expect(const char *text)
{
	wanted += snprintf(want + wanted, ROOM - wanted, "%s", text);
}

static void check(void)
{
	assert_int_equal(collect(), wanted);
	assert_memory_equal(bytes, want, wanted);
}

static void later_headers_are_like_others(void **state)
{
	struct darter_reply_later later;

	darter_reply_begin(&ctx, &later);
	darter_reply_int(&ctx, 7);
	darter_reply_end_array(&ctx, &later, 1);
	darter_reply_begin(&ctx, &later);
	darter_reply_end_array(&ctx, &later, 0);
	darter_reply_begin(&ctx, &later);
	darter_reply_string(&ctx, "a");
	darter_reply_string(&ctx, "b");
	darter_reply_end_map(&ctx, &later, 1);
	session.resp = 3;
	darter_reply_begin(&ctx, &later);
	darter_reply_end_map(&ctx, &later, 0);
	darter_reply_begin(&ctx, &later);
	darter_reply_int(&ctx, 1);
	darter_reply_end_set(&ctx, &later, 1);
	darter_reply_ok(&ctx);
	expect("*1\r\n:7\r\n*0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n%0\r\n~1\r\n:1\r\n+OK\r\n");
	check();
}

/* Arrays of random length after random bytes: their heads fall on all places of a chunk. */
static void headers_anywhere_in_a_chunk(void **state)
{
	char text[64];
	u32 round, i;

	for (round = 0; round < 3000; round++) {
		u32 inner = rand() % (rand() % 20 ? 4 : 300), fill = rand() % 40;
		struct darter_reply_later outer, later;

		memset(text, 'x', fill);
		text[fill] = '\0';
		darter_reply_begin(&ctx, &outer);
		darter_reply_simple(&ctx, text);
		darter_reply_begin(&ctx, &later);
		for (i = 0; i < inner; i++)
			darter_reply_int(&ctx, i);
		darter_reply_end_array(&ctx, &later, inner);
		darter_reply_end_array(&ctx, &outer, 2);
		wanted += snprintf(want + wanted, ROOM - wanted, "*2\r\n+%s\r\n*%u\r\n",
				   text, inner);
		for (i = 0; i < inner; i++)
			wanted += snprintf(want + wanted, ROOM - wanted, ":%u\r\n", i);
	}
	check();
}

static void headers_before_blobs(void **state)
{
	struct darter_blob *blob = darter_blob_alloc(DARTER_BLOB_MIN, DARTER_BLOB_MIN);
	struct darter_reply_later later;

	memset(blob->data, 'b', DARTER_BLOB_MIN);
	darter_reply_begin(&ctx, &later);
	darter_reply_blob(&ctx, blob, 0, DARTER_BLOB_MIN);
	darter_reply_begin(&ctx, &later);
	darter_reply_end_array(&ctx, &later, 0);
	darter_blob_put(blob);
	wanted = collect();
	assert_string_equal(bytes + wanted - 6, "\r\n*0\r\n");
}

static void marks_cut_back(void **state)
{
	struct darter_reply_later later;
	struct darter_reply_mark mark;
	u32 i;

	darter_reply_ok(&ctx);
	for (i = 0; i < 50; i++) {
		u32 n;

		darter_reply_mark(&session.reply, &mark);
		darter_reply_begin(&ctx, &later);
		for (n = 0; n < i * 100; n++)
			darter_reply_int(&ctx, n);
		darter_reply_end_array(&ctx, &later, i * 100);
		darter_reply_rewind(&session.reply, &mark);
		darter_reply_error(&ctx, "ERR no\r\nmore\r\n");
		expect(i ? "" : "+OK\r\n");
		expect("-ERR no  more\r\n");
		check();
	}
	assert_int_equal(errors, 50);
}

static void reserved_room_is_there(void **state)
{
	u32 i;

	for (i = 0; i < 2000; i++) {
		shim_alloc_fail_after = -1;
		assert_true(darter_reply_reserve(&session.reply, DARTER_REPLY_ROOM));
		shim_alloc_fail_after = 0;
		darter_reply_raw(&session.reply, want, rand() % (DARTER_REPLY_ROOM + 1));
		assert_false(session.reply.failed);
	}
	shim_alloc_fail_after = -1;
	collect();
}

/* Without memory the queue says so, and what was there before can be kept. */
static void memory_ends_anywhere(void **state)
{
	long allocations;

	for (allocations = 0; allocations < 20; allocations++) {
		struct darter_reply_later later;
		struct darter_reply_mark mark;
		u32 i;

		session.reply.lane = NULL;
		darter_reply_ok(&ctx);
		darter_reply_mark(&session.reply, &mark);
		shim_alloc_fail_after = allocations;
		darter_reply_begin(&ctx, &later);
		for (i = 0; i < 20000; i++)
			darter_reply_int(&ctx, 100000 + i);
		darter_reply_end_array(&ctx, &later, i);
		shim_alloc_fail_after = -1;
		assert_true(session.reply.failed);
		collect();
		darter_reply_rewind(&session.reply, &mark);
		session.reply.failed = false;
		expect("+OK\r\n");
		check();
	}
}

static void sending_in_pieces(void **state)
{
	size_t sent = 0, total;
	char *all;
	u32 i;

	for (i = 0; i < 5000; i++)
		darter_reply_int(&ctx, i);
	total = collect();
	all = memcpy(malloc(total), bytes, total);
	while (sent < total) {
		size_t part = min_t(size_t, 1 + rand() % 3000, total - sent);

		darter_reply_sent(&session.reply, part);
		sent += part;
		assert_int_equal(collect(), total - sent);
		assert_memory_equal(bytes, all + sent, total - sent);
	}
	free(all);
	assert_true(list_empty(&session.reply.chunks));
}

static void errors_about_arguments(void **state)
{
	char word[1000];

	memset(word, 'w', sizeof(word));
	darter_reply_error_about(&ctx, "ERR Unsupported option ", word, sizeof(word));
	wanted = snprintf(want, ROOM, "-ERR Unsupported option %.1000s\r\n", word);
	check();
	darter_reply_error_about(&ctx, "ERR Unsupported option ", "a\nb\r\n\0c", 7);
	expect("-ERR Unsupported option a b\r\n");
	check();
	assert_true(ctx.failed);
}

static void write_one_of_each(void)
{
	darter_reply_null(&ctx);
	darter_reply_null_array(&ctx);
	darter_reply_bool(&ctx, true);
	darter_reply_bool(&ctx, false);
	darter_reply_double(&ctx, "1.5");
	darter_reply_verbatim(&ctx, "txt", "a\r\nb", 4);
	darter_reply_map(&ctx, 2);
	darter_reply_set(&ctx, 3);
	darter_reply_push(&ctx, 4);
	darter_reply_array(&ctx, 5);
	darter_reply_bulk_int(&ctx, -12);
	darter_reply_int(&ctx, S64_MIN);
	darter_reply_simple(&ctx, "fine");
}

/* What RESP2 has no type for is what is nearest to it. */
static void protocols_have_their_types(void **state)
{
	write_one_of_each();
	expect("$-1\r\n*-1\r\n:1\r\n:0\r\n$3\r\n1.5\r\n$4\r\na\r\nb\r\n*4\r\n*3\r\n*4\r\n*5\r\n"
	       "$3\r\n-12\r\n:-9223372036854775808\r\n+fine\r\n");
	session.resp = 3;
	write_one_of_each();
	expect("_\r\n_\r\n#t\r\n#f\r\n,1.5\r\n=8\r\ntxt:a\r\nb\r\n%2\r\n~3\r\n>4\r\n*5\r\n"
	       "$3\r\n-12\r\n:-9223372036854775808\r\n+fine\r\n");
	check();
	assert_int_equal(errors, 0);
}

#define REPLY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPLY_TEST(later_headers_are_like_others),
		REPLY_TEST(headers_anywhere_in_a_chunk),
		REPLY_TEST(headers_before_blobs),
		REPLY_TEST(marks_cut_back),
		REPLY_TEST(reserved_room_is_there),
		REPLY_TEST(memory_ends_anywhere),
		REPLY_TEST(sending_in_pieces),
		REPLY_TEST(errors_about_arguments),
		REPLY_TEST(protocols_have_their_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
