// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a timing wheel is sound, see check.h and wheel.h: each node in a slot where
 * it comes up in time, and whose it is. Under the lock of the wheel's shard.
 *
 * From the side of entries every node is looked at, as far as it tells by itself. From
 * the side of the wheel, where all is known, a slot is walked under one hold, and so
 * only its first nodes if there are very many.
 */
#include <linux/kernel.h>
#include <linux/list.h>

#include "check.h"
#include "wheel.h"

#define SLOT_MASK (DARTER_WHEEL_SLOTS - 1)
#define TOP (DARTER_WHEEL_LEVELS - 1)
/* Nodes of a slot that are walked. */
#define NODES_MAX 4096

/*
 * Whether a deadline may wait in a slot. Each slot stands for the next tick, or span
 * of ticks, with its number; that of the wheel's own position for what is due, on the
 * lowest level, and for nothing above it. What is too far away is in the last but one.
 */
static bool may_wait(const struct darter_wheel *wheel, u64 deadline, u32 level, u32 slot)
{
	u64 tick = max(deadline >> DARTER_WHEEL_TICK_SHIFT, wheel->tick);
	u32 shift = level * DARTER_WHEEL_LEVEL_SHIFT;
	u64 now = wheel->tick >> shift, due = now + ((slot - now) & SLOT_MASK);

	if (level && due == now)
		return false;
	return tick >> shift == due || (level == TOP && tick >> shift > due);
}

static void check_slot(struct darter_check *check, const struct darter_wheel *wheel,
		       const struct darter_wheel_node *node, size_t number, const char *what)
{
	u32 level = number / DARTER_WHEEL_SLOTS, slot = number % DARTER_WHEEL_SLOTS;

	if (!may_wait(wheel, node->deadline, level, slot))
		darter_check_found(check, "%s %llu waits in slot %u of level %u at tick %llu", what,
				   (unsigned long long)node->deadline, slot, level,
				   (unsigned long long)wheel->tick);
}

/**
 * darter_check_node() - see whether a node is in a wheel, as far as it tells by itself
 * @check: the check
 * @wheel: the wheel
 * @node: the node
 * @what: its deadline is, for a finding
 */
void darter_check_node(struct darter_check *check, const struct darter_wheel *wheel,
		       const struct darter_wheel_node *node, const char *what)
{
	struct hlist_node **back = node->link.pprev;
	const struct hlist_head *first = wheel->levels ? wheel->levels->slots[0] : NULL;
	const struct hlist_head *head = container_of(back, struct hlist_head, first);

	if (!back || *back != &node->link ||
	    (node->link.next && node->link.next->pprev != &node->link.next)) {
		darter_check_found(check, "%s %llu is not linked in the wheel", what,
				   (unsigned long long)node->deadline);
		return;
	}
	if (first && head >= first && head < (const struct hlist_head *)(wheel->levels + 1))
		check_slot(check, wheel, node, head - first, what);
	else if (first && head == &wheel->unsorted)
		darter_check_found(check, "%s %llu waits unsorted although there are slots", what,
				   (unsigned long long)node->deadline);
}

static void check_list(struct darter_check *check, const struct darter_wheel *wheel,
		       const struct hlist_head *list, size_t number,
		       void (*look)(struct darter_check *check,
				    const struct darter_wheel_node *node))
{
	struct hlist_node *const *back = &list->first;
	const struct darter_wheel_node *node;
	u32 seen = 0;

	for (; *back && seen < NODES_MAX; back = &(*back)->next, seen++) {
		if ((*back)->pprev != back) {
			darter_check_found(check, "nodes of slot %zu are linked badly", number);
			break;
		}
		node = container_of(*back, struct darter_wheel_node, link);
		look(check, node);
		if (wheel->levels)
			check_slot(check, wheel, node, number, "the deadline");
		check->entry = NULL;
	}
	check->budget -= min(check->budget, seen);
}

/**
 * darter_check_wheel() - look at some slots of a wheel
 * @check: the check; its budget is what there may be of nodes, but for the last slot
 * @wheel: the wheel
 * @look: called for each node; sees whose it is, and makes that what a finding is about
 *
 * Return: whether this was the last slot.
 */
bool darter_check_wheel(struct darter_check *check, const struct darter_wheel *wheel,
			void (*look)(struct darter_check *check,
				     const struct darter_wheel_node *node))
{
	const struct hlist_head *slots = wheel->levels ? wheel->levels->slots[0] : NULL;

	if (!slots) {
		check_list(check, wheel, &wheel->unsorted, 0, look);
		return true;
	}
	for (; check->slot < DARTER_WHEEL_LEVELS * DARTER_WHEEL_SLOTS; check->slot++) {
		if (!check->budget)
			return false;
		check_list(check, wheel, &slots[check->slot], check->slot, look);
	}
	return true;
}
