// SPDX-License-Identifier: GPL-2.0
/*
 * SHUTDOWN: the options are checked here, the daemon does it. When it has, all
 * connections are closed, the one that asked among them.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "command.h"
#include "handlers.h"
#include "reply.h"
#include "upcall.h"

enum shutdown_option {
	SHUTDOWN_SAVE,
	SHUTDOWN_NOSAVE,
	SHUTDOWN_NOW,
	SHUTDOWN_FORCE,
	SHUTDOWN_ABORT,
	SHUTDOWN_OPTIONS,
};

static int find_option(const struct darter_arg *arg)
{
	static const char *const names[SHUTDOWN_OPTIONS] = {
		"save", "nosave", "now", "force", "abort",
	};
	int option;

	for (option = 0; option < SHUTDOWN_OPTIONS; option++)
		if (darter_arg_is(arg, names[option]))
			break;
	return option;
}

/* False: some option is unknown, or they contradict each other. */
static bool parse_options(const struct darter_ctx *ctx, u32 *options)
{
	u32 i;

	*options = 0;
	for (i = 1; i < ctx->argc; i++) {
		int option = find_option(&ctx->argv[i]);

		if (option == SHUTDOWN_OPTIONS)
			return false;
		*options |= BIT(option);
	}
	if (*options & BIT(SHUTDOWN_ABORT))
		return *options == BIT(SHUTDOWN_ABORT);
	return !(*options & BIT(SHUTDOWN_SAVE) && *options & BIT(SHUTDOWN_NOSAVE));
}

void darter_cmd_shutdown(struct darter_ctx *ctx)
{
	u32 options;

	if (!parse_options(ctx, &options))
		darter_reply_syntax_error(ctx);
	else if (options & BIT(SHUTDOWN_ABORT))
		/* There is nothing to wait for, so none is ever in progress. */
		darter_reply_error(ctx, "ERR No shutdown in progress.");
	else
		darter_upcall_start(ctx);
}
