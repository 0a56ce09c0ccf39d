// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/keyspace.c kmod/core/keyspace_fields.c kmod/core/entry.c kmod/core/blob.c kmod/core/hash.c kmod/core/field_table.c kmod/core/keyed_hash.c kmod/core/hash_ttl.c kmod/core/listpack.c kmod/core/guard.c kmod/core/table.c kmod/core/table_walk.c kmod/core/wheel.c kmod/core/arena.c kmod/core/shard.c kmod/core/watch.c kmod/core/crc.c kmod/core/number/integer.c tests/shim/shim.c */
/*
 * The keyspace against a model: random operations on keys of two databases and
 * three shards, with and without memory, and the accounts when all is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/command.h"
#include "kmod/core/crc.h"
#include "kmod/core/hash.h"
#include "kmod/core/instance.h"
#include "kmod/core/keyspace.h"
#include "kmod/core/session.h"
#include "kmod/core/watch.h"

#define SHARDS 3
#define DBS 2
#define KEYS 400
#define START 1700000000000ULL

/* What a key should hold: a value follows from its mark. */
struct expected {
	u32 mark;		/* 0: the key does not exist */
	s64 deadline;
	bool seen;
};

static struct darter_instance instance;
static struct darter_shard shards[SHARDS];
static u32 slot_counts[DARTER_SLOTS];
static struct expected model[DBS][KEYS];
static u64 now;

static u64 wall_us(void)
{
	return now * 1000;
}

static const struct darter_host host = { .wall_us = wall_us };

static int set_up(void **state)
{
	u32 i;

	srand(7);
	now = START;
	memset(&instance, 0, sizeof(instance));
	memset(shards, 0, sizeof(shards));
	memset(slot_counts, 0, sizeof(slot_counts));
	memset(model, 0, sizeof(model));
	instance.params = (struct darter_params) {
		.shards = SHARDS, .databases = DBS, .lanes = 1, .cluster = DARTER_TOPOLOGY_SINGLE,
	};
	instance.host = &host;
	instance.started = now;
	instance.shards = shards;
	instance.slot_counts = slot_counts;
	for (i = 0; i < SHARDS; i++)
		assert_int_equal(darter_shard_init(&shards[i], &instance, i), 0);
	return 0;
}

static int tear_down(void **state)
{
	u32 i;

	for (i = 0; i < SHARDS; i++)
		darter_shard_destroy(&shards[i]);
	return 0;
}

static void key_of(struct darter_key *key, u32 db, u32 i)
{
	static char names[8][24];
	static u32 turn;
	char *name = names[turn++ % 8];

	darter_key_init(key, &instance, db, name, snprintf(name, sizeof(names[0]), "key:%u", i));
}

static u32 length_of(u32 mark)
{
	return mark % 7 ? mark % 300 : DARTER_BLOB_MIN + mark % 1000;
}

static bool is_hash(u32 mark)
{
	return mark % 3 == 1;
}

static struct darter_entry *make_hash(const struct darter_key *key, u32 mark, s64 deadline)
{
	const struct darter_hash_rules rules = { &instance.hash_key, .entries = 16, .value = 64 };
	struct darter_arena *arena = &key->shard->arena;
	struct darter_entry *entry, *old;
	int added = 0;
	u32 i;

	entry = darter_hash_make(arena, key->bytes, key->len, deadline, DARTER_LP_EMPTY);
	for (i = 0; entry && i <= mark % 40; i++) {
		char name[16], value[16];
		struct darter_arg words[] = {
			{ name, snprintf(name, sizeof(name), "f%u", i) },
			{ value, snprintf(value, sizeof(value), "%u", mark) },
		};

		old = entry;
		added = darter_hash_set(arena, &entry, &rules, words, 1);
		if (entry != old)
			darter_entry_free(arena, old);
		if (added < 0) {
			darter_key_discard(key, entry);
			entry = NULL;
		}
	}
	return entry;
}

static struct darter_entry *make_string(const struct darter_key *key, u32 mark, s64 deadline)
{
	struct darter_arena *arena = &key->shard->arena;
	u32 len = length_of(mark);
	struct darter_entry *entry;
	struct darter_blob *blob;

