/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The latency monitor: for each kind of event that can hold up clients, when it
 * last took at least latency-monitor-threshold, and how long.
 */
#ifndef DARTER_CORE_LATENCY_H
#define DARTER_CORE_LATENCY_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct darter_instance;
struct darter_text;

/* As many as Redis remembers; one for each second in which something happened. */
#define DARTER_LATENCY_SAMPLES 160

enum darter_latency_event {
	DARTER_LATENCY_COMMAND,
	DARTER_LATENCY_FAST_COMMAND,	/* flagged as fast */
	DARTER_LATENCY_EXPIRE_CYCLE,	/* deleting keys that have expired */
	DARTER_LATENCY_EVENTS,
};

struct darter_latency_sample {
	u64 time;			/* seconds since the epoch, 0: none */
	u32 latency;			/* ms */
};

struct darter_latency_series {
	struct darter_latency_sample samples[DARTER_LATENCY_SAMPLES];
	u32 next;			/* where the next one goes: the oldest is there */
	u32 max;			/* ms, of all that there ever were */
};

struct darter_latency {
	spinlock_t lock;		/* leaf; protects the rest */
	struct darter_latency_series series[DARTER_LATENCY_EVENTS];
};

/* Of a zeroed structure, before the instance is used. */
void darter_latency_init(struct darter_latency *latency);
/* Note an event if it took at least the threshold. Any context. */
void darter_latency_add(struct darter_instance *instance, enum darter_latency_event event,
			u64 ms, u64 wall_us);
/* Draw the samples of an event; @now in seconds since the epoch. */
void darter_latency_draw(struct darter_text *text, const char *name,
			 const struct darter_latency_series *series, u64 now);

#endif /* DARTER_CORE_LATENCY_H */
