// SPDX-License-Identifier: GPL-2.0
/*
 * Giving fields of a hash a deadline, and telling it, as Redis 7.4 does. Handlers
 * run under the lock of their key's shard.
 *
 * All memory, that of the reply included, is there before anything changes.
 */
#include <linux/kernel.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "hash.h"
#include "hash_ttl.h"
#include "instance.h"
#include "keyspace.h"
#include "keyspace_fields.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"

/* No field expires later, which is in the year 4199; ms since the epoch. */
#define DEADLINE_MAX ((1LL << 46) - 1)
/* What an element of the reply takes at most. */
#define STATUS_CHARS sizeof(":-2\r\n")

enum {
	NO_FIELD = -2,
	NO_DEADLINE = -1,
	CONDITION_NOT_MET = 0,
	DONE = 1,
	DELETED = 2,
};

enum condition { ALWAYS, NX, XX, GT, LT };

/* The fields that a command names. */
struct fields {
	const struct darter_arg *names;
	u32 count;
};

/*
 * Parse FIELDS numfields field..., which begin at argv[@at] and end the command.
 * False: the error was replied, of which the one for @invalid numbers differs.
 */
static bool parse_fields(struct darter_ctx *ctx, u32 at, const char *invalid,
			 struct fields *fields)
{
	const struct darter_arg *number = &ctx->argv[at + 1];
	s64 count;

	if (!darter_arg_is(&ctx->argv[at], "fields")) {
		darter_reply_error(ctx,
				   "ERR Mandatory argument FIELDS is missing or not at the right position");
		return false;
	}
	if (at + 1 >= ctx->argc || !darter_parse_s64(number->bytes, number->len, &count) ||
	    count < 1) {
		darter_reply_error(ctx, invalid);
		return false;
	}
	if (count != (s64)ctx->argc - at - 2) {
		darter_reply_error(ctx,
				   "ERR The `numfields` parameter must match the number of arguments");
		return false;
	}
	*fields = (struct fields) { .names = &ctx->argv[at + 2], .count = count };
	return true;
}

static bool parse_deadline(struct darter_ctx *ctx, u32 flags, u64 *deadline)
{
	s64 base = flags & DARTER_TIME_ABSOLUTE ? 0 : ctx->now, time;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &time))
		return false;
	if (time < 0) {
		darter_reply_error(ctx, "ERR invalid expire time, must be >= 0");
		return false;
	}
	if (flags & DARTER_TIME_SECONDS && time <= DEADLINE_MAX / 1000)
		time *= 1000;
	else if (flags & DARTER_TIME_SECONDS)
		time = DEADLINE_MAX + 1;
	if (time > DEADLINE_MAX - base) {
		darter_reply_bad_expire(ctx);
		return false;
	}
	*deadline = base + time;
	return true;
}

static enum condition parse_condition(const struct darter_arg *word)
{
	static const char *const words[] = { [NX] = "nx", [XX] = "xx", [GT] = "gt", [LT] = "lt" };
	enum condition only;

	for (only = NX; only <= LT; only++)
		if (darter_arg_is(word, words[only]))
			return only;
	return ALWAYS;
}

/* A field without a deadline counts as one that lives for ever. */
static bool applies(enum condition only, u64 current_deadline, u64 deadline)
{
	switch (only) {
	case NX:
		return current_deadline == DARTER_TTL_NONE;
	case XX:
		return current_deadline != DARTER_TTL_NONE;
	case GT:
		return deadline > current_deadline;
	case LT:
		return deadline < current_deadline;
	default:
		return true;
	}
}

/* What HEXPIRE and its kin ask for. */
struct request {
	struct fields fields;
	enum condition only;
	u64 deadline;
	bool past;			/* fields are deleted instead */
};

static bool parse_request(struct darter_ctx *ctx, u32 flags, struct request *request)
{
	if (!parse_deadline(ctx, flags, &request->deadline))
		return false;
	request->past = request->deadline <= ctx->now;
	request->only = parse_condition(&ctx->argv[3]);
	return parse_fields(ctx, request->only == ALWAYS ? 3 : 4,
			    "ERR Parameter `numFields` should be greater than 0",
			    &request->fields);
}

static int expire_field(struct darter_arena *arena, struct darter_entry *hash,
			const struct request *request, const struct darter_arg *name)
{
	struct darter_pair pair;

	if (!darter_hash_get(hash, name->bytes, name->len, &pair))
		return NO_FIELD;
	if (!applies(request->only, darter_hash_ttl(hash, name->bytes, name->len),
		     request->deadline))
		return CONDITION_NOT_MET;
	if (request->past) {
		darter_hash_del(arena, hash, name->bytes, name->len);
		return DELETED;
	}
	darter_hash_ttl_set(hash, name->bytes, name->len, request->deadline);
	return DONE;
}

/* Other fields than those that expire already may get a deadline. */
static bool needs_memory(const struct request *request)
{
	return !request->past && request->only != XX && request->only != GT;
}

/* Have memory for deadlines; the entry may move. */
static bool prepare_fields(const struct darter_key *key, struct darter_entry **entry,
			   const struct fields *fields)
{
	struct darter_entry *old = *entry;
	int err;

	err = darter_hash_ttl_prepare(&key->shard->arena, entry, &key->shard->instance->hash_key,
				      fields->names, fields->count);
	if (*entry != old)
		darter_key_move(key, old, *entry);
	return !err;
}

