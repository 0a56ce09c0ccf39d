// SPDX-License-Identifier: GPL-2.0
/*
 * Laws, see litmus.h. Before a round there is nothing at its places. What is only there
 * in the middle of a transaction is a value that is expected of no state.
 */
#include <stdio.h>
#include <string.h>

#include "litmus.h"

/* No state has it. */
#define HALF "half"
/* So many other keys are set in between at most: it takes a while until a change is whole. */
#define OTHERS 200

static struct expected absent(void)
{
	return (struct expected) { .what = ABSENT };
}

static struct expected string(uint64_t value)
{
	return (struct expected) { .what = STRING, .value = value, .deadline = NO_DEADLINE };
}

static struct expected volatile_string(uint64_t value, long long deadline)
{
	return (struct expected) { .what = STRING, .value = value, .deadline = deadline };
}

static struct expected hash(void)
{
	return (struct expected) { .what = HASH, .deadline = NO_DEADLINE };
}

static void transaction(struct client *client)
{
	client_say(client, "MULTI");
}

static void execute(struct client *client)
{
	client_say(client, "EXEC");
}

/* Seldom many. */
static unsigned int draw_others(struct client *client)
{
	return client_draw(client, client_draw(client, 4) ? 14 : OTHERS + 1);
}

static void do_others(struct client *client)
{
	unsigned int others = draw_others(client);

	while (others--)
		client_say(client, "INCR other:number");
}

/* Two keys have the same value: their keys are in one shard, or in two. */

static struct expected same_at(const struct round *round, uint64_t state, unsigned int place)
{
	return state ? string(state) : absent();
}

static void mset_step(struct client *client, const struct round *round, uint64_t state)
{
	unsigned int others = draw_others(client), i;
	char format[32 + 16 * OTHERS] = "MSET %s %v";
	bool turned = client_draw(client, 2);

	for (i = 0; i < others; i++)
		sprintf(format + strlen(format), " other:%u x", i);
	strcat(format, " %s %v");
	client_say(client, format, round->places[turned].key, state, round->places[!turned].key,
		   state);
}

static void exec_step(struct client *client, const struct round *round, uint64_t state)
{
	bool turned = client_draw(client, 2);
	const char *a = round->places[turned].key, *b = round->places[!turned].key;

	transaction(client);
	switch (client_draw(client, 4)) {
	case 0:
		client_say(client, "DEL %s", a);
		break;
	case 1:
		client_say(client, "SET %s " HALF, b);
		break;
	case 2:
		if (state > 1)
			client_say(client, "RENAME %s %s", a, b);
		break;
	}
	client_say(client, "SET %s %v", a, state);
	do_others(client);
	client_say(client, "SET %s %v", b, state);
	execute(client);
}

/* Two keys that are there, or both are not. */

static struct expected vanish_at(const struct round *round, uint64_t state, unsigned int place)
{
	return state % 2 ? string(state) : absent();
}

static void vanish_step(struct client *client, const struct round *round, uint64_t state)
{
	const char *a = round->places[0].key, *b = round->places[1].key;

	if (state % 2) {
		mset_step(client, round, state);
		return;
	}
	switch (client_draw(client, 16)) {
	case 0:
		client_say(client, "FLUSHALL ASYNC");
		break;
	case 1:
		client_say(client, "FLUSHDB");
		break;
	case 2 ... 5:
		client_say(client, "UNLINK %s %s", a, b);
		break;
	case 6 ... 9:
		transaction(client);
		client_say(client, "GETDEL %s", a);
		client_say(client, "PEXPIRE %s -1", b);
		execute(client);
		break;
	default:
		client_say(client, "DEL %s %s", a, b);
	}
}

/*
 * A value that wanders: it is set at the first place, moves to the other, is set there,
 * and moves back.
 */

static struct expected wander_at(const struct round *round, uint64_t state, unsigned int place)
{
	bool there = state % 4 == 2 || state % 4 == 3;

	if (!state || place != there)
		return absent();
	return string(state % 2 ? state : state - 1);
}

