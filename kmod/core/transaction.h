/* SPDX-License-Identifier: GPL-2.0 */
/* MULTI, EXEC, DISCARD: a queue of commands that own copies of their arguments. */
#ifndef DARTER_CORE_TRANSACTION_H
#define DARTER_CORE_TRANSACTION_H

#include <linux/list.h>
#include <linux/types.h>

struct darter_arg;
struct darter_command;
struct darter_session;
struct darter_shard_set;

struct darter_queued {
	struct list_head link;
	const struct darter_command *command;
	u32 argc;
	struct darter_arg *argv;
	size_t memory;
};

struct darter_transaction {
	struct list_head commands;	/* of struct darter_queued */
	u32 count;
	u32 flags;			/* of all commands, or-ed */
	u64 memory;
};

int darter_transaction_begin(struct darter_session *session);
int darter_transaction_queue(struct darter_session *session, const struct darter_command *command,
			     const struct darter_arg *argv, u32 argc);
void darter_transaction_end(struct darter_session *session);
/* The same, and the watches. */
void darter_transaction_discard(struct darter_session *session);

#endif /* DARTER_CORE_TRANSACTION_H */
