/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linearizability: what several clients saw at once must be what one after the other
 * could have seen, in an order that agrees with who had an answer before who asked.
 *
 *	store.c		a store of few keys, one command after the other
 *	history.c	histories as text
 *	check.c		whether a history is linearizable
 *	record.c	clients that make a history with a server
 *	main.c		options and rounds
 */
#ifndef TESTS_LINEARIZABILITY_H
#define TESTS_LINEARIZABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define KEYS		4	/* named a, b, c, d */
#define CLIENTS		16	/* at most */
#define COMMANDS	3	/* of a transaction, at most */
#define VALUE_BYTES	61
#define FIELD_BYTES	30	/* a hash has the fields f and g, and room for both */

enum type { NONE, STRING, HASH };

/* What is at a key; bytes that are not used are 0. */
struct value {
	uint8_t type;
	uint8_t len[2];		/* of the string, or of both fields */
	uint8_t has;		/* bit f: the hash has this field */
	char bytes[VALUE_BYTES];
};

struct store {
	struct value keys[KEYS];
};

enum answer { NIL, NUMBER, TEXT, STATUS, ERROR };

/* A reply: the number's digits, the text, the status, the first word of the error. */
struct reply {
	uint8_t kind, len;
	char bytes[VALUE_BYTES];
};

struct command {
	uint8_t verb;
	uint8_t nargs, nreplies;
	char args[4][8];	/* keys and values, NUL-terminated */
	struct reply replies[2];
};

/* One command, or a transaction, that happened at one moment from begin to end. */
struct operation {
	uint64_t begin, end;	/* ns */
	uint8_t client, ncommands;
	struct command commands[COMMANDS];
};

struct history {
	struct operation *operations;
	size_t count, room;
};

/* How many verbs there are, the first of which have one key. */
extern const unsigned int verb_count, verb_single_count;

const char *verb_name(unsigned int verb);
/* -1: there is none of this name. */
int verb_named(const char *name);
/* Letters: k is a key, f a field, v a value, n a number. */
const char *verb_form(unsigned int verb);
/* Whether a command is only about this key, or touches it if not. */
bool command_uses(const struct command *command, unsigned int key);
/* The replies that a command has where the store is like this, and what it becomes. */
void store_apply(struct store *store, const struct command *command, struct reply replies[2]);

struct operation *history_add(struct history *history);
void history_free(struct history *history);
void history_write(const struct history *history, FILE *file);
void operation_write(const struct operation *operation, FILE *file);
/* Exits with a message if the file is none. */
void history_read(struct history *history, const char *path);

/*
 * Whether a history from an empty store on is linearizable; if not, the operation is
 * told that nothing explains. With a key, only operations on it are looked at, and
 * then all have one key.
 */
bool history_check(const struct history *history, int key, const struct operation **culprit);

/* How many operations began while another was under way. */
size_t history_overlaps(const struct history *history);

/* Clients in threads of their own make operations on an empty store. */
void history_record(struct history *history, int port, unsigned int clients,
		    unsigned int operations, bool transactions, uint64_t seed);

#endif /* TESTS_LINEARIZABILITY_H */
