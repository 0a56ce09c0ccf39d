// SPDX-License-Identifier: GPL-2.0
/*
 * LCS: the longest common subsequence of two strings, by the table of the
 * lengths for all pairs of prefixes. Runs under the locks of both keys' shards.
 *
 * Of the table one row is kept. To find the way back through it a bit for each
 * cell is enough: whether the length comes from the row above or from the cell
 * before. Where both bytes are equal it comes from neither, and that shows.
 */
#include <linux/bitops.h>
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
	u32 *row;			/* lengths for a prefix of a and all of b */
	unsigned long *from_above;	/* a.len * b.len bits; NULL: only the length is asked for */
	u32 len;			/* of the subsequence */
	char *common;			/* the subsequence, if it is asked for */
	u32 matches;			/* ranges replied */
};

/* A run of bytes that both strings have, as found so far from its end. */
struct lcs_range {
	u32 a, b, len;			/* where it begins; len 0: none */
};

static size_t cell_at(const struct lcs *lcs, u32 i, u32 j)
{
	return (size_t)i * lcs->b.len + j;
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

/* The limit is on the whole table, four bytes for each cell, as Redis has it. */
static bool check_size(const struct lcs *lcs)
{
	u64 limit = READ_ONCE(lcs->ctx->instance->config.max_bulk_len);
	size_t cells = array_size((size_t)lcs->a.len + 1, (size_t)lcs->b.len + 1);

	if (array_size(cells, sizeof(u32)) <= limit)
		return true;
	darter_reply_error(lcs->ctx,
			   "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
	return false;
}

static bool make_table(struct lcs *lcs)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	size_t longs = BITS_TO_LONGS(cell_at(lcs, lcs->a.len, 0)) + 1;
	bool needs_way_back = lcs->options->idx || !lcs->options->len;

	lcs->row = kvcalloc((size_t)lcs->b.len + 1, sizeof(*lcs->row), gfp);
	if (needs_way_back)
		lcs->from_above = kvcalloc(longs, sizeof(*lcs->from_above), gfp);
	if (lcs->row && (lcs->from_above || !needs_way_back))
		return true;
	darter_reply_error(lcs->ctx,
			   "ERR Insufficient memory, failed allocating transient memory for LCS");
	return false;
}

static void mark_cell(const struct lcs *lcs, u32 i, u32 j)
{
	size_t cell = cell_at(lcs, i, j);

	if (lcs->from_above)
		lcs->from_above[BIT_WORD(cell)] |= BIT_MASK(cell);
}

/* Make row i of row i - 1, cell by cell; cell j is for the first j bytes of b. */
static void fill_row(const struct lcs *lcs, u32 i)
{
	u32 before = 0, above, j;

	for (j = 0; j < lcs->b.len; j++, before = above) {
		above = lcs->row[j + 1];
		if (lcs->a.bytes[i] == lcs->b.bytes[j])
			lcs->row[j + 1] = before + 1;
		else if (above > lcs->row[j])
			mark_cell(lcs, i, j);
		else
			lcs->row[j + 1] = lcs->row[j];
	}
}

static void fill_table(struct lcs *lcs)
{
	u32 i;

	for (i = 0; i < lcs->a.len; i++) {
		fill_row(lcs, i);
		cond_resched();
	}
	lcs->len = lcs->row[lcs->b.len];
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
	u32 i = lcs->a.len, j = lcs->b.len, left = lcs->len;
	struct lcs_range range = { };

	while (i && j) {
		if (lcs->a.bytes[i - 1] == lcs->b.bytes[j - 1]) {
			if (lcs->common)
				lcs->common[--left] = lcs->a.bytes[i - 1];
			range = (struct lcs_range) { --i, --j, range.len + 1 };
			continue;
		}
		end_range(lcs, &range);
		if (test_bit(cell_at(lcs, i - 1, j - 1), lcs->from_above))
			i--;
		else
			j--;
	}
	end_range(lcs, &range);
}

static void reply_ranges(struct lcs *lcs)
{
	struct darter_reply_later later;

	darter_reply_map(lcs->ctx, 2);
	darter_reply_string(lcs->ctx, "matches");
	darter_reply_begin(lcs->ctx, &later);
	walk_back(lcs);
	darter_reply_end_array(lcs->ctx, &later, lcs->matches);
	darter_reply_string(lcs->ctx, "len");
	darter_reply_int(lcs->ctx, lcs->len);
}

static void reply_common(struct lcs *lcs)
{
	lcs->common = kvmalloc((size_t)lcs->len + 1, GFP_KERNEL | __GFP_NOWARN);
	if (!lcs->common) {
		darter_reply_out_of_memory(lcs->ctx);
		return;
	}
	walk_back(lcs);
	darter_reply_bulk(lcs->ctx, lcs->common, lcs->len);
	kvfree(lcs->common);
}

static void reply_lcs(struct lcs *lcs)
{
	if (lcs->options->idx)
		reply_ranges(lcs);
	else if (lcs->options->len)
		darter_reply_int(lcs->ctx, lcs->len);
	else
		reply_common(lcs);
}

void darter_cmd_lcs(struct darter_ctx *ctx)
{
	struct lcs_options options;
	struct lcs lcs = { .ctx = ctx, .options = &options };
	bool a_is_string = read_string(ctx, 1, &lcs.a);

	if (!read_string(ctx, 2, &lcs.b) || !a_is_string) {
		darter_reply_error(ctx, "ERR The specified keys must contain string values");
		return;
	}
	if (!parse_options(ctx, &options) || !check_size(&lcs))
		return;
	if (make_table(&lcs)) {
		fill_table(&lcs);
		reply_lcs(&lcs);
	}
	kvfree(lcs.from_above);
	kvfree(lcs.row);
}
