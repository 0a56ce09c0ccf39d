// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of hashes. Handlers run under the lock of their key's shard.
 *
 * Commands that write work out first what they will store, then store it in one
 * step that succeeds or changes nothing.
 */
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "args.h"
#include "command.h"
#include "glob.h"
#include "handlers.h"
#include "hash.h"
#include "hash_ttl.h"
#include "instance.h"
#include "keyspace.h"
#include "keyspace_fields.h"
#include "number/integer.h"
#include "number/xfloat.h"
#include "reply.h"
#include "session.h"
#include "string_value.h"

/* Picks that are compared with those before them; for more, all fields are walked. */
#define PICKS_MAX 65536
/* What the reply of a random pick takes at least: "$0" and two line ends. */
#define BULK_BYTES_MIN 6

bool darter_check_hash(struct darter_ctx *ctx, const struct darter_entry *entry)
{
	if (!entry || entry->type == DARTER_HASH)
		return true;
	darter_reply_wrong_type(ctx);
	return false;
}

/*
 * The hash of argv[1] for reading: NULL if there is none. False: it is of
 * another type, which has been replied.
 */
static bool read_hash(struct darter_ctx *ctx, const struct darter_entry **hash)
{
	*hash = darter_lookup_read(ctx, &ctx->argv[1]);
	return darter_check_hash(ctx, *hash);
}

static bool find_field(const struct darter_entry *hash, const struct darter_arg *name,
		       struct darter_pair *pair)
{
	return hash && darter_hash_get(hash, name->bytes, name->len, pair);
}

/* Set fields of a key that does not exist. */
static int store_new(const struct darter_key *key, const struct darter_hash_rules *rules,
		     const struct darter_arg *words, u32 count)
{
	struct darter_arena *arena = &key->shard->arena;
	struct darter_entry *made, *entry;
	int added;

	made = darter_hash_make(arena, key->bytes, key->len, DARTER_NO_DEADLINE,
				darter_hash_room(rules, words, count));
	if (!made)
		return -ENOMEM;
	entry = made;
	added = darter_hash_set(arena, &entry, rules, words, count);
	if (entry != made)
		darter_entry_free(arena, made);
	if (added >= 0 && !darter_key_insert(key, entry))
		return added;
	darter_key_discard(key, entry);
	return -ENOMEM;
}

/*
 * Set fields of a key's hash, made if there is none. Returns how many are new, or
 * -ENOMEM when nothing has changed. The entry may have moved.
 */
static int store_fields(const struct darter_key *key, struct darter_entry **entry,
			const struct darter_arg *words, u32 count)
{
	struct darter_instance *instance = key->shard->instance;
	struct darter_hash_rules rules = darter_hash_rules(&instance->config,
							   &instance->hash_key);
	struct darter_entry *old = *entry;
	int added;

	if (!old)
		return store_new(key, &rules, words, count);
	added = darter_hash_set(&key->shard->arena, entry, &rules, words, count);
	if (*entry != old)
		darter_key_move(key, old, *entry);
	if (added >= 0)
		darter_key_changed(key);
	return added;
}

/* The same for fields that are set anew, and so do not expire. */
static int set_fields(const struct darter_key *key, struct darter_entry *entry,
		      const struct darter_arg *words, u32 count)
{
	int added = store_fields(key, &entry, words, count);
	u32 i;

	if (added < 0 || !entry || !darter_hash_ttls(entry))
		return added;
	for (i = 0; i < count; i++)
		darter_hash_ttl_drop(&key->shard->arena, entry, words[2 * i].bytes,
				     words[2 * i].len);
	darter_fields_changed(key, entry);
	return added;
}

/* The fields from argv[2] on. Negative: an error was replied. */
static int set_words(struct darter_ctx *ctx)
{
	struct darter_entry *entry;
	struct darter_key key;
	int added;

	if (ctx->argc % 2) {
		darter_reply_wrong_arity(ctx);
		return -EINVAL;
	}
	entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (!darter_check_hash(ctx, entry))
		return -EINVAL;
	added = set_fields(&key, entry, &ctx->argv[2], (ctx->argc - 2) / 2);
	if (added < 0)
		darter_reply_out_of_memory(ctx);
	return added;
}

