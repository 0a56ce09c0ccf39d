// SPDX-License-Identifier: GPL-2.0
/*
 * Secret arguments, see secrets.h. No locking: arguments belong to the running
 * command.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "command.h"
#include "handlers.h"
#include "secrets.h"

void darter_secrets_begin(struct darter_secrets *secrets, const struct darter_ctx *ctx)
{
	secrets->ctx = ctx;
	secrets->option = 2;
	secrets->until = 0;
}

/* Options as HELLO reads them, up to the one that it refuses. */
static void look_at_option(struct darter_secrets *secrets, u32 i)
{
	const struct darter_ctx *ctx = secrets->ctx;
	u32 more = ctx->argc - i - 1;

	if (more >= 2 && darter_arg_is(&ctx->argv[i], "auth")) {
		secrets->option = i + 3;
		secrets->until = i + 3;
	} else if (more >= 1 && darter_arg_is(&ctx->argv[i], "setname")) {
		secrets->option = i + 2;
	} else {
		secrets->option = U32_MAX;
	}
}

static bool hello_has(struct darter_secrets *secrets, u32 i)
{
	if (i == secrets->option) {
		look_at_option(secrets, i);
		return false;
	}
	return i < secrets->until;
}

/* Those of Redis, whether they exist here or not. */
static bool is_secret_parameter(const struct darter_arg *name)
{
	return darter_arg_is(name, "requirepass") || darter_arg_is(name, "masterauth") ||
	       darter_arg_is(name, "masteruser") || darter_arg_is(name, "tls-key-file-pass") ||
	       darter_arg_is(name, "tls-client-key-file-pass");
}

bool darter_secrets_has(struct darter_secrets *secrets, u32 i)
{
	const struct darter_ctx *ctx = secrets->ctx;
	darter_handler handler = ctx->command->handler;

	if (handler == darter_cmd_auth)
		return i >= 1;
	if (handler == darter_cmd_hello)
		return hello_has(secrets, i);
	if (handler == darter_cmd_config_set)
		return i > 2 && i % 2 && is_secret_parameter(&ctx->argv[i - 1]);
	return false;
}

struct darter_arg darter_secrets_show(struct darter_secrets *secrets, u32 i)
{
	if (!darter_secrets_has(secrets, i))
		return secrets->ctx->argv[i];
	return (struct darter_arg){ .bytes = DARTER_REDACTED, .len = strlen(DARTER_REDACTED) };
}
