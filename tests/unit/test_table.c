// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/keyed_hash.c kmod/core/guard.c kmod/core/table.c kmod/core/table_walk.c kmod/core/arena.c tests/shim/shim.c */
/* The table against an array that says what should be in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/arena.h"
#include "kmod/core/keyed_hash.h"
#include "kmod/core/table.h"

#define KEYS 20000

struct item {
	u32 key;
	u64 hash;
	bool present;
	u32 visits;
};

static struct item items[KEYS];
static struct darter_arena arena;
static struct darter_table table;
static const siphash_key_t secret = { { 1, 2 } };

/* As little as is promised that a table asks for. */
static u64 item_hash(const struct darter_table *t, const void *item, u32 depth)
{
	u64 hash = ((const struct item *)item)->hash;

	if (depth <= DARTER_TABLE_CODE_DEPTH)
		return darter_table_hash_of_code(darter_table_code(hash));
	return hash;
}

static bool item_equal(const void *item, const void *key, size_t len)
{
	return !memcmp(&((const struct item *)item)->key, key, len);
}

static const struct darter_table_ops ops = { .hash = item_hash, .equal = item_equal };

static int set_up(void **state)
{
	u32 i;

	srand(7);
	memset(items, 0, sizeof(items));
	for (i = 0; i < KEYS; i++) {
		items[i].key = i;
		items[i].hash = darter_keyed_hash(&i, sizeof(i), &secret);
	}
	darter_arena_init(&arena);
	darter_table_init(&table, &ops, &arena, NULL, &secret);
	return 0;
}

static int tear_down(void **state)
{
	darter_table_destroy(&table, NULL, NULL);
	assert_true(arena.used == 0);
	darter_arena_destroy(&arena);
	return 0;
}

static struct item *find(u32 i)
{
	return darter_table_find(&table, items[i].hash, &i, sizeof(i));
}

static void put(u32 i)
{
	assert_int_equal(darter_table_insert(&table, items[i].hash, &items[i]), 0);
	items[i].present = true;
}

static void take(u32 i)
{
	assert_ptr_equal(darter_table_remove(&table, items[i].hash, &i, sizeof(i)), &items[i]);
	items[i].present = false;
}

static void check_all(u64 count)
{
	u32 i;

	assert_true(table.count == count);
	assert_true(darter_table_bytes(&table) == arena.used);
	for (i = 0; i < KEYS; i++)
		assert_ptr_equal(find(i), items[i].present ? &items[i] : NULL);
}

static void empty_table_holds_nothing(void **state)
{
	assert_true(darter_table_bytes(&table) == 0);
	assert_null(find(3));
	put(3);
	take(3);
	assert_true(darter_table_bytes(&table) == 0);
}

static void grows_and_shrinks(void **state)
{
	u64 full;
	u32 i;

	for (i = 0; i < KEYS; i++)
		put(i);
	check_all(KEYS);
	full = darter_table_bytes(&table);
	assert_true(full < KEYS * 20);
	for (i = 0; i < KEYS - 500; i++)
		take(i);
	check_all(500);
	assert_true(darter_table_bytes(&table) < full / 10);
	for (; i < KEYS; i++)
		take(i);
	assert_true(darter_table_bytes(&table) == 0);
}

static void random_operations(void **state)
{
	u64 count = 0;
	int round;

	for (round = 0; round < 200000; round++) {
		u32 i = rand() % (round % 60000 < 30000 ? KEYS : KEYS / 20);

		if (items[i].present) {
			take(i);
			count--;
		} else {
			put(i);
			count++;
		}
	}
	check_all(count);
}

static void replaces_in_place(void **state)
{
	struct item twin = items[11];
	u32 i;

	for (i = 0; i < 1000; i++)
		put(i);
	darter_table_replace(&table, items[11].hash, &items[11], &twin);
	assert_ptr_equal(find(11), &twin);
	darter_table_replace(&table, items[11].hash, &twin, &items[11]);
	check_all(1000);
}

static void visit(void *arg, void *item)
{
	((struct item *)item)->visits++;
}

