// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/bits.c tests/shim/shim.c */
/* Bits of byte strings against loops over single bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "kmod/core/bits.h"

#define LEN 40
#define BITS (8 * LEN)
/* More than what is looked at in a row, and no multiple of it. */
#define LONG_LEN (2 * 1024 * 1024 + 11)

static u8 bytes[LEN];

static bool bit_at(const u8 *string, u64 at)
{
	return string[at / 8] >> (7 - at % 8) & 1;
}

static void fill(u32 seed)
{
	u32 i;

	srand(seed);
	for (i = 0; i < LEN; i++)
		bytes[i] = seed % 3 ? rand() : seed % 2 ? 0xff : 0;
	/* A bit that stands out among others that are alike. */
	bytes[rand() % LEN] ^= 1 << rand() % 8;
}

static void counts_and_finds_in_every_range(void **state)
{
	u64 from, end, at;
	u32 seed;

	for (seed = 0; seed < 12; seed++) {
		fill(seed);
		for (from = 0; from <= BITS; from++) {
			u64 count = 0, found[2] = { BITS, BITS };

			for (at = BITS; at-- > from;)
				found[bit_at(bytes, at)] = at;
			for (end = from; end <= BITS; end++) {
				assert_int_equal(darter_bits_count(bytes, from, end), count);
				assert_int_equal(darter_bits_find(bytes, from, end, false),
						 min(found[0], end));
				assert_int_equal(darter_bits_find(bytes, from, end, true),
						 min(found[1], end));
				count += end < BITS && bit_at(bytes, end);
			}
		}
	}
}

/* A range is not read beyond its end: the address sanitizer watches the heap. */
static void counts_and_finds_in_long_strings(void **state)
{
	u8 *string = malloc(LONG_LEN);
	u64 end = 8ULL * LONG_LEN;

	memset(string, 0, LONG_LEN);
	assert_int_equal(darter_bits_count(string, 0, end), 0);
	assert_int_equal(darter_bits_find(string, 3, end, true), end);
	assert_int_equal(darter_bits_find(string, 3, end, false), 3);
	string[LONG_LEN - 1] = 1;
	assert_int_equal(darter_bits_count(string, 1, end), 1);
	assert_int_equal(darter_bits_find(string, 1, end, true), end - 1);
	assert_int_equal(darter_bits_find(string, 1, end - 1, true), end - 1);
	memset(string, 0xff, LONG_LEN);
	assert_int_equal(darter_bits_count(string, 3, end - 2), end - 5);
	assert_int_equal(darter_bits_find(string, 5, end, false), end);
	string[LONG_LEN / 2] = 0xfb;
	assert_int_equal(darter_bits_find(string, 5, end, false), 8 * (LONG_LEN / 2) + 5);
	free(string);
}

static void numbers_are_read_and_written_in_place(void **state)
{
	u64 at, other, value, mask;
	u8 before[LEN];
	u32 width;

	for (width = 1; width <= 64; width++) {
		mask = ~0ULL >> (64 - width);
		for (at = 0; at + width <= BITS; at++) {
			fill(at + 3 * width + 1);
			memcpy(before, bytes, LEN);
			value = ((u64)rand() << 40) ^ ((u64)rand() << 20) ^ rand();
			darter_bits_put(bytes, at, width, value);
			assert_true(darter_bits_get(bytes, LEN, at, width) == (value & mask));
			for (other = 0; other < BITS; other++)
				if (other < at || other >= at + width)
					assert_int_equal(bit_at(bytes, other),
							 bit_at(before, other));
			assert_int_equal(bit_at(bytes, at), value >> (width - 1) & 1);
			assert_int_equal(bit_at(bytes, at + width - 1), value & 1);
		}
	}
}

static void bits_behind_the_end_are_zero(void **state)
{
	memset(bytes, 0xff, LEN);
	assert_int_equal(darter_bits_get(bytes, 2, 12, 8), 0xf0);
	assert_int_equal(darter_bits_get(bytes, 2, 16, 64), 0);
	assert_int_equal(darter_bits_get(bytes, 2, 1ULL << 40, 7), 0);
	assert_int_equal(darter_bits_get(NULL, 0, 3, 33), 0);
	assert_true(darter_bits_get(bytes, 8, 1, 64) == ~1ULL);
}

static u8 combined(enum darter_bit_op op, u8 a, u8 b)
{
	return op == DARTER_BIT_AND ? a & b : op == DARTER_BIT_OR ? a | b :
	       op == DARTER_BIT_XOR ? a ^ b : ~b;
}

static void combines_bytes(void **state)
{
	enum darter_bit_op op;
	u8 from[LEN], to[LEN];
	u32 len, i;

	for (op = DARTER_BIT_AND; op <= DARTER_BIT_NOT; op++)
		for (len = 0; len <= LEN; len++) {
			fill(len + 1);
			memcpy(from, bytes, LEN);
			fill(len + 2);
			memcpy(to, bytes, LEN);
			darter_bits_combine(op, to, from, len);
			for (i = 0; i < LEN; i++)
				assert_int_equal(to[i], i < len ? combined(op, bytes[i], from[i]) :
								  bytes[i]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_finds_in_every_range),
		cmocka_unit_test(counts_and_finds_in_long_strings),
		cmocka_unit_test(numbers_are_read_and_written_in_place),
		cmocka_unit_test(bits_behind_the_end_are_zero),
		cmocka_unit_test(combines_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
