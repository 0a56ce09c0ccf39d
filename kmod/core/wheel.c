// SPDX-License-Identifier: GPL-2.0
/*
 * Hierarchical timing wheels, see wheel.h.
 *
 * A tick is 64 ms. Level 0 has a slot for each of the next 64 ticks, level 1 for
 * each of the next 64 spans of 64 ticks, and so on; six levels reach 139 years.
 * A node waits in the slot of its deadline on the lowest level that reaches it.
 * When a level comes round, the next slot of the level above is dealt out below.
 * So a node is touched once for each level, and all that expires in a tick is in
 * one list.
 *
 * Deadlines beyond that wait in the last slot of the highest level.
 *
 * Adding cannot fail: without memory for the slots nodes go to one list that is
 * looked through at every tick, until there are slots to deal them out to.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "wheel.h"

#define SLOT_MASK (DARTER_WHEEL_SLOTS - 1)
/* Ticks that one call passes at most, after a long pause. */
#define TICKS_MAX 4096

/**
 * darter_wheel_init() - make an empty wheel
 * @wheel: memory to fill
 * @now: ms since the epoch
 */
void darter_wheel_init(struct darter_wheel *wheel, u64 now)
{
	wheel->levels = NULL;
	INIT_HLIST_HEAD(&wheel->unsorted);
	wheel->tick = now >> DARTER_WHEEL_TICK_SHIFT;
	wheel->count = 0;
	wheel->changes = 0;
}

/**
 * darter_wheel_destroy() - free the slots; nodes are forgotten
 * @wheel: the wheel; to be initialised before it is used again
 */
void darter_wheel_destroy(struct darter_wheel *wheel)
{
	kvfree(wheel->levels);
	wheel->levels = NULL;
}

/* Where a deadline waits as seen from the wheel's tick. */
static struct hlist_head *slot_of(struct darter_wheel *wheel, u64 deadline)
{
	u64 tick = max(deadline >> DARTER_WHEEL_TICK_SHIFT, wheel->tick);
	u32 level, shift;

	if (!wheel->levels)
		return &wheel->unsorted;
	for (level = 0; level < DARTER_WHEEL_LEVELS - 1; level++) {
		shift = level * DARTER_WHEEL_LEVEL_SHIFT;
		if ((tick >> shift) - (wheel->tick >> shift) < DARTER_WHEEL_SLOTS)
			return &wheel->levels->slots[level][tick >> shift & SLOT_MASK];
	}
	shift = level * DARTER_WHEEL_LEVEL_SHIFT;
	tick = min(tick >> shift, (wheel->tick >> shift) + SLOT_MASK);
	return &wheel->levels->slots[level][tick & SLOT_MASK];
}

/* Put the nodes of a list where they belong by now. */
static void deal_out(struct darter_wheel *wheel, struct hlist_head *slot)
{
	struct hlist_head nodes = *slot;
	struct darter_wheel_node *node;
	struct hlist_node *next;

	INIT_HLIST_HEAD(slot);
	hlist_for_each_entry_safe(node, next, &nodes, link)
		hlist_add_head(&node->link, slot_of(wheel, node->deadline));
}

static void make_levels(struct darter_wheel *wheel)
{
	wheel->levels = kvzalloc(sizeof(*wheel->levels), GFP_KERNEL | __GFP_NOWARN);
	if (wheel->levels)
		deal_out(wheel, &wheel->unsorted);
}

/**
 * darter_wheel_add() - let a node wait for its deadline
 * @wheel: the wheel
 * @node: not in any wheel
 * @deadline: ms since the epoch; one that has passed expires next
 *
 * Context: may sleep.
 */
void darter_wheel_add(struct darter_wheel *wheel, struct darter_wheel_node *node, u64 deadline)
{
	if (!wheel->levels)
		make_levels(wheel);
	/* Readers of entries look at it without the lock. */
	WRITE_ONCE(node->deadline, deadline);
	hlist_add_head(&node->link, slot_of(wheel, deadline));
	wheel->count++;
	wheel->changes++;
}

/**
 * darter_wheel_del() - take a node out
 * @wheel: the wheel
 * @node: a node in it
 */
