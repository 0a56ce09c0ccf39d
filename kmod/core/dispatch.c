// SPDX-License-Identifier: GPL-2.0
/*
 * The dispatcher: what Redis checks before a command runs, in its order, then
 * the shard locks that the command's row asks for, then the handler.
 *
 * Runs in the worker that owns the session. Shard locks are only tried; a busy
 * one parks the session, and the command is dispatched again when it is kicked.
 * Consecutive commands of a session on one shard are a run: they share a hold of
 * its lock, which ends when anything else is to be done. Commands that only read a
 * string do without the lock, unless the key is being changed.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "command.h"
#include "debug.h"
#include "dispatch.h"
#include "guard.h"
#include "handlers.h"
#include "histogram.h"
#include "instance.h"
#include "keyspace.h"
#include "lane.h"
#include "latency.h"
#include "monitor.h"
#include "observe.h"
#include "pause.h"
#include "reply.h"
#include "session.h"
#include "slowlog.h"
#include "trace.h"
#include "transaction.h"
#include "upcall.h"

/* What an unknown command's error quotes of it, bytes. */
#define QUOTE_CHARS 128

/* "ERR unknown command 'x', with args beginning with: 'y' 'z' " */
static void reply_unknown_command(struct darter_ctx *ctx)
{
	char args[QUOTE_CHARS + 8];
	size_t len = 0;
	u32 i;

	args[0] = '\0';
	for (i = 1; i < ctx->argc && len < QUOTE_CHARS; i++)
		len += scnprintf(args + len, sizeof(args) - len, "'%.*s' ",
				 min_t(int, ctx->argv[i].len, QUOTE_CHARS - len),
				 ctx->argv[i].bytes);
	darter_reply_errorf(ctx, "ERR unknown command '%.*s', with args beginning with: %s",
			    min_t(int, ctx->argv[0].len, QUOTE_CHARS), ctx->argv[0].bytes, args);
}

static void reply_unknown_subcommand(struct darter_ctx *ctx)
{
	char name[DARTER_COMMAND_CHARS];
	size_t i;

	strscpy(name, ctx->command->name, sizeof(name));
	for (i = 0; name[i]; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] -= 'a' - 'A';
	darter_reply_errorf(ctx, "ERR unknown subcommand '%.*s'. Try %s HELP.",
			    min_t(int, ctx->argv[1].len, QUOTE_CHARS), ctx->argv[1].bytes, name);
}

static bool is_exec(const struct darter_ctx *ctx)
{
	return ctx->command->handler == darter_cmd_exec;
}

/* Commands that act on the queue instead of being queued. */
static bool is_immediate(const struct darter_command *command)
{
	return command->handler == darter_cmd_exec ||
	       command->handler == darter_cmd_discard ||
	       command->handler == darter_cmd_multi ||
	       command->handler == darter_cmd_watch ||
	       command->handler == darter_cmd_quit ||
	       command->handler == darter_cmd_reset;
}

/* Refuse to run a command; a refused EXEC ends its transaction. */
static void reject(struct darter_ctx *ctx, const char *text)
{
	if (!is_exec(ctx)) {
		darter_reply_error(ctx, text);
		return;
	}
	if (!strncmp(text, "ERR ", 4))
		text += 4;
	darter_reply_errorf(ctx, "EXECABORT Transaction discarded because of: %s", text);
	/* What is watched may be in the shard of the commands before. */
	darter_dispatch_end_run(ctx->session->reply.lane);
	darter_transaction_discard(ctx->session);
}

/*
 * The first words of an HTTP request: a browser was made to talk to us. Its
 * headers and body must not be taken for commands.
 */
static bool is_http(const struct darter_arg *word)
{
	return darter_arg_is(word, "post") || darter_arg_is(word, "host:");
}

