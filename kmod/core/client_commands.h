/* SPDX-License-Identifier: GPL-2.0 */
/* Names of clients, which HELLO sets as CLIENT SETNAME does. */
#ifndef DARTER_CORE_CLIENT_COMMANDS_H
#define DARTER_CORE_CLIENT_COMMANDS_H

#include <linux/types.h>

struct darter_arg;
struct darter_ctx;

/* Both reply an error when they return false. */
bool darter_client_name_ok(struct darter_ctx *ctx, const struct darter_arg *name);
bool darter_client_set_name(struct darter_ctx *ctx, const struct darter_arg *name);

#endif /* DARTER_CORE_CLIENT_COMMANDS_H */
