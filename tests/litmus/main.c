// SPDX-License-Identifier: GPL-2.0
/*
 * litmus [OPTION]... [PORT]: rounds, each of one law with a writer, several readers and
 * every other time somebody who makes noise in the same tables. Without a port this is
 * done to a core in this process, else to the server on 127.0.0.1, whose data is lost.
 *
 *	--seconds N	in all, 20 by default
 *	--round N	ms of a round, 150 by default
 *	--readers N	3 by default
 *	--law NAME	this one only
 *	--dispatch HOW	where a server reads: worker, which it does afterwards, or inline
 *
 * The last line is "N passed, M failed": one for each law, and for what is left over.
 */
#include <err.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "litmus.h"

#define READERS_MAX 14
/* Keys of a command that makes noise, and how many there are at most. */
#define NOISE_KEYS 30
#define NOISE_BURSTS 200
/* What part of the time the bound is looked at. */
#define BOUND_SHARE 10

struct options {
	unsigned int seconds, round, readers;
	const char *law, *dispatch;
};

static struct client *clients[2 + READERS_MAX];
#define writer_client clients[0]
#define noise_client clients[1]
#define reader_clients (&clients[2])

struct worker {
	struct round *round;
	struct client *client;
};

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static bool goes_on(struct round *round)
{
	return !atomic_load(&round->over) && !atomic_load(&round->failed);
}

static void *write_states(void *arg)
{
	struct worker *worker = arg;
	struct round *round = worker->round;
	struct client *client = worker->client;
	uint64_t state;

	client->transport->enter();
	for (state = 1; goes_on(round); state++) {
		client_select(client, round->places[0].db);
		atomic_store(&round->begun, state + round->law->ahead);
		round->law->step(client, round, state);
		client_settle(client);
		atomic_store(&round->done, state);
	}
	client->transport->leave();
	return NULL;
}

static void *read_states(void *arg)
{
	struct worker *worker = arg;

	worker->client->transport->enter();
	while (goes_on(worker->round) && ask_some(worker->client, worker->round))
		;
	worker->client->transport->leave();
	return NULL;
}

static void noise_burst(struct client *client, bool set, unsigned int burst)
{
	unsigned int i;

	for (i = 0; i < NOISE_KEYS; i++) {
		char key[32];

		sprintf(key, "noise:%u:%u", burst, i);
		if (set)
			client_say(client, "SET %s %v", key, (uint64_t)client_draw(client, 1000));
		else
			client_say(client, "DEL %s", key);
	}
	client_settle(client);
}

/* Tables grow until their directories double, and shrink until they halve. */
static void *make_noise(void *arg)
{
	struct worker *worker = arg;
	struct client *client = worker->client;
	unsigned int burst, bursts;
	int set;

	client->transport->enter();
	while (goes_on(worker->round)) {
		client_select(client, worker->round->places[client_draw(client, PLACES)].db);
		bursts = 1 + client_draw(client, NOISE_BURSTS);
		for (set = 1; set >= 0; set--)
			for (burst = 0; burst < bursts && goes_on(worker->round); burst++)
				noise_burst(client, set, burst);
	}
	client->transport->leave();
	return NULL;
}

static void run_round(struct round *round, const struct options *options, bool noise)
{
	struct worker workers[2 + READERS_MAX];
	pthread_t threads[2 + READERS_MAX];
	unsigned int i, count = 2 + options->readers;
	struct timespec pause = {
		.tv_sec = options->round / 1000, .tv_nsec = options->round % 1000 * 1000000,
	};

	for (i = 0; i < count; i++) {
		void *(*what)(void *) = i > 1 ? read_states : i ? make_noise : write_states;

		workers[i] = (struct worker) { round, clients[i] };
		if ((i != 1 || noise) && pthread_create(&threads[i], NULL, what, &workers[i]))
			errx(2, "no thread");
	}
	nanosleep(&pause, NULL);
	atomic_store(&round->over, true);
	for (i = 0; i < count; i++)
		if (i != 1 || noise)
			pthread_join(threads[i], NULL);
}

/* Where nothing is yet. */
static void make_places(struct round *round, unsigned int number)
{
	bool one_key = round->law->dbs[0] != round->law->dbs[1];
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		round->places[i].db = round->law->dbs[i];
		sprintf(round->places[i].key, "place:%u:%u", number, one_key ? 0 : i);
	}
	round->deadlines = now_ms() + 3600 * 1000;
}

struct tally {
	unsigned long long states, answers;
	bool failed;
};

static void judge_law(const struct law *law, const struct options *options, unsigned int number,
		      struct tally *tally)
{
	struct round round = { .law = law };

	make_places(&round, number);
	run_round(&round, options, number / law_count % 2);
	tally->states += atomic_load(&round.done);
	tally->answers += atomic_load(&round.answers);
	tally->failed |= atomic_load(&round.failed);
}

/* Nothing is there, and reads are done where they shall be. */
static void reset(struct client *client, const char *dispatch)
{
	client->transport->enter();
	if (dispatch)
		client_say(client, "CONFIG SET darter-dispatch %s", dispatch);
	client_say(client, "FLUSHALL");
	client_settle(client);
	client->transport->leave();
}

/* Return: how many of the laws failed. */
static unsigned int judge_laws(const struct options *options, unsigned int *passed)
{
	uint64_t end = now_ms() + options->seconds * 1000ULL;
	unsigned int number, failed = 0, i;
	struct tally tallies[law_count];

	memset(tallies, 0, sizeof(tallies));
	for (number = 0; number < law_count || now_ms() < end; number++) {
		i = number % law_count;
		if (tallies[i].failed || (options->law && strcmp(options->law, laws[i].name)))
			continue;
		judge_law(&laws[i], options, number, &tallies[i]);
		if (i == law_count - 1)
			reset(writer_client, NULL);
	}
	for (i = 0; i < law_count; i++) {
		printf("%-10s %9llu states, %9llu answers\n", laws[i].name, tallies[i].states,
		       tallies[i].answers);
		*(tallies[i].failed ? &failed : passed) += 1;
	}
	return failed;
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "round", required_argument, NULL, 'r' },
		{ "readers", required_argument, NULL, 'R' },
		{ "law", required_argument, NULL, 'l' },
		{ "dispatch", required_argument, NULL, 'd' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 's':
			options->seconds = atoi(optarg);
			break;
		case 'r':
			options->round = atoi(optarg);
			break;
		case 'R':
			options->readers = atoi(optarg);
			break;
		case 'l':
			options->law = optarg;
			break;
		case 'd':
			options->dispatch = optarg;
			break;
		default:
			exit(2);
		}
	}
	if (!options->readers || options->readers > READERS_MAX)
		errx(2, "from 1 to %d readers", READERS_MAX);
	if (optind < argc)
		socket_port = atoi(argv[optind]);
}

int main(int argc, char **argv)
{
	struct options options = { .seconds = 20, .round = 150, .readers = 3 };
	const struct transport *transport;
	unsigned int passed = 0, failed, i;

	parse_options(&options, argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	transport = socket_port ? &socket_transport : &core_transport;
	core_clients = 2 + options.readers;
	for (i = 0; i < core_clients; i++)
		clients[i] = client_open(transport, i);
	reset(writer_client, options.dispatch);
	failed = judge_laws(&options, &passed);
	*(bound_holds(writer_client, reader_clients[0], options.seconds * 1000 / BOUND_SHARE) ?
	  &passed : &failed) += 1;
	reset(writer_client, options.dispatch ? "worker" : NULL);
	for (i = 0; i < core_clients; i++)
		client_close(clients[i]);
	*(transport->finish() ? &failed : &passed) += 1;
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
