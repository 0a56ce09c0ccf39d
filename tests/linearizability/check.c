// SPDX-License-Identifier: GPL-2.0
/*
 * Is there an order? The history is walked along its beginnings and ends, with all
 * configurations that could be the truth: the store, and which of the operations under
 * way have happened already. At an end its operation must have happened, so from each
 * configuration all ways are tried to have others of those under way happen first; what
 * the store answers then must be what the client was told. Equal configurations are
 * kept once. When none is left, nothing explains the history.
 *
 * This is the search of Wing and Gong (1993) with the memory of configurations of
 * Lowe (2017), done just in time: an operation happens as late as it can.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lin.h"

/* More configurations than this are a test that asks too much. */
#define MOST	(1 << 20)

struct config {
	uint32_t happened;		/* bit c: the operation of client c */
	struct store store;
};

/* Different configurations, and where to find them. */
struct set {
	struct config *configs;
	uint32_t *slots;		/* index + 1, 0: free */
	uint32_t count, room;		/* room: a power of two; half as many configurations */
};

struct event {
	uint64_t when;
	const struct operation *operation;
	bool ends;
};

static void set_init(struct set *set)
{
	set->room = 256;
	set->count = 0;
	set->configs = calloc(set->room / 2, sizeof(*set->configs));
	set->slots = calloc(set->room, sizeof(*set->slots));
}

static void set_free(struct set *set)
{
	free(set->configs);
	free(set->slots);
}

static void set_clear(struct set *set)
{
	memset(set->slots, 0, set->room * sizeof(*set->slots));
	set->count = 0;
}

static uint32_t hash(const struct config *config)
{
	const unsigned char *at = (const void *)config;
	uint64_t sum = 14695981039346656037ULL;
	size_t i;

	for (i = 0; i < sizeof(*config); i++)
		sum = (sum ^ at[i]) * 1099511628211ULL;
	return sum ^ sum >> 32;
}

static uint32_t *find_slot(const struct set *set, const struct config *config)
{
	uint32_t at = hash(config) & (set->room - 1);

	while (set->slots[at] &&
	       memcmp(&set->configs[set->slots[at] - 1], config, sizeof(*config)))
		at = (at + 1) & (set->room - 1);
	return &set->slots[at];
}

static void grow(struct set *set)
{
	uint32_t i;

	if (set->room >= MOST)
		errx(2, "too many configurations");
	set->room *= 2;
	set->configs = realloc(set->configs, set->room / 2 * sizeof(*set->configs));
	free(set->slots);
	set->slots = calloc(set->room, sizeof(*set->slots));
	for (i = 0; i < set->count; i++)
		*find_slot(set, &set->configs[i]) = i + 1;
}

static void set_add(struct set *set, const struct config *config)
{
	uint32_t *slot = find_slot(set, config);

	if (*slot)
		return;
	if (set->count == set->room / 2) {
		grow(set);
		slot = find_slot(set, config);
	}
	set->configs[set->count++] = *config;
	*slot = set->count;
}

static bool same_reply(const struct reply *a, const struct reply *b)
{
	return a->kind == b->kind && a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* False: in this store the operation would not have been answered like that. */
static bool happen(struct store *store, const struct operation *operation)
{
	struct reply replies[2];
	int i, j;

	for (i = 0; i < operation->ncommands; i++) {
		const struct command *command = &operation->commands[i];

		store_apply(store, command, replies);
		for (j = 0; j < command->nreplies; j++)
			if (!same_reply(&replies[j], &command->replies[j]))
				return false;
	}
	return true;
}

struct search {
	const struct operation *pending[CLIENTS];
	struct set now, tried, next;
};

/* The operation of this client has ended: which configurations remain? */
static void end_operation(struct search *search, unsigned int client)
{
	struct set *tried = &search->tried;
	uint32_t i;

	set_clear(tried);
	set_clear(&search->next);
	for (i = 0; i < search->now.count; i++)
		set_add(tried, &search->now.configs[i]);
	for (i = 0; i < tried->count; i++) {
		struct config config = tried->configs[i];
		unsigned int other;

		if (config.happened & 1u << client) {
			config.happened &= ~(1u << client);
			set_add(&search->next, &config);
			continue;
		}
		for (other = 0; other < CLIENTS; other++) {
			struct config then = config;

			if (!search->pending[other] || config.happened & 1u << other ||
			    !happen(&then.store, search->pending[other]))
				continue;
			then.happened |= 1u << other;
			set_add(tried, &then);
		}
	}
}

static int compare_events(const void *one, const void *other)
{
	const struct event *a = one, *b = other;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	/* At the same moment: rather at once than one after the other. */
	return (int)a->ends - (int)b->ends;
}

static struct event *make_events(const struct history *history, int key, size_t *count)
{
	struct event *events = calloc(2 * history->count + 1, sizeof(*events));
	size_t i;

	*count = 0;
	for (i = 0; i < history->count; i++) {
		const struct operation *operation = &history->operations[i];

		if (key >= 0 && !command_uses(&operation->commands[0], key))
			continue;
		events[(*count)++] = (struct event) { operation->begin, operation, false };
		events[(*count)++] = (struct event) { operation->end, operation, true };
	}
	qsort(events, *count, sizeof(*events), compare_events);
	return events;
}

size_t history_overlaps(const struct history *history)
{
	size_t count, i, under_way = 0, overlaps = 0;
	struct event *events = make_events(history, -1, &count);

	for (i = 0; i < count; i++) {
		overlaps += !events[i].ends && under_way;
		under_way += events[i].ends ? -1 : 1;
	}
	free(events);
	return overlaps;
}

bool history_check(const struct history *history, int key, const struct operation **culprit)
{
	struct config empty = { };
	struct search search = { };
	size_t count, i;
	struct event *events = make_events(history, key, &count);
	bool fine = true;

	set_init(&search.now);
	set_init(&search.tried);
	set_init(&search.next);
	set_add(&search.now, &empty);
	for (i = 0; i < count && fine; i++) {
		unsigned int client = events[i].operation->client;
		struct set swapped;

		if (!events[i].ends) {
			search.pending[client] = events[i].operation;
			continue;
		}
		end_operation(&search, client);
		search.pending[client] = NULL;
		swapped = search.now;
		search.now = search.next;
		search.next = swapped;
		fine = search.now.count > 0;
		*culprit = events[i].operation;
	}
	set_free(&search.now);
	set_free(&search.tried);
	set_free(&search.next);
	free(events);
	return fine;
}
