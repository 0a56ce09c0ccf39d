// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Hash commands, DUMP and RESTORE through a client: what one call alone does not show. */
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
#include "kmod/core/lane.h"

#define FIELDS 1200

#define expect(words, reply) assert_string_equal(test_say(client, words), reply)

static void a_hash_without_fields_is_gone(void **state)
{
	expect("HSET h a 1 b 2", ":2\r\n");
	expect("HDEL h a c a", ":1\r\n");
	expect("HDEL h b b", ":1\r\n");
	expect("EXISTS h", ":0\r\n");
	expect("HGETALL h", "*0\r\n");
	expect("TYPE h", "+none\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

static void errors_make_no_hash(void **state)
{
	expect("HSET h a", "-ERR wrong number of arguments for 'hset' command\r\n");
	expect("HSET h a 1 b", "-ERR wrong number of arguments for 'hset' command\r\n");
	expect("HINCRBY h a x", "-ERR value is not an integer or out of range\r\n");
	expect("HINCRBYFLOAT h a inf", "-ERR value is NaN or Infinity\r\n");
	expect("EXISTS h", ":0\r\n");
	expect("HSET h a text", ":1\r\n");
	expect("HINCRBY h a 1", "-ERR hash value is not an integer\r\n");
	expect("HINCRBYFLOAT h a 1", "-ERR hash value is not a float\r\n");
	expect("HGET h a", "$4\r\ntext\r\n");
}

static void replies_of_both_protocols(void **state)
{
	expect("HSET h a 1", ":1\r\n");
	expect("HGETALL h", "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
	expect("HRANDFIELD h 5 WITHVALUES", "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
	expect("HRANDFIELD h -2 WITHVALUES", "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n1\r\n");
	expect("HGET h x", "$-1\r\n");
	expect("HSCAN h 0", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
	test_say(client, "HELLO 3");
	expect("HGETALL h", "%1\r\n$1\r\na\r\n$1\r\n1\r\n");
	expect("HGETALL none", "%0\r\n");
	expect("HKEYS none", "*0\r\n");
	expect("HRANDFIELD h 5 WITHVALUES", "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
	expect("HRANDFIELD h -1 WITHVALUES", "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
	expect("HRANDFIELD none", "_\r\n");
	expect("HMGET h a x", "*2\r\n$1\r\n1\r\n_\r\n");
	expect("HSCAN h 0", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
}

static void fill(const char *key, u32 count)
{
	char command[64];
	u32 i;

	for (i = 0; i < count; i++) {
		snprintf(command, sizeof(command), "HSET %s f%u %u", key, i, i);
		expect(command, ":1\r\n");
	}
}

/* Note the fields of an HSCAN reply; returns the next cursor. */
static u64 note_fields(const char *reply, u8 *seen)
{
	unsigned long long cursor;
	u32 len, index;
	char *at;

	assert_int_equal(sscanf(reply, "*2\r\n$%u\r\n%llu\r\n", &len, &cursor), 2);
	for (at = strstr(reply, "\r\nf"); at; at = strstr(at + 1, "\r\nf")) {
		assert_int_equal(sscanf(at, "\r\nf%u\r\n", &index), 1);
		assert_true(index < FIELDS);
		seen[index] = 1;
	}
	return cursor;
}

/* What stays in the hash from begin to end is found, though the rest goes meanwhile. */
static void scans_find_what_stays(void **state)
{
	static u8 seen[FIELDS];
	u32 step = 0, i, gone = 0;
	char command[64];
	u64 cursor = 0;

	memset(seen, 0, sizeof(seen));
	fill("h", FIELDS);
	do {
		snprintf(command, sizeof(command), "HSCAN h %llu COUNT 7",
			 (unsigned long long)cursor);
		cursor = note_fields(test_say(client, command), seen);
		for (i = 0; i < 12 && gone < FIELDS; i++, gone += 2) {
			snprintf(command, sizeof(command), "HDEL h f%u", gone);
			expect(command, ":1\r\n");
		}
		assert_true(++step < 10 * FIELDS);
	} while (cursor);
	assert_true(step > 10);
	for (i = 1; i < FIELDS; i += 2)
		assert_true(seen[i]);
}

static void picks_are_bounded(void **state)
{
	static const char oom[] =
		"-OOM command not allowed when used memory > 'maxmemory'.\r\n";

	fill("h", 3);
	/* Memory of the machine is 4 GiB here. */
	expect("HRANDFIELD h -9223372036854775807", oom);
	expect("HRANDFIELD h -1000000000", oom);
	test_instance.config.output_limits[DARTER_CLIENT_NORMAL].hard = 20000;
	expect("HRANDFIELD h -10000", oom);
	expect("HRANDFIELD h -3000", oom);
	assert_memory_equal(test_say(client, "HRANDFIELD h -1000"), "*1000\r\n", 7);
	expect("PING", "+PONG\r\n");
}

/* The fields "f<number>" and values "<number>" of an array: each only once. */
static u32 assert_different(const char *reply, u32 count, bool values)
{
	bool seen[FIELDS] = {};
	u32 i, field, value, len, first = 0;
	int used;

	assert_int_equal(sscanf(reply, "*%u\r\n%n", &i, &used), 1);
	assert_int_equal(i, values ? 2 * count : count);
	for (i = 0; i < count; i++) {
		reply += used;
		assert_int_equal(sscanf(reply, "$%u\r\nf%u\r\n%n", &len, &field, &used), 2);
		assert_true(field < FIELDS && !seen[field]);
		seen[field] = true;
		first = i ? first : field;
		if (!values)
			continue;
		reply += used;
		assert_int_equal(sscanf(reply, "$%u\r\n%u\r\n%n", &len, &value, &used), 2);
		assert_int_equal(value, field);
	}
	assert_string_equal(reply + used, "");
	return first;
}

/* Few of many are picked one by one, many in passing: no field comes twice. */
static void picks_are_different(void **state)
{
	static const u32 counts[] = { 1, 2, 3, 100, FIELDS / 3, FIELDS / 3 + 1, FIELDS };
	char command[64];
	u32 i, firsts = 0, before = FIELDS;

	fill("h", FIELDS);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		snprintf(command, sizeof(command), "HRANDFIELD h %u", counts[i]);
		assert_different(test_say(client, command), counts[i], false);
		strcat(command, " WITHVALUES");
		assert_different(test_say(client, command), counts[i], true);
	}
	/* And not always the same ones: of twenty picks some differ from the one before. */
	for (i = 0; i < 20; i++) {
		u32 first = assert_different(test_say(client, "HRANDFIELD h 10"), 10, false);

		firsts += first != before;
		before = first;
	}
	assert_true(firsts > 5);
	/* The second allocation is to remember what was picked. */
	shim_alloc_fail_after = 1;
	expect("HRANDFIELD h 10", "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
	shim_alloc_fail_after = -1;
}

static char payload[65536];
static u32 payload_len;

/* Keep the bulk that a DUMP replied. */
static void dump(const char *key)
{
	char command[32];
	const char *reply;

	snprintf(command, sizeof(command), "DUMP %s", key);
	reply = test_say(client, command);
	assert_int_equal(sscanf(reply, "$%u\r\n", &payload_len), 1);
	assert_true(payload_len < sizeof(payload));
	memcpy(payload, strchr(reply, '\n') + 1, payload_len);
}

static const char *restore(const char *key, const char *ttl, const char *words)
{
	return test_restore(client, "RESTORE", key, ttl, payload, payload_len, words);
}

/* RESTORE over a value with that many allocations; true when it has worked. */
static bool try_restore(const char *old, const char *old_dump, u32 old_len, long allocations)
{
	const char *reply;
	bool works;

	test_drop_spare_chunks();
	shim_alloc_fail_after = allocations;
	reply = restore(old, "0", "REPLACE");
	works = !strcmp(reply, "+OK\r\n");
	shim_alloc_fail_after = -1;
	if (works)
		return true;
	assert_true(!strncmp(reply, "-OOM ", 5) || client->verdict == DARTER_SESSION_ABORT);
	if (client->verdict == DARTER_SESSION_ABORT) {
		test_close(client);
		client = test_connect();
	}
	if (old_len) {
		char *new_payload = malloc(payload_len);
		u32 new_len = payload_len;

		memcpy(new_payload, payload, payload_len);
		dump(old);
		assert_int_equal(payload_len, old_len);
		assert_memory_equal(payload, old_dump, old_len);
		memcpy(payload, new_payload, new_len);
		payload_len = new_len;
		free(new_payload);
	} else {
		char command[32];

		snprintf(command, sizeof(command), "EXISTS %s", old);
		expect(command, ":0\r\n");
	}
	return false;
}

static void make_values(void)
{
	static char big[20001];
	char command[sizeof(big) + 64];

	memset(big, 'b', sizeof(big) - 1);
	expect("CONFIG SET hash-max-listpack-entries 20", "+OK\r\n");
	expect("SET small value", "+OK\r\n");
	snprintf(command, sizeof(command), "SET big %s", big);
	expect(command, "+OK\r\n");
	fill("listpack", 15);
	fill("table", 300);
	snprintf(command, sizeof(command), "HSET table long %s", big);
	expect(command, ":1\r\n");
}

static void restores_all_or_nothing(void **state)
{
	static const char *const values[] = { "small", "big", "listpack", "table" };
	static const char *const targets[] = { "none", "small", "listpack" };
	static char old_dump[65536];
	u32 v, t, old_len;

	for (v = 0; v < ARRAY_SIZE(values); v++)
		for (t = 0; t < ARRAY_SIZE(targets); t++) {
			long allocations = 0;

			expect("FLUSHALL", "+OK\r\n");
			make_values();
			old_len = 0;
			if (t) {
				dump(targets[t]);
				old_len = payload_len;
				memcpy(old_dump, payload, payload_len);
			}
			dump(values[v]);
			while (!try_restore(targets[t], old_dump, old_len, allocations))
				assert_true(++allocations < 1000);
			/* The same value as the one that was dumped. */
			memcpy(old_dump, payload, payload_len);
			old_len = payload_len;
			dump(targets[t]);
			assert_int_equal(payload_len, old_len);
			if (v != 3)
				assert_memory_equal(payload, old_dump, old_len);
		}
	expect("FLUSHALL", "+OK\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

static struct darter_entry *find(const char *name, struct darter_key *key)
{
	struct darter_entry *entry;

	darter_key_init(key, &test_instance, 0, name, strlen(name));
	darter_shard_lock(key->shard);
	entry = darter_key_find(key, test_now);
	darter_shard_unlock(key->shard);
	return entry;
}

static void restores_times(void **state)
{
	struct darter_entry *entry;
	struct darter_key key;

	expect("SET s value", "+OK\r\n");
	dump("s");
	assert_string_equal(restore("a", "1000", ""), "+OK\r\n");
	expect("PTTL a", ":1000\r\n");
	assert_string_equal(restore("a", "1700000005000", "ABSTTL REPLACE"), "+OK\r\n");
	expect("PEXPIRETIME a", ":1700000005000\r\n");
	/* Gone already: the old value goes, too. */
	assert_string_equal(restore("a", "1700000000000", "ABSTTL REPLACE"), "+OK\r\n");
	expect("EXISTS a", ":0\r\n");
	assert_string_equal(restore("i", "0", "IDLETIME 100"), "+OK\r\n");
	entry = find("i", &key);
	assert_non_null(entry);
	assert_int_equal(entry->access, TEST_BEGIN_MS / 1000 - 100);
	assert_string_equal(restore("i", "0", "IDLETIME 9223372036854775807 REPLACE"), "+OK\r\n");
	assert_int_equal(find("i", &key)->access, 0);
}

#define HASH_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HASH_TEST(a_hash_without_fields_is_gone),
		HASH_TEST(errors_make_no_hash),
		HASH_TEST(replies_of_both_protocols),
		HASH_TEST(scans_find_what_stays),
		HASH_TEST(picks_are_bounded),
		HASH_TEST(picks_are_different),
		HASH_TEST(restores_all_or_nothing),
		HASH_TEST(restores_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