/* Find the command; false if there is none, or the arguments are too many or few. */
static bool check_command(struct darter_ctx *ctx)
{
	const struct darter_command *command = ctx->command;
	struct darter_session *session = ctx->session;
	bool unknown = command && command->nsubcommands && ctx->argc >= 2;

	WRITE_ONCE(session->last_command, unknown ? NULL : command);
	if (!command) {
		if (is_http(&ctx->argv[0]))
			session->finishing = true;
		else
			reply_unknown_command(ctx);
		return false;
	}
	if (unknown) {
		reply_unknown_subcommand(ctx);
		ctx->command = NULL;
		return false;
	}
	if (darter_command_arity_ok(command, ctx->argc))
		return true;
	if (is_exec(ctx))
		reject(ctx, "ERR wrong number of arguments for 'exec' command");
	else
		darter_reply_wrong_arity(ctx);
	return false;
}

/*
 * Whether a command may make memory grow. So does queueing, without bound: inside
 * a transaction only what ends it goes through.
 */
static bool may_grow(const struct darter_ctx *ctx)
{
	const struct darter_transaction *multi = ctx->session->multi;
	const struct darter_command *command = ctx->command;

	if (command->flags & DARTER_CMD_DENYOOM)
		return true;
	if (!multi)
		return false;
	if (is_exec(ctx))
		return multi->flags & DARTER_CMD_DENYOOM;
	return command->handler != darter_cmd_discard &&
	       command->handler != darter_cmd_quit &&
	       command->handler != darter_cmd_reset;
}

/* Whether a command, or what EXEC runs, reads or changes keys: monitors may not. */
static bool is_about_keys(const struct darter_ctx *ctx)
{
	const struct darter_transaction *multi = ctx->session->multi;
	u32 flags = ctx->command->flags | (is_exec(ctx) && multi ? multi->flags : 0);

	return flags & (DARTER_CMD_WRITE | DARTER_CMD_READONLY | DARTER_CMD_MAY_REPLICATE);
}

/* Everything that may refuse a command before it is queued or run. */
static bool check_allowed(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;
	const struct darter_command *command;

	if (!check_command(ctx))
		return false;
	command = ctx->command;
	if (command->handler == darter_cmd_debug && !darter_debug_allowed(session)) {
		reject(ctx,
		       "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.");
		return false;
	}
	if (!(command->flags & DARTER_CMD_NO_AUTH) && darter_session_needs_auth(session)) {
		reject(ctx, "NOAUTH Authentication required.");
		return false;
	}
	if (session->multi && command->flags & DARTER_CMD_NO_MULTI) {
		reject(ctx, "ERR Command not allowed inside a transaction");
		return false;
	}
	if (may_grow(ctx) && darter_instance_over_limit(ctx->instance)) {
		reject(ctx, "OOM command not allowed when used memory > 'maxmemory'.");
		darter_instance_tell_oom(ctx->instance, ctx->now);
		return false;
	}
	if (session->monitoring && is_about_keys(ctx)) {
		reject(ctx, "ERR Replica can't interact with the keyspace");
		return false;
	}
	return true;
}

/* The shard of a key; it is kept with the hash for the handler, which needs both again. */
static struct darter_shard *shard_of_arg(struct darter_instance *instance, struct darter_arg *arg)
{
	if (!arg->hash) {
		arg->hash = darter_key_hash(instance, arg->bytes, arg->len);
		arg->shard = darter_shard_at(instance, arg->bytes, arg->len, arg->hash)->index;
	}
	return &instance->shards[arg->shard];
}

void darter_command_shards(struct darter_session *session, const struct darter_command *command,
			   struct darter_arg *argv, u32 argc, struct darter_shard_set *set)
{
	struct darter_instance *instance = session->instance;
	u64 cursor;
	u16 shard;
	u32 i;

	switch (command->lock) {
	case DARTER_LOCK_NONE:
		break;
	case DARTER_LOCK_KEYS:
		for (i = darter_command_first_key(command, argc); i;
		     i = darter_command_next_key(command, argc, i))
			__set_bit(shard_of_arg(instance, &argv[i])->index, set->bits);
		break;
	case DARTER_LOCK_ALL:
		for (i = 0; i < instance->params.shards; i++)
			__set_bit(i, set->bits);
		break;
	case DARTER_LOCK_DEBUG:
		darter_debug_shards(instance, argv, argc, set);
		break;
	case DARTER_LOCK_CURSOR:
		if (darter_scan_parse(session, &argv[1], &shard, &cursor))
			__set_bit(shard, set->bits);
		break;
	}
}

