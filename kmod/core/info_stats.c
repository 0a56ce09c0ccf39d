// SPDX-License-Identifier: GPL-2.0
/*
 * INFO's counters: memory, totals, rates, commands, errors. Read as info.h says;
 * the rates are written by one thread and read by any.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "info.h"
#include "instance.h"
#include "lane.h"
#include "number/ratio.h"
#include "shard.h"
#include "text.h"

/* Shortest time between two samples of the rates, ms. */
#define SAMPLE_EVERY 100

/* A line in bytes, and one for people. */
static void add_size(struct darter_text *text, const char *name, u64 bytes)
{
	char size[DARTER_SIZE_CHARS];

	darter_format_size(size, bytes);
	darter_text_add(text, "%s:%llu\r\n%s_human:%s\r\n", name, bytes, name, size);
}

static void add_ratio(struct darter_text *text, const char *name, u64 a, u64 b,
		      const char *unit)
{
	char ratio[DARTER_RATIO_CHARS];

	darter_format_ratio(ratio, a, b);
	darter_text_add(text, "%s:%s%s\r\n", name, ratio, unit);
}

/* What shards and clients have taken from the system. */
static u64 resident_memory(const struct darter_instance *instance)
{
	u64 sum = atomic64_read(&instance->client_memory);
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		sum += READ_ONCE(instance->shards[i].resident);
	return sum;
}

/* What readers without the lock may still look at, and is freed when they do not. */
static u64 held_back_memory(const struct darter_instance *instance)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		sum += READ_ONCE(instance->shards[i].held_back);
	return sum;
}

static u64 peak_memory(struct darter_instance *instance, u64 now)
{
	u64 peak = atomic64_read(&instance->peak);

	if (now <= peak)
		return peak;
	atomic64_set(&instance->peak, now);
	return now;
}

void darter_memory_read(struct darter_instance *instance, struct darter_memory *memory)
{
	memory->clients = atomic64_read(&instance->client_memory);
	memory->data = atomic64_read(&instance->used);
	memory->used = memory->data + memory->clients;
	memory->resident = max(resident_memory(instance), memory->used);
	memory->peak = peak_memory(instance, memory->used);
}

void darter_info_memory(struct darter_instance *instance, struct darter_text *text)
{
	u64 clients, data, used, resident, peak;
	struct darter_memory memory;

	darter_memory_read(instance, &memory);
	clients = memory.clients;
	data = memory.data;
	used = memory.used;
	resident = memory.resident;
	peak = memory.peak;
	add_size(text, "used_memory", used);
	add_size(text, "used_memory_rss", resident);
	add_size(text, "used_memory_peak", peak);
	add_ratio(text, "used_memory_peak_perc", used * 100, peak, "%");
	darter_text_add(text,
			"used_memory_overhead:%llu\r\n"
			"used_memory_startup:0\r\n"
			"used_memory_dataset:%llu\r\n", clients, data);
	add_ratio(text, "used_memory_dataset_perc", data * 100, used, "%");
	darter_text_add(text,
			"allocator_allocated:%llu\r\n"
			"allocator_active:%llu\r\n"
			"allocator_resident:%llu\r\n", used, resident, resident);
	add_size(text, "total_system_memory", instance->host->total_memory());
	add_size(text, "maxmemory", READ_ONCE(instance->config.max_memory));
	darter_text_add(text, "maxmemory_policy:noeviction\r\n");
	add_ratio(text, "allocator_frag_ratio", resident, used, "");
	darter_text_add(text, "allocator_frag_bytes:%llu\r\n", resident - used);
	add_ratio(text, "mem_fragmentation_ratio", resident, used, "");
	darter_text_add(text,
			"mem_fragmentation_bytes:%llu\r\n"
			"mem_not_counted_for_evict:0\r\n"
			"mem_replication_backlog:0\r\n"
			"mem_total_replication_buffers:0\r\n"
			"mem_clients_slaves:0\r\n"
			"mem_clients_normal:%llu\r\n"
			"mem_cluster_links:0\r\n"
			"mem_aof_buffer:0\r\n"
			"mem_allocator:darter\r\n"
			"active_defrag_running:0\r\n"
			"lazyfree_pending_objects:0\r\n"
			"darter_memory_held_back:%llu\r\n",
			resident - used, clients, held_back_memory(instance));
}

static void sum_lanes(const struct darter_instance *instance, struct darter_totals *totals)
{
	const struct darter_lane *lane;
	u32 i;

	darter_for_each_lane(lane, instance, i) {
		totals->commands += READ_ONCE(lane->commands);
		/* Only lanes of workers have room for input. */
		totals->at_once += lane->scratch ? 0 : READ_ONCE(lane->commands);
		totals->input += READ_ONCE(lane->bytes_in);
		totals->output += READ_ONCE(lane->bytes_out);
		totals->remote += READ_ONCE(lane->remote);
	}
}

