// SPDX-License-Identifier: GPL-2.0
/*
 * DEBUG: its table of subcommands, and those that look at no key, see debug.h.
 *
 * SLEEP keeps its worker, with all clients that it serves, as Redis keeps all of
 * them; other workers go on. What would crash Redis is refused here: it would
 * take the machine along. What changes an organ that does not exist is accepted
 * without effect.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "args.h"
#include "command.h"
#include "debug.h"
#include "handlers.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"
#include "shard.h"

/* Longest sleep while keys are locked, inside EXEC, and otherwise; microseconds. */
#define LOCKED_SLEEP_MAX (10ULL * 1000000)
#define SLEEP_MAX (86400ULL * 1000000)
/* Elements of a list may be as big as this before Redis stores them apart. */
#define PACKED_MAX (4ULL << 30)
#define ARGS_MAX 255

enum debug_locks {
	LOCKS_NONE,
	LOCKS_KEYS,			/* argv[2] and what follows it */
	LOCKS_ALL,
};

struct debug_command {
	const char *name;
	u8 min, max;			/* arguments, with DEBUG itself */
	u8 locks;			/* enum debug_locks */
	void (*handler)(struct darter_ctx *ctx);
};

static void debug_accept(struct darter_ctx *ctx)
{
	darter_reply_ok(ctx);
}

static void debug_crash(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR Darter does not crash on request: the kernel would, too");
}

/* Line ends would end the error. */
static void debug_error(struct darter_ctx *ctx)
{
	struct darter_reply *reply = &ctx->session->reply;
	const struct darter_arg *text = &ctx->argv[2];
	u32 i;

	darter_reply_raw(reply, "-", 1);
	for (i = 0; i < text->len; i++)
		darter_reply_raw(reply, strchr("\r\n", text->bytes[i]) && text->bytes[i] ?
				 " " : &text->bytes[i], 1);
	darter_reply_raw(reply, "\r\n", 2);
}

