// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Shards: where keys live, locks of several at once, sessions that wait for them
 * without missing their wake-up, and the account of memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/crc.h"
#include "kmod/core/lane.h"

/* How often a command finds a shard busy before it sleeps for it. */
#define ATTEMPTS 8
#define THREADS 3
#define ROUNDS 20000

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static struct darter_shard *shard(u32 i)
{
	return &test_instance.shards[i];
}

static u32 placed(const char *key)
{
	return darter_shard_of(&test_instance, key, strlen(key))->index;
}

static struct darter_shard_set set_of(u32 bits)
{
	struct darter_shard_set set = {};
	u32 i;

	for (i = 0; i < TEST_SHARDS; i++)
		if (bits & 1 << i)
			__set_bit(i, set.bits);
	return set;
}

/* Bit i: shard i is locked. */
static u32 locked(void)
{
	u32 i, bits = 0;

	for (i = 0; i < TEST_SHARDS; i++)
		bits |= mutex_is_locked(&shard(i)->lock) << i;
	return bits;
}

static int set_up_cluster(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return test_core_setup(state);
}

static int set_up_many(void **state)
{
	test_params.shards = DARTER_MAX_SHARDS;
	return test_core_setup(state);
}

static void hashes_spread_over_shards(void **state)
{
	u32 i, tagged = 0, counts[DARTER_MAX_SHARDS] = {};
	char key[32];

	for (i = 0; i < 256 * 100; i++) {
		snprintf(key, sizeof(key), "user:%u", i);
		counts[placed(key)]++;
		assert_int_equal(placed(key), placed(key));
	}
	/* A hundred each: one in a billion is that far from it. */
	for (i = 0; i < DARTER_MAX_SHARDS; i++)
		assert_in_range(counts[i], 35, 170);
	/* Tags mean nothing here. */
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "{tag}%u", i);
		tagged += placed(key) == placed("tag");
	}
	assert_in_range(tagged, 0, 40);
}

static void placement_is_a_secret(void **state)
{
	u32 i, same = 0, before[1000];
	char key[32];

	for (i = 0; i < ARRAY_SIZE(before); i++) {
		snprintf(key, sizeof(key), "%u", i);
		before[i] = placed(key);
	}
	test_core_teardown(state);
	test_core_setup(state);
	for (i = 0; i < ARRAY_SIZE(before); i++) {
		snprintf(key, sizeof(key), "%u", i);
		same += before[i] == placed(key);
	}
	assert_in_range(same, 150, 350);
}

static void slots_are_cut_into_ranges(void **state)
{
	u32 i, slot, seen = 0;
	char key[32];

	for (i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "user:%u", i);
		slot = darter_key_slot(key, strlen(key));
		assert_int_equal(placed(key), slot / (16384 / TEST_SHARDS));
		seen |= 1 << placed(key);
		snprintf(key, sizeof(key), "{tag}%u", i);
		assert_int_equal(placed(key), placed("tag"));
	}
	assert_int_equal(seen, 15);
	/* Slot 12182 is known from Redis' cluster specification. */
	assert_int_equal(placed("foo"), 12182 / 4096);
}

static void all_are_locked_or_none(void **state)
{
	struct darter_shard_set wanted = set_of(0b1011), all = set_of(0b1111);
	u64 contended = shard(2)->contended;
	u16 busy = 99;

	assert_true(darter_shards_trylock(&test_instance, &wanted, &busy));
	assert_int_equal(busy, 99);
	assert_int_equal(locked(), 0b1011);
	darter_shards_unlock(&test_instance, &wanted);
	assert_int_equal(locked(), 0);

	darter_shard_lock(shard(2));
	assert_true(darter_shards_trylock(&test_instance, &wanted, &busy));
	darter_shards_unlock(&test_instance, &wanted);
	assert_false(darter_shards_trylock(&test_instance, &all, &busy));
	assert_int_equal(busy, 2);
	assert_int_equal(locked(), 0b0100);
	assert_int_equal(shard(2)->contended, contended + 1);
	assert_int_equal(shard(3)->contended, 0);
	darter_shard_unlock(shard(2));
}

