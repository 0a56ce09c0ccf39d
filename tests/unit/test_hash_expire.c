// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Fields of hashes that expire: what the commands answer, what ends a field's time,
 * and many random operations beside a model, with a clock that is driven.
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
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/keyspace.h"

#define NO_FIELDS_WORD \
	"-ERR Mandatory argument FIELDS is missing or not at the right position\r\n"
#define NO_MATCH "-ERR The `numfields` parameter must match the number of arguments\r\n"
#define NOT_ABOVE_0 "-ERR Parameter `numFields` should be greater than 0\r\n"
#define NOT_POSITIVE "-ERR Number of fields must be a positive integer\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define WRONG_TYPE \
	"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

/* Let workers delete what has expired, in all shards. */
static void expire(u32 budget)
{
	u32 i;

	for (i = 0; i < test_instance.params.shards; i++)
		while (!darter_keyspace_expire(&test_instance.shards[i], test_now, budget))
			;
}

static u64 waiting(void)
{
	u64 count = 0;
	u32 i, db;

	for (i = 0; i < test_instance.params.shards; i++)
		for (db = 0; db < test_instance.params.databases; db++)
			count += test_instance.shards[i].dbs[db].field_deadlines.count;
	return count;
}

static void nothing_is_left(void)
{
	u32 i;

	assert_int_equal(waiting(), 0);
	test_grace_period();
	for (i = 0; i < test_instance.params.shards; i++)
		assert_true(!test_instance.shards[i].arena.used);
	assert_true(atomic64_read(&test_instance.used) == 0);
}

static void units_and_bases(void **state)
{
	says("HSET h a 1 b 2", ":2\r\n");
	says("HEXPIRE h 100 FIELDS 2 a none", "*2\r\n:1\r\n:-2\r\n");
	says("HPTTL h FIELDS 3 a b none", "*3\r\n:100000\r\n:-1\r\n:-2\r\n");
	says("HPEXPIRE h 1500 FIELDS 1 a", "*1\r\n:1\r\n");
	says("HPTTL h FIELDS 1 a", "*1\r\n:1500\r\n");
	says("HTTL h FIELDS 1 a", "*1\r\n:2\r\n");
	says("HEXPIREAT h 1800000000 FIELDS 1 a", "*1\r\n:1\r\n");
	says("HPTTL h FIELDS 1 a", "*1\r\n:100000000000\r\n");
	says("HEXPIRETIME h FIELDS 2 a b", "*2\r\n:1800000000\r\n:-1\r\n");
	says("HPEXPIREAT h 1700000000001 fields 1 a", "*1\r\n:1\r\n");
	says("HPEXPIRETIME h FIELDS 1 a", "*1\r\n:1700000000001\r\n");
	says("HEXPIRETIME h FIELDS 1 a", "*1\r\n:1700000001\r\n");
	says("HPERSIST h FIELDS 3 a b none", "*3\r\n:1\r\n:-1\r\n:-2\r\n");
	says("HPERSIST h FIELDS 1 a", "*1\r\n:-1\r\n");
	says("HTTL h FIELDS 1 a", "*1\r\n:-1\r\n");
}

