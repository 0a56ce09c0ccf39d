// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that walk the keyspace or empty it. SCAN runs under the lock of the
 * shard that its cursor names, the others under all or none, as their rows say.
 *
 * A SCAN cursor is the number of a shard above a cursor of that shard's table.
 * Shards are walked one after the other; a call never goes on into the next one,
 * whose lock it does not hold. Which shards these are is the session's scope.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "args.h"
#include "command.h"
#include "glob.h"
#include "handlers.h"
#include "instance.h"
#include "keyspace.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"
#include "topology.h"

/* Steps that SCAN may make for each key asked for, in a sparse table. */
#define STEPS_PER_KEY 10

/**
 * darter_scan_parse() - the parts of a SCAN cursor
 * @session: whose scope the shard must be in
 * @arg: the cursor as a client sent it
 * @shard: set to the index of the shard to go on in
 * @cursor: set to where in the shard's table
 *
 * Return: false if it is no number or names a shard that is not there.
 */
bool darter_scan_parse(const struct darter_session *session, const struct darter_arg *arg,
		       u16 *shard, u64 *cursor)
{
	u32 first, end;
	u64 value;

	darter_topology_scope(session, &first, &end);
	if (!darter_parse_cursor(arg->bytes, arg->len, &value))
		return false;
	value = value ?: (u64)first << DARTER_TABLE_CURSOR_BITS;
	if (value >> DARTER_TABLE_CURSOR_BITS < first || value >> DARTER_TABLE_CURSOR_BITS >= end)
		return false;
	*shard = value >> DARTER_TABLE_CURSOR_BITS;
	*cursor = value & ((1ULL << DARTER_TABLE_CURSOR_BITS) - 1);
	return true;
}

/* Which keys are wanted, and how many were found. */
struct walk {
	struct darter_ctx *ctx;
	const struct darter_arg *pattern;	/* NULL: all */
	const struct darter_arg *type;		/* NULL: all */
	u64 visited, found;
};

static bool is_wanted(const struct walk *walk, const struct darter_entry *entry)
{
	const struct darter_arg *pattern = walk->pattern;

	if (darter_entry_expired(entry, walk->ctx->now))
		return false;
	if (walk->type && !darter_arg_is(walk->type, darter_type_name(entry->type)))
		return false;
	return !pattern || darter_glob_is_star(pattern->bytes, pattern->len) ||
	       darter_glob_match(pattern->bytes, pattern->len, darter_entry_key(entry),
				 entry->key_len, false);
}

static void visit_key(void *arg, void *item)
{
	const struct darter_entry *entry = item;
	struct walk *walk = arg;

	walk->visited++;
	if (!is_wanted(walk, entry))
		return;
	walk->found++;
	darter_reply_bulk(walk->ctx, darter_entry_key(entry), entry->key_len);
}

static void count_key(void *arg, void *item)
{
	++*(u64 *)arg;
}

static bool parse_scan_options(struct darter_ctx *ctx, struct walk *walk, s64 *count)
{
	u32 i;

	*count = 10;
	for (i = 2; i < ctx->argc; i += 2) {
		const struct darter_arg *word = &ctx->argv[i], *value = word + 1;
		bool has_value = i + 1 < ctx->argc;

		if (has_value && darter_arg_is(word, "match")) {
			walk->pattern = value;
		} else if (has_value && darter_arg_is(word, "type")) {
			walk->type = value;
		} else if (has_value && darter_arg_is(word, "count")) {
			if (!darter_arg_s64(ctx, value, count))
				return false;
		} else {
			*count = 0;
		}
		if (*count < 1) {
			darter_reply_syntax_error(ctx);
			return false;
		}
	}
	return true;
}

/*
 * How many steps it takes to see @count keys, and where they end: the cursor
 * stands before the keys in the reply.
 */
static u64 count_steps(const struct darter_table *table, u64 cursor, u64 count, u64 *steps)
{
	u64 most = count > U64_MAX / STEPS_PER_KEY ? U64_MAX : STEPS_PER_KEY * count;
	u64 seen = 0;

	*steps = 0;
	do {
		cursor = darter_table_scan(table, cursor, count_key, &seen);
		++*steps;
		cond_resched();
	} while (cursor && seen < count && *steps < most);
	return cursor;
}

/*
 * Shards without keys are passed over, unlocked: what comes into them now has not
 * been there from the beginning, and SCAN need not show it.
 */
static u64 next_cursor(const struct darter_ctx *ctx, u32 shard, u64 cursor)
{
	const struct darter_instance *instance = ctx->instance;
	u32 first, end;

	darter_topology_scope(ctx->session, &first, &end);
	if (!cursor) {
		do {
			if (++shard == end)
				return 0;
		} while (!READ_ONCE(instance->shards[shard].dbs[ctx->db].keys.count));
	}
	return (u64)shard << DARTER_TABLE_CURSOR_BITS | cursor;
}

static void scan_shard(struct walk *walk, u16 shard, u64 cursor, s64 count)
{
	const struct darter_shard *shards = walk->ctx->instance->shards;
	const struct darter_table *table = &shards[shard].dbs[walk->ctx->db].keys;
	struct darter_reply_later later;
	u64 steps, end;

	end = count_steps(table, cursor, count, &steps);
	darter_reply_bulk_int(walk->ctx, next_cursor(walk->ctx, shard, end));
	darter_reply_begin(walk->ctx, &later);
	while (steps--) {
		cursor = darter_table_scan(table, cursor, visit_key, walk);
		cond_resched();
	}
	darter_reply_end_array(walk->ctx, &later, walk->found);
}

