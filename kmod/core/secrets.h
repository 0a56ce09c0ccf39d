/* SPDX-License-Identifier: GPL-2.0 */
/* Which arguments of a command are passwords, and shown to nobody. */
#ifndef DARTER_CORE_SECRETS_H
#define DARTER_CORE_SECRETS_H

#include <linux/types.h>

struct darter_arg;
struct darter_ctx;

/* What is shown instead, as in Redis. */
#define DARTER_REDACTED "(redacted)"

/* A walk over the arguments of a command, from the first to the last. */
struct darter_secrets {
	const struct darter_ctx *ctx;
	u32 option;			/* where HELLO has its next option */
	u32 until;			/* arguments before this are secret, by an option */
};

/* Look at the arguments of @ctx from the first on. */
void darter_secrets_begin(struct darter_secrets *secrets, const struct darter_ctx *ctx);
/* Whether argument @i is secret; to be asked for each, in their order. */
bool darter_secrets_has(struct darter_secrets *secrets, u32 i);
/* What to show of argument @i; as above. */
struct darter_arg darter_secrets_show(struct darter_secrets *secrets, u32 i);

#endif /* DARTER_CORE_SECRETS_H */
