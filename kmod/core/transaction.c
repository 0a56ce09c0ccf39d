// SPDX-License-Identifier: GPL-2.0
/*
 * MULTI, EXEC, DISCARD, WATCH and UNWATCH. The queue belongs to the session's
 * worker. EXEC runs under the locks of all shards that the queued commands or
 * the watches need, taken by the dispatcher: so nobody sees half of it, and no
 * watched key changes between the check and the end.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "dispatch.h"
#include "handlers.h"
#include "instance.h"
#include "keyspace.h"
#include "reply.h"
#include "session.h"
#include "transaction.h"
#include "watch.h"

/**
 * darter_transaction_begin() - open a queue
 * @session: a session without one
 *
 * Return: 0 or -ENOMEM.
 */
int darter_transaction_begin(struct darter_session *session)
{
	struct darter_transaction *multi;

	multi = kzalloc(sizeof(*multi), GFP_KERNEL | __GFP_NOWARN);
	if (!multi)
		return -ENOMEM;
	INIT_LIST_HEAD(&multi->commands);
	session->multi = multi;
	session->multi_broken = false;
	return 0;
}

static void queued_free(struct darter_queued *queued)
{
	u32 i;

	for (i = 0; i < queued->argc; i++)
		darter_blob_put(queued->argv[i].blob);
	kvfree(queued);
}

/* One allocation: the struct, the argument array, the bytes not in blobs. */
static struct darter_queued *queued_make(const struct darter_command *command,
					 const struct darter_arg *argv, u32 argc)
{
	size_t size = sizeof(struct darter_queued) + array_size(argc, sizeof(*argv));
	struct darter_queued *queued;
	char *bytes;
	u32 i;

	for (i = 0; i < argc; i++)
		size += argv[i].blob ? 0 : argv[i].len;
	queued = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!queued)
		return NULL;
	queued->command = command;
	queued->argc = argc;
	queued->argv = (struct darter_arg *)(queued + 1);
	queued->memory = size;
	bytes = (char *)(queued->argv + argc);
	for (i = 0; i < argc; i++) {
		queued->argv[i] = argv[i];
		if (argv[i].blob) {
			darter_blob_get(argv[i].blob);
			queued->memory += argv[i].len;
			continue;
		}
		memcpy(bytes, argv[i].bytes, argv[i].len);
		queued->argv[i].bytes = bytes;
		bytes += argv[i].len;
	}
	return queued;
}

/**
 * darter_transaction_queue() - add a command to the open queue
 * @session: a session with one
 * @command: what to run at EXEC
 * @argv: its arguments, copied (blobs by reference)
 * @argc: how many
 *
 * Return: 0 or -ENOMEM.
 */
int darter_transaction_queue(struct darter_session *session, const struct darter_command *command,
			     const struct darter_arg *argv, u32 argc)
{
	struct darter_transaction *multi = session->multi;
	struct darter_queued *queued = queued_make(command, argv, argc);

	if (!queued)
		return -ENOMEM;
	list_add_tail(&queued->link, &multi->commands);
	multi->count++;
	multi->flags |= command->flags;
	multi->memory += queued->memory;
	return 0;
}

/**
 * darter_transaction_end() - drop the queue, if there is one
 * @session: whose
 */
void darter_transaction_end(struct darter_session *session)
{
	struct darter_queued *queued, *next;

	if (!session->multi)
		return;
	list_for_each_entry_safe(queued, next, &session->multi->commands, link)
		queued_free(queued);
	kfree(session->multi);
	session->multi = NULL;
	session->multi_broken = false;
}

/**
 * darter_transaction_discard() - drop the queue and the watches
 * @session: whose
 *
 * Context: may sleep; the caller holds no shard.
 */
void darter_transaction_discard(struct darter_session *session)
{
	darter_transaction_end(session);
	darter_watch_clear(session);
}

/**
 * darter_transaction_shards() - the shards that EXEC must hold
 * @session: a session with an open queue
 * @set: gets those of the queued commands' keys and of the watched keys
 */