static u64 lane_clock(const struct darter_lane *lane)
{
	return lane->clock_us ? lane->clock_us() : 0;
}

static void reply_discard_failed(struct darter_ctx *ctx, const struct darter_reply_mark *mark)
{
	struct darter_reply *reply = &ctx->session->reply;

	darter_reply_rewind(reply, mark);
	reply->failed = false;
	darter_reply_out_of_memory(ctx);
}

/* A command took so long that somebody may ask about it; its locks may be held. */
static void observe_command(const struct darter_ctx *ctx, u64 micros)
{
	bool fast = ctx->command->flags & DARTER_CMD_FAST;

	darter_slowlog_add(ctx, micros);
	darter_latency_add(ctx->instance,
			   fast ? DARTER_LATENCY_FAST_COMMAND : DARTER_LATENCY_COMMAND,
			   div_u64(micros, 1000), ctx->instance->host->wall_us());
	darter_monitor_tell(ctx);
}

/*
 * The clock is looked at once for each of several commands: one counts from where
 * the one before it ended, or its input came.
 */
static __always_inline u64 command_begin(const struct darter_ctx *ctx)
{
	const struct darter_lane *lane = ctx->session->reply.lane;

	trace_darter_command_start(ctx->session, ctx->command, ctx->argc);
	return lane->since ?: lane_clock(lane);
}

/* What it took, in us. */
static __always_inline u64 count_command(struct darter_ctx *ctx, u64 begin)
{
	struct darter_lane *lane = ctx->session->reply.lane;
	u16 index = darter_command_index(ctx->command);
	struct darter_command_stats *stats = &lane->by_command[index];
	u64 micros;
	u32 epoch;

	darter_count(&lane->commands, 1);
	darter_count(&stats->calls, 1);
	lane->since = lane_clock(lane);
	micros = lane->since - begin;
	darter_count(&stats->microseconds, micros);
	if (ctx->failed) {
		darter_count(&stats->failed, 1);
		darter_count(&lane->errors, 1);
	}
	trace_darter_command_end(ctx->session, ctx->command, micros, ctx->failed);
	epoch = READ_ONCE(ctx->instance->observe.epoch);
	if (epoch)
		darter_histogram_count(&lane->histograms[index], epoch, micros);
	return micros;
}

static __always_inline u64 command_end(struct darter_ctx *ctx, u64 begin)
{
	u64 micros = count_command(ctx, begin);

	if (micros >= READ_ONCE(ctx->instance->observe.threshold))
		observe_command(ctx, micros);
	return micros;
}

/* Returns how long it took, us. */
static __always_inline u64 run_command(struct darter_ctx *ctx)
{
	u64 begin = command_begin(ctx);

	ctx->command->handler(ctx);
	return command_end(ctx, begin);
}

static void count_for_shard(struct darter_lane *lane, u32 shard, u64 micros)
{
	u32 epoch = READ_ONCE(lane->instance->observe.shard_epoch);

	if (epoch)
		darter_histogram_count(&lane->by_shard[shard], epoch, micros);
}

/**
 * darter_run_command() - call a command's handler and count it
 * @ctx: complete; the locks that the command needs are held, and there is room
 *	for DARTER_REPLY_ROOM bytes of reply
 *
 * Context: in the session's worker.
 */
void darter_run_command(struct darter_ctx *ctx)
{
	run_command(ctx);
}

/* The argument that is the only key of a command, as most have one; NULL: any other. */
static struct darter_arg *only_key(const struct darter_ctx *ctx)
{
	const struct darter_command *command = ctx->command;
	u32 key = darter_command_first_key(command, ctx->argc);

	if (!key || command->lock != DARTER_LOCK_KEYS)
		return NULL;
	if (command->first != command->last && darter_command_next_key(command, ctx->argc, key))
		return NULL;
	return &ctx->argv[key];
}

/* Whether what was written without the lock is the reply; else it is taken back. */
static bool keep_reply(struct darter_ctx *ctx, const struct darter_reply_mark *mark, bool valid)
{
	struct darter_reply *reply = &ctx->session->reply;

	if (valid && !ctx->unfit && !reply->failed)
		return true;
	darter_reply_rewind(reply, mark);
	reply->failed = false;
	return false;
}