/* The first in their order is the one that is waited for. */
static void locks_are_tried_in_order(void **state)
{
	struct darter_shard_set all = set_of(0b1111), none = {};
	u16 busy;

	darter_shard_lock(shard(3));
	darter_shard_lock(shard(1));
	assert_false(darter_shards_trylock(&test_instance, &all, &busy));
	assert_int_equal(busy, 1);
	darter_shard_unlock(shard(1));
	assert_false(darter_shards_trylock(&test_instance, &all, &busy));
	assert_int_equal(busy, 3);
	assert_true(darter_shards_trylock(&test_instance, &none, &busy));
	darter_shard_unlock(shard(3));
}

static void *lock_all(void *arg)
{
	struct darter_shard_set all = set_of(0b1111);

	darter_shards_lock(&test_instance, &all);
	*(bool *)arg = true;
	darter_shards_unlock(&test_instance, &all);
	return NULL;
}

static void sleeping_for_locks_keeps_their_order(void **state)
{
	bool done = false;
	pthread_t thread;

	darter_shard_lock(shard(2));
	assert_int_equal(pthread_create(&thread, NULL, lock_all, &done), 0);
	while (locked() != 0b0111)
		sched_yield();
	/* One at a time collects locks. */
	assert_true(mutex_is_locked(&test_instance.gather_lock));
	assert_false(READ_ONCE(done));
	darter_shard_unlock(shard(2));
	pthread_join(thread, NULL);
	assert_true(done);
	assert_int_equal(locked(), 0);
	assert_false(mutex_is_locked(&test_instance.gather_lock));
}

static void parked_sessions_are_kicked_once(void **state)
{
	struct test_client *first = test_connect(), *second = test_connect();
	struct test_client *gone = test_connect(), *elsewhere = test_connect();

	darter_shard_lock(shard(0));
	darter_shard_lock(shard(1));
	assert_true(darter_shard_park(shard(0), &first->session));
	assert_true(darter_shard_park(shard(0), &gone->session));
	assert_true(darter_shard_park(shard(0), &second->session));
	assert_true(darter_shard_park(shard(1), &elsewhere->session));
	assert_ptr_equal(first->session.parked_on, shard(0));
	darter_shard_unpark(shard(0), &gone->session);
	assert_null(gone->session.parked_on);
	darter_shard_unlock(shard(0));
	assert_int_equal(first->kicks, 1);
	assert_int_equal(second->kicks, 1);
	assert_int_equal(gone->kicks, 0);
	assert_int_equal(elsewhere->kicks, 0);
	assert_true(list_empty(&shard(0)->waiters));
	/* Off the list since, and that does no harm. */
	darter_shard_unpark(shard(0), &first->session);
	darter_shard_lock(shard(0));
	darter_shard_unlock(shard(0));
	assert_int_equal(first->kicks, 1);
	darter_shard_unlock(shard(1));
	assert_int_equal(elsewhere->kicks, 1);
}

static void nobody_parks_on_a_free_shard(void **state)
{
	struct test_client *client = test_connect();

	assert_false(darter_shard_park(shard(0), &client->session));
	assert_null(client->session.parked_on);
	assert_true(list_empty(&shard(0)->waiters));
	assert_int_equal(client->kicks, 0);
}

/* What was locked in vain was busy for others. */
static void a_failed_try_wakes_others(void **state)
{
	struct test_client *client = test_connect();
	struct darter_shard_set all = set_of(0b1111);
	struct darter_session *session = &client->session;
	u16 busy;

	/* As if it had met shard 0 between the two steps of the try below. */
	session->parked_on = shard(0);
	list_add_tail(&session->park_link, &shard(0)->waiters);
	darter_shard_lock(shard(2));
	assert_false(darter_shards_trylock(&test_instance, &all, &busy));
	assert_int_equal(client->kicks, 1);
	darter_shard_unlock(shard(2));
}

static void *hold_until_gathered(void *arg)
{
	struct darter_shard *held = arg;

	darter_shard_lock(held);
	while (!mutex_is_locked(&test_instance.gather_lock))
		sched_yield();
	darter_shard_unlock(held);
	return NULL;
}

