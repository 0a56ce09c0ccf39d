// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/entry.c kmod/core/hash.c kmod/core/field_table.c kmod/core/keyed_hash.c kmod/core/hash_ttl.c kmod/core/listpack.c kmod/core/number/integer.c kmod/core/guard.c kmod/core/table.c kmod/core/table_walk.c kmod/core/arena.c tests/shim/shim.c */
/* Hashes in both encodings against a plain list of pairs, with memory and without. */
#include <errno.h>
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

#include "kmod/core/arena.h"
#include "kmod/core/command.h"
#include "kmod/core/hash.h"

#define NAMES 700
#define BATCH 40

static struct darter_arena arena;
static const siphash_key_t key = { { 7, 11 } };
static struct darter_hash_rules rules = { .key = &key };

/* The model: names are indices; NULL: not set. */
static char *values[NAMES];
static char names[NAMES][24];

static void set_up(void)
{
	int i;

	darter_arena_init(&arena);
	for (i = 0; i < NAMES; i++) {
		/* Numbers and texts alike. */
		snprintf(names[i], sizeof(names[i]), i % 3 ? "field-%d" : "%d", i * 37 - 500);
		values[i] = NULL;
	}
	rules.entries = 128;
	rules.value = 64;
}

static struct darter_entry *make(void)
{
	struct darter_entry *hash;

	hash = darter_hash_make(&arena, "key", 3, DARTER_NO_DEADLINE, DARTER_LP_EMPTY);
	assert_non_null(hash);
	hash->access = 5;
	return hash;
}

/* An entry that was remade leaves the old one to us. */
static void drop_remade(struct darter_entry *old, const struct darter_entry *hash)
{
	if (hash != old)
		darter_entry_free(&arena, old);
}

static int set(struct darter_entry **hash, const struct darter_arg *words, u32 count)
{
	struct darter_entry *old = *hash;
	int added = darter_hash_set(&arena, hash, &rules, words, count);

	drop_remade(old, *hash);
	return added;
}

static void trim(struct darter_entry **hash)
{
	struct darter_entry *old = *hash;

	darter_hash_trim(&arena, hash);
	drop_remade(old, *hash);
}

static void drop(struct darter_entry *hash)
{
	if (hash->encoding == DARTER_OBJECT)
		darter_hash_free(&arena, darter_entry_hash(hash));
	darter_entry_free(&arena, hash);
}

static void tear_down(struct darter_entry *hash)
{
	int i;

	if (hash)
		drop(hash);
	for (i = 0; i < NAMES; i++)
		free(values[i]);
	assert_int_equal(arena.used, 0);
	darter_arena_destroy(&arena);
}

static char *random_value(void)
{
	static const int lengths[] = { 0, 1, 3, 20, 63, 64 };
	int len = lengths[rand() % 6];
	char *value;

	if (rand() % 50 == 0)
		len = 65 + rand() % 9000;
	value = malloc(len + 1);
	memset(value, 'a' + rand() % 26, len);
	value[len] = '\0';
	if (rand() % 3 == 0 && len >= 20)
		snprintf(value, len, "%d", rand() - rand());
	return value;
}

static struct darter_arg word(const char *text)
{
	return (struct darter_arg) { .bytes = text, .len = strlen(text) };
}

static u64 model_len(void)
{
	u64 len = 0;
	int i;

	for (i = 0; i < NAMES; i++)
		len += !!values[i];
	return len;
}

static void check_field(const struct darter_entry *hash, int i)
{
	struct darter_pair pair;
	bool found = darter_hash_get(hash, names[i], strlen(names[i]), &pair);

	assert_int_equal(found, !!values[i]);
	if (!found)
		return;
	assert_int_equal(pair.name.len, strlen(names[i]));
	assert_memory_equal(pair.name.bytes, names[i], pair.name.len);
	assert_int_equal(pair.value.len, strlen(values[i]));
	assert_memory_equal(pair.value.bytes, values[i], pair.value.len);
}

static void count_visit(void *arg, const struct darter_pair *pair)
{
	++*(u64 *)arg;
}

