// SPDX-License-Identifier: GPL-2.0
/* darterctl events: what happens, a line each, until interrupted. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "../common/event.h"
#include "darterctl.h"
#include "output.h"

struct printer {
	bool json;
};

static int print_json(const char *when, const struct darter_event *event)
{
	json_t *line = json_pack("{s:s, s:s, s:s}", "time", when, "event", event->name, "text",
				 event->text);
	int err = line ? darter_ctl_print_json(line, DARTER_JSON_LINE) : -ENOMEM;

	json_decref(line);
	return err;
}

static int print_event(void *arg, const struct darter_message *message)
{
	const struct printer *printer = arg;
	struct darter_event event;
	char when[32];
	time_t now;
	int err;

	if (!darter_event_read(message, &event))
		return 0;
	now = time(NULL);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S%z", localtime(&now));
	if (printer->json) {
		err = print_json(when, &event);
		if (err)
			return err;
	} else {
		printf("%s %-10s %s\n", when, event.name, event.text);
	}
	fflush(stdout);
	return ferror(stdout) ? -EPIPE : 0;
}

int darter_ctl_events(struct darter_call *call)
{
	struct pollfd ready = { .fd = darter_control_fd(call->control), .events = POLLIN };
	struct printer printer = { call->json };
	int err;

	if (call->argc > 1)
		return darter_ctl_usage(call);
	err = darter_control_follow(call->control);
	while (!err) {
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			return DARTER_EXIT_FAILED;
		err = darter_control_receive(call->control, print_event, &printer);
		if (err == -ENOBUFS) {
			fputs("darterctl: events were lost\n", stderr);
			err = 0;
		}
	}
	return err == -EPIPE ? DARTER_EXIT_OK : darter_ctl_failed(call, err);
}
