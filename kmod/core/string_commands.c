// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of strings. Handlers run under the locks of their keys' shards.
 * How strings are stored and changed is in string_value.h.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "keyspace.h"
#include "number/integer.h"
#include "number/xfloat.h"
#include "reply.h"
#include "session.h"
#include "string_value.h"

/* Pairs of MSET for which no memory is asked for. */
#define MSET_FEW 16

static void reply_string(struct darter_ctx *ctx, const struct darter_entry *entry)
{
	struct darter_string string = darter_entry_string(entry);

	if (string.blob)
		darter_reply_blob(ctx, string.blob, 0, string.len);
	else
		darter_reply_bulk(ctx, string.bytes, string.len);
}

/* The options of SET and GETEX. */
struct set_options {
	bool nx, xx, get, keep_ttl, persist;
	const struct darter_arg *time;	/* of EX, PX, EXAT, PXAT */
	u32 time_flags;
};

static bool option_time(const struct darter_arg *word, u32 *flags)
{
	if (darter_arg_is(word, "ex"))
		*flags = DARTER_TIME_SECONDS;
	else if (darter_arg_is(word, "px"))
		*flags = 0;
	else if (darter_arg_is(word, "exat"))
		*flags = DARTER_TIME_SECONDS | DARTER_TIME_ABSOLUTE;
	else if (darter_arg_is(word, "pxat"))
		*flags = DARTER_TIME_ABSOLUTE;
	else
		return false;
	return true;
}

/* Two kinds of time contradict each other; of one kind the last one counts. */
static bool accepts_time(const struct set_options *options, u32 flags)
{
	if (options->keep_ttl || options->persist)
		return false;
	return !options->time || options->time_flags == flags;
}

static bool parse_set_options(struct darter_ctx *ctx, u32 first, bool getex,
			      struct set_options *options)
{
	u32 i;

	memset(options, 0, sizeof(*options));
	for (i = first; i < ctx->argc; i++) {
		const struct darter_arg *word = &ctx->argv[i];
		u32 flags;

		if (!getex && darter_arg_is(word, "nx") && !options->xx) {
			options->nx = true;
		} else if (!getex && darter_arg_is(word, "xx") && !options->nx) {
			options->xx = true;
		} else if (!getex && darter_arg_is(word, "get")) {
			options->get = true;
		} else if (!getex && darter_arg_is(word, "keepttl") && !options->time) {
			options->keep_ttl = true;
		} else if (getex && darter_arg_is(word, "persist") && !options->time) {
			options->persist = true;
		} else if (i + 1 < ctx->argc && option_time(word, &flags) &&
			   accepts_time(options, flags)) {
			options->time = &ctx->argv[++i];
			options->time_flags = flags;
		} else {
			darter_reply_syntax_error(ctx);
			return false;
		}
	}
	return true;
}

static void reply_old(struct darter_ctx *ctx, const struct darter_entry *entry)
{
	if (entry)
		reply_string(ctx, entry);
	else
		darter_reply_null(ctx);
}

/*
 * SET in all its forms. With GET the old value is replied before it is replaced,
 * and taken back if storing fails.
 */
static void set_generic(struct darter_ctx *ctx, const struct darter_arg *value,
			const struct set_options *options)
{
	s64 deadline = DARTER_NO_DEADLINE;
	struct darter_reply_mark mark;
	struct darter_entry *entry;
	struct darter_key key;

	if (options->time &&
	    !darter_arg_deadline(ctx, options->time, options->time_flags, &deadline))
		return;
	entry = options->get ? darter_lookup_read_key(ctx, &ctx->argv[1], &key) :
			       darter_lookup_key(ctx, &ctx->argv[1], &key);
	darter_reply_mark(&ctx->session->reply, &mark);
	if (options->get) {
		if (!darter_check_string(ctx, entry))
			return;
		reply_old(ctx, entry);
		if (ctx->session->reply.failed)
			return;
	}
	if ((options->nx && entry) || (options->xx && !entry)) {
		if (!options->get)
			darter_reply_null(ctx);
		return;
	}
	if (options->keep_ttl && entry)
		deadline = darter_entry_deadline(entry);
	if (darter_store_string(&key, entry, value, deadline, DARTER_FORM_PLAIN)) {
		darter_reply_rewind(&ctx->session->reply, &mark);
		darter_reply_out_of_memory(ctx);
		return;
	}
	if (!options->get)
		darter_reply_ok(ctx);
}

void darter_cmd_set(struct darter_ctx *ctx)
{
	struct set_options options;

	if (parse_set_options(ctx, 3, false, &options))
		set_generic(ctx, &ctx->argv[2], &options);
}