void darter_transaction_shards(struct darter_session *session, struct darter_shard_set *set)
{
	const struct darter_queued *queued;
	const struct darter_watch *watch;

	list_for_each_entry(queued, &session->multi->commands, link)
		darter_command_shards(session, queued->command, queued->argv,
				      queued->argc, set);
	list_for_each_entry(watch, &session->watched, session_link)
		__set_bit(watch->shard->index, set->bits);
}

void darter_cmd_multi(struct darter_ctx *ctx)
{
	if (ctx->session->multi) {
		darter_reply_error(ctx, "ERR MULTI calls can not be nested");
		return;
	}
	if (darter_transaction_begin(ctx->session))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_ok(ctx);
}

void darter_cmd_discard(struct darter_ctx *ctx)
{
	if (!ctx->session->multi) {
		darter_reply_error(ctx, "ERR DISCARD without MULTI");
		return;
	}
	darter_transaction_discard(ctx->session);
	darter_reply_ok(ctx);
}

/* A watched key that expired since is a changed key: looking deletes it. */
static void expire_watched(struct darter_ctx *ctx)
{
	struct darter_ctx look = *ctx;
	struct darter_watch *watch;

	list_for_each_entry(watch, &ctx->session->watched, session_link) {
		struct darter_arg key = { .bytes = watch->key, .len = watch->key_len };

		look.db = watch->db;
		darter_lookup(&look, &key);
	}
}

static void exec_one(struct darter_ctx *exec, const struct darter_queued *queued)
{
	struct darter_ctx ctx = {
		.session = exec->session,
		.instance = exec->instance,
		.command = queued->command,
		.argv = queued->argv,
		.argc = queued->argc,
		.db = exec->session->db,
		.now = exec->now,
		.in_exec = true,
	};

	/* Others wait for the shards: the daemon is not asked under them. */
	if (queued->command->flags & DARTER_CMD_UPCALL)
		darter_reply_error(&ctx, "ERR Command not allowed inside a transaction");
	else if (darter_reply_reserve(&ctx.session->reply, DARTER_REPLY_ROOM))
		darter_run_command(&ctx);
	else
		ctx.session->reply.failed = true;
}

static void exec_commands(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;
	const struct darter_queued *queued;

	darter_reply_array(ctx, session->multi->count);
	list_for_each_entry(queued, &session->multi->commands, link)
		exec_one(ctx, queued);
}

/* Under the locks of darter_transaction_shards(). */
void darter_cmd_exec(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;

	if (!session->multi) {
		darter_reply_error(ctx, "ERR EXEC without MULTI");
		return;
	}
	if (session->multi_broken) {
		darter_reply_error(ctx,
				   "EXECABORT Transaction discarded because of previous errors.");
	} else {
		expire_watched(ctx);
		if (READ_ONCE(session->watch_dirty))
			darter_reply_null_array(ctx);
		else
			exec_commands(ctx);
	}
	darter_transaction_end(session);
	darter_watch_clear_locked(session);
}

void darter_cmd_watch(struct darter_ctx *ctx)
{
	u32 i;

	if (ctx->session->multi) {
		darter_reply_error(ctx, "ERR WATCH inside MULTI is not allowed");
		return;
	}
	/* Already lost: what is watched from now on changes nothing. */
	if (READ_ONCE(ctx->session->watch_dirty)) {
		darter_reply_ok(ctx);
		return;
	}
	for (i = 1; i < ctx->argc; i++) {
		const struct darter_arg *key = &ctx->argv[i];

		/* What has expired already is watched as absent. */
		darter_lookup(ctx, key);
		if (darter_watch_add(ctx->session, ctx->db, key->bytes, key->len)) {
			darter_reply_out_of_memory(ctx);
			return;
		}
	}
	darter_reply_ok(ctx);
}

void darter_cmd_unwatch(struct darter_ctx *ctx)
{
	/* Inside EXEC the shards are held, and EXEC drops the watches itself. */
	if (!ctx->in_exec)
		darter_watch_clear(ctx->session);
	darter_reply_ok(ctx);
}
