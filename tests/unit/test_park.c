// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/keyspace.c kmod/core/keyspace_fields.c kmod/core/entry.c kmod/core/blob.c kmod/core/hash.c kmod/core/field_table.c kmod/core/keyed_hash.c kmod/core/hash_ttl.c kmod/core/listpack.c kmod/core/guard.c kmod/core/table.c kmod/core/table_walk.c kmod/core/wheel.c kmod/core/arena.c kmod/core/watch.c kmod/core/crc.c kmod/core/number/integer.c tests/shim/shim.c */
/*
 * Parking and unlocking at the same time, in the orders that threads would have to
 * be lucky to meet: shard.c is built into this program with a hook in each step
 * that the other side can see, and the hook lets the other side run right there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/mutex.h>
#include <linux/spinlock.h>

static void (*before_unlock)(void), (*after_unlock)(void), (*before_look)(void);
static void (*before_listing)(void);

/* The other side does its part once, and without being interrupted itself. */
static void let_run(void (**hook)(void))
{
	void (*other_side)(void) = *hook;

	*hook = NULL;
	if (other_side)
		other_side();
}

static void hooked_unlock(struct mutex *lock)
{
	let_run(&before_unlock);
	mutex_unlock(lock);
	let_run(&after_unlock);
}

static bool hooked_is_locked(struct mutex *lock)
{
	let_run(&before_look);
	return mutex_is_locked(lock);
}

static void hooked_spin_lock(spinlock_t *lock)
{
	let_run(&before_listing);
	spin_lock(lock);
}

#define mutex_unlock hooked_unlock
#define mutex_is_locked hooked_is_locked
#define spin_lock hooked_spin_lock
#include "kmod/core/shard.c"

static struct darter_instance instance;
static struct darter_shard shard;
static struct darter_session session;
static u32 kicks;
static bool parked;

static void kick(struct darter_session *of)
{
	assert_ptr_equal(of, &session);
	kicks++;
}

static u64 wall_us(void)
{
	return 0;
}

static const struct darter_host host = { .kick = kick, .wall_us = wall_us };

static int set_up(void **state)
{
	memset(&instance, 0, sizeof(instance));
	memset(&shard, 0, sizeof(shard));
	memset(&session, 0, sizeof(session));
	instance.params = (struct darter_params){ .shards = 1, .databases = 1, .lanes = 1 };
	instance.host = &host;
	instance.shards = &shard;
	session.instance = &instance;
	INIT_LIST_HEAD(&session.park_link);
	kicks = 0;
	parked = false;
	before_unlock = NULL;
	after_unlock = NULL;
	before_look = NULL;
	before_listing = NULL;
	return darter_shard_init(&shard, &instance, 0);
}

static int tear_down(void **state)
{
	darter_shard_destroy(&shard);
	return 0;
}

static void park(void)
{
	parked = darter_shard_park(&shard, &session);
}

static void unlock(void)
{
	darter_shard_unlock(&shard);
}

/* Whatever the order: it is kicked, or it knows that it need not wait. */
static void assert_not_forgotten(void)
{
	assert_false(mutex_is_locked(&shard.lock));
	assert_true(list_empty(&shard.waiters));
	assert_true(!parked || kicks == 1);
}

static void parks_just_before_the_unlock(void **state)
{
	darter_shard_lock(&shard);
	before_unlock = park;
	unlock();
	assert_true(parked);
	assert_not_forgotten();
}

static void parks_just_after_the_unlock(void **state)
{
	darter_shard_lock(&shard);
	after_unlock = park;
	unlock();
	assert_false(parked);
	assert_null(session.parked_on);
	assert_not_forgotten();
}

static void unlocked_just_before_it_is_listed(void **state)
{
	darter_shard_lock(&shard);
	before_listing = unlock;
	park();
	assert_false(parked);
	assert_not_forgotten();
}

static void unlocked_just_before_it_looks_again(void **state)
{
	darter_shard_lock(&shard);
	before_look = unlock;
	park();
	assert_false(parked);
	assert_null(session.parked_on);
	assert_not_forgotten();
}

static void relock(void)
{
	unlock();
	darter_shard_lock(&shard);
}

/* Unlocked and taken by yet another: a kick has come already, or will come. */
static void changes_hands_before_it_looks_again(void **state)
{
	darter_shard_lock(&shard);
	before_look = relock;
	park();
	unlock();
	assert_not_forgotten();
}

static void changes_hands_before_it_is_listed(void **state)
{
	darter_shard_lock(&shard);
	before_listing = relock;
	park();
	assert_true(parked);
	assert_int_equal(kicks, 0);
	unlock();
	assert_not_forgotten();
}

#define park_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		park_test(parks_just_before_the_unlock),
		park_test(parks_just_after_the_unlock),
		park_test(unlocked_just_before_it_is_listed),
		park_test(unlocked_just_before_it_looks_again),
		park_test(changes_hands_before_it_looks_again),
		park_test(changes_hands_before_it_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
