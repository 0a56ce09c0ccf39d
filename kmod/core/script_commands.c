// SPDX-License-Identifier: GPL-2.0
/*
 * FUNCTION and SCRIPT as far as they need no engine: what a server answers that
 * has no library and no script, and runs none. No locking.
 */
#include <linux/kernel.h>

#include "command.h"
#include "handlers.h"
#include "reply.h"

/* Nothing is there to be freed, now or later. */
static bool is_flush_mode(const struct darter_arg *arg)
{
	return darter_arg_is(arg, "sync") || darter_arg_is(arg, "async");
}

static void reply_nothing_runs(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "NOTBUSY No scripts in execution right now.");
}

void darter_cmd_function_flush(struct darter_ctx *ctx)
{
	if (ctx->argc > 3)
		darter_reply_subcommand_syntax(ctx);
	else if (ctx->argc == 3 && !is_flush_mode(&ctx->argv[2]))
		darter_reply_error(ctx, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
	else
		darter_reply_ok(ctx);
}

void darter_cmd_function_kill(struct darter_ctx *ctx)
{
	reply_nothing_runs(ctx);
}

void darter_cmd_function_list(struct darter_ctx *ctx)
{
	bool code = false, name = false;
	u32 i;

	for (i = 2; i < ctx->argc; i++) {
		const struct darter_arg *word = &ctx->argv[i];

		if (!code && darter_arg_is(word, "withcode")) {
			code = true;
		} else if (!name && darter_arg_is(word, "libraryname")) {
			if (i + 1 == ctx->argc) {
				darter_reply_error(ctx,
						   "ERR library name argument was not given");
				return;
			}
			name = true;
			i++;
		} else {
			darter_reply_error_about(ctx, "ERR Unknown argument ", word->bytes,
						 word->len);
			return;
		}
	}
	darter_reply_array(ctx, 0);
}

void darter_cmd_function_stats(struct darter_ctx *ctx)
{
	darter_reply_map(ctx, 2);
	darter_reply_string(ctx, "running_script");
	darter_reply_null(ctx);
	darter_reply_string(ctx, "engines");
	darter_reply_map(ctx, 1);
	darter_reply_string(ctx, "LUA");
	darter_reply_map(ctx, 2);
	darter_reply_string(ctx, "libraries_count");
	darter_reply_int(ctx, 0);
	darter_reply_string(ctx, "functions_count");
	darter_reply_int(ctx, 0);
}

void darter_cmd_function_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"FLUSH [ASYNC|SYNC]",
		"    Drop all libraries.",
		"KILL",
		"    Stop the function that is running.",
		"LIST [LIBRARYNAME PATTERN] [WITHCODE]",
		"    Describe the libraries.",
		"STATS",
		"    Describe what is running, and count libraries and functions.",
		"HELP",
		"    Print this help.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}

void darter_cmd_script_exists(struct darter_ctx *ctx)
{
	u32 i;

	darter_reply_array(ctx, ctx->argc - 2);
	for (i = 2; i < ctx->argc; i++)
		darter_reply_int(ctx, 0);
}

void darter_cmd_script_flush(struct darter_ctx *ctx)
{
	if (ctx->argc > 3 || (ctx->argc == 3 && !is_flush_mode(&ctx->argv[2])))
		darter_reply_error(ctx, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
	else
		darter_reply_ok(ctx);
}

void darter_cmd_script_kill(struct darter_ctx *ctx)
{
	reply_nothing_runs(ctx);
}

void darter_cmd_script_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"EXISTS <sha1> [<sha1> ...]",
		"    Tell for each script whether it is known.",
		"FLUSH [ASYNC|SYNC]",
		"    Forget all scripts.",
		"KILL",
		"    Stop the script that is running.",
		"HELP",
		"    Print this help.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