/* Where it is before it moves to be in that state; of a state that it is set in: where. */
static unsigned int wander_from(uint64_t state)
{
	return state % 4 == 0 || state % 4 == 3;
}

static bool wander_set(struct client *client, const struct round *round, uint64_t state)
{
	const struct place *place = &round->places[wander_from(state)];

	client_select(client, place->db);
	if (state % 2)
		client_say(client, "SET %s %v", place->key, state);
	return state % 2;
}

static void rename_step(struct client *client, const struct round *round, uint64_t state)
{
	unsigned int from = wander_from(state);
	const char *a = round->places[from].key, *b = round->places[!from].key;

	if (wander_set(client, round, state))
		return;
	switch (client_draw(client, 3)) {
	case 0:
		client_say(client, "RENAMENX %s %s", a, b);
		break;
	case 1:
		transaction(client);
		client_say(client, "SET %s " HALF, b);
		client_say(client, "COPY %s %s REPLACE", a, b);
		client_say(client, "DEL %s", a);
		execute(client);
		break;
	default:
		client_say(client, "RENAME %s %s", a, b);
	}
}

static void move_step(struct client *client, const struct round *round, uint64_t state)
{
	const struct place *to = &round->places[!wander_from(state)];

	if (!wander_set(client, round, state))
		client_say(client, "MOVE %s %u", to->key, (uint64_t)to->db);
}

/* Once, or there and back and there again. */
static void swapdb_step(struct client *client, const struct round *round, uint64_t state)
{
	uint64_t a = round->places[0].db, b = round->places[1].db;
	unsigned int times = client_draw(client, 2) ? 1 : 3;

	if (wander_set(client, round, state))
		return;
	transaction(client);
	while (times--) {
		client_say(client, "SWAPDB %u %u", a, b);
		do_others(client);
	}
	execute(client);
}

/* The second key becomes a copy of the first. */

static struct expected copy_at(const struct round *round, uint64_t state, unsigned int place)
{
	uint64_t last = state % 2 ? state : state - 1;

	if (place && state % 2)
		return state > 1 ? string(state - 2) : absent();
	return state ? string(last) : absent();
}

static void copy_step(struct client *client, const struct round *round, uint64_t state)
{
	const char *a = round->places[0].key, *b = round->places[1].key;

	if (state % 2)
		client_say(client, "SET %s %v", a, state);
	else
		client_say(client, "COPY %s %s REPLACE", a, b);
}

/* One value that is overwritten in all ways: in place, at one go or in parts. */

static void in_parts(struct client *client, const struct round *round, uint64_t state)
{
	static _Thread_local char text[VALUE_MAX];
	const char *key = round->places[0].key;
	size_t len = value_make(text, state), before = value_len(state - 1);

	transaction(client);
	client_say(client, "SETBIT %s 0 1", key);
	client_say(client, "BITFIELD %s SET u16 #3 7 SET u8 0 255", key);
	client_say(client, "SETRANGE %s 0 %b", key, text, before);
	if (len > before)
		client_say(client, "APPEND %s %b", key, text + before, len - before);
	execute(client);
}

static void change_step(struct client *client, const struct round *round, uint64_t state)
{
	bool longer = state > 1 && value_len(state) >= value_len(state - 1);
	const char *key = round->places[0].key;

	switch (client_draw(client, 4)) {
	case 0:
		if (longer) {
			in_parts(client, round, state);
			return;
		}
		break;
	case 1:
		transaction(client);
		client_say(client, "SET %s " HALF, key);
		client_say(client, "SET %s %v", key, state);
		execute(client);
		return;
	case 2:
		client_say(client, "GETSET %s %v", key, state);
		return;
	}
	if (longer && client_draw(client, 4))
		client_say(client, "SETRANGE %s 0 %v", key, state);
	else
		client_say(client, "SET %s %v", key, state);
}

/*
 * Deadlines come, change and go; in the end of eight states the key does, too, now and
 * then by itself.
 */

static uint64_t begin_of(uint64_t state)
{
	return state / 8 * 8;
}

