// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* SWAPDB: what moves with the keys, who is told, and what time does meanwhile. */
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

#define KEYS 500

#define says(words, reply) assert_string_equal(test_say(client, words), reply)
#define other_says(words, reply) assert_string_equal(test_say(other, words), reply)

static void fill(const char *prefix, u32 count, const char *more)
{
	char words[96];
	u32 i;

	for (i = 0; i < count; i++) {
		snprintf(words, sizeof(words), "SET %s%u v%s", prefix, i, more);
		says(words, "+OK\r\n");
	}
}

static void tick_for(u64 ms)
{
	u64 end = test_now + ms;

	for (; test_now < end; test_now += 64)
		while (!darter_instance_tick(&test_instance, 0, test_now))
			;
}

static void keys_change_places(void **state)
{
	fill("a", KEYS, "");
	says("SELECT 2", "+OK\r\n");
	fill("b", 3, " PXAT 1900000000000");
	says("SWAPDB 0 2", "+OK\r\n");
	says("DBSIZE", ":500\r\n");
	says("EXISTS a0 a499 b0", ":2\r\n");
	assert_int_equal(darter_keyspace_count(&test_instance, 0), 3);
	assert_int_equal(darter_keyspace_volatile(&test_instance, 0), 3);
	assert_int_equal(darter_keyspace_volatile(&test_instance, 2), 0);
	says("SELECT 0", "+OK\r\n");
	says("PEXPIRETIME b2", ":1900000000000\r\n");
	says("DEL b0 b1 b2", ":3\r\n");
	assert_int_equal(darter_keyspace_volatile(&test_instance, 0), 0);
	says("SWAPDB 2 0", "+OK\r\n");
	says("DBSIZE", ":500\r\n");
	says("FLUSHALL", "+OK\r\n");
}

/* Deadlines go along: in slots, and in the list that is kept without memory for those. */
static void keys_expire_where_they_are(void **state)
{
	fill("soon", 10, " PX 1000");
	fill("late", 10, " PX 1000000");
	says("SELECT 1", "+OK\r\n");
	fill("other", 10, " PX 3000");
	says("SWAPDB 1 0", "+OK\r\n");
	tick_for(2000);
	assert_int_equal(darter_keyspace_count(&test_instance, 1), 10);
	assert_int_equal(darter_keyspace_count(&test_instance, 0), 10);
	says("SELECT 1", "+OK\r\n");
	says("PEXPIRETIME late3", ":1700001000000\r\n");
	tick_for(2000);
	assert_int_equal(darter_keyspace_count(&test_instance, 0), 0);
	assert_int_equal(darter_keyspace_volatile(&test_instance, 1), 10);
}

static void lists_without_slots_go_along(void **state)
{
	struct darter_wheel a, b;
	struct darter_wheel_node nodes[3] = {};
	u32 i;

	darter_wheel_init(&a, test_now);
	darter_wheel_init(&b, test_now);
	shim_alloc_fail_after = 0;
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		darter_wheel_add(&a, &nodes[i], test_now + 100 + i);
	darter_wheel_swap(&a, &b);
	shim_alloc_fail_after = -1;
	assert_int_equal(a.count, 0);
	assert_int_equal(b.count, 3);
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		darter_wheel_del(&b, &nodes[i]);
	assert_true(hlist_empty(&b.unsorted));
	darter_wheel_destroy(&a);
	darter_wheel_destroy(&b);
}

static void exec_after_swap(const char *reply)
{
	other_says("SWAPDB 0 1", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("PING", "+QUEUED\r\n");
	says("EXEC", reply);
	says("FLUSHALL", "+OK\r\n");
}

static void who_watches_is_told(void **state)
{
	says("WATCH k", "+OK\r\n");
	exec_after_swap("*1\r\n+PONG\r\n");
	says("SET k v", "+OK\r\n");
	says("WATCH k", "+OK\r\n");
	exec_after_swap("*-1\r\n");
	other_says("SELECT 1", "+OK\r\n");
	other_says("SET k v", "+OK\r\n");
	says("WATCH k", "+OK\r\n");
	exec_after_swap("*-1\r\n");
	other_says("SET l v", "+OK\r\n");
	says("WATCH k", "+OK\r\n");
	exec_after_swap("*1\r\n+PONG\r\n");
}

/* What has expired is not there, though it is not deleted yet. */
static void expired_keys_disturb_nobody(void **state)
{
	other_says("SELECT 1", "+OK\r\n");
	other_says("SET k v PX 10", "+OK\r\n");
	says("WATCH k", "+OK\r\n");
	test_now += 1000;
	exec_after_swap("*1\r\n+PONG\r\n");
}

static void a_swap_with_itself_is_none(void **state)
{
	says("SET k v", "+OK\r\n");
	says("WATCH k", "+OK\r\n");
	other_says("SWAPDB 0 0", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("GET k", "+QUEUED\r\n");
	says("EXEC", "*1\r\n$1\r\nv\r\n");
}

/* Later commands of the same transaction see the new place. */
static void swaps_inside_a_transaction(void **state)
{
	says("SET k v", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("SWAPDB 0 3", "+QUEUED\r\n");
	says("EXISTS k", "+QUEUED\r\n");
	says("SELECT 3", "+QUEUED\r\n");
	says("GET k", "+QUEUED\r\n");
	says("EXEC", "*4\r\n+OK\r\n:0\r\n+OK\r\n$1\r\nv\r\n");
}

static int set_up_cluster(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return test_two_clients_setup(state);
}

static void a_cluster_refuses(void **state)
{
	says("SWAPDB 0 1", "-ERR SWAPDB is not allowed in cluster mode\r\n");
	says("SWAPDB x y", "-ERR SWAPDB is not allowed in cluster mode\r\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_two_clients_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_change_places),
		TEST(keys_expire_where_they_are),
		TEST(lists_without_slots_go_along),
		TEST(who_watches_is_told),
		TEST(expired_keys_disturb_nobody),
		TEST(a_swap_with_itself_is_none),
		TEST(swaps_inside_a_transaction),
		cmocka_unit_test_setup_teardown(a_cluster_refuses, set_up_cluster,
						test_core_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
