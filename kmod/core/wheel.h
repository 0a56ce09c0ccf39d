/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timing wheels: what expires when, in time order, without sampling.
 *
 * The caller serializes; in the store that is the lock of the shard.
 */
#ifndef DARTER_CORE_WHEEL_H
#define DARTER_CORE_WHEEL_H

#include <linux/list.h>
#include <linux/types.h>

#define DARTER_WHEEL_LEVELS 6
#define DARTER_WHEEL_SLOTS 64
/* A tick is 64 ms, and a slot as long as all slots of the level below. */
#define DARTER_WHEEL_TICK_SHIFT 6
#define DARTER_WHEEL_LEVEL_SHIFT 6

struct darter_wheel_node {
	struct hlist_node link;
	u64 deadline;			/* ms since the epoch */
};

struct darter_wheel_levels {
	struct hlist_head slots[DARTER_WHEEL_LEVELS][DARTER_WHEEL_SLOTS];
};

struct darter_wheel {
	struct darter_wheel_levels *levels;	/* allocated with the first node */
	struct hlist_head unsorted;	/* added while there was no memory for slots */
	u64 tick;			/* all earlier ones are done */
	u64 count;
	u64 changes;			/* nodes came or went so many times */
};

void darter_wheel_init(struct darter_wheel *wheel, u64 now);
void darter_wheel_destroy(struct darter_wheel *wheel);
void darter_wheel_add(struct darter_wheel *wheel, struct darter_wheel_node *node, u64 deadline);
void darter_wheel_del(struct darter_wheel *wheel, struct darter_wheel_node *node);
u32 darter_wheel_advance(struct darter_wheel *wheel, u64 now, u32 budget,
			 void (*expire)(void *arg, struct darter_wheel_node *node), void *arg);
void darter_wheel_skip(struct darter_wheel *wheel, u64 now);
void darter_wheel_swap(struct darter_wheel *a, struct darter_wheel *b);
u64 darter_wheel_next(const struct darter_wheel *wheel);

#endif /* DARTER_CORE_WHEEL_H */
