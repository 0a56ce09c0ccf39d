/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What looks at commands from outside: monitors, the slow log and the latency
 * monitor.
 *
 * A command that has run compares how long it took with one number,
 * observe.threshold. It is the least that any observer asks for, so that a command
 * of no interest to anybody pays for one comparison.
 */
#ifndef DARTER_CORE_OBSERVE_H
#define DARTER_CORE_OBSERVE_H

#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct darter_instance;

struct darter_observe {
	u64 threshold;			/* us; read without a lock */
	u32 epoch;			/* of histograms that are filled; 0: none are */
	u32 shard_epoch;		/* the same of those of shards */
	u32 last_epoch;			/* never 0 */
	spinlock_t lock;		/* leaf: one change of these at a time */
};

/* Before the instance is used: nothing is watched yet. */
void darter_observe_init(struct darter_instance *instance);
/* Parameters or monitors have changed, which the above depend on. Any context. */
void darter_observe_update(struct darter_instance *instance);
/* CONFIG RESETSTAT: histograms begin anew. Any context. */
void darter_observe_reset(struct darter_instance *instance);

#endif /* DARTER_CORE_OBSERVE_H */
