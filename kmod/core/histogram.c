// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms, see histogram.h.
 *
 * Histograms and their parts appear while others read: they are published with a
 * release, and never go before their lane does. When a new epoch begins, the owner
 * first empties all parts and then changes the epoch; readers pass over a histogram
 * whose epoch is not theirs. One that reads in between may miss counts or see some
 * of the epoch before, which a moment's figure may.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "histogram.h"

/* Microseconds with a bucket each. */
#define LINEAR 256
/* Buckets for a doubling, and the bits that tell them apart. */
#define HALF 128
#define HALF_BITS 8
/* The least duration that is not counted by microseconds has so many bits, in ns. */
#define FIRST_BITS 18
/* What is longer counts as this. */
#define MAX_MICROS 1000000
/* A hundred percent, in millionths of one. */
#define WHOLE 100000000ULL

static u32 bucket_of(u64 micros)
{
	u64 nanos;
	u32 shift;

	if (micros < LINEAR)
		return micros;
	nanos = min_t(u64, micros, MAX_MICROS) * 1000;
	shift = fls64(nanos) - HALF_BITS;
	return LINEAR + (shift - (FIRST_BITS - HALF_BITS)) * HALF + (nanos >> shift) - HALF;
}

/* The greatest duration that Redis' histogram does not tell from a bucket's, in ns. */
u64 darter_histogram_bucket_end(u32 bucket)
{
	u32 shift, bits;
	u64 nanos;

	if (bucket < LINEAR) {
		nanos = bucket ? bucket * 1000 : 1;
		bits = fls64(nanos);
		shift = bits > HALF_BITS ? bits - HALF_BITS : 0;
		return nanos | (BIT_ULL(shift) - 1);
	}
	bucket -= LINEAR;
	shift = bucket / HALF + FIRST_BITS - HALF_BITS;
	return ((u64)(bucket % HALF + HALF + 1) << shift) - 1;
}

/* The same for the least one. */
static u64 bucket_begin(u32 bucket)
{
	u64 end = darter_histogram_bucket_end(bucket);
	u32 bits = fls64(end);

	return bits > HALF_BITS ? end >> (bits - HALF_BITS) << (bits - HALF_BITS) : end;
}

static struct darter_histogram *make(struct darter_histogram **place, u32 epoch)
{
	struct darter_histogram *histogram;

	histogram = kzalloc(sizeof(*histogram), GFP_NOWAIT | __GFP_NOWARN);
	if (!histogram)
		return NULL;
	histogram->epoch = epoch;
	/* Pairs with the acquire in darter_histogram_add_up(). */
	smp_store_release(place, histogram);
	return histogram;
}

static u64 *make_part(struct darter_histogram *histogram, u32 part)
{
	u64 *counts;

	counts = kcalloc(DARTER_HISTOGRAM_PART, sizeof(*counts), GFP_NOWAIT | __GFP_NOWARN);
	/* Pairs with the acquire in add_part(). */
	smp_store_release(&histogram->parts[part], counts);
	return counts;
}

static void empty(struct darter_histogram *histogram, u32 epoch)
{
	u32 part, i;

	for (part = 0; part < DARTER_HISTOGRAM_PARTS; part++)
		for (i = 0; histogram->parts[part] && i < DARTER_HISTOGRAM_PART; i++)
			WRITE_ONCE(histogram->parts[part][i], 0);
	/* Pairs with the acquire in darter_histogram_add_up(). */
	smp_store_release(&histogram->epoch, epoch);
}

void darter_histogram_count_any(struct darter_histogram **place, u32 epoch, u64 micros)
{
	u32 bucket = bucket_of(micros), part = bucket / DARTER_HISTOGRAM_PART;
	struct darter_histogram *histogram = *place;
	u64 *counts;

	if (unlikely(!histogram)) {
		histogram = make(place, epoch);
		if (!histogram)
			return;
	}
	if (unlikely(histogram->epoch != epoch))
		empty(histogram, epoch);
	counts = histogram->parts[part];
	if (unlikely(!counts)) {
		counts = make_part(histogram, part);
		if (!counts)
			return;
	}
	darter_count(&counts[bucket % DARTER_HISTOGRAM_PART], 1);
}

void darter_histogram_free(struct darter_histogram *histogram)
{
	u32 part;

	if (!histogram)
		return;
	for (part = 0; part < DARTER_HISTOGRAM_PARTS; part++)
		kfree(histogram->parts[part]);
	kfree(histogram);
}

static void add_part(struct darter_histogram_sum *sum, struct darter_histogram *histogram,
		     u32 part)
{
	/* Pairs with the release in make_part(). */
	u64 *counts = smp_load_acquire(&histogram->parts[part]);
	u32 i;

	for (i = 0; counts && i < DARTER_HISTOGRAM_PART; i++) {
		u64 count = READ_ONCE(counts[i]);

		sum->counts[part * DARTER_HISTOGRAM_PART + i] += count;
		sum->total += count;
	}
}

void darter_histogram_add_up(struct darter_histogram_sum *sum, struct darter_histogram **place,
			     u32 epoch)
{
	/* Pairs with the release in make(). */
	struct darter_histogram *histogram = smp_load_acquire(place);
	u32 part;

	/* Pairs with the release in empty(). */
	if (!histogram || smp_load_acquire(&histogram->epoch) != epoch)
		return;
	for (part = 0; part < DARTER_HISTOGRAM_PARTS; part++)
		add_part(sum, histogram, part);
}

/* So many millionths of a percent of a number, rounded; the product may not fit. */
static u64 share_of(u64 total, u32 percentile)
{
	u64 rest, wholes = div64_u64_rem(total, WHOLE, &rest);

	return wholes * percentile + div_u64(rest * percentile * 2 + WHOLE, 2 * WHOLE);
}

/**
 * darter_histogram_percentile() - how long a part of the commands took at most
 * @sum: of at least one duration
 * @percentile: in millionths of a percent
 *
 * Return: ns.
 */
u64 darter_histogram_percentile(const struct darter_histogram_sum *sum, u32 percentile)
{
	u64 wanted = max_t(u64, share_of(sum->total, percentile), 1), seen = 0;
	u32 bucket;

	for (bucket = 0; bucket < DARTER_HISTOGRAM_BUCKETS - 1; bucket++) {
		seen += sum->counts[bucket];
		if (seen >= wanted)
			break;
	}
	return percentile ? darter_histogram_bucket_end(bucket) : bucket_begin(bucket);
}

u64 darter_histogram_up_to(const struct darter_histogram_sum *sum, u64 nanos)
{
	u64 seen = 0;
	u32 bucket;

	for (bucket = 0; bucket < DARTER_HISTOGRAM_BUCKETS; bucket++) {
		if (darter_histogram_bucket_end(bucket) > nanos)
			break;
		seen += sum->counts[bucket];
	}
	return seen;
}
