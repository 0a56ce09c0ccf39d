// SPDX-License-Identifier: GPL-2.0
/*
 * MEMORY: what keys take, and where memory is. USAGE runs under the lock of the
 * key's shard; what looks into all arenas and tables runs under every lock.
 */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "args.h"
#include "arena.h"
#include "command.h"
#include "handlers.h"
#include "hash.h"
#include "info.h"
#include "instance.h"
#include "keyspace.h"
#include "number/ratio.h"
#include "reply.h"
#include "text.h"

/* Fields of a big hash that USAGE looks at unless it is told how many. */
#define USAGE_SAMPLES 5
/* Less than this is too little to judge. */
#define DOCTOR_MIN (5 * 1024 * 1024)
/* What one client may hold, on average. */
#define DOCTOR_CLIENT (200 * 1024)

static bool parse_samples(struct darter_ctx *ctx, s64 *samples)
{
	u32 i;

	*samples = USAGE_SAMPLES;
	for (i = 3; i < ctx->argc; i += 2) {
		if (!darter_arg_is(&ctx->argv[i], "samples") || i + 1 == ctx->argc) {
			darter_reply_syntax_error(ctx);
			return false;
		}
		if (!darter_arg_s64(ctx, &ctx->argv[i + 1], samples))
			return false;
		if (*samples < 0) {
			darter_reply_syntax_error(ctx);
			return false;
		}
		if (!*samples)
			*samples = S64_MAX;
	}
	return true;
}

static u64 entry_bytes(const struct darter_entry *entry, u64 samples)
{
	u64 bytes = darter_arena_footprint(darter_entry_size(entry->key_len, entry->expires,
							     entry->value_len));

	if (entry->encoding == DARTER_BLOB)
		bytes += darter_blob_footprint(darter_entry_blob(entry));
	else if (entry->encoding == DARTER_OBJECT)
		bytes += darter_hash_bytes(darter_entry_hash(entry), samples);
	return bytes;
}

void darter_cmd_memory_usage(struct darter_ctx *ctx)
{
	const struct darter_entry *entry;
	s64 samples;

	if (!parse_samples(ctx, &samples))
		return;
	entry = darter_lookup_peek(ctx, &ctx->argv[2]);
	if (entry)
		darter_reply_int(ctx, entry_bytes(entry, samples));
	else
		darter_reply_null(ctx);
}

static u64 tables_bytes(const struct darter_instance *instance, u32 db)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		bytes += darter_table_bytes(&instance->shards[i].dbs[db].keys);
	return bytes;
}

static void reply_number(struct darter_ctx *ctx, const char *name, s64 value)
{
	darter_reply_string(ctx, name);
	darter_reply_int(ctx, value);
}

/* a / b, with two digits behind the point. */
static void reply_ratio(struct darter_ctx *ctx, const char *name, u64 a, u64 b)
{
	char text[DARTER_RATIO_CHARS];

	darter_format_ratio(text, a, b);
	darter_reply_string(ctx, name);
	darter_reply_double(ctx, text);
}

/* Deadlines and slots are in the entries themselves. */
static void reply_database(struct darter_ctx *ctx, u32 db)
{
	char name[16];

	snprintf(name, sizeof(name), "db.%u", db);
	darter_reply_string(ctx, name);
	darter_reply_map(ctx, 3);
	reply_number(ctx, "overhead.hashtable.main", tables_bytes(ctx->instance, db));
	reply_number(ctx, "overhead.hashtable.expires", 0);
	reply_number(ctx, "overhead.hashtable.slot-to-keys", 0);
}

struct overhead {
	u64 tables, keys;
	u32 dbs;			/* that have keys */
};

static void sum_databases(const struct darter_instance *instance, struct overhead *sum)
{
	u32 db;

	*sum = (struct overhead) { };
	for (db = 0; db < instance->params.databases; db++) {
		u64 keys = darter_keyspace_count(instance, db);

		sum->tables += tables_bytes(instance, db);
		sum->keys += keys;
		sum->dbs += !!keys;
	}
}

static void reply_databases(struct darter_ctx *ctx)
{
	u32 db;

	for (db = 0; db < ctx->instance->params.databases; db++)
		if (darter_keyspace_count(ctx->instance, db))
			reply_database(ctx, db);
}

static void reply_consumers(struct darter_ctx *ctx, const struct darter_memory *memory)
{
	reply_number(ctx, "peak.allocated", memory->peak);
	reply_number(ctx, "total.allocated", memory->used);
	reply_number(ctx, "startup.allocated", 0);
	reply_number(ctx, "replication.backlog", 0);
	reply_number(ctx, "clients.slaves", 0);
	reply_number(ctx, "clients.normal", memory->clients);
	reply_number(ctx, "cluster.links", 0);
	reply_number(ctx, "aof.buffer", 0);
	reply_number(ctx, "lua.caches", 0);
	reply_number(ctx, "functions.caches", 0);
}