void darter_cmd_hset(struct darter_ctx *ctx)
{
	int added = set_words(ctx);

	if (added >= 0)
		darter_reply_int(ctx, added);
}

void darter_cmd_hmset(struct darter_ctx *ctx)
{
	if (set_words(ctx) >= 0)
		darter_reply_ok(ctx);
}

void darter_cmd_hsetnx(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	struct darter_pair pair;

	if (!darter_check_hash(ctx, entry))
		return;
	if (entry && find_field(entry, &ctx->argv[2], &pair))
		darter_reply_int(ctx, 0);
	else if (store_fields(&key, &entry, &ctx->argv[2], 1) < 0)
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_int(ctx, 1);
}

static void reply_text(struct darter_ctx *ctx, const struct darter_lp_text *text)
{
	darter_reply_bulk(ctx, text->bytes, text->len);
}

static void reply_value(struct darter_ctx *ctx, const struct darter_entry *hash,
			const struct darter_arg *name)
{
	struct darter_pair pair;

	if (find_field(hash, name, &pair))
		reply_text(ctx, &pair.value);
	else
		darter_reply_null(ctx);
}

void darter_cmd_hget(struct darter_ctx *ctx)
{
	const struct darter_entry *hash;

	if (read_hash(ctx, &hash))
		reply_value(ctx, hash, &ctx->argv[2]);
}

void darter_cmd_hmget(struct darter_ctx *ctx)
{
	const struct darter_entry *hash;
	u32 i;

	if (!read_hash(ctx, &hash))
		return;
	darter_reply_array(ctx, ctx->argc - 2);
	for (i = 2; i < ctx->argc; i++)
		reply_value(ctx, hash, &ctx->argv[i]);
}

void darter_cmd_hlen(struct darter_ctx *ctx)
{
	const struct darter_entry *hash;

	if (read_hash(ctx, &hash))
		darter_reply_int(ctx, hash ? darter_hash_len(hash) : 0);
}

void darter_cmd_hstrlen(struct darter_ctx *ctx)
{
	const struct darter_entry *hash;
	struct darter_pair pair;

	if (read_hash(ctx, &hash))
		darter_reply_int(ctx, find_field(hash, &ctx->argv[2], &pair) ? pair.value.len : 0);
}

void darter_cmd_hexists(struct darter_ctx *ctx)
{
	const struct darter_entry *hash;
	struct darter_pair pair;

	if (read_hash(ctx, &hash))
		darter_reply_int(ctx, find_field(hash, &ctx->argv[2], &pair));
}

void darter_cmd_hdel(struct darter_ctx *ctx)
{
	struct darter_key key;
	struct darter_entry *entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	u32 deleted = 0, i;

	if (!darter_check_hash(ctx, entry))
		return;
	for (i = 2; entry && i < ctx->argc; i++) {
		if (!darter_hash_del(&key.shard->arena, entry, ctx->argv[i].bytes,
				     ctx->argv[i].len))
			continue;
		deleted++;
		if (!darter_hash_len(entry)) {
			darter_key_delete(&key, entry);
			entry = NULL;
		}
	}
	if (deleted && entry)
		darter_fields_deleted(&key, entry);
	darter_reply_int(ctx, deleted);
}

/* What HGETALL, HKEYS and HVALS show of a field. */
struct listing {
	struct darter_ctx *ctx;
	bool names, values;
};

static void list_field(void *arg, const struct darter_pair *pair)
{
	const struct listing *listing = arg;

	if (listing->names)
		reply_text(listing->ctx, &pair->name);
	if (listing->values)
		reply_text(listing->ctx, &pair->value);
}

static void list_fields(struct darter_ctx *ctx, bool names, bool values)
{
	struct listing listing = { .ctx = ctx, .names = names, .values = values };
	const struct darter_entry *hash;
	u64 len;

	if (!read_hash(ctx, &hash))
		return;
	len = hash ? darter_hash_len(hash) : 0;
	if (names && values)
		darter_reply_map(ctx, len);
	else
		darter_reply_array(ctx, len);
	if (hash)
		darter_hash_each(hash, list_field, &listing);
}

void darter_cmd_hgetall(struct darter_ctx *ctx)
{
	list_fields(ctx, true, true);
}

