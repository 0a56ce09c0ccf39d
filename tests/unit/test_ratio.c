// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/number/ratio.c tests/shim/shim.c */
/* Quotients and sizes, against libc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kmod/core/number/ratio.h"

static void ratio_is(u64 a, u64 b, const char *expected)
{
	char text[DARTER_RATIO_CHARS];

	darter_format_ratio(text, a, b);
	assert_string_equal(text, expected);
}

static void test_ratios(void **state)
{
	ratio_is(0, 0, "0.00");
	ratio_is(7, 0, "0.00");
	ratio_is(0, 3, "0.00");
	ratio_is(1, 3, "0.33");
	ratio_is(2, 3, "0.67");
	ratio_is(999, 1000, "1.00");
	ratio_is(1, 8, "0.12");
	ratio_is(3, 8, "0.38");
	ratio_is(1999, 1000, "2.00");
	ratio_is(U64_MAX, 1, "18446744073709551615.00");
	ratio_is(U64_MAX, U64_MAX, "1.00");
	ratio_is(U64_MAX - 1, U64_MAX, "1.00");
	ratio_is(U64_MAX / 3, U64_MAX, "0.33");
	ratio_is(1, U64_MAX, "0.00");
}

/* Divisors that a double divides by exactly: libc has the same number to print. */
static void test_against_libc(void **state)
{
	u32 i, shift;

	srand(11);
	for (i = 0; i < 200000; i++) {
		u64 a = ((u64)rand() << 20 ^ rand()) >> rand() % 40;
		char expected[64];

		shift = rand() % 40;
		snprintf(expected, sizeof(expected), "%.2f", (double)a / (double)(1ULL << shift));
		ratio_is(a, 1ULL << shift, expected);
	}
}

static void size_is(u64 bytes, const char *expected)
{
	char text[DARTER_SIZE_CHARS];

	darter_format_size(text, bytes);
	assert_string_equal(text, expected);
}

static void test_sizes(void **state)
{
	size_is(0, "0B");
	size_is(1023, "1023B");
	size_is(1024, "1.00K");
	size_is(1511360, "1.44M");
	size_is((1 << 20) - 1, "1024.00K");
	size_is(25276502016ULL, "23.54G");
	size_is(1ULL << 40, "1.00T");
	size_is(3ULL << 50, "3.00P");
	size_is(U64_MAX, "16384.00P");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ratios),
		cmocka_unit_test(test_against_libc),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
