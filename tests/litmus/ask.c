// SPDX-License-Identifier: GPL-2.0
/* Questions about what is at a place, and whether an answer fits it, see litmus.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litmus.h"

/* At most so many are asked at once; that many values fit into a client. */
#define PIPELINE 8
/* GETRANGE is asked for so many bytes. */
#define HEAD_BYTES 30

enum question {
	GET, MGET, STRLEN, HEAD, TAIL, BITCOUNT, GETBIT, EXISTS, TYPE, ENCODING, PEXPIRETIME,
	PTTL, BOTH, QUESTIONS
};

static const char *const formats[QUESTIONS] = {
	[GET] = "GET %s",
	[MGET] = "MGET %s",
	[STRLEN] = "STRLEN %s",
	[HEAD] = "GETRANGE %s 0 29",
	[TAIL] = "GETRANGE %s -30 -1",
	[BITCOUNT] = "BITCOUNT %s",
	[GETBIT] = "GETBIT %s 5",
	[EXISTS] = "EXISTS %s",
	[TYPE] = "TYPE %s",
	[ENCODING] = "OBJECT ENCODING %s",
	[PEXPIRETIME] = "PEXPIRETIME %s",
	[PTTL] = "PTTL %s",
	[BOTH] = "MGET %s %s",
};

struct asked {
	enum question question;
	unsigned int place;
	bool selected;			/* after another database was */
	unsigned int count;		/* of replies */
	struct reply replies[PLACES];
};

static bool is_text(const struct reply *reply, const char *text)
{
	return (reply->kind == TEXT || reply->kind == STATUS) && reply->len == strlen(text) &&
	       !memcmp(reply->text, text, reply->len);
}

static bool is_number(const struct reply *reply, long long number)
{
	return reply->kind == NUMBER && reply->number == number;
}

/* Whether a text is @len bytes of a value, from @at on. */
static bool is_part(const struct reply *reply, uint64_t value, size_t at, size_t len)
{
	static _Thread_local char text[VALUE_MAX];
	static _Thread_local uint64_t made = UINT64_MAX;

	if (reply->kind != TEXT || reply->len != len)
		return false;
	if (made != value)
		value_make(text, value);
	made = value;
	return !memcmp(text + at, reply->text, len);
}

static bool is_value(const struct reply *reply, uint64_t value)
{
	return reply->len == value_len(value) && strtoull(reply->text, NULL, 10) == value &&
	       is_part(reply, value, 0, reply->len);
}

static long long count_bits(const char *bytes, size_t len)
{
	long long bits = 0;

	while (len--)
		bits += __builtin_popcount((unsigned char)*bytes++);
	return bits;
}

static long long value_bits(uint64_t value)
{
	char letter = 'a' + value % 26, head[32];
	size_t len = snprintf(head, sizeof(head), "%" PRIu64 ":", value);

	return count_bits(head, len) + count_bits(&letter, 1) * (value_len(value) - len);
}

static int value_bit(uint64_t value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%" PRIu64 ":", value);
	return digits[0] >> 2 & 1;
}

static bool fits_string(enum question question, const struct reply *reply, uint64_t value)
{
	switch (question) {
	case STRLEN:
		return is_number(reply, value_len(value));
	case HEAD:
		return is_part(reply, value, 0, value_len(value) < HEAD_BYTES ?
			       value_len(value) : HEAD_BYTES);
	case TAIL:
		if (value_len(value) <= HEAD_BYTES)
			return is_value(reply, value);
		return is_part(reply, value, value_len(value) - HEAD_BYTES, HEAD_BYTES);
	case BITCOUNT:
		return is_number(reply, value_bits(value));
	case GETBIT:
		return is_number(reply, value_bit(value));
	case TYPE:
		return is_text(reply, "string");
	case ENCODING:
		return is_text(reply, "embstr") || is_text(reply, "raw");
	default:
		return is_value(reply, value);
	}
}

static bool fits_hash(enum question question, const struct reply *reply)
{
	switch (question) {
	case TYPE:
		return is_text(reply, "hash");
	case ENCODING:
		return is_text(reply, "hashtable");
	case MGET:
	case BOTH:
		return reply->kind == NIL;
	default:
		return reply->kind == ERROR;
	}
}

static bool fits_absent(enum question question, const struct reply *reply)
{
	switch (question) {
	case STRLEN:
	case BITCOUNT:
	case GETBIT:
	case EXISTS:
		return is_number(reply, 0);
	case PEXPIRETIME:
	case PTTL:
		return is_number(reply, -2);
	case HEAD:
	case TAIL:
		return is_text(reply, "");
	case TYPE:
		return is_text(reply, "none");
	default:
		return reply->kind == NIL;
	}
}

