/* SPDX-License-Identifier: GPL-2.0 */
/* The tool: what its subcommands share. */
#ifndef DARTER_DARTERCTL_H
#define DARTER_DARTERCTL_H

#include <jansson.h>
#include <stdbool.h>

#include "../common/control.h"

enum {
	DARTER_EXIT_OK,
	DARTER_EXIT_FAILED,		/* refused or failed */
	DARTER_EXIT_USAGE,
	DARTER_EXIT_ABSENT,		/* no module, or no instance */
};

/* One call of the tool. */
struct darter_call {
	struct darter_control *control;
	const struct darter_subcommand *subcommand;
	bool json;
	int argc;			/* of the subcommand: argv[0] is its name */
	char **argv;
};

struct darter_field;

struct darter_subcommand {
	const char *name;
	int (*run)(struct darter_call *call);	/* the exit status */
	const char *summary;		/* one line */
	const char *usage;		/* arguments, and lines about them */
};

/* The subcommands, each in a file of its name. */
int darter_ctl_check(struct darter_call *call);
int darter_ctl_clients(struct darter_call *call);
int darter_ctl_config(struct darter_call *call);
int darter_ctl_events(struct darter_call *call);
int darter_ctl_latency(struct darter_call *call);
int darter_ctl_shards(struct darter_call *call);
int darter_ctl_start(struct darter_call *call);
int darter_ctl_stats(struct darter_call *call);
int darter_ctl_status(struct darter_call *call);
int darter_ctl_stop(struct darter_call *call);
int darter_ctl_topology(struct darter_call *call);
int darter_ctl_tune(struct darter_call *call);

/* Say how the subcommand is used. Return: DARTER_EXIT_USAGE. */
int darter_ctl_usage(const struct darter_call *call);
/* Say why the last request failed. Return: DARTER_EXIT_ABSENT or DARTER_EXIT_FAILED. */
int darter_ctl_failed(const struct darter_call *call, int err);

/* Something was changed: nothing to say, except in JSON. Return: DARTER_EXIT_OK. */
int darter_ctl_done(const struct darter_call *call);

/*
 * Send a request and collect its answers, an object each, by @fields. Return: 0 and a
 * new array, or a negative errno. The other one makes a request without arguments.
 */
int darter_ctl_collect_from(struct darter_call *call, struct nl_msg *message,
			    const struct darter_field *fields, json_t **array);
int darter_ctl_collect(struct darter_call *call, int command, bool dump,
		       const struct darter_field *fields, json_t **array);
/* Print it over several lines, or say why not. Return: the exit status. */
int darter_ctl_show_json(struct darter_call *call, const json_t *value);
/* The whole of a subcommand that shows a dump as a table. Return: the exit status. */
int darter_ctl_show_table(struct darter_call *call, int command,
			  const struct darter_field *fields);
/* The same for a request with one answer, as lines. */
int darter_ctl_show_object(struct darter_call *call, int command,
			   const struct darter_field *fields);

#endif /* DARTER_DARTERCTL_H */