/* Half the keys stay; the others come and go while the scan is under way. */
static void scan_during(void (*change)(u32 step))
{
	u64 cursor = 0;
	u32 i, steps = 0;

	for (i = 0; i < KEYS; i++)
		items[i].visits = 0;
	do {
		cursor = darter_table_scan(&table, cursor, visit, NULL);
		assert_true(cursor < 1ULL << DARTER_TABLE_CURSOR_BITS);
		change(steps++);
		assert_true(steps < 100000);
	} while (cursor);
	for (i = 0; i < KEYS; i += 2)
		assert_true(!items[i].present || items[i].visits >= 1);
}

static void change_nothing(u32 step)
{
}

static void add_some(u32 step)
{
	u32 i = 2 * (step * 37 % (KEYS / 2)) + 1, n;

	for (n = 0; n < 20; n++, i = (i + 2) % KEYS)
		if (!items[i].present)
			put(i);
}

static void drop_some(u32 step)
{
	u32 i = 2 * (step * 37 % (KEYS / 2)) + 1, n;

	for (n = 0; n < 20; n++, i = (i + 2) % KEYS)
		if (items[i].present)
			take(i);
}

static void churn(u32 step)
{
	if (step / 100 % 2)
		drop_some(step);
	else
		add_some(step);
}

static void scan_sees_all_once_when_quiet(void **state)
{
	u32 i;

	for (i = 0; i < KEYS; i++)
		put(i);
	scan_during(change_nothing);
	for (i = 0; i < KEYS; i++)
		assert_int_equal(items[i].visits, 1);
}

static void scan_guarantee_while_growing(void **state)
{
	u32 i;

	for (i = 0; i < KEYS; i += 2)
		put(i);
	scan_during(add_some);
}

static void scan_guarantee_while_shrinking(void **state)
{
	u32 i;

	for (i = 0; i < KEYS; i++)
		put(i);
	/* Few stay, so that segments merge again and again. */
	for (i = 0; i < KEYS; i += 2)
		if (i % 20)
			take(i);
	for (i = 0; i < KEYS; i += 2)
		if (!items[i].present)
			put(i);
	scan_during(drop_some);
	scan_during(churn);
}

static void any_cursor_is_safe(void **state)
{
	u32 i;

	for (i = 0; i < 3000; i++)
		put(i);
	for (i = 0; i < 10000; i++)
		darter_table_scan(&table, (u64)rand() << 32 ^ (u64)rand() << 8 ^ rand(), visit,
				  NULL);
}

static void equal_hashes_chain(void **state)
{
	u32 i;

	for (i = 0; i < 3000; i++)
		items[i].hash = 0x123456789abcdef0ULL;
	for (i = 0; i < 3000; i++)
		put(i);
	check_all(3000);
	for (i = 0; i < 3000; i++)
		items[i].visits = 0;
	scan_during(change_nothing);
	for (i = 0; i < 3000; i++)
		take(i);
	assert_true(darter_table_bytes(&table) == 0);
}

static void random_reaches_everything(void **state)
{
	u32 i, missed = 0;

	for (i = 0; i < 500; i++)
		put(i);
	for (i = 0; i < 50000; i++)
		((struct item *)darter_table_random(&table, (u64)rand() << 32 | rand()))->visits++;
	for (i = 0; i < 500; i++)
		missed += !items[i].visits;
	assert_int_equal(missed, 0);
}

static void failed_allocations_lose_nothing(void **state)
{
	u64 count = 0;
	u32 i;

	for (i = 0; i < 5000; i++) {
		shim_alloc_fail_after = 0;
		if (!darter_table_insert(&table, items[i].hash, &items[i])) {
			items[i].present = true;
			count++;
		}
		shim_alloc_fail_after = -1;
		if (!items[i].present && i % 3) {
			put(i);
			count++;
		}
	}
	check_all(count);
	shim_alloc_fail_after = 0;
	for (i = 0; i < 5000; i++)
		if (items[i].present) {
			take(i);
			count--;
		}
	shim_alloc_fail_after = -1;
	check_all(0);
}

#define TABLE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(empty_table_holds_nothing),
		TABLE_TEST(grows_and_shrinks),
		TABLE_TEST(random_operations),
		TABLE_TEST(replaces_in_place),
		TABLE_TEST(scan_sees_all_once_when_quiet),
		TABLE_TEST(scan_guarantee_while_growing),
		TABLE_TEST(scan_guarantee_while_shrinking),
		TABLE_TEST(any_cursor_is_safe),
		TABLE_TEST(equal_hashes_chain),
		TABLE_TEST(random_reaches_everything),
		TABLE_TEST(failed_allocations_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
