/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Litmus: what clients may see of writers that go on meanwhile.
 *
 * A law has states 0, 1, 2, ... One writer takes it from each to the next, with one
 * command or one transaction, and it is known what is at its places in each state.
 * Readers ask about one place after the other, in any order. Before they ask they look
 * how far the writer is known to be (the floor), and afterwards what it has begun (the
 * ceiling). An answer must be that of a state in between, and no later answer, at
 * whatever place, may be that of an earlier state. So nobody sees half of a change.
 *
 *	main.c		options, rounds, threads
 *	laws.c		laws: what is where in which state, and how to come there
 *	ask.c		questions, and which states an answer fits
 *	bound.c		the bound of memory that waits for readers
 *	client.c	the protocol
 *	core.c		clients of a core in this process
 *	socket.c	clients of a server
 */
#ifndef TESTS_LITMUS_H
#define TESTS_LITMUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACES 2
/* More than a pipeline of the longest values. */
#define BUFFER (1 << 20)
#define VALUE_MAX 40960
#define NO_DEADLINE (-1LL)
#define ANY_DEADLINE (-2LL)

struct transport;

struct client {
	const struct transport *transport;
	void *peer;			/* of the transport */
	char *out, *in;			/* BUFFER each */
	size_t out_len, in_len, in_at;
	unsigned int said;		/* commands whose replies have not been read */
	unsigned int db;
	uint64_t random;
};

/* What carries bytes. */
struct transport {
	void *(*open)(unsigned int index);
	void (*close)(void *peer);
	/* Called by a thread before it uses its client, and when it does no more. */
	void (*enter)(void);
	void (*leave)(void);
	/* Take client->out, all of it; replies may come already. */
	void (*send)(struct client *client);
	/* Have more bytes at the end of client->in. */
	void (*receive)(struct client *client);
	/* All clients are closed. Return: how many things were wrong. */
	unsigned int (*finish)(void);
};

extern const struct transport core_transport, socket_transport;
extern unsigned int core_clients;	/* how many there will be, set before the first */
extern int socket_port;

enum kind { NIL, NUMBER, TEXT, STATUS, ERROR, ARRAY };

struct reply {
	enum kind kind;
	long long number;		/* or elements of an array, which follow */
	const char *text;		/* valid until the client says something again */
	size_t len;
};

struct client *client_open(const struct transport *transport, unsigned int index);
void client_close(struct client *client);
/* Below a limit. */
unsigned int client_draw(struct client *client, unsigned int limit);
/*
 * Queue a command: words, and in place of a word %s a string, %u a uint64_t, %v the
 * value of a uint64_t, %b a pointer to bytes and a size_t.
 */
void client_say(struct client *client, const char *format, ...);
/* The same in a database, which is selected if need be. */
void client_select(struct client *client, unsigned int db);
void client_flush(struct client *client);
void client_read(struct client *client, struct reply *reply);
/* Send what is queued and have all replies, none of which may be an error. */
void client_settle(struct client *client);
/* Ask one thing that is answered by a number. */
long long client_number(struct client *client, const char *format, const char *arg);

/* The value with a number: its digits, and then one letter up to a length of its own. */
size_t value_len(uint64_t value);
size_t value_make(char *out, uint64_t value);

struct place {
	unsigned int db;
	char key[32];
};

enum what { ABSENT, STRING, HASH };

/* What is at a place. */
struct expected {
	enum what what;
	uint64_t value;
	long long deadline;		/* ms since the epoch */
};

struct round {
	const struct law *law;
	struct place places[PLACES];
	long long deadlines;		/* are later than this, ms since the epoch */
	_Atomic uint64_t begun, done, seen;
	atomic_bool over, failed;
	atomic_ullong answers;
};

struct law {
	const char *name;
	unsigned int places;
	unsigned int dbs[PLACES];
	/* How many states may come by themselves after the one that was begun. */
	unsigned int ahead;
	struct expected (*at)(const struct round *round, uint64_t state, unsigned int place);
	/* From the state before to this one, which is not 0: there is nothing in that. */
	void (*step)(struct client *client, const struct round *round, uint64_t state);
};

extern const struct law laws[];
extern const unsigned int law_count;

/* Ask a few things at once, and judge the answers. False: one fits no state. */
bool ask_some(struct client *client, struct round *round);

/*
 * Overwrite one key as fast as can be for so long, and look how much memory waits.
 * False: more than the bound.
 */
bool bound_holds(struct client *writer, struct client *reader, unsigned int ms);

uint64_t now_ms(void);

#endif /* TESTS_LITMUS_H */