void darter_info_reads(const struct darter_shard *shard, struct darter_reads *sum)
{
	const struct darter_instance *instance = shard->instance;
	const struct darter_lane *lane;
	u32 i;

	*sum = (struct darter_reads) { };
	darter_for_each_lane(lane, instance, i) {
		const struct darter_reads *reads = &lane->reads[shard->index];

		sum->hits += READ_ONCE(reads->hits);
		sum->misses += READ_ONCE(reads->misses);
	}
}

static void sum_shards(const struct darter_instance *instance, struct darter_totals *totals)
{
	u32 i;

	for (i = 0; i < instance->params.shards; i++) {
		const struct darter_shard *shard = &instance->shards[i];
		struct darter_reads reads;

		darter_info_reads(shard, &reads);
		totals->hits += reads.hits;
		totals->misses += reads.misses;
		totals->expired += READ_ONCE(shard->expired);
	}
}

static void sum_command(const struct darter_instance *instance, u16 index,
			struct darter_command_stats *sum)
{
	const struct darter_lane *lane;
	u32 i;

	darter_for_each_lane(lane, instance, i) {
		const struct darter_command_stats *stats = &lane->by_command[index];

		sum->calls += READ_ONCE(stats->calls);
		sum->microseconds += READ_ONCE(stats->microseconds);
		sum->rejected += READ_ONCE(stats->rejected);
		sum->failed += READ_ONCE(stats->failed);
	}
}

/**
 * darter_info_init() - prepare to reset counters
 * @instance: whose
 *
 * Return: 0 or -ENOMEM.
 */
int darter_info_init(struct darter_instance *instance)
{
	instance->reset.by_command = kvcalloc(darter_command_count,
					      sizeof(*instance->reset.by_command), GFP_KERNEL);
	return instance->reset.by_command ? 0 : -ENOMEM;
}

void darter_info_destroy(struct darter_instance *instance)
{
	kvfree(instance->reset.by_command);
}

/**
 * darter_info_reset() - let INFO count from here
 * @instance: whose
 *
 * The counters themselves have one writer each, which this is not.
 */
void darter_info_reset(struct darter_instance *instance)
{
	struct darter_reset *reset = &instance->reset;
	u16 index;

	spin_lock(&instance->errors_lock);
	memset(&reset->totals, 0, sizeof(reset->totals));
	sum_lanes(instance, &reset->totals);
	sum_shards(instance, &reset->totals);
	for (index = 0; index < darter_command_count; index++) {
		memset(&reset->by_command[index], 0, sizeof(reset->by_command[index]));
		sum_command(instance, index, &reset->by_command[index]);
	}
	spin_unlock(&instance->errors_lock);
}

static void totals_since_reset(struct darter_instance *instance, struct darter_totals *totals)
{
	const struct darter_totals *reset = &instance->reset.totals;

	spin_lock(&instance->errors_lock);
	sum_lanes(instance, totals);
	sum_shards(instance, totals);
	totals->commands -= reset->commands;
	totals->at_once -= reset->at_once;
	totals->input -= reset->input;
	totals->output -= reset->output;
	totals->remote -= reset->remote;
	totals->hits -= reset->hits;
	totals->misses -= reset->misses;
	totals->expired -= reset->expired;
	spin_unlock(&instance->errors_lock);
}

static void command_since_reset(struct darter_instance *instance, u16 index,
				struct darter_command_stats *stats)
{
	const struct darter_command_stats *reset = &instance->reset.by_command[index];

	spin_lock(&instance->errors_lock);
	sum_command(instance, index, stats);
	stats->calls -= reset->calls;
	stats->microseconds -= reset->microseconds;
	stats->rejected -= reset->rejected;
	stats->failed -= reset->failed;
	spin_unlock(&instance->errors_lock);
}

/* @elapsed: ms since the last sample, 0: there is none to compare with. */
static void take_sample(struct darter_rates *rates, enum darter_rate_kind kind, u64 value,
			u64 elapsed)
{
	u64 grown = value - rates->last[kind];

	if (elapsed)
		WRITE_ONCE(rates->per_second[kind][rates->next],
			   div64_u64(grown * 1000, elapsed));
	rates->last[kind] = value;
}

static bool is_moving(const struct darter_rates *rates)
{
	u32 kind, i;

	for (kind = 0; kind < DARTER_RATE_KINDS; kind++)
		for (i = 0; i < DARTER_RATE_SAMPLES; i++)
			if (rates->per_second[kind][i])
				return true;
	return false;
}

/**
 * darter_rates_sample() - note how much happened since the last time
 * @instance: whose
 * @now: ms since the epoch; may go back
 *
 * Context: always the same thread.
 * Return: whether there is something to note again soon: the rates are not zero yet.
 */
