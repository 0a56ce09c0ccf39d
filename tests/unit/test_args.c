// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Arguments: what is taken for a number, a database or a deadline, and the errors. */
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
#include "kmod/core/args.h"
#include "kmod/core/command.h"

#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define OUT_OF_RANGE \
	"-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"
#define BAD_DB "-ERR DB index is out of range\r\n"
#define BAD_EXPIRE "-ERR invalid expire time in 'getex' command\r\n"
#define NOW ((s64)TEST_BEGIN_MS)
#define UNTOUCHED 4711

static struct darter_ctx ctx;

static int set_up(void **state)
{
	if (test_client_setup(state))
		return -1;
	ctx = (struct darter_ctx){
		.session = &client->session,
		.instance = &test_instance,
		.command = darter_command_find("getex", 5),
		.now = test_now,
	};
	return 0;
}

static struct darter_arg arg_of(const char *text)
{
	return (struct darter_arg){ .bytes = text, .len = strlen(text) };
}

/* What was replied by the last call. */
#define replied(text) assert_string_equal(test_go_on(client), text)

static void accepts_s64(const char *text, s64 expected)
{
	struct darter_arg arg = arg_of(text);
	s64 value = UNTOUCHED;

	assert_true(darter_arg_s64(&ctx, &arg, &value));
	assert_true(value == expected);
	replied("");
	assert_false(ctx.failed);
}

static void numbers(void **state)
{
	accepts_s64("0", 0);
	accepts_s64("7", 7);
	accepts_s64("-1", -1);
	accepts_s64("9223372036854775807", S64_MAX);
	accepts_s64("-9223372036854775808", S64_MIN);
}

static void other_texts_are_no_numbers(void **state)
{
	static const char *const wrong[] = {
		"", "-", "+1", " 1", "1 ", "01", "-0", "-01", "0x10", "1e3", "1.0", "one", "1\n",
		"9223372036854775808", "-9223372036854775809", "18446744073709551616",
		"99999999999999999999999999",
	};
	s64 value = UNTOUCHED;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct darter_arg arg = arg_of(wrong[i]);

		ctx.failed = false;
		assert_false(darter_arg_s64(&ctx, &arg, &value));
		replied(NOT_INTEGER);
		assert_true(ctx.failed);
		assert_true(value == UNTOUCHED);
	}
}

/* Arguments end where their length says: neither a NUL nor what follows counts. */
static void lengths_are_obeyed(void **state)
{
	struct darter_arg part = { .bytes = "1234", .len = 2 }, nul = { .bytes = "1\0", .len = 2 };
	s64 value;

	assert_true(darter_arg_s64(&ctx, &part, &value));
	assert_true(value == 12);
	assert_false(darter_arg_s64(&ctx, &nul, &value));
	replied(NOT_INTEGER);
}

static void ints_have_32_bits(void **state)
{
	static const struct {
		const char *text;
		s32 value;
		const char *error;
	} cases[] = {
		{ "2147483647", S32_MAX, "" }, { "-2147483648", S32_MIN, "" }, { "0", 0, "" },
		{ "2147483648", UNTOUCHED, OUT_OF_RANGE },
		{ "-2147483649", UNTOUCHED, OUT_OF_RANGE },
		{ "9223372036854775807", UNTOUCHED, OUT_OF_RANGE },
		{ "9223372036854775808", UNTOUCHED, NOT_INTEGER },
		{ "x", UNTOUCHED, NOT_INTEGER },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct darter_arg arg = arg_of(cases[i].text);
		s32 value = UNTOUCHED;

		assert_int_equal(darter_arg_int(&ctx, &arg, &value), !*cases[i].error);
		assert_int_equal(value, cases[i].value);
		replied(cases[i].error);
	}
}

/* The instance has four. */
static void databases_exist(void **state)
{
	static const struct {
		const char *text;
		u32 db;
		const char *error;
	} cases[] = {
		{ "0", 0, "" }, { "3", 3, "" }, { "4", UNTOUCHED, BAD_DB },
		{ "-1", UNTOUCHED, BAD_DB }, { "2147483647", UNTOUCHED, BAD_DB },
		{ "4294967296", UNTOUCHED, OUT_OF_RANGE }, { "", UNTOUCHED, NOT_INTEGER },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct darter_arg arg = arg_of(cases[i].text);
		u32 db = UNTOUCHED;

		assert_int_equal(darter_arg_db(&ctx, &arg, &db), !*cases[i].error);
		assert_int_equal(db, cases[i].db);
		replied(cases[i].error);
	}
}

#define MS 0
#define S DARTER_TIME_SECONDS
#define AT_MS DARTER_TIME_ABSOLUTE
#define AT_S (DARTER_TIME_SECONDS | DARTER_TIME_ABSOLUTE)

static void deadlines(void **state)
{
	static const struct {
		const char *text;
		u32 flags;
		s64 deadline;
	} cases[] = {
		{ "1", MS, NOW + 1 }, { "1", S, NOW + 1000 },
		{ "1", AT_MS, 1 }, { "1", AT_S, 1000 },
		/* The last ones that are numbers. */
		{ "9223370336854775807", MS, S64_MAX },
		{ "9223370336854775", S, NOW + 9223370336854775000LL },
		{ "9223372036854775807", AT_MS, S64_MAX },
		{ "9223372036854775", AT_S, 9223372036854775000LL },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct darter_arg arg = arg_of(cases[i].text);
		s64 deadline = UNTOUCHED;

		assert_true(darter_arg_deadline(&ctx, &arg, cases[i].flags, &deadline));
		assert_true(deadline == cases[i].deadline);
		replied("");
	}
}

static void deadlines_are_positive_and_fit(void **state)
{
	static const struct {
		const char *text;
		u32 flags;
		const char *error;
	} cases[] = {
		{ "0", MS, BAD_EXPIRE }, { "0", S, BAD_EXPIRE }, { "0", AT_MS, BAD_EXPIRE },
		{ "0", AT_S, BAD_EXPIRE }, { "-1", MS, BAD_EXPIRE }, { "-1", AT_S, BAD_EXPIRE },
		{ "-9223372036854775808", S, BAD_EXPIRE },
		{ "9223370336854775808", MS, BAD_EXPIRE },
		{ "9223372036854775807", MS, BAD_EXPIRE },
		{ "9223370336854776", S, BAD_EXPIRE },
		{ "9223372036854776", AT_S, BAD_EXPIRE },
		{ "9223372036854775807", S, BAD_EXPIRE },
		{ "ten", S, NOT_INTEGER }, { "1.5", MS, NOT_INTEGER },
		{ "9223372036854775808", AT_MS, NOT_INTEGER },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct darter_arg arg = arg_of(cases[i].text);
		s64 deadline = UNTOUCHED;

		assert_false(darter_arg_deadline(&ctx, &arg, cases[i].flags, &deadline));
		assert_true(deadline == UNTOUCHED);
		replied(cases[i].error);
	}
}

static void errors_name_the_command(void **state)
{
	ctx.command = darter_command_find("psetex", 6);
	darter_reply_bad_expire(&ctx);
	replied("-ERR invalid expire time in 'psetex' command\r\n");
}

#define ARGS_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ARGS_TEST(numbers),
		ARGS_TEST(other_texts_are_no_numbers),
		ARGS_TEST(lengths_are_obeyed),
		ARGS_TEST(ints_have_32_bits),
		ARGS_TEST(databases_exist),
		ARGS_TEST(deadlines),
		ARGS_TEST(deadlines_are_positive_and_fit),
		ARGS_TEST(errors_name_the_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
