// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * The self-check: nothing is wrong with what commands make, however the check is cut
 * into steps and whatever happens between them; and whatever is spoilt is reported,
 * with the key that it is about. Each test puts right what it spoilt: the teardown
 * checks everything once more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "core.h"
#include "kmod/core/check.h"
#include "kmod/core/crc.h"
#include "kmod/core/hash.h"
#include "kmod/core/hash_ttl.h"
#include "kmod/core/keyspace.h"
#include "kmod/core/segment.h"
#include "kmod/core/slab.h"
#include "kmod/core/watch.h"

#define MANY 4000
#define MAX_FOUND 64

#define says(words) test_say(client, words)

static struct darter_finding found[MAX_FOUND];
static u32 nfound;

static void keep(void *arg, const struct darter_finding *finding)
{
	if (nfound < MAX_FOUND)
		found[nfound++] = *finding;
}

static bool is_about(const struct darter_finding *finding, const char *key)
{
	if (!key)
		return finding->key_len < 0;
	if (!strcmp(key, "*"))
		return finding->key_len > 0;
	return finding->key_len == (s32)strlen(key) && !memcmp(finding->key, key, strlen(key));
}

/* Something is wrong with the key, "*": with any, NULL: with none; that contains @what. */
static void finds(const char *key, const char *what)
{
	u32 i;

	nfound = 0;
	assert_true(darter_check_all(&test_instance, keep, NULL));
	for (i = 0; i < nfound; i++)
		if (is_about(&found[i], key) && strstr(found[i].what, what))
			return;
	for (i = 0; i < nfound; i++)
		print_error("%.*s: %s\n", max(found[i].key_len, 0), found[i].key, found[i].what);
	fail_msg("nothing found about %s: %s", key ?: "no key", what);
}

/* The sum of the instance follows what is counted in shards whenever one is unlocked. */
static void publish(void)
{
	u32 i;

	for (i = 0; i < TEST_SHARDS; i++) {
		darter_shard_lock(&test_instance.shards[i]);
		darter_shard_unlock(&test_instance.shards[i]);
	}
}

/* Change something for as long as it takes to find it. */
#define SPOIL(what, value, key, text)			\
	do {						\
		typeof(what) *spoilt = &(what), old = *spoilt;	\
							\
		*spoilt = (value);			\
		finds(key, text);			\
		*spoilt = old;				\
		publish();				\
		test_check();				\
	} while (0)

static struct darter_key key_of(const char *name)
{
	struct darter_key key;

	darter_key_init(&key, &test_instance, 0, name, strlen(name));
	return key;
}

static struct darter_entry *entry_of(const char *name)
{
	struct darter_key key = key_of(name);
	struct darter_entry *entry = darter_key_find(&key, test_now);

	assert_non_null(entry);
	return entry;
}

static struct darter_segment *segment_of(const char *name)
{
	struct darter_key key = key_of(name);

	return segment_at(key.db->keys.directory, prefix_of(key.hash));
}

/* Where an entry is in its segment. */
static struct bucket *bucket_of(const char *name, u32 *slot)
{
	struct darter_segment *segment = segment_of(name);
	const struct darter_entry *entry = entry_of(name);
	u32 i;

	for (i = 0; i < CAPACITY; i++) {
		struct bucket *bucket = &segment->buckets[i / SLOTS];

		if (bucket->used & 1u << i % SLOTS && bucket->slots[i % SLOTS] == entry) {
			*slot = i % SLOTS;
			return bucket;
		}
	}
	fail_msg("%s is not in its segment", name);
	return NULL;
}

static void fill(const char *words, u32 count)
{
	char command[128];
	u32 i;

	for (i = 0; i < count; i++) {
		snprintf(command, sizeof(command), words, i, i);
		assert_int_not_equal(*says(command), '-');
	}
}

/* Some of everything. */
static int set_up(void **state)
{
	if (test_client_setup(state))
		return -1;
	test_instance.config.max_memory = 0;
	fill("SET string:%u value", 300);
	fill("SET timed:%u value PX 1%u000", 300);
	fill("HSET small:%u f%u v g w", 20);
	fill("HSET big f%u value-%u", 600);
	fill("HEXPIRE big 10%u FIELDS 1 f%u", 200);
	says("HSET few a 1 b 2 c 3");
	says("HEXPIRE few 100 FIELDS 1 a");
	says("SETRANGE blob 40000 x");
	says("COPY blob blob2");
	says("SELECT 2");
	fill("SET there:%u value EX 5%u", 20);
	says("SELECT 0");
	return 0;
}

static int set_up_cluster(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return set_up(state);
}

