// SPDX-License-Identifier: GPL-2.0
/*
 * Digests, see digest.h. Two operations make them: what comes in no order is
 * added by exclusive or, what comes in order is mixed, which digests the sum again.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "bytes.h"
#include "digest.h"
#include "entry.h"
#include "hash.h"
#include "hash_ttl.h"
#include "instance.h"

/* Numbers that Redis gives to types. */
static const u32 type_numbers[] = { [DARTER_STRING] = 0, [DARTER_HASH] = 4 };

static void add(struct darter_digest *digest, const void *bytes, size_t len)
{
	struct darter_digest other;
	u32 i;

	darter_sha1(bytes, len, other.bytes);
	for (i = 0; i < sizeof(digest->bytes); i++)
		digest->bytes[i] ^= other.bytes[i];
}

static void mix(struct darter_digest *digest, const void *bytes, size_t len)
{
	struct darter_digest sum;

	add(digest, bytes, len);
	sum = *digest;
	darter_sha1(sum.bytes, sizeof(sum.bytes), digest->bytes);
}

static void mix_number(struct darter_digest *digest, u32 number)
{
	u8 bytes[4];

	darter_put_be(bytes, number, sizeof(bytes));
	mix(digest, bytes, sizeof(bytes));
}

struct hash_digest {
	struct darter_digest *sum;
	const struct darter_entry *entry;
};

static void add_field(void *arg, const struct darter_pair *pair)
{
	static const char expires[] = "!!hexpire!!";
	const struct hash_digest *digest = arg;
	struct darter_digest field = {};

	mix(&field, pair->name.bytes, pair->name.len);
	mix(&field, pair->value.bytes, pair->value.len);
	if (darter_hash_ttl(digest->entry, pair->name.bytes, pair->name.len) != DARTER_TTL_NONE)
		add(&field, expires, sizeof(expires) - 1);
	add(digest->sum, field.bytes, sizeof(field.bytes));
	cond_resched();
}

void darter_digest_entry(struct darter_digest *digest, const struct darter_entry *entry)
{
	static const char expires[] = "!!expire!!";
	struct darter_string string;

	mix_number(digest, type_numbers[entry->type]);
	if (entry->type == DARTER_HASH) {
		struct hash_digest fields = { .sum = digest, .entry = entry };

		darter_hash_each(entry, add_field, &fields);
	} else {
		string = darter_entry_string(entry);
		mix(digest, string.bytes, string.len);
	}
	if (entry->expires)
		add(digest, expires, sizeof(expires) - 1);
}

static void add_key(void *arg, void *item)
{
	const struct darter_entry *entry = item;
	struct darter_digest digest = {};

	mix(&digest, darter_entry_key(entry), entry->key_len);
	darter_digest_entry(&digest, entry);
	add(arg, digest.bytes, sizeof(digest.bytes));
	cond_resched();
}

void darter_digest_all(struct darter_digest *digest, struct darter_instance *instance)
{
	u32 db, i;

	memset(digest, 0, sizeof(*digest));
	for (db = 0; db < instance->params.databases; db++) {
		u64 keys = 0;

		for (i = 0; i < instance->params.shards; i++)
			keys += instance->shards[i].dbs[db].keys.count;
		if (!keys)
			continue;
		mix_number(digest, db);
		for (i = 0; i < instance->params.shards; i++)
			darter_table_each(&instance->shards[i].dbs[db].keys, add_key, digest);
	}
}
