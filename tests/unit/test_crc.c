// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/crc.c */
/* Check values are those of the Redis Cluster specification and of RDB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/crc.h"

static u16 slot(const char *key)
{
	return darter_key_slot(key, strlen(key));
}

static void crc16_check_value(void **state)
{
	assert_int_equal(darter_crc16("123456789", 9), 0x31c3);
	assert_int_equal(darter_crc16("", 0), 0);
}

static void crc64_check_value(void **state)
{
	assert_true(darter_crc64(0, "123456789", 9) == 0xe9c6d914c4b8d9caULL);
}

static void crc64_continues(void **state)
{
	u64 head = darter_crc64(0, "1234", 4);

	assert_true(darter_crc64(head, "56789", 5) == 0xe9c6d914c4b8d9caULL);
}

static void slots_of_plain_keys(void **state)
{
	assert_int_equal(slot("foo"), 12182);
	assert_int_equal(slot("bar"), 5061);
	assert_int_equal(slot(""), 0);
}

static void hash_tags(void **state)
{
	assert_int_equal(slot("{user1000}.following"), slot("user1000"));
	assert_int_equal(slot("foo{bar}{zap}"), slot("bar"));
	assert_int_equal(slot("foo{{bar}}zap"), slot("{bar"));
	assert_int_equal(slot("foo{}{bar}"),
			 darter_crc16("foo{}{bar}", 10) % DARTER_SLOTS);
	assert_int_equal(slot("foo{bar"),
			 darter_crc16("foo{bar", 7) % DARTER_SLOTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc16_check_value),
		cmocka_unit_test(crc64_check_value),
		cmocka_unit_test(crc64_continues),
		cmocka_unit_test(slots_of_plain_keys),
		cmocka_unit_test(hash_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