void darter_wheel_del(struct darter_wheel *wheel, struct darter_wheel_node *node)
{
	hlist_del(&node->link);
	wheel->count--;
	wheel->changes++;
}

/* Level 0 has come round: take the next slots from the levels above. */
static void cascade(struct darter_wheel *wheel)
{
	u32 level;

	for (level = 1; level < DARTER_WHEEL_LEVELS; level++) {
		u64 position = wheel->tick >> (level * DARTER_WHEEL_LEVEL_SHIFT);

		if (wheel->levels)
			deal_out(wheel, &wheel->levels->slots[level][position & SLOT_MASK]);
		if (position & SLOT_MASK)
			break;
	}
}

static u32 expire_list(struct darter_wheel *wheel, struct hlist_head *list, u64 now, u32 budget,
		       void (*expire)(void *arg, struct darter_wheel_node *node), void *arg)
{
	struct darter_wheel_node *node;
	struct hlist_node *next;
	u32 done = 0;

	hlist_for_each_entry_safe(node, next, list, link) {
		if (done == budget)
			break;
		if (node->deadline > now)
			continue;
		darter_wheel_del(wheel, node);
		expire(arg, node);
		done++;
	}
	return done;
}

/**
 * darter_wheel_skip() - have an empty wheel keep up with the time
 * @wheel: the wheel
 * @now: ms since the epoch
 *
 * A wheel that stood still while it was empty would have to pass all the ticks
 * since then before its first node expires.
 */
void darter_wheel_skip(struct darter_wheel *wheel, u64 now)
{
	if (!wheel->count)
		wheel->tick = max(wheel->tick, now >> DARTER_WHEEL_TICK_SHIFT);
}

/**
 * darter_wheel_advance() - expire what is due
 * @wheel: the wheel
 * @now: ms since the epoch
 * @budget: nodes to expire at most
 * @expire: called for each, which is not in the wheel any more; must not touch
 *	other nodes
 * @arg: for @expire
 *
 * Return: how many expired; @budget means that there may be more.
 */
u32 darter_wheel_advance(struct darter_wheel *wheel, u64 now, u32 budget,
			 void (*expire)(void *arg, struct darter_wheel_node *node), void *arg)
{
	u64 end = now >> DARTER_WHEEL_TICK_SHIFT;
	u32 done = 0, ticks;

	darter_wheel_skip(wheel, now);
	for (ticks = 0; ticks < TICKS_MAX; ticks++) {
		if (wheel->levels)
			done += expire_list(wheel,
					    &wheel->levels->slots[0][wheel->tick & SLOT_MASK],
					    now, budget - done, expire, arg);
		else
			done += expire_list(wheel, &wheel->unsorted, now, budget - done, expire,
					    arg);
		if (done == budget || wheel->tick >= end)
			break;
		wheel->tick++;
		if (!(wheel->tick & SLOT_MASK))
			cascade(wheel);
	}
	return done;
}

/**
 * darter_wheel_swap() - exchange the contents of two wheels
 * @a: a wheel
 * @b: another one
 */
void darter_wheel_swap(struct darter_wheel *a, struct darter_wheel *b)
{
	struct hlist_head unsorted;

	/* The first node of a list points back at its head. */
	hlist_move_list(&a->unsorted, &unsorted);
	hlist_move_list(&b->unsorted, &a->unsorted);
	hlist_move_list(&unsorted, &b->unsorted);
	swap(a->levels, b->levels);
	swap(a->tick, b->tick);
	swap(a->count, b->count);
	/* More than either had. */
	a->changes += b->changes + 1;
	b->changes = a->changes;
}

/**
 * darter_wheel_next() - when to advance again
 * @wheel: the wheel
 *
 * Return: ms since the epoch before which nothing expires, U64_MAX if nothing
 * ever will.
 */
u64 darter_wheel_next(const struct darter_wheel *wheel)
{
	u64 tick = wheel->tick;

	if (!wheel->count)
		return U64_MAX;
	/* Up to the next cascade, which may bring nodes down. */
	while (wheel->levels && hlist_empty(&wheel->levels->slots[0][tick & SLOT_MASK]) &&
	       (tick + 1) & SLOT_MASK)
		tick++;
	return tick << DARTER_WHEEL_TICK_SHIFT;
}
