// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/sha1.c */
/* The examples of FIPS 180 and RFC 3174, and every length around the ends of blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/sha1.h"

static const char *hex(const void *bytes, size_t len)
{
	static char text[2 * DARTER_SHA1_BYTES + 1];
	u8 digest[DARTER_SHA1_BYTES];
	u32 i;

	darter_sha1(bytes, len, digest);
	for (i = 0; i < sizeof(digest); i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	return text;
}

static void known_digests(void **state)
{
	static const char two_blocks[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	assert_string_equal(hex("", 0), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	assert_string_equal(hex("abc", 3), "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_string_equal(hex(two_blocks, sizeof(two_blocks) - 1),
			    "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

static void a_million_letters(void **state)
{
	char *letters = malloc(1000000);

	memset(letters, 'a', 1000000);
	assert_string_equal(hex(letters, 1000000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	free(letters);
}

/* Digests of all lengths, digested: computed with sha1sum. */
static void every_length(void **state)
{
	u8 all[200 * DARTER_SHA1_BYTES], bytes[200];
	u32 i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 7;
	for (i = 0; i < sizeof(bytes); i++)
		darter_sha1(bytes, i, all + i * DARTER_SHA1_BYTES);
	assert_string_equal(hex(all, sizeof(all)), "887d03886aa473ff04d2370f0f86577637baf55d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_digests),
		cmocka_unit_test(a_million_letters),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