void darter_cmd_hkeys(struct darter_ctx *ctx)
{
	list_fields(ctx, true, false);
}

void darter_cmd_hvals(struct darter_ctx *ctx)
{
	list_fields(ctx, false, true);
}

/* Store a sum under the name in argv[2]; an error is replied. */
static bool store_sum(struct darter_ctx *ctx, const struct darter_key *key,
		      struct darter_entry *entry, const char *text, u32 len)
{
	const struct darter_arg words[2] = { ctx->argv[2], { .bytes = text, .len = len } };

	if (store_fields(key, &entry, words, 1) >= 0)
		return true;
	darter_reply_out_of_memory(ctx);
	return false;
}

void darter_cmd_hincrby(struct darter_ctx *ctx)
{
	char digits[DARTER_S64_CHARS];
	struct darter_entry *entry;
	struct darter_pair pair;
	struct darter_key key;
	s64 by, value = 0;

	if (!darter_arg_s64(ctx, &ctx->argv[3], &by))
		return;
	entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (!darter_check_hash(ctx, entry))
		return;
	if (entry && find_field(entry, &ctx->argv[2], &pair) &&
	    !darter_parse_s64(pair.value.bytes, pair.value.len, &value)) {
		darter_reply_error(ctx, "ERR hash value is not an integer");
		return;
	}
	if (check_add_overflow(value, by, &value)) {
		darter_reply_error(ctx, "ERR increment or decrement would overflow");
		return;
	}
	if (store_sum(ctx, &key, entry, digits, darter_format_s64(digits, value)))
		darter_reply_int(ctx, value);
}

/* Read a number; what is wrong with it is replied, for @invalid as given. */
static bool parse_float(struct darter_ctx *ctx, const char *text, u32 len, const char *invalid,
			struct darter_xfloat *value)
{
	int err = darter_xfloat_parse(text, len, value);

	if (err == -ENOMEM)
		darter_reply_out_of_memory(ctx);
	else if (err)
		darter_reply_error(ctx, invalid);
	return !err;
}

static bool float_increment(struct darter_ctx *ctx, struct darter_xfloat *by)
{
	const struct darter_arg *arg = &ctx->argv[3];

	if (!parse_float(ctx, arg->bytes, arg->len, "ERR value is not a valid float", by))
		return false;
	if (!by->infinite && !by->nan)
		return true;
	darter_reply_error(ctx, "ERR value is NaN or Infinity");
	return false;
}

void darter_cmd_hincrbyfloat(struct darter_ctx *ctx)
{
	struct darter_xfloat_text text;
	struct darter_xfloat sum, old;
	struct darter_entry *entry;
	struct darter_pair pair;
	struct darter_key key;

	if (!float_increment(ctx, &sum))
		return;
	entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (!darter_check_hash(ctx, entry))
		return;
	if (entry && find_field(entry, &ctx->argv[2], &pair)) {
		if (!parse_float(ctx, pair.value.bytes, pair.value.len,
				 "ERR hash value is not a float", &old))
			return;
		darter_xfloat_add(&old, &sum, &sum);
	}
	if (sum.infinite || sum.nan) {
		darter_reply_error(ctx, "ERR increment would produce NaN or Infinity");
		return;
	}
	if (darter_xfloat_print(&sum, &text)) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	/* Thousands of digits: nothing is stored that cannot be replied. */
	if (!darter_reply_reserve(&ctx->session->reply, text.len + DARTER_REPLY_ROOM))
		darter_reply_out_of_memory(ctx);
	else if (store_sum(ctx, &key, entry, text.bytes, text.len))
		darter_reply_bulk(ctx, text.bytes, text.len);
	darter_xfloat_text_free(&text);
}

/* HSCAN's options: COUNT and MATCH. */
struct scan_options {
	s64 count;
	const struct darter_arg *pattern;
};

