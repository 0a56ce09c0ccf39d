// SPDX-License-Identifier: GPL-2.0
/* Giving keys a deadline, and telling it. Handlers run under the locks of their keys' shards. */
#include <linux/kernel.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "keyspace.h"
#include "reply.h"

/* When EXPIRE and its kin apply. */
struct conditions {
	bool nx, xx, gt, lt;
};

static bool parse_conditions(struct darter_ctx *ctx, struct conditions *only)
{
	u32 i;

	*only = (struct conditions) { };
	for (i = 3; i < ctx->argc; i++) {
		const struct darter_arg *word = &ctx->argv[i];

		if (darter_arg_is(word, "nx")) {
			only->nx = true;
		} else if (darter_arg_is(word, "xx")) {
			only->xx = true;
		} else if (darter_arg_is(word, "gt")) {
			only->gt = true;
		} else if (darter_arg_is(word, "lt")) {
			only->lt = true;
		} else {
			darter_reply_error_about(ctx, "ERR Unsupported option ", word->bytes,
						 word->len);
			return false;
		}
	}
	if (only->nx && (only->xx || only->gt || only->lt)) {
		darter_reply_error(ctx,
				   "ERR NX and XX, GT or LT options at the same time are not compatible");
		return false;
	}
	if (only->gt && only->lt) {
		darter_reply_error(ctx,
				   "ERR GT and LT options at the same time are not compatible");
		return false;
	}
	return true;
}

/* A deadline that may lie in the past, even before 1970. */
static bool parse_time(struct darter_ctx *ctx, u32 flags, s64 *deadline)
{
	s64 base = flags & DARTER_TIME_ABSOLUTE ? 0 : ctx->now;
	s64 time;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &time))
		return false;
	if (flags & DARTER_TIME_SECONDS) {
		if (time > S64_MAX / 1000 || time < S64_MIN / 1000) {
			darter_reply_bad_expire(ctx);
			return false;
		}
		time *= 1000;
	}
	if (time > S64_MAX - base) {
		darter_reply_bad_expire(ctx);
		return false;
	}
	*deadline = time + base;
	return true;
}

/* A key without a deadline counts as one that lives for ever. */
static bool applies(const struct conditions *only, const struct darter_entry *entry, s64 deadline)
{
	s64 current_deadline = darter_entry_deadline(entry);

	if (only->nx && entry->expires)
		return false;
	if (only->xx && !entry->expires)
		return false;
	if (only->gt && (!entry->expires || deadline <= current_deadline))
		return false;
	return !(only->lt && entry->expires && deadline >= current_deadline);
}

static void expire_generic(struct darter_ctx *ctx, u32 flags)
{
	struct darter_entry *entry;
	struct conditions only;
	struct darter_key key;
	s64 deadline;

	if (!parse_conditions(ctx, &only) || !parse_time(ctx, flags, &deadline))
		return;
	entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (!entry || !applies(&only, entry, deadline)) {
		darter_reply_int(ctx, 0);
		return;
	}
	if (deadline <= (s64)ctx->now) {
		darter_key_delete(&key, entry);
	} else if (!darter_key_set_deadline(&key, entry, deadline)) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_reply_int(ctx, 1);
}

void darter_cmd_expire(struct darter_ctx *ctx)
{
	expire_generic(ctx, DARTER_TIME_SECONDS);
}

void darter_cmd_pexpire(struct darter_ctx *ctx)
{
	expire_generic(ctx, 0);
}

void darter_cmd_expireat(struct darter_ctx *ctx)
{
	expire_generic(ctx, DARTER_TIME_SECONDS | DARTER_TIME_ABSOLUTE);
}

void darter_cmd_pexpireat(struct darter_ctx *ctx)
{
	expire_generic(ctx, DARTER_TIME_ABSOLUTE);
}

void darter_cmd_persist(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);

	if (!entry || !entry->expires)
		darter_reply_int(ctx, 0);
	else if (!darter_key_set_deadline(&key, entry, DARTER_NO_DEADLINE))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, 1);
}

/* Seconds are rounded to the nearest; no time is so late that this overflows. */
static void reply_time(struct darter_ctx *ctx, u32 flags)
{
	const struct darter_entry *entry = darter_lookup_peek(ctx, &ctx->argv[1]);
	s64 time;

	if (!entry) {
		darter_reply_int(ctx, -2);
		return;
	}
	if (!entry->expires) {
		darter_reply_int(ctx, -1);
		return;
	}
	time = darter_entry_deadline(entry);
	if (!(flags & DARTER_TIME_ABSOLUTE))
		time = max_t(s64, time - (s64)ctx->now, 0);
	if (flags & DARTER_TIME_SECONDS)
		time = ((u64)time + 500) / 1000;
	darter_reply_int(ctx, time);
}

void darter_cmd_ttl(struct darter_ctx *ctx)
{
	reply_time(ctx, DARTER_TIME_SECONDS);
}

void darter_cmd_pttl(struct darter_ctx *ctx)
{
	reply_time(ctx, 0);
}

void darter_cmd_expiretime(struct darter_ctx *ctx)
{
	reply_time(ctx, DARTER_TIME_SECONDS | DARTER_TIME_ABSOLUTE);
}

void darter_cmd_pexpiretime(struct darter_ctx *ctx)
{
	reply_time(ctx, DARTER_TIME_ABSOLUTE);
}