static void nothing_is_wrong(void **state)
{
	struct darter_check *check = calloc(1, sizeof(*check));
	u32 steps = 1;

	assert_non_null(check);
	assert_int_equal(darter_check_init(check, &test_instance, false), 0);
	while (darter_check_step(check))
		steps++;
	assert_int_equal(check->errors, 0);
	assert_int_equal(check->unsure, 0);
	assert_int_equal(check->entries, 300 + 300 + 20 + 1 + 1 + 2 + 20);
	/* Fields count, too. */
	assert_true(steps > (644 + 600 + 200) / DARTER_CHECK_BUDGET);
	darter_check_destroy(check);
	free(check);
}

/* Checks from the beginning to the end, with one command each time between two steps. */
static void check_between(const char *const *commands, u32 count, u32 *unsure)
{
	struct darter_check *check = calloc(1, sizeof(*check));
	u32 i = 0, round;

	assert_non_null(check);
	*unsure = 0;
	for (round = 0; round < 3 * count; round++) {
		assert_int_equal(darter_check_init(check, &test_instance, false), 0);
		for (i = round; darter_check_step(check); i++) {
			assert_int_equal(check->nfound, 0);
			says(commands[i % count]);
			test_now += 20;
		}
		assert_int_equal(check->errors, 0);
		*unsure += check->unsure;
		darter_check_destroy(check);
	}
	free(check);
}

static void others_may_work_meanwhile(void **state)
{
	static const char *const commands[] = {
		"DEL big", "SWAPDB 0 2", "SET new 1 EX 10", "EXPIRE string:1 100", "HSET big f 1",
		"SWAPDB 0 2", "DEL string:2", "PERSIST string:1", "EXPIRE timed:7 7000",
		"RENAME few many", "HDEL many a", "FLUSHDB", "SET a b", "APPEND blob x", "HSET big g 2",
		"DEBUG POPULATE 900 k", "DEBUG POPULATE 100 t 20000", "FLUSHALL", "COPY big big2",
		"HEXPIRE big 100 FIELDS 1 g", "HPERSIST big FIELDS 1 g",
	};
	u32 unsure;

	test_instance.config.debug_access = 1;
	check_between(commands, ARRAY_SIZE(commands), &unsure);
	assert_true(unsure);
}

/* A hash that changes, and is another one, in the middle of it. */
static void values_may_change_meanwhile(void **state)
{
	static const char *const commands[] = {
		"HDEL big f1 f2 f3 f4 f5 f6", "HSET big f1 1", "RENAME big huge", "HSET huge f2 2",
		"RENAME huge big", "HEXPIRE big 77 FIELDS 2 f1 f300", "EXPIRE big 1000",
		"PERSIST big", "HGETDEL big FIELDS 1 f8", "HPERSIST big FIELDS 1 f9", "HSET big f4 x",
	};
	u32 unsure;

	fill("HSET big more%u %u", MANY);
	fill("HEXPIRE big 2%u FIELDS 1 more%u", MANY);
	check_between(commands, ARRAY_SIZE(commands), &unsure);
	assert_true(unsure);
}

static void deadlines_move_through_the_wheel(void **state)
{
	u32 i;

	fill("SET far:%u x PX 9%u00000000", 60);
	for (i = 0; i < 300; i++) {
		test_now += i * i * 7;
		darter_instance_tick(&test_instance, 0, test_now);
		test_check();
	}
}

static void keys_are_told(void **state)
{
	struct darter_entry *entry = entry_of("string:7");
	struct darter_key key = key_of("string:7");

	entry->form = 9;
	finds("string:7", "the form of a string is 9");
	entry->form = DARTER_FORM_PLAIN;
	assert_int_equal(nfound, 1);
	assert_int_equal(found[0].shard, key.shard->index);
	assert_int_equal(found[0].db, 0);
	assert_int_equal(darter_check_all(&test_instance, keep, NULL), 0);
}

/* More than a step can tell; the rest comes with the next, unless the shard is held. */
static void all_findings_are_counted(void **state)
{
	struct darter_check *check = calloc(1, sizeof(*check));
	u32 i, told = 0;
	char name[32];
	bool more;

	assert_non_null(check);
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "string:%u", i);
		entry_of(name)->form = 9;
	}
	assert_int_equal(darter_check_init(check, &test_instance, false), 0);
	do {
		more = darter_check_step(check);
		told += check->nfound;
	} while (more);
	assert_int_equal(check->errors, 300);
	assert_in_range(told, 270, 300);
	darter_check_destroy(check);
	free(check);
	assert_int_equal(darter_check_all(&test_instance, keep, NULL), 300);
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "string:%u", i);
		entry_of(name)->form = DARTER_FORM_PLAIN;
	}
}