static void keys_that_do_not_exist(void **state)
{
	static const char *const commands[] = {
		"HEXPIRE none 1 FIELDS 2 a b", "HPEXPIRE none 0 NX FIELDS 2 a b",
		"HEXPIREAT none 1 FIELDS 2 a b", "HPEXPIREAT none 1 FIELDS 2 a b",
		"HTTL none FIELDS 2 a b", "HPTTL none FIELDS 2 a b",
		"HEXPIRETIME none FIELDS 2 a b", "HPEXPIRETIME none FIELDS 2 a b",
		"HPERSIST none FIELDS 2 a b",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		says(commands[i], "*2\r\n:-2\r\n:-2\r\n");
	says("EXISTS none", ":0\r\n");
}

static void conditions(void **state)
{
	says("HSET h a 1 b 2", ":2\r\n");
	says("HEXPIRE h 100 XX FIELDS 1 a", "*1\r\n:0\r\n");
	says("HEXPIRE h 100 GT FIELDS 1 a", "*1\r\n:0\r\n");
	says("OBJECT ENCODING h", "$8\r\nlistpack\r\n");
	says("HEXPIRE h 100 NX FIELDS 2 a a", "*2\r\n:1\r\n:0\r\n");
	says("HEXPIRE h 100 nx FIELDS 2 a b", "*2\r\n:0\r\n:1\r\n");
	says("HEXPIRE h 99 GT FIELDS 1 a", "*1\r\n:0\r\n");
	says("HEXPIRE h 100 GT FIELDS 1 a", "*1\r\n:0\r\n");
	says("HEXPIRE h 101 GT FIELDS 1 a", "*1\r\n:1\r\n");
	says("HEXPIRE h 101 LT FIELDS 1 a", "*1\r\n:0\r\n");
	says("HEXPIRE h 50 LT FIELDS 1 a", "*1\r\n:1\r\n");
	says("HEXPIRE h 200 XX FIELDS 1 a", "*1\r\n:1\r\n");
	says("HPERSIST h FIELDS 1 b", "*1\r\n:1\r\n");
	says("HEXPIRE h 10 LT FIELDS 1 b", "*1\r\n:1\r\n");
	/* Time that has passed deletes, if the condition is met. */
	says("HEXPIRE h 0 GT FIELDS 1 a", "*1\r\n:0\r\n");
	says("HEXPIRE h 0 NX FIELDS 1 a", "*1\r\n:0\r\n");
	says("HEXPIRE h 0 LT FIELDS 1 a", "*1\r\n:2\r\n");
	says("HGETALL h", "*2\r\n$1\r\nb\r\n$1\r\n2\r\n");
}

static void errors(void **state)
{
	says("HSET h a 1 fields 2", ":2\r\n");
	says("SET s v", "+OK\r\n");
	says("HEXPIRE s x y z", "-ERR wrong number of arguments for 'hexpire' command\r\n");
	says("HEXPIRE s x FIELDS 1 a", WRONG_TYPE);
	says("HTTL s FIELDS 0 a", WRONG_TYPE);
	says("HPERSIST s FIELDS 0 a", WRONG_TYPE);
	says("HEXPIRE h x FIELDS 1 a", NOT_INTEGER);
	says("HEXPIRE h -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0\r\n");
	says("HEXPIRE h 70368744178 FIELDS 1 a", "-ERR invalid expire time in 'hexpire' command\r\n");
	says("HEXPIRE h 9223372036854775807 FIELDS 1 a",
	     "-ERR invalid expire time in 'hexpire' command\r\n");
	says("HPEXPIRE h 70368744177663 FIELDS 1 a",
	     "-ERR invalid expire time in 'hpexpire' command\r\n");
	says("HPEXPIREAT h 70368744177664 FIELDS 1 a",
	     "-ERR invalid expire time in 'hpexpireat' command\r\n");
	says("HEXPIREAT h 70368744178 FIELDS 1 a",
	     "-ERR invalid expire time in 'hexpireat' command\r\n");
	says("HEXPIRE h 1 YY FIELDS 1 a", NO_FIELDS_WORD);
	says("HEXPIRE h 1 NX XX FIELDS 1 a", NO_FIELDS_WORD);
	says("HTTL h a FIELDS 1", NO_FIELDS_WORD);
	says("HEXPIRE h 1 FIELDS 0 a", NOT_ABOVE_0);
	says("HEXPIRE h 1 FIELDS x a", NOT_ABOVE_0);
	says("HEXPIRE h 1 NX FIELDS -1 a", NOT_ABOVE_0);
	says("HPTTL h FIELDS 0 a", NOT_POSITIVE);
	says("HPERSIST h FIELDS x a", NOT_POSITIVE);
	says("HEXPIRE h 1 FIELDS 2 a", NO_MATCH);
	says("HEXPIRE h 1 FIELDS 1 a fields", NO_MATCH);
	says("HEXPIRETIME h FIELDS 1 a fields", NO_MATCH);
	says("HPERSIST h FIELDS 9223372036854775807 a", NO_MATCH);
	says("HTTL h FIELDS 2 a fields", "*2\r\n:-1\r\n:-1\r\n");
	says("HPEXPIREAT h 70368744177663 FIELDS 1 a", "*1\r\n:1\r\n");
}

static void the_last_millisecond_counts(void **state)
{
	says("HSET h a 1 b 2", ":2\r\n");
	says("HPEXPIRE h 10 FIELDS 1 a", "*1\r\n:1\r\n");
	test_now += 10;
	expire(100);
	says("HPTTL h FIELDS 1 a", "*1\r\n:0\r\n");
	says("HGET h a", "$1\r\n1\r\n");
	test_now++;
	says("HGET h a", "$-1\r\n");
	says("HPTTL h FIELDS 1 a", "*1\r\n:-2\r\n");
}

/* Each of them alone is the first to look. */
static void nobody_sees_what_has_expired(void **state)
{
	static const struct {
		const char *command, *reply;
	} looks[] = {
		{ "HGET h a", "$-1\r\n" }, { "HMGET h a b", "*2\r\n$-1\r\n$1\r\n2\r\n" },
		{ "HGETALL h", "*2\r\n$1\r\nb\r\n$1\r\n2\r\n" }, { "HLEN h", ":1\r\n" },
		{ "HKEYS h", "*1\r\n$1\r\nb\r\n" }, { "HVALS h", "*1\r\n$1\r\n2\r\n" },
		{ "HEXISTS h a", ":0\r\n" }, { "HSTRLEN h a", ":0\r\n" },
		{ "HDEL h a", ":0\r\n" }, { "HSETNX h a 5", ":1\r\n" }, { "HSET h a 5", ":1\r\n" },
		{ "HINCRBY h a 1", ":1\r\n" }, { "HINCRBYFLOAT h a 1.5", "$3\r\n1.5\r\n" },
		{ "HSCAN h 0", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n" },
		{ "HRANDFIELD h", "$1\r\nb\r\n" }, { "HRANDFIELD h 5", "*1\r\n$1\r\nb\r\n" },
		{ "HTTL h FIELDS 1 a", "*1\r\n:-2\r\n" },
		{ "HPERSIST h FIELDS 1 a", "*1\r\n:-2\r\n" },
		{ "HEXPIRE h 5 FIELDS 1 a", "*1\r\n:-2\r\n" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(looks); i++) {
		says("HSET h a 1 b 2", ":2\r\n");
		says("HPEXPIRE h 10 FIELDS 1 a", "*1\r\n:1\r\n");
		test_now += 11;
		says(looks[i].command, looks[i].reply);
		says("DEL h", ":1\r\n");
		nothing_is_left();
	}
}

static void what_is_set_anew_stays(void **state)
{
	says("HSET h a 1 b 2 c 3 d 4", ":4\r\n");
	says("HEXPIRE h 100 FIELDS 4 a b c d", "*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n");
	says("HSET h a 5", ":0\r\n");
	says("HINCRBY h b 1", ":3\r\n");
	says("HINCRBYFLOAT h c 1", "$1\r\n4\r\n");
	says("HSETNX h d 1", ":0\r\n");
	says("HTTL h FIELDS 4 a b c d", "*4\r\n:-1\r\n:100\r\n:100\r\n:100\r\n");
	says("HMSET h b 1 new 2 c 5", "+OK\r\n");
	says("HTTL h FIELDS 4 a b c d", "*4\r\n:-1\r\n:-1\r\n:-1\r\n:100\r\n");
	says("HDEL h d", ":1\r\n");
	says("HSET h d 1", ":1\r\n");
	says("HTTL h FIELDS 1 d", "*1\r\n:-1\r\n");
	assert_int_equal(waiting(), 0);
}

static void the_key_goes_with_its_last_field(void **state)
{
	says("HSET h a 1", ":1\r\n");
	says("HPEXPIRE h 10 FIELDS 1 a", "*1\r\n:1\r\n");
	test_now += 11;
	says("EXISTS h", ":0\r\n");
	nothing_is_left();
	says("HSET h a 1 b 2", ":2\r\n");
	says("HPEXPIRE h 10 FIELDS 2 a b", "*2\r\n:1\r\n:1\r\n");
	test_now += 11;
	expire(100);
	says("DBSIZE", ":0\r\n");
	nothing_is_left();
	says("HSET h a 1 b 2", ":2\r\n");
	says("HEXPIREAT h 0 FIELDS 3 a b a", "*3\r\n:2\r\n:2\r\n:-2\r\n");
	says("EXISTS h", ":0\r\n");
	nothing_is_left();
}

static void workers_delete_in_small_parts(void **state)
{
	char words[64];
	u32 i;

	for (i = 0; i < 1000; i++) {
		sprintf(words, "HSET h f%u v", i);
		says(words, ":1\r\n");
		sprintf(words, "HPEXPIRE h %u FIELDS 1 f%u", i < 999 ? 1 + i % 7 : 100000, i);
		says(words, "*1\r\n:1\r\n");
	}
	says("OBJECT ENCODING h", "$9\r\nhashtable\r\n");
	test_now += 200;
	expire(10);
	for (i = 0; i < test_instance.params.shards; i++)
		if (test_instance.shards[i].dbs[0].keys.count)
			assert_int_equal(test_instance.shards[i].dbs[0].field_deadlines.count, 1);
	says("HKEYS h", "*1\r\n$4\r\nf999\r\n");
	test_now += 100000;
	expire(10);
	says("DBSIZE", ":0\r\n");
	nothing_is_left();
}

static void watchers_are_told(void **state)
{
	struct test_client *other = test_connect();

	says("HSET h a 1 b 2", ":2\r\n");
	says("HPEXPIRE h 10 FIELDS 1 a", "*1\r\n:1\r\n");
	says("WATCH h", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("HGET h b", "+QUEUED\r\n");
	test_now += 11;
	says("EXEC", "*-1\r\n");
	says("WATCH h", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("HGET h b", "+QUEUED\r\n");
	assert_string_equal(test_say(other, "HEXPIRE h 10 XX FIELDS 1 b"), "*1\r\n:0\r\n");
	says("EXEC", "*1\r\n$1\r\n2\r\n");
	says("WATCH h", "+OK\r\n");
	assert_string_equal(test_say(other, "HEXPIRE h 10 FIELDS 1 b"), "*1\r\n:1\r\n");
	says("MULTI", "+OK\r\n");
	says("EXEC", "*-1\r\n");
	says("WATCH h", "+OK\r\n");
	assert_string_equal(test_say(other, "HPERSIST h FIELDS 1 b"), "*1\r\n:1\r\n");
	says("MULTI", "+OK\r\n");
	says("EXEC", "*-1\r\n");
}

static void encodings(void **state)
{
	says("HSET h a 1", ":1\r\n");
	says("OBJECT ENCODING h", "$8\r\nlistpack\r\n");
	says("HEXPIRE h 0 FIELDS 1 none", "*1\r\n:-2\r\n");
	says("HEXPIRE h 5 FIELDS 1 none", "*1\r\n:-2\r\n");
	says("OBJECT ENCODING h", "$8\r\nlistpack\r\n");
	says("HEXPIRE h 5 FIELDS 1 a", "*1\r\n:1\r\n");
	says("OBJECT ENCODING h", "$10\r\nlistpackex\r\n");
	says("HPERSIST h FIELDS 1 a", "*1\r\n:1\r\n");
	says("OBJECT ENCODING h", "$10\r\nlistpackex\r\n");
	says("HEXPIRE h 5 FIELDS 1 a", "*1\r\n:1\r\n");
	says("CONFIG SET hash-max-listpack-value 3", "+OK\r\n");
	says("HSET h b long", ":1\r\n");
	says("OBJECT ENCODING h", "$9\r\nhashtable\r\n");
	says("HTTL h FIELDS 2 a b", "*2\r\n:5\r\n:-1\r\n");
}

static void dump_tells_no_deadline(void **state)
{
	says("HSET h a 1", ":1\r\n");
	says("HEXPIRE h 5 FIELDS 1 a", "*1\r\n:1\r\n");
	says("DUMP h", "-ERR DUMP of a hash whose fields expire is not supported\r\n");
	says("HPERSIST h FIELDS 1 a", "*1\r\n:1\r\n");
	assert_int_equal(test_say(client, "DUMP h")[0], '$');
}

static u64 usage(const char *key)
{
	char words[32];

	sprintf(words, "MEMORY USAGE %s", key);
	return strtoull(test_say(client, words) + 1, NULL, 10);
}

/* All that the arenas count is told. */
static void usage_is_exact(void **state)
{
	char words[64];
	u64 used;
	u32 i, j;

	for (i = 0; i < 100; i++) {
		sprintf(words, "HSET h f%u v", i);
		says(words, ":1\r\n");
		if (i % 2)
			continue;
		sprintf(words, "HEXPIRE h %u FIELDS 1 f%u", 100 + i, i);
		says(words, "*1\r\n:1\r\n");
		test_grace_period();
		for (j = 0, used = 0; j < test_instance.params.shards; j++)
			used += test_instance.shards[j].arena.used;
		/* The keyspace's own table is nobody's. */
		for (j = 0; j < test_instance.params.shards; j++)
			if (test_instance.shards[j].dbs[0].keys.count)
				used -= darter_table_bytes(&test_instance.shards[j].dbs[0].keys);
		assert_int_equal(usage("h"), used);
	}
}

/* The model: what there is, and the random operations on both. */

#define KEYS 3
#define DBS 2
#define NAMES 60
#define ROUNDS 6
#define STEPS 4000
#define NEVER 0

static struct field {
	bool exists;
	s64 value;
	u64 deadline;			/* NEVER: none */
} model[DBS][KEYS][NAMES];
static u64 seed;
static u32 db;
static char words[256], wanted[64];

static u32 pick(u32 below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static void model_expire(void)
{
	struct field *field = &model[0][0][0];
	u32 i;

	for (i = 0; i < DBS * KEYS * NAMES; i++, field++)
		if (field->exists && field->deadline != NEVER && field->deadline < test_now)
			*field = (struct field) {};
}

static bool model_exists(u32 key)
{
	u32 i;

	for (i = 0; i < NAMES; i++)
		if (model[db][key][i].exists)
			return true;
	return false;
}

static void check_key(u32 key)
{
	struct field *field;
	u32 i, count = 0;

	for (i = 0; i < NAMES; i++) {
		field = &model[db][key][i];
		count += field->exists;
		sprintf(words, "HGET k%u f%u", key, i);
		if (field->exists) {
			char digits[24];
			int len = sprintf(digits, "%lld", (long long)field->value);

			sprintf(wanted, "$%d\r\n%s\r\n", len, digits);
		} else {
			sprintf(wanted, "$-1\r\n");
		}
		says(words, wanted);
		sprintf(words, "HPEXPIRETIME k%u FIELDS 1 f%u", key, i);
		sprintf(wanted, "*1\r\n:%lld\r\n", !field->exists ? -2LL :
			field->deadline == NEVER ? -1LL : (long long)field->deadline);
		says(words, wanted);
	}
	sprintf(words, "HLEN k%u", key);
	sprintf(wanted, ":%u\r\n", count);
	says(words, wanted);
}

static void set_field(u32 key, u32 name)
{
	struct field *field = &model[db][key][name];
	s64 value = pick(100000);

	sprintf(words, "HSET k%u f%u %lld", key, name, (long long)value);
	says(words, field->exists ? ":0\r\n" : ":1\r\n");
	*field = (struct field) { .exists = true, .value = value, .deadline = NEVER };
}

static void add_to_field(u32 key, u32 name)
{
	struct field *field = &model[db][key][name];

	sprintf(words, "HINCRBY k%u f%u 7", key, name);
	field->exists = true;
	field->value += 7;
	sprintf(wanted, ":%lld\r\n", (long long)field->value);
	says(words, wanted);
}

static int model_set_deadline(struct field *field, u32 only, u64 deadline)
{
	bool has = field->deadline != NEVER;

	if (!field->exists)
		return -2;
	if ((only == 1 && has) || (only == 2 && !has) ||
	    (only == 3 && (!has || deadline <= field->deadline)) ||
	    (only == 4 && has && deadline >= field->deadline))
		return 0;
	if (deadline <= test_now) {
		*field = (struct field) {};
		return 2;
	}
	field->deadline = deadline;
	return 1;
}

static void set_deadlines(u32 key)
{
	static const char *const conditions[] = { "", "NX ", "XX ", "GT ", "LT " };
	u32 only = pick(5), first = pick(NAMES), count = 1 + pick(4), i;
	u64 deadline = test_now + (pick(8) ? 1 + pick(pick(4) ? 3000 : 3) : 0);
	int len;

	sprintf(words, "HPEXPIREAT k%u %llu %sFIELDS %u", key, (unsigned long long)deadline,
		conditions[only], count);
	len = sprintf(wanted, "*%u\r\n", count);
	for (i = 0; i < count; i++) {
		u32 name = (first + i * i) % NAMES;

		sprintf(words + strlen(words), " f%u", name);
		len += sprintf(wanted + len, ":%d\r\n",
			       model_set_deadline(&model[db][key][name], only, deadline));
	}
	says(words, wanted);
}

static void persist(u32 key, u32 name)
{
	struct field *field = &model[db][key][name];

	sprintf(words, "HPERSIST k%u FIELDS 1 f%u", key, name);
	says(words, !field->exists ? "*1\r\n:-2\r\n" :
	     field->deadline == NEVER ? "*1\r\n:-1\r\n" : "*1\r\n:1\r\n");
	field->deadline = NEVER;
}

static void delete_field(u32 key, u32 name)
{
	struct field *field = &model[db][key][name];

	sprintf(words, "HDEL k%u f%u", key, name);
	says(words, field->exists ? ":1\r\n" : ":0\r\n");
	*field = (struct field) {};
}

static void whole_keys(u32 key)
{
	u32 other = (key + 1) % KEYS;
	bool exists = model_exists(key);

	switch (pick(6)) {
	case 0:
		sprintf(words, "COPY k%u k%u REPLACE", key, other);
		says(words, exists ? ":1\r\n" : ":0\r\n");
		if (exists)
			memcpy(model[db][other], model[db][key], sizeof(model[db][key]));
		break;
	case 1:
		sprintf(words, "RENAME k%u k%u", key, other);
		says(words, exists ? "+OK\r\n" : "-ERR no such key\r\n");
		if (!exists)
			break;
		memcpy(model[db][other], model[db][key], sizeof(model[db][key]));
		memset(model[db][key], 0, sizeof(model[db][key]));
		break;
	case 2:
		sprintf(words, "MOVE k%u %u", key, !db);
		db = !db;
		exists &= !model_exists(key);
		db = !db;
		says(words, exists ? ":1\r\n" : ":0\r\n");
		if (!exists)
			break;
		memcpy(model[!db][key], model[db][key], sizeof(model[db][key]));
		memset(model[db][key], 0, sizeof(model[db][key]));
		break;
	case 3:
		says("SWAPDB 0 1", "+OK\r\n");
		for (key = 0; key < KEYS; key++)
			for (other = 0; other < NAMES; other++)
				swap(model[0][key][other], model[1][key][other]);
		break;
	case 4:
		/* The entry gains a node, or loses it. */
		sprintf(words, "%s k%u%s", pick(2) ? "PERSIST" : "EXPIRE", key, "");
		if (words[0] == 'E')
			strcat(words, " 1000000");
		test_say(client, words);
		break;
	default:
		db = pick(DBS);
		says(db ? "SELECT 1" : "SELECT 0", "+OK\r\n");
	}
}

static void step(void)
{
	u32 key = pick(KEYS), name = pick(NAMES), what = pick(100);

	if (what < 30)
		set_field(key, name);
	else if (what < 60)
		set_deadlines(key);
	else if (what < 66)
		persist(key, name);
	else if (what < 72)
		delete_field(key, name);
	else if (what < 78)
		add_to_field(key, name);
	else if (what < 84)
		whole_keys(key);
	else if (what < 92)
		test_now += pick(pick(4) ? 20 : 2000);
	else if (what < 98)
		expire(1 + pick(3));
	else
		check_key(key);
	model_expire();
}

static void everything_expires(void)
{
	u32 key, i;

	for (db = 0; db < DBS; db++) {
		says(db ? "SELECT 1" : "SELECT 0", "+OK\r\n");
		for (key = 0; key < KEYS; key++) {
			check_key(key);
			sprintf(words, "PERSIST k%u", key);
			test_say(client, words);
			for (i = 0; i < NAMES; i++) {
				sprintf(words, "HPEXPIRE k%u %u FIELDS 1 f%u", key,
					1 + pick(9000), i);
				test_say(client, words);
			}
		}
	}
	/* Nobody looks. */
	for (i = 0; i < 100; i++, test_now += 100)
		expire(1 + pick(3));
	nothing_is_left();
	memset(model, 0, sizeof(model));
}

static void model_agrees(void **state)
{
	static const char *const limits[] = { "512", "20", "0" };
	u32 round, i;

	for (round = 0; round < ROUNDS; round++) {
		seed = round + 1;
		sprintf(words, "CONFIG SET hash-max-listpack-entries %s", limits[round % 3]);
		says(words, "+OK\r\n");
		db = 0;
		says("SELECT 0", "+OK\r\n");
		for (i = 0; i < STEPS; i++)
			step();
		everything_expires();
	}
}

#define unit(test) cmocka_unit_test_setup_teardown(test, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit(units_and_bases),
		unit(keys_that_do_not_exist),
		unit(conditions),
		unit(errors),
		unit(the_last_millisecond_counts),
		unit(nobody_sees_what_has_expired),
		unit(what_is_set_anew_stays),
		unit(the_key_goes_with_its_last_field),
		unit(workers_delete_in_small_parts),
		unit(watchers_are_told),
		unit(encodings),
		unit(dump_tells_no_deadline),
		unit(usage_is_exact),
		unit(model_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
