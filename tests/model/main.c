// SPDX-License-Identifier: GPL-2.0
/*
 * model [OPTION]... REFERENCE_PORT DARTER_PORT: streams of random commands to both
 * servers on 127.0.0.1, whose data is lost, until so many commands were answered.
 * What a run does follows from its seed: stream n of seed s is the first of seed s + n.
 *
 *	--seed N	of the first stream
 *	--commands N	in all, a million by default
 *	--length N	commands of a stream
 *	--clock FILE	what clock.c shows to both servers; without it time passes as
 *			it does, and nothing expires
 *	--counts	say how often each command was sent
 *
 * A stream that fails is told with what is needed to make it fail. The last line is
 * "N passed, M failed": commands that were answered alike, streams that failed.
 */
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

#define MAX_FAILED	5
/* Fewer commands than this need not have met every name. */
#define COVERED_BY	500000
/* How often a run says how far it is, commands. */
#define PROGRESS	1000000

struct options {
	uint64_t seed, commands;
	unsigned int length;
	const char *clock;
	bool counts;
};

static void map_clock(struct servers *servers, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	servers->clock_us = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (servers->clock_us == MAP_FAILED)
		err(2, "%s", path);
	close(fd);
}

static void tell_failure(struct servers *servers, const struct rules *rules,
			 struct stream *stream, struct bytes *why)
{
	struct counts counts;
	unsigned int i;

	printf("seed %llu fails at\n%.*s", (unsigned long long)stream->seed, (int)why->len,
	       why->at);
	fflush(stdout);
	if (!play_shrink(servers, rules, stream)) {
		puts("  and does not fail again");
		return;
	}
	printf("  what is needed for that (listpacks of %s entries, of %s bytes, %s expiry):\n",
	       stream->limits[0], stream->limits[1],
	       stream->shape.active_expire ? "active" : "lazy");
	for (i = 0; i < stream->nsteps; i++) {
		struct bytes text = { };

		step_describe(stream, &stream->steps[i], &text);
		printf("    %.*s\n", (int)text.len, text.at);
		free(text.at);
	}
	why->len = 0;
	if (!play(servers, rules, stream, &counts, why))
		printf("  which fails at\n%.*s", (int)why->len, why->at);
	fflush(stdout);
}

static unsigned int run(struct servers *servers, const struct rules *rules,
			const struct grammar *grammar, const struct options *options,
			struct counts *counts)
{
	unsigned int failed = 0;
	uint64_t seed, told = 0;

	for (seed = options->seed; counts->commands < options->commands && failed < MAX_FAILED;
	     seed++) {
		struct bytes why = { };
		struct stream stream;

		stream_make(&stream, grammar, seed, options->length, options->clock);
		if (!play(servers, rules, &stream, counts, &why)) {
			failed++;
			tell_failure(servers, rules, &stream, &why);
		}
		free(why.at);
		stream_free(&stream);
		if (counts->commands / PROGRESS > told) {
			told = counts->commands / PROGRESS;
			printf("%llu commands and %llu keys up to seed %llu\n",
			       (unsigned long long)counts->commands,
			       (unsigned long long)counts->keys, (unsigned long long)seed);
			fflush(stdout);
		}
	}
	printf("seeds %llu to %llu\n", (unsigned long long)options->seed,
	       (unsigned long long)seed - 1);
	return failed;
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "commands", required_argument, NULL, 'c' },
		{ "length", required_argument, NULL, 'l' },
		{ "clock", required_argument, NULL, 'C' },
		{ "counts", no_argument, NULL, 'n' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 's':
			options->seed = strtoull(optarg, NULL, 10);
			break;
		case 'c':
			options->commands = strtoull(optarg, NULL, 10);
			break;
		case 'l':
			options->length = atoi(optarg);
			break;
		case 'C':
			options->clock = optarg;
			break;
		case 'n':
			options->counts = true;
			break;
		default:
			exit(2);
		}
	}
	if (argc - optind != SERVERS)
		errx(2, "two ports are needed");
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1, .commands = 1000000, .length = 10000 };
	struct servers servers = { };
	struct counts counts = { };
	struct grammar *grammar;
	struct rules *rules;
	unsigned int failed;
	struct timespec begin, end;

	parse_options(&options, argc, argv);
	servers.ports[REFERENCE] = atoi(argv[optind]);
	servers.ports[DARTER] = atoi(argv[optind + 1]);
	grammar = grammar_load("grammar");
	rules = rules_load("differences", options.clock);
	if (options.clock)
		map_clock(&servers, options.clock);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	coverage_learn(&servers);
	failed = run(&servers, rules, grammar, &options, &counts);
	if (options.counts || (!failed && counts.commands >= COVERED_BY))
		failed += coverage_check(rules, options.counts);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%llu commands and %llu keys in %ld s\n", (unsigned long long)counts.commands,
	       (unsigned long long)counts.keys, (long)(end.tv_sec - begin.tv_sec));
	printf("%llu passed, %u failed\n", (unsigned long long)counts.commands, failed);
	servers_close(&servers);
	grammar_free(grammar);
	rules_free(rules);
	coverage_free();
	return failed != 0;
}