void darter_cmd_setex(struct darter_ctx *ctx)
{
	struct set_options options = {
		.time = &ctx->argv[2],
		.time_flags = DARTER_TIME_SECONDS,
	};

	set_generic(ctx, &ctx->argv[3], &options);
}

void darter_cmd_psetex(struct darter_ctx *ctx)
{
	struct set_options options = { .time = &ctx->argv[2] };

	set_generic(ctx, &ctx->argv[3], &options);
}

void darter_cmd_setnx(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);

	if (!entry && darter_store_string(&key, NULL, &ctx->argv[2], DARTER_NO_DEADLINE,
					  DARTER_FORM_PLAIN))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, !entry);
}

void darter_cmd_get(struct darter_ctx *ctx)
{
	struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[1]);

	if (darter_check_string(ctx, entry))
		reply_old(ctx, entry);
}

void darter_cmd_getset(struct darter_ctx *ctx)
{
	struct set_options options = { .get = true };

	set_generic(ctx, &ctx->argv[2], &options);
}

void darter_cmd_getdel(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_read_key(ctx, &ctx->argv[1], &key);

	if (!darter_check_string(ctx, entry))
		return;
	reply_old(ctx, entry);
	if (entry && !ctx->session->reply.failed)
		darter_key_delete(&key, entry);
}

void darter_cmd_getex(struct darter_ctx *ctx)
{
	s64 deadline = DARTER_NO_DEADLINE;
	struct set_options options;
	struct darter_entry *entry;
	struct darter_key key;

	if (!parse_set_options(ctx, 2, true, &options))
		return;
	entry = darter_lookup_read_key(ctx, &ctx->argv[1], &key);
	if (!entry) {
		darter_reply_null(ctx);
		return;
	}
	if (!darter_check_string(ctx, entry))
		return;
	if (options.time &&
	    !darter_arg_deadline(ctx, options.time, options.time_flags, &deadline))
		return;
	reply_string(ctx, entry);
	if (ctx->session->reply.failed)
		return;
	if (options.time && deadline <= (s64)ctx->now)
		darter_key_delete(&key, entry);
	else if (options.time || (options.persist && entry->expires))
		if (!darter_key_set_deadline(&key, entry, deadline))
			ctx->session->reply.failed = true;
}

void darter_cmd_strlen(struct darter_ctx *ctx)
{
	struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[1]);

	if (darter_check_string(ctx, entry))
		darter_reply_int(ctx, entry ? darter_entry_string(entry).len : 0);
}

void darter_cmd_mget(struct darter_ctx *ctx)
{
	u32 i;

	darter_reply_array(ctx, ctx->argc - 1);
	for (i = 1; i < ctx->argc; i++) {
		struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[i]);

		reply_old(ctx, entry && entry->type == DARTER_STRING ? entry : NULL);
	}
}

static bool mset_arity_ok(struct darter_ctx *ctx)
{
	if (ctx->argc % 2)
		return true;
	darter_reply_wrong_arity(ctx);
	return false;
}

/*
 * MSET sets all or nothing. If all values fit where the old ones are, nothing can
 * fail. Otherwise what can comes first: making the entries, then linking those whose
 * keys are new. Exchanging the others cannot fail.
 */
struct mset {
	struct darter_ctx *ctx;
	u32 count;
	/* One for each pair: in place the old one, else a new one, NULL when it is linked. */
	struct darter_entry **entries;
};

static void mset_key(const struct mset *mset, u32 i, struct darter_key *key)
{
	const struct darter_arg *arg = &mset->ctx->argv[1 + 2 * i];

	darter_key_of_arg(key, mset->ctx->instance, mset->ctx->db, arg);
}

static bool mset_in_place(const struct mset *mset)
{
	struct darter_arg *argv = mset->ctx->argv;
	struct darter_key key;
	u32 i;

	for (i = 0; i < mset->count; i++) {
		mset->entries[i] = darter_lookup(mset->ctx, &argv[1 + 2 * i]);
		if (!darter_string_fits(mset->entries[i], &argv[2 + 2 * i], DARTER_NO_DEADLINE))
			return false;
	}
	for (i = 0; i < mset->count; i++) {
		mset_key(mset, i, &key);
		darter_string_overwrite(&key, mset->entries[i], &argv[2 + 2 * i],
					DARTER_FORM_PLAIN);
	}
	return true;
}

