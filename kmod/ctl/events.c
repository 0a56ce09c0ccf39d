// SPDX-License-Identifier: GPL-2.0
/*
 * Events: what happens to an instance, told to the group "events" of its network
 * namespace. Nobody is waited for; who reads too slowly loses events and is told
 * so by netlink.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "family.h"

#define GROUP_EVENTS 0

static struct sk_buff *build(enum darter_event_kind kind, const char *text)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *head;

	if (!skb)
		return NULL;
	head = genlmsg_put(skb, 0, 0, &darter_family, 0, DARTER_CMD_EVENT);
	if (!head || nla_put_u32(skb, DARTER_A_EVENT, kind) ||
	    nla_put_string(skb, DARTER_A_EVENT_TEXT, text)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, head);
	return skb;
}

/**
 * darter_ctl_tell() - send an event
 * @control: of the instance that it happened to
 * @kind: what happened
 * @text: more of it, may be empty
 *
 * Does nothing when nobody listens, or while the family is not registered. For
 * want of memory the event is lost.
 *
 * Context: may sleep.
 */
void darter_ctl_tell(const struct darter_control *control, enum darter_event_kind kind,
		     const char *text)
{
	struct sk_buff *skb;

	if (!darter_family_enter())
		return;
	if (genl_has_listeners(&darter_family, control->net, GROUP_EVENTS)) {
		skb = build(kind, text);
		if (skb)
			genlmsg_multicast_netns(&darter_family, control->net, skb, 0,
						GROUP_EVENTS, GFP_KERNEL);
	}
	darter_family_leave();
}

/**
 * darter_ctl_event() - what the core tells, for struct darter_host
 * @instance: that it happened to
 * @event: what happened
 * @text: more of it, NULL: nothing
 *
 * Context: may sleep.
 */
void darter_ctl_event(struct darter_instance *instance, enum darter_event event,
		      const char *text)
{
	struct darter_control *control = instance->control;

	BUILD_BUG_ON((int)DARTER_EVENT_CONFIG != (int)DARTER_EVENT_KIND_CONFIG);
	BUILD_BUG_ON((int)DARTER_EVENT_TOPOLOGY != (int)DARTER_EVENT_KIND_TOPOLOGY);
	BUILD_BUG_ON((int)DARTER_EVENT_FLUSH != (int)DARTER_EVENT_KIND_FLUSH);
	BUILD_BUG_ON((int)DARTER_EVENT_DAEMON != (int)DARTER_EVENT_KIND_DAEMON);
	BUILD_BUG_ON((int)DARTER_EVENT_OOM != (int)DARTER_EVENT_KIND_OOM);

	/* Parameters are set while an instance is made, too. */
	if (!control)
		return;
	if (event == DARTER_EVENT_CONFIG)
		WRITE_ONCE(control->config_life, darter_ctl_next_life());
	darter_ctl_tell(control, (enum darter_event_kind)event, text ?: "");
}
