// SPDX-License-Identifier: GPL-2.0
/*
 * DUMP and RESTORE. Handlers run under the lock of their key's shard; what
 * RESTORE reads is complete and sound before anything of the old value goes.
 */
#include <linux/kernel.h>

#include "args.h"
#include "command.h"
#include "dump.h"
#include "handlers.h"
#include "hash_ttl.h"
#include "instance.h"
#include "keyspace.h"
#include "reply.h"
#include "session.h"
#include "string_value.h"

static bool has_expiring_fields(const struct darter_entry *entry)
{
	return entry->type == DARTER_HASH &&
	       darter_hash_ttl_first(entry) != DARTER_TTL_NONE;
}

void darter_cmd_dump(struct darter_ctx *ctx)
{
	struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[1]);
	struct darter_blob *payload;

	if (!entry) {
		darter_reply_null(ctx);
		return;
	}
	/* Payloads of this version cannot tell when fields expire. */
	if (has_expiring_fields(entry)) {
		darter_reply_error(ctx, "ERR DUMP of a hash whose fields expire is not supported");
		return;
	}
	payload = darter_dump(entry, READ_ONCE(ctx->instance->config.rdb_compression));
	if (!payload) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_reply_blob(ctx, payload, 0, payload->len);
	darter_blob_put(payload);
}

struct restore_options {
	bool replace, absolute;
	s64 idle;			/* seconds since the last access, -1: not given */
	s64 frequency;			/* checked only: nothing is evicted by it yet */
};

/* A number that an option wants, refused with @error if below 0 or above @most. */
static bool option_number(struct darter_ctx *ctx, u32 at, s64 most, const char *error, s64 *value)
{
	if (!darter_arg_s64(ctx, &ctx->argv[at], value))
		return false;
	if (*value >= 0 && *value <= most)
		return true;
	darter_reply_error(ctx, error);
	return false;
}

static bool parse_restore_options(struct darter_ctx *ctx, struct restore_options *options)
{
	u32 i;

	*options = (struct restore_options) { .idle = -1, .frequency = -1 };
	for (i = 4; i < ctx->argc; i++) {
		const struct darter_arg *word = &ctx->argv[i];
		bool more = i + 1 < ctx->argc;

		if (darter_arg_is(word, "replace")) {
			options->replace = true;
		} else if (darter_arg_is(word, "absttl")) {
			options->absolute = true;
		} else if (darter_arg_is(word, "idletime") && more && options->frequency == -1) {
			if (!option_number(ctx, ++i, S64_MAX,
					   "ERR Invalid IDLETIME value, must be >= 0",
					   &options->idle))
				return false;
		} else if (darter_arg_is(word, "freq") && more && options->idle == -1) {
			if (!option_number(ctx, ++i, 255,
					   "ERR Invalid FREQ value, must be >= 0 and <= 255",
					   &options->frequency))
				return false;
		} else {
			darter_reply_syntax_error(ctx);
			return false;
		}
	}
	return true;
}

/* The time to live as a deadline; a sum too big to be one counts as passed. */
static bool parse_ttl(struct darter_ctx *ctx, const struct restore_options *options, s64 *deadline)
{
	s64 ttl;

	if (!option_number(ctx, 2, S64_MAX, "ERR Invalid TTL value, must be >= 0", &ttl))
		return false;
	if (!ttl)
		*deadline = DARTER_NO_DEADLINE;
	else if (options->absolute)
		*deadline = ttl;
	else
		*deadline = ttl > S64_MAX - (s64)ctx->now ? 0 : ttl + (s64)ctx->now;
	return true;
}

static int store_value(const struct darter_key *key, struct darter_entry *old,
		       struct darter_restored *value, s64 deadline)
{
	if (!value->entry)
		return darter_store_string(key, old, &value->string, deadline,
					   DARTER_FORM_PLAIN);
	if (darter_key_put(key, old, value->entry))
		return -ENOMEM;
	value->entry = NULL;
	return 0;
}

/* A value whose time has passed replaces the old one all the same. */
static int store_or_expire(struct darter_ctx *ctx, const struct darter_key *key,
			   struct darter_entry *old, struct darter_restored *value, s64 deadline)
{
	if (deadline == DARTER_NO_DEADLINE || deadline > (s64)ctx->now)
		return store_value(key, old, value, deadline);
	if (old)
		darter_key_delete(key, old);
	return 0;
}

static void set_idle(struct darter_ctx *ctx, const struct darter_key *key, s64 idle)
{
	struct darter_entry *entry = idle < 0 ? NULL : darter_key_find(key, ctx->now);
	s64 now = ctx->now / 1000;

	if (entry)
		WRITE_ONCE(entry->access, now - min(idle, now));
}

static void reply_load_error(struct darter_ctx *ctx, int err)
{
	if (err == -ENOMEM)
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_error(ctx, "ERR Bad data format");
}

/* Read the value for a key and put it there. */
static void restore(struct darter_ctx *ctx, const struct darter_key *key, struct darter_entry *old,
		    s64 deadline, s64 idle)
{
	const struct darter_dump_target target = {
		.arena = &key->shard->arena,
		.key = key->bytes,
		.key_len = key->len,
		.deadline = deadline,
		.rules = darter_hash_rules(&ctx->instance->config, &ctx->instance->hash_key),
		.max_len = READ_ONCE(ctx->instance->config.max_bulk_len),
	};
	struct darter_restored value;
	int err = darter_dump_load(&target, ctx->argv[3].bytes, ctx->argv[3].len, &value);

	if (err) {
		reply_load_error(ctx, err);
		return;
	}
	if (store_or_expire(ctx, key, old, &value, deadline)) {
		darter_reply_out_of_memory(ctx);
	} else {
		set_idle(ctx, key, idle);
		darter_reply_ok(ctx);
	}
	darter_dump_discard(&target, &value);
}

void darter_cmd_restore(struct darter_ctx *ctx)
{
	struct restore_options options;
	struct darter_entry *old;
	struct darter_key key;
	s64 deadline;

	if (!parse_restore_options(ctx, &options))
		return;
	old = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (old && !options.replace) {
		darter_reply_error(ctx, "BUSYKEY Target key name already exists.");
		return;
	}
	if (!parse_ttl(ctx, &options, &deadline))
		return;
	if (!darter_dump_verify(ctx->argv[3].bytes, ctx->argv[3].len)) {
		darter_reply_error(ctx, "ERR DUMP payload version or checksum are wrong");
		return;
	}
	restore(ctx, &key, old, deadline, options.idle);
}

/* Between nodes of a cluster; here every key is at home anyway. */
void darter_cmd_restore_asking(struct darter_ctx *ctx)
{
	darter_cmd_restore(ctx);
}