static void reply_allocator(struct darter_ctx *ctx, const struct darter_memory *memory)
{
	u64 unused = memory->resident - memory->used;

	reply_number(ctx, "allocator.allocated", memory->used);
	reply_number(ctx, "allocator.active", memory->resident);
	reply_number(ctx, "allocator.resident", memory->resident);
	reply_ratio(ctx, "allocator-fragmentation.ratio", memory->resident, memory->used);
	reply_number(ctx, "allocator-fragmentation.bytes", unused);
	reply_ratio(ctx, "allocator-rss.ratio", 1, 1);
	reply_number(ctx, "allocator-rss.bytes", 0);
	reply_ratio(ctx, "rss-overhead.ratio", 1, 1);
	reply_number(ctx, "rss-overhead.bytes", 0);
	reply_ratio(ctx, "fragmentation", memory->resident, memory->used);
	reply_number(ctx, "fragmentation.bytes", unused);
}

void darter_cmd_memory_stats(struct darter_ctx *ctx)
{
	struct darter_memory memory;
	struct overhead sum;
	u64 overhead, dataset;

	darter_memory_read(ctx->instance, &memory);
	sum_databases(ctx->instance, &sum);
	overhead = memory.clients + sum.tables;
	dataset = memory.used - min(overhead, memory.used);
	darter_reply_map(ctx, 27 + sum.dbs);
	reply_consumers(ctx, &memory);
	reply_databases(ctx);
	reply_number(ctx, "overhead.total", overhead);
	reply_number(ctx, "keys.count", sum.keys);
	reply_number(ctx, "keys.bytes-per-key", sum.keys ? div64_u64(memory.used, sum.keys) : 0);
	reply_number(ctx, "dataset.bytes", dataset);
	reply_ratio(ctx, "dataset.percentage", dataset * 100, memory.used);
	reply_ratio(ctx, "peak.percentage", memory.used * 100, memory.peak);
	reply_allocator(ctx, &memory);
}

void darter_cmd_memory_doctor(struct darter_ctx *ctx)
{
	u32 clients = READ_ONCE(ctx->instance->nclients);
	struct darter_text text = {};
	struct darter_memory memory;

	darter_memory_read(ctx->instance, &memory);
	if (memory.used < DOCTOR_MIN) {
		darter_text_add(&text, "There is too little data to tell anything from it.\n");
		darter_text_reply(ctx, &text);
		return;
	}
	if (memory.peak > memory.used / 2 * 3)
		darter_text_add(&text,
				" * Peak: at some time more than one and a half times of what is used now was used. Memory of deleted keys is partly kept for new ones; MEMORY PURGE gives back what it can.\n\n");
	if (memory.resident > memory.used / 10 * 14)
		darter_text_add(&text,
				" * Fragmentation: more than 1.4 times of what is used is taken from the system. Slabs are given back when all of their objects are gone.\n\n");
	if (clients && memory.clients / clients > DOCTOR_CLIENT)
		darter_text_add(&text,
				" * Clients: they hold more than 200 KB each. Look for those that do not read their replies with CLIENT LIST.\n\n");
	if (!text.len)
		darter_text_add(&text, "There is nothing to complain about.\n");
	darter_text_reply(ctx, &text);
}

void darter_cmd_memory_malloc_stats(struct darter_ctx *ctx)
{
	struct darter_instance *instance = ctx->instance;
	struct darter_text text = {};
	u32 i;

	for (i = 0; i < instance->params.shards; i++) {
		const struct darter_shard *shard = &instance->shards[i];

		darter_text_add(&text, "shard %u: arena %llu of %llu bytes used, blobs %llu\n", i,
				shard->arena.used, shard->arena.reserved, shard->blob_bytes);
	}
	darter_text_reply(ctx, &text);
}

void darter_cmd_memory_purge(struct darter_ctx *ctx)
{
	struct darter_instance *instance = ctx->instance;
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		darter_arena_trim(&instance->shards[i].arena);
	darter_reply_ok(ctx);
}

void darter_cmd_memory_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"DOCTOR",
		"    Tell what is unusual about the memory in use.",
		"MALLOC-STATS",
		"    Tell what the arena of each shard holds.",
		"PURGE",
		"    Give memory back that is kept for objects to come.",
		"STATS",
		"    Tell what memory is used for.",
		"USAGE <key> [SAMPLES <count>]",
		"    Tell the bytes that a key and its value take. Of a big hash <count> fields",
		"    are looked at (default: 5, 0: all).",
		"HELP",
		"    Print this help.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