/* Who is turned away too often sleeps for its turn. */
static void patience_ends(void **state)
{
	struct test_client *client = test_connect();
	pthread_t thread;
	u32 i;

	assert_int_equal(pthread_create(&thread, NULL, hold_until_gathered, shard(placed("a"))),
			 0);
	while (!locked())
		sched_yield();
	says(client, "SET a 1", "");
	for (i = 1; i < ATTEMPTS; i++) {
		assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
		assert_string_equal(test_go_on(client), "");
	}
	assert_int_equal(test_instance.lanes[0].parked, ATTEMPTS);
	assert_string_equal(test_go_on(client), "+OK\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	pthread_join(thread, NULL);
}

/* Sessions of several threads that want the same shards, as workers serve them. */
struct visitor {
	struct darter_session session;
	pthread_t thread;
	bool kicked;
	unsigned int seed;
};

static u64 visits[TEST_SHARDS];		/* under the shards' locks */
static pthread_mutex_t kick_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t kick_cond = PTHREAD_COND_INITIALIZER;

static void kick_visitor(struct darter_session *session)
{
	pthread_mutex_lock(&kick_lock);
	container_of(session, struct visitor, session)->kicked = true;
	pthread_cond_broadcast(&kick_cond);
	pthread_mutex_unlock(&kick_lock);
}

static void wait_for_kick(struct visitor *visitor)
{
	pthread_mutex_lock(&kick_lock);
	while (!visitor->kicked)
		pthread_cond_wait(&kick_cond, &kick_lock);
	visitor->kicked = false;
	pthread_mutex_unlock(&kick_lock);
}

static void lock_or_park(struct visitor *visitor, const struct darter_shard_set *set)
{
	u16 busy;

	while (!darter_shards_trylock(&test_instance, set, &busy)) {
		if (!darter_shard_park(shard(busy), &visitor->session))
			continue;
		wait_for_kick(visitor);
		darter_shard_unpark(shard(busy), &visitor->session);
	}
}

static void *visit(void *arg)
{
	struct visitor *visitor = arg;
	u32 round, i;

	for (round = 0; round < ROUNDS; round++) {
		u32 bits = rand_r(&visitor->seed) % 15 + 1;
		struct darter_shard_set set = set_of(bits);

		if (rand_r(&visitor->seed) % 16)
			lock_or_park(visitor, &set);
		else
			darter_shards_lock(&test_instance, &set);
		for (i = 0; i < TEST_SHARDS; i++)
			if (bits & 1 << i)
				visits[i]++;
		/* Longer than others try. */
		if (!(round % 64))
			sched_yield();
		darter_shards_unlock(&test_instance, &set);
	}
	return NULL;
}

static u64 expected_visits(u32 i)
{
	u64 sum = 0;
	u32 thread, round;

	for (thread = 0; thread < THREADS; thread++) {
		unsigned int seed = thread;

		for (round = 0; round < ROUNDS; round++) {
			u32 bits = rand_r(&seed) % 15 + 1;

			rand_r(&seed);
			sum += bits >> i & 1;
		}
	}
	return sum;
}

static void no_wake_up_is_lost(void **state)
{
	static struct visitor visitors[THREADS];
	static struct darter_host host;
	u32 i;

	host = *test_instance.host;
	host.kick = kick_visitor;
	test_instance.host = &host;
	memset(visits, 0, sizeof(visits));
	for (i = 0; i < THREADS; i++) {
		visitors[i] = (struct visitor){ .seed = i };
		assert_int_equal(darter_session_init(&visitors[i].session, &test_instance, "", "",
						     test_now), 0);
		assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]),
				 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(visitors[i].thread, NULL);
		darter_session_destroy(&visitors[i].session);
	}
	for (i = 0; i < TEST_SHARDS; i++) {
		assert_int_equal(visits[i], expected_visits(i));
		assert_true(list_empty(&shard(i)->waiters));
	}
}

static u64 used(void)
{
	return atomic64_read(&test_instance.used);
}

static u64 peak(void)
{
	return atomic64_read(&test_instance.peak);
}

