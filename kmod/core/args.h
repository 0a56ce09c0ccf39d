/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arguments that many commands take. Each function replies the error that Redis
 * has for a bad one, and then returns false.
 */
#ifndef DARTER_CORE_ARGS_H
#define DARTER_CORE_ARGS_H

#include <linux/types.h>

struct darter_arg;
struct darter_ctx;

/* A number. */
bool darter_arg_s64(struct darter_ctx *ctx, const struct darter_arg *arg, s64 *value);
bool darter_arg_int(struct darter_ctx *ctx, const struct darter_arg *arg, s32 *value);
/* Index of a database that exists. */
bool darter_arg_db(struct darter_ctx *ctx, const struct darter_arg *arg, u32 *db);

/* Units and bases of expiry times. */
enum darter_time_flags {
	DARTER_TIME_SECONDS = 1 << 0,	/* else milliseconds */
	DARTER_TIME_ABSOLUTE = 1 << 1,	/* else from now */
};

/* A positive expiry time as a deadline. */
bool darter_arg_deadline(struct darter_ctx *ctx, const struct darter_arg *arg, u32 flags,
			 s64 *deadline);
/* "ERR invalid expire time in 'x' command" */
void darter_reply_bad_expire(struct darter_ctx *ctx);

#endif /* DARTER_CORE_ARGS_H */
