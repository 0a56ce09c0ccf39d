// SPDX-License-Identifier: GPL-2.0
/*
 * WAIT and WAITAOF: how far the writes of this connection have come. There is no
 * replica and no append-only file, so waiting would change nothing: both answer
 * at once what Redis answers when the time has run out. No locking.
 */
#include <linux/kernel.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "number/integer.h"
#include "reply.h"

/* Milliseconds, checked only. */
static bool check_timeout(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	const char *error = NULL;
	s64 timeout;

	if (!darter_parse_s64(arg->bytes, arg->len, &timeout))
		error = "ERR timeout is not an integer or out of range";
	else if (timeout < 0)
		error = "ERR timeout is negative";
	else if (timeout > S64_MAX - (s64)ctx->now)
		error = "ERR timeout is out of range";
	if (error)
		darter_reply_error(ctx, error);
	return !error;
}

void darter_cmd_wait(struct darter_ctx *ctx)
{
	s64 replicas;

	if (darter_arg_s64(ctx, &ctx->argv[1], &replicas) && check_timeout(ctx, &ctx->argv[2]))
		darter_reply_int(ctx, 0);
}

void darter_cmd_waitaof(struct darter_ctx *ctx)
{
	s64 local, replicas;

	if (!darter_arg_s64(ctx, &ctx->argv[1], &local))
		return;
	if (local < 0 || local > 1) {
		darter_reply_error(ctx, "ERR value is out of range, value must between 0 and 1");
		return;
	}
	if (!darter_arg_s64(ctx, &ctx->argv[2], &replicas))
		return;
	if (replicas < 0) {
		darter_reply_error(ctx, "ERR value is out of range, must be positive");
		return;
	}
	if (!check_timeout(ctx, &ctx->argv[3]))
		return;
	if (local) {
		darter_reply_error(ctx,
				   "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
		return;
	}
	darter_reply_array(ctx, 2);
	darter_reply_int(ctx, 0);
	darter_reply_int(ctx, 0);
}
