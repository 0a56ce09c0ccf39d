// SPDX-License-Identifier: GPL-2.0
/*
 * CONFIG: the table of config.c for clients. Locking is that of the table.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "config.h"
#include "handlers.h"
#include "instance.h"
#include "reply.h"
#include "session.h"
#include "upcall.h"

/* What an error quotes of a parameter's name at most. */
#define QUOTE_CHARS 128
#define WHY_CHARS 256

struct getting {
	struct darter_ctx *ctx;
	const char *literal;			/* the pattern, if it is a plain name */
	u32 count;
	DECLARE_BITMAP(seen, DARTER_CONFIG_MAX);	/* parameters already replied */
};

static int reply_parameter(void *arg, u32 index, const char *name, const char *value)
{
	struct getting *getting = arg;

	if (__test_and_set_bit(index, getting->seen))
		return 0;
	/* Who asks for a name gets it back as he wrote it. */
	darter_reply_string(getting->ctx, getting->literal ?: name);
	darter_reply_string(getting->ctx, value);
	getting->count++;
	return 0;
}

static bool get_pattern(struct getting *getting, const struct darter_arg *arg)
{
	char *pattern = kmemdup_nul(arg->bytes, arg->len, GFP_KERNEL | __GFP_NOWARN);

	if (!pattern)
		return false;
	getting->literal = strpbrk(pattern, "[*?") ? NULL : pattern;
	darter_config_get(getting->ctx->instance, pattern, 0, reply_parameter, getting);
	kfree(pattern);
	return true;
}

void darter_cmd_config_get(struct darter_ctx *ctx)
{
	struct getting getting = { .ctx = ctx };
	struct darter_reply_later later;
	u32 i;

	darter_reply_begin(ctx, &later);
	for (i = 2; i < ctx->argc; i++)
		if (!get_pattern(&getting, &ctx->argv[i]))
			ctx->session->reply.failed = true;
	darter_reply_end_map(ctx, &later, getting.count);
}

/*
 * The arguments as NUL-terminated pairs, in one allocation. Bytes behind a NUL
 * inside an argument would be lost, which no parameter has a use for.
 */
static struct darter_config_pair *make_pairs(const struct darter_arg *argv, u32 count)
{
	struct darter_config_pair *pairs;
	size_t size = array_size(count, sizeof(*pairs));
	char *text;
	u32 i;

	for (i = 0; i < 2 * count; i++)
		size = size_add(size, argv[i].len + 1);
	pairs = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!pairs)
		return NULL;
	text = (char *)(pairs + count);
	for (i = 0; i < 2 * count; i++) {
		memcpy(text, argv[i].bytes, argv[i].len);
		text[argv[i].len] = '\0';
		if (i % 2)
			pairs[i / 2].value = text;
		else
			pairs[i / 2].name = text;
		text += argv[i].len + 1;
	}
	return pairs;
}

/* Clients are told what Redis tells them; @why is for who reads the log. */
static const char *apply_failure(const char *name, const char *why)
{
	if (!strcasecmp(name, "bind"))
		return "Failed to bind to specified addresses.";
	if (!strcasecmp(name, "port"))
		return "Unable to listen on this port. Check server logs.";
	return why;
}

static void reply_refused(struct darter_ctx *ctx, int err, const char *name, const char *why)
{
	if (err != -EINVAL && err != -EPERM && err != -ERANGE)
		why = apply_failure(name, why);
	if (err == -ENOMEM)
		darter_reply_out_of_memory(ctx);
	else if (err == -ENOENT)
		darter_reply_errorf(ctx, "ERR %s", why);
	else
		darter_reply_errorf(ctx,
				    "ERR CONFIG SET failed (possibly related to argument '%.*s') - %s",
				    QUOTE_CHARS, darter_config_name(name), why);
}

void darter_cmd_config_set(struct darter_ctx *ctx)
{
	u32 bad, count = (ctx->argc - 2) / 2;
	struct darter_config_pair *pairs;
	char why[WHY_CHARS] = "";
	int err;

	if (ctx->argc % 2) {
		darter_reply_syntax_error(ctx);
		return;
	}
	pairs = make_pairs(ctx->argv + 2, count);
	if (!pairs) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	err = darter_config_set(ctx->instance, pairs, count, false, &bad, why, sizeof(why));
	if (err)
		reply_refused(ctx, err, pairs[bad].name, why);
	else
		darter_reply_ok(ctx);
	kvfree(pairs);
}

void darter_cmd_config_resetstat(struct darter_ctx *ctx)
{
	darter_instance_reset_stats(ctx->instance);
	darter_reply_ok(ctx);
}

/* The file is the daemon's. */
void darter_cmd_config_rewrite(struct darter_ctx *ctx)
{
	darter_upcall_start(ctx);
}

void darter_cmd_config_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"GET <pattern>",
		"    Show the parameters that match <pattern>, and their values.",
		"SET <directive> <value>",
		"    Give parameter <directive> another value.",
		"RESETSTAT",
		"    Set the counters of INFO back to zero.",
		"REWRITE",
		"    Bring the configuration file up to date.",
		"HELP",
		"    Show this text.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