static int mset_make(const struct mset *mset)
{
	struct darter_key key;
	u32 i;

	for (i = 0; i < mset->count; i++) {
		mset_key(mset, i, &key);
		mset->entries[i] = darter_string_of_arg(&key, &mset->ctx->argv[2 + 2 * i],
							DARTER_NO_DEADLINE);
		if (!mset->entries[i])
			goto err_discard;
	}
	return 0;

err_discard:
	while (i--) {
		mset_key(mset, i, &key);
		darter_key_discard(&key, mset->entries[i]);
	}
	return -ENOMEM;
}

static void mset_undo(const struct mset *mset)
{
	struct darter_key key;
	u32 i;

	for (i = 0; i < mset->count; i++) {
		mset_key(mset, i, &key);
		if (mset->entries[i])
			darter_key_discard(&key, mset->entries[i]);
		else
			darter_key_delete(&key, darter_key_find(&key, mset->ctx->now));
	}
}

static int mset_link_new(const struct mset *mset)
{
	struct darter_key key;
	u32 i;

	for (i = 0; i < mset->count; i++) {
		mset_key(mset, i, &key);
		if (darter_key_find(&key, mset->ctx->now))
			continue;
		if (darter_key_insert(&key, mset->entries[i])) {
			mset_undo(mset);
			return -ENOMEM;
		}
		mset->entries[i] = NULL;
	}
	return 0;
}

/* In the order of the arguments: of a key that came twice the last value stays. */
static void mset_exchange_old(const struct mset *mset)
{
	struct darter_key key;
	u32 i;

	for (i = 0; i < mset->count; i++) {
		if (!mset->entries[i])
			continue;
		mset_key(mset, i, &key);
		darter_key_replace(&key, darter_key_find(&key, mset->ctx->now), mset->entries[i]);
	}
}

static bool mset_exchange(const struct mset *mset)
{
	if (mset_make(mset) || mset_link_new(mset))
		return false;
	mset_exchange_old(mset);
	return true;
}

static bool mset_all(struct darter_ctx *ctx)
{
	struct darter_entry *few[MSET_FEW];
	struct mset mset = { .ctx = ctx, .count = ctx->argc / 2, .entries = few };
	bool done;

	if (mset.count > MSET_FEW)
		mset.entries = kvmalloc_array(mset.count, sizeof(*mset.entries),
					      GFP_KERNEL | __GFP_NOWARN);
	done = mset.entries && (mset_in_place(&mset) || mset_exchange(&mset));
	if (!done)
		darter_reply_out_of_memory(ctx);
	if (mset.entries != few)
		kvfree(mset.entries);
	return done;
}

void darter_cmd_mset(struct darter_ctx *ctx)
{
	if (mset_arity_ok(ctx) && mset_all(ctx))
		darter_reply_ok(ctx);
}

void darter_cmd_msetnx(struct darter_ctx *ctx)
{
	u32 i;

	if (!mset_arity_ok(ctx))
		return;
	for (i = 1; i < ctx->argc; i += 2)
		if (darter_lookup(ctx, &ctx->argv[i])) {
			darter_reply_int(ctx, 0);
			return;
		}
	if (mset_all(ctx))
		darter_reply_int(ctx, 1);
}

static void incr_by(struct darter_ctx *ctx, s64 by)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	char digits[DARTER_S64_CHARS];
	struct darter_arg text = { .bytes = digits };
	s64 value = 0;

	if (!darter_check_string(ctx, entry))
		return;
	if (entry) {
		struct darter_string string = darter_entry_string(entry);

		if (!darter_parse_s64(string.bytes, string.len, &value)) {
			darter_reply_not_integer(ctx);
			return;
		}
	}
	if (check_add_overflow(value, by, &value)) {
		darter_reply_error(ctx, "ERR increment or decrement would overflow");
		return;
	}
	text.len = darter_format_s64(digits, value);
	if (darter_store_string(&key, entry, &text,
				entry ? darter_entry_deadline(entry) : DARTER_NO_DEADLINE,
				DARTER_FORM_PLAIN))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, value);
}

void darter_cmd_incr(struct darter_ctx *ctx)
{
	incr_by(ctx, 1);
}

void darter_cmd_decr(struct darter_ctx *ctx)
{
	incr_by(ctx, -1);
}

void darter_cmd_incrby(struct darter_ctx *ctx)
{
	s64 by;

	if (darter_arg_s64(ctx, &ctx->argv[2], &by))
		incr_by(ctx, by);
}

void darter_cmd_decrby(struct darter_ctx *ctx)
{
	s64 by;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &by))
		return;
	if (by == S64_MIN)
		darter_reply_error(ctx, "ERR decrement would overflow");
	else
		incr_by(ctx, -by);
}

