// SPDX-License-Identifier: GPL-2.0
/* Reading events. Values only, so there is nothing to lock. */
#include "event.h"

static const char *const names[] = {
	[DARTER_EVENT_KIND_CONFIG] = "config",
	[DARTER_EVENT_KIND_TOPOLOGY] = "topology",
	[DARTER_EVENT_KIND_FLUSH] = "flush",
	[DARTER_EVENT_KIND_DAEMON] = "daemon",
	[DARTER_EVENT_KIND_OOM] = "oom",
	[DARTER_EVENT_KIND_INSTANCE] = "instance",
};

bool darter_event_read(const struct darter_message *message, struct darter_event *event)
{
	if (message->command != DARTER_CMD_EVENT || !message->attrs[DARTER_A_EVENT])
		return false;
	event->kind = darter_attr_number(message->attrs[DARTER_A_EVENT]);
	event->name = event->kind < sizeof(names) / sizeof(names[0]) ? names[event->kind] :
								       "unknown";
	darter_attr_text(message->attrs[DARTER_A_EVENT_TEXT], event->text, sizeof(event->text));
	return true;
}
