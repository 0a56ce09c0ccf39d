// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/keyed_hash.c */
/* SipHash-1-3 as others compute it, for every length of the rest behind whole words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "kmod/core/keyed_hash.h"

/*
 * Hashes of the bytes 0, 1, 2 ... with a key of zeros: those of CPython, whose
 * hash() of bytes is SipHash-1-3 with that key where PYTHONHASHSEED is 0.
 */
static const u64 known[] = {
	0x68a914128e01e473ULL, 0x010bac45c41e3669ULL, 0x4d4c9a4a8ef6e0adULL,
	0x7cc43f98813e4dbdULL, 0x5abe2169dff36275ULL, 0xe3c25f87624f1cdbULL,
	0x2f098ab0c751325aULL, 0xead411e67ebe2eeaULL, 0x75927f9d95124362ULL,
	0xaf9f77a65ab51a1dULL, 0xfe64ce8b6617fcffULL, 0xa6baf4fb0f9fe1c2ULL,
	0xa0cf3211850f8e0dULL, 0x7f86049379fbfe67ULL, 0xf30eb725bb91c9eaULL,
	0x8972188433a5c5b7ULL, 0x4883c49a2c009c1dULL, 0xadc2c0b63044067dULL,
	0x091f4a3329f87d19ULL, 0x639e355ae68c0100ULL, 0xb17bef2cb5213239ULL,
	0xf8aeb1066236ccfeULL, 0x37332b1389daa4ffULL, 0x31185a47af932f3aULL,
};

static void hashes_are_known(void **state)
{
	siphash_key_t key = { };
	u8 bytes[ARRAY_SIZE(known) + 1];
	u32 i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	for (i = 0; i < ARRAY_SIZE(known); i++)
		assert_true(darter_keyed_hash(bytes, i + 1, &key) == known[i]);
}

/* The first of the vectors for this variant: key 00 01 .. 0f, no input. */
static void key_counts(void **state)
{
	siphash_key_t key = { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };

	assert_true(darter_keyed_hash("", 0, &key) == 0xabac0158050fc4dcULL);
}

/* Where bytes begin makes no difference. */
static void alignment_does_not_matter(void **state)
{
	siphash_key_t key = { { 3, 4 } };
	char bytes[64] = "";
	u32 i;

	for (i = 0; i < 16; i++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes + i, "user:1000:visits", 16);
		assert_true(darter_keyed_hash(bytes + i, 16, &key) ==
			    darter_keyed_hash("user:1000:visits", 16, &key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_known),
		cmocka_unit_test(key_counts),
		cmocka_unit_test(alignment_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