void darter_cmd_incrbyfloat(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	struct darter_string old = { .bytes = "0", .len = 1 };
	struct darter_xfloat_text sum;
	struct darter_arg text;

	if (!darter_check_string(ctx, entry))
		return;
	if (entry)
		old = darter_entry_string(entry);
	switch (darter_xfloat_sum(old.bytes, old.len, ctx->argv[2].bytes, ctx->argv[2].len, &sum)) {
	case 0:
		break;
	case -ERANGE:
		darter_reply_error(ctx, "ERR increment would produce NaN or Infinity");
		return;
	case -ENOMEM:
		darter_reply_out_of_memory(ctx);
		return;
	default:
		darter_reply_not_float(ctx);
		return;
	}
	text = (struct darter_arg) { .bytes = sum.bytes, .len = sum.len };
	/* Thousands of digits: nothing is stored that cannot be replied. */
	if (!darter_reply_reserve(&ctx->session->reply, sum.len + DARTER_REPLY_ROOM) ||
	    darter_store_string(&key, entry, &text,
				entry ? darter_entry_deadline(entry) : DARTER_NO_DEADLINE,
				DARTER_FORM_TEXT))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_bulk(ctx, sum.bytes, sum.len);
	darter_xfloat_text_free(&sum);
}

/* Write bytes at an offset of a string, which grows as needed; a gap is filled with zeros. */
static void write_at(struct darter_ctx *ctx, const struct darter_key *key,
		     struct darter_entry *entry, u32 offset, const struct darter_arg *bytes)
{
	u32 old_len = entry ? darter_entry_string(entry).len : 0;
	char *data;

	if (!darter_check_string_len(ctx, (u64)offset + bytes->len))
		return;
	data = darter_string_open(key, entry, offset + bytes->len, offset);
	if (!data) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_copy_bytes(data + offset, bytes->bytes, bytes->len);
	darter_reply_int(ctx, max(old_len, offset + bytes->len));
}

/* What is appended to nothing is stored as SET would. */
static void append_first(struct darter_ctx *ctx, const struct darter_key *key,
			 const struct darter_arg *bytes)
{
	if (!darter_check_string_len(ctx, bytes->len))
		return;
	if (darter_store_string(key, NULL, bytes, DARTER_NO_DEADLINE, DARTER_FORM_PLAIN))
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, bytes->len);
}

void darter_cmd_append(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);

	if (!darter_check_string(ctx, entry))
		return;
	if (entry)
		write_at(ctx, &key, entry, darter_entry_string(entry).len, &ctx->argv[2]);
	else
		append_first(ctx, &key, &ctx->argv[2]);
}

void darter_cmd_setrange(struct darter_ctx *ctx)
{
	struct darter_entry *entry;
	struct darter_key key;
	s64 offset;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &offset))
		return;
	if (offset < 0) {
		darter_reply_error(ctx, "ERR offset is out of range");
		return;
	}
	entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (!darter_check_string(ctx, entry))
		return;
	if (!ctx->argv[3].len)
		darter_reply_int(ctx, entry ? darter_entry_string(entry).len : 0);
	else if (offset > S32_MAX)
		darter_check_string_len(ctx, offset);
	else
		write_at(ctx, &key, entry, offset, &ctx->argv[3]);
}

void darter_cmd_getrange(struct darter_ctx *ctx)
{
	struct darter_entry *entry;
	struct darter_string string;
	s64 start, end;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &start) ||
	    !darter_arg_s64(ctx, &ctx->argv[3], &end))
		return;
	entry = darter_lookup_read(ctx, &ctx->argv[1]);
	if (!darter_check_string(ctx, entry))
		return;
	string = entry ? darter_entry_string(entry) : (struct darter_string) { .bytes = "" };
	if (start < 0 && end < 0 && start > end) {
		darter_reply_bulk(ctx, "", 0);
		return;
	}
	start = start < 0 ? max_t(s64, start + string.len, 0) : start;
	end = end < 0 ? max_t(s64, end + string.len, 0) : end;
	end = min_t(s64, end, (s64)string.len - 1);
	if (start > end)
		darter_reply_bulk(ctx, "", 0);
	else if (string.blob)
		darter_reply_blob(ctx, string.blob, start, end - start + 1);
	else
		darter_reply_bulk(ctx, string.bytes + start, end - start + 1);
}

void darter_cmd_substr(struct darter_ctx *ctx)
{
	darter_cmd_getrange(ctx);
}
