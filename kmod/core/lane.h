/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lanes: what one worker brings to the sessions it serves: scratch input,
 * spare reply chunks and the counters that it alone writes.
 *
 * A lane is used by one thread at a time. Readers of the counters take them
 * with READ_ONCE and add up all lanes.
 *
 * Inline dispatch has lanes too, one for each CPU, used with softirqs off. They have no
 * scratch input, and their index is that of the worker for which they stand in.
 */
#ifndef DARTER_CORE_LANE_H
#define DARTER_CORE_LANE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

struct darter_chunk;
struct darter_histogram;
struct darter_instance;
struct darter_shard;

/* One receive: enough for a deep pipeline, small enough to stay in cache. */
#define DARTER_SCRATCH_SIZE 65536

/* How often keys of a shard were found, or not. */
struct darter_reads {
	u64 hits, misses;
};

struct darter_command_stats {
	u64 calls, microseconds, rejected, failed;
};

struct darter_lane {
	struct darter_instance *instance;
	u16 index;
	char *scratch;			/* DARTER_SCRATCH_SIZE bytes */
	struct darter_chunk *lent;	/* inline: for the replies of one packet; NULL: none yet */
	struct list_head spare_chunks;
	u32 nspare_chunks;
	u64 (*clock_us)(void);		/* monotonic, for commandstats */
	struct darter_shard *held;	/* by a run of commands, see dispatch.c; NULL: none */
	u32 run;			/* commands in it */
	u64 since;			/* us: where the next command counts from, 0: its start */

	/* for others to read, kept by the owner of the worker */
	u32 cpu;			/* that it runs on */
	u32 clients;			/* connections that are its own */

	/* statistics */
	u64 commands, connections, errors, bytes_in, bytes_out;
	u64 parked, batches;
	u64 sleeps, polled;			/* times it slept, and found work just before */
	u64 remote;			/* shards of other lanes that commands locked */
	struct darter_reads *reads;	/* of each shard */
	struct darter_command_stats *by_command;	/* darter_command_count */
	struct darter_histogram **histograms;		/* as many, NULL: never called */
	struct darter_histogram **by_shard;		/* of each shard's commands, likewise */
};

/* Add to a counter that the caller alone writes and others read. */
static inline void darter_count(u64 *counter, u64 more)
{
	WRITE_ONCE(*counter, *counter + more);
}

int darter_lane_init(struct darter_lane *lane, struct darter_instance *instance, u16 index);
int darter_lane_init_inline(struct darter_lane *lane, struct darter_instance *instance);
void darter_lane_destroy(struct darter_lane *lane);

#endif /* DARTER_CORE_LANE_H */