static void check(const struct darter_entry *hash)
{
	const u8 *lp = darter_hash_listpack(hash);
	u64 visited = 0;
	u32 count;
	int i;

	assert_int_equal(darter_hash_len(hash), model_len());
	for (i = 0; i < NAMES; i++)
		check_field(hash, i);
	darter_hash_each(hash, count_visit, &visited);
	assert_int_equal(visited, model_len());
	if (lp) {
		assert_int_equal(darter_lp_validate(lp, darter_lp_bytes(lp), &count), 0);
		assert_int_equal(count, 2 * model_len());
	}
	assert_int_equal(hash->type, DARTER_HASH);
	assert_int_equal(hash->access, 5);
	assert_int_equal(hash->key_len, 3);
	assert_memory_equal(darter_entry_key(hash), "key", 3);
}

/* One HSET of some fields, names may repeat; returns what the hash said. */
static int set_batch(struct darter_entry **hash, int count)
{
	struct darter_arg words[2 * BATCH] = { };
	char *batch[BATCH], *old[NAMES];
	int picked[BATCH], i, added = 0, got;

	memcpy(old, values, sizeof(old));
	for (i = 0; i < count; i++) {
		picked[i] = rand() % NAMES;
		batch[i] = random_value();
		words[2 * i] = word(names[picked[i]]);
		words[2 * i + 1] = word(batch[i]);
	}
	got = set(hash, words, count);
	for (i = 0; i < count; i++) {
		if (got < 0) {
			free(batch[i]);
			continue;
		}
		added += !values[picked[i]];
		free(values[picked[i]]);
		values[picked[i]] = batch[i];
	}
	if (got >= 0)
		assert_int_equal(got, added);
	else
		assert_int_equal(got, -ENOMEM);
	return got;
}

static void delete_some(struct darter_entry *hash)
{
	int n = rand() % 60;

	while (n--) {
		int i = rand() % NAMES;

		assert_int_equal(darter_hash_del(&arena, hash, names[i], strlen(names[i])),
				 !!values[i]);
		free(values[i]);
		values[i] = NULL;
	}
}

static void random_life(u64 entries, int rounds, bool scarce)
{
	struct darter_entry *hash;
	int round;

	set_up();
	rules.entries = entries;
	hash = make();
	for (round = 0; round < rounds; round++) {
		bool was_listpack = darter_hash_listpack(hash);

		if (rand() % 3) {
			shim_alloc_fail_after = scarce ? rand() % 6 : -1;
			if (set_batch(&hash, 1 + rand() % (rand() % 4 ? 3 : BATCH)) < 0)
				assert_true(scarce);
			shim_alloc_fail_after = -1;
		} else {
			shim_alloc_fail_after = scarce ? rand() % 3 : -1;
			delete_some(hash);
			trim(&hash);
			shim_alloc_fail_after = -1;
		}
		if (!was_listpack)
			assert_null(darter_hash_listpack(hash));
		if (darter_hash_listpack(hash))
			assert_true(darter_hash_len(hash) <= entries);
		check(hash);
	}
	tear_down(hash);
}

static void lives_like_a_list(void **state)
{
	srand(1);
	random_life(128, 300, false);
	random_life(512, 600, false);
	random_life(0, 300, false);
}

static void survives_lack_of_memory(void **state)
{
	int i;

	srand(2);
	for (i = 0; i < 6; i++)
		random_life(i % 2 ? 512 : 20, 250, true);
}

/* Every allocation of one big HSET fails in turn; then none, and it works. */
static void sets_all_or_nothing(void **state)
{
	u64 entries;
	long fail;

	for (entries = 0; entries <= 512; entries += 256) {
		bool done = false;

		for (fail = 0; !done; fail++) {
			struct darter_entry *hash;
			u64 used;
			int i;

			srand(3);
			set_up();
			rules.entries = entries;
			rules.value = 10000;
			hash = make();
			for (i = 0; i < 4; i++)
				assert_true(set_batch(&hash, BATCH) >= 0);
			used = arena.used;
			shim_alloc_fail_after = fail;
			done = set_batch(&hash, BATCH) >= 0;
			shim_alloc_fail_after = -1;
			check(hash);
			if (!done && darter_hash_listpack(hash))
				assert_int_equal(arena.used, used);
			tear_down(hash);
		}
		assert_true(fail > 1);
	}
}