	if (len < DARTER_BLOB_MIN) {
		entry = darter_entry_make(arena, key->bytes, key->len, DARTER_STRING, len,
					  deadline);
		if (entry)
			memset(darter_entry_inline(entry), mark, len);
		return entry;
	}
	blob = darter_blob_alloc(len, len);
	if (!blob)
		return NULL;
	memset(blob->data, mark, len);
	entry = darter_entry_make_ref(arena, key->bytes, key->len, DARTER_STRING, DARTER_BLOB,
				      blob, deadline);
	if (entry)
		key->shard->blob_bytes += darter_blob_footprint(blob);
	else
		darter_blob_put(blob);
	return entry;
}

static struct darter_entry *make(const struct darter_key *key, u32 mark, s64 deadline)
{
	return is_hash(mark) ? make_hash(key, mark, deadline) : make_string(key, mark, deadline);
}

static void check_hash(const struct darter_entry *entry, u32 mark)
{
	struct darter_pair pair;
	char value[16];

	assert_int_equal(entry->type, DARTER_HASH);
	assert_int_equal(darter_hash_len(entry), mark % 40 + 1);
	assert_true(darter_hash_get(entry, "f0", 2, &pair));
	assert_int_equal(pair.value.len, snprintf(value, sizeof(value), "%u", mark));
	assert_memory_equal(pair.value.bytes, value, pair.value.len);
}

static void check_value(const struct darter_entry *entry, u32 mark)
{
	struct darter_string string;
	u32 i;

	if (is_hash(mark)) {
		check_hash(entry, mark);
		return;
	}
	assert_int_equal(entry->type, DARTER_STRING);
	string = darter_entry_string(entry);
	assert_int_equal(string.len, length_of(mark));
	for (i = 0; i < string.len; i++)
		assert_int_equal((u8)string.bytes[i], mark & 0xff);
}

static void check_key(u32 db, u32 i)
{
	const struct expected *expected = &model[db][i];
	struct darter_entry *entry;
	struct darter_key key;

	key_of(&key, db, i);
	entry = darter_key_find(&key, now);
	assert_int_equal(!!entry, expected->mark != 0);
	if (!entry)
		return;
	assert_true(darter_entry_deadline(entry) == expected->deadline);
	assert_int_equal(entry->key_len, key.len);
	assert_memory_equal(darter_entry_key(entry), key.bytes, key.len);
	check_value(entry, expected->mark);
}

/* A deadline that has passed takes the key out of the model. */
static void pass_time(u64 ms)
{
	u32 db, i;

	now += ms;
	for (db = 0; db < DBS; db++)
		for (i = 0; i < KEYS; i++)
			if (model[db][i].mark && model[db][i].deadline != DARTER_NO_DEADLINE &&
			    (u64)model[db][i].deadline < now)
				model[db][i].mark = 0;
}

static void visit(void *arg, void *item)
{
	const struct darter_entry *entry = item;
	struct expected *of_db = arg;
	char name[24];
	u32 i;

	assert_true(entry->key_len < sizeof(name));
	memcpy(name, darter_entry_key(entry), entry->key_len);
	name[entry->key_len] = '\0';
	i = atoi(name + 4);
	if (i < KEYS)
		of_db[i].seen = true;
}

/* Everything is there once, is counted, and nothing else is. */
static void check_all(void)
{
	u32 db, i, in_slots = 0;

	for (db = 0; db < DBS; db++) {
		u64 keys = 0, with_deadline = 0;

		for (i = 0; i < KEYS; i++) {
			check_key(db, i);
			model[db][i].seen = false;
			keys += !!model[db][i].mark;
			with_deadline += model[db][i].mark &&
					 model[db][i].deadline != DARTER_NO_DEADLINE;
		}
		for (i = 0; i < SHARDS; i++) {
			u64 cursor = 0;

			do {
				cursor = darter_table_scan(&shards[i].dbs[db].keys, cursor, visit,
							   model[db]);
			} while (cursor);
		}
		for (i = 0; i < KEYS; i++)
			assert_int_equal(model[db][i].seen, model[db][i].mark != 0);
		assert_true(darter_keyspace_count(&instance, db) == keys);
		assert_true(darter_keyspace_volatile(&instance, db) == with_deadline);
		if (!db)
			in_slots = keys;
	}
	for (i = 0; i < DARTER_SLOTS; i++)
		in_slots -= darter_keyspace_slot_count(&instance, i);
	assert_int_equal(in_slots, 0);
}