static void segments(void **state)
{
	struct darter_segment *segment = segment_of("string:7");
	struct darter_shard *shard = key_of("string:7").shard;
	struct darter_table *table = &key_of("string:7").db->keys;
	u32 slot, free;
	struct bucket *bucket = bucket_of("string:7", &slot), *other;

	SPOIL(segment->count, segment->count + 1, NULL, "a segment counts");
	SPOIL(shard->guard.shape, shard->guard.shape | 1, NULL, "readers are kept away");
	SPOIL(bucket->fingerprints[slot], bucket->fingerprints[slot] + 1, "string:7",
	      "fingerprint");
	SPOIL(bucket->fingerprints[slot], bucket->fingerprints[slot] + 1, "string:7",
	      "not found by its key");
	SPOIL(bucket->slots[slot], NULL, NULL, "a used slot is empty");
	SPOIL(table->count, table->count + 1, NULL, "keys are counted");
	SPOIL(table->nsegments, table->nsegments + 1, NULL, "segments are counted");
	SPOIL(table->ndeepest, table->ndeepest + 1, NULL, "segments are counted");
	SPOIL(table->noverflow, 1, NULL, "segments are counted");
	SPOIL(segment->overflow, segment, NULL, "overflow segments are in a row");
	/* Into a bucket where it does not belong. */
	other = &segment->buckets[(home_of(key_of("string:7").hash) + 5) % HOMES];
	assert_int_not_equal(other->used, ALL_USED);
	free = __ffs(~other->used & ALL_USED);
	other->fingerprints[free] = bucket->fingerprints[slot];
	other->slots[free] = bucket->slots[slot];
	bucket->used &= ~(1u << slot);
	other->used |= 1u << free;
	finds("string:7", "is in bucket");
	finds("string:7", "not found by its key");
	bucket->used |= 1u << slot;
	other->used &= ~(1u << free);
}

static void directories(void **state)
{
	struct darter_table *table = &key_of("string:7").db->keys;
	struct darter_segment **segments;
	char command[32];
	u32 i, depth;

	fill("SET more:%u x", MANY);
	depth = table->directory->depth;
	segments = table->directory->segments;
	assert_true(depth >= 2);
	SPOIL(segments[0]->depth, depth + 1, NULL, "below a directory");
	SPOIL(segments[0], segments[(1 << depth) - 1], "*", "in the segment of");
	/* When the directory has doubled, most segments have two entries. */
	for (i = 0; table->directory->depth == depth; i++) {
		snprintf(command, sizeof(command), "SET again:%u x", i);
		says(command);
	}
	segments = table->directory->segments;
	for (i = 0; segments[i]->depth == table->directory->depth; i++)
		;
	SPOIL(segments[i + 1], segments[i ? 0 : (1 << depth)], NULL, "astray");
}

static void keys(void **state)
{
	struct darter_entry *entry = entry_of("string:7");
	struct darter_entry *hash = entry_of("small:7");

	SPOIL(*darter_entry_key(entry), 'S', "String:7", "not found by its key");
	SPOIL(entry->type, 7, "string:7", "type 7 and encoding 0");
	SPOIL(entry->encoding, DARTER_OBJECT, "string:7", "do not go together");
	SPOIL(hash->encoding, DARTER_BLOB, "small:7", "do not go together");
	SPOIL(entry_of("timed:7")->expires, false, NULL, "keys that expire");
}

static void blobs(void **state)
{
	struct darter_blob *blob = darter_entry_blob(entry_of("blob"));
	u32 refs = refcount_read(&blob->refs);

	SPOIL(blob->len, blob->room + 1, "blob", "its blob has");
	SPOIL(blob->room, blob->room - 8, "blob", "its blob has");
	SPOIL(key_of("blob").shard->blob_bytes, 8, NULL, "bytes are in use");
	refcount_set(&blob->refs, 0);
	finds("blob2", "nobody refers");
	refcount_set(&blob->refs, refs);
}

static void listpacks(void **state)
{
	u8 *lp = darter_hash_listpack(entry_of("small:7")), *other;

	SPOIL(lp[0], lp[0] + 1, "small:7", "listpack is unsound");
	SPOIL(lp[4], 2, "small:7", "listpack is unsound");
	SPOIL(lp[DARTER_LP_HEADER], 0xff, "small:7", "listpack is unsound");
	SPOIL(entry_of("small:7")->value_len, 3, "small:7", "listpack is unsound");
	other = darter_hash_listpack(entry_of("few"));
	assert_non_null(other);
	/* 0x81 'a' 2 '1' 1 ...: the second name becomes the first. */
	assert_int_equal(other[DARTER_LP_HEADER + 6], 'b');
	SPOIL(other[DARTER_LP_HEADER + 6], 'a', "few", "twice");
	SPOIL(darter_entry_hash(entry_of("few"))->room, 8, "few", "listpack is unsound");
}

