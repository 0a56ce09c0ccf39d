// SPDX-License-Identifier: GPL-2.0
/*
 * scale [--seconds S] [--keys N] [--workers LIST]: how much more the core does with more
 * threads.
 *
 * Each thread is a worker with a lane and SESSIONS clients of its own, whose requests it
 * writes where a socket's would be received, and whose replies it counts and drops: there
 * is no socket, no client and no kernel in what is measured. All that the core asks of its
 * owner is done as in tests/host.
 *
 * Printed is CSV, a row for each mix of commands, choice of keys and number of workers.
 * Efficiencies are relative to one worker: of the time that has passed, and of the time
 * that the threads had on their CPUs, which says more where others use those, too.
 */
#include <err.h>
#include <getopt.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/rcupdate.h>

#include "core/client.h"
#include "core/instance.h"
#include "core/lane.h"
#include "core/session.h"

#define SESSIONS 4
/* Requests that one of them sends at once. */
#define PIPELINE 16
/* Batches that a thread has written in advance, and sends again and again. */
#define BATCHES 1024
#define BATCH_ROOM 2048
#define ZIPF_SKEW 0.99
#define TICK_MS 100
#define MAX_COUNTS 16

enum choice { UNIFORM, ZIPFIAN, ONE };

static const char *const choices[] = { "uniform", "zipfian", "one" };

/* What is sent: so many of a hundred commands are GET, all others SET. */
struct mix {
	const char *name;
	unsigned int reads;
};

static const struct mix mixes[] = { { "GET", 100 }, { "SET", 0 }, { "90/10", 90 } };

struct batch {
	unsigned int len;
	char bytes[BATCH_ROOM];
};

struct client {
	struct darter_session session;
	enum darter_session_verdict verdict;
	atomic_bool kicked;
};

/* Operations a second: of each worker, and of one that has its CPU for itself. */
struct rates {
	double each, cpu;
};

struct thread {
	pthread_t thread;
	struct darter_lane *lane;
	int cpu;
	uint64_t random;
	struct batch *batches;
	struct client clients[SESSIONS];
	uint64_t operations, parked, cpu_ns;	/* of the measured time */
};

static struct {
	struct darter_instance instance;
	unsigned int keys, seconds;
	const double *cumulative;	/* of the zipfian ranks */
	pthread_barrier_t barrier;
	atomic_bool measuring, stopping;
} run = { .keys = 1000000, .seconds = 2 };

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static u64 wall_us(void)
{
	return clock_ns(CLOCK_REALTIME) / 1000;
}

static u64 monotonic_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

static void kick(struct darter_session *session)
{
	atomic_store(&container_of(session, struct client, session)->kicked, true);
}

static u64 total_memory(void)
{
	return sysconf(_SC_PHYS_PAGES) * (u64)sysconf(_SC_PAGESIZE);
}

static const struct darter_host host = {
	.mode = "scale",
	.kick = kick,
	.total_memory = total_memory,
	.wall_us = wall_us,
};