static bool fits_deadline(enum question question, const struct reply *reply, long long deadline)
{
	if (deadline == NO_DEADLINE)
		return is_number(reply, -1);
	if (deadline == ANY_DEADLINE || question == PTTL)
		return reply->kind == NUMBER && reply->number >= 0;
	return is_number(reply, deadline);
}

static bool fits(enum question question, const struct reply *reply, struct expected expected)
{
	if (expected.what == ABSENT)
		return fits_absent(question, reply);
	if (question == EXISTS)
		return is_number(reply, 1);
	if (question == PEXPIRETIME || question == PTTL)
		return fits_deadline(question, reply, expected.deadline);
	if (expected.what == HASH)
		return fits_hash(question, reply);
	return fits_string(question, reply, expected.value);
}

static bool fits_state(const struct round *round, const struct asked *asked, uint64_t state)
{
	unsigned int i;

	for (i = 0; i < asked->count; i++)
		if (!fits(asked->question, &asked->replies[i],
			  round->law->at(round, state, asked->place + i)))
			return false;
	return true;
}

static void print_reply(const struct reply *reply)
{
	if (reply->kind == NIL)
		printf(" nil");
	else if (reply->kind == NUMBER)
		printf(" %lld", reply->number);
	else
		printf(" %.*s (%zu bytes)", reply->len < 40 ? (int)reply->len : 40, reply->text,
		       reply->len);
}

static void complain(struct round *round, const struct asked *asked, uint64_t floor,
		     uint64_t ceiling)
{
	unsigned int i;

	if (atomic_exchange(&round->failed, true))
		return;
	printf("  FAIL    %s: in none of the states from %" PRIu64 " to %" PRIu64 " does ",
	       round->law->name, floor, ceiling);
	printf(formats[asked->question], round->places[asked->place].key,
	       round->places[PLACES - 1].key);
	printf(" answer");
	for (i = 0; i < asked->count; i++)
		print_reply(&asked->replies[i]);
	printf("\n");
}

/* Nobody may fall behind this state any more. */
static void raise_floor(struct round *round, uint64_t state)
{
	uint64_t seen = atomic_load(&round->seen);

	while (seen < state && !atomic_compare_exchange_weak(&round->seen, &seen, state))
		;
}

static bool judge(struct round *round, const struct asked *asked, uint64_t *floor)
{
	uint64_t ceiling = atomic_load(&round->begun), state;

	for (state = *floor; state <= ceiling; state++)
		if (fits_state(round, asked, state))
			break;
	if (state > ceiling) {
		complain(round, asked, *floor, ceiling);
		return false;
	}
	raise_floor(round, state);
	*floor = state;
	return true;
}

static void ask(struct client *client, const struct round *round, struct asked *asked)
{
	const struct place *place;

	asked->question = client_draw(client, QUESTIONS);
	asked->place = client_draw(client, round->law->places);
	asked->count = 1;
	if (asked->question == BOTH) {
		if (round->law->places < 2 || round->places[0].db != round->places[1].db) {
			asked->question = GET;
		} else {
			asked->place = 0;
			asked->count = 2;
		}
	}
	place = &round->places[asked->place];
	asked->selected = client->db != place->db;
	client_select(client, place->db);
	client_say(client, formats[asked->question], place->key, round->places[1].key);
}

static void answer(struct client *client, struct asked *asked)
{
	struct reply head;
	unsigned int i;

	if (asked->selected)
		client_read(client, &head);
	if (asked->question == MGET || asked->question == BOTH)
		client_read(client, &head);
	for (i = 0; i < asked->count; i++)
		client_read(client, &asked->replies[i]);
}

bool ask_some(struct client *client, struct round *round)
{
	unsigned int count = 1 + client_draw(client, PIPELINE), i;
	uint64_t floor, seen;
	struct asked asked[PIPELINE];

	for (i = 0; i < count; i++)
		ask(client, round, &asked[i]);
	floor = atomic_load(&round->done);
	seen = atomic_load(&round->seen);
	if (floor < seen)
		floor = seen;
	client_flush(client);
	client->said = 0;
	for (i = 0; i < count; i++) {
		answer(client, &asked[i]);
		if (!judge(round, &asked[i], &floor))
			return false;
	}
	atomic_fetch_add(&round->answers, count);
	return true;
}
