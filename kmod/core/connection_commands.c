// SPDX-License-Identifier: GPL-2.0
/*
 * Commands about the connection that they arrive on: PING, ECHO, HELLO, AUTH,
 * SELECT, TIME and the modes of cluster clients. They change nothing but the
 * session, in its own worker; others read some of it (WRITE_ONCE).
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "args.h"
#include "client_commands.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"

/* What an error quotes of an argument at most. */
#define QUOTE_CHARS 128

static void reply_arg(struct darter_ctx *ctx, const struct darter_arg *arg)
{
	if (arg->blob)
		darter_reply_blob(ctx, arg->blob, arg->bytes - arg->blob->data, arg->len);
	else
		darter_reply_bulk(ctx, arg->bytes, arg->len);
}

void darter_cmd_ping(struct darter_ctx *ctx)
{
	if (ctx->argc > 2)
		darter_reply_wrong_arity(ctx);
	else if (ctx->argc == 2)
		reply_arg(ctx, &ctx->argv[1]);
	else
		darter_reply_simple(ctx, "PONG");
}

void darter_cmd_echo(struct darter_ctx *ctx)
{
	reply_arg(ctx, &ctx->argv[1]);
}

void darter_cmd_time(struct darter_ctx *ctx)
{
	u64 now = ctx->instance->host->wall_us();

	darter_reply_array(ctx, 2);
	darter_reply_bulk_int(ctx, now / 1000000);
	darter_reply_bulk_int(ctx, now % 1000000);
}

void darter_cmd_select(struct darter_ctx *ctx)
{
	u32 db;

	if (!darter_arg_db(ctx, &ctx->argv[1], &db))
		return;
	WRITE_ONCE(ctx->session->db, db);
	darter_reply_ok(ctx);
}

/*
 * Takes as long for a wrong password as for the right one: the argument's
 * length decides, which its sender knows.
 */
static bool password_matches(struct darter_instance *instance, const struct darter_arg *arg)
{
	const char *password = instance->config.password;
	bool matches;
	u8 differs;
	u32 i;

	mutex_lock(&instance->config.lock);
	differs = arg->len >= DARTER_PASSWORD_CHARS || password[arg->len];
	for (i = 0; i < min_t(u32, arg->len, DARTER_PASSWORD_CHARS); i++) {
		differs |= arg->bytes[i] ^ password[i];
		differs |= password[i] == '\0';
	}
	matches = !differs;
	mutex_unlock(&instance->config.lock);
	return matches;
}

/* There is one user, and without a password anything is right for it. */
static bool authenticate(struct darter_ctx *ctx, const struct darter_arg *user,
			 const struct darter_arg *password)
{
	if ((user && (user->len != 7 || memcmp(user->bytes, "default", 7))) ||
	    (darter_config_auth_required(ctx->instance) &&
	     !password_matches(ctx->instance, password))) {
		darter_reply_error(ctx,
				   "WRONGPASS invalid username-password pair or user is disabled.");
		return false;
	}
	ctx->session->authenticated = true;
	return true;
}

void darter_cmd_auth(struct darter_ctx *ctx)
{
	const struct darter_arg *user = ctx->argc == 3 ? &ctx->argv[1] : NULL;

	if (ctx->argc > 3) {
		darter_reply_syntax_error(ctx);
		return;
	}
	if (!user && !darter_config_auth_required(ctx->instance)) {
		darter_reply_error(ctx,
				   "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?");
		return;
	}
	if (authenticate(ctx, user, &ctx->argv[ctx->argc - 1]))
		darter_reply_ok(ctx);
}

/* What HELLO asks for. */
struct greeting {
	u8 protocol;
	const struct darter_arg *user, *password, *name;
};

static bool parse_protocol(struct darter_ctx *ctx, struct greeting *greeting)
{
	s64 protocol;

	greeting->protocol = ctx->session->resp;
	if (ctx->argc < 2)
		return true;
	if (!darter_parse_s64(ctx->argv[1].bytes, ctx->argv[1].len, &protocol)) {
		darter_reply_error(ctx, "ERR Protocol version is not an integer or out of range");
		return false;
	}
	if (protocol < 2 || protocol > 3) {
		darter_reply_error(ctx, "NOPROTO unsupported protocol version");
		return false;
	}
	greeting->protocol = protocol;
	return true;
}

static bool parse_greeting(struct darter_ctx *ctx, struct greeting *greeting)
{
	u32 i = 2;

	if (!parse_protocol(ctx, greeting))
		return false;
	while (i < ctx->argc) {
		const struct darter_arg *option = &ctx->argv[i];
		u32 more = ctx->argc - i - 1;

		if (more >= 2 && darter_arg_is(option, "auth")) {
			greeting->user = option + 1;
			greeting->password = option + 2;
			i += 3;
		} else if (more >= 1 && darter_arg_is(option, "setname")) {
			greeting->name = option + 1;
			if (!darter_client_name_ok(ctx, greeting->name))
				return false;
			i += 2;
		} else {
			darter_reply_errorf(ctx, "ERR Syntax error in HELLO option '%.*s'",
					    min_t(int, option->len, QUOTE_CHARS), option->bytes);
			return false;
		}
	}
	return true;
}

static void reply_greeting(struct darter_ctx *ctx)
{
	darter_reply_map(ctx, 7);
	darter_reply_string(ctx, "server");
	darter_reply_string(ctx, "redis");
	darter_reply_string(ctx, "version");
	darter_reply_string(ctx, DARTER_REDIS_VERSION);
	darter_reply_string(ctx, "proto");
	darter_reply_int(ctx, ctx->session->resp);
	darter_reply_string(ctx, "id");
	darter_reply_int(ctx, ctx->session->id);
	darter_reply_string(ctx, "mode");
	darter_reply_string(ctx, ctx->instance->params.cluster ? "cluster" : "standalone");
	darter_reply_string(ctx, "role");
	darter_reply_string(ctx, "master");
	darter_reply_string(ctx, "modules");
	darter_reply_array(ctx, 0);
}

void darter_cmd_hello(struct darter_ctx *ctx)
{
	struct greeting greeting = {};

	if (!parse_greeting(ctx, &greeting))
		return;
	if (greeting.user && !authenticate(ctx, greeting.user, greeting.password))
		return;
	if (darter_session_needs_auth(ctx->session)) {
		darter_reply_error(ctx,
				   "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time");
		return;
	}
	if (greeting.name && !darter_client_set_name(ctx, greeting.name))
		return;
	WRITE_ONCE(ctx->session->resp, greeting.protocol);
	reply_greeting(ctx);
}

/* Replies an error without cluster emulation. */
static bool cluster_enabled(struct darter_ctx *ctx)
{
	if (!ctx->instance->params.cluster)
		darter_reply_error(ctx, "ERR This instance has cluster support disabled");
	return ctx->instance->params.cluster;
}

void darter_cmd_readonly(struct darter_ctx *ctx)
{
	if (!cluster_enabled(ctx))
		return;
	WRITE_ONCE(ctx->session->readonly_mode, true);
	darter_reply_ok(ctx);
}

void darter_cmd_readwrite(struct darter_ctx *ctx)
{
	if (!cluster_enabled(ctx))
		return;
	WRITE_ONCE(ctx->session->readonly_mode, false);
	darter_reply_ok(ctx);
}

/* Nothing is ever asked elsewhere; the flag lives as long as Redis keeps it. */
void darter_cmd_asking(struct darter_ctx *ctx)
{
	if (!cluster_enabled(ctx))
		return;
	ctx->session->asking = true;
	darter_reply_ok(ctx);
}
