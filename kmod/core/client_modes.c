// SPDX-License-Identifier: GPL-2.0
/*
 * CLIENT: how a connection is treated, and pauses of all of them. Modes belong to
 * the session and change in its own worker; others read some (WRITE_ONCE).
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "number/integer.h"
#include "pause.h"
#include "reply.h"
#include "session.h"

/* Replies an error for anything but "on" and "off". */
static bool parse_switch(struct darter_ctx *ctx, const struct darter_arg *arg, bool *on)
{
	*on = darter_arg_is(arg, "on");
	if (*on || darter_arg_is(arg, "off"))
		return true;
	darter_reply_syntax_error(ctx);
	return false;
}

static void set_flag(struct darter_ctx *ctx, bool *flag)
{
	bool on;

	if (!parse_switch(ctx, &ctx->argv[2], &on))
		return;
	WRITE_ONCE(*flag, on);
	darter_reply_ok(ctx);
}

void darter_cmd_client_no_evict(struct darter_ctx *ctx)
{
	set_flag(ctx, &ctx->session->no_evict);
}

void darter_cmd_client_no_touch(struct darter_ctx *ctx)
{
	set_flag(ctx, &ctx->session->no_touch);
}

/* What is written from here on, this command's own answer included, is the new mode's. */
void darter_cmd_client_reply(struct darter_ctx *ctx)
{
	const struct darter_arg *mode = &ctx->argv[2];
	struct darter_session *session = ctx->session;

	if (darter_arg_is(mode, "on")) {
		session->reply_off = false;
		session->reply.muted = false;
		darter_reply_ok(ctx);
	} else if (darter_arg_is(mode, "off")) {
		session->reply_off = true;
		session->reply.muted = true;
	} else if (darter_arg_is(mode, "skip")) {
		session->skip_next = !session->reply_off;
	} else {
		darter_reply_syntax_error(ctx);
	}
}

/* Replies the error of a subcommand with arguments that are too many. */
static bool check_count(struct darter_ctx *ctx, u32 most, const char *name)
{
	if (ctx->argc <= most)
		return true;
	darter_reply_errorf(ctx,
			    "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try %s HELP.",
			    min_t(int, ctx->argv[1].len, 128), ctx->argv[1].bytes, name);
	return false;
}

/* The end of a pause of so many milliseconds; 0 if there is to be none. */
static bool parse_timeout(struct darter_ctx *ctx, const struct darter_arg *arg, u64 *end)
{
	const char *why = NULL;
	s64 timeout;

	if (!darter_parse_s64(arg->bytes, arg->len, &timeout))
		why = "ERR timeout is not an integer or out of range";
	else if (timeout < 0)
		why = "ERR timeout is negative";
	else if (timeout > S64_MAX - (s64)ctx->now)
		why = "ERR timeout is out of range";
	else
		*end = timeout ? ctx->now + timeout : 0;
	if (why)
		darter_reply_error(ctx, why);
	return !why;
}

void darter_cmd_client_pause(struct darter_ctx *ctx)
{
	enum darter_pause_mode mode = DARTER_PAUSE_ALL;
	u64 end;

	if (!check_count(ctx, 4, "CLIENT"))
		return;
	if (ctx->argc == 4 && darter_arg_is(&ctx->argv[3], "write")) {
		mode = DARTER_PAUSE_WRITES;
	} else if (ctx->argc == 4 && !darter_arg_is(&ctx->argv[3], "all")) {
		darter_reply_error(ctx, "ERR CLIENT PAUSE mode must be WRITE or ALL");
		return;
	}
	if (!parse_timeout(ctx, &ctx->argv[2], &end))
		return;
	darter_pause_start(ctx->instance, mode, end, ctx->now);
	darter_reply_ok(ctx);
}

void darter_cmd_client_unpause(struct darter_ctx *ctx)
{
	darter_pause_stop(ctx->instance);
	darter_reply_ok(ctx);
}

/* Nobody waits in a command that could be ended early: a pause is not one. */
void darter_cmd_client_unblock(struct darter_ctx *ctx)
{
	s64 id;

	if (!check_count(ctx, 4, "CLIENT"))
		return;
	if (ctx->argc == 4 && !darter_arg_is(&ctx->argv[3], "timeout") &&
	    !darter_arg_is(&ctx->argv[3], "error"))
		darter_reply_error(ctx, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
	else if (darter_arg_s64(ctx, &ctx->argv[2], &id))
		darter_reply_int(ctx, 0);
}

/* Tracking does not exist: what follows answers as for a client without it. */

void darter_cmd_client_getredir(struct darter_ctx *ctx)
{
	darter_reply_int(ctx, -1);
}

void darter_cmd_client_trackinginfo(struct darter_ctx *ctx)
{
	darter_reply_map(ctx, 3);
	darter_reply_string(ctx, "flags");
	darter_reply_set(ctx, 1);
	darter_reply_string(ctx, "off");
	darter_reply_string(ctx, "redirect");
	darter_reply_int(ctx, -1);
	darter_reply_string(ctx, "prefixes");
	darter_reply_array(ctx, 0);
}

void darter_cmd_client_caching(struct darter_ctx *ctx)
{
	darter_reply_error(ctx,
			   "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled");
}
