// SPDX-License-Identifier: GPL-2.0
/* darterctl start: a new instance for the network namespace. */
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "../common/api.h"
#include "../common/names.h"
#include "darterctl.h"

static const struct option options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "bind", required_argument, NULL, 'b' },
	{ "shards", required_argument, NULL, 's' },
	{ "workers", required_argument, NULL, 'w' },
	{ "databases", required_argument, NULL, 'd' },
	{ "cluster", optional_argument, NULL, 'c' },
	{ "worker-port", required_argument, NULL, 'W' },
	{}
};

static int take_number(const char *text, unsigned int max, unsigned int *out)
{
	unsigned long long value;
	int err = darter_parse_number(text, max, &value);

	if (!err)
		*out = value;
	return err;
}

static int take_cluster(const char *text, enum darter_cluster *cluster)
{
	if (!text || !strcmp(text, "single"))
		*cluster = DARTER_CLUSTER_SINGLE;
	else if (!strcmp(text, "per-cpu"))
		*cluster = DARTER_CLUSTER_PER_CPU;
	else
		return -1;
	return 0;
}

static int take(struct darter_start *start, int option)
{
	switch (option) {
	case 'p':
		return take_number(optarg, USHRT_MAX, &start->port);
	case 'b':
		start->bind = optarg;
		return 0;
	case 's':
		return take_number(optarg, INT_MAX, &start->shards);
	case 'w':
		return take_number(optarg, INT_MAX, &start->workers);
	case 'd':
		return take_number(optarg, INT_MAX, &start->databases);
	case 'c':
		return take_cluster(optarg, &start->cluster);
	case 'W':
		return take_number(optarg, USHRT_MAX, &start->worker_port);
	default:
		return -1;
	}
}

int darter_ctl_start(struct darter_call *call)
{
	struct darter_start start = {};
	int option, err;

	for (;;) {
		option = getopt_long(call->argc, call->argv, "", options, NULL);
		if (option < 0)
			break;
		if (take(&start, option))
			return darter_ctl_usage(call);
	}
	if (optind < call->argc)
		return darter_ctl_usage(call);
	err = darter_api_start(call->control, &start);
	return err ? darter_ctl_failed(call, err) : darter_ctl_done(call);
}
