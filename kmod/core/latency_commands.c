// SPDX-License-Identifier: GPL-2.0
/*
 * LATENCY: what the latency monitor has noted. A series is copied under its lock
 * and replied from the copy, since a reply may wait for memory.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "latency.h"
#include "reply.h"
#include "text.h"

static const char *const event_names[DARTER_LATENCY_EVENTS] = {
	"command", "fast-command", "expire-cycle",
};

/* The event that an argument names, or DARTER_LATENCY_EVENTS. */
static u32 find_event(const struct darter_arg *arg)
{
	u32 event;

	for (event = 0; event < DARTER_LATENCY_EVENTS; event++)
		if (strlen(event_names[event]) == arg->len &&
		    !memcmp(event_names[event], arg->bytes, arg->len))
			break;
	return event;
}

/* An event is there once it was noted. */
static bool is_there(const struct darter_latency_series *series)
{
	return series->max;
}

/* False: there is no such event. */
static bool copy_series(struct darter_instance *instance, u32 event,
			struct darter_latency_series *copy)
{
	struct darter_latency *latency = &instance->latency;

	if (event == DARTER_LATENCY_EVENTS)
		return false;
	spin_lock(&latency->lock);
	*copy = latency->series[event];
	spin_unlock(&latency->lock);
	return is_there(copy);
}

/* Too big for the stack; NULL after an error reply. */
static struct darter_latency_series *make_copy(struct darter_ctx *ctx)
{
	struct darter_latency_series *copy = kmalloc(sizeof(*copy), GFP_KERNEL | __GFP_NOWARN);

	if (!copy)
		darter_reply_out_of_memory(ctx);
	return copy;
}

static u64 now_seconds(const struct darter_ctx *ctx)
{
	return div_u64(ctx->instance->host->wall_us(), 1000000);
}

static void reply_latest(struct darter_ctx *ctx, const char *name,
			 const struct darter_latency_series *series)
{
	const struct darter_latency_sample *last;

	last = &series->samples[(series->next + DARTER_LATENCY_SAMPLES - 1) %
				DARTER_LATENCY_SAMPLES];
	darter_reply_array(ctx, 4);
	darter_reply_string(ctx, name);
	darter_reply_int(ctx, last->time);
	darter_reply_int(ctx, last->latency);
	darter_reply_int(ctx, series->max);
}

void darter_cmd_latency_latest(struct darter_ctx *ctx)
{
	struct darter_latency_series *copy = make_copy(ctx);
	struct darter_reply_later later;
	u32 event, count = 0;

	if (!copy)
		return;
	darter_reply_begin(ctx, &later);
	for (event = 0; event < DARTER_LATENCY_EVENTS; event++) {
		if (!copy_series(ctx->instance, event, copy))
			continue;
		reply_latest(ctx, event_names[event], copy);
		count++;
	}
	darter_reply_end_array(ctx, &later, count);
	kfree(copy);
}

static void reply_samples(struct darter_ctx *ctx, const struct darter_latency_series *series)
{
	struct darter_reply_later later;
	u32 i, count = 0;

	darter_reply_begin(ctx, &later);
	for (i = 0; i < DARTER_LATENCY_SAMPLES; i++) {
		const struct darter_latency_sample *sample =
			&series->samples[(series->next + i) % DARTER_LATENCY_SAMPLES];

		if (!sample->time)
			continue;
		darter_reply_array(ctx, 2);
		darter_reply_int(ctx, sample->time);
		darter_reply_int(ctx, sample->latency);
		count++;
	}
	darter_reply_end_array(ctx, &later, count);
}

void darter_cmd_latency_history(struct darter_ctx *ctx)
{
	struct darter_latency_series *copy = make_copy(ctx);

	if (!copy)
		return;
	if (copy_series(ctx->instance, find_event(&ctx->argv[2]), copy))
		reply_samples(ctx, copy);
	else
		darter_reply_array(ctx, 0);
	kfree(copy);
}

/* Whether there was something to forget. */
static bool reset_event(struct darter_instance *instance, u32 event)
{
	struct darter_latency *latency = &instance->latency;
	bool was;

	if (event == DARTER_LATENCY_EVENTS)
		return false;
	spin_lock(&latency->lock);
	was = is_there(&latency->series[event]);
	memset(&latency->series[event], 0, sizeof(latency->series[event]));
	spin_unlock(&latency->lock);
	return was;
}

