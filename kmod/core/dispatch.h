/* SPDX-License-Identifier: GPL-2.0 */
/* From a complete argument vector to its reply: checks, locks, the handler. */
#ifndef DARTER_CORE_DISPATCH_H
#define DARTER_CORE_DISPATCH_H

#include <linux/types.h>

struct darter_arg;
struct darter_command;
struct darter_ctx;
struct darter_instance;
struct darter_lane;
struct darter_session;
struct darter_shard_set;

/*
 * Execute session->argv. False: the session is parked and the same arguments
 * are to be dispatched again (a busy shard), or it waits for an upcall.
 */
bool darter_dispatch(struct darter_session *session, struct darter_lane *lane, u64 now);

/*
 * Execute session->argv in any context, without a lock, if that is possible. False: it
 * is left to darter_dispatch().
 */
bool darter_dispatch_inline(struct darter_session *session, struct darter_lane *lane, u64 now);

/*
 * Let go of the shard that commands before this one have kept locked. The owner of a
 * session calls it before it does anything else than to dispatch the next command.
 */
void darter_dispatch_end_run(struct darter_lane *lane);

/* Call a handler whose locks are held, with statistics. */
void darter_run_command(struct darter_ctx *ctx);

/* Add the shards that a command with these arguments needs. */
void darter_command_shards(struct darter_session *session, const struct darter_command *command,
			   struct darter_arg *argv, u32 argc, struct darter_shard_set *set);
/* The same for EXEC, in transaction.c. */
void darter_transaction_shards(struct darter_session *session, struct darter_shard_set *set);

#endif /* DARTER_CORE_DISPATCH_H */
