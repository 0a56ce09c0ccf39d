// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/number/integer.c */
/* Canonical integers: what is one, what is not, and back to text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/number/integer.h"

static void accept(const char *text, s64 want)
{
	s64 got = ~want;

	assert_true(darter_parse_s64(text, strlen(text), &got));
	assert_true(got == want);
}

static void reject(const char *text)
{
	s64 got;

	assert_false(darter_parse_s64(text, strlen(text), &got));
}

static void canonical_numbers(void **state)
{
	accept("0", 0);
	accept("-1", -1);
	accept("42", 42);
	accept("9223372036854775807", S64_MAX);
	accept("-9223372036854775808", S64_MIN);
}

static void other_texts(void **state)
{
	static const char *const texts[] = {
		"", "-", "-0", "00", "01", "-01", "+1", " 1", "1 ", "1.0", "0x1", "1a",
		"9223372036854775808", "-9223372036854775809", "99999999999999999999",
		"18446744073709551616",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		reject(texts[i]);
	/* The length counts, not a terminator. */
	assert_false(darter_parse_s64("1\0", 2, &(s64){ 0 }));
}

static void unsigned_range(void **state)
{
	u64 got;

	assert_true(darter_parse_u64("18446744073709551615", 20, &got));
	assert_true(got == U64_MAX);
	assert_false(darter_parse_u64("18446744073709551616", 20, &got));
	assert_false(darter_parse_u64("-1", 2, &got));
}

static void cursors(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool ok;
		u64 value;
	} cases[] = {
		{ "", 0, true, 0 }, { "0", 1, true, 0 }, { "0017", 4, true, 17 },
		{ "+5", 2, true, 5 }, { "-1", 2, true, U64_MAX }, { "5\0x", 3, true, 5 },
		{ "18446744073709551615", 20, true, U64_MAX },
		{ "18446744073709551616", 20, false, 0 }, { "+", 1, false, 0 },
		{ "-", 1, false, 0 }, { " 1", 2, false, 0 }, { "1 ", 2, false, 0 },
		{ "x", 1, false, 0 }, { "--1", 3, false, 0 }, { "0x1", 3, false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		u64 got = 99;

		assert_int_equal(darter_parse_cursor(cases[i].text, cases[i].len, &got),
				 cases[i].ok);
		if (cases[i].ok)
			assert_true(got == cases[i].value);
	}
}

static void format_and_back(void **state)
{
	u64 random = 1;
	int i;

	for (i = 0; i < 200000; i++) {
		char text[DARTER_S64_CHARS + 1], want[32];
		s64 value, got;

		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		value = (s64)random >> (i % 64);
		text[darter_format_s64(text, value)] = '\0';
		snprintf(want, sizeof(want), "%lld", (long long)value);
		assert_string_equal(text, want);
		assert_true(darter_parse_s64(text, strlen(text), &got));
		assert_true(got == value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_numbers),
		cmocka_unit_test(other_texts),
		cmocka_unit_test(unsigned_range),
		cmocka_unit_test(cursors),
		cmocka_unit_test(format_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
