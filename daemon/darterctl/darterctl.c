// SPDX-License-Identifier: GPL-2.0
/* darterctl: finds the subcommand, connects and calls it. One thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/version.h"
#include "darterctl.h"

static const struct darter_subcommand subcommands[] = {
	{ "status", darter_ctl_status, "show what is running", "" },
	{ "config", darter_ctl_config, "show or change parameters",
	  "get [PATTERN]\n       darterctl config set NAME VALUE [NAME VALUE]..." },
	{ "shards", darter_ctl_shards, "show keys, memory and work of each shard", "" },
	{ "clients", darter_ctl_clients, "show the connections, or close one", "[kill ID]" },
	{ "topology", darter_ctl_topology, "show or change what is announced as a cluster",
	  "[set [--ip ADDRESS] [--hostname NAME] [--port PORT] [--bus-port PORT]]" },
	{ "events", darter_ctl_events, "follow what happens", "" },
	{ "stats", darter_ctl_stats, "show counters of each worker",
	  "[--watch[=SECONDS]]" },
	{ "latency", darter_ctl_latency, "show how long commands take, by command and by shard",
	  "" },
	{ "tune", darter_ctl_tune, "show or turn the knobs of experiments",
	  "[NAME [VALUE]]" },
	{ "check", darter_ctl_check, "look for what is wrong with the keyspace", "[--whole]" },
	{ "start", darter_ctl_start, "start an instance",
	  "[--port PORT] [--bind 'ADDRESS...'] [--shards N] [--workers N]\n"
	  "                       [--databases N] [--cluster[=single|per-cpu]]\n"
	  "                       [--worker-port PORT]" },
	{ "stop", darter_ctl_stop, "stop the instance: all data is lost", "" },
	{}
};

static void help(void)
{
	puts("Usage: darterctl [--socket PATH] COMMAND [ARGUMENT]...\n"
	     "Show and change the Darter instance of this network namespace.\n");
	for (const struct darter_subcommand *one = subcommands; one->name; one++)
		printf("  %-10s%s\n", one->name, one->summary);
	puts("\n"
	     "Each command takes --json to print JSON, and --help.\n"
	     "  --socket PATH   speak to the host build that listens on PATH instead of the\n"
	     "                  module (default: $" DARTER_SOCKET_VARIABLE ")\n"
	     "Exit status: 0 success, 1 refused or failed, 2 wrong usage, 3 no module or no\n"
	     "instance.");
}

static void print_usage(FILE *out, const struct darter_subcommand *subcommand)
{
	fprintf(out, "Usage: darterctl %s %s%s[--json]\n%s\n", subcommand->name,
		subcommand->usage, *subcommand->usage ? " " : "", subcommand->summary);
}

int darter_ctl_usage(const struct darter_call *call)
{
	print_usage(stderr, call->subcommand);
	return DARTER_EXIT_USAGE;
}

int darter_ctl_failed(const struct darter_call *call, int err)
{
	fprintf(stderr, "darterctl: %s\n", darter_control_why(call->control));
	return err == -ENODEV || err == -ENOTCONN ? DARTER_EXIT_ABSENT : DARTER_EXIT_FAILED;
}

int darter_ctl_done(const struct darter_call *call)
{
	if (call->json)
		puts("{}");
	return DARTER_EXIT_OK;
}

static const struct darter_subcommand *find(const char *name)
{
	for (const struct darter_subcommand *one = subcommands; one->name; one++) {
		if (!strcmp(one->name, name))
			return one;
	}
	return NULL;
}

/* Remove an option that stands anywhere behind the subcommand. */
static bool take_flag(struct darter_call *call, const char *name)
{
	for (int i = 1; i < call->argc; i++) {
		if (strcmp(call->argv[i], name))
			continue;
		memmove(&call->argv[i], &call->argv[i + 1],
			(call->argc - i) * sizeof(*call->argv));
		call->argc--;
		return true;
	}
	return false;
}

static int run(struct darter_call *call, const char *socket)
{
	int err, status;

	call->json = take_flag(call, "--json");
	if (take_flag(call, "--help") || take_flag(call, "-h")) {
		print_usage(stdout, call->subcommand);
		return DARTER_EXIT_OK;
	}
	err = darter_control_open(&call->control, socket);
	/* Later, -ENOENT is a parameter or a client that does not exist. */
	if (err == -ENOENT)
		err = -ENODEV;
	status = err ? darter_ctl_failed(call, err) : call->subcommand->run(call);
	darter_control_close(call->control);
	return status;
}

/* Options before the subcommand: the status, or -1 to go on at argv[*at]. */
static int read_options(int argc, char **argv, int *at, const char **socket)
{
	for (; *at < argc && argv[*at][0] == '-'; ++*at) {
		if (!strcmp(argv[*at], "--help") || !strcmp(argv[*at], "-h")) {
			help();
			return DARTER_EXIT_OK;
		}
		if (!strcmp(argv[*at], "--version") || !strcmp(argv[*at], "-V")) {
			puts("darterctl " DARTER_TOOLS_VERSION);
			return DARTER_EXIT_OK;
		}
		if (strcmp(argv[*at], "--socket") || *at + 1 >= argc)
			break;
		*socket = argv[++*at];
	}
	return -1;
}

int main(int argc, char **argv)
{
	const char *socket = getenv(DARTER_SOCKET_VARIABLE);
	struct darter_call call = {};
	int at = 1, status;

	status = read_options(argc, argv, &at, &socket);
	if (status >= 0)
		return status;
	call.subcommand = at < argc ? find(argv[at]) : NULL;
	if (!call.subcommand) {
		fputs("Try 'darterctl --help'.\n", stderr);
		return DARTER_EXIT_USAGE;
	}
	call.argc = argc - at;
	call.argv = argv + at;
	return run(&call, socket && *socket ? socket : NULL);
}
