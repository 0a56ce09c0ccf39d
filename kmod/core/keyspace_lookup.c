// SPDX-License-Identifier: GPL-2.0
/*
 * How commands find the entries of their arguments, see keyspace.h: with what that
 * means for use and for the counters of hits and misses. Under the shards' locks, or
 * for commands that do without, inside rcu_read_lock().
 */
#include <linux/compiler.h>

#include "command.h"
#include "instance.h"
#include "keyspace.h"
#include "keyspace_fields.h"
#include "lane.h"
#include "session.h"

/*
 * What a command sees of an entry that was found: NULL if it has expired. While commands
 * are paused who only reads does not delete such a one, but leaves it. Fields are
 * deleted all the same: nobody can tell.
 */
static noinline struct darter_entry *look_closer(struct darter_ctx *ctx,
						 const struct darter_key *key,
						 struct darter_entry *entry)
{
	if (ctx->lockless) {
		/* What would be deleted, or has fields that may be, needs the lock. */
		ctx->unfit = darter_entry_expired(entry, ctx->now) ||
			     READ_ONCE(entry->encoding) == DARTER_OBJECT;
		return ctx->unfit ? NULL : entry;
	}
	if (!darter_entry_expired(entry, ctx->now))
		return darter_fields_look(key, entry, ctx->now);
	if (!darter_pause_active(&ctx->instance->pause) ||
	    !(ctx->command->flags & DARTER_CMD_READONLY))
		darter_key_drop(key, entry);
	return NULL;
}

static __always_inline struct darter_entry *find_for(struct darter_ctx *ctx,
						     const struct darter_key *key)
{
	struct darter_entry *entry;

	entry = darter_table_find(&key->db->keys, key->hash, key->bytes, key->len);
	/* A string without a deadline is what it is. */
	if (!entry || (entry->type == DARTER_STRING && !entry->expires))
		return entry;
	return look_closer(ctx, key, entry);
}

static __always_inline struct darter_entry *look_up(struct darter_ctx *ctx,
						    const struct darter_arg *arg,
						    struct darter_key *key)
{
	struct darter_entry *entry;

	darter_key_of_arg(key, ctx->instance, ctx->db, arg);
	entry = find_for(ctx, key);
	if (entry && !ctx->session->no_touch)
		darter_key_used(key, entry);
	return entry;
}

struct darter_entry *darter_lookup_key(struct darter_ctx *ctx, const struct darter_arg *arg,
				       struct darter_key *key)
{
	return look_up(ctx, arg, key);
}

struct darter_entry *darter_lookup(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	struct darter_key key;

	return look_up(ctx, arg, &key);
}

static void count_read(struct darter_ctx *ctx, const struct darter_key *key, bool hit)
{
	struct darter_reads *reads = &ctx->session->reply.lane->reads[key->shard->index];

	if (ctx->lockless) {
		ctx->hits = hit;
		ctx->misses = !hit;
		return;
	}
	darter_count(hit ? &reads->hits : &reads->misses, 1);
}

struct darter_entry *darter_lookup_read_key(struct darter_ctx *ctx, const struct darter_arg *arg,
					    struct darter_key *key)
{
	struct darter_entry *entry = look_up(ctx, arg, key);

	count_read(ctx, key, entry);
	return entry;
}

struct darter_entry *darter_lookup_read(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	struct darter_entry *entry;
	struct darter_key key;

	entry = look_up(ctx, arg, &key);
	count_read(ctx, &key, entry);
	return entry;
}

const struct darter_entry *darter_lookup_peek(struct darter_ctx *ctx,
					      const struct darter_arg *arg)
{
	const struct darter_entry *entry;
	struct darter_key key;

	darter_key_of_arg(&key, ctx->instance, ctx->db, arg);
	entry = find_for(ctx, &key);
	count_read(ctx, &key, entry);
	return entry;
}
