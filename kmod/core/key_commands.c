// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of keys whatever their type. Handlers run under the locks of all
 * their keys' shards.
 *
 * A key that moves to another shard leaves its memory behind: arenas are the
 * shards' own. Blobs are shared, everything else is made anew, and only when the
 * new entry is linked is the old one deleted.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "keyspace.h"
#include "reply.h"

static void delete_keys(struct darter_ctx *ctx)
{
	u32 i, deleted = 0;

	for (i = 1; i < ctx->argc; i++) {
		struct darter_key key;
		struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[i], &key);

		if (!entry)
			continue;
		darter_key_delete(&key, entry);
		deleted++;
	}
	darter_reply_int(ctx, deleted);
}

void darter_cmd_del(struct darter_ctx *ctx)
{
	delete_keys(ctx);
}

void darter_cmd_unlink(struct darter_ctx *ctx)
{
	delete_keys(ctx);
}

void darter_cmd_exists(struct darter_ctx *ctx)
{
	u32 i, found = 0;

	for (i = 1; i < ctx->argc; i++)
		found += !!darter_lookup_peek(ctx, &ctx->argv[i]);
	darter_reply_int(ctx, found);
}

/* Counts as use even of who wants that nothing does. */
static bool touch_key(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_read_key(ctx, arg, &key);

	if (entry)
		darter_key_used(&key, entry);
	return entry;
}

void darter_cmd_touch(struct darter_ctx *ctx)
{
	u32 i, found = 0;

	for (i = 1; i < ctx->argc; i++)
		found += touch_key(ctx, &ctx->argv[i]);
	darter_reply_int(ctx, found);
}

void darter_cmd_type(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = darter_lookup_peek(ctx, &ctx->argv[1]);

	darter_reply_simple(ctx, entry ? darter_type_name(entry->type) : "none");
}

static bool same_key(const struct darter_key *a, const struct darter_key *b)
{
	return a->db == b->db && a->hash == b->hash && a->len == b->len &&
	       !memcmp(a->bytes, b->bytes, a->len);
}

/*
 * Put what is at one key at another, where @old is now. -ENOMEM: nothing has
 * changed.
 */
static int copy_key(const struct darter_key *to, struct darter_entry *old,
		    const struct darter_entry *from)
{
	struct darter_entry *entry = darter_key_clone(to, from);

	if (!entry)
		return -ENOMEM;
	if (entry->form == DARTER_FORM_PLAIN)
		entry->form = DARTER_FORM_COPY;
	if (!darter_key_put(to, old, entry))
		return 0;
	darter_key_discard(to, entry);
	return -ENOMEM;
}

static void rename_generic(struct darter_ctx *ctx, bool only_new)
{
	struct darter_entry *entry, *old;
	struct darter_key from, to;

	entry = darter_lookup_key(ctx, &ctx->argv[1], &from);
	if (!entry) {
		darter_reply_error(ctx, "ERR no such key");
		return;
	}
	darter_key_of_arg(&to, ctx->instance, ctx->db, &ctx->argv[2]);
	old = same_key(&from, &to) ? entry : darter_key_find(&to, ctx->now);
	if (old && only_new) {
		darter_reply_int(ctx, 0);
		return;
	}
	if (old != entry && darter_key_rename(&from, entry, &to, old)) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	if (only_new)
		darter_reply_int(ctx, 1);
	else
		darter_reply_ok(ctx);
}

void darter_cmd_rename(struct darter_ctx *ctx)
{
	rename_generic(ctx, false);
}

void darter_cmd_renamenx(struct darter_ctx *ctx)
{
	rename_generic(ctx, true);
}

static void reply_same_object(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR source and destination objects are the same");
}

struct copy_options {
	u32 db;
	bool replace;
};

static bool parse_copy_options(struct darter_ctx *ctx, struct copy_options *options)
{
	u32 i;

	*options = (struct copy_options) { .db = ctx->db };
	for (i = 3; i < ctx->argc; i++) {
		if (darter_arg_is(&ctx->argv[i], "replace")) {
			options->replace = true;
		} else if (darter_arg_is(&ctx->argv[i], "db") && i + 1 < ctx->argc) {
			if (!darter_arg_db(ctx, &ctx->argv[++i], &options->db))
				return false;
		} else {
			darter_reply_syntax_error(ctx);
			return false;
		}
	}
	return true;
}

void darter_cmd_copy(struct darter_ctx *ctx)
{
	struct copy_options options;
	struct darter_entry *entry, *old;
	struct darter_key from, to;

	if (!parse_copy_options(ctx, &options))
		return;
	darter_key_of_arg(&to, ctx->instance, options.db, &ctx->argv[2]);
	darter_key_of_arg(&from, ctx->instance, ctx->db, &ctx->argv[1]);
	if (same_key(&from, &to)) {
		reply_same_object(ctx);
		return;
	}
	entry = darter_lookup_read(ctx, &ctx->argv[1]);
	old = entry ? darter_key_find(&to, ctx->now) : NULL;
	if (!entry || (old && !options.replace))
		darter_reply_int(ctx, 0);
	else if (copy_key(&to, old, entry))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, 1);
}

/* A key's place does not depend on the database: both are in one shard. */
void darter_cmd_move(struct darter_ctx *ctx)
{
	struct darter_entry *entry;
	struct darter_key from, to;
	u32 db;

	if (!darter_arg_db(ctx, &ctx->argv[2], &db))
		return;
	if (db == ctx->db) {
		reply_same_object(ctx);
		return;
	}
	entry = darter_lookup_key(ctx, &ctx->argv[1], &from);
	darter_key_of_arg(&to, ctx->instance, db, &ctx->argv[1]);
	if (!entry || darter_key_find(&to, ctx->now))
		darter_reply_int(ctx, 0);
	else if (darter_key_rename(&from, entry, &to, NULL))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, 1);
}
