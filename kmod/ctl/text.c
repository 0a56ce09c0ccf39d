// SPDX-License-Identifier: GPL-2.0
/*
 * Error texts that are made up while a request runs.
 *
 * An extended acknowledgment carries a pointer, and what it points to is read
 * after the request was served, when no lock of ours is held any more. (Since 6.2
 * there is room for 80 bytes in the structure itself, which is too short for the
 * longest texts, and 6.1 has none.) So a text is kept here in a slot of the task
 * that sent the request: netlink serves and acknowledges a request in its sender's
 * context before that can send another, so a task may always reuse its own slot.
 * That of another task is reused only when it is old beyond doubt. Who finds none
 * gets a constant text.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "family.h"

#define SLOTS 32
/* No acknowledgment is that late. */
#define KEPT_SECONDS 30

struct slot {
	const struct task_struct *task;	/* only compared */
	unsigned long since;		/* jiffies */
	char text[DARTER_WHY_CHARS];
};

static DEFINE_MUTEX(slots_lock);	/* leaf; protects the choice of a slot */
static struct slot slots[SLOTS];

static bool is_free(const struct slot *slot)
{
	return !slot->task || slot->task == current ||
	       time_after(jiffies, slot->since + KEPT_SECONDS * HZ);
}

/* The caller's slot if it has one, else one that is free, else NULL. */
static struct slot *choose(void)
{
	struct slot *chosen = NULL;
	u32 i;

	for (i = 0; i < SLOTS; i++) {
		if (slots[i].task == current)
			return &slots[i];
		if (!chosen && is_free(&slots[i]))
			chosen = &slots[i];
	}
	return chosen;
}

/**
 * darter_ctl_say() - put a text into an extended acknowledgment
 * @extack: of the request that is being served
 * @text: copied; cut to DARTER_WHY_CHARS - 1 bytes
 *
 * Context: the request's sender, may sleep.
 */
void darter_ctl_say(struct netlink_ext_ack *extack, const char *text)
{
	struct slot *slot;

	mutex_lock(&slots_lock);
	slot = choose();
	if (slot) {
		slot->task = current;
		slot->since = jiffies;
		strscpy(slot->text, text, sizeof(slot->text));
	}
	mutex_unlock(&slots_lock);
	if (!slot)
		NL_SET_ERR_MSG(extack, "refused");
	else if (extack)
		extack->_msg = slot->text;
}
