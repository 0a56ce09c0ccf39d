// SPDX-License-Identifier: GPL-2.0
/* Reading arguments, see args.h. No locking: arguments belong to the running command. */
#include <linux/kernel.h>

#include "args.h"
#include "command.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"

bool darter_arg_s64(struct darter_ctx *ctx, const struct darter_arg *arg, s64 *value)
{
	if (darter_parse_s64(arg->bytes, arg->len, value))
		return true;
	darter_reply_not_integer(ctx);
	return false;
}

bool darter_arg_int(struct darter_ctx *ctx, const struct darter_arg *arg, s32 *value)
{
	s64 wide;

	if (!darter_arg_s64(ctx, arg, &wide))
		return false;
	if (wide < S32_MIN || wide > S32_MAX) {
		darter_reply_errorf(ctx,
				    "ERR value is out of range, value must between %d and %d",
				    S32_MIN, S32_MAX);
		return false;
	}
	*value = wide;
	return true;
}

bool darter_arg_db(struct darter_ctx *ctx, const struct darter_arg *arg, u32 *db)
{
	s32 index;

	if (!darter_arg_int(ctx, arg, &index))
		return false;
	if (index < 0 || (u32)index >= ctx->instance->params.databases) {
		darter_reply_error(ctx, "ERR DB index is out of range");
		return false;
	}
	*db = index;
	return true;
}

void darter_reply_bad_expire(struct darter_ctx *ctx)
{
	darter_reply_errorf(ctx, "ERR invalid expire time in '%s' command", ctx->command->name);
}

bool darter_arg_deadline(struct darter_ctx *ctx, const struct darter_arg *arg, u32 flags,
			 s64 *deadline)
{
	s64 time;

	if (!darter_arg_s64(ctx, arg, &time))
		return false;
	if (time <= 0 || (flags & DARTER_TIME_SECONDS && time > S64_MAX / 1000)) {
		darter_reply_bad_expire(ctx);
		return false;
	}
	if (flags & DARTER_TIME_SECONDS)
		time *= 1000;
	if (!(flags & DARTER_TIME_ABSOLUTE)) {
		if (time > S64_MAX - (s64)ctx->now) {
			darter_reply_bad_expire(ctx);
			return false;
		}
		time += ctx->now;
	}
	*deadline = time;
	return true;
}
