/* SPDX-License-Identifier: GPL-2.0 */
/*
 * INFO: what the server tells of itself, in sections.
 *
 * Everything is read without shards' locks, so that INFO never waits for one:
 * counters are added up over lanes and shards, each as of some moment.
 */
#ifndef DARTER_CORE_INFO_H
#define DARTER_CORE_INFO_H

#include <linux/types.h>

struct darter_command_stats;
struct darter_instance;
struct darter_reads;
struct darter_shard;
struct darter_text;

#define DARTER_RATE_SAMPLES 16

enum darter_rate_kind {
	DARTER_RATE_COMMANDS,
	DARTER_RATE_INPUT,		/* bytes */
	DARTER_RATE_OUTPUT,
	DARTER_RATE_KINDS,
};

/* Counters sampled by the first lane's tick: the "instantaneous" figures. */
struct darter_rates {
	u64 last_at;			/* ms since the epoch, 0: never */
	u64 last[DARTER_RATE_KINDS];
	u32 next;
	u64 per_second[DARTER_RATE_KINDS][DARTER_RATE_SAMPLES];
	bool moving;			/* some of these are not 0 */
};

/* Sums over lanes and shards. */
struct darter_totals {
	u64 commands, at_once, input, output, remote;	/* lanes */
	u64 hits, misses, expired;		/* shards */
};

/* What the sums were at the last CONFIG RESETSTAT: INFO shows what came since. */
struct darter_reset {
	struct darter_totals totals;
	struct darter_command_stats *by_command;	/* darter_command_count of them */
};

int darter_info_init(struct darter_instance *instance);
/* Nobody uses the instance any more. */
void darter_info_destroy(struct darter_instance *instance);
/* CONFIG RESETSTAT for the counters of lanes and shards, which only grow. */
void darter_info_reset(struct darter_instance *instance);

/* How often a shard's keys were found, or not. Any context. */
void darter_info_reads(const struct darter_shard *shard, struct darter_reads *sum);

/* Called by one thread; at most one sample in a tenth of a second is taken. */
bool darter_rates_sample(struct darter_instance *instance, u64 now);

/* Bytes at some moment; no lock. */
struct darter_memory {
	u64 data;			/* keys and values */
	u64 clients;			/* what sessions hold */
	u64 used;			/* both */
	u64 resident;			/* taken from the system for them */
	u64 peak;			/* the most that was used */
};

/* Numbers of one moment; a new peak is noted. Any context. */
void darter_memory_read(struct darter_instance *instance, struct darter_memory *memory);

/* Lines of sections, without their headers. */
void darter_info_memory(struct darter_instance *instance, struct darter_text *text);
void darter_info_stats(struct darter_instance *instance, struct darter_text *text);
void darter_info_commandstats(struct darter_instance *instance, struct darter_text *text);
void darter_info_latencystats(struct darter_instance *instance, struct darter_text *text);
void darter_info_errorstats(struct darter_instance *instance, struct darter_text *text);

#endif /* DARTER_CORE_INFO_H */
