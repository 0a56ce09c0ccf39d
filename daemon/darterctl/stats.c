// SPDX-License-Identifier: GPL-2.0
/*
 * darterctl stats: the workers' counters, or with --watch their rates. A rate is
 * the difference of two readings over the time between them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/names.h"
#include "darterctl.h"
#include "output.h"

#define WATCH_MAX 3600

static const struct darter_field fields[] = {
	{ DARTER_A_WORKER_ID, "worker", "WORKER", DARTER_FIELD_NUMBER },
	{ DARTER_A_CPU, "cpu", "CPU", DARTER_FIELD_NUMBER },
	{ DARTER_A_CLIENTS, "clients", "CLIENTS", DARTER_FIELD_NUMBER },
	{ DARTER_A_CONNECTIONS, "connections", "CONNECTIONS", DARTER_FIELD_NUMBER },
	{ DARTER_A_COMMANDS, "commands", "COMMANDS", DARTER_FIELD_NUMBER },
	{ DARTER_A_ERRORS, "errors", "ERRORS", DARTER_FIELD_NUMBER },
	{ DARTER_A_RECEIVED, "received", "RECEIVED", DARTER_FIELD_BYTES },
	{ DARTER_A_SENT, "sent", "SENT", DARTER_FIELD_BYTES },
	{ DARTER_A_BATCHES, "batches", "BATCHES", DARTER_FIELD_NUMBER },
	{ DARTER_A_PARKED, "parked", "PARKED", DARTER_FIELD_NUMBER },
	{ DARTER_A_REMOTE, "remote", "REMOTE", DARTER_FIELD_NUMBER },
	{ DARTER_A_SLEEPS, "sleeps", "SLEEPS", DARTER_FIELD_NUMBER },
	{ DARTER_A_POLLED, "polled", "POLLED", DARTER_FIELD_NUMBER },
	{}
};

/* Which of the fields only ever grow. */
static const char *const counters[] = {
	"connections", "commands", "errors", "received", "sent", "batches", "parked",
	"remote", "sleeps", "polled", NULL
};

struct reading {
	struct timespec when;
	json_t *workers;		/* an array of objects */
};

static int take_reading(struct darter_call *call, struct reading *reading)
{
	int err = darter_ctl_collect(call, DARTER_CMD_WORKER_GET, true, fields,
				     &reading->workers);

	clock_gettime(CLOCK_MONOTONIC, &reading->when);
	return err;
}

static json_int_t number_of(const json_t *worker, const char *key)
{
	return json_integer_value(json_object_get(worker, key));
}

/* The later reading with its counters replaced by rates a second, NULL without memory. */
static json_t *rates(const struct reading *before, const struct reading *after)
{
	double seconds = after->when.tv_sec - before->when.tv_sec +
			 (after->when.tv_nsec - before->when.tv_nsec) / 1e9;
	json_t *result = json_deep_copy(after->workers), *worker;
	size_t index;

	json_array_foreach(result, index, worker) {
		const json_t *earlier = json_array_get(before->workers, index);

		for (int i = 0; earlier && counters[i]; i++) {
			json_int_t grown = number_of(worker, counters[i]) -
					   number_of(earlier, counters[i]);

			/* CONFIG RESETSTAT begins anew. */
			if (grown < 0)
				grown = 0;
			if (!json_object_set_new(worker, counters[i],
						 json_integer(grown / seconds + 0.5)))
				continue;
			json_decref(result);
			return NULL;
		}
	}
	return result;
}

static int show_rates(struct darter_call *call, const json_t *workers)
{
	int err = 0;

	if (call->json) {
		err = darter_ctl_print_json(workers, DARTER_JSON_LINE);
	} else {
		/* Clear a screen; a pipe gets table after table. */
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", stdout);
		puts("a second, by worker:");
		darter_ctl_print_table(fields, workers);
	}
	fflush(stdout);
	return err;
}

static int show_difference(struct darter_call *call, const struct reading *before,
			   const struct reading *after)
{
	json_t *result = rates(before, after);
	int err = result ? show_rates(call, result) : -ENOMEM;

	json_decref(result);
	return err ? darter_control_failed(call->control, err) : 0;
}

/* Until it is interrupted, or the instance or the reader goes away. */
static int watch(struct darter_call *call, unsigned int seconds)
{
	struct reading before, after;
	int err = take_reading(call, &before);

	if (err)
		return darter_ctl_failed(call, err);
	while (!err && !ferror(stdout)) {
		sleep(seconds);
		err = take_reading(call, &after);
		if (err)
			break;
		err = show_difference(call, &before, &after);
		json_decref(before.workers);
		before = after;
	}
	json_decref(before.workers);
	return err ? darter_ctl_failed(call, err) : DARTER_EXIT_OK;
}

/* "--watch", "--watch=5" or "--watch 5"; 0 for anything else. */
static unsigned long long read_watch(const struct darter_call *call)
{
	const char *option = call->argv[1], *text = "1";
	unsigned long long seconds;

	if (strncmp(option, "--watch", 7))
		return 0;
	if (option[7] == '=' && call->argc == 2)
		text = option + 8;
	else if (option[7] || call->argc > 3)
		return 0;
	else if (call->argc == 3)
		text = call->argv[2];
	return darter_parse_number(text, WATCH_MAX, &seconds) ? 0 : seconds;
}

int darter_ctl_stats(struct darter_call *call)
{
	unsigned long long seconds;

	if (call->argc < 2)
		return darter_ctl_show_table(call, DARTER_CMD_WORKER_GET, fields);
	seconds = read_watch(call);
	return seconds ? watch(call, seconds) : darter_ctl_usage(call);
}