static void debug_reload(struct darter_ctx *ctx)
{
	bool save = true;
	u32 i;

	for (i = 2; i < ctx->argc; i++) {
		if (darter_arg_is(&ctx->argv[i], "nosave")) {
			save = false;
		} else if (!darter_arg_is(&ctx->argv[i], "merge") &&
			   !darter_arg_is(&ctx->argv[i], "noflush")) {
			darter_reply_error(ctx,
					   "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
			return;
		}
	}
	/* What is saved and loaded again is what was there; without saving there is no file. */
	if (save)
		darter_reply_ok(ctx);
	else
		darter_reply_error(ctx,
				   "ERR Error trying to load the RDB dump, check server logs.");
}

static void debug_loadaof(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR Error trying to load the AOF files, check server logs.");
}

/* Seconds with a fraction as microseconds; what is no number counts as 0. */
static u64 parse_seconds(const struct darter_arg *arg)
{
	u64 whole = 0, unit = 1000000, fraction = 0;
	u32 i = 0;

	for (; i < arg->len && arg->bytes[i] >= '0' && arg->bytes[i] <= '9'; i++)
		whole = min(whole * 10 + (arg->bytes[i] - '0'), SLEEP_MAX);
	if (i < arg->len && arg->bytes[i] == '.')
		for (i++; i < arg->len && arg->bytes[i] >= '0' && arg->bytes[i] <= '9'; i++) {
			unit /= 10;
			fraction += unit * (arg->bytes[i] - '0');
		}
	return min(whole * 1000000 + fraction, SLEEP_MAX);
}

static void debug_sleep(struct darter_ctx *ctx)
{
	u64 micros = parse_seconds(&ctx->argv[2]);

	if (ctx->in_exec)
		micros = min(micros, LOCKED_SLEEP_MAX);
	ctx->instance->host->rest(ctx->session, micros);
	darter_reply_ok(ctx);
}

/* As atoi() reads it: anything but a number that is not 0 is no. */
static bool is_on(const struct darter_arg *arg)
{
	u32 i = 0;

	while (i < arg->len && strchr(" +-0", arg->bytes[i]))
		i++;
	return i < arg->len && arg->bytes[i] >= '1' && arg->bytes[i] <= '9';
}

static void debug_set_active_expire(struct darter_ctx *ctx)
{
	WRITE_ONCE(ctx->instance->expire_passively, !is_on(&ctx->argv[2]));
	darter_reply_ok(ctx);
}

static void debug_packed_threshold(struct darter_ctx *ctx)
{
	const struct darter_arg *arg = &ctx->argv[2];
	u32 digits = 0;
	u64 bytes;

	while (digits < arg->len && arg->bytes[digits] >= '0' && arg->bytes[digits] <= '9')
		digits++;
	if ((digits == arg->len || (digits + 1 == arg->len && arg->bytes[digits] == 'b')) &&
	    darter_parse_u64(arg->bytes, digits, &bytes) && bytes < PACKED_MAX)
		darter_reply_ok(ctx);
	else
		darter_reply_error(ctx,
				   "ERR argument must be a memory value bigger than 1 and smaller than 4gb");
}

static void debug_replybuffer(struct darter_ctx *ctx)
{
	const struct darter_arg *value = &ctx->argv[3];
	s64 ms;

	if (darter_arg_is(&ctx->argv[2], "peak-reset-time")) {
		if (!darter_arg_is(value, "never") && !darter_arg_is(value, "reset") &&
		    !darter_arg_s64(ctx, value, &ms))
			return;
	} else if (!darter_arg_is(&ctx->argv[2], "resizing")) {
		darter_reply_subcommand_syntax(ctx);
		return;
	}
	darter_reply_ok(ctx);
}

static void debug_client_eviction(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR maxmemory-clients is disabled.");
}

static void debug_stringmatch_test(struct darter_ctx *ctx)
{
	darter_reply_simple(ctx, "Apparently Redis did not crash: test passed");
}

static void reply_numbers(struct darter_ctx *ctx)
{
	u32 i;

	for (i = 0; i < 3; i++)
		darter_reply_int(ctx, i);
}

static void protocol_map(struct darter_ctx *ctx)
{
	u32 i;

	darter_reply_map(ctx, 3);
	for (i = 0; i < 3; i++) {
		darter_reply_int(ctx, i);
		darter_reply_bool(ctx, i == 1);
	}
}

static void protocol_attrib(struct darter_ctx *ctx)
{
	if (ctx->session->resp == 3) {
		darter_reply_raw(&ctx->session->reply, "|1\r\n", 4);
		darter_reply_string(ctx, "key-popularity");
		darter_reply_array(ctx, 2);
		darter_reply_string(ctx, "key:123");
		darter_reply_int(ctx, 90);
	}
	darter_reply_string(ctx, "Some real reply following the attribute");
}

static void protocol_push(struct darter_ctx *ctx)
{
	if (ctx->session->resp < 3) {
		darter_reply_error(ctx, "ERR RESP2 is not supported by this command");
		return;
	}
	darter_reply_push(ctx, 2);
	darter_reply_string(ctx, "server-cpu-usage");
	darter_reply_int(ctx, 42);
	darter_reply_string(ctx, "Some real reply following the push reply");
}

static void protocol_bignum(struct darter_ctx *ctx)
{
	static const char number[] = "1234567999999999999999999999999999999";

	if (ctx->session->resp == 3) {
		darter_reply_raw(&ctx->session->reply, "(", 1);
		darter_reply_raw(&ctx->session->reply, number, sizeof(number) - 1);
		darter_reply_raw(&ctx->session->reply, "\r\n", 2);
	} else {
		darter_reply_string(ctx, number);
	}
}

/* A value of each type of the protocol. */
static void debug_protocol(struct darter_ctx *ctx)
{
	static const char verbatim[] = "This is a verbatim\nstring";
	const struct darter_arg *type = &ctx->argv[2];

	if (darter_arg_is(type, "string")) {
		darter_reply_string(ctx, "Hello World");
	} else if (darter_arg_is(type, "integer")) {
		darter_reply_int(ctx, 12345);
	} else if (darter_arg_is(type, "double")) {
		darter_reply_double(ctx, "3.141");
	} else if (darter_arg_is(type, "bignum")) {
		protocol_bignum(ctx);
	} else if (darter_arg_is(type, "null")) {
		darter_reply_null(ctx);
	} else if (darter_arg_is(type, "array")) {
		darter_reply_array(ctx, 3);
		reply_numbers(ctx);
	} else if (darter_arg_is(type, "set")) {
		darter_reply_set(ctx, 3);
		reply_numbers(ctx);
	} else if (darter_arg_is(type, "map")) {
		protocol_map(ctx);
	} else if (darter_arg_is(type, "attrib")) {
		protocol_attrib(ctx);
	} else if (darter_arg_is(type, "push")) {
		protocol_push(ctx);
	} else if (darter_arg_is(type, "true") || darter_arg_is(type, "false")) {
		darter_reply_bool(ctx, darter_arg_is(type, "true"));
	} else if (darter_arg_is(type, "verbatim")) {
		darter_reply_verbatim(ctx, "txt", verbatim, sizeof(verbatim) - 1);
	} else {
		darter_reply_error(ctx,
				   "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
	}
}

static void debug_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"DIGEST",
		"    Digest all keys, as Redis does.",
		"DIGEST-VALUE <key> [<key> ...]",
		"    Digest the values of keys.",
		"ERROR <string>",
		"    Answer this error.",
		"HTSTATS <dbid> [full]",
		"    Describe the tables of a database.",
		"HTSTATS-KEY <key> [full]",
		"    Describe the table of a big hash.",
		"LISTPACK <key>",
		"    Tell whether a value is in a listpack.",
		"OBJECT <key>",
		"    Describe a value.",
		"POPULATE <count> [<prefix>] [<size>]",
		"    Make strings with numbers in their names.",
		"PROTOCOL <type>",
		"    Answer a value of a type of the protocol.",
		"RELOAD [option ...]",
		"    Do nothing: what was saved would be loaded again.",
		"SET-ACTIVE-EXPIRE <0|1>",
		"    Whether keys that have expired are deleted before somebody looks at them.",
		"SLEEP <seconds>",
		"    Keep this connection's worker from serving anybody for a while.",
		"HELP",
		"    Print this help.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}

static const struct debug_command commands[] = {
	{ "aof-flush-sleep", 3, 3, LOCKS_NONE, debug_accept },
	{ "assert", 2, ARGS_MAX, LOCKS_NONE, debug_crash },
	{ "change-repl-id", 2, 2, LOCKS_NONE, debug_accept },
	{ "client-eviction", 2, 2, LOCKS_NONE, debug_client_eviction },
	{ "crash-and-recover", 2, ARGS_MAX, LOCKS_NONE, debug_crash },
	{ "digest", 2, 2, LOCKS_ALL, darter_debug_digest },
	{ "digest-value", 2, ARGS_MAX, LOCKS_KEYS, darter_debug_digest_value },
	{ "drop-cluster-packet-filter", 3, 3, LOCKS_NONE, debug_accept },
	{ "error", 3, 3, LOCKS_NONE, debug_error },
	{ "help", 2, 2, LOCKS_NONE, debug_help },
	{ "htstats", 3, ARGS_MAX, LOCKS_ALL, darter_debug_htstats },
	{ "htstats-key", 3, ARGS_MAX, LOCKS_KEYS, darter_debug_htstats_key },
	{ "leak", 3, 3, LOCKS_NONE, debug_accept },
	{ "listpack", 3, 3, LOCKS_KEYS, darter_debug_listpack },
	{ "loadaof", 2, ARGS_MAX, LOCKS_NONE, debug_loadaof },
	{ "log", 3, 3, LOCKS_NONE, debug_accept },
	{ "object", 3, 3, LOCKS_KEYS, darter_debug_object },
	{ "oom", 2, ARGS_MAX, LOCKS_NONE, debug_crash },
	{ "panic", 2, ARGS_MAX, LOCKS_NONE, debug_crash },
	{ "pause-cron", 3, 3, LOCKS_NONE, debug_accept },
	{ "populate", 3, 5, LOCKS_ALL, darter_debug_populate },
	{ "protocol", 3, 3, LOCKS_NONE, debug_protocol },
	{ "quicklist", 3, 4, LOCKS_KEYS, darter_debug_quicklist },
	{ "quicklist-packed-threshold", 3, 3, LOCKS_NONE, debug_packed_threshold },
	{ "reload", 2, ARGS_MAX, LOCKS_NONE, debug_reload },
	{ "replicate", 3, ARGS_MAX, LOCKS_NONE, debug_accept },
	{ "replybuffer", 4, 4, LOCKS_NONE, debug_replybuffer },
	{ "restart", 2, ARGS_MAX, LOCKS_NONE, debug_crash },
	{ "segfault", 2, ARGS_MAX, LOCKS_NONE, debug_crash },
	{ "set-active-expire", 3, 3, LOCKS_NONE, debug_set_active_expire },
	{ "set-disable-deny-scripts", 3, 3, LOCKS_NONE, debug_accept },
	{ "sleep", 3, 3, LOCKS_NONE, debug_sleep },
	{ "stringmatch-test", 2, 2, LOCKS_NONE, debug_stringmatch_test },
};

static const struct debug_command *find(const struct darter_arg *argv, u32 argc)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (darter_arg_is(&argv[1], commands[i].name) && argc >= commands[i].min &&
		    (argc <= commands[i].max || commands[i].max == ARGS_MAX))
			return &commands[i];
	return NULL;
}

void darter_debug_shards(struct darter_instance *instance, const struct darter_arg *argv, u32 argc,
			 struct darter_shard_set *set)
{
	const struct debug_command *command = find(argv, argc);
	u32 i;

	if (!command)
		return;
	if (command->locks == LOCKS_KEYS)
		for (i = 2; i < argc; i++)
			__set_bit(darter_shard_of(instance, argv[i].bytes, argv[i].len)->index,
				  set->bits);
	else if (command->locks == LOCKS_ALL)
		for (i = 0; i < instance->params.shards; i++)
			__set_bit(i, set->bits);
}

/**
 * darter_debug_allowed() - whether a client may use DEBUG
 * @session: the client's
 *
 * Return: what enable-debug-command says.
 */
bool darter_debug_allowed(const struct darter_session *session)
{
	u32 access = READ_ONCE(session->instance->config.debug_access);

	if (access != DARTER_DEBUG_LOCAL)
		return access == DARTER_DEBUG_YES;
	return !strncmp(session->addr, "127.0.0.1:", 10) || !strncmp(session->addr, "[::1]:", 6);
}

void darter_cmd_debug(struct darter_ctx *ctx)
{
	const struct debug_command *command = find(ctx->argv, ctx->argc);

	if (command)
		command->handler(ctx);
	else
		darter_reply_subcommand_syntax(ctx);
}
