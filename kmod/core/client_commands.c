// SPDX-License-Identifier: GPL-2.0
/*
 * CLIENT: what a connection says of itself, and what it learns of the others.
 *
 * Others are looked at and killed under instance->clients_lock. The names of a
 * session change under its info_lock, in its own worker.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"
#include "client_commands.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"
#include "text.h"

/* What an error quotes of an argument at most. */
#define QUOTE_CHARS 128

static bool arg_equals(const struct darter_arg *arg, const char *text)
{
	return arg->len == strlen(text) && !memcmp(arg->bytes, text, arg->len);
}

static bool is_plain(const struct darter_arg *arg)
{
	u32 i;

	for (i = 0; i < arg->len; i++)
		if (arg->bytes[i] < '!' || arg->bytes[i] > '~')
			return false;
	return true;
}

static void reply_bad_chars(struct darter_ctx *ctx, const struct darter_arg *what)
{
	darter_reply_errorf(ctx, "ERR %.*s cannot contain spaces, newlines or special characters.",
			    min_t(int, what->len, QUOTE_CHARS), what->bytes);
}

static void reply_too_long(struct darter_ctx *ctx, const struct darter_arg *what)
{
	darter_reply_errorf(ctx, "ERR %.*s cannot be longer than %u characters.",
			    min_t(int, what->len, QUOTE_CHARS), what->bytes,
			    DARTER_CLIENT_NAME_MAX);
}

/* Replies an error if the text may not become what errors call @what. */
static bool check_name(struct darter_ctx *ctx, const struct darter_arg *text,
		       const struct darter_arg *what)
{
	if (!is_plain(text))
		reply_bad_chars(ctx, what);
	else if (text->len > DARTER_CLIENT_NAME_MAX)
		reply_too_long(ctx, what);
	else
		return true;
	return false;
}

/**
 * darter_client_name_ok() - whether a name may be given to a client
 * @ctx: the running command; gets the error
 * @name: the name
 *
 * Return: true; false after an error reply.
 */
bool darter_client_name_ok(struct darter_ctx *ctx, const struct darter_arg *name)
{
	static const struct darter_arg what = { .bytes = "Client names", .len = 12 };

	return check_name(ctx, name, &what);
}

/* Replace one of the session's texts; an empty one is none. */
static bool set_text(struct darter_ctx *ctx, char **place, const struct darter_arg *text)
{
	char *old, *new = NULL;

	if (text->len) {
		new = kmemdup_nul(text->bytes, text->len, GFP_KERNEL | __GFP_NOWARN);
		if (!new) {
			darter_reply_out_of_memory(ctx);
			return false;
		}
	}
	spin_lock(&ctx->session->info_lock);
	old = *place;
	*place = new;
	spin_unlock(&ctx->session->info_lock);
	kfree(old);
	return true;
}

/**
 * darter_client_set_name() - name the session of the running command
 * @ctx: the running command; gets the error
 * @name: checked; empty: no name
 *
 * Return: whether there was memory for it.
 */
bool darter_client_set_name(struct darter_ctx *ctx, const struct darter_arg *name)
{
	return set_text(ctx, &ctx->session->name, name);
}

void darter_cmd_client_id(struct darter_ctx *ctx)
{
	darter_reply_int(ctx, ctx->session->id);
}

void darter_cmd_client_getname(struct darter_ctx *ctx)
{
	/* Only this worker writes the name. */
	if (ctx->session->name)
		darter_reply_string(ctx, ctx->session->name);
	else
		darter_reply_null(ctx);
}

void darter_cmd_client_setname(struct darter_ctx *ctx)
{
	if (darter_client_name_ok(ctx, &ctx->argv[2]) &&
	    darter_client_set_name(ctx, &ctx->argv[2]))
		darter_reply_ok(ctx);
}

void darter_cmd_client_setinfo(struct darter_ctx *ctx)
{
	const struct darter_arg *option = &ctx->argv[2], *value = &ctx->argv[3];
	char **place;

	if (darter_arg_is(option, "lib-name")) {
		place = &ctx->session->lib_name;
	} else if (darter_arg_is(option, "lib-ver")) {
		place = &ctx->session->lib_ver;
	} else {
		darter_reply_errorf(ctx, "ERR Unrecognized option '%.*s'",
				    min_t(int, option->len, QUOTE_CHARS), option->bytes);
		return;
	}
	if (check_name(ctx, value, option) && set_text(ctx, place, value))
		darter_reply_ok(ctx);
}