static void converts_at_the_limits(void **state)
{
	struct darter_entry *hash;
	struct darter_arg words[6];
	char text[66];
	int i;

	set_up();
	rules.entries = 2;
	memset(text, 'x', 65);
	text[65] = '\0';
	for (i = 0; i < 6; i++)
		words[i] = word(i < 2 ? "a" : i < 4 ? "b" : "c");
	hash = make();
	assert_int_equal(set(&hash, words, 2), 2);
	assert_int_equal(set(&hash, words, 1), 0);
	assert_non_null(darter_hash_listpack(hash));
	assert_int_equal(set(&hash, words + 4, 1), 1);
	assert_null(darter_hash_listpack(hash));
	assert_true(darter_hash_del(&arena, hash, "c", 1));
	assert_int_equal(set(&hash, words, 1), 0);
	assert_null(darter_hash_listpack(hash));
	drop(hash);

	words[1] = (struct darter_arg) { .bytes = text, .len = 64 };
	hash = make();
	assert_int_equal(set(&hash, words, 1), 1);
	assert_non_null(darter_hash_listpack(hash));
	words[1].len = 65;
	assert_int_equal(set(&hash, words, 1), 0);
	assert_null(darter_hash_listpack(hash));
	tear_down(hash);
}

/* An entry that refers to an object, whichever allocation fails first. */
static struct darter_entry *as_object(struct darter_entry *hash)
{
	u64 used = arena.used;
	int err = -ENOMEM;
	long fail;

	for (fail = 0; err; fail++) {
		struct darter_entry *old = hash;

		shim_alloc_fail_after = fail;
		err = darter_hash_become_object(&arena, &hash, &key);
		shim_alloc_fail_after = -1;
		drop_remade(old, hash);
		if (err)
			assert_true(hash == old && arena.used == used);
	}
	assert_int_equal(hash->encoding, DARTER_OBJECT);
	check(hash);
	return hash;
}

static struct darter_entry *copy_of(const struct darter_entry *hash)
{
	struct darter_hash *copy = NULL;
	struct darter_entry *entry;
	u64 used = arena.used;
	long fail;

	for (fail = 0; !copy; fail++) {
		shim_alloc_fail_after = fail;
		copy = darter_hash_copy(&arena, darter_entry_hash(hash));
		shim_alloc_fail_after = -1;
		if (!copy)
			assert_int_equal(arena.used, used);
	}
	entry = darter_entry_make_ref(&arena, "key", 3, DARTER_HASH, DARTER_OBJECT, copy,
				      DARTER_NO_DEADLINE);
	entry->access = 5;
	return entry;
}

static void copies_in_both_encodings(void **state)
{
	struct darter_entry *hash, *copy;
	u64 entries;

	for (entries = 0; entries <= 512; entries += 512) {
		srand(4);
		set_up();
		rules.entries = entries;
		rules.value = 10000;
		hash = make();
		assert_true(set_batch(&hash, BATCH) >= 0);
		assert_true(set_batch(&hash, BATCH) >= 0);
		hash = as_object(hash);
		copy = copy_of(hash);
		assert_int_equal(!darter_hash_listpack(copy), !entries);
		check(copy);
		drop(copy);
		tear_down(hash);
	}
}

/* An object stays one, in either encoding, and does all the same. */
static void objects_live_like_others(void **state)
{
	struct darter_entry *hash;
	int round;

	srand(8);
	set_up();
	rules.entries = 128;
	hash = as_object(make());
	for (round = 0; round < 300; round++) {
		shim_alloc_fail_after = rand() % 2 ? rand() % 6 : -1;
		if (rand() % 3)
			set_batch(&hash, 1 + rand() % 5);
		else
			delete_some(hash);
		trim(&hash);
		shim_alloc_fail_after = -1;
		assert_int_equal(hash->encoding, DARTER_OBJECT);
		check(hash);
	}
	tear_down(hash);
}

/* A small hash is its entry, which is not larger than it needs to be. */
static void small_hashes_are_one_allocation(void **state)
{
	static const char value[] = "0123456789abcdef0123456789abcdef";
	struct darter_arg words[] = {
		word("field:000000"), word(value), word("field:000001"), word(value),
	};
	struct darter_entry *hash, *old;

	set_up();
	old = darter_hash_make(&arena, "key:000000000001", 16, DARTER_NO_DEADLINE,
			       darter_hash_room(&rules, words, 2));
	hash = old;
	assert_int_equal(set(&hash, words, 2), 2);
	assert_ptr_equal(hash, old);
	/* 16 of the entry, 16 of its key, 6 + 1 of the listpack, 2 * (14 + 34) in it */
	assert_int_equal(arena.used, 136);
	tear_down(hash);
}

