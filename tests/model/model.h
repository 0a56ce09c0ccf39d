/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model test: streams of commands that a grammar and a seed make up, sent to a
 * reference server and to Darter, whose replies must be equal. One thread.
 *
 *	grammar.c	sentences of the grammar: commands and their arguments
 *	payload.c	payloads of RESTORE
 *	stream.c	a seed's stream: steps of commands, batches, and the clock
 *	servers.c	connections to both, and the clock that they share
 *	play.c		a stream sent to both, its replies compared; shorter ones
 *			that fail as well
 *	reply.c		replies as bytes: where they end, which are equal
 *	rules.c		what may differ, from the file `differences`
 *	coverage.c	which commands were sent
 *	main.c		options and the run
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTIONS	3
#define DATABASES	16

/* Bytes that grow; `at` is NULL as long as there are none. */
struct bytes {
	char *at;
	size_t len, room;
};

/* Bytes that belong to somebody else. */
struct span {
	const char *at;
	size_t len;
};

void bytes_add(struct bytes *bytes, const void *more, size_t len);
__attribute__((format(printf, 2, 3)))
void bytes_format(struct bytes *bytes, const char *format, ...);
/* Readable, and cut if it is long. */
void bytes_add_escaped(struct bytes *bytes, struct span span, size_t most);

/* A generator of numbers; equal seeds make equal numbers. */
struct chance {
	uint64_t state;
};

uint64_t chance_next(struct chance *chance);
/* Each from low to high, ends included. */
int64_t chance_between(struct chance *chance, int64_t low, int64_t high);
/* True once in so many times. */
bool chance_once_in(struct chance *chance, unsigned int times);
/* Small ones as probable as large ones: evenly distributed logarithms. */
int64_t chance_scale(struct chance *chance, int64_t high);

/* What a stream is like, and where its clock is. */
struct shape {
	unsigned int keys;		/* names of each kind */
	unsigned int depth;		/* commands of a batch, at most */
	unsigned int lost;		/* one argument list in so many is spoilt */
	bool active_expire;
	bool driven;			/* the servers' clock is ours */
	uint64_t now_ms;
};

/* Commands that belong together, each a number of arguments. */
#define SENTENCE_ARGS	600

struct sentence {
	struct bytes text;
	struct { size_t at, len; } args[SENTENCE_ARGS];
	unsigned int nargs;
	unsigned int ends[8];		/* behind the last argument of each command */
	unsigned int ncommands;
	bool verbatim;			/* not to be spoilt */
};

struct grammar;

struct grammar *grammar_load(const char *path);
void grammar_free(struct grammar *grammar);
/* Make up a sentence of a rule, which must exist. */
void grammar_expand(const struct grammar *grammar, const char *rule, struct chance *chance,
		    const struct shape *shape, struct sentence *sentence);

void payload_add(struct bytes *out, struct chance *chance);

enum step_kind { STEP_COMMAND, STEP_RAW, STEP_CLOCK };

/* Steps of one batch are sent at once. */
struct step {
	enum step_kind kind;
	unsigned int batch;
	unsigned int conn;
	bool in_line;			/* sent as a line, not as an array */
	bool closes;			/* the server closes the connection */
	bool glued;			/* makes sense only behind the one before */
	uint64_t now_ms;		/* STEP_CLOCK: what it is set to */
	size_t at, len;			/* STEP_COMMAND: RESP, STEP_RAW: bytes, in `text` */
};

struct stream {
	uint64_t seed;
	struct shape shape;
	uint64_t begin_ms;
	char limits[2][8];		/* hash-max-listpack-entries and -value */
	struct step *steps;
	unsigned int nsteps, room;
	struct bytes text;
};

void stream_make(struct stream *stream, const struct grammar *grammar, uint64_t seed,
		 unsigned int commands, bool driven);
void stream_free(struct stream *stream);
/* Tell a step: connection, time or arguments. */
void step_describe(const struct stream *stream, const struct step *step, struct bytes *out);
/* The arguments of a command in RESP; returns how many there are, at most `most`. */
unsigned int resp_args(struct span resp, struct span *args, unsigned int most);

struct link {
	int fd;
	struct bytes in;
	size_t done;			/* bytes of `in` that were taken */
};

enum { REFERENCE, DARTER, SERVERS };

struct servers {
	int ports[SERVERS];
	/* The last looks at all keys. */
	struct link links[CONNECTIONS + 1][SERVERS];
	uint64_t *clock_us;		/* NULL: they have the time of day */
};

void servers_connect(struct servers *servers, unsigned int conn);
void servers_close(struct servers *servers);
void servers_set_clock(struct servers *servers, uint64_t ms);

/*
 * Send bytes to each and wait for so many replies of both, or until both have closed.
 * False: that did not happen, or somebody said what is no reply. links[].in has what
 * they said.
 */
bool servers_exchange(struct servers *servers, unsigned int conn,
		      const struct bytes *const out[SERVERS], unsigned int replies,
		      bool until_closed);
/* The same bytes to both. */
static inline bool servers_ask(struct servers *servers, unsigned int conn,
			       const struct bytes *out, unsigned int replies, bool until_closed)
{
	const struct bytes *const both[SERVERS] = { out, out };

	return servers_exchange(servers, conn, both, replies, until_closed);
}

/* Length of the reply at the beginning, 0: it is not complete, -1: it is none. */
long reply_length(struct span span);
/* Elements of an aggregate, each key and value of a map counted; -1: it is none. */
long reply_count(struct span reply);
/* The first element, and the one behind an element. */
struct span reply_first(struct span reply);
struct span reply_after(struct span reply, struct span element);

enum likeness {
	LIKE_BYTES, LIKE_UNORDERED, LIKE_SET, LIKE_PAIRS, LIKE_SCAN, LIKE_SHAPE, LIKE_KIND,
	LIKE_NEAR, LIKE_DUMP, LIKE_TEXT, LIKE_UNSENT
};

bool reply_alike(enum likeness likeness, struct span reference, struct span darter);

struct rules;

struct rules *rules_load(const char *path, bool driven);
void rules_free(struct rules *rules);
/* Whether replies that differ may, for this command. */
bool rules_allow(const struct rules *rules, struct span command, struct span reference,
		 struct span darter);
/* Whether a command, or container|subcommand, is never sent. */
bool rules_unsent(const struct rules *rules, const char *name);

struct counts {
	uint64_t commands;		/* sent, and answered alike */
	uint64_t keys;			/* compared at the ends of streams */
};

/* False: it failed; if `why` is given it gets the story. */
bool play(struct servers *servers, const struct rules *rules, const struct stream *stream,
	  struct counts *counts, struct bytes *why);
/* Leave out of a stream what it can fail without. False: it does not fail again. */
bool play_shrink(struct servers *servers, const struct rules *rules, struct stream *stream);

/* Ask Darter for its commands. */
void coverage_learn(struct servers *servers);
void coverage_free(void);
/* Called by play() for each command that was sent. */
void coverage_count(struct span command, bool failed);
/* How many names were never sent that should have been; `tell` how often all were. */
unsigned int coverage_check(const struct rules *rules, bool tell);

#endif /* TESTS_MODEL_H */