static void fields(void **state)
{
	struct darter_hash *hash = darter_entry_hash(entry_of("big"));
	struct darter_field *field = darter_field_table_find(&hash->table, "f500", 4);

	assert_non_null(field);
	SPOIL(field->code, field->code + 1, "big", "notes another hash");
	SPOIL(field->bytes[1], 'x', "big", "not found by its name");
	SPOIL(hash->table.count, hash->table.count + 1, "big", "fields are counted");
	SPOIL(hash->table.directory->segments[0]->count, 3, "big", "a segment counts");
	SPOIL(hash->table.arena, NULL, "big", "another shard");
	SPOIL(hash->table.count, 0, "big", "without fields");
}

static void deadlines_of_fields(void **state)
{
	struct darter_ttls *ttls = darter_entry_hash(entry_of("big"))->ttls;
	struct darter_ttl *last = ttls->heap[ttls->count - 1];
	struct darter_entry *few = entry_of("few");

	assert_non_null(ttls->index);
	SPOIL(last->deadline, 1, "big", "out of order");
	SPOIL(last->at, 0, "big", "out of order");
	SPOIL(last->deadline, DARTER_TTL_NONE, "big", "never comes");
	SPOIL(last->name[1], 'x', "big", "that of no field");
	SPOIL(last->name[1], 'x', "big", "not in the index");
	SPOIL(ttls->bytes, ttls->bytes + 1, "big", "deadlines count");
	SPOIL(ttls->used, false, "big", "never used");
	SPOIL(ttls->index->count, 3, "big", "deadlines are counted");
	SPOIL(ttls->count, ttls->count - 1, "big", "the heap has not");
	SPOIL(ttls->room, 1, "big", "in a heap of");
	SPOIL(ttls->node.deadline, test_now + 10000000, "big", "does not expire in time");
	SPOIL(ttls->entry, few, "big", "those of another entry");
	SPOIL(ttls->entry, NULL, "big", "does not expire in time");
	SPOIL(ttls->entry, NULL, NULL, "that of no hash");
	SPOIL(key_of("few").db->field_deadlines.count, 7, NULL, "wheel of fields");
}

static void wheels(void **state)
{
	struct darter_db *db = key_of("timed:7").db;
	struct darter_entry *entry = entry_of("timed:7");
	struct darter_wheel_node *node = darter_entry_node(entry);

	SPOIL(node->deadline, node->deadline + 3600000, "timed:7", "waits in slot");
	SPOIL(node->link.pprev, NULL, "timed:7", "not linked in the wheel");
	SPOIL(node->link.pprev, &node->link.next, "timed:7", "not linked in the wheel");
	SPOIL(db->deadlines.count, db->deadlines.count + 1, NULL, "nodes of the wheel");
	SPOIL(db->deadlines.tick, db->deadlines.tick + 100000, "*", "waits in slot");
	SPOIL(db->volatile_keys, db->volatile_keys + 1, NULL, "keys that expire");
	SPOIL(db->deadline_sum, db->deadline_sum + 1, NULL, "the sum of deadlines");
	/* In the wheel and not in the table. */
	assert_ptr_equal(darter_table_remove(&db->keys, key_of("timed:7").hash, "timed:7", 7),
			 entry);
	finds(NULL, "is that of no key");
	assert_int_equal(darter_table_insert(&db->keys, key_of("timed:7").hash, entry), 0);
}