/* xorshift64* by Vigna. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

static const double *zipf_table(unsigned int keys)
{
	double *sums = malloc(keys * sizeof(*sums)), sum = 0;
	unsigned int i;

	if (!sums)
		err(1, "zipfian keys");
	for (i = 0; i < keys; i++)
		sums[i] = sum += pow(i + 1, -ZIPF_SKEW);
	return sums;
}

/* Neighbouring ranks are keys far from each other. */
static unsigned int zipf_key(uint64_t *state)
{
	double wanted = (draw(state) >> 11) * 0x1p-53 * run.cumulative[run.keys - 1];
	unsigned int low = 0, high = run.keys - 1;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (run.cumulative[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low * 0x9e3779b97f4a7c15ULL % run.keys;
}

static unsigned int choose_key(enum choice choice, uint64_t *state)
{
	switch (choice) {
	case UNIFORM:
		return (draw(state) >> 32) % run.keys;
	case ZIPFIAN:
		return zipf_key(state);
	default:
		return 0;
	}
}

static unsigned int write_get(char *at, unsigned int key)
{
	return sprintf(at, "*2\r\n$3\r\nGET\r\n$16\r\nkey:%012u\r\n", key);
}

static unsigned int write_set(char *at, unsigned int key)
{
	return sprintf(at, "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012u\r\n$32\r\n%032u\r\n", key, key);
}

static void write_batches(struct thread *thread, const struct mix *mix, enum choice choice)
{
	unsigned int i, j, key;

	for (i = 0; i < BATCHES; i++) {
		struct batch *batch = &thread->batches[i];

		batch->len = 0;
		for (j = 0; j < PIPELINE; j++) {
			key = choose_key(choice, &thread->random);
			batch->len += (draw(&thread->random) >> 32) % 100 < mix->reads ?
				      write_get(batch->bytes + batch->len, key) :
				      write_set(batch->bytes + batch->len, key);
		}
	}
}

static void send_batch(struct client *client, struct darter_lane *lane, const struct batch *batch)
{
	u32 room;
	char *window = darter_session_window(&client->session, lane, &room);

	if (!window || room < batch->len)
		errx(1, "no room for a batch");
	memcpy(window, batch->bytes, batch->len);
	client->verdict = darter_session_received(&client->session, lane, batch->len,
						  wall_us() / 1000);
}

static void take_replies(struct client *client, struct darter_lane *lane)
{
	struct darter_reply *reply = &client->session.reply;

	if (!reply->bytes)
		return;
	reply->lane = lane;
	darter_reply_sent(reply, reply->bytes);
	reply->lane = NULL;
}

/* False: it waits to be kicked. */
static bool serve(struct thread *thread, struct client *client, const struct batch *batch)
{
	switch (client->verdict) {
	case DARTER_SESSION_READ:
		send_batch(client, thread->lane, batch);
		break;
	case DARTER_SESSION_PARKED:
		if (!atomic_exchange(&client->kicked, false))
			return false;
		/* fall through */
	case DARTER_SESSION_YIELD:
		client->verdict = darter_session_run(&client->session, thread->lane,
						     wall_us() / 1000);
		break;
	default:
		errx(1, "a session has ended");
	}
	take_replies(client, thread->lane);
	return true;
}

static void open_clients(struct thread *thread)
{
	unsigned int i;

	for (i = 0; i < SESSIONS; i++) {
		struct client *client = &thread->clients[i];

		memset(client, 0, sizeof(*client));
		if (darter_session_init(&client->session, &run.instance, "127.0.0.1:1",
					"127.0.0.1:6379", wall_us() / 1000) ||
		    darter_client_register(&run.instance, &client->session))
			errx(1, "no memory for a client");
		client->session.lane = thread->lane->index;
		client->verdict = DARTER_SESSION_READ;
	}
}

static void close_clients(struct thread *thread)
{
	unsigned int i;

	for (i = 0; i < SESSIONS; i++) {
		darter_client_unregister(&thread->clients[i].session);
		darter_session_destroy(&thread->clients[i].session);
	}
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *thread_main(void *arg)
{
	struct thread *thread = arg;
	uint64_t commands = 0, parked = 0, cpu = 0, next_tick = 0, now;
	unsigned int at = 0, i;
	bool measured = false, served;

	stay_on(thread->cpu);
	rcu_register_thread();
	pthread_barrier_wait(&run.barrier);
	while (!atomic_load_explicit(&run.stopping, memory_order_relaxed)) {
		if (!measured && atomic_load_explicit(&run.measuring, memory_order_relaxed)) {
			measured = true;
			commands = thread->lane->commands;
			parked = thread->lane->parked;
			cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		}
		for (i = 0, served = false; i < SESSIONS; i++) {
			served |= serve(thread, &thread->clients[i],
					&thread->batches[at++ % BATCHES]);
		}
		if (!served)
			sched_yield();
		now = wall_us() / 1000;
		if (now < next_tick)
			continue;
		darter_instance_tick(&run.instance, thread->lane->index, now);
		next_tick = now + TICK_MS;
	}
	thread->operations = thread->lane->commands - commands;
	thread->parked = thread->lane->parked - parked;
	thread->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	/* Who waits for a shard is kicked no more when all have stopped. */
	pthread_barrier_wait(&run.barrier);
	close_clients(thread);
	rcu_unregister_thread();
	return NULL;
}

static void fill(struct thread *thread)
{
	struct batch *batch = &thread->batches[0];
	struct client *client = &thread->clients[0];
	unsigned int key = 0, i;

	while (key < run.keys) {
		batch->len = 0;
		for (i = 0; i < PIPELINE && key < run.keys; i++)
			batch->len += write_set(batch->bytes + batch->len, key++);
		do
			serve(thread, client, batch);
		while (client->verdict != DARTER_SESSION_READ);
	}
}

/* The number-th CPU that this process may use, from the first again after the last. */
static int cpu_number(unsigned int number)
{
	cpu_set_t set;
	int cpu;

	sched_getaffinity(0, sizeof(set), &set);
	number %= CPU_COUNT(&set);
	for (cpu = 0; !CPU_ISSET(cpu, &set) || number--; cpu++)
		;
	return cpu;
}

static void make_threads(struct thread *threads, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		threads[i].lane = &run.instance.lanes[i];
		threads[i].lane->clock_us = monotonic_us;
		threads[i].cpu = cpu_number(i);
		threads[i].random = (i + 1) * 0x9e3779b97f4a7c15ULL;
		threads[i].batches = calloc(BATCHES, sizeof(struct batch));
		if (!threads[i].batches)
			err(1, "batches");
		open_clients(&threads[i]);
	}
}

static void measure(struct thread *threads, unsigned int count, const struct mix *mix,
		    enum choice choice, struct rates *alone)
{
	uint64_t begin, operations = 0, cpu_ns = 0, wall, parked = 0;
	struct rates rates;
	unsigned int i;

	pthread_barrier_init(&run.barrier, NULL, count + 1);
	atomic_store(&run.stopping, false);
	atomic_store(&run.measuring, false);
	for (i = 0; i < count; i++) {
		write_batches(&threads[i], mix, choice);
		if (pthread_create(&threads[i].thread, NULL, thread_main, &threads[i]))
			errx(1, "no thread");
	}
	pthread_barrier_wait(&run.barrier);
	usleep(200000);
	begin = clock_ns(CLOCK_MONOTONIC);
	atomic_store(&run.measuring, true);
	usleep(run.seconds * 1000000);
	atomic_store(&run.stopping, true);
	wall = clock_ns(CLOCK_MONOTONIC) - begin;
	pthread_barrier_wait(&run.barrier);
	for (i = 0; i < count; i++) {
		pthread_join(threads[i].thread, NULL);
		operations += threads[i].operations;
		cpu_ns += threads[i].cpu_ns;
		parked += threads[i].parked;
		open_clients(&threads[i]);
	}
	pthread_barrier_destroy(&run.barrier);
	rates.each = operations * 1e9 / wall / count;
	rates.cpu = operations * 1e9 / cpu_ns;
	if (!alone->each)
		*alone = rates;
	printf("%s,%s,%u,%.0f,%.3f,%.0f,%.3f,%.6f\n", mix->name, choices[choice], count,
	       rates.each * count, rates.each / alone->each, rates.cpu, rates.cpu / alone->cpu,
	       (double)parked / operations);
	fflush(stdout);
}

/* All mixes with so many workers, on an instance of their own. */
static void measure_all(unsigned int count, struct rates alone[][ARRAY_SIZE(choices)])
{
	struct darter_params params = { .shards = count, .databases = 1, .lanes = count };
	struct thread *threads = calloc(count, sizeof(*threads));
	unsigned int i, j;

	if (!threads || darter_instance_init(&run.instance, &params, &host, NULL))
		errx(1, "no instance");
	make_threads(threads, count);
	fill(&threads[0]);
	for (i = 0; i < ARRAY_SIZE(mixes); i++)
		for (j = 0; j < ARRAY_SIZE(choices); j++)
			measure(threads, count, &mixes[i], j, &alone[i][j]);
	for (i = 0; i < count; i++) {
		close_clients(&threads[i]);
		free(threads[i].batches);
	}
	free(threads);
	darter_instance_destroy(&run.instance);
}

/* 1, 2, 4 and so on, and as many as there are CPUs. */
static unsigned int default_counts(unsigned int *counts)
{
	unsigned int cpus, number = 0, i;
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	cpus = CPU_COUNT(&set);
	for (i = 1; i < cpus && number < MAX_COUNTS - 1; i *= 2)
		counts[number++] = i;
	counts[number++] = cpus;
	return number;
}

static unsigned int parse_counts(unsigned int *counts, char *list)
{
	unsigned int number = 0;
	char *word;

	while ((word = strsep(&list, ",")) && number < MAX_COUNTS) {
		counts[number] = atoi(word);
		if (!counts[number++])
			errx(2, "--workers takes numbers, commas between");
	}
	return number;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "keys", required_argument, NULL, 'k' },
		{ "workers", required_argument, NULL, 'w' },
		{ }
	};
	struct rates alone[ARRAY_SIZE(mixes)][ARRAY_SIZE(choices)] = { };
	unsigned int counts[MAX_COUNTS], number = default_counts(counts), i;
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 's':
			run.seconds = max(1, atoi(optarg));
			break;
		case 'k':
			run.keys = max(1, atoi(optarg));
			break;
		case 'w':
			number = parse_counts(counts, optarg);
			break;
		default:
			return 2;
		}
	}
	rcu_register_thread();
	run.cumulative = zipf_table(run.keys);
	puts("mix,keys,workers,ops_per_second,efficiency,ops_per_cpu_second,cpu_efficiency,"
	     "parked_per_op");
	for (i = 0; i < number; i++)
		measure_all(counts[i], alone);
	free((void *)run.cumulative);
	rcu_unregister_thread();
	return 0;
}
