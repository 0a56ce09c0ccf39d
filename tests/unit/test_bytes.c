// SPDX-License-Identifier: GPL-2.0
/* links: tests/shim/shim.c */
/* Numbers in byte order, wherever they lie, and nothing beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "kmod/core/bytes.h"

#define ROUNDS 2000
#define MARK 0xa5

static u64 random_u64(void)
{
	u64 value = 0;
	u32 i;

	for (i = 0; i < 5; i++)
		value = value << 15 ^ (u64)rand();
	return value;
}

/* The part of a number that so many bytes hold. */
static u64 low_bytes(u64 value, u32 bytes)
{
	return bytes == 8 ? value : value & ((1ULL << 8 * bytes) - 1);
}

static void little_endian_has_the_low_byte_first(void **state)
{
	static const u8 bytes[] = { 0x01, 0x02, 0x83, 0x04, 0x05, 0x06, 0x07, 0xf8 };

	assert_true(darter_get_le(bytes, 1) == 0x01);
	assert_true(darter_get_le(bytes, 2) == 0x0201);
	assert_true(darter_get_le(bytes, 3) == 0x830201);
	assert_true(darter_get_le(bytes, 4) == 0x04830201);
	assert_true(darter_get_le(bytes, 8) == 0xf807060504830201ULL);
	assert_true(darter_get_le(bytes + 3, 4) == 0x07060504);
}

static void big_endian_has_the_high_byte_first(void **state)
{
	static const u8 bytes[] = { 0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08 };

	assert_true(darter_get_be(bytes, 1) == 0x81);
	assert_true(darter_get_be(bytes, 2) == 0x8102);
	assert_true(darter_get_be(bytes, 3) == 0x810203);
	assert_true(darter_get_be(bytes, 4) == 0x81020304);
	assert_true(darter_get_be(bytes, 8) == 0x8102030405060708ULL);
	assert_true(darter_get_be(bytes + 1, 2) == 0x0203);
}

static void no_bytes_are_nothing(void **state)
{
	u8 byte = MARK;

	assert_true(darter_get_le(&byte, 0) == 0);
	assert_true(darter_get_be(&byte, 0) == 0);
	darter_put_le(&byte, 0, 0);
	darter_put_be(&byte, 0, 0);
	assert_int_equal(byte, MARK);
}

/* Writing touches exactly those bytes, at odd addresses as well. */
static void what_is_put_comes_back(void **state)
{
	u8 frame[32], reversed[8];
	u32 round, i;

	srand(11);
	for (round = 0; round < ROUNDS; round++) {
		u32 bytes = 1 + rand() % 8, at = 1 + rand() % 15;
		u64 value = random_u64();

		memset(frame, MARK, sizeof(frame));
		darter_put_le(frame + at, value, bytes);
		assert_true(darter_get_le(frame + at, bytes) == low_bytes(value, bytes));
		for (i = 0; i < bytes; i++)
			reversed[i] = frame[at + bytes - 1 - i];
		darter_put_be(frame + at, value, bytes);
		assert_memory_equal(frame + at, reversed, bytes);
		assert_true(darter_get_be(frame + at, bytes) == low_bytes(value, bytes));
		for (i = 0; i < sizeof(frame); i++)
			if (i < at || i >= at + bytes)
				assert_int_equal(frame[i], MARK);
	}
}

static void signs_are_extended(void **state)
{
	static const struct {
		u64 value;
		u32 bits;
		s64 extended;
	} cases[] = {
		{ 0, 1, 0 }, { 1, 1, -1 }, { 0x7f, 8, 127 }, { 0x80, 8, -128 }, { 0xff, 8, -1 },
		{ 0xfff, 13, 4095 }, { 0x1000, 13, -4096 }, { 0x1fff, 13, -1 },
		{ 0x7fff, 16, 32767 }, { 0x8000, 16, -32768 },
		{ 0x7fffff, 24, 8388607 }, { 0x800000, 24, -8388608 },
		{ 0x7fffffff, 32, S32_MAX }, { 0x80000000, 32, S32_MIN },
		{ S64_MAX, 64, S64_MAX }, { 1ULL << 63, 64, S64_MIN }, { U64_MAX, 64, -1 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_true(darter_sign_extend(cases[i].value, cases[i].bits) ==
			    cases[i].extended);
}

/* Negative numbers survive being cut to their low bytes. */
static void signed_numbers_survive(void **state)
{
	u32 round, bits;
	u8 bytes[8];
	s64 value;

	srand(12);
	for (round = 0; round < ROUNDS; round++) {
		bits = 8 * (1 + rand() % 8);
		value = (s64)random_u64() >> (64 - bits);
		darter_put_le(bytes, value, bits / 8);
		assert_true(darter_sign_extend(darter_get_le(bytes, bits / 8), bits) == value);
		darter_put_be(bytes, value, bits / 8);
		assert_true(darter_sign_extend(darter_get_be(bytes, bits / 8), bits) == value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(little_endian_has_the_low_byte_first),
		cmocka_unit_test(big_endian_has_the_high_byte_first),
		cmocka_unit_test(no_bytes_are_nothing),
		cmocka_unit_test(what_is_put_comes_back),
		cmocka_unit_test(signs_are_extended),
		cmocka_unit_test(signed_numbers_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