/* What was given back was most of it, and the rest is sound. */
static void trims_what_has_become_small(void **state)
{
	struct darter_entry *hash;
	u64 used;
	int i;

	srand(9);
	set_up();
	rules.entries = 512;
	rules.value = 10000;
	hash = make();
	for (i = 0; i < 8; i++)
		set_batch(&hash, BATCH);
	used = arena.used;
	for (i = 1; i < NAMES; i++) {
		darter_hash_del(&arena, hash, names[i], strlen(names[i]));
		free(values[i]);
		values[i] = NULL;
	}
	assert_int_equal(arena.used, used);
	darter_arena_trim(&arena);
	shim_alloc_fail_after = 0;
	trim(&hash);
	shim_alloc_fail_after = -1;
	assert_int_equal(arena.used, used);
	check(hash);
	trim(&hash);
	assert_true(arena.used < used / 10);
	check(hash);
	tear_down(hash);
}

static void build_listpack(u8 *lp, int count, int duplicate)
{
	int i;

	darter_lp_init(lp);
	for (i = 0; i < count; i++) {
		bool again = i == count - 1 && duplicate >= 0;
		struct darter_arg name = word(names[again ? duplicate : i]);
		struct darter_lp_text pair[2] = { { name.bytes, name.len }, { "v", 1 } };

		darter_lp_splice(lp, 0, 0, pair, 2);
	}
}

static void adopt(const u8 *lp, int err)
{
	struct darter_entry *hash = make(), *old = hash;
	u32 count = darter_lp_count(lp) / 2;

	assert_int_equal(darter_hash_adopt(&arena, &hash, &rules, lp), err);
	drop_remade(old, hash);
	if (!err) {
		assert_int_equal(darter_hash_len(hash), count);
		assert_int_equal(!!darter_hash_listpack(hash), count <= rules.entries);
	}
	drop(hash);
}

static void adopts_listpacks_of_distinct_names(void **state)
{
	static const struct darter_lp_text odd = { "odd", 3 };
	/* The name 5 twice: as a number and as a text. */
	static const u8 twice[] = {
		16, 0, 0, 0, 4, 0, 5, 1, 1, 1, 0x81, '5', 2, 1, 1, 0xff,
	};
	static u8 lp[1 << 16];
	static const int counts[] = { 1, 2, 100, 700 };
	u32 count;
	int i, e;

	set_up();
	for (e = 0; e < 2; e++) {
		rules.entries = e ? 128 : 1000;
		for (i = 0; i < 4; i++) {
			build_listpack(lp, counts[i], -1);
			adopt(lp, 0);
			darter_lp_splice(lp, 0, 0, &odd, 1);
			adopt(lp, -EINVAL);
			if (counts[i] > 1) {
				build_listpack(lp, counts[i], rand() % (counts[i] - 1));
				adopt(lp, -EINVAL);
			}
		}
	}
	assert_int_equal(darter_lp_validate(twice, sizeof(twice), &count), 0);
	assert_int_equal(count, 4);
	adopt(twice, -EINVAL);
	tear_down(NULL);
}

static void tally(u32 *seen, const struct darter_pair *pair)
{
	int i;

	for (i = 0; i < NAMES; i++)
		if (pair->name.len == strlen(names[i]) &&
		    !memcmp(pair->name.bytes, names[i], pair->name.len))
			break;
	assert_in_range(i, 0, NAMES - 1);
	assert_non_null(values[i]);
	seen[i]++;
}

/* Chi-square over all fields stays below what chance exceeds once in 10^7. */
static void check_fair(const u32 *seen, u32 picks)
{
	double expected = (double)picks / model_len(), sum = 0, freedom = model_len() - 1;
	int i;

	for (i = 0; i < NAMES; i++)
		if (values[i])
			sum += (seen[i] - expected) * (seen[i] - expected) / expected;
		else
			assert_int_equal(seen[i], 0);
	/* The normal approximation of its distribution, with 5.2 deviations. */
	assert_true((sum - freedom) * (sum - freedom) < 27 * 2 * freedom || sum < freedom);
}

static u64 random64(void)
{
	return (u64)rand() << 42 ^ (u64)rand() << 21 ^ rand();
}

