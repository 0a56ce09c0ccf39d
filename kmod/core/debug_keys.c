// SPDX-License-Identifier: GPL-2.0
/*
 * The subcommands of DEBUG that look at keys or make them, see debug.h. They run
 * under the locks that the table in debug_commands.c names, and see keys that
 * have expired and are not deleted yet.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "args.h"
#include "command.h"
#include "debug.h"
#include "digest.h"
#include "dump.h"
#include "hash.h"
#include "instance.h"
#include "keyspace.h"
#include "number/integer.h"
#include "reply.h"
#include "string_value.h"
#include "text.h"

/* What DUMP adds to a value: its type, version and checksum. */
#define DUMP_EXTRA 11
/* The clock that Redis shows has so many bits. */
#define CLOCK_MASK 0xffffff
/* A digest as digits. */
#define DIGEST_CHARS (2 * DARTER_SHA1_BYTES + 1)
/* Longest value that has a number in its name. */
#define POPULATE_CHARS 32
/* After so many keys memory is looked at. */
#define POPULATE_CHECK 256

static const struct darter_entry *look(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	struct darter_key key;

	darter_key_init(&key, ctx->instance, ctx->db, arg->bytes, arg->len);
	return darter_table_find(&key.db->keys, key.hash, key.bytes, key.len);
}

/* Of argv[2]; without an entry the error is replied. */
static const struct darter_entry *look_or_reply(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = look(ctx, &ctx->argv[2]);

	if (!entry)
		darter_reply_error(ctx, "ERR no such key");
	return entry;
}

static void reply_digest(struct darter_ctx *ctx, const struct darter_digest *digest)
{
	char text[DIGEST_CHARS];
	u32 i;

	for (i = 0; i < sizeof(digest->bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", digest->bytes[i]);
	darter_reply_simple(ctx, text);
}

void darter_debug_digest(struct darter_ctx *ctx)
{
	struct darter_digest digest;

	darter_digest_all(&digest, ctx->instance);
	reply_digest(ctx, &digest);
}

void darter_debug_digest_value(struct darter_ctx *ctx)
{
	u32 i;

	darter_reply_array(ctx, ctx->argc - 2);
	for (i = 2; i < ctx->argc; i++) {
		const struct darter_entry *entry = look(ctx, &ctx->argv[i]);
		struct darter_digest digest = {};

		if (entry)
			darter_digest_entry(&digest, entry);
		reply_digest(ctx, &digest);
	}
}

void darter_debug_object(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = look_or_reply(ctx);
	struct darter_blob *payload;
	char text[192];

	if (!entry)
		return;
	payload = darter_dump(entry, READ_ONCE(ctx->instance->config.rdb_compression));
	if (!payload) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	/* Where memory lies is nobody's business; it stays the same as in Redis. */
	snprintf(text, sizeof(text),
		 "Value at:0x0 refcount:1 encoding:%s serializedlength:%u lru:%u lru_seconds_idle:%llu",
		 darter_entry_encoding(entry), payload->len - DUMP_EXTRA,
		 READ_ONCE(entry->access) & CLOCK_MASK,
		 max_t(s64, ctx->now / 1000 - READ_ONCE(entry->access), 0));
	darter_blob_put(payload);
	darter_reply_simple(ctx, text);
}

void darter_debug_listpack(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = look_or_reply(ctx);

	if (!entry)
		return;
	if (strcmp(darter_entry_encoding(entry), "listpack"))
		darter_reply_error(ctx, "ERR Not a listpack encoded object.");
	else
		darter_reply_simple(ctx, "Listpack structure printed on stdout");
}

void darter_debug_quicklist(struct darter_ctx *ctx)
{
	if (look_or_reply(ctx))
		darter_reply_error(ctx, "ERR Not a quicklist encoded object.");
}

static void add_table(struct darter_text *text, u64 segments, u64 count)
{
	darter_text_add(text, "Hash table 0 stats (main hash table):\n");
	if (count)
		darter_text_add(text, " table size: %llu segments\n number of elements: %llu\n",
				segments, count);
	else
		darter_text_add(text, "No stats available for empty dictionaries\n");
}

void darter_debug_htstats(struct darter_ctx *ctx)
{
	struct darter_instance *instance = ctx->instance;
	u64 segments = 0, keys = 0, expiring = 0;
	struct darter_text text = {};
	s64 db;
	u32 i;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &db))
		return;
	if (db < 0 || db >= instance->params.databases) {
		darter_reply_error(ctx, "ERR Out of range database");
		return;
	}
	for (i = 0; i < instance->params.shards; i++) {
		const struct darter_db *part = &instance->shards[i].dbs[db];

		segments += part->keys.nsegments + part->keys.noverflow;
		keys += part->keys.count;
		expiring += part->deadlines.count;
	}
	darter_text_add(&text, "[Dictionary HT]\n");
	add_table(&text, segments, keys);
	/* There is no second table: deadlines are in the entries. */
	darter_text_add(&text, "[Expires HT]\n");
	add_table(&text, 0, expiring);
	darter_text_reply(ctx, &text);
}

