// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Commands of bits through a client: what a comparison of replies does not reach. */
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
#include "kmod/core/keyspace.h"
#include "kmod/core/lane.h"

#define MANY_OPS 1000

#define expect(words, reply) assert_string_equal(test_say(client, words), reply)

static struct darter_entry *entry_of(const char *name)
{
	struct darter_key key;

	darter_key_init(&key, &test_instance, 0, name, strlen(name));
	return darter_key_find(&key, test_now);
}

static struct darter_blob *blob_of(const char *name)
{
	struct darter_entry *entry = entry_of(name);

	assert_non_null(entry);
	assert_int_equal(entry->encoding, DARTER_BLOB);
	return darter_entry_blob(entry);
}

static void a_blob_of_ones_own_is_changed_where_it_is(void **state)
{
	struct darter_blob *blob;

	expect("SETBIT b 160000 1", ":0\r\n");
	blob = blob_of("b");
	expect("SETBIT b 5 1", ":0\r\n");
	expect("BITFIELD b SET u8 8 255 INCRBY u8 8 1", "*2\r\n:0\r\n:0\r\n");
	expect("SETBIT b 160007 1", ":0\r\n");
	assert_ptr_equal(blob_of("b"), blob);
	expect("BITCOUNT b", ":3\r\n");
}

static void a_shared_blob_is_copied_before_it_changes(void **state)
{
	struct darter_blob *blob;

	expect("SETBIT b 160000 1", ":0\r\n");
	expect("COPY b c", ":1\r\n");
	expect("COPY b d", ":1\r\n");
	blob = blob_of("b");
	/* What changes nothing needs no copy. */
	expect("SETBIT b 160000 1", ":1\r\n");
	expect("BITFIELD c SET u1 160000 1 INCRBY u8 0 0", "*2\r\n:1\r\n:0\r\n");
	expect("BITFIELD d OVERFLOW FAIL INCRBY u1 160000 1", "*1\r\n$-1\r\n");
	assert_ptr_equal(blob_of("b"), blob);
	assert_ptr_equal(blob_of("c"), blob);
	assert_ptr_equal(blob_of("d"), blob);
	expect("SETBIT b 160000 0", ":1\r\n");
	expect("BITFIELD c SET u8 0 7", "*1\r\n:0\r\n");
	assert_ptr_equal(blob_of("d"), blob);
	test_grace_period();
	assert_int_equal(refcount_read(&blob->refs), 1);
	expect("BITCOUNT b", ":0\r\n");
	expect("BITCOUNT c", ":4\r\n");
	expect("BITCOUNT d", ":1\r\n");
}

static void deadlines_stay_with_a_changed_string_and_go_with_a_new_one(void **state)
{
	expect("SET s abc PX 1000", "+OK\r\n");
	expect("SETBIT s 200000 1", ":0\r\n");
	expect("BITFIELD s SET u8 300000 1", "*1\r\n:0\r\n");
	expect("PTTL s", ":1000\r\n");
	expect("BITOP OR s s", ":37501\r\n");
	expect("PTTL s", ":-1\r\n");
	expect("SET s abc PX 1000", "+OK\r\n");
	test_now += 1001;
	expect("GETBIT s 1", ":0\r\n");
	expect("SETBIT s 1 1", ":0\r\n");
	expect("GET s", "$1\r\n@\r\n");
}

/* Words of a command that has any number of operations. */
static const char *say_ops(u32 count, const char *const *op, u32 words)
{
	struct darter_arg *argv = calloc(2 + count * words, sizeof(*argv));
	const char *reply;
	u32 i;

	argv[0] = (struct darter_arg){ .bytes = "BITFIELD", .len = 8 };
	argv[1] = (struct darter_arg){ .bytes = "f", .len = 1 };
	for (i = 0; i < count * words; i++)
		argv[2 + i] = (struct darter_arg){
			.bytes = op[i % words], .len = strlen(op[i % words]),
		};
	reply = test_say_args(client, argv, 2 + count * words);
	free(argv);
	return reply;
}

static const char *const incrby[] = { "INCRBY", "u32", "1", "1" };

static void as_many_operations_as_one_likes(void **state)
{
	const char *reply = say_ops(MANY_OPS, incrby, ARRAY_SIZE(incrby));
	u32 i, at, value;

	assert_memory_equal(reply, "*1000\r\n", 7);
	reply += 7;
	for (i = 1; i <= MANY_OPS; i++, reply += at) {
		assert_int_equal(sscanf(reply, ":%u\r\n%n", &value, &at), 1);
		assert_int_equal(value, i);
	}
	assert_int_equal(*reply, '\0');
	expect("BITFIELD f GET u32 1", "*1\r\n:1000\r\n");
}