static void check_nothing_left(void)
{
	u32 i, db;

	for (i = 0; i < SHARDS; i++) {
		darter_guard_wait(&shards[i].guard);
		assert_true(shards[i].arena.used == 0);
		assert_true(shards[i].blob_bytes == 0);
		for (db = 0; db < DBS; db++) {
			assert_true(shards[i].dbs[db].volatile_keys == 0);
			assert_true(shards[i].dbs[db].deadline_sum == 0);
			assert_true(shards[i].dbs[db].deadlines.count == 0);
		}
	}
	for (i = 0; i < DARTER_SLOTS; i++)
		assert_int_equal(slot_counts[i], 0);
}

static s64 some_deadline(void)
{
	if (rand() % 2)
		return DARTER_NO_DEADLINE;
	return rand() % 50 ? (s64)now + rand() % 5000 : S64_MAX - rand() % 3;
}

/* The operations. Each returns 0 or -ENOMEM, and then leaves model and keys as they were. */

static int put(u32 db, u32 i)
{
	u32 mark = 1 + rand() % 100000;
	s64 deadline = some_deadline();
	struct darter_entry *entry, *old;
	struct darter_key key;

	key_of(&key, db, i);
	old = darter_key_find(&key, now);
	entry = make(&key, mark, deadline);
	if (!entry)
		return -ENOMEM;
	if (darter_key_put(&key, old, entry)) {
		darter_key_discard(&key, entry);
		return -ENOMEM;
	}
	model[db][i] = (struct expected) { .mark = mark, .deadline = deadline };
	return 0;
}

static int delete(u32 db, u32 i)
{
	struct darter_entry *entry;
	struct darter_key key;

	key_of(&key, db, i);
	entry = darter_key_find(&key, now);
	if (entry)
		darter_key_delete(&key, entry);
	model[db][i].mark = 0;
	return 0;
}

static int set_deadline(u32 db, u32 i)
{
	s64 deadline = some_deadline();
	struct darter_entry *entry;
	struct darter_key key;

	key_of(&key, db, i);
	entry = darter_key_find(&key, now);
	if (!entry)
		return 0;
	if (!darter_key_set_deadline(&key, entry, deadline))
		return -ENOMEM;
	model[db][i].deadline = deadline;
	return 0;
}

static int rename_to(u32 db, u32 i)
{
	u32 to_db = rand() % DBS, j = rand() % KEYS;
	struct darter_entry *entry;
	struct darter_key from, to;

	if (db == to_db && i == j)
		return 0;
	key_of(&from, db, i);
	key_of(&to, to_db, j);
	entry = darter_key_find(&from, now);
	if (!entry)
		return 0;
	if (darter_key_rename(&from, entry, &to, darter_key_find(&to, now)))
		return -ENOMEM;
	model[to_db][j] = model[db][i];
	model[db][i].mark = 0;
	return 0;
}

static int copy_to(u32 db, u32 i)
{
	u32 to_db = rand() % DBS, j = rand() % KEYS;
	struct darter_entry *entry, *copy, *old;
	struct darter_key from, to;

	if (db == to_db && i == j)
		return 0;
	key_of(&from, db, i);
	key_of(&to, to_db, j);
	entry = darter_key_find(&from, now);
	if (!entry)
		return 0;
	old = darter_key_find(&to, now);
	copy = darter_key_clone(&to, entry);
	if (!copy)
		return -ENOMEM;
	if (darter_key_put(&to, old, copy)) {
		darter_key_discard(&to, copy);
		return -ENOMEM;
	}
	model[to_db][j] = model[db][i];
	return 0;
}

static int (*const operations[])(u32 db, u32 i) = {
	put, put, put, put, delete, delete, set_deadline, rename_to, copy_to,
};

