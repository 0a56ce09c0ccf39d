// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Texts: growing, replying in both protocols, and memory that ends half-way. */
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
#include "kmod/core/command.h"
#include "kmod/core/text.h"

#define LINES 5000
#define LONG 20000

static struct darter_ctx ctx;
static struct darter_text text;

static int set_up(void **state)
{
	if (test_client_setup(state))
		return -1;
	ctx = (struct darter_ctx){ .session = &client->session, .instance = &test_instance };
	memset(&text, 0, sizeof(text));
	return 0;
}

static int tear_down(void **state)
{
	shim_alloc_fail_after = -1;
	kvfree(text.bytes);
	return test_core_teardown(state);
}

static void assert_empty(void)
{
	static const struct darter_text empty;

	assert_memory_equal(&text, &empty, sizeof(text));
}

static void texts_are_bulks(void **state)
{
	darter_text_add(&text, "%s:%u\r\n", "answer", 42);
	darter_text_add(&text, "%s", "");
	darter_text_add(&text, "%5d|%-3s|", -7, "x");
	assert_int_equal(text.len, 21);
	darter_text_reply(&ctx, &text);
	assert_string_equal(test_go_on(client), "$21\r\nanswer:42\r\n   -7|x  |\r\n");
	assert_empty();
}

static void texts_are_verbatim_in_resp3(void **state)
{
	test_say(client, "HELLO 3");
	darter_text_add(&text, "some text");
	darter_text_reply(&ctx, &text);
	assert_string_equal(test_go_on(client), "=13\r\ntxt:some text\r\n");
	assert_empty();
}

static void no_text_is_a_text(void **state)
{
	darter_text_reply(&ctx, &text);
	assert_string_equal(test_go_on(client), "$0\r\n\r\n");
	assert_empty();
	test_say(client, "HELLO 3");
	darter_text_reply(&ctx, &text);
	assert_string_equal(test_go_on(client), "=4\r\ntxt:\r\n");
}

/* Nothing is lost when the bytes move, and they move seldom. */
static void texts_grow(void **state)
{
	const char *bytes = NULL;
	char expected[32];
	u32 i, moves = 0;

	for (i = 0; i < LINES; i++) {
		darter_text_add(&text, "%07u\n", i);
		assert_true(text.len <= text.room);
		moves += text.bytes != bytes;
		bytes = text.bytes;
	}
	assert_false(text.failed);
	assert_int_equal(text.len, 8 * LINES);
	assert_true(moves < 12);
	for (i = 0; i < LINES; i++) {
		snprintf(expected, sizeof(expected), "%07u\n", i);
		assert_memory_equal(text.bytes + 8 * i, expected, 8);
	}
}

static void one_piece_may_be_long(void **state)
{
	char *line = malloc(LONG + 1);

	memset(line, 'x', LONG);
	line[LONG] = '\0';
	darter_text_add(&text, "<%s>", line);
	assert_int_equal(text.len, LONG + 2);
	assert_memory_equal(text.bytes + 1, line, LONG);
	assert_int_equal(text.bytes[LONG + 1], '>');
	free(line);
}

/* What is reserved may be written, and is not part of the text yet. */
static void room_is_reserved(void **state)
{
	char *at = darter_text_reserve(&text, 10000);

	assert_non_null(at);
	assert_int_equal(text.len, 0);
	memset(at, 'r', 10000);
	assert_ptr_equal(darter_text_reserve(&text, 10000), at);
	text.len = 10000;
	at = darter_text_reserve(&text, 1);
	assert_non_null(at);
	assert_ptr_equal(at, text.bytes + 10000);
	*at = 's';
	assert_int_equal(text.bytes[9999], 'r');
	assert_non_null(darter_text_reserve(&text, 0));
}

/* A text that misses a part is not replied, even if there is memory again. */
static void a_failed_text_stays_failed(void **state)
{
	darter_text_add(&text, "begin");
	shim_alloc_fail_after = 0;
	assert_null(darter_text_reserve(&text, 100000));
	shim_alloc_fail_after = -1;
	assert_true(text.failed);
	assert_null(darter_text_reserve(&text, 1));
	darter_text_add(&text, "end");
	assert_int_equal(text.len, 5);
	darter_text_reply(&ctx, &text);
	assert_string_equal(test_go_on(client),
			    "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
	assert_true(ctx.failed);
	assert_empty();
	/* It is a text like any other afterwards. */
	darter_text_add(&text, "again");
	darter_text_reply(&ctx, &text);
	assert_string_equal(test_go_on(client), "$5\r\nagain\r\n");
}

static void the_first_piece_may_fail(void **state)
{
	shim_alloc_fail_after = 0;
	darter_text_add(&text, "x");
	shim_alloc_fail_after = -1;
	assert_true(text.failed);
	assert_int_equal(text.len, 0);
	darter_text_reply(&ctx, &text);
	assert_int_equal(test_go_on(client)[0], '-');
}

#define TEXT_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEXT_TEST(texts_are_bulks),
		TEXT_TEST(texts_are_verbatim_in_resp3),
		TEXT_TEST(no_text_is_a_text),
		TEXT_TEST(texts_grow),
		TEXT_TEST(one_piece_may_be_long),
		TEXT_TEST(room_is_reserved),
		TEXT_TEST(a_failed_text_stays_failed),
		TEXT_TEST(the_first_piece_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