static void many_operations_are_done_all_or_not_at_all(void **state)
{
	long allocations;
	const char *reply;

	expect("SET f 0123456789", "+OK\r\n");
	expect("BITFIELD f GET u32 1", "*1\r\n:1617060966\r\n");
	for (allocations = 0;; allocations++) {
		assert_true(allocations < 100);
		expect("SET f 0123456789", "+OK\r\n");
		test_drop_spare_chunks();
		shim_alloc_fail_after = allocations;
		reply = say_ops(MANY_OPS, incrby, ARRAY_SIZE(incrby));
		shim_alloc_fail_after = -1;
		if (client->verdict == DARTER_SESSION_READ && reply[0] == '*')
			break;
		if (client->verdict == DARTER_SESSION_ABORT) {
			test_close(client);
			client = test_connect();
		}
		expect("GET f", "$10\r\n0123456789\r\n");
	}
	assert_true(allocations > 2);
	expect("BITFIELD f GET u32 1", "*1\r\n:1617061966\r\n");
}

static void sources_and_result_may_be_one_and_the_same(void **state)
{
	expect("SET {a}1 abc", "+OK\r\n");
	expect("SET {b}2 ab", "+OK\r\n");
	expect("SET {c}3 a", "+OK\r\n");
	expect("BITOP XOR {b}2 {a}1 {b}2 {c}3 {b}2", ":3\r\n");
	expect("BITOP XOR {b}2 {c}3 {b}2", ":3\r\n");
	expect("GET {b}2", "$3\r\nabc\r\n");
	expect("BITOP NOT {b}2 {b}2", ":3\r\n");
	expect("BITOP NOT {b}2 {b}2", ":3\r\n");
	expect("BITOP AND {b}2 {b}2 {b}2 none", ":3\r\n");
	expect("BITCOUNT {b}2", ":0\r\n");
	expect("BITOP OR {b}2 none none2", ":0\r\n");
	expect("EXISTS {b}2", ":0\r\n");
}

static void a_result_without_bytes_takes_the_key_along(void **state)
{
	expect("HSET d f v", ":1\r\n");
	expect("SETBIT b 160000 1", ":0\r\n");
	expect("BITOP AND d b none", ":20001\r\n");
	expect("TYPE d", "+string\r\n");
	expect("BITOP AND d none", ":0\r\n");
	expect("BITOP AND d none", ":0\r\n");
	expect("DEL b", ":1\r\n");
	expect("DBSIZE", ":0\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

#define OUT_OF_RANGE "-ERR bit offset is not an integer or out of range\r\n"

static void offsets_end_where_strings_do(void **state)
{
	expect("CONFIG SET proto-max-bulk-len 1mb", "+OK\r\n");
	expect("SETBIT s 8388607 1", ":0\r\n");
	expect("SETBIT s 8388608 1", OUT_OF_RANGE);
	expect("BITFIELD s GET u8 8388608", OUT_OF_RANGE);
	expect("BITFIELD s GET u8 #1048576", OUT_OF_RANGE);
	/* The first bit counts. */
	expect("BITFIELD s SET u8 8388607 255", "*1\r\n:128\r\n");
	expect("STRLEN s", ":1048577\r\n");
	/* No string of Darter is longer, whatever the parameter says. */
	expect("CONFIG SET proto-max-bulk-len 8gb", "+OK\r\n");
	expect("SETBIT s 17179869176 1", OUT_OF_RANGE);
	expect("GETBIT s 17179869175", ":0\r\n");
	/* A product that turns round is none. */
	expect("BITFIELD s GET i4 #4611686018427387905", OUT_OF_RANGE);
	expect("BITFIELD s GET i64 #9223372036854775807", OUT_OF_RANGE);
	expect("STRLEN s", ":1048577\r\n");
}

#define BIT_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BIT_TEST(a_blob_of_ones_own_is_changed_where_it_is),
		BIT_TEST(a_shared_blob_is_copied_before_it_changes),
		BIT_TEST(deadlines_stay_with_a_changed_string_and_go_with_a_new_one),
		BIT_TEST(as_many_operations_as_one_likes),
		BIT_TEST(many_operations_are_done_all_or_not_at_all),
		BIT_TEST(sources_and_result_may_be_one_and_the_same),
		BIT_TEST(a_result_without_bytes_takes_the_key_along),
		BIT_TEST(offsets_end_where_strings_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