bool darter_rates_sample(struct darter_instance *instance, u64 now)
{
	struct darter_rates *rates = &instance->rates;
	struct darter_totals totals = {};
	u64 elapsed = 0;

	if (rates->last_at && now >= rates->last_at) {
		elapsed = now - rates->last_at;
		if (elapsed < SAMPLE_EVERY)
			return rates->moving;
	}
	sum_lanes(instance, &totals);
	take_sample(rates, DARTER_RATE_COMMANDS, totals.commands, elapsed);
	take_sample(rates, DARTER_RATE_INPUT, totals.input, elapsed);
	take_sample(rates, DARTER_RATE_OUTPUT, totals.output, elapsed);
	if (elapsed)
		rates->next = (rates->next + 1) % DARTER_RATE_SAMPLES;
	rates->last_at = now;
	rates->moving = is_moving(rates);
	return rates->moving;
}

static u64 mean_rate(const struct darter_instance *instance, enum darter_rate_kind kind)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < DARTER_RATE_SAMPLES; i++)
		sum += READ_ONCE(instance->rates.per_second[kind][i]);
	return sum / DARTER_RATE_SAMPLES;
}

static void add_instantaneous(struct darter_instance *instance, struct darter_text *text)
{
	darter_text_add(text, "instantaneous_ops_per_sec:%llu\r\n",
			mean_rate(instance, DARTER_RATE_COMMANDS));
	add_ratio(text, "instantaneous_input_kbps", mean_rate(instance, DARTER_RATE_INPUT), 1024,
		  "");
	add_ratio(text, "instantaneous_output_kbps", mean_rate(instance, DARTER_RATE_OUTPUT),
		  1024, "");
}

static void read_accepted(struct darter_instance *instance, u64 *total, u64 *rejected)
{
	mutex_lock(&instance->clients_lock);
	*total = instance->total_clients;
	*rejected = instance->rejected_clients;
	mutex_unlock(&instance->clients_lock);
}

static u64 read_total_errors(struct darter_instance *instance)
{
	u64 total;

	spin_lock(&instance->errors_lock);
	total = instance->total_errors;
	spin_unlock(&instance->errors_lock);
	return total;
}

void darter_info_stats(struct darter_instance *instance, struct darter_text *text)
{
	struct darter_totals totals = {};
	u64 accepted, rejected;

	totals_since_reset(instance, &totals);
	read_accepted(instance, &accepted, &rejected);
	darter_text_add(text,
			"total_connections_received:%llu\r\n"
			"total_commands_processed:%llu\r\n", accepted, totals.commands);
	add_instantaneous(instance, text);
	darter_text_add(text,
			"total_net_input_bytes:%llu\r\n"
			"total_net_output_bytes:%llu\r\n"
			"rejected_connections:%llu\r\n"
			"sync_full:0\r\n"
			"sync_partial_ok:0\r\n"
			"sync_partial_err:0\r\n"
			"expired_keys:%llu\r\n"
			"evicted_keys:0\r\n"
			"evicted_clients:0\r\n",
			totals.input, totals.output, rejected, totals.expired);
	darter_text_add(text,
			"keyspace_hits:%llu\r\n"
			"keyspace_misses:%llu\r\n"
			"pubsub_channels:0\r\n"
			"pubsub_patterns:0\r\n"
			"pubsubshard_channels:0\r\n"
			"latest_fork_usec:0\r\n"
			"total_forks:0\r\n"
			"migrate_cached_sockets:0\r\n"
			"total_error_replies:%llu\r\n"
			"darter_remote_accesses:%llu\r\n"
			"darter_inline_commands:%llu\r\n",
			totals.hits, totals.misses, read_total_errors(instance), totals.remote,
			totals.at_once);
}

void darter_info_commandstats(struct darter_instance *instance, struct darter_text *text)
{
	u16 index;

	for (index = 0; index < darter_command_count; index++) {
		struct darter_command_stats sum = {};
		char mean[DARTER_RATIO_CHARS];

		command_since_reset(instance, index, &sum);
		if (!sum.calls && !sum.rejected && !sum.failed)
			continue;
		darter_format_ratio(mean, sum.microseconds, sum.calls);
		darter_text_add(text,
				"cmdstat_%s:calls=%llu,usec=%llu,usec_per_call=%s,rejected_calls=%llu,failed_calls=%llu\r\n",
				darter_command_at(index)->name, sum.calls, sum.microseconds,
				mean, sum.rejected, sum.failed);
	}
}

/* The kind of error that follows @after in order of codes. */
static bool next_error(struct darter_instance *instance, const char *after,
		       struct darter_error_kind *out)
{
	const struct darter_error_kind *next = NULL;
	u32 i;

	spin_lock(&instance->errors_lock);
	for (i = 0; i < instance->nerrors; i++) {
		const struct darter_error_kind *kind = &instance->errors[i];

		if (strcmp(kind->code, after) > 0 && (!next || strcmp(kind->code, next->code) < 0))
			next = kind;
	}
	if (next)
		*out = *next;
	spin_unlock(&instance->errors_lock);
	return next;
}

void darter_info_errorstats(struct darter_instance *instance, struct darter_text *text)
{
	struct darter_error_kind kind = {};

	while (next_error(instance, kind.code, &kind))
		darter_text_add(text, "errorstat_%s:count=%llu\r\n", kind.code, kind.count);
}
