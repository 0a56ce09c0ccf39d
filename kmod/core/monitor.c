// SPDX-License-Identifier: GPL-2.0
/*
 * MONITOR, see monitor.h. The worker that has run a command writes the line, and
 * sends it to all monitors as one push. It does so while it still holds the locks
 * of the command's shards: so lines about a key come in the order of what was done
 * to it.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "monitor.h"
#include "observe.h"
#include "push.h"
#include "reply.h"
#include "secrets.h"
#include "session.h"

/* Time, database and address, in front of the arguments. */
#define HEAD_CHARS (64 + DARTER_ADDR_CHARS)

void darter_monitors_init(struct darter_monitors *monitors)
{
	spin_lock_init(&monitors->lock);
	INIT_LIST_HEAD(&monitors->sessions);
}

static void join(struct darter_session *session)
{
	struct darter_instance *instance = session->instance;
	struct darter_monitors *monitors = &instance->monitors;

	spin_lock(&monitors->lock);
	list_add_tail(&session->monitor_link, &monitors->sessions);
	WRITE_ONCE(session->monitoring, true);
	WRITE_ONCE(monitors->count, monitors->count + 1);
	spin_unlock(&monitors->lock);
	darter_observe_update(instance);
}

void darter_monitor_leave(struct darter_session *session)
{
	struct darter_instance *instance = session->instance;
	struct darter_monitors *monitors = &instance->monitors;

	if (!session->monitoring)
		return;
	spin_lock(&monitors->lock);
	list_del(&session->monitor_link);
	WRITE_ONCE(session->monitoring, false);
	WRITE_ONCE(monitors->count, monitors->count - 1);
	spin_unlock(&monitors->lock);
	darter_observe_update(instance);
}

/* The letter behind the backslash; 0: there is none for this byte. */
static char escape_letter(u8 c)
{
	switch (c) {
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\a':
		return 'a';
	case '\b':
		return 'b';
	case '\\':
	case '"':
		return c;
	default:
		return 0;
	}
}

static bool is_plain(u8 c)
{
	return c >= ' ' && c <= '~';
}

static size_t quoted_len(const struct darter_arg *arg)
{
	size_t len = 2;
	u32 i;

	for (i = 0; i < arg->len; i++)
		len += escape_letter(arg->bytes[i]) ? 2 : is_plain(arg->bytes[i]) ? 1 : 4;
	return len;
}

static char *put_quoted(char *at, const struct darter_arg *arg)
{
	static const char digits[] = "0123456789abcdef";
	u32 i;

	*at++ = '"';
	for (i = 0; i < arg->len; i++) {
		u8 c = arg->bytes[i];
		char letter = escape_letter(c);

		if (!letter && is_plain(c)) {
			*at++ = c;
			continue;
		}
		*at++ = '\\';
		*at++ = letter ?: 'x';
		if (!letter) {
			*at++ = digits[c >> 4];
			*at++ = digits[c & 15];
		}
	}
	*at++ = '"';
	return at;
}

/* A blank goes in front of each argument, and CRLF behind the last. */
static size_t args_len(const struct darter_ctx *ctx)
{
	struct darter_secrets secrets;
	size_t len = 2;
	u32 i;

	darter_secrets_begin(&secrets, ctx);
	for (i = 0; i < ctx->argc; i++) {
		struct darter_arg arg = darter_secrets_show(&secrets, i);

		len = size_add(len, 1 + quoted_len(&arg));
	}
	return len;
}

static void put_args(char *at, const struct darter_ctx *ctx)
{
	struct darter_secrets secrets;
	u32 i;

	darter_secrets_begin(&secrets, ctx);
	for (i = 0; i < ctx->argc; i++) {
		struct darter_arg arg = darter_secrets_show(&secrets, i);

		*at++ = ' ';
		at = put_quoted(at, &arg);
	}
	*at++ = '\r';
	*at++ = '\n';
}

/* The database is that after the command, as in Redis: SELECT shows the new one. */
static u32 format_head(const struct darter_ctx *ctx, char *head)
{
	u32 micros;
	u64 seconds = div_u64_rem(ctx->instance->host->wall_us(), 1000000, &micros);

	return scnprintf(head, HEAD_CHARS, "+%llu.%06u [%u %s]", seconds, micros,
			 ctx->session->db, ctx->session->addr);
}

static struct darter_push *make_line(const struct darter_ctx *ctx, u32 nplaces)
{
	char head[HEAD_CHARS];
	u32 head_len = format_head(ctx, head);
	struct darter_push *line;

	line = darter_push_make(size_add(head_len, args_len(ctx)), nplaces);
	if (!line)
		return NULL;
	memcpy(line->bytes, head, head_len);
	put_args(line->bytes + head_len, ctx);
	return line;
}

/**
 * darter_monitor_tell() - tell monitors of a command
 * @ctx: the command, which has run
 *
 * Without memory for its line a command is not shown. Those who join meanwhile see
 * the next one.
 *
 * Context: in the session's worker; locks of the command's shards may be held. May
 * sleep to allocate, and for nothing else.
 */
void darter_monitor_tell(const struct darter_ctx *ctx)
{
	struct darter_monitors *monitors = &ctx->instance->monitors;
	u32 place = 0, count = READ_ONCE(monitors->count);
	struct darter_session *session;
	struct darter_push *line;

	if (!count || ctx->command->flags & (DARTER_CMD_SKIP_MONITOR | DARTER_CMD_ADMIN))
		return;
	line = make_line(ctx, count);
	if (!line)
		return;
	spin_lock(&monitors->lock);
	list_for_each_entry(session, &monitors->sessions, monitor_link) {
		if (place == count)
			break;
		darter_push_send(line, place++, session);
	}
	spin_unlock(&monitors->lock);
	darter_push_put(line);
}

/* Asking again is answered by nothing, as in Redis. */
void darter_cmd_monitor(struct darter_ctx *ctx)
{
	if (ctx->in_exec) {
		darter_reply_error(ctx, "ERR MONITOR isn't allowed for DENY BLOCKING client");
	} else if (!ctx->session->monitoring) {
		join(ctx->session);
		darter_reply_ok(ctx);
	}
}