static void add_line(struct darter_text *text, struct darter_session *session, u64 now)
{
	char *line = darter_text_reserve(text, DARTER_CLIENT_LINE + 1);

	if (!line)
		return;
	text->len += darter_client_line(session, now, line, DARTER_CLIENT_LINE);
	text->bytes[text->len++] = '\n';
}

void darter_cmd_client_info(struct darter_ctx *ctx)
{
	struct darter_text text = {};

	add_line(&text, ctx->session, ctx->now);
	darter_text_reply(ctx, &text);
}

/* Every client of this version is a normal one. */
static bool parse_type(struct darter_ctx *ctx, const struct darter_arg *arg, bool *normal)
{
	*normal = darter_arg_is(arg, "normal");
	if (*normal || darter_arg_is(arg, "master") || darter_arg_is(arg, "replica") ||
	    darter_arg_is(arg, "slave") || darter_arg_is(arg, "pubsub"))
		return true;
	darter_reply_errorf(ctx, "ERR Unknown client type '%.*s'",
			    min_t(int, arg->len, QUOTE_CHARS), arg->bytes);
	return false;
}

struct listing {
	struct darter_text text;
	u64 now;
	u64 only;		/* id, 0: all */
};

static int list_client(void *arg, struct darter_session *session)
{
	struct listing *listing = arg;

	if (listing->only && session->id != listing->only)
		return 1;
	/* One that is killed is gone, only its worker has not been told yet. */
	if (!READ_ONCE(session->killed))
		add_line(&listing->text, session, listing->now);
	return listing->text.failed || listing->only;
}

static bool check_ids(struct darter_ctx *ctx)
{
	s64 id;
	u32 i;

	for (i = 3; i < ctx->argc; i++) {
		if (!darter_parse_s64(ctx->argv[i].bytes, ctx->argv[i].len, &id)) {
			darter_reply_error(ctx, "ERR Invalid client ID");
			return false;
		}
	}
	return true;
}

static void list_ids(struct darter_ctx *ctx, struct listing *listing)
{
	s64 id;
	u32 i;

	for (i = 3; i < ctx->argc; i++) {
		if (!darter_parse_s64(ctx->argv[i].bytes, ctx->argv[i].len, &id) || id <= 0)
			continue;
		listing->only = id;
		darter_clients_visit(ctx->instance, id, list_client, listing);
	}
}

void darter_cmd_client_list(struct darter_ctx *ctx)
{
	struct listing listing = { .now = ctx->now };
	bool normal = true;

	if (ctx->argc > 3 && darter_arg_is(&ctx->argv[2], "id")) {
		if (!check_ids(ctx))
			return;
		list_ids(ctx, &listing);
	} else if (ctx->argc == 2 ||
		   (ctx->argc == 4 && darter_arg_is(&ctx->argv[2], "type"))) {
		if (ctx->argc == 4 && !parse_type(ctx, &ctx->argv[3], &normal))
			return;
		if (normal)
			darter_clients_visit(ctx->instance, 0, list_client, &listing);
	} else {
		darter_reply_syntax_error(ctx);
		return;
	}
	darter_text_reply(ctx, &listing.text);
}

/* Whom CLIENT KILL means: all conditions must hold. */
struct victims {
	struct darter_session *self;
	const struct darter_arg *addr, *laddr;
	s64 id;			/* 0: any */
	bool none;		/* a type that no client has */
	bool skip_self;
	bool self_found;
	u32 count;
};

static int kill_if_meant(void *arg, struct darter_session *session)
{
	struct victims *victims = arg;

	if (READ_ONCE(session->killed) ||
	    (victims->id && session->id != victims->id) ||
	    (victims->addr && !arg_equals(victims->addr, session->addr)) ||
	    (victims->laddr && !arg_equals(victims->laddr, session->laddr)) ||
	    (victims->skip_self && session == victims->self))
		return 0;
	victims->count++;
	if (session == victims->self)
		victims->self_found = true;
	else
		darter_client_kill(session);
	return 0;
}

static bool parse_skipme(struct darter_ctx *ctx, const struct darter_arg *arg,
			 struct victims *victims)
{
	victims->skip_self = darter_arg_is(arg, "yes");
	if (victims->skip_self || darter_arg_is(arg, "no"))
		return true;
	darter_reply_syntax_error(ctx);
	return false;
}

static bool parse_victim_id(struct darter_ctx *ctx, const struct darter_arg *arg,
			    struct victims *victims)
{
	if (darter_parse_s64(arg->bytes, arg->len, &victims->id) && victims->id > 0)
		return true;
	darter_reply_error(ctx, "ERR client-id should be greater than 0");
	return false;
}