/* Call the handler and see whether the key has changed meanwhile. */
static bool read_once(struct darter_ctx *ctx, const struct darter_guard *guard, u64 hash)
{
	struct darter_guard_ticket ticket;
	struct darter_reply_mark mark;
	bool valid = false;

	darter_reply_mark(&ctx->session->reply, &mark);
	rcu_read_lock();
	if (darter_guard_begin(guard, hash, &ticket)) {
		ctx->command->handler(ctx);
		valid = darter_guard_valid(guard, &ticket);
	}
	rcu_read_unlock();
	if (keep_reply(ctx, &mark, valid))
		return true;
	cpu_relax();
	return false;
}

/* Shards of other workers are counted: what is in another CPU's cache. */
static void count_access(struct darter_lane *lane, const struct darter_shard *shard)
{
	if (READ_ONCE(shard->lane) != lane->index)
		darter_count(&lane->remote, 1);
}

/* Call the handler until nothing has changed meanwhile; false: it needs the lock. */
static bool read_lockless(struct darter_ctx *ctx, struct darter_arg *key)
{
	struct darter_shard *shard = shard_of_arg(ctx->instance, key);
	struct darter_reply *reply = &ctx->session->reply;
	struct darter_lane *lane = reply->lane;
	struct darter_reads *reads = &lane->reads[shard->index];
	u32 tries = READ_ONCE(ctx->instance->config.knobs.lockless_tries);
	bool done = false;

	while (!done && !ctx->unfit && tries--)
		done = read_once(ctx, &shard->guard, key->hash);
	if (!done)
		return false;
	darter_count(&reads->hits, ctx->hits);
	darter_count(&reads->misses, ctx->misses);
	count_access(lane, shard);
	return true;
}

/*
 * Run a command that only reads one key, without the lock of its shard. Monitors are
 * told of commands in the order in which they see each other, which takes the lock.
 */
static bool run_lockless(struct darter_ctx *ctx, struct darter_arg *key)
{
	struct darter_reply *reply = &ctx->session->reply;
	bool done;
	u64 begin;

	if (!READ_ONCE(ctx->instance->observe.threshold))
		return false;
	begin = command_begin(ctx);
	ctx->lockless = true;
	reply->atomic = true;
	done = read_lockless(ctx, key);
	reply->atomic = false;
	ctx->lockless = false;
	ctx->unfit = false;
	if (done)
		count_for_shard(reply->lane, key->shard, command_end(ctx, begin));
	return done;
}

/* A command without a key. */
static bool run_handler(struct darter_ctx *ctx)
{
	struct darter_reply_mark mark;

	darter_reply_mark(&ctx->session->reply, &mark);
	ctx->command->handler(ctx);
	return keep_reply(ctx, &mark, true);
}

/**
 * darter_dispatch_inline() - execute the command in session->argv without any lock
 * @session: a session that is fit for it, see inline.c
 * @lane: what counts it; session->reply.lane is set to it, and replies are atomic
 * @now: ms since the epoch
 *
 * Context: any, softirqs included; does not sleep.
 * Return: false: it cannot be, or not now, and nothing has happened.
 */
bool darter_dispatch_inline(struct darter_session *session, struct darter_lane *lane, u64 now)
{
	struct darter_ctx ctx = {
		.session = session,
		.instance = session->instance,
		.argv = session->argv,
		.argc = session->argc,
		.db = session->db,
		.now = now,
		.lockless = true,
	};
	struct darter_arg *key = NULL;
	u64 begin, micros;
	bool done;

	ctx.command = darter_command_lookup(ctx.argv, ctx.argc);
	if (!ctx.command || !(ctx.command->flags & DARTER_CMD_LOCKLESS) ||
	    !darter_command_arity_ok(ctx.command, ctx.argc) ||
	    !darter_reply_reserve(&session->reply, DARTER_REPLY_ROOM))
		return false;
	begin = command_begin(&ctx);
	if (ctx.command->lock == DARTER_LOCK_NONE) {
		done = run_handler(&ctx);
	} else {
		key = only_key(&ctx);
		done = key && read_lockless(&ctx, key);
	}
	if (!done)
		return false;
	WRITE_ONCE(session->last_command, ctx.command);
	micros = count_command(&ctx, begin);
	if (key)
		count_for_shard(lane, key->shard, micros);
	return true;
}