static void memory_is_counted_at_unlock(void **state)
{
	darter_shard_lock(shard(0));
	shard(0)->blob_bytes += 1000;
	assert_int_equal(used(), 0);
	darter_shard_unlock(shard(0));
	assert_int_equal(used(), 1000);
	assert_int_equal(peak(), 1000);
	assert_int_equal(shard(0)->resident, 1000 + shard(0)->arena.reserved);
	assert_int_equal(shard(0)->held_back, 0);
	darter_shard_lock(shard(1));
	shard(1)->blob_bytes += 500;
	darter_shard_unlock(shard(1));
	darter_shard_lock(shard(0));
	shard(0)->blob_bytes -= 400;
	darter_shard_unlock(shard(0));
	assert_int_equal(used(), 1100);
	assert_int_equal(peak(), 1500);
	shard(0)->blob_bytes -= 600;
	shard(1)->blob_bytes -= 500;
	darter_shard_publish(shard(0));
	darter_shard_publish(shard(1));
	assert_int_equal(used(), 0);
}

/* What readers may still look at counts as taken from the system, and not as used. */
static void held_back_memory_is_not_used(void **state)
{
	struct test_client *client = test_connect();
	struct darter_shard *home = darter_shard_of(&test_instance, "k", 1);
	u64 before;

	says(client, "SET k v", "+OK\r\n");
	before = used();
	says(client, "SET k a-value-that-is-too-long-for-the-place-of-the-old-one", "+OK\r\n");
	assert_true(home->held_back);
	assert_int_equal(used(), home->arena.used - home->held_back);
	says(client, "SET k v", "+OK\r\n");
	assert_int_equal(used(), before);
	test_grace_period();
	darter_shard_lock(home);
	darter_shard_unlock(home);
	assert_int_equal(home->held_back, 0);
	assert_int_equal(used(), before);
}

static void memory_of_keys_is_counted(void **state)
{
	static char value[20000];
	struct test_client *client = test_connect();
	const struct darter_arg big[] = {
		{ .bytes = "SET", .len = 3 },
		{ .bytes = "b", .len = 1 },
		{ .bytes = value, .len = sizeof(value) },
	};
	u64 sum = 0, before;
	u32 i;

	says(client, "MSET a 1 c 2 d 3 e 4 f 5", "+OK\r\n");
	before = used();
	assert_string_equal(test_say_args(client, big, 3), "+OK\r\n");
	assert_true(used() >= before + sizeof(value));
	for (i = 0; i < TEST_SHARDS; i++) {
		sum += shard(i)->arena.used + shard(i)->blob_bytes;
		assert_int_equal(shard(i)->published,
				 shard(i)->arena.used + shard(i)->blob_bytes);
	}
	assert_int_equal(used(), sum);
	says(client, "DEL b", ":1\r\n");
	assert_int_equal(peak(), sum);
	says(client, "FLUSHALL", "+OK\r\n");
	assert_int_equal(used(), 0);
	assert_int_equal(peak(), sum);
}

static void shards_need_memory(void **state)
{
	static struct darter_shard extra;
	long after;
	int err;

	for (after = 0;; after++) {
		memset(&extra, 0, sizeof(extra));
		shim_alloc_fail_after = after;
		err = darter_shard_init(&extra, &test_instance, 0);
		shim_alloc_fail_after = -1;
		darter_shard_destroy(&extra);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
	}
	assert_true(after > 1);
	/* One that was not begun is nothing to clean up. */
	memset(&extra, 0, sizeof(extra));
	darter_shard_destroy(&extra);
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hashes_spread_over_shards, set_up_many,
						test_core_teardown),
		core_test(placement_is_a_secret),
		cmocka_unit_test_setup_teardown(slots_are_cut_into_ranges, set_up_cluster,
						test_core_teardown),
		core_test(all_are_locked_or_none),
		core_test(locks_are_tried_in_order),
		core_test(sleeping_for_locks_keeps_their_order),
		core_test(parked_sessions_are_kicked_once),
		core_test(nobody_parks_on_a_free_shard),
		core_test(a_failed_try_wakes_others),
		core_test(patience_ends),
		core_test(no_wake_up_is_lost),
		core_test(memory_is_counted_at_unlock),
		core_test(held_back_memory_is_not_used),
		core_test(memory_of_keys_is_counted),
		core_test(shards_need_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