static bool parse_scan_options(struct darter_ctx *ctx, struct scan_options *options)
{
	u32 i;

	*options = (struct scan_options) { .count = 10 };
	for (i = 3; i < ctx->argc; i += 2) {
		const struct darter_arg *value = &ctx->argv[i + 1];

		if (i + 1 < ctx->argc && darter_arg_is(&ctx->argv[i], "match")) {
			options->pattern = value;
			continue;
		}
		if (i + 1 < ctx->argc && darter_arg_is(&ctx->argv[i], "count")) {
			if (!darter_arg_s64(ctx, value, &options->count))
				return false;
			if (options->count >= 1)
				continue;
		}
		darter_reply_syntax_error(ctx);
		return false;
	}
	return true;
}

struct scan {
	struct darter_ctx *ctx;
	const struct darter_arg *pattern;
	u64 found;
};

static void count_field(void *arg, const struct darter_pair *pair)
{
	++*(u64 *)arg;
}

static void reply_match(void *arg, const struct darter_pair *pair)
{
	struct scan *scan = arg;

	const struct darter_arg *pattern = scan->pattern;

	if (pattern && !darter_glob_is_star(pattern->bytes, pattern->len) &&
	    !darter_glob_match(pattern->bytes, pattern->len, pair->name.bytes, pair->name.len,
			       false))
		return;
	scan->found++;
	reply_text(scan->ctx, &pair->name);
	reply_text(scan->ctx, &pair->value);
}

/*
 * Scan until there are enough fields, however few steps are filled. The cursor
 * comes before the fields in the reply, so the steps are walked twice.
 */
static u64 count_steps(const struct darter_entry *hash, u64 cursor, u64 wanted, u64 *steps)
{
	u64 most = wanted > U64_MAX / 10 ? U64_MAX : 10 * wanted, found = 0;

	*steps = 0;
	do {
		cursor = darter_hash_scan(hash, cursor, count_field, &found);
		++*steps;
	} while (cursor && found < wanted && *steps <= most);
	return cursor;
}

static void reply_steps(struct darter_ctx *ctx, const struct darter_entry *hash, u64 cursor,
			const struct scan_options *options)
{
	struct scan scan = { .ctx = ctx, .pattern = options->pattern };
	struct darter_reply_later later;
	u64 steps;

	darter_reply_array(ctx, 2);
	darter_reply_bulk_int(ctx, count_steps(hash, cursor, options->count, &steps));
	darter_reply_begin(ctx, &later);
	while (steps--)
		cursor = darter_hash_scan(hash, cursor, reply_match, &scan);
	darter_reply_end_array(ctx, &later, 2 * scan.found);
}

void darter_cmd_hscan(struct darter_ctx *ctx)
{
	const struct darter_entry *hash;
	struct scan_options options;
	u64 cursor;

	if (!darter_parse_cursor(ctx->argv[2].bytes, ctx->argv[2].len, &cursor)) {
		darter_reply_error(ctx, "ERR invalid cursor");
		return;
	}
	if (!read_hash(ctx, &hash))
		return;
	if (!hash) {
		darter_reply_array(ctx, 2);
		darter_reply_bulk_int(ctx, 0);
		darter_reply_array(ctx, 0);
		return;
	}
	if (parse_scan_options(ctx, &options))
		reply_steps(ctx, hash, cursor, &options);
}

/* A reply of random fields. */
struct picks {
	struct darter_ctx *ctx;
	const struct darter_entry *hash;
	bool values;
	u64 left, wanted;		/* of a walk over all fields */
};

static void reply_pick(const struct picks *picks, const struct darter_pair *pair)
{
	struct darter_ctx *ctx = picks->ctx;

	if (picks->values && ctx->session->resp == 3)
		darter_reply_array(ctx, 2);
	reply_text(ctx, &pair->name);
	if (picks->values)
		reply_text(ctx, &pair->value);
}

static void reply_picks_head(const struct picks *picks, u64 count)
{
	bool flat = picks->values && picks->ctx->session->resp == 2;

	darter_reply_array(picks->ctx, flat ? 2 * count : count);
}

/* Nothing bounds what a negative count asks for; no more than may be queued is written. */
static u64 picks_limit(const struct darter_ctx *ctx)
{
	u64 hard = READ_ONCE(ctx->instance->config.output_limits[DARTER_CLIENT_NORMAL].hard);
	u64 limit = darter_instance_reply_limit(ctx->instance);

	return hard ? min(limit, hard) : limit;
}

