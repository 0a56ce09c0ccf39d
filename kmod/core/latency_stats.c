// SPDX-License-Identifier: GPL-2.0
/*
 * How long commands take: LATENCY HISTOGRAM and INFO latencystats. Histograms are
 * read while workers fill them, see histogram.h.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "handlers.h"
#include "histogram.h"
#include "info.h"
#include "instance.h"
#include "lane.h"
#include "reply.h"
#include "text.h"

/* Bounds that are shown: 1024 ns, doubled so many times. */
#define DOUBLINGS 20
#define FIRST_BOUND 1024ULL

void darter_command_histogram(struct darter_instance *instance, u16 index,
			      struct darter_histogram_sum *sum)
{
	u32 i, epoch = READ_ONCE(instance->observe.last_epoch);
	struct darter_lane *lane;

	memset(sum, 0, sizeof(*sum));
	darter_for_each_lane(lane, instance, i)
		darter_histogram_add_up(sum, &lane->histograms[index], epoch);
}

void darter_shard_histogram(struct darter_instance *instance, u32 index,
			    struct darter_histogram_sum *sum)
{
	u32 i, epoch = READ_ONCE(instance->observe.last_epoch);
	struct darter_lane *lane;

	memset(sum, 0, sizeof(*sum));
	darter_for_each_lane(lane, instance, i)
		darter_histogram_add_up(sum, &lane->by_shard[index], epoch);
}

/* A bound is the end of the bucket in which the power of two lies. */
static u64 bound_at(u32 doubling)
{
	u64 power = FIRST_BOUND << doubling;

	return power + power / 128 - 1;
}

/* Only bounds up to which there is more than up to the one before. */
static void reply_distribution(struct darter_ctx *ctx, const struct darter_histogram_sum *sum)
{
	struct darter_reply_later later;
	u64 seen, before = 0;
	u32 i, count = 0;

	darter_reply_map(ctx, 2);
	darter_reply_string(ctx, "calls");
	darter_reply_int(ctx, sum->total);
	darter_reply_string(ctx, "histogram_usec");
	darter_reply_begin(ctx, &later);
	for (i = 0; i <= DOUBLINGS && before < sum->total; i++) {
		seen = darter_histogram_up_to(sum, bound_at(i));
		if (seen == before)
			continue;
		darter_reply_int(ctx, div_u64(bound_at(i), 1000));
		darter_reply_int(ctx, seen);
		before = seen;
		count++;
	}
	darter_reply_end_map(ctx, &later, count);
}

/* Whether it was ever called. */
static bool reply_command(struct darter_ctx *ctx, u16 index, struct darter_histogram_sum *sum)
{
	darter_command_histogram(ctx->instance, index, sum);
	if (!sum->total)
		return false;
	darter_reply_string(ctx, darter_command_at(index)->name);
	reply_distribution(ctx, sum);
	return true;
}

/* A container stands for its subcommands. */
static u32 reply_named(struct darter_ctx *ctx, const struct darter_arg *name,
		       struct darter_histogram_sum *sum)
{
	const struct darter_command *command = darter_command_find(name->bytes, name->len);
	u32 i, count = 0;

	for (i = 0; command && i <= command->nsubcommands; i++)
		count += reply_command(ctx, darter_command_index(command) + i, sum);
	return count;
}

void darter_cmd_latency_histogram(struct darter_ctx *ctx)
{
	struct darter_histogram_sum *sum;
	struct darter_reply_later later;
	u32 i, count = 0;

	sum = kvmalloc(sizeof(*sum), GFP_KERNEL | __GFP_NOWARN);
	if (!sum) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	darter_reply_begin(ctx, &later);
	for (i = 0; ctx->argc == 2 && i < darter_command_count; i++)
		count += reply_command(ctx, i, sum);
	for (i = 2; i < ctx->argc; i++)
		count += reply_named(ctx, &ctx->argv[i], sum);
	darter_reply_end_map(ctx, &later, count);
	kvfree(sum);
}

static void add_percentiles(struct darter_text *text, const struct darter_percentiles *wanted,
			    const struct darter_histogram_sum *sum)
{
	char percentile[DARTER_PERCENTILE_CHARS];
	u64 micros;
	u32 i, rest;

	for (i = 0; i < wanted->count; i++) {
		micros = div_u64_rem(darter_histogram_percentile(sum, wanted->millionths[i]),
				     1000, &rest);
		darter_format_percentile(percentile, wanted->millionths[i]);
		darter_text_add(text, "%sp%s=%llu.%03u", i ? "," : "", percentile, micros, rest);
	}
}

static void add_commands(struct darter_instance *instance, struct darter_text *text,
			 const struct darter_percentiles *wanted,
			 struct darter_histogram_sum *sum)
{
	u16 index;

	for (index = 0; index < darter_command_count; index++) {
		darter_command_histogram(instance, index, sum);
		if (!sum->total)
			continue;
		darter_text_add(text, "latency_percentiles_usec_%s:",
				darter_command_at(index)->name);
		add_percentiles(text, wanted, sum);
		darter_text_add(text, "\r\n");
	}
}

void darter_info_latencystats(struct darter_instance *instance, struct darter_text *text)
{
	struct darter_percentiles wanted;
	struct darter_histogram_sum *sum;

	if (!READ_ONCE(instance->config.latency_tracking))
		return;
	sum = kvmalloc(sizeof(*sum), GFP_KERNEL | __GFP_NOWARN);
	if (!sum) {
		text->failed = true;
		return;
	}
	mutex_lock(&instance->config.lock);
	wanted = instance->config.percentiles;
	mutex_unlock(&instance->config.lock);
	add_commands(instance, text, &wanted, sum);
	kvfree(sum);
}
