// SPDX-License-Identifier: GPL-2.0
/*
 * LCS: the longest common subsequence of two strings, by the table of the
 * lengths for all pairs of prefixes. Runs under the locks of both keys' shards.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "keyspace.h"
#include "reply.h"

struct lcs_options {
	bool len, idx, with_match_len;
	s64 min_match_len;
};

struct lcs {
	struct darter_ctx *ctx;
	const struct lcs_options *options;
	struct darter_string a, b;
	u32 *lengths;			/* (a.len + 1) * (b.len + 1) */
	char *common;			/* the subsequence, if it is asked for */
	u32 matches;			/* ranges replied */
};

/* A run of bytes that both strings have, as found so far from its end. */
struct lcs_range {
	u32 a, b, len;			/* where it begins; len 0: none */
};

static u32 *length_at(const struct lcs *lcs, u32 i, u32 j)
{
	return &lcs->lengths[(size_t)i * (lcs->b.len + 1) + j];
}

static bool parse_options(struct darter_ctx *ctx, struct lcs_options *options)
{
	u32 i;

	*options = (struct lcs_options) { };
	for (i = 3; i < ctx->argc; i++) {
		const struct darter_arg *word = &ctx->argv[i];

		if (darter_arg_is(word, "idx")) {
			options->idx = true;
		} else if (darter_arg_is(word, "len")) {
			options->len = true;
		} else if (darter_arg_is(word, "withmatchlen")) {
			options->with_match_len = true;
		} else if (darter_arg_is(word, "minmatchlen") && i + 1 < ctx->argc) {
			if (!darter_arg_s64(ctx, &ctx->argv[++i], &options->min_match_len))
				return false;
		} else {
			darter_reply_syntax_error(ctx);
			return false;
		}
	}
	if (options->len && options->idx)
		darter_reply_error(ctx,
				   "ERR If you want both the length and indexes, please just use IDX.");
	return !(options->len && options->idx);
}

static bool read_string(struct darter_ctx *ctx, u32 arg, struct darter_string *string)
{
	const struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[arg]);

	*string = (struct darter_string) { .bytes = "" };
	if (entry && entry->type != DARTER_STRING)
		return false;
	if (entry)
		*string = darter_entry_string(entry);
	return true;
}

static bool make_table(struct lcs *lcs)
{
	u64 limit = READ_ONCE(lcs->ctx->instance->config.max_bulk_len);
	size_t cells = array_size((size_t)lcs->a.len + 1, (size_t)lcs->b.len + 1);
	size_t size = array_size(cells, sizeof(u32));

	if (size > limit) {
		darter_reply_error(lcs->ctx,
				   "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
		return false;
	}
	lcs->lengths = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!lcs->lengths)
		darter_reply_error(lcs->ctx,
				   "ERR Insufficient memory, failed allocating transient memory for LCS");
	return lcs->lengths;
}

static void fill_table(const struct lcs *lcs)
{
	u32 i, j;

	for (i = 0; i <= lcs->a.len; i++) {
		for (j = 0; j <= lcs->b.len; j++) {
			u32 *length = length_at(lcs, i, j);

			if (!i || !j)
				*length = 0;
			else if (lcs->a.bytes[i - 1] == lcs->b.bytes[j - 1])
				*length = *length_at(lcs, i - 1, j - 1) + 1;
			else
				*length = max(*length_at(lcs, i - 1, j), *length_at(lcs, i, j - 1));
		}
		cond_resched();
	}
}

static void reply_ends(struct darter_ctx *ctx, u32 first, u32 len)
{
	darter_reply_array(ctx, 2);
	darter_reply_int(ctx, first);
	darter_reply_int(ctx, first + len - 1);
}

static void end_range(struct lcs *lcs, struct lcs_range *range)
{
	const struct lcs_options *options = lcs->options;

	if (options->idx && range->len && range->len >= max_t(s64, options->min_match_len, 0)) {
		darter_reply_array(lcs->ctx, options->with_match_len ? 3 : 2);
		reply_ends(lcs->ctx, range->a, range->len);
		reply_ends(lcs->ctx, range->b, range->len);
		if (options->with_match_len)
			darter_reply_int(lcs->ctx, range->len);
		lcs->matches++;
	}
	range->len = 0;
}

/* From the ends of both strings back to a beginning. */
static void walk_back(struct lcs *lcs)
{
	u32 i = lcs->a.len, j = lcs->b.len;
	struct lcs_range range = { };

	while (i && j) {
		if (lcs->a.bytes[i - 1] == lcs->b.bytes[j - 1]) {
			if (lcs->common)
				lcs->common[*length_at(lcs, i, j) - 1] = lcs->a.bytes[i - 1];
			range = (struct lcs_range) { --i, --j, range.len + 1 };
			continue;
		}
		end_range(lcs, &range);
		if (*length_at(lcs, i - 1, j) > *length_at(lcs, i, j - 1))
			i--;
		else
			j--;
	}
	end_range(lcs, &range);
}

static void reply_ranges(struct lcs *lcs, u32 len)
{
	struct darter_reply_later later;

	darter_reply_map(lcs->ctx, 2);
	darter_reply_string(lcs->ctx, "matches");
	darter_reply_begin(lcs->ctx, &later);
	walk_back(lcs);
	darter_reply_end_array(lcs->ctx, &later, lcs->matches);
	darter_reply_string(lcs->ctx, "len");
	darter_reply_int(lcs->ctx, len);
}

static void reply_common(struct lcs *lcs, u32 len)
{
	lcs->common = kvmalloc(len + 1, GFP_KERNEL | __GFP_NOWARN);
	if (!lcs->common) {
		darter_reply_out_of_memory(lcs->ctx);
		return;
	}
	walk_back(lcs);
	darter_reply_bulk(lcs->ctx, lcs->common, len);
	kvfree(lcs->common);
}

void darter_cmd_lcs(struct darter_ctx *ctx)
{
	struct lcs_options options;
	struct lcs lcs = { .ctx = ctx, .options = &options };
	bool a_is_string = read_string(ctx, 1, &lcs.a);
	u32 len;

	if (!read_string(ctx, 2, &lcs.b) || !a_is_string) {
		darter_reply_error(ctx, "ERR The specified keys must contain string values");
		return;
	}
	if (!parse_options(ctx, &options) || !make_table(&lcs))
		return;
	fill_table(&lcs);
	len = *length_at(&lcs, lcs.a.len, lcs.b.len);
	if (options.idx)
		reply_ranges(&lcs, len);
	else if (options.len)
		darter_reply_int(ctx, len);
	else
		reply_common(&lcs, len);
	kvfree(lcs.lengths);
}
