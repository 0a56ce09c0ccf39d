// SPDX-License-Identifier: GPL-2.0
/*
 * OBJECT: how a value is stored and when it was used. Handlers run under the lock
 * of the key's shard, or without it; asking is not using.
 *
 * The encodings are those that Redis would have chosen, see enum darter_form.
 */
#include <linux/kernel.h>

#include "command.h"
#include "handlers.h"
#include "keyspace.h"
#include "reply.h"

/* Numbers below this are one object for all keys in Redis, which says so. */
#define SHARED_NUMBERS 10000
#define SHARED_REFERENCES S32_MAX

/* The entry of argv[2]; without one the reply is null. */
static const struct darter_entry *find(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = darter_lookup_peek(ctx, &ctx->argv[2]);

	if (!entry)
		darter_reply_null(ctx);
	return entry;
}

void darter_cmd_object_encoding(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = find(ctx);

	if (entry)
		darter_reply_string(ctx, darter_entry_encoding(entry));
}

/* Nothing is evicted, so nobody counts how often keys are used. */
void darter_cmd_object_freq(struct darter_ctx *ctx)
{
	if (find(ctx))
		darter_reply_error(ctx,
				   "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.");
}

void darter_cmd_object_idletime(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = find(ctx);

	/* The clock may have been set back. */
	if (entry)
		darter_reply_int(ctx, max_t(s64, ctx->now / 1000 - READ_ONCE(entry->access), 0));
}

void darter_cmd_object_refcount(struct darter_ctx *ctx)
{
	const struct darter_entry *entry = find(ctx);
	bool shared;
	s64 number;

	if (!entry)
		return;
	shared = READ_ONCE(entry->form) == DARTER_FORM_PLAIN &&
		 darter_entry_is_number(entry, &number) && number >= 0 &&
		 number < SHARED_NUMBERS;
	darter_reply_int(ctx, shared ? SHARED_REFERENCES : 1);
}

void darter_cmd_object_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"ENCODING <key>",
		"    Tell how Redis would store the value.",
		"FREQ <key>",
		"    Tell how often the key is used, on a logarithmic scale.",
		"IDLETIME <key>",
		"    Tell for how many seconds the key has not been used.",
		"REFCOUNT <key>",
		"    Count the references to the value.",
		"HELP",
		"    Print this help.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
