// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/guard.c kmod/core/arena.c tests/shim/shim.c */
/* What writers owe to readers without the lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "kmod/core/arena.h"
#include "kmod/core/guard.h"

#define SIZE 1000

static struct darter_arena arena;
static struct darter_guard guard;
static struct darter_guard_ticket ticket;
static u64 freed;

static int set_up(void **state)
{
	freed = 0;
	shim_alloc_fail_after = -1;
	darter_arena_init(&arena);
	darter_guard_init(&guard, &arena);
	return 0;
}

static int tear_down(void **state)
{
	shim_alloc_fail_after = -1;
	darter_guard_destroy(&guard);
	assert_true(!arena.used && !guard.retired);
	darter_arena_destroy(&arena);
	return 0;
}

static void quiet_keys_are_read(void **state)
{
	assert_true(darter_guard_begin(&guard, 1, &ticket));
	assert_true(darter_guard_valid(&guard, &ticket));
}

static void readers_notice_changes(void **state)
{
	u64 key = 5ULL << 32, other = 6ULL << 32;
	struct darter_guard_ticket others;

	assert_true(darter_guard_begin(&guard, key, &ticket));
	assert_true(darter_guard_begin(&guard, other, &others));
	darter_guard_open(&guard, key);
	assert_false(darter_guard_valid(&guard, &ticket));
	assert_false(darter_guard_begin(&guard, key, &ticket));
	/* Once more for the same command changes nothing. */
	darter_guard_open(&guard, key);
	assert_false(darter_guard_begin(&guard, key, &ticket));
	assert_true(darter_guard_valid(&guard, &others));
	darter_guard_settle(&guard);
	assert_true(darter_guard_begin(&guard, key, &ticket));
	assert_true(darter_guard_valid(&guard, &ticket));
	assert_true(darter_guard_valid(&guard, &others));
}

/* A reader that slept through a whole change notices it all the same. */
static void counts_do_not_return(void **state)
{
	assert_true(darter_guard_begin(&guard, 0, &ticket));
	darter_guard_open(&guard, 0);
	darter_guard_settle(&guard);
	assert_false(darter_guard_valid(&guard, &ticket));
}

static void all_keys_see_tables_rebuilt(void **state)
{
	u64 i;

	assert_true(darter_guard_begin(&guard, 0, &ticket));
	darter_guard_reshape(&guard);
	assert_false(darter_guard_valid(&guard, &ticket));
	for (i = 0; i < DARTER_GUARD_STRIPES; i++)
		assert_false(darter_guard_begin(&guard, i << 32, &ticket));
	darter_guard_settle(&guard);
	for (i = 0; i < DARTER_GUARD_STRIPES; i++)
		assert_true(darter_guard_begin(&guard, i << 32, &ticket));
}

static void free_object(struct darter_guard *guard, void *object)
{
	freed++;
	darter_arena_free(guard->arena, object, SIZE);
}

static void retire(u64 count)
{
	while (count--)
		darter_guard_retire(&guard, darter_arena_alloc(&arena, SIZE),
				    darter_arena_footprint(SIZE), free_object);
}

static void retired_objects_wait(void **state)
{
	retire(10);
	assert_int_equal(freed, 0);
	assert_int_equal(guard.retired, 10 * darter_arena_footprint(SIZE));
	assert_int_equal(arena.used, guard.retired);
	/* Once to begin a grace period, once to find that it is over. */
	darter_guard_poll(&guard);
	darter_guard_poll(&guard);
	assert_int_equal(freed, 10);
	assert_int_equal(guard.retired, 0);
}

/* However fast a writer is, no more than a certain amount waits. */
static void little_is_held_back(void **state)
{
	u32 i;

	for (i = 0; i < 3 * DARTER_GUARD_BYTES / SIZE; i++) {
		retire(1);
		assert_true(guard.retired <= DARTER_GUARD_BYTES);
	}
	assert_true(freed);
}

static void one_that_is_too_big_is_waited_for(void **state)
{
	void *object = darter_arena_alloc(&arena, SIZE);

	darter_guard_retire(&guard, object, DARTER_GUARD_BYTES + 1, free_object);
	assert_int_equal(freed, 1);
	assert_int_equal(guard.retired, 0);
}

/* Big objects make a batch full before there are many of them. */
static void big_objects_do_not_wait_for_others(void **state)
{
	void *object = darter_arena_alloc(&arena, SIZE);

	darter_guard_retire(&guard, object, DARTER_GUARD_BYTES / 8, free_object);
	assert_int_equal(freed, 1);
	assert_int_equal(guard.retired, 0);
}

/* Without memory to note what waits it is waited for. */
static void memory_may_be_short(void **state)
{
	void *object = darter_arena_alloc(&arena, SIZE);

	shim_alloc_fail_after = 0;
	darter_guard_retire(&guard, object, SIZE, free_object);
	shim_alloc_fail_after = -1;
	assert_int_equal(freed, 1);
}

static void who_frees_much_waits_once(void **state)
{
	retire(3);
	darter_guard_quiet(&guard, true);
	assert_int_equal(freed, 3);
	retire(2);
	assert_int_equal(freed, 5);
	darter_guard_quiet(&guard, false);
	retire(1);
	assert_int_equal(freed, 5);
}

#define guard_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		guard_test(quiet_keys_are_read),
		guard_test(readers_notice_changes),
		guard_test(counts_do_not_return),
		guard_test(all_keys_see_tables_rebuilt),
		guard_test(retired_objects_wait),
		guard_test(little_is_held_back),
		guard_test(one_that_is_too_big_is_waited_for),
		guard_test(big_objects_do_not_wait_for_others),
		guard_test(memory_may_be_short),
		guard_test(who_frees_much_waits_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