/* A command that found its shards busy often enough sleeps for them. */
static bool lost_patience(struct darter_session *session)
{
	return ++session->attempts > READ_ONCE(session->instance->config.knobs.lock_patience);
}

/* False: the session was parked on the busy shard. */
static bool lock_shard(struct darter_ctx *ctx, struct darter_shard *shard)
{
	struct darter_session *session = ctx->session;

	while (!darter_shard_trylock(shard)) {
		trace_darter_lock_wait(session, shard->index);
		/* Waiting is no part of what a command takes. */
		session->reply.lane->since = 0;
		if (lost_patience(session)) {
			struct darter_shard_set set = {};

			/* Its turn is after those who sleep for several. */
			__set_bit(shard->index, set.bits);
			darter_shards_lock(ctx->instance, &set);
			break;
		}
		if (darter_shard_park(shard, session))
			return false;
	}
	session->attempts = 0;
	return true;
}

/* False: the session was parked on a busy shard. */
static bool lock_shards(struct darter_ctx *ctx, const struct darter_shard_set *set)
{
	struct darter_session *session = ctx->session;
	struct darter_instance *instance = ctx->instance;
	u16 busy;

	do {
		if (darter_shards_trylock(instance, set, &busy)) {
			session->attempts = 0;
			return true;
		}
		trace_darter_lock_wait(session, busy);
		session->reply.lane->since = 0;
		if (lost_patience(session)) {
			darter_shards_lock(instance, set);
			session->attempts = 0;
			return true;
		}
	} while (!darter_shard_park(&instance->shards[busy], session));
	return false;
}

void darter_dispatch_end_run(struct darter_lane *lane)
{
	if (!lane->held)
		return;
	darter_shard_unlock(lane->held);
	lane->held = NULL;
}

/*
 * Run a command on one shard, and keep that locked for the next one: in a pipeline it
 * is often about the same. Who wants the shard waits for one command, or a few where
 * it cannot be seen to wait.
 */
static bool run_on_one(struct darter_ctx *ctx, struct darter_arg *key)
{
	struct darter_shard *shard = shard_of_arg(ctx->instance, key);
	struct darter_lane *lane = ctx->session->reply.lane;

	if (lane->held != shard) {
		if (ctx->command->flags & DARTER_CMD_LOCKLESS && run_lockless(ctx, key))
			return true;
		darter_dispatch_end_run(lane);
		if (!lock_shard(ctx, shard))
			return false;
		lane->held = shard;
		lane->run = 0;
	}
	count_access(lane, shard);
	count_for_shard(lane, shard->index, run_command(ctx));
	if (++lane->run >= READ_ONCE(ctx->instance->config.knobs.batch_commands) ||
	    darter_shard_wanted(shard))
		darter_dispatch_end_run(lane);
	else
		darter_shard_publish(shard);
	return true;
}

static void count_remote(struct darter_lane *lane, const struct darter_shard_set *set)
{
	const struct darter_instance *instance = lane->instance;
	unsigned long i;
	u64 remote = 0;

	for_each_set_bit(i, set->bits, instance->params.shards)
		remote += READ_ONCE(instance->shards[i].lane) != lane->index;
	if (remote)
		darter_count(&lane->remote, remote);
}

static void count_for_shards(struct darter_lane *lane, const struct darter_shard_set *set,
			     u64 micros)
{
	unsigned long i;

	for_each_set_bit(i, set->bits, lane->instance->params.shards)
		count_for_shard(lane, i, micros);
}