void darter_cmd_scan(struct darter_ctx *ctx)
{
	struct walk walk = { .ctx = ctx };
	u64 cursor;
	s64 count;
	u16 shard;

	if (!darter_parse_cursor(ctx->argv[1].bytes, ctx->argv[1].len, &cursor)) {
		darter_reply_error(ctx, "ERR invalid cursor");
		return;
	}
	if (!parse_scan_options(ctx, &walk, &count))
		return;
	darter_reply_array(ctx, 2);
	if (darter_scan_parse(ctx->session, &ctx->argv[1], &shard, &cursor)) {
		scan_shard(&walk, shard, cursor, count);
		return;
	}
	/* A number that no SCAN has returned: there is nothing behind it. */
	darter_reply_bulk_int(ctx, 0);
	darter_reply_array(ctx, 0);
}

void darter_cmd_keys(struct darter_ctx *ctx)
{
	struct walk walk = { .ctx = ctx, .pattern = &ctx->argv[1] };
	struct darter_instance *instance = ctx->instance;
	struct darter_reply_later later;
	u32 i, end;

	darter_reply_begin(ctx, &later);
	for (darter_topology_scope(ctx->session, &i, &end); i < end; i++) {
		const struct darter_table *table = &instance->shards[i].dbs[ctx->db].keys;
		u64 cursor = 0;

		do {
			cursor = darter_table_scan(table, cursor, visit_key, &walk);
			cond_resched();
		} while (cursor);
	}
	darter_reply_end_array(ctx, &later, walk.found);
}

/* A random entry of the scope's shards, each equally likely; NULL: the database is empty. */
static struct darter_entry *random_entry(struct darter_ctx *ctx)
{
	struct darter_instance *instance = ctx->instance;
	u64 count, rank;
	u32 i, end;

	darter_topology_scope(ctx->session, &i, &end);
	count = darter_keyspace_count_in(instance, ctx->db, i, end);
	if (!count)
		return NULL;
	div64_u64_rem(get_random_u64(), count, &rank);
	for (; i < end; i++) {
		const struct darter_table *table = &instance->shards[i].dbs[ctx->db].keys;

		if (rank < table->count)
			return darter_table_random(table, get_random_u64());
		rank -= table->count;
	}
	return NULL;
}

/* What has expired is deleted and another key tried, so this comes to an end. */
void darter_cmd_randomkey(struct darter_ctx *ctx)
{
	struct darter_entry *entry;
	struct darter_key key;

	while ((entry = random_entry(ctx))) {
		if (!darter_entry_expired(entry, ctx->now)) {
			darter_reply_bulk(ctx, darter_entry_key(entry), entry->key_len);
			return;
		}
		darter_key_init(&key, ctx->instance, ctx->db, darter_entry_key(entry),
				entry->key_len);
		darter_key_find(&key, ctx->now);
		cond_resched();
	}
	darter_reply_null(ctx);
}

void darter_cmd_dbsize(struct darter_ctx *ctx)
{
	u32 first, end;

	darter_topology_scope(ctx->session, &first, &end);
	darter_reply_int(ctx, darter_keyspace_count_in(ctx->instance, ctx->db, first, end));
}

/* FLUSHDB and FLUSHALL free at once, whichever way they are asked to. */
static bool flush_options_ok(struct darter_ctx *ctx)
{
	if (ctx->argc == 1 || (ctx->argc == 2 && (darter_arg_is(&ctx->argv[1], "sync") ||
						  darter_arg_is(&ctx->argv[1], "async"))))
		return true;
	darter_reply_syntax_error(ctx);
	return false;
}

static void flush(struct darter_ctx *ctx, u32 db, const char *what)
{
	struct darter_instance *instance = ctx->instance;
	u32 i, end;

	for (darter_topology_scope(ctx->session, &i, &end); i < end; i++)
		darter_keyspace_flush(&instance->shards[i], db);
	if (instance->host->event)
		instance->host->event(instance, DARTER_EVENT_FLUSH, what);
	darter_reply_ok(ctx);
}

void darter_cmd_flushdb(struct darter_ctx *ctx)
{
	char number[DARTER_S64_CHARS + 1];

	number[darter_format_s64(number, ctx->db)] = '\0';
	if (flush_options_ok(ctx))
		flush(ctx, ctx->db, number);
}

void darter_cmd_flushall(struct darter_ctx *ctx)
{
	if (flush_options_ok(ctx))
		flush(ctx, U32_MAX, "all");
}

/* An index; what is no number at all has an error of its own. */
static bool parse_index(struct darter_ctx *ctx, const struct darter_arg *arg, const char *error,
			s64 *index)
{
	if (darter_parse_s64(arg->bytes, arg->len, index) && *index >= S32_MIN &&
	    *index <= S32_MAX)
		return true;
	darter_reply_error(ctx, error);
	return false;
}

void darter_cmd_swapdb(struct darter_ctx *ctx)
{
	struct darter_instance *instance = ctx->instance;
	s64 a, b;
	u32 i;

	if (instance->params.cluster) {
		darter_reply_error(ctx, "ERR SWAPDB is not allowed in cluster mode");
		return;
	}
	if (!parse_index(ctx, &ctx->argv[1], "ERR invalid first DB index", &a) ||
	    !parse_index(ctx, &ctx->argv[2], "ERR invalid second DB index", &b))
		return;
	if (min(a, b) < 0 || max(a, b) >= instance->params.databases) {
		darter_reply_error(ctx, "ERR DB index is out of range");
		return;
	}
	for (i = 0; a != b && i < instance->params.shards; i++)
		darter_keyspace_swap(&instance->shards[i], a, b, ctx->now);
	darter_reply_ok(ctx);
}
