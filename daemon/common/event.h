/* SPDX-License-Identifier: GPL-2.0 */
/* Events of an instance as names and texts. */
#ifndef DARTER_COMMON_EVENT_H
#define DARTER_COMMON_EVENT_H

#include "control.h"

struct darter_event {
	unsigned int kind;		/* enum darter_event_kind, or one of a later version */
	const char *name;		/* "unknown" for such a one */
	char text[DARTER_VALUE_MAX + 1];	/* "" without one */
};

/* Whether the message is an event; then fills @event. */
bool darter_event_read(const struct darter_message *message, struct darter_event *event);

#endif /* DARTER_COMMON_EVENT_H */