static void picks_are_fair(void **state)
{
	u64 entries;
	int i;

	for (entries = 0; entries <= 512; entries += 512) {
		struct darter_hash_index index;
		struct darter_entry *hash;
		u32 seen[NAMES] = { 0 }, indexed[NAMES] = { 0 };
		struct darter_pair pair;

		srand(6);
		set_up();
		rules.entries = entries;
		rules.value = 100000;
		hash = make();
		for (i = 0; i < 20; i++)
			assert_true(set_batch(&hash, BATCH) >= 0);
		assert_int_equal(darter_hash_index(hash, &index), 0);
		for (i = 0; i < 100000; i++) {
			darter_hash_index_pick(&index, random64(), &pair);
			tally(indexed, &pair);
			if (i % 4 == 0) {
				darter_hash_pick(hash, random64(), &pair);
				tally(seen, &pair);
			}
		}
		check_fair(indexed, 100000);
		check_fair(seen, 25000);
		darter_hash_index_free(&index);
		tear_down(hash);
	}
}

/* A name and a value that no listpack and no slab could hold. */
static void keeps_big_fields(void **state)
{
	static char big[300000];
	struct darter_entry *hash;
	struct darter_arg words[2] = { { .bytes = big, .len = 200000 }, { .bytes = big } };
	struct darter_pair pair;

	set_up();
	memset(big, 'b', sizeof(big));
	words[1].len = sizeof(big);
	hash = make();
	assert_int_equal(set(&hash, words, 1), 1);
	assert_int_equal(set(&hash, words, 1), 0);
	assert_true(darter_hash_get(hash, big, 200000, &pair));
	assert_int_equal(pair.value.len, sizeof(big));
	assert_memory_equal(pair.value.bytes, big, sizeof(big));
	assert_false(darter_hash_get(hash, big, 199999, &pair));
	assert_true(arena.used > 500000);
	assert_true(darter_hash_del(&arena, hash, big, 200000));
	assert_int_equal(darter_hash_len(hash), 0);
	tear_down(hash);
}

/* Lengths around those that fields note in another way, each overwritten by each. */
static void keeps_fields_of_any_length(void **state)
{
	static const u32 lengths[] = { 0, 1, 2, 9, 10, 254, 255, 256, 257, 4070, 5000 };
	static char name[5000], value[5000];
	struct darter_arg words[2] = { { .bytes = name }, { .bytes = value } };
	struct darter_entry *hash;
	struct darter_pair pair;
	u32 i, j, k;
	u64 used;

	set_up();
	rules.entries = 0;
	memset(name, 'n', sizeof(name));
	hash = make();
	words[0].len = 3;
	assert_int_equal(set(&hash, words, 1), 1);
	used = arena.used;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		words[0].len = lengths[i];
		for (j = 0; j < ARRAY_SIZE(lengths); j++)
			for (k = 0; k < ARRAY_SIZE(lengths); k++) {
				words[1].len = lengths[j];
				memset(value, 'v', sizeof(value));
				assert_int_equal(set(&hash, words, 1), 1);
				words[1].len = lengths[k];
				memset(value, 'w', sizeof(value));
				assert_int_equal(set(&hash, words, 1), 0);
				assert_int_equal(darter_hash_len(hash), 2);
				assert_true(darter_hash_get(hash, name, lengths[i], &pair));
				assert_int_equal(pair.name.len, lengths[i]);
				assert_memory_equal(pair.name.bytes, name, lengths[i]);
				assert_int_equal(pair.value.len, lengths[k]);
				assert_memory_equal(pair.value.bytes, value, lengths[k]);
				assert_true(darter_hash_del(&arena, hash, name, lengths[i]));
				assert_true(arena.used == used);
			}
	}
	tear_down(hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_like_a_list),
		cmocka_unit_test(survives_lack_of_memory),
		cmocka_unit_test(sets_all_or_nothing),
		cmocka_unit_test(converts_at_the_limits),
		cmocka_unit_test(copies_in_both_encodings),
		cmocka_unit_test(objects_live_like_others),
		cmocka_unit_test(small_hashes_are_one_allocation),
		cmocka_unit_test(trims_what_has_become_small),
		cmocka_unit_test(adopts_listpacks_of_distinct_names),
		cmocka_unit_test(picks_are_fair),
		cmocka_unit_test(keeps_big_fields),
		cmocka_unit_test(keeps_fields_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
