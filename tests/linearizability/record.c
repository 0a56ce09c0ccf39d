// SPDX-License-Identifier: GPL-2.0
/*
 * Making a history: clients, each a thread with a connection, that ask a server for one
 * thing after the other and note when they asked, when they had the answer, and which.
 * A thread has its own history until all have ended; they share nothing.
 */
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lin.h"
#include "tools.h"

/* Who sees a string longer than this makes it short again. */
#define LONG	20

struct client {
	unsigned int index, operations;
	int fd;
	bool transactions;
	uint64_t random;
	char in[4096];
	size_t in_len, in_at;
	char out[1024];
	size_t out_len;
	unsigned int too_long;		/* a key + 1 */
	pthread_barrier_t *start;
	struct history history;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Below a limit; xorshift64* by Vigna. */
static unsigned int draw(struct client *client, unsigned int limit)
{
	client->random ^= client->random >> 12;
	client->random ^= client->random << 25;
	client->random ^= client->random >> 27;
	return (client->random * 2685821657736338717ULL >> 33) % limit;
}

/* Talking to the server. */

static void say(struct client *client, const char *const *words, unsigned int count)
{
	unsigned int i;

	client->out_len += sprintf(client->out + client->out_len, "*%u\r\n", count);
	for (i = 0; i < count; i++)
		client->out_len += sprintf(client->out + client->out_len, "$%zu\r\n%s\r\n",
					   strlen(words[i]), words[i]);
}

static void say_word(struct client *client, const char *word)
{
	say(client, &word, 1);
}

static void say_command(struct client *client, const struct command *command)
{
	const char *words[5] = { verb_name(command->verb) };
	unsigned int i;

	for (i = 0; i < command->nargs; i++)
		words[i + 1] = command->args[i];
	say(client, words, command->nargs + 1);
}

static void flush(struct client *client)
{
	size_t sent = 0;

	while (sent < client->out_len) {
		ssize_t n = send(client->fd, client->out + sent, client->out_len - sent,
				 MSG_NOSIGNAL);

		if (n <= 0)
			err(2, "send");
		sent += n;
	}
	client->out_len = 0;
}

static char next_byte(struct client *client)
{
	if (client->in_at == client->in_len) {
		ssize_t n = recv(client->fd, client->in, sizeof(client->in), 0);

		if (n <= 0)
			errx(2, "the server closed a connection");
		client->in_len = n;
		client->in_at = 0;
	}
	return client->in[client->in_at++];
}

/* Up to the end of the line, which is dropped; at most so many bytes are kept. */
static size_t read_line(struct client *client, char *out, size_t most)
{
	size_t len = 0;
	char c;

	while ((c = next_byte(client)) != '\n')
		if (c != '\r' && len < most)
			out[len++] = c;
	return len;
}

/* A reply that is no array. */
static void read_reply(struct client *client, struct reply *reply)
{
	static const char kinds[] = "-:$+";
	char line[VALUE_BYTES + 1];
	char type = next_byte(client);
	size_t len = read_line(client, line, VALUE_BYTES);

	line[len] = '\0';
	if (!strchr(kinds, type))
		errx(2, "an odd reply: %c%s", type, line);
	reply->kind = type == '-' ? ERROR : type == ':' ? NUMBER : type == '+' ? STATUS : TEXT;
	if (type == '-')
		len = strcspn(line, " ");
	if (type == '$') {
		if (*line == '-') {
			reply->kind = NIL;
			len = 0;
		} else {
			len = read_line(client, line, VALUE_BYTES);
		}
	}
	memcpy(reply->bytes, line, len);
	reply->len = len;
}

/* The number of elements. */
static long read_array(struct client *client)
{
	char line[16];
	size_t len;

	if (next_byte(client) != '*')
		errx(2, "no array where there should be one");
	len = read_line(client, line, sizeof(line) - 1);
	line[len] = '\0';
	return atol(line);
}

static void read_replies(struct client *client, struct command *command)
{
	unsigned int i;

	command->nreplies = 1;
	if (!strcmp(verb_name(command->verb), "MGET"))
		command->nreplies = read_array(client);
	for (i = 0; i < command->nreplies; i++)
		read_reply(client, &command->replies[i]);
}

static void expect_status(struct client *client, const char *status)
{
	struct reply reply;

	read_reply(client, &reply);
	if (reply.kind != STATUS || strncmp(reply.bytes, status, reply.len))
		errx(2, "%.*s instead of %s", reply.len, reply.bytes, status);
}

/* Operations. */

static void make_arg(struct client *client, char form, char *arg)
{
	if (form == 'k')
		sprintf(arg, "%c", 'a' + draw(client, KEYS));
	else if (form == 'f')
		strcpy(arg, draw(client, 2) ? "f" : "g");
	else if (form == 'n' || draw(client, 2))
		sprintf(arg, "%u", draw(client, 10));
	else
		sprintf(arg, "%c%c", 'p' + draw(client, 8), 'p' + draw(client, 8));
}

static void make_command(struct client *client, struct command *command, unsigned int verb)
{
	const char *form = verb_form(verb);
	unsigned int i;

	command->verb = verb;
	command->nargs = strlen(form);
	for (i = 0; form[i]; i++)
		make_arg(client, form[i], command->args[i]);
	/* Two keys are different ones. */
	for (i = 1; form[i]; i++)
		if (form[i] == 'k' && command->args[i][0] == command->args[0][0])
			command->args[i][0] = 'a' + (command->args[0][0] - 'a' + 1) % KEYS;
}

static void make_short(struct client *client, struct command *command)
{
	make_command(client, command, verb_named("SET"));
	command->args[0][0] = 'a' + client->too_long - 1;
	client->too_long = 0;
}

static void note_length(struct client *client, const struct command *command)
{
	const struct reply *reply = &command->replies[0];
	bool append = !strcmp(verb_name(command->verb), "APPEND");

	if ((append && reply->kind == NUMBER && atoi(reply->bytes) > LONG) ||
	    (reply->kind == TEXT && reply->len > LONG))
		client->too_long = command->args[0][0] - 'a' + 1;
}

static struct operation *begin(struct client *client)
{
	struct operation *operation = history_add(&client->history);

