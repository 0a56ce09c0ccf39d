// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/entry.c kmod/core/arena.c kmod/core/blob.c kmod/core/number/integer.c tests/shim/shim.c */
/* Entries: where key, deadline and value lie, and what they take of an arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "kmod/core/arena.h"
#include "kmod/core/entry.h"

#define DEADLINE 1700000000000LL

static struct darter_arena arena;

static int set_up(void **state)
{
	return darter_arena_init(&arena);
}

static int tear_down(void **state)
{
	shim_alloc_fail_after = -1;
	assert_true(arena.used == 0);
	darter_arena_destroy(&arena);
	return 0;
}

static struct darter_entry *make(const char *key, u32 key_len, u32 inline_len, s64 deadline)
{
	struct darter_entry *entry;

	entry = darter_entry_make(&arena, key, key_len, DARTER_STRING, inline_len, deadline);
	assert_non_null(entry);
	return entry;
}

static void size_is_the_sum_of_the_parts(void **state)
{
	size_t head = sizeof(struct darter_entry), node = sizeof(struct darter_wheel_node);

	assert_int_equal(darter_entry_size(0, false, 0), head);
	assert_int_equal(darter_entry_size(3, false, 0), head + 3);
	assert_int_equal(darter_entry_size(3, false, 7), head + 10);
	assert_int_equal(darter_entry_size(3, true, 7), head + node + 10);
	/* No sum of two lengths wraps around. */
	assert_true(darter_entry_size(U32_MAX, true, U32_MAX) == head + node + 2ULL * U32_MAX);
}

static void a_new_entry_has_no_value(void **state)
{
	struct darter_entry *entry = make("key", 3, 0, DARTER_NO_DEADLINE);

	assert_int_equal(entry->key_len, 3);
	assert_int_equal(entry->type, DARTER_STRING);
	assert_int_equal(entry->encoding, DARTER_INLINE);
	assert_false(entry->expires);
	assert_int_equal(entry->value_len, 0);
	assert_int_equal(entry->access, 0);
	assert_int_equal(darter_entry_string(entry).len, 0);
	assert_true(darter_entry_deadline(entry) == DARTER_NO_DEADLINE);
	darter_entry_free(&arena, entry);
}

/* Whatever the length of the key, and with a deadline or without. */
static void values_elsewhere_are_found(void **state)
{
	static const char key[] = "a key of some length";
	struct darter_entry *entry;
	int value, with;
	u32 len;

	for (len = 0; len < sizeof(key); len++)
		for (with = 0; with < 2; with++) {
			entry = darter_entry_make_ref(&arena, key, len, DARTER_HASH, DARTER_OBJECT,
						      &value, with ? DEADLINE : DARTER_NO_DEADLINE);
			assert_non_null(entry);
			assert_int_equal(entry->type, DARTER_HASH);
			assert_int_equal(entry->encoding, DARTER_OBJECT);
			assert_int_equal(entry->key_len, len);
			assert_memory_equal(darter_entry_key(entry), key, len);
			assert_ptr_equal(darter_entry_ref(entry), &value);
			assert_int_equal(entry->expires, with);
			darter_entry_free(&arena, entry);
			assert_true(arena.used == 0);
		}
}

/* All but what is said to differ is the same. */
static void entries_are_remade(void **state)
{
	struct darter_entry *entry = make("key", 3, 5, DARTER_NO_DEADLINE), *longer, *shorter;

	memcpy(darter_entry_inline(entry), "value", 5);
	entry->form = DARTER_FORM_RAW;
	entry->access = 17;
	longer = darter_entry_remake(&arena, entry, 100, DEADLINE);
	assert_non_null(longer);
	assert_memory_equal(darter_entry_key(longer), "key", 3);
	assert_memory_equal(darter_entry_inline(longer), "value", 5);
	assert_int_equal(longer->value_len, 100);
	assert_int_equal(longer->form, DARTER_FORM_RAW);
	assert_int_equal(longer->access, 17);
	assert_true(darter_entry_deadline(longer) == DEADLINE);
	shorter = darter_entry_remake(&arena, longer, 2, DARTER_NO_DEADLINE);
	assert_non_null(shorter);
	assert_int_equal(darter_entry_string(shorter).len, 2);
	assert_memory_equal(darter_entry_inline(shorter), "va", 2);
	assert_false(shorter->expires);
	shim_alloc_fail_after = 0;
	assert_null(darter_entry_remake(&arena, entry, 5000, DEADLINE));
	shim_alloc_fail_after = -1;
	darter_entry_free(&arena, entry);
	darter_entry_free(&arena, longer);
	darter_entry_free(&arena, shorter);
}

/* Key and value lie behind each other, inside the allocation, with or without a deadline. */
static void parts_do_not_overlap(void **state)
{
	static const u32 lengths[] = { 0, 1, 15, 16, 255, 4000, 5000, 70000 };
	char *key = malloc(70000), *value = malloc(70000);
	u32 i, j, with;

	memset(key, 'k', 70000);
	memset(value, 'v', 70000);
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		for (j = 0; j < ARRAY_SIZE(lengths); j++)
			for (with = 0; with < 2; with++) {
				s64 deadline = with ? DEADLINE : DARTER_NO_DEADLINE;
				struct darter_entry *entry;
				struct darter_string string;

				entry = make(key, lengths[i], lengths[j], deadline);
				memset(darter_entry_inline(entry), 'v', lengths[j]);
				assert_memory_equal(darter_entry_key(entry), key, lengths[i]);
				assert_true(darter_entry_deadline(entry) == deadline);
				string = darter_entry_string(entry);
				assert_int_equal(string.len, lengths[j]);
				assert_null(string.blob);
				assert_memory_equal(string.bytes, value, lengths[j]);
				assert_int_equal(string.bytes + string.len - (char *)entry,
						 darter_entry_size(lengths[i], with, lengths[j]));
				darter_entry_free(&arena, entry);
			}
	free(key);
	free(value);
}

