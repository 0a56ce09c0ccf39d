// SPDX-License-Identifier: GPL-2.0
/*
 * A stream: everything that a seed decides, made before anything is sent. A stream
 * has an hour of its clock to itself, so that the clock of a run never goes back.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "model.h"

#define EPOCH_MS	1700000000000ULL
#define HOUR_MS		3600000ULL
/* A batch has at most so many bytes; a server need not read while we do not. */
#define BATCH_BYTES	(256 << 10)

struct making {
	struct stream *stream;
	const struct grammar *grammar;
	struct chance chance;
	struct sentence sentence;
	unsigned int batch, commands;
	bool queues[CONNECTIONS];	/* probably behind MULTI */
};

#define PICK(chance, ...) \
	((const unsigned int[]) { __VA_ARGS__ })[chance_between(chance, 0, \
		sizeof((unsigned int[]) { __VA_ARGS__ }) / sizeof(int) - 1)]

static void choose_shape(struct stream *stream, struct chance *chance, bool driven)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	stream->begin_ms = driven ? EPOCH_MS + stream->seed * HOUR_MS : now.tv_sec * 1000ULL;
	stream->shape = (struct shape) {
		.keys = chance_once_in(chance, 20) ? 3000 : PICK(chance, 3, 10, 40, 200),
		.depth = chance_once_in(chance, 20) ? 1 : PICK(chance, 20, 100, 300, 1000, 1000),
		.lost = PICK(chance, 0, 20, 60),
		.active_expire = chance_once_in(chance, 4),
		.driven = driven,
		.now_ms = stream->begin_ms,
	};
	snprintf(stream->limits[0], sizeof(stream->limits[0]), "%u",
		 PICK(chance, 0, 64, 128, 512, 512));
	snprintf(stream->limits[1], sizeof(stream->limits[1]), "%u",
		 PICK(chance, 0, 4, 64, 64, 64, 1000));
}

static struct step *add_step(struct making *making, enum step_kind kind)
{
	struct stream *stream = making->stream;
	struct step *step;

	if (stream->nsteps == stream->room) {
		stream->room = stream->room * 2 + 64;
		stream->steps = realloc(stream->steps, stream->room * sizeof(*stream->steps));
	}
	step = &stream->steps[stream->nsteps++];
	*step = (struct step) {
		.kind = kind, .batch = making->batch, .at = stream->text.len
	};
	return step;
}

static void swap_args(struct sentence *sentence, unsigned int i, unsigned int j)
{
	__typeof__(sentence->args[0]) arg = sentence->args[i];

	sentence->args[i] = sentence->args[j];
	sentence->args[j] = arg;
}

/* An argument of the rule `any` behind the text of the sentence. */
static void add_odd_arg(struct making *making)
{
	struct sentence odd = { }, *sentence = &making->sentence;
	struct shape *shape = &making->stream->shape;

	if (sentence->nargs == SENTENCE_ARGS)
		return;
	grammar_expand(making->grammar, "any", &making->chance, shape, &odd);
	sentence->args[sentence->nargs].at = sentence->text.len;
	sentence->args[sentence->nargs++].len = odd.text.len;
	bytes_add(&sentence->text, odd.text.at, odd.text.len);
	free(odd.text.at);
}

/* Arguments too many, too few, twice, in the wrong order or of the wrong kind. */
static void spoil(struct making *making)
{
	struct sentence *sentence = &making->sentence;
	unsigned int n = sentence->nargs, victim;

	if (n < 2) {
		add_odd_arg(making);
		return;
	}
	victim = chance_between(&making->chance, 1, n - 1);
	switch (chance_between(&making->chance, 0, 4)) {
	case 0:
		sentence->args[victim] = sentence->args[n - 1];
		sentence->nargs--;
		break;
	case 1:
		if (n < SENTENCE_ARGS)
			sentence->args[sentence->nargs++] = sentence->args[victim];
		break;
	case 2:
		swap_args(sentence, victim, chance_between(&making->chance, 1, n - 1));
		break;
	case 3:
		add_odd_arg(making);
		break;
	case 4:
		add_odd_arg(making);
		swap_args(sentence, victim, --sentence->nargs);
		break;
	}
	sentence->ends[0] = sentence->nargs;
}

/* Names and options do not care about it; for other words it is another value. */
static void change_case(struct making *making, unsigned int arg)
{
	struct sentence *sentence = &making->sentence;
	char *at = sentence->text.at + sentence->args[arg].at;
	size_t i;

	for (i = 0; i < sentence->args[arg].len; i++)
		if (chance_once_in(&making->chance, 2))
			at[i] = isupper(at[i]) ? tolower(at[i]) : toupper(at[i]);
}

static bool is_named(const struct sentence *sentence, unsigned int arg, const char *name)
{
	return sentence->args[arg].len == strlen(name) &&
	       !strncasecmp(sentence->text.at + sentence->args[arg].at, name, strlen(name));
}

/* What a command does to the queue of its connection, as far as one can tell. */
static void note_queue(struct making *making, unsigned int conn, unsigned int first)
{
	const struct sentence *sentence = &making->sentence;

	if (is_named(sentence, first, "multi"))
		making->queues[conn] = true;
	else if (is_named(sentence, first, "exec") || is_named(sentence, first, "discard") ||
		 is_named(sentence, first, "reset") || is_named(sentence, first, "quit"))
		making->queues[conn] = false;
}