void darter_cmd_latency_reset(struct darter_ctx *ctx)
{
	u32 i, count = 0;

	for (i = 0; ctx->argc == 2 && i < DARTER_LATENCY_EVENTS; i++)
		count += reset_event(ctx->instance, i);
	for (i = 2; i < ctx->argc; i++)
		count += reset_event(ctx->instance, find_event(&ctx->argv[i]));
	darter_reply_int(ctx, count);
}

void darter_cmd_latency_graph(struct darter_ctx *ctx)
{
	struct darter_latency_series *copy = make_copy(ctx);
	u32 event = find_event(&ctx->argv[2]);
	struct darter_text text = {};

	if (!copy)
		return;
	if (copy_series(ctx->instance, event, copy)) {
		darter_latency_draw(&text, event_names[event], copy, now_seconds(ctx));
		darter_text_reply(ctx, &text);
	} else {
		darter_reply_errorf(ctx, "ERR No samples available for event '%.*s'",
				    min_t(int, ctx->argv[2].len, 128), ctx->argv[2].bytes);
	}
	kfree(copy);
}

/* How many samples there are, how long on average, and how far from that on average. */
static u32 analyse(const struct darter_latency_series *series, u32 *mean, u32 *deviation)
{
	u64 sum = 0, distance = 0;
	u32 i, count = 0;

	for (i = 0; i < DARTER_LATENCY_SAMPLES; i++) {
		sum += series->samples[i].latency;
		count += !!series->samples[i].time;
	}
	*mean = div_u64(sum, count);
	for (i = 0; i < DARTER_LATENCY_SAMPLES; i++) {
		u32 latency = series->samples[i].latency;

		if (series->samples[i].time)
			distance += max(latency, *mean) - min(latency, *mean);
	}
	*deviation = div_u64(distance, count);
	return count;
}

static void advise(struct darter_text *text, const struct darter_config *config, u32 event)
{
	s64 slowlog = READ_ONCE(config->slowlog_slower_than);
	u64 threshold = READ_ONCE(config->latency_threshold);

	if (event == DARTER_LATENCY_EXPIRE_CYCLE) {
		darter_text_add(text,
				"   - Many keys expire at once. Let their deadlines differ a little.\n");
		return;
	}
	darter_text_add(text, "   - SLOWLOG GET shows which commands take long.\n");
	if (slowlog < 0 || div_u64(slowlog, 1000) > threshold)
		darter_text_add(text,
				"   - The slow log notes fewer commands than this monitor does. To change that: CONFIG SET slowlog-log-slower-than %llu\n",
				threshold * 1000);
}

static void diagnose(struct darter_text *text, const struct darter_config *config, u32 event,
		     const struct darter_latency_series *series)
{
	u32 mean, deviation, count = analyse(series, &mean, &deviation);

	darter_text_add(text,
			"%s: %u spikes, on average %u ms (mean deviation %u ms), the worst ever %u ms.\n",
			event_names[event], count, mean, deviation, series->max);
	advise(text, config, event);
}

void darter_cmd_latency_doctor(struct darter_ctx *ctx)
{
	struct darter_config *config = &ctx->instance->config;
	struct darter_latency_series *copy = make_copy(ctx);
	struct darter_text text = {};
	u32 event;

	if (!copy)
		return;
	for (event = 0; event < DARTER_LATENCY_EVENTS; event++)
		if (copy_series(ctx->instance, event, copy))
			diagnose(&text, config, event, copy);
	if (!text.len && READ_ONCE(config->latency_threshold))
		darter_text_add(&text, "Nothing took as long as latency-monitor-threshold.\n");
	else if (!text.len)
		darter_text_add(&text,
				"Latency is not monitored. To change that: CONFIG SET latency-monitor-threshold <milliseconds>\n");
	darter_text_reply(ctx, &text);
	kfree(copy);
}

void darter_cmd_latency_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"DOCTOR",
		"    Say in words what the latency monitor has noted.",
		"GRAPH <event>",
		"    Draw what it has noted of <event>.",
		"HISTORY <event>",
		"    Show it: times and milliseconds.",
		"LATEST",
		"    Show the last and the worst of every event.",
		"RESET [<event> ...]",
		"    Forget events (default: all).",
		"HISTOGRAM [COMMAND ...]",
		"    Show how long commands take (default: all): for microseconds, how many",
		"    calls took no longer.",
		"HELP",
		"    Show this text.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
