// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/arena.c tests/shim/shim.c */
/* Arenas: contents stay apart, accounting is exact, failure leaves no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/arena.h"

#define OBJECTS 4000

static void footprints_are_tight(void **state)
{
	size_t size, last = 0;

	for (size = 1; size <= 20000; size++) {
		size_t footprint = darter_arena_footprint(size);

		assert_true(footprint >= size);
		assert_true(footprint >= last);
		assert_true(footprint <= size + (size <= 512 ? 7 : size / 8 + 8 +
						 4096 * (size > DARTER_ARENA_SMALL_MAX)));
		last = footprint;
	}
}

static void contents_stay_apart(void **state)
{
	struct darter_arena arena;
	unsigned char *objects[OBJECTS] = { };
	size_t sizes[OBJECTS];
	u64 want = 0;
	int i, round;

	srand(1);
	darter_arena_init(&arena);
	for (round = 0; round < 50000; round++) {
		i = rand() % OBJECTS;
		if (objects[i]) {
			assert_int_equal(objects[i][0], i & 0xff);
			assert_int_equal(objects[i][sizes[i] - 1], i & 0xff);
			want -= darter_arena_footprint(sizes[i]);
			darter_arena_free(&arena, objects[i], sizes[i]);
			objects[i] = NULL;
		} else {
			sizes[i] = 1 + rand() % (rand() % 10 ? 600 : 9000);
			objects[i] = darter_arena_alloc(&arena, sizes[i]);
			assert_non_null(objects[i]);
			assert_int_equal((uintptr_t)objects[i] % 8, 0);
			memset(objects[i], i & 0xff, sizes[i]);
			want += darter_arena_footprint(sizes[i]);
		}
		assert_true(arena.used == want);
		assert_true(arena.reserved >= arena.used);
	}
	for (i = 0; i < OBJECTS; i++)
		darter_arena_free(&arena, objects[i], sizes[i]);
	assert_true(arena.used == 0);
	darter_arena_destroy(&arena);
	assert_true(arena.reserved == 0);
}

static void empty_slabs_go_back(void **state)
{
	static void *objects[OBJECTS];
	struct darter_arena arena;
	u64 full;
	int i;

	darter_arena_init(&arena);
	for (i = 0; i < OBJECTS; i++)
		objects[i] = darter_arena_alloc(&arena, 200);
	full = arena.reserved;
	for (i = 0; i < OBJECTS; i++)
		darter_arena_free(&arena, objects[i], 200);
	assert_true(arena.reserved < full / 10);
	darter_arena_destroy(&arena);
}

/* Whatever the size of objects, what slabs take beyond them is little. */
static void slabs_are_full(void **state)
{
	static void *objects[OBJECTS];
	struct darter_arena arena;
	size_t size;
	int i;

	for (size = 1; size <= DARTER_ARENA_SMALL_MAX; size += size / 16 + 1) {
		darter_arena_init(&arena);
		for (i = 0; i < OBJECTS; i++)
			objects[i] = darter_arena_alloc(&arena, size);
		/* Less one slab, the last, which may be nearly empty. */
		assert_true((arena.reserved - 32768) * 98 / 100 < arena.used);
		for (i = 0; i < OBJECTS; i++)
			darter_arena_free(&arena, objects[i], size);
		darter_arena_trim(&arena);
		assert_true(!arena.used && !arena.reserved);
		darter_arena_destroy(&arena);
	}
}

static void failure_leaves_no_trace(void **state)
{
	struct darter_arena arena;

	darter_arena_init(&arena);
	shim_alloc_fail_after = 0;
	assert_null(darter_arena_alloc(&arena, 100));
	assert_null(darter_arena_alloc(&arena, 100000));
	shim_alloc_fail_after = -1;
	assert_true(arena.used == 0 && arena.reserved == 0);
	darter_arena_destroy(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(footprints_are_tight),
		cmocka_unit_test(contents_stay_apart),
		cmocka_unit_test(empty_slabs_go_back),
		cmocka_unit_test(slabs_are_full),
		cmocka_unit_test(failure_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
