/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DEBUG: what test suites ask of a server. Its subcommands are no rows of the
 * command table, as they are none in Redis, and need different locks.
 */
#ifndef DARTER_CORE_DEBUG_H
#define DARTER_CORE_DEBUG_H

#include <linux/types.h>

struct darter_arg;
struct darter_ctx;
struct darter_instance;
struct darter_session;
struct darter_shard_set;

/* Who may send it: enable-debug-command. */
enum darter_debug_access {
	DARTER_DEBUG_NO,
	DARTER_DEBUG_YES,
	DARTER_DEBUG_LOCAL,		/* those who connect from this machine */
};

bool darter_debug_allowed(const struct darter_session *session);
/* Add the shards that a DEBUG command with these arguments needs. */
void darter_debug_shards(struct darter_instance *instance, const struct darter_arg *argv, u32 argc,
			 struct darter_shard_set *set);

/* Subcommands that look at keys or make them; their shards are locked. */
void darter_debug_digest(struct darter_ctx *ctx);
void darter_debug_digest_value(struct darter_ctx *ctx);
void darter_debug_htstats(struct darter_ctx *ctx);
void darter_debug_htstats_key(struct darter_ctx *ctx);
void darter_debug_listpack(struct darter_ctx *ctx);
void darter_debug_object(struct darter_ctx *ctx);
void darter_debug_populate(struct darter_ctx *ctx);
void darter_debug_quicklist(struct darter_ctx *ctx);

#endif /* DARTER_CORE_DEBUG_H */
