/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Histograms of how long commands take, for LATENCY HISTOGRAM and INFO
 * latencystats.
 *
 * Each worker has one for each command, which it alone fills. Readers add them up
 * as of some moment.
 *
 * Below 256 us there is a bucket for each microsecond. Above, buckets are those of
 * Redis' histogram, which counts nanoseconds and keeps 8 significant bits: 128
 * buckets for each doubling, up to a second. So percentiles are the same numbers.
 */
#ifndef DARTER_CORE_HISTOGRAM_H
#define DARTER_CORE_HISTOGRAM_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "lane.h"

struct darter_instance;

/* Counters are allocated by parts, when the first one of a part is needed. */
#define DARTER_HISTOGRAM_PART 128
#define DARTER_HISTOGRAM_PARTS 15
#define DARTER_HISTOGRAM_BUCKETS (DARTER_HISTOGRAM_PARTS * DARTER_HISTOGRAM_PART)

struct darter_histogram {
	u32 epoch;			/* counts are of this epoch; others are void */
	u64 *parts[DARTER_HISTOGRAM_PARTS];
};

/* The sum of several histograms. */
struct darter_histogram_sum {
	u64 total;
	u64 counts[DARTER_HISTOGRAM_BUCKETS];
};

/* As darter_histogram_count(), which leaves to it what is not done at once. */
void darter_histogram_count_any(struct darter_histogram **place, u32 epoch, u64 micros);

/*
 * Count a duration. @place holds the histogram or NULL; only this caller writes it.
 * Without memory nothing is counted. May sleep to allocate.
 */
static inline void darter_histogram_count(struct darter_histogram **place, u32 epoch, u64 micros)
{
	struct darter_histogram *histogram = *place;

	if (likely(histogram && histogram->epoch == epoch && micros < DARTER_HISTOGRAM_PART &&
		   histogram->parts[0]))
		darter_count(&histogram->parts[0][micros], 1);
	else
		darter_histogram_count_any(place, epoch, micros);
}

/* NULL is fine. */
void darter_histogram_free(struct darter_histogram *histogram);

/* Add what a histogram has counted in an epoch. Any thread. */
void darter_histogram_add_up(struct darter_histogram_sum *sum, struct darter_histogram **place,
			     u32 epoch);
/* ns that so many millionths of a percent of the durations do not exceed. */
u64 darter_histogram_percentile(const struct darter_histogram_sum *sum, u32 percentile);
/* The greatest duration that a bucket stands for, ns. */
u64 darter_histogram_bucket_end(u32 bucket);
/* How many durations are at most so many ns. */
u64 darter_histogram_up_to(const struct darter_histogram_sum *sum, u64 nanos);

/* Of all workers together, since counting began: a command, or the commands on a shard. */
void darter_command_histogram(struct darter_instance *instance, u16 index,
			      struct darter_histogram_sum *sum);
void darter_shard_histogram(struct darter_instance *instance, u32 index,
			    struct darter_histogram_sum *sum);

#endif /* DARTER_CORE_HISTOGRAM_H */
