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

/* Coverage: the commands that Darter lists, sorted, "container subcommand" included. */

struct known {
	char name[48];
	uint64_t sent, refused;
};

static struct known *known;
static unsigned int names;

static int compare_known(const void *one, const void *other)
{
	return strcmp(((const struct known *)one)->name, ((const struct known *)other)->name);
}

static void count_name(const char *name, bool failed)
{
	struct known key, *found;

	snprintf(key.name, sizeof(key.name), "%s", name);
	found = bsearch(&key, known, names, sizeof(key), compare_known);
	if (found) {
		found->sent++;
		found->refused += failed;
	}
}

void coverage_count(struct span command, bool failed)
{
	struct span args[2];
	unsigned int n = resp_args(command, args, 2);
	char name[48];
	size_t i;

	if (!names || !n || args[0].len + (n > 1 ? args[1].len : 0) + 2 > sizeof(name))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)args[0].len, args[0].at);
	for (i = 0; name[i]; i++)
		name[i] |= name[i] >= 'A' && name[i] <= 'Z' ? 32 : 0;
	count_name(name, failed);
	if (n < 2)
		return;
	snprintf(name + i, sizeof(name) - i, " %.*s", (int)args[1].len, args[1].at);
	for (; name[i]; i++)
		name[i] |= name[i] >= 'A' && name[i] <= 'Z' ? 32 : 0;
	if (strcmp(name, "debug object"))
		count_name(name, failed);
}

static void learn_names(struct servers *servers)
{
	static const char list[] = "*2\r\n$7\r\nCOMMAND\r\n$4\r\nLIST\r\n";
	struct bytes out = { }, *in = &servers->links[0][DARTER].in;
	struct span reply, name;
	long i, count;

	servers_connect(servers, 0);
	bytes_add(&out, list, sizeof(list) - 1);
	if (!servers_ask(servers, 0, &out, 1, false))
		errx(2, "no list of commands");
	free(out.at);
	reply = (struct span) { in->at, in->len };
	count = reply_count(reply);
	known = calloc(count, sizeof(*known));
	name = reply_first(reply);
	for (i = 0; i < count; i++) {
		const char *text = memchr(name.at, '\n', name.len) + 1;
		int len = name.at + name.len - 2 - text;
		char *bar;

		snprintf(known[i].name, sizeof(known[i].name), "%.*s", len, text);
		bar = strchr(known[i].name, '|');
		if (bar)
			*bar = ' ';
		name = reply_after(reply, name);
	}
	qsort(known, count, sizeof(*known), compare_known);
	names = count;
}

/* Returns how many names were never sent that should have been. */
static unsigned int check_coverage(const struct rules *rules, bool tell)
{
	unsigned int i, missed = 0;

	for (i = 0; i < names; i++) {
		if (tell)
			printf("  %-28s %10llu sent %10llu refused\n", known[i].name,
			       (unsigned long long)known[i].sent,
			       (unsigned long long)known[i].refused);
		if (!known[i].sent && !rules_unsent(rules, known[i].name)) {
			printf("  FAIL    %s was never sent\n", known[i].name);
			missed++;
		}
	}
	return missed;
}

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
	learn_names(&servers);
	failed = run(&servers, rules, grammar, &options, &counts);
	if (options.counts || (!failed && counts.commands >= COVERED_BY))
		failed += check_coverage(rules, options.counts);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%llu commands and %llu keys in %ld s\n", (unsigned long long)counts.commands,
	       (unsigned long long)counts.keys, (long)(end.tv_sec - begin.tv_sec));
	printf("%llu passed, %u failed\n", (unsigned long long)counts.commands, failed);
	servers_close(&servers);
	grammar_free(grammar);
	rules_free(rules);
	free(known);
	return failed != 0;
}