void darter_debug_htstats_key(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = look_or_reply(ctx);
	const struct darter_table *table;
	struct darter_text text = {};

	if (!entry)
		return;
	table = entry->type == DARTER_HASH ? darter_hash_table(entry) : NULL;
	if (!table) {
		darter_reply_error(ctx,
				   "ERR The value stored at the specified key is not represented using an hash table");
		return;
	}
	add_table(&text, table->nsegments + table->noverflow, table->count);
	darter_text_reply(ctx, &text);
}

static bool arg_count(struct darter_ctx *ctx, u32 at, s64 *count)
{
	const struct darter_arg *arg = &ctx->argv[at];

	if (darter_parse_s64(arg->bytes, arg->len, count) && *count >= 0)
		return true;
	darter_reply_error(ctx, "ERR value is out of range, must be positive");
	return false;
}

/* Make one string unless it exists; a size cuts the text off or fills it up with zeros. */
static int populate_one(struct darter_ctx *ctx, const char *name, u32 len, s64 number, u32 size)
{
	char text[POPULATE_CHARS];
	struct darter_entry *entry;
	struct darter_key key;
	u32 text_len;
	char *bytes;

	darter_key_init(&key, ctx->instance, ctx->db, name, len);
	if (darter_key_find(&key, ctx->now))
		return 0;
	text_len = scnprintf(text, sizeof(text), "value:%lld", number);
	size = size ?: text_len;
	entry = darter_string_make(&key, size, DARTER_NO_DEADLINE);
	if (!entry)
		return -ENOMEM;
	bytes = (char *)darter_entry_string(entry).bytes;
	darter_zero_bytes(bytes, size);
	memcpy(bytes, text, min(size, text_len));
	if (!darter_key_insert(&key, entry))
		return 0;
	darter_key_discard(&key, entry);
	return -ENOMEM;
}

/* The instance's own sum is brought up to date only when shards are unlocked. */
static bool over_limit(const struct darter_instance *instance)
{
	u64 limit = READ_ONCE(instance->config.max_memory);
	u64 used = atomic64_read(&instance->client_memory);
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		used += instance->shards[i].arena.used + instance->shards[i].blob_bytes;
	return limit && used > limit;
}

void darter_debug_populate(struct darter_ctx *ctx)
{
	struct darter_arg prefix = { .bytes = "key", .len = 3 };
	struct darter_text name = {};
	s64 count, size = 0, i;
	int err = 0;

	if (!arg_count(ctx, 2, &count) || (ctx->argc == 5 && !arg_count(ctx, 4, &size)))
		return;
	if (!darter_check_string_len(ctx, size))
		return;
	if (ctx->argc > 3)
		prefix = ctx->argv[3];
	for (i = 0; i < count && !err; i++) {
		name.len = 0;
		darter_text_add(&name, "%.*s:%lld", (int)prefix.len, prefix.bytes, i);
		err = name.failed ? -ENOMEM :
				    populate_one(ctx, name.bytes, name.len, i, size);
		if (!err && !(i % POPULATE_CHECK) && over_limit(ctx->instance))
			err = -ENOMEM;
		cond_resched();
	}
	kvfree(name.bytes);
	if (err)
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_ok(ctx);
}