static void expire_all(void)
{
	u32 i;

	for (i = 0; i < SHARDS; i++)
		while (!darter_keyspace_expire(&shards[i], now, 50))
			;
}

static void flush_all(void)
{
	u32 i;

	for (i = 0; i < SHARDS; i++)
		darter_keyspace_flush(&shards[i], U32_MAX);
	memset(model, 0, sizeof(model));
}

static void random_operations(bool scarce)
{
	u32 round;

	for (round = 0; round < 20000; round++) {
		int (*operation)(u32 db, u32 i) = operations[rand() % ARRAY_SIZE(operations)];
		u32 db = rand() % DBS, i = rand() % KEYS;

		shim_alloc_fail_after = scarce ? rand() % 6 : -1;
		operation(db, i);
		shim_alloc_fail_after = -1;
		if (!(rand() % 50))
			pass_time(rand() % 100);
		if (!(rand() % 200))
			expire_all();
		if (!(rand() % 400))
			check_all();
	}
	check_all();
}

static void equals_the_model(void **state)
{
	random_operations(false);
	flush_all();
	check_all();
	check_nothing_left();
}

static void equals_the_model_without_memory(void **state)
{
	random_operations(true);
	flush_all();
	check_all();
	check_nothing_left();
}

/* Deleting one by one leaves as little as a flush. */
static void accounts_return_to_zero(void **state)
{
	u32 db, i;

	random_operations(false);
	for (db = 0; db < DBS; db++)
		for (i = 0; i < KEYS; i++)
			delete(db, i);
	check_nothing_left();
}

/* Let the n-th allocation fail for n = 0, 1, ... until the operation succeeds. */
static void every_allocation_may_fail(void **state)
{
	u32 round, i;

	for (round = 0; round < 600; round++) {
		int (*operation)(u32 db, u32 i) = operations[rand() % ARRAY_SIZE(operations)];
		u32 db = rand() % DBS, seed = rand(), allocations;
		int err = -ENOMEM;

		i = rand() % KEYS;
		for (allocations = 0; err; allocations++) {
			assert_true(allocations < 1000);
			srand(seed);
			shim_alloc_fail_after = allocations;
			err = operation(db, i);
			shim_alloc_fail_after = -1;
			if (err)
				check_key(db, i);
		}
		if (!(round % 50))
			check_all();
		srand(seed + 1);
	}
	flush_all();
	check_nothing_left();
}

static void flush_takes_one_database(void **state)
{
	u32 i;

	random_operations(false);
	for (i = 0; i < SHARDS; i++)
		darter_keyspace_flush(&shards[i], 1);
	memset(model[1], 0, sizeof(model[1]));
	check_all();
}

static void lives_through_its_last_millisecond(void **state)
{
	struct darter_key key;

	key_of(&key, 0, 1);
	assert_int_equal(darter_key_put(&key, NULL, make(&key, 2, now + 10)), 0);
	assert_non_null(darter_key_find(&key, now + 10));
	darter_keyspace_expire(key.shard, now + 10, 10);
	assert_non_null(darter_key_find(&key, now + 10));
	assert_null(darter_key_find(&key, now + 11));
	assert_true(key.shard->expired == 1);
	assert_int_equal(darter_key_put(&key, NULL, make(&key, 2, now + 10)), 0);
	darter_keyspace_expire(key.shard, now + 11, 10);
	assert_true(key.shard->expired == 2);
	check_nothing_left();
}

/* A tick each 100 ms, as darter_instance_tick() has it: nothing stays for a second. */
static void expired_memory_is_back_in_time(void **state)
{
	struct darter_key key;
	u32 i, tick;

	for (i = 0; i < 5000; i++) {
		key_of(&key, i % DBS, i);
		assert_int_equal(darter_key_put(&key, NULL, make(&key, 3, now + i)), 0);
	}
	for (tick = 0; tick < 60; tick++) {
		now += 100;
		for (i = 0; i < SHARDS; i++) {
			u32 calls = 0;

			while (!darter_keyspace_expire(&shards[i], now, 200))
				assert_true(++calls < 20);
		}
		assert_true(darter_keyspace_count(&instance, 0) +
			    darter_keyspace_count(&instance, 1) <=
			    (now - START >= 5000 ? 0 : START + 5000 - now));
	}
	check_nothing_left();
}

