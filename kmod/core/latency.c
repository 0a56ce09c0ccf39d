// SPDX-License-Identifier: GPL-2.0
/* The latency monitor, see latency.h: noting events. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "instance.h"
#include "latency.h"

void darter_latency_init(struct darter_latency *latency)
{
	spin_lock_init(&latency->lock);
}

/* Of several events in a second, the longest is kept. */
static void add_sample(struct darter_latency_series *series, u64 time, u32 latency)
{
	struct darter_latency_sample *last;

	series->max = max(series->max, latency);
	last = &series->samples[(series->next + DARTER_LATENCY_SAMPLES - 1) %
				DARTER_LATENCY_SAMPLES];
	if (last->time == time) {
		last->latency = max(last->latency, latency);
		return;
	}
	series->samples[series->next] = (struct darter_latency_sample){ time, latency };
	series->next = (series->next + 1) % DARTER_LATENCY_SAMPLES;
}

/**
 * darter_latency_add() - note how long something took
 * @instance: whose
 * @event: what it was
 * @ms: how long
 * @wall_us: now, us since the epoch
 *
 * Context: any that may take a spinlock.
 */
void darter_latency_add(struct darter_instance *instance, enum darter_latency_event event,
			u64 ms, u64 wall_us)
{
	u64 threshold = READ_ONCE(instance->config.latency_threshold);
	struct darter_latency *latency = &instance->latency;

	if (!threshold || ms < threshold)
		return;
	spin_lock(&latency->lock);
	add_sample(&latency->series[event], div_u64(wall_us, 1000000), min_t(u64, ms, U32_MAX));
	spin_unlock(&latency->lock);
}