static bool run_on_several(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;
	struct darter_shard_set set = {};

	darter_dispatch_end_run(session->reply.lane);
	session->workers = READ_ONCE(ctx->instance->workers);
	if (is_exec(ctx) && session->multi)
		darter_transaction_shards(session, &set);
	else
		darter_command_shards(session, ctx->command, ctx->argv, ctx->argc, &set);
	if (!lock_shards(ctx, &set))
		return false;
	count_remote(session->reply.lane, &set);
	count_for_shards(session->reply.lane, &set, run_command(ctx));
	darter_shards_unlock(ctx->instance, &set);
	return true;
}

static bool run_locked(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;
	struct darter_arg *key = only_key(ctx);
	struct darter_reply_mark mark;

	darter_reply_mark(&session->reply, &mark);
	if (!(key ? run_on_one(ctx, key) : run_on_several(ctx)))
		return false;
	if (session->reply.failed)
		reply_discard_failed(ctx, &mark);
	return true;
}

/*
 * In a session that is plain, as nearly all are, a read without a lock needs none of the
 * checks of other commands. False: it does, or it is no such read.
 */
static bool read_at_once(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;
	struct darter_lane *lane = session->reply.lane;
	struct darter_arg *key;

	if (!ctx->command || !(ctx->command->flags & DARTER_CMD_LOCKLESS) || lane->held ||
	    session->lost || !darter_command_arity_ok(ctx->command, ctx->argc) ||
	    darter_pause_active(&ctx->instance->pause)) {
		session->plain = false;
		return false;
	}
	key = only_key(ctx);
	if (!key || !run_lockless(ctx, key))
		return false;
	WRITE_ONCE(session->last_command, ctx->command);
	return true;
}

static void queue_command(struct darter_ctx *ctx)
{
	struct darter_session *session = ctx->session;

	/* EXEC will run nothing: do not hold memory for it. */
	if (session->multi_broken || READ_ONCE(session->watch_dirty)) {
		darter_reply_simple(ctx, "QUEUED");
		return;
	}
	if (darter_transaction_queue(session, ctx->command, ctx->argv, ctx->argc)) {
		session->multi_broken = true;
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_reply_simple(ctx, "QUEUED");
}

/* A refused command breaks the transaction that it was meant for. */
static void count_rejected(struct darter_ctx *ctx, struct darter_lane *lane)
{
	darter_count(&lane->errors, 1);
	if (ctx->command)
		darter_count(&lane->by_command[darter_command_index(ctx->command)].rejected, 1);
	if (ctx->session->multi)
		ctx->session->multi_broken = true;
}

/**
 * darter_dispatch() - execute the command in session->argv
 * @session: a session that its owner runs
 * @lane: the owner's lane; session->reply.lane is set to it
 * @now: ms since the epoch
 *
 * Context: may sleep to allocate; no shard is held.
 * Return: true when the command is over; false when the session is parked, with
 * session->upcall set if it waits for the daemon, else to be dispatched again.
 */
bool darter_dispatch(struct darter_session *session, struct darter_lane *lane, u64 now)
{
	struct darter_ctx ctx = {
		.session = session,
		.instance = session->instance,
		.argv = session->argv,
		.argc = session->argc,
		.db = session->db,
		.now = now,
	};

	/* Without room even for an error the session ends. */
	if (!darter_reply_reserve(&session->reply, DARTER_REPLY_ROOM)) {
		session->reply.failed = true;
		return true;
	}
	ctx.command = darter_command_lookup(ctx.argv, ctx.argc);
	if (session->plain && read_at_once(&ctx))
		return true;
	if (session->lost) {
		darter_reply_out_of_memory(&ctx);
		count_rejected(&ctx, lane);
		return true;
	}
	if (!check_allowed(&ctx)) {
		count_rejected(&ctx, lane);
		return true;
	}
	if (darter_pause_active(&ctx.instance->pause) && !session->monitoring &&
	    darter_pause_park(&ctx))
		return false;
	if (session->multi && !is_immediate(ctx.command)) {
		queue_command(&ctx);
		return true;
	}
	if (!run_locked(&ctx)) {
		darter_count(&lane->parked, 1);
		return false;
	}
	if (ctx.command->handler != darter_cmd_asking)
		session->asking = false;
	session->plain = ctx.command->flags & DARTER_CMD_LOCKLESS &&
			 darter_session_is_plain(session);
	return !session->upcall;
}
