// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c tests/fuzz/fuzz.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Payloads for RESTORE. The first byte of an input says how the instance is
 * configured and whether the rest is a payload without its version and checksum,
 * which are then added. What is taken must be dumped and restored again to the
 * same, and bear being read and changed.
 */
#include <stdint.h>
#include <string.h>

#include <linux/kernel.h>

#include "fuzz.h"
#include "kmod/core/bytes.h"
#include "kmod/core/crc.h"
#include "kmod/core/digest.h"
#include "kmod/core/dump.h"
#include "kmod/core/keyspace.h"
#include "kmod/core/lane.h"
#include "target.h"
#include "tests/unit/core.h"

#define BODY_MAX 2048
#define FOOTER 10
/* The least that proto-max-bulk-len can be, and more than any value gets long here. */
#define BULK_MAX (1 << 20)

/* The first byte. */
#define COMPRESS 0x01
#define SMALL_LISTPACKS 0x02
#define AS_IT_IS 0x04

/* Read and change the value; hashes refuse some of these, strings the others. */
static const char *const uses[] = {
	"TYPE a", "OBJECT ENCODING a", "MEMORY USAGE a", "STRLEN a", "GET a", "GETRANGE a 1 -2",
	"GETBIT a 100", "BITCOUNT a", "APPEND a x", "SETRANGE a 3 y",
	"HLEN a", "HGETALL a", "HSCAN a 0", "HRANDFIELD a -1", "HSTRLEN a f", "HSET a f v",
	"HINCRBY a n 1", "HDEL a f", "HSET a f v n 2", "COPY a c", "RENAME a d", "DUMP d",
};

static void configure(u8 how)
{
	struct darter_config *config = &test_instance.config;

	WRITE_ONCE(config->max_bulk_len, BULK_MAX);
	WRITE_ONCE(config->rdb_compression, !!(how & COMPRESS));
	if (how & SMALL_LISTPACKS) {
		WRITE_ONCE(config->hash_max_listpack_entries, 2);
		WRITE_ONCE(config->hash_max_listpack_value, 8);
	}
}

/* The payload that an input stands for. Return: its length. */
static u32 make_payload(const u8 *data, size_t size, u8 *payload)
{
	u8 how = data[0];

	data++;
	size--;
	memcpy(payload, data, size);
	if (how & AS_IT_IS)
		return size;
	darter_put_le(payload + size, DARTER_DUMP_VERSION, 2);
	darter_put_le(payload + size + 2, darter_crc64(0, payload, size + 2), 8);
	return size + FOOTER;
}

static const char *restore(const char *key, const void *payload, u32 len)
{
	const struct darter_arg argv[] = {
		{ .bytes = "RESTORE", .len = 7 },
		{ .bytes = key, .len = strlen(key) },
		{ .bytes = "0", .len = 1 },
		{ .bytes = payload, .len = len },
	};

	return test_say_args(client, argv, ARRAY_SIZE(argv));
}

/* Leaves the key's shard locked. */
static struct darter_entry *find(const char *name, struct darter_key *key)
{
	darter_key_init(key, &test_instance, 0, name, strlen(name));
	darter_shard_lock(key->shard);
	return darter_key_find(key, test_now);
}

/* Set to the value's digest and its payload, which is to be put. */
static void look_at(const char *name, struct darter_digest *digest, struct darter_blob **payload)
{
	bool compress = READ_ONCE(test_instance.config.rdb_compression);
	struct darter_entry *entry;
	struct darter_key key;

	entry = find(name, &key);
	fuzz_check(entry);
	memset(digest, 0, sizeof(*digest));
	darter_digest_entry(digest, entry);
	*payload = darter_dump(entry, compress);
	fuzz_check(*payload);
	darter_shard_unlock(key.shard);
}

/* Of hashes the order of the fields may change, of strings nothing may. */
static void check_same(const struct darter_blob *one, const struct darter_blob *two)
{
	fuzz_check(one->data[0] == two->data[0]);
	if (!one->data[0])
		fuzz_check(one->len == two->len && !memcmp(one->data, two->data, one->len));
}

static void dump_and_restore(void)
{
	struct darter_digest before, after;
	struct darter_blob *one, *two;

	look_at("a", &before, &one);
	if (strcmp(restore("b", one->data, one->len), "+OK\r\n"))
		fuzz_fail("what DUMP wrote is refused");
	look_at("b", &after, &two);
	fuzz_check(!memcmp(&before, &after, sizeof(before)));
	check_same(one, two);
	darter_blob_put(one);
	darter_blob_put(two);
}

/* The same without a session: no byte lies behind the payload. Return: if it is taken. */
static bool load_alone(const u8 *payload, u32 len)
{
	const struct darter_config *config = &test_instance.config;
	struct darter_dump_target target = {
		.deadline = DARTER_NO_DEADLINE,
		.rules = darter_hash_rules(config, &test_instance.hash_key),
		.max_len = config->max_bulk_len,
	};
	struct darter_restored restored;
	u8 *alone = malloc(len);
	struct darter_key key;
	bool taken;

	fuzz_check(alone);
	memcpy(alone, payload, len);
	find("a", &key);
	target.arena = &key.shard->arena;
	target.key = key.bytes;
	target.key_len = key.len;
	taken = darter_dump_verify(alone, len) &&
		!darter_dump_load(&target, alone, len, &restored);
	if (taken)
		darter_dump_discard(&target, &restored);
	darter_shard_unlock(key.shard);
	free(alone);
	return taken;
}

static void use(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		const char *reply = test_say(client, uses[i]);

		fuzz_check(client->verdict == DARTER_SESSION_READ && *reply);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 payload[BODY_MAX + FOOTER];
	const char *reply;
	bool taken;
	u32 len;

	if (!size || size > BODY_MAX)
		return 0;
	fuzz_core_begin();
	configure(data[0]);
	client = test_connect();
	len = make_payload(data, size, payload);
	taken = load_alone(payload, len);
	reply = restore("a", payload, len);
	fuzz_check(taken ? !strcmp(reply, "+OK\r\n") : *reply == '-');
	if (taken) {
		dump_and_restore();
		use();
	}
	test_close(client);
	fuzz_core_end();
	return 0;
}