static void mean_ttl_of_many(void **state)
{
	struct darter_key key;
	u32 i;
	u64 mean;

	assert_true(darter_keyspace_mean_ttl(&instance, 0, now) == 0);
	for (i = 0; i < 1000; i++) {
		key_of(&key, 0, i);
		assert_int_equal(darter_key_put(&key, NULL, make(&key, 3, now + 10000 + i)), 0);
	}
	mean = darter_keyspace_mean_ttl(&instance, 0, now + 500);
	assert_true(mean >= 9990 && mean <= 10000);
	/* Those that live for ever do not make a sum overflow. */
	for (i = 0; i < 1000; i++) {
		key_of(&key, 1, i);
		assert_int_equal(darter_key_put(&key, NULL, make(&key, 3, S64_MAX - i)), 0);
	}
	mean = darter_keyspace_mean_ttl(&instance, 1, now);
	assert_true(mean > 29ULL * 365 * 86400 * 1000 && mean < 31ULL * 366 * 86400 * 1000);
}

/* Watching sessions learn of every end of a key, its expiry too. */
static void expiry_marks_watchers(void **state)
{
	struct darter_session session = { .instance = &instance };
	struct darter_key key;
	u32 active;

	INIT_LIST_HEAD(&session.watched);
	for (active = 0; active < 2; active++) {
		key_of(&key, 0, 1);
		assert_int_equal(darter_key_put(&key, NULL, make(&key, 2, now + 10)), 0);
		assert_int_equal(darter_watch_add(&session, 0, key.bytes, key.len), 0);
		assert_false(session.watch_dirty);
		if (active)
			darter_keyspace_expire(key.shard, now + 11, 10);
		else
			darter_key_find(&key, now + 11);
		assert_true(session.watch_dirty);
		darter_watch_clear(&session);
		assert_false(session.watch_dirty);
	}
}

static void add_if_absent(u32 i)
{
	struct darter_key key;

	key_of(&key, 0, i);
	if (!darter_key_find(&key, now))
		assert_int_equal(darter_key_insert(&key, make(&key, 3, DARTER_NO_DEADLINE)), 0);
}

static void remove_other(u32 i)
{
	struct darter_key key;

	key_of(&key, 0, i);
	darter_key_delete(&key, darter_key_find(&key, now));
}

/*
 * What is there from the first call to the last is seen, while between calls the
 * table grows by a hundred other keys, or shrinks.
 */
static void scan_sees_what_stays(void **state)
{
	u32 i, n, round, other = KEYS;

	for (round = 0; round < 20; round++) {
		bool growing = round % 2 == 0;

		memset(model, 0, sizeof(model));
		for (i = 0; i < KEYS; i++)
			add_if_absent(i);
		for (i = 0; i < SHARDS; i++) {
			u64 cursor = 0;

			do {
				cursor = darter_table_scan(&shards[i].dbs[0].keys, cursor, visit,
							   model[0]);
				assert_true(cursor < 1ULL << DARTER_TABLE_CURSOR_BITS);
				for (n = 0; n < 100 && growing && other < 8000; n++)
					add_if_absent(other++);
				for (n = 0; n < 100 && !growing && other > KEYS; n++)
					remove_other(--other);
			} while (cursor);
		}
		for (i = 0; i < KEYS; i++)
			assert_true(model[0][i].seen);
	}
}

#define KEYSPACE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYSPACE_TEST(equals_the_model),
		KEYSPACE_TEST(equals_the_model_without_memory),
		KEYSPACE_TEST(accounts_return_to_zero),
		KEYSPACE_TEST(every_allocation_may_fail),
		KEYSPACE_TEST(flush_takes_one_database),
		KEYSPACE_TEST(lives_through_its_last_millisecond),
		KEYSPACE_TEST(expired_memory_is_back_in_time),
		KEYSPACE_TEST(mean_ttl_of_many),
		KEYSPACE_TEST(expiry_marks_watchers),
		KEYSPACE_TEST(scan_sees_what_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
