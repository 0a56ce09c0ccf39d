// SPDX-License-Identifier: GPL-2.0
/*
 * The slow log and its command, see slowlog.h.
 *
 * An entry is one allocation that never changes once it is listed. Whoever replies
 * entries takes references under the lock and does the rest without it, so that a
 * command that is to be logged never waits for more than a few list operations.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"
#include "secrets.h"
#include "session.h"
#include "slowlog.h"

/* Arguments of a command that are kept, and bytes of each, as in Redis. */
#define MAX_ARGS 32
#define MAX_BYTES 128
/* Longest note about what was left out: "... (4294967295 more arguments)" */
#define NOTE_CHARS 48
/* Entries that SLOWLOG GET shows unless told otherwise. */
#define USUAL_COUNT 10

struct slow_text {
	u32 len;
	char bytes[];
};

struct slow_entry {
	struct list_head link;
	refcount_t refs;
	u64 id;
	u64 time;			/* seconds since the epoch */
	u64 micros;
	u32 argc;
	u32 used;			/* bytes of texts */
	char texts[];			/* the arguments, the address, the name */
};

void darter_slowlog_init(struct darter_slowlog *log)
{
	spin_lock_init(&log->lock);
	INIT_LIST_HEAD(&log->entries);
}

static void entry_put(struct slow_entry *entry)
{
	if (refcount_dec_and_test(&entry->refs))
		kvfree(entry);
}

/* Drop entries that nobody can find any more. */
static void drop_list(struct list_head *entries)
{
	struct slow_entry *entry, *next;

	list_for_each_entry_safe(entry, next, entries, link) {
		list_del(&entry->link);
		entry_put(entry);
	}
}

void darter_slowlog_destroy(struct darter_slowlog *log)
{
	drop_list(&log->entries);
}

static size_t text_size(size_t len)
{
	return ALIGN(sizeof(struct slow_text) + len, __alignof__(struct slow_text));
}

/* The next text of an entry, with room for @len bytes. */
static struct slow_text *take_text(struct slow_entry *entry, size_t len)
{
	struct slow_text *text = (struct slow_text *)(entry->texts + entry->used);

	text->len = len;
	entry->used += text_size(len);
	return text;
}

static void put_text(struct slow_entry *entry, const char *bytes, size_t len)
{
	memcpy(take_text(entry, len)->bytes, bytes, len);
}

static void put_arg(struct slow_entry *entry, const struct darter_arg *arg)
{
	char note[NOTE_CHARS];
	struct slow_text *text;
	u32 note_len;

	if (arg->len <= MAX_BYTES) {
		put_text(entry, arg->bytes, arg->len);
		return;
	}
	note_len = scnprintf(note, sizeof(note), "... (%u more bytes)", arg->len - MAX_BYTES);
	text = take_text(entry, MAX_BYTES + note_len);
	memcpy(text->bytes, arg->bytes, MAX_BYTES);
	memcpy(text->bytes + MAX_BYTES, note, note_len);
}

static void put_args(struct slow_entry *entry, const struct darter_ctx *ctx)
{
	struct darter_secrets secrets;
	char note[NOTE_CHARS];
	u32 i;

	entry->argc = min_t(u32, ctx->argc, MAX_ARGS);
	darter_secrets_begin(&secrets, ctx);
	for (i = 0; i < entry->argc; i++) {
		struct darter_arg arg = darter_secrets_show(&secrets, i);

		if (i == MAX_ARGS - 1 && ctx->argc > MAX_ARGS)
			put_text(entry, note,
				 scnprintf(note, sizeof(note), "... (%u more arguments)",
					   ctx->argc - MAX_ARGS + 1));
		else
			put_arg(entry, &arg);
	}
}

/* Room for every text, or a little more. */
static size_t texts_size(const struct darter_ctx *ctx, const char *name)
{
	size_t size = text_size(DARTER_ADDR_CHARS) + text_size(strlen(name));
	u32 i;

	for (i = 0; i < min_t(u32, ctx->argc, MAX_ARGS); i++)
		size += text_size(min_t(u32, ctx->argv[i].len, MAX_BYTES) + NOTE_CHARS);
	return size;
}

static struct slow_entry *entry_make(const struct darter_ctx *ctx, u64 micros)
{
	/* The session is the running command's: nobody else changes its name. */
	const char *name = ctx->session->name ?: "";
	struct slow_entry *entry;

	entry = kvmalloc(sizeof(*entry) + texts_size(ctx, name), GFP_KERNEL | __GFP_NOWARN);
	if (!entry)
		return NULL;
	refcount_set(&entry->refs, 1);
	entry->time = div_u64(ctx->instance->host->wall_us(), 1000000);
	entry->micros = micros;
	entry->used = 0;
	put_args(entry, ctx);
	put_text(entry, ctx->session->addr, strlen(ctx->session->addr));
	put_text(entry, name, strlen(name));
	return entry;
}