static void memory(void **state)
{
	struct darter_shard *shard = key_of("string:7").shard;
	struct darter_entry *entry = entry_of("string:7");
	struct slab *slab = (struct slab *)((unsigned long)entry & ~(SLAB_SIZE - 1));
	size_t room = darter_arena_footprint(darter_entry_size(entry->key_len, false, 5));
	struct darter_arena_class *class;
	u32 i;

	for (i = 0; class_size(i) != room; i++)
		;
	class = &shard->arena.classes[i];
	says("DEL string:9");
	SPOIL(shard->arena.used, shard->arena.used + 8, NULL, "bytes are in use");
	SPOIL(shard->guard.retired, shard->guard.retired + 8, NULL, "bytes are in use");
	SPOIL(shard->arena.reserved, shard->arena.reserved + 8, NULL, "and slabs");
	shard->published += 8;
	finds(NULL, "told to the instance");
	atomic64_add_return(8, &test_instance.used);
	SPOIL(slab->used, slab->used + 1, NULL, "gave out");
	SPOIL(slab->used, 0, "*", "in an empty slab");
	SPOIL(slab->fresh, slab->fresh + 1, NULL, "has given out up to");
	SPOIL(slab->fresh, SLAB_HEAD, "*", "never given out");
	SPOIL(class->nslabs, class->nslabs + 1, NULL, "slabs for");
	SPOIL(class->nempty, class->nempty + 1, NULL, "empty slabs for");
	list_move(&slab->link, slab_has_room(slab, room) ? &class->full : &class->partial);
	finds(NULL, "wrong list");
	list_move(&slab->link, slab_has_room(slab, room) ? &class->partial : &class->full);
}

/* As if it were of a class whose objects lie elsewhere. */
static void places_of_objects(void **state)
{
	struct darter_entry *entry;
	size_t at = 0;
	char name[32];
	u32 i;

	for (i = 0; !at; i++) {
		snprintf(name, sizeof(name), "string:%u", i);
		entry = entry_of(name);
		at = (unsigned long)entry % SLAB_SIZE - SLAB_HEAD;
	}
	for (i = 6; at % darter_arena_footprint(darter_entry_size(entry->key_len, false, i)) == 0;
	     i++)
		;
	SPOIL(entry->value_len, i, name, "between the objects");
}

static void chains_of_free_objects(void **state)
{
	struct slab *slab = (struct slab *)((unsigned long)entry_of("string:7") & ~(SLAB_SIZE - 1));
	struct darter_shard *shard = key_of("string:7").shard;
	char elsewhere[16] __aligned(8);

	SPOIL(slab->free, (void *)elsewhere, NULL, "lies elsewhere");
	says("DEL string:7");
	darter_guard_wait(&shard->guard);
	SPOIL(slab->free, NULL, NULL, "gave out");
}

static void the_instance(void **state)
{
	SPOIL(test_instance.nclients, 7, NULL, "clients");
	atomic64_add_return(8, &test_instance.used);
	finds(NULL, "memory of all shards");
	atomic64_add_return(-8, &test_instance.used);
}

static void watches(void **state)
{
	struct darter_shard *shard = key_of("string:7").shard;
	struct darter_watch *watch;

	says("WATCH string:7 nothing");
	watch = list_first_entry(&client->session.watched, struct darter_watch, session_link);
	SPOIL(watch->hash, watch->hash + 1, NULL, "a watched key is in bucket");
	SPOIL(watch->db, 99, NULL, "not one of this shard");
	SPOIL(watch->shard, NULL, NULL, "not one of this shard");
	SPOIL(shard->nwatches, shard->nwatches + 1, NULL, "watched keys");
	SPOIL(watch->hash_link.pprev, NULL, NULL, "linked badly");
	says("UNWATCH");
}

static void waiters(void **state)
{
	struct test_client *waiting = test_connect();
	struct darter_session *session = &waiting->session;

	list_add_tail(&session->park_link, &test_instance.shards[1].waiters);
	session->parked_on = &test_instance.shards[0];
	finds(NULL, "waits for another shard");
	/* The check has held the shard, and so has kicked who waited. */
	assert_true(list_empty(&session->park_link));
	session->parked_on = NULL;
}

static void slots(void **state)
{
	u16 slot = darter_key_slot("string:7", 8);

	SPOIL(test_instance.slot_counts[slot], 7, NULL, "keys of slot");
	/* A key of a slot that is another shard's. */
	assert_int_not_equal(darter_key_slot("string:7", 8), darter_key_slot("String:7", 8));
	SPOIL(*darter_entry_key(entry_of("string:7")), 'S', "String:7", "not found by its key");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_wrong),
		TEST(others_may_work_meanwhile),
		TEST(values_may_change_meanwhile),
		TEST(deadlines_move_through_the_wheel),
		TEST(keys_are_told),
		TEST(all_findings_are_counted),
		TEST(segments),
		TEST(directories),
		TEST(keys),
		TEST(blobs),
		TEST(listpacks),
		TEST(fields),
		TEST(deadlines_of_fields),
		TEST(wheels),
		TEST(memory),
		TEST(places_of_objects),
		TEST(chains_of_free_objects),
		TEST(the_instance),
		TEST(watches),
		cmocka_unit_test_setup_teardown(waiters, set_up, test_core_teardown),
		cmocka_unit_test_setup_teardown(slots, set_up_cluster, test_core_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