static struct step *add_command(struct making *making, unsigned int conn, unsigned int first,
				unsigned int end)
{
	const struct sentence *sentence = &making->sentence;
	struct bytes *text = &making->stream->text;
	struct step *step = add_step(making, STEP_COMMAND);

	bytes_format(text, "*%u\r\n", end - first);
	note_queue(making, conn, first);
	step->closes = is_named(sentence, first, "quit");
	for (; first < end; first++) {
		bytes_format(text, "$%zu\r\n", sentence->args[first].len);
		bytes_add(text, sentence->text.at + sentence->args[first].at,
			  sentence->args[first].len);
		bytes_add(text, "\r\n", 2);
	}
	step->conn = conn;
	step->len = text->len - step->at;
	step->in_line = step->len < 8000 && chance_once_in(&making->chance, 50);
	making->commands++;
	return step;
}

/* Returns whether the connection is closed behind it. */
static bool add_sentence(struct making *making, unsigned int conn)
{
	struct sentence *sentence = &making->sentence;
	struct shape *shape = &making->stream->shape;
	unsigned int i, first = 0;
	bool closes = false;

	grammar_expand(making->grammar, making->queues[conn] ? "queued" : "command",
		       &making->chance, shape, sentence);
	if (!sentence->verbatim && sentence->ncommands == 1 &&
	    chance_once_in(&making->chance, shape->lost))
		spoil(making);
	if (chance_once_in(&making->chance, 3))
		change_case(making, 0);
	if (chance_once_in(&making->chance, 8))
		change_case(making, chance_between(&making->chance, 0, sentence->nargs - 1));
	for (i = 0; i < sentence->ncommands; i++) {
		struct step *step = add_command(making, conn, first, sentence->ends[i]);

		step->glued = i > 0;
		closes = step->closes;
		first = sentence->ends[i];
	}
	return closes;
}

/* Bytes that are no command: the server answers and closes. */
static void add_raw(struct making *making, unsigned int conn)
{
	struct sentence *sentence = &making->sentence;
	struct bytes *text = &making->stream->text;
	struct step *step = add_step(making, STEP_RAW);

	grammar_expand(making->grammar, "broken", &making->chance, &making->stream->shape,
		       sentence);
	bytes_add(text, sentence->text.at + sentence->args[0].at, sentence->args[0].len);
	step->conn = conn;
	step->closes = true;
	step->len = text->len - step->at;
	making->queues[conn] = false;
}

static void add_clock(struct making *making)
{
	struct stream *stream = making->stream;
	uint64_t end = stream->begin_ms + HOUR_MS - 1;
	struct step *step;

	stream->shape.now_ms += chance_scale(&making->chance,
					     PICK(&making->chance, 3, 3000, 3000, 600000));
	if (stream->shape.now_ms > end)
		stream->shape.now_ms = end;
	step = add_step(making, STEP_CLOCK);
	step->now_ms = stream->shape.now_ms;
	making->batch++;
}

static void add_batch(struct making *making, unsigned int conn)
{
	struct shape *shape = &making->stream->shape;
	unsigned int depth = chance_between(&making->chance, 1, shape->depth);
	size_t begin = making->stream->text.len;
	bool closed = false;

	while (depth-- && !closed && making->stream->text.len - begin < BATCH_BYTES)
		closed = add_sentence(making, conn);
	if (!closed && chance_once_in(&making->chance, 200))
		add_raw(making, conn);
	making->batch++;
}

void stream_make(struct stream *stream, const struct grammar *grammar, uint64_t seed,
		 unsigned int commands, bool driven)
{
	struct making making = {
		.stream = stream, .grammar = grammar, .chance = { seed * 0x5851f42d4c957f2d },
	};
	unsigned int conn = 0;

	*stream = (struct stream) { .seed = seed };
	choose_shape(stream, &making.chance, driven);
	while (making.commands < commands) {
		if (driven && chance_once_in(&making.chance, 3))
			add_clock(&making);
		if (chance_once_in(&making.chance, 3))
			conn = chance_between(&making.chance, 0, CONNECTIONS - 1);
		add_batch(&making, conn);
	}
	free(making.sentence.text.at);
}

void stream_free(struct stream *stream)
{
	free(stream->steps);
	free(stream->text.at);
}

unsigned int resp_args(struct span resp, struct span *args, unsigned int most)
{
	struct span element = reply_first(resp);
	long count = reply_count(resp), i;

	for (i = 0; i < count && i < (long)most; i++) {
		const char *begin = memchr(element.at, '\n', element.len) + 1;

		args[i] = (struct span) { begin, element.at + element.len - 2 - begin };
		element = reply_after(resp, element);
	}
	return i;
}

void step_describe(const struct stream *stream, const struct step *step, struct bytes *out)
{
	struct span text = { stream->text.at + step->at, step->len };
	struct span args[SENTENCE_ARGS];
	unsigned int i, n;

	if (step->kind == STEP_CLOCK) {
		bytes_format(out, "   clock %+lld ms",
			     (long long)(step->now_ms - stream->begin_ms));
		return;
	}
	bytes_format(out, "%3u%s", step->conn, step->in_line ? " inline" : "");
	n = step->kind == STEP_RAW ? 1 : resp_args(text, args, SENTENCE_ARGS);
	if (step->kind == STEP_RAW)
		args[0] = text;
	for (i = 0; i < n && i < 40; i++) {
		bytes_add(out, " ", 1);
		bytes_add_escaped(out, args[i], 100);
		if (!args[i].len)
			bytes_add(out, "\"\"", 2);
	}
}