static bool parse_user(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	if (arg_equals(arg, "default"))
		return true;
	darter_reply_errorf(ctx, "ERR No such user '%.*s'", min_t(int, arg->len, QUOTE_CHARS),
			    arg->bytes);
	return false;
}

static bool parse_filter(struct darter_ctx *ctx, const struct darter_arg *option,
			 struct victims *victims)
{
	const struct darter_arg *value = option + 1;
	bool normal;

	if (darter_arg_is(option, "id"))
		return parse_victim_id(ctx, value, victims);
	if (darter_arg_is(option, "skipme"))
		return parse_skipme(ctx, value, victims);
	if (darter_arg_is(option, "user"))
		return parse_user(ctx, value);
	if (darter_arg_is(option, "type")) {
		if (!parse_type(ctx, value, &normal))
			return false;
		victims->none = !normal;
		return true;
	}
	if (darter_arg_is(option, "addr")) {
		victims->addr = value;
		return true;
	}
	if (darter_arg_is(option, "laddr")) {
		victims->laddr = value;
		return true;
	}
	darter_reply_syntax_error(ctx);
	return false;
}

static bool parse_victims(struct darter_ctx *ctx, struct victims *victims)
{
	u32 i;

	for (i = 2; i < ctx->argc; i += 2) {
		if (i + 1 == ctx->argc) {
			darter_reply_syntax_error(ctx);
			return false;
		}
		if (!parse_filter(ctx, &ctx->argv[i], victims))
			return false;
	}
	return true;
}

void darter_cmd_client_kill(struct darter_ctx *ctx)
{
	struct victims victims = { .self = ctx->session, .skip_self = true };
	bool by_address = ctx->argc == 3;

	if (by_address) {
		victims.addr = &ctx->argv[2];
		victims.skip_self = false;
	} else if (!parse_victims(ctx, &victims)) {
		return;
	}
	if (!victims.none)
		darter_clients_visit(ctx->instance, victims.id, kill_if_meant, &victims);
	if (!by_address)
		darter_reply_int(ctx, victims.count);
	else if (victims.count)
		darter_reply_ok(ctx);
	else
		darter_reply_error(ctx, "ERR No such client");
	/* The reply goes out first. */
	if (victims.self_found)
		WRITE_ONCE(ctx->session->finishing, true);
}

void darter_cmd_client_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"CACHING (YES|NO)",
		"    Whether the keys of the next command are tracked.",
		"GETNAME",
		"    Show the name of this connection.",
		"GETREDIR",
		"    Show which connection gets the messages of tracking, -1: none.",
		"ID",
		"    Show the number of this connection.",
		"INFO",
		"    Describe this connection.",
		"KILL <ip:port>",
		"    Close the connection that comes from <ip:port>.",
		"KILL <option> <value> [<option> <value> [...]]",
		"    Close the connections that meet all conditions:",
		"    * ADDR (<ip:port>|<unixsocket>:0)",
		"      It comes from this address.",
		"    * LADDR (<ip:port>|<unixsocket>:0)",
		"      It was made to this address of the server.",
		"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
		"      It is of this type.",
		"    * USER <username>",
		"      It is authenticated as this user.",
		"    * ID <client-id>",
		"      It has this number.",
		"    * SKIPME (YES|NO)",
		"      Spare this connection (default: yes).",
		"LIST [options ...]",
		"    Describe connections, all or by option:",
		"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
		"      Those of this type.",
		"    * ID <client-id> [<client-id> ...]",
		"      Those with these numbers.",
		"NO-EVICT (ON|OFF)",
		"    Whether this connection is spared when connections are closed for memory.",
		"NO-TOUCH (ON|OFF)",
		"    Whether this connection leaves alone when keys were last used.",
		"PAUSE <timeout> [WRITE|ALL]",
		"    Have commands wait, those that write or all, for so many milliseconds.",
		"REPLY (ON|OFF|SKIP)",
		"    Whether this connection gets replies, or skips that of the next command.",
		"SETINFO <option> <value>",
		"    Tell about the client's library:",
		"    * LIB-NAME: its name.",
		"    * LIB-VER: its version.",
		"SETNAME <name>",
		"    Name this connection.",
		"TRACKINGINFO",
		"    Show how the keys of this connection are tracked.",
		"UNBLOCK <clientid> [TIMEOUT|ERROR]",
		"    End the command in which a connection waits.",
		"UNPAUSE",
		"    End a pause.",
		"HELP",
		"    Show this text.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