	operation->client = client->index;
	return operation;
}

static void do_one(struct client *client, unsigned int verbs)
{
	struct operation *operation = begin(client);
	struct command *command = &operation->commands[0];

	operation->ncommands = 1;
	if (client->too_long)
		make_short(client, command);
	else
		make_command(client, command, draw(client, verbs));
	say_command(client, command);
	operation->begin = now_ns();
	flush(client);
	read_replies(client, command);
	operation->end = now_ns();
	note_length(client, command);
}

/* MULTI, commands, EXEC: at once, or EXEC when all are queued. */
static void do_transaction(struct client *client)
{
	struct operation *operation = begin(client);
	unsigned int i, n = 2 + draw(client, COMMANDS - 1);
	bool at_once = draw(client, 2);

	operation->ncommands = n;
	say_word(client, "MULTI");
	for (i = 0; i < n; i++) {
		make_command(client, &operation->commands[i], draw(client, verb_count));
		say_command(client, &operation->commands[i]);
	}
	operation->begin = now_ns();
	if (!at_once)
		flush(client);
	say_word(client, "EXEC");
	flush(client);
	expect_status(client, "OK");
	for (i = 0; i < n; i++)
		expect_status(client, "QUEUED");
	if (read_array(client) != n)
		errx(2, "EXEC without the right number of replies");
	for (i = 0; i < n; i++) {
		read_replies(client, &operation->commands[i]);
		note_length(client, &operation->commands[i]);
	}
	operation->end = now_ns();
}

/*
 * WATCH a key, GET it, SET it in a transaction: where that succeeds, the key had what
 * was read when it was set, which the operation says with a GET that nobody sent.
 */
static void do_swap(struct client *client)
{
	struct operation *read = begin(client), *swap;
	struct command get = { }, set = { };
	const char *watch[2] = { "WATCH", get.args[0] };
	uint64_t asked;

	make_command(client, &get, verb_named("GET"));
	make_command(client, &set, verb_named("SET"));
	strcpy(set.args[0], get.args[0]);
	say(client, watch, 2);
	flush(client);
	expect_status(client, "OK");
	say_command(client, &get);
	asked = now_ns();
	flush(client);
	read_replies(client, &get);
	*read = (struct operation) {
		.begin = asked, .end = now_ns(), .client = client->index, .ncommands = 1,
		.commands = { get },
	};
	say_word(client, "MULTI");
	say_command(client, &set);
	say_word(client, "EXEC");
	asked = now_ns();
	flush(client);
	expect_status(client, "OK");
	expect_status(client, "QUEUED");
	if (read_array(client) < 0)
		return;
	read_replies(client, &set);
	swap = begin(client);
	swap->begin = asked;
	swap->end = now_ns();
	swap->ncommands = 2;
	swap->commands[0] = get;
	swap->commands[1] = set;
}

static void *run_client(void *argument)
{
	struct client *client = argument;
	unsigned int i;

	pthread_barrier_wait(client->start);
	for (i = 0; i < client->operations; i++) {
		unsigned int kind = client->transactions ? draw(client, 10) : 0;

		if (kind < 6)
			do_one(client, client->transactions ? verb_count : verb_single_count);
		else if (kind < 9)
			do_transaction(client);
		else
			do_swap(client);
	}
	return NULL;
}

static void flush_all(int port)
{
	struct client client = { .fd = tools_connect(port) };

	say_word(&client, "FLUSHALL");
	flush(&client);
	expect_status(&client, "OK");
	close(client.fd);
}

void history_record(struct history *history, int port, unsigned int clients,
		    unsigned int operations, bool transactions, uint64_t seed)
{
	struct client *all = calloc(clients, sizeof(*all));
	pthread_t threads[CLIENTS];
	pthread_barrier_t start;
	unsigned int i;
	size_t j;

	flush_all(port);
	pthread_barrier_init(&start, NULL, clients);
	for (i = 0; i < clients; i++) {
		all[i] = (struct client) {
			.index = i, .operations = operations, .fd = tools_connect(port),
			.transactions = transactions, .start = &start,
			.random = (seed * CLIENTS + i + 1) * 0x9e3779b97f4a7c15,
		};
		if (pthread_create(&threads[i], NULL, run_client, &all[i]))
			errx(2, "no thread");
	}
	for (i = 0; i < clients; i++) {
		pthread_join(threads[i], NULL);
		close(all[i].fd);
		for (j = 0; j < all[i].history.count; j++)
			*history_add(history) = all[i].history.operations[j];
		history_free(&all[i].history);
	}
	pthread_barrier_destroy(&start);
	free(all);
}
