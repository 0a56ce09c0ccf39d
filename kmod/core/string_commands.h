/* SPDX-License-Identifier: GPL-2.0 */
/* What other commands need of strings and of expiry options. */
#ifndef DARTER_CORE_STRING_COMMANDS_H
#define DARTER_CORE_STRING_COMMANDS_H

#include "entry.h"
#include "keyspace.h"

struct darter_arg;
struct darter_ctx;

/*
 * Make a string the value of a key, whatever it was: the argument's blob by
 * reference, other bytes copied. -ENOMEM: nothing has changed.
 */
int darter_store_string(const struct darter_key *key, struct darter_entry *old,
			const struct darter_arg *value, s64 deadline);

/* A number argument; replies the error if it is none. */
bool darter_arg_s64(struct darter_ctx *ctx, const struct darter_arg *arg, s64 *value);

/* Units and bases of expiry times. */
enum darter_time_flags {
	DARTER_TIME_SECONDS = 1 << 0,	/* else milliseconds */
	DARTER_TIME_ABSOLUTE = 1 << 1,	/* else from now */
};

/* A positive expiry time as a deadline; replies the error if it is none. */
bool darter_arg_deadline(struct darter_ctx *ctx, const struct darter_arg *arg, u32 flags,
			 s64 *deadline);

#endif /* DARTER_CORE_STRING_COMMANDS_H */
