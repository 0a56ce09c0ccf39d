// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/wheel.c tests/shim/shim.c */
/* Wheels: everything expires once, on time, whatever the distance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/wheel.h"

#define NODES 5000
#define START 1700000000123ULL

struct thing {
	struct darter_wheel_node node;
	bool waiting;
};

static struct thing things[NODES];
static struct darter_wheel wheel;
static u64 now;
static u32 expired;

static void expire(void *arg, struct darter_wheel_node *node)
{
	struct thing *thing = container_of(node, struct thing, node);

	assert_true(thing->waiting);
	assert_true(node->deadline <= now);
	thing->waiting = false;
	expired++;
}

static int set_up(void **state)
{
	srand(3);
	memset(things, 0, sizeof(things));
	now = START;
	expired = 0;
	darter_wheel_init(&wheel, now);
	return 0;
}

static int tear_down(void **state)
{
	darter_wheel_destroy(&wheel);
	return 0;
}

static void add(u32 i, u64 deadline)
{
	things[i].waiting = true;
	darter_wheel_add(&wheel, &things[i].node, deadline);
}

/* Advance to @to as a ticking clock does, and check that nobody is late. */
static void run_until(u64 to, u64 step)
{
	u32 i;

	while (now < to) {
		now = now + step < to ? now + step : to;
		while (darter_wheel_advance(&wheel, now, 100, expire, NULL) == 100)
			;
	}
	for (i = 0; i < NODES; i++)
		assert_true(!things[i].waiting || things[i].node.deadline > now);
}

static void near_deadlines(void **state)
{
	u32 i;

	for (i = 0; i < NODES; i++)
		add(i, now + rand() % 20000);
	run_until(START + 5000, 10);
	run_until(START + 20000, 97);
	assert_int_equal(expired, NODES);
	assert_true(wheel.count == 0);
}

static void deadlines_at_every_scale(void **state)
{
	u32 i;

	for (i = 0; i < NODES; i++)
		add(i, now + ((u64)rand() << 20 ^ rand()) % (1ULL << (8 + i % 23)));
	run_until(START + 3600 * 1000, 100);
	run_until(START + (1ULL << 31), 200000);
	assert_int_equal(expired, NODES);
}

static void past_deadlines_expire_next(void **state)
{
	add(0, 0);
	add(1, START - 1);
	assert_int_equal(darter_wheel_advance(&wheel, now, 10, expire, NULL), 2);
}

static void budget_is_kept(void **state)
{
	u32 i;

	for (i = 0; i < 100; i++)
		add(i, now);
	assert_int_equal(darter_wheel_advance(&wheel, now, 30, expire, NULL), 30);
	assert_int_equal(darter_wheel_advance(&wheel, now, 100, expire, NULL), 70);
}

static void deleted_nodes_stay(void **state)
{
	add(0, now + 100);
	add(1, now + 100);
	darter_wheel_del(&wheel, &things[0].node);
	things[0].waiting = false;
	run_until(START + 1000, 50);
	assert_int_equal(expired, 1);
}

static void next_is_never_late(void **state)
{
	u32 i;

	assert_true(darter_wheel_next(&wheel) == U64_MAX);
	for (i = 0; i < 200; i++)
		add(i, now + 1 + rand() % 100000);
	while (wheel.count) {
		u64 next = darter_wheel_next(&wheel);

		for (i = 0; i < 200; i++)
			assert_true(!things[i].waiting || things[i].node.deadline >= next);
		now = next > now ? next : now + 1;
		darter_wheel_advance(&wheel, now, 1000, expire, NULL);
	}
	assert_int_equal(expired, 200);
}

/* Later than the highest level reaches, up to the end of time. */
static void far_deadlines(void **state)
{
	u32 i;

	for (i = 0; i < 100; i++)
		add(i, i % 2 ? U64_MAX - i : now + (1ULL << (42 + i % 20)));
	add(100, now + 1000);
	run_until(START + 3600 * 1000, 100);
	assert_int_equal(expired, 1);
	assert_true(darter_wheel_next(&wheel) > now - 64);
	for (i = 0; i < 100; i++)
		darter_wheel_del(&wheel, &things[i].node);
	assert_true(wheel.count == 0);
}

/* After a year without a node the next one is as punctual as the first. */
static void empty_wheels_keep_up(void **state)
{
	add(0, now + 10);
	run_until(START + 1000, 100);
	now += 365ULL * 86400 * 1000;
	darter_wheel_skip(&wheel, now);
	add(1, now + 100);
	now += 200;
	assert_int_equal(darter_wheel_advance(&wheel, now, 10, expire, NULL), 1);
	assert_int_equal(expired, 2);
}

static void works_without_memory(void **state)
{
	u32 i;

	shim_alloc_fail_after = 0;
	for (i = 0; i < 1000; i++)
		add(i, now + rand() % 5000);
	run_until(START + 2000, 50);
	shim_alloc_fail_after = -1;
	/* The first that finds memory has the others sorted too. */
	add(1000, now + 10);
	assert_true(hlist_empty(&wheel.unsorted));
	run_until(START + 20000, 50);
	assert_int_equal(expired, 1001);
}

#define WHEEL_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WHEEL_TEST(near_deadlines),
		WHEEL_TEST(deadlines_at_every_scale),
		WHEEL_TEST(past_deadlines_expire_next),
		WHEEL_TEST(budget_is_kept),
		WHEEL_TEST(deleted_nodes_stay),
		WHEEL_TEST(next_is_never_late),
		WHEEL_TEST(far_deadlines),
		WHEEL_TEST(empty_wheels_keep_up),
		WHEEL_TEST(works_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