static void expire_fields(struct darter_ctx *ctx, const struct darter_key *key,
			  struct darter_entry *entry, const struct request *request)
{
	const struct fields *fields = &request->fields;
	struct darter_arena *arena = &key->shard->arena;
	bool changed = false;
	int status;
	u32 i;

	if (!darter_reply_reserve(&ctx->session->reply,
				  fields->count * STATUS_CHARS + DARTER_REPLY_ROOM) ||
	    (needs_memory(request) && !prepare_fields(key, &entry, fields))) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_reply_array(ctx, fields->count);
	for (i = 0; i < fields->count; i++) {
		status = expire_field(arena, entry, request, &fields->names[i]);
		changed |= status >= DONE;
		darter_reply_int(ctx, status);
	}
	darter_hash_ttl_settle(arena, entry, fields->names, fields->count);
	if (!darter_hash_len(entry)) {
		darter_key_delete(key, entry);
	} else if (changed && request->past) {
		darter_fields_deleted(key, entry);
	} else if (changed) {
		darter_key_changed(key);
		darter_fields_changed(key, entry);
	}
}

/* The reply for a key that does not exist. */
static void reply_no_fields(struct darter_ctx *ctx, u32 count)
{
	darter_reply_array(ctx, count);
	while (count--)
		darter_reply_int(ctx, NO_FIELD);
}

static void hexpire_generic(struct darter_ctx *ctx, u32 flags)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	struct request request;

	if (!darter_check_hash(ctx, entry) || !parse_request(ctx, flags, &request))
		return;
	if (entry)
		expire_fields(ctx, &key, entry, &request);
	else
		reply_no_fields(ctx, request.fields.count);
}

void darter_cmd_hexpire(struct darter_ctx *ctx)
{
	hexpire_generic(ctx, DARTER_TIME_SECONDS);
}

void darter_cmd_hpexpire(struct darter_ctx *ctx)
{
	hexpire_generic(ctx, 0);
}

void darter_cmd_hexpireat(struct darter_ctx *ctx)
{
	hexpire_generic(ctx, DARTER_TIME_SECONDS | DARTER_TIME_ABSOLUTE);
}

void darter_cmd_hpexpireat(struct darter_ctx *ctx)
{
	hexpire_generic(ctx, DARTER_TIME_ABSOLUTE);
}

static bool parse_names(struct darter_ctx *ctx, struct fields *fields)
{
	return parse_fields(ctx, 2, "ERR Number of fields must be a positive integer", fields);
}

/* Seconds are rounded up, unlike those of keys. */
static s64 time_of_field(const struct darter_ctx *ctx, const struct darter_entry *hash,
			 const struct darter_arg *name, u32 flags)
{
	struct darter_pair pair;
	u64 deadline;

	if (!darter_hash_get(hash, name->bytes, name->len, &pair))
		return NO_FIELD;
	deadline = darter_hash_ttl(hash, name->bytes, name->len);
	if (deadline == DARTER_TTL_NONE)
		return NO_DEADLINE;
	if (!(flags & DARTER_TIME_ABSOLUTE))
		deadline -= ctx->now;
	return flags & DARTER_TIME_SECONDS ? (deadline + 999) / 1000 : deadline;
}

static void httl_generic(struct darter_ctx *ctx, u32 flags)
{
	const struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[1]);
	struct fields fields;
	u32 i;

	if (!darter_check_hash(ctx, entry) || !parse_names(ctx, &fields))
		return;
	if (!entry) {
		reply_no_fields(ctx, fields.count);
		return;
	}
	darter_reply_array(ctx, fields.count);
	for (i = 0; i < fields.count; i++)
		darter_reply_int(ctx, time_of_field(ctx, entry, &fields.names[i], flags));
}

void darter_cmd_httl(struct darter_ctx *ctx)
{
	httl_generic(ctx, DARTER_TIME_SECONDS);
}

void darter_cmd_hpttl(struct darter_ctx *ctx)
{
	httl_generic(ctx, 0);
}

void darter_cmd_hexpiretime(struct darter_ctx *ctx)
{
	httl_generic(ctx, DARTER_TIME_SECONDS | DARTER_TIME_ABSOLUTE);
}

void darter_cmd_hpexpiretime(struct darter_ctx *ctx)
{
	httl_generic(ctx, DARTER_TIME_ABSOLUTE);
}

static int persist_field(struct darter_arena *arena, struct darter_entry *hash,
			 const struct darter_arg *name)
{
	struct darter_pair pair;

	if (!darter_hash_get(hash, name->bytes, name->len, &pair))
		return NO_FIELD;
	return darter_hash_ttl_drop(arena, hash, name->bytes, name->len) ? DONE : NO_DEADLINE;
}

static void persist_fields(struct darter_ctx *ctx, const struct darter_key *key,
			   struct darter_entry *entry, const struct fields *fields)
{
	bool changed = false;
	int status;
	u32 i;

	if (!darter_reply_reserve(&ctx->session->reply,
				  fields->count * STATUS_CHARS + DARTER_REPLY_ROOM)) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_reply_array(ctx, fields->count);
	for (i = 0; i < fields->count; i++) {
		status = persist_field(&key->shard->arena, entry, &fields->names[i]);
		changed |= status == DONE;
		darter_reply_int(ctx, status);
	}
	if (changed) {
		darter_key_changed(key);
		darter_fields_changed(key, entry);
	}
}

void darter_cmd_hpersist(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	struct fields fields;

	if (!darter_check_hash(ctx, entry) || !parse_names(ctx, &fields))
		return;
	if (entry)
		persist_fields(ctx, &key, entry, &fields);
	else
		reply_no_fields(ctx, fields.count);
}