static void pick_repeatedly(const struct picks *picks, u64 count)
{
	struct darter_session *session = picks->ctx->session;
	struct darter_reply *reply = &session->reply;
	u64 limit = picks_limit(picks->ctx);
	struct darter_hash_index index;

	if (count > limit / BULK_BYTES_MIN || darter_hash_index(picks->hash, &index)) {
		reply->failed = true;
		return;
	}
	reply_picks_head(picks, count);
	while (count-- && !reply->failed && !reply->muted && !READ_ONCE(session->killed)) {
		struct darter_pair pair;

		darter_hash_index_pick(&index, get_random_u64(), &pair);
		reply_pick(picks, &pair);
		if (reply->memory > limit)
			reply->failed = true;
	}
	darter_hash_index_free(&index);
}

/* Each of the fields left is taken with the chance that is right for it. */
static void pick_in_passing(void *arg, const struct darter_pair *pair)
{
	struct picks *picks = arg;

	if (get_random_u64() % picks->left-- >= picks->wanted)
		return;
	picks->wanted--;
	reply_pick(picks, pair);
}

/* Enter an address in a hash set that is never full; false: it is there already. */
static bool enter_pick(const void **seen, u32 size, const void *pick)
{
	u32 at = hash_64((unsigned long)pick, ilog2(size));

	for (; seen[at]; at = (at + 1) % size)
		if (seen[at] == pick)
			return false;
	seen[at] = pick;
	return true;
}

/* Few of the many fields of a table: pick until there are enough different ones. */
static void pick_different(const struct picks *picks, u32 count)
{
	u32 size = 2 * roundup_pow_of_two(count);
	const void **seen = kvcalloc(size, sizeof(*seen), GFP_KERNEL | __GFP_NOWARN);

	if (!seen) {
		picks->ctx->session->reply.failed = true;
		return;
	}
	while (count) {
		struct darter_pair pair;

		darter_hash_pick(picks->hash, get_random_u64(), &pair);
		if (enter_pick(seen, size, pair.name.bytes)) {
			reply_pick(picks, &pair);
			count--;
		}
	}
	kvfree(seen);
}

static void pick_some(struct picks *picks, s64 count)
{
	u64 len = darter_hash_len(picks->hash);

	if (count < 0) {
		pick_repeatedly(picks, -(u64)count);
		return;
	}
	picks->left = len;
	picks->wanted = min_t(u64, count, len);
	reply_picks_head(picks, picks->wanted);
	if (darter_hash_listpack(picks->hash) || picks->wanted > len / 3 ||
	    picks->wanted > PICKS_MAX)
		darter_hash_each(picks->hash, pick_in_passing, picks);
	else
		pick_different(picks, picks->wanted);
}

static bool parse_picks(struct darter_ctx *ctx, s64 *count, bool *values)
{
	if (!darter_arg_s64(ctx, &ctx->argv[2], count))
		return false;
	if (*count < -S64_MAX) {
		darter_reply_errorf(ctx,
				    "ERR value is out of range, value must between %lld and %lld",
				    (long long)-S64_MAX, (long long)S64_MAX);
		return false;
	}
	*values = ctx->argc == 4 && darter_arg_is(&ctx->argv[3], "withvalues");
	if (ctx->argc > 3 && !*values) {
		darter_reply_syntax_error(ctx);
		return false;
	}
	if (*values && (*count < -S64_MAX / 2 || *count > S64_MAX / 2)) {
		darter_reply_error(ctx, "ERR value is out of range");
		return false;
	}
	return true;
}

void darter_cmd_hrandfield(struct darter_ctx *ctx)
{
	struct picks picks = { .ctx = ctx };
	struct darter_pair pair;
	s64 count;

	if (ctx->argc > 2 && !parse_picks(ctx, &count, &picks.values))
		return;
	if (!read_hash(ctx, &picks.hash))
		return;
	if (ctx->argc > 2) {
		if (picks.hash && count)
			pick_some(&picks, count);
		else
			darter_reply_array(ctx, 0);
		return;
	}
	if (!picks.hash) {
		darter_reply_null(ctx);
		return;
	}
	darter_hash_pick(picks.hash, get_random_u64(), &pair);
	reply_text(ctx, &pair.name);
}
