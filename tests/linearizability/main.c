// SPDX-License-Identifier: GPL-2.0
/*
 * linearizability [OPTION]... PORT: rounds of clients that work on few keys of the
 * server on 127.0.0.1, whose data is lost, each checked when it has ended. Every other
 * round has transactions; in the others each key is checked for itself.
 *
 *	--operations N	in all, 200000 by default
 *	--clients N	at once, 8 by default
 *	--round N	operations of a client in a round
 *	--seed N
 *	--keep FILE	where a history that is not linearizable goes
 *
 * linearizability --check FILE...: histories from files. Those whose name begins with
 * bad- must not be linearizable, all others must.
 *
 * The last line is "N passed, M failed": rounds, or files.
 */
#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "lin.h"

struct options {
	unsigned long long operations, seed;
	unsigned int clients, round;
	const char *keep;
	bool check;
};

static bool check_each_key(const struct history *history, const struct operation **culprit)
{
	int key;

	for (key = 0; key < KEYS; key++)
		if (!history_check(history, key, culprit))
			return false;
	return true;
}

static void keep(const struct history *history, const char *path)
{
	FILE *file = path ? fopen(path, "w") : NULL;

	if (!file)
		return;
	history_write(history, file);
	fclose(file);
	printf("  the history is in %s\n", path);
}

/* What has been checked. */
struct total {
	unsigned long long operations, overlaps;
};

static bool run_round(const struct options *options, int port, unsigned int round,
		      struct total *total)
{
	bool transactions = round % 2, fine;
	const struct operation *culprit;
	struct history history = { };

	history_record(&history, port, options->clients, options->round, transactions,
		       options->seed + round);
	total->operations += history.count;
	total->overlaps += history_overlaps(&history);
	fine = transactions ? history_check(&history, -1, &culprit) :
			      check_each_key(&history, &culprit);
	if (!fine) {
		printf("  FAIL    nothing explains, in round %u: ", round);
		operation_write(culprit, stdout);
		keep(&history, options->keep);
	}
	history_free(&history);
	return fine;
}

static bool check_file(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	bool expected = strncmp(name, "bad-", 4), fine;
	const struct operation *culprit;
	struct history history = { };

	history_read(&history, path);
	fine = history_check(&history, -1, &culprit);
	if (fine != expected)
		printf("  FAIL    %s is %slinearizable\n", name, fine ? "" : "not ");
	history_free(&history);
	return fine == expected;
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "operations", required_argument, NULL, 'o' },
		{ "clients", required_argument, NULL, 'c' },
		{ "round", required_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 's' },
		{ "keep", required_argument, NULL, 'k' },
		{ "check", no_argument, NULL, 'C' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 'o':
			options->operations = strtoull(optarg, NULL, 10);
			break;
		case 'c':
			options->clients = atoi(optarg);
			break;
		case 'r':
			options->round = atoi(optarg);
			break;
		case 's':
			options->seed = strtoull(optarg, NULL, 10);
			break;
		case 'k':
			options->keep = optarg;
			break;
		case 'C':
			options->check = true;
			break;
		default:
			exit(2);
		}
	}
	if (!options->clients || options->clients > CLIENTS || !options->round || optind == argc)
		errx(2, "a port or files are needed, and from 1 to %d clients", CLIENTS);
}

int main(int argc, char **argv)
{
	struct options options = { .operations = 200000, .clients = 8, .round = 2000, .seed = 1 };
	unsigned int passed = 0, failed = 0, round;
	struct total total = { };

	parse_options(&options, argc, argv);
	if (options.check) {
		for (; optind < argc; optind++)
			*(check_file(argv[optind]) ? &passed : &failed) += 1;
	} else {
		for (round = 0; total.operations < options.operations && failed < 3; round++)
			*(run_round(&options, atoi(argv[optind]), round, &total) ?
			  &passed : &failed) += 1;
		printf("%llu operations, of which %llu began while another was under way\n",
		       total.operations, total.overlaps);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