/**
 * darter_slowlog_add() - note a command that was slow
 * @ctx: the command, which has run
 * @micros: how long it took
 *
 * Without memory it is not noted.
 *
 * Context: may sleep to allocate.
 */
void darter_slowlog_add(const struct darter_ctx *ctx, u64 micros)
{
	const struct darter_config *config = &ctx->instance->config;
	struct darter_slowlog *log = &ctx->instance->slowlog;
	s64 slower_than = READ_ONCE(config->slowlog_slower_than);
	u64 limit = READ_ONCE(config->slowlog_max_len);
	struct slow_entry *entry;
	LIST_HEAD(surplus);

	if (slower_than < 0 || micros < (u64)slower_than || !limit ||
	    ctx->command->flags & DARTER_CMD_SKIP_SLOWLOG)
		return;
	entry = entry_make(ctx, micros);
	if (!entry)
		return;
	spin_lock(&log->lock);
	entry->id = log->next_id++;
	list_add(&entry->link, &log->entries);
	for (log->count++; log->count > limit; log->count--)
		list_move(log->entries.prev, &surplus);
	spin_unlock(&log->lock);
	drop_list(&surplus);
}

static const struct slow_text *reply_text(struct darter_ctx *ctx, const struct slow_text *text)
{
	darter_reply_bulk(ctx, text->bytes, text->len);
	return (const void *)text + text_size(text->len);
}

static void reply_entry(struct darter_ctx *ctx, const struct slow_entry *entry)
{
	const struct slow_text *text = (const struct slow_text *)entry->texts;
	u32 i;

	darter_reply_array(ctx, 6);
	darter_reply_int(ctx, entry->id);
	darter_reply_int(ctx, entry->time);
	darter_reply_int(ctx, entry->micros);
	darter_reply_array(ctx, entry->argc);
	for (i = 0; i < entry->argc; i++)
		text = reply_text(ctx, text);
	text = reply_text(ctx, text);
	reply_text(ctx, text);
}

static u64 log_count(struct darter_slowlog *log)
{
	u64 count;

	spin_lock(&log->lock);
	count = log->count;
	spin_unlock(&log->lock);
	return count;
}

/* References to the newest entries, at most @room of them; returns how many. */
static u64 get_entries(struct darter_slowlog *log, struct slow_entry **entries, u64 room)
{
	struct slow_entry *entry;
	u64 count = 0;

	spin_lock(&log->lock);
	list_for_each_entry(entry, &log->entries, link) {
		if (count == room)
			break;
		refcount_inc(&entry->refs);
		entries[count++] = entry;
	}
	spin_unlock(&log->lock);
	return count;
}

/* Replies an error when it returns false. */
static bool parse_count(struct darter_ctx *ctx, u64 *count)
{
	s64 wanted = USUAL_COUNT;

	if (ctx->argc > 3) {
		darter_reply_errorf(ctx,
				    "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try SLOWLOG HELP.",
				    (int)ctx->argv[1].len, ctx->argv[1].bytes);
		return false;
	}
	if (ctx->argc == 3 &&
	    (!darter_parse_s64(ctx->argv[2].bytes, ctx->argv[2].len, &wanted) || wanted < -1)) {
		darter_reply_error(ctx, "ERR count should be greater than or equal to -1");
		return false;
	}
	/* As an unsigned number -1 is more than there can be. */
	*count = wanted;
	return true;
}

void darter_cmd_slowlog_get(struct darter_ctx *ctx)
{
	struct darter_slowlog *log = &ctx->instance->slowlog;
	struct slow_entry **entries;
	u64 i, count;

	if (!parse_count(ctx, &count))
		return;
	count = min(count, log_count(log));
	entries = kvmalloc(array_size(count + 1, sizeof(*entries)), GFP_KERNEL | __GFP_NOWARN);
	if (!entries) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	count = get_entries(log, entries, count);
	darter_reply_array(ctx, count);
	for (i = 0; i < count; i++) {
		reply_entry(ctx, entries[i]);
		entry_put(entries[i]);
	}
	kvfree(entries);
}

void darter_cmd_slowlog_len(struct darter_ctx *ctx)
{
	darter_reply_int(ctx, log_count(&ctx->instance->slowlog));
}

void darter_cmd_slowlog_reset(struct darter_ctx *ctx)
{
	struct darter_slowlog *log = &ctx->instance->slowlog;
	LIST_HEAD(entries);

	spin_lock(&log->lock);
	list_splice_init(&log->entries, &entries);
	log->count = 0;
	spin_unlock(&log->lock);
	drop_list(&entries);
	darter_reply_ok(ctx);
}

void darter_cmd_slowlog_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"GET [<count>]",
		"    Show the last commands that were slow (default: 10, -1: all). Of each:",
		"    number, time, microseconds, arguments, the client's address and name.",
		"LEN",
		"    Count them.",
		"RESET",
		"    Forget them.",
		"HELP",
		"    Show this text.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