static struct expected expiry_at(const struct round *round, uint64_t state, unsigned int place)
{
	uint64_t begin = begin_of(state);

	switch (state % 8) {
	case 0:
		return absent();
	case 3:
		return string(begin);
	case 5:
		return volatile_string(begin + 1, round->deadlines + begin + 4);
	case 6:
		return string(begin + 2);
	case 7:
		return volatile_string(begin + 3, ANY_DEADLINE);
	default:
		return volatile_string(begin, round->deadlines + state);
	}
}

static void end_of_key(struct client *client, const char *key, uint64_t state)
{
	if (state / 8 % 16) {
		client_say(client, "DEL %s", key);
		return;
	}
	while (client_number(client, "EXISTS %s", key))
		;
}

/* What of deadlines comes before a change, and nobody sees: there is none, or a late one. */
static void half_deadline(struct client *client, const char *key, uint64_t deadline)
{
	if (client_draw(client, 2))
		client_say(client, "PERSIST %s", key);
	client_say(client, "PEXPIREAT %s %u", key, deadline + 1000000000);
	do_others(client);
}

static void expiry_step(struct client *client, const struct round *round, uint64_t state)
{
	uint64_t begin = begin_of(state), deadline = round->deadlines + state;
	uint64_t rest = state / 8 % 16 == 15 ? 2 : 100000;
	const char *key = round->places[0].key;

	switch (state % 8) {
	case 0:
		end_of_key(client, key, state);
		break;
	case 1:
		client_say(client, "SET %s %v PXAT %u", key, begin, deadline);
		break;
	case 3:
		transaction(client);
		half_deadline(client, key, deadline);
		client_say(client, "PERSIST %s", key);
		execute(client);
		break;
	case 5:
		client_say(client, "SET %s %v KEEPTTL", key, begin + 1);
		break;
	case 6:
		client_say(client, "SET %s %v", key, begin + 2);
		break;
	case 7:
		client_say(client, "PSETEX %s %u %v", key, rest, begin + 3);
		break;
	default:
		transaction(client);
		half_deadline(client, key, deadline);
		client_say(client, "PEXPIREAT %s %u", key, deadline);
		execute(client);
	}
}

/* A hash that is a table moves from the first place to the second, and a string after it. */

static struct expected types_at(const struct round *round, uint64_t state, unsigned int place)
{
	switch (state ? state % 4 : 4) {
	case 0:
		return place ? string(state - 1) : absent();
	case 1:
		return place ? absent() : hash();
	case 2:
		return place ? hash() : absent();
	case 3:
		return place ? hash() : string(state);
	default:
		return absent();
	}
}

static void types_step(struct client *client, const struct round *round, uint64_t state)
{
	const char *a = round->places[0].key, *b = round->places[1].key;
	char field[100];

	switch (state % 4) {
	case 1:
		transaction(client);
		memset(field, 'f', sizeof(field));
		client_say(client, "DEL %s %s", a, b);
		client_say(client, "HSET %s %b 1", a, field, sizeof(field));
		execute(client);
		break;
	case 3:
		client_say(client, "SET %s %v", a, state);
		break;
	default:
		client_say(client, "RENAME %s %s", a, b);
	}
}

const struct law laws[] = {
	{ "MSET", 2, .at = same_at, .step = mset_step },
	{ "EXEC", 2, .at = same_at, .step = exec_step },
	{ "in place", 1, .at = same_at, .step = change_step },
	{ "RENAME", 2, .at = wander_at, .step = rename_step },
	{ "MOVE", 2, { 0, 1 }, .at = wander_at, .step = move_step },
	{ "COPY", 2, .at = copy_at, .step = copy_step },
	{ "expiry", 1, .ahead = 1, .at = expiry_at, .step = expiry_step },
	{ "types", 2, .at = types_at, .step = types_step },
	{ "SWAPDB", 2, { 2, 3 }, .at = wander_at, .step = swapdb_step },
	{ "FLUSHALL", 2, .at = vanish_at, .step = vanish_step },
};

const unsigned int law_count = sizeof(laws) / sizeof(*laws);