static void keys_are_any_bytes(void **state)
{
	static const char key[] = "a\0b\r\n\xff";
	struct darter_entry *entry = make(key, 6, 0, DEADLINE);

	assert_int_equal(entry->key_len, 6);
	assert_memory_equal(darter_entry_key(entry), key, 6);
	darter_entry_free(&arena, entry);
}

static void an_entry_is_found_by_its_node(void **state)
{
	struct darter_entry *entry = make("key", 3, 5, DEADLINE);
	struct darter_wheel_node *node = darter_entry_node(entry);

	assert_true(node->deadline == DEADLINE);
	assert_ptr_equal(darter_entry_of_node(node), entry);
	assert_true((char *)(node + 1) <= darter_entry_key(entry));
	assert_int_equal((uintptr_t)node % _Alignof(struct darter_wheel_node), 0);
	darter_entry_free(&arena, entry);
}

static void keys_live_through_their_deadline(void **state)
{
	struct darter_entry *entry = make("key", 3, 0, DEADLINE);

	assert_false(darter_entry_expired(entry, DEADLINE - 1));
	assert_false(darter_entry_expired(entry, DEADLINE));
	assert_true(darter_entry_expired(entry, DEADLINE + 1));
	darter_entry_free(&arena, entry);
}

static void extreme_deadlines(void **state)
{
	struct darter_entry *never = make("k", 1, 0, DARTER_NO_DEADLINE);
	struct darter_entry *first = make("k", 1, 0, 0);
	struct darter_entry *last = make("k", 1, 0, S64_MAX);

	assert_false(darter_entry_expired(never, S64_MAX));
	assert_true(first->expires);
	assert_true(darter_entry_deadline(first) == 0);
	assert_false(darter_entry_expired(first, 0));
	assert_true(darter_entry_expired(first, 1));
	assert_true(darter_entry_deadline(last) == S64_MAX);
	assert_false(darter_entry_expired(last, S64_MAX));
	darter_entry_free(&arena, never);
	darter_entry_free(&arena, first);
	darter_entry_free(&arena, last);
}

static void big_strings_are_in_blobs(void **state)
{
	struct darter_blob *blob = darter_blob_alloc(DARTER_BLOB_MIN, DARTER_BLOB_MIN);
	struct darter_string string;
	struct darter_entry *entry;

	assert_non_null(blob);
	entry = darter_entry_make_ref(&arena, "key", 3, DARTER_STRING, DARTER_BLOB, blob,
				      DEADLINE);
	assert_non_null(entry);
	string = darter_entry_string(entry);
	assert_ptr_equal(string.blob, blob);
	assert_ptr_equal(string.bytes, blob->data);
	assert_int_equal(string.len, DARTER_BLOB_MIN);
	/* The value is not the entry's to free. */
	darter_blob_put(blob);
	darter_entry_free(&arena, entry);
}

static void types_have_names(void **state)
{
	assert_string_equal(darter_type_name(DARTER_STRING), "string");
	assert_string_equal(darter_type_name(DARTER_HASH), "hash");
}

/* Each entry is counted as what it takes, and given back as that. */
static void memory_is_counted(void **state)
{
	struct darter_entry *small = make("key", 3, 10, DARTER_NO_DEADLINE), *large;
	u64 used = arena.used;

	assert_true(used == darter_arena_footprint(darter_entry_size(3, false, 10)));
	large = make("key", 3, 10000, DEADLINE);
	assert_true(arena.used == used + darter_arena_footprint(darter_entry_size(3, true, 10000)));
	darter_entry_free(&arena, large);
	assert_true(arena.used == used);
	darter_entry_free(&arena, small);
	assert_true(arena.used == 0);
}

static void memory_may_end(void **state)
{
	struct darter_entry *entry;

	shim_alloc_fail_after = 0;
	entry = darter_entry_make(&arena, "key", 3, DARTER_STRING, 10000, DEADLINE);
	assert_null(entry);
	entry = darter_entry_make(&arena, "key", 3, DARTER_STRING, 0, DARTER_NO_DEADLINE);
	assert_null(entry);
	shim_alloc_fail_after = -1;
	assert_true(arena.used == 0);
}

#define ENTRY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTRY_TEST(size_is_the_sum_of_the_parts),
		ENTRY_TEST(a_new_entry_has_no_value),
		ENTRY_TEST(values_elsewhere_are_found),
		ENTRY_TEST(entries_are_remade),
		ENTRY_TEST(parts_do_not_overlap),
		ENTRY_TEST(keys_are_any_bytes),
		ENTRY_TEST(an_entry_is_found_by_its_node),
		ENTRY_TEST(keys_live_through_their_deadline),
		ENTRY_TEST(extreme_deadlines),
		ENTRY_TEST(big_strings_are_in_blobs),
		ENTRY_TEST(types_have_names),
		ENTRY_TEST(memory_is_counted),
		ENTRY_TEST(memory_may_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
