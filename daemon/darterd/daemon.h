/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon: what it knows and what it waits for. Everything runs in the event
 * loop's thread.
 */
#ifndef DARTER_DARTERD_DAEMON_H
#define DARTER_DARTERD_DAEMON_H

#include <stdbool.h>

#include "../common/control.h"
#include "loop.h"
#include "options.h"
#include "settings.h"

enum darter_daemon_state {
	DARTER_NO_SERVER,		/* no module, or no host build */
	DARTER_NO_INSTANCE,		/* stopped by somebody: theirs to start */
	DARTER_REFUSED,			/* something about it is wrong, see the log */
	DARTER_SERVING,			/* registered, and the configuration is in force */
};

/* A command that a client waits for. */
struct darter_upcall {
	struct darter_upcall *next;
	unsigned long long id;
	size_t length;
	char request[];			/* RESP */
};

struct darter_daemon {
	const struct darter_options *options;
	struct darter_settings settings;	/* what the instance is given */
	struct darter_loop loop;
	enum darter_daemon_state state;
	bool may_start;			/* start an instance where there is none */
	bool started;			/* the instance is one that we made just now */
	bool tried;			/* the first attempt is over */
	unsigned int retry_ms;		/* until the next attempt or check */
	int status;			/* exit status */

	/* Requests go over one connection; upcalls and events come on the other. */
	struct darter_control *control, *bus;
	char run_id[64];		/* of the instance that we serve */
	bool in_force;			/* it was given the settings */
	struct darter_upcall *upcalls, **upcalls_end;	/* received, not answered */

	struct darter_io bus_io, signal_io, timer_io;
	int signals;			/* signalfd */
};

/*
 * Read the configuration again and take it if it is right. @quiet: without the
 * warnings about what is ignored. Return: 0 or a negative errno, after logging
 * why.
 */
int darter_daemon_load(struct darter_daemon *daemon, bool quiet);

/* Log where the settings say, anew after the file was moved away. */
void darter_daemon_open_log(const struct darter_daemon *daemon);

/* configure.c: bring the instance to what the settings ask for. */
/*
 * Make sure that there is an instance with the fixed parameters. Return: 0,
 * -ENODEV if there is none and none may be started, another errno after logging.
 */
int darter_configure_instance(struct darter_daemon *daemon);
/* Set its parameters. Return: 0, or a negative errno after logging. */
int darter_configure_parameters(struct darter_daemon *daemon);

/* answer.c: the commands that the daemon executes. */
/*
 * Answer all that were received; SHUTDOWN stops the loop. Return: 0, or a negative
 * errno after logging: somebody waits for an answer that did not get through.
 */
int darter_answer_upcalls(struct darter_daemon *daemon);
void darter_forget_upcalls(struct darter_daemon *daemon);

/* Serve until told to end. Return: the exit status. */
int darter_daemon_run(struct darter_daemon *daemon, int background);

#endif /* DARTER_DARTERD_DAEMON_H */
