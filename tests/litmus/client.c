// SPDX-License-Identifier: GPL-2.0
/* The protocol, as far as litmus tests speak it. A client belongs to one thread. */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litmus.h"

struct client *client_open(const struct transport *transport, unsigned int index)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		err(2, "no memory");
	client->out = malloc(BUFFER);
	client->in = malloc(BUFFER);
	if (!client->out || !client->in)
		err(2, "no memory");
	client->transport = transport;
	client->random = (index + 1) * 0x9e3779b97f4a7c15;
	client->peer = transport->open(index);
	return client;
}

void client_close(struct client *client)
{
	client->transport->close(client->peer);
	free(client->out);
	free(client->in);
	free(client);
}

/* xorshift64* by Vigna. */
unsigned int client_draw(struct client *client, unsigned int limit)
{
	client->random ^= client->random >> 12;
	client->random ^= client->random << 25;
	client->random ^= client->random >> 27;
	return (client->random * 2685821657736338717ULL >> 33) % limit;
}

/* Well mixed bits of a number; the finalizer of splitmix64 by Steele et al. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* Four neighbours have the same length, so that one fits where the one before is. */
size_t value_len(uint64_t value)
{
	uint64_t bits = mix(value / 4 + 1), rest = bits >> 8;

	switch (bits % 16) {
	case 0:
		return 16000 + rest % (VALUE_MAX - 16000);
	case 1:
		return 1000 + rest % 15000;
	case 2:
	case 3:
		return 100 + rest % 900;
	default:
		return 24 + rest % 60;
	}
}

size_t value_make(char *out, uint64_t value)
{
	size_t len = value_len(value);
	int head = sprintf(out, "%llu:", (unsigned long long)value);

	memset(out + head, 'a' + value % 26, len - head);
	return len;
}

static void put(struct client *client, const void *bytes, size_t len)
{
	if (client->out_len + len > BUFFER)
		errx(2, "too much said at once");
	memcpy(client->out + client->out_len, bytes, len);
	client->out_len += len;
}

static void put_head(struct client *client, char type, size_t number)
{
	char line[32];

	put(client, line, sprintf(line, "%c%zu\r\n", type, number));
}

static void put_bulk(struct client *client, const void *bytes, size_t len)
{
	put_head(client, '$', len);
	put(client, bytes, len);
	put(client, "\r\n", 2);
}

static void put_word(struct client *client, const char *word, size_t len, va_list *args)
{
	static _Thread_local char text[VALUE_MAX];

	if (*word != '%') {
		put_bulk(client, word, len);
	} else if (word[1] == 's') {
		word = va_arg(*args, const char *);
		put_bulk(client, word, strlen(word));
	} else if (word[1] == 'u') {
		len = sprintf(text, "%llu", (unsigned long long)va_arg(*args, uint64_t));
		put_bulk(client, text, len);
	} else if (word[1] == 'v') {
		len = value_make(text, va_arg(*args, uint64_t));
		put_bulk(client, text, len);
	} else {
		word = va_arg(*args, const char *);
		put_bulk(client, word, va_arg(*args, size_t));
	}
}

void client_say(struct client *client, const char *format, ...)
{
	size_t words = 1;
	const char *at;
	va_list args;

	for (at = format; *at; at++)
		words += *at == ' ';
	put_head(client, '*', words);
	va_start(args, format);
	for (at = format; words--; at += strcspn(at, " ") + 1)
		put_word(client, at, strcspn(at, " "), &args);
	va_end(args);
	client->said++;
}

void client_select(struct client *client, unsigned int db)
{
	if (client->db == db)
		return;
	client_say(client, "SELECT %u", (uint64_t)db);
	client->db = db;
}

void client_flush(struct client *client)
{
	client->in_len = 0;
	client->in_at = 0;
	client->transport->send(client);
	client->out_len = 0;
}

/* Have so many bytes that were not read yet. */
static const char *need(struct client *client, size_t len)
{
	while (client->in_len - client->in_at < len)
		client->transport->receive(client);
	return client->in + client->in_at;
}

/* A line without its end. */
static const char *read_line(struct client *client, size_t *len)
{
	const char *line;

	for (*len = 0;; ++*len) {
		line = need(client, *len + 1);
		if (line[*len] == '\n')
			break;
	}
	client->in_at += *len + 1;
	--*len;
	return line;
}

void client_read(struct client *client, struct reply *reply)
{
	static const char types[] = "-:$+*";
	static const enum kind kinds[] = { ERROR, NUMBER, TEXT, STATUS, ARRAY };
	const char *line = read_line(client, &reply->len);
	const char *type = strchr(types, *line);

	if (!type)
		errx(2, "an odd reply: %.*s", (int)reply->len, line);
	reply->kind = kinds[type - types];
	reply->number = strtoll(line + 1, NULL, 10);
	reply->text = line + 1;
	reply->len--;
	if (reply->kind != TEXT)
		return;
	if (reply->number < 0) {
		reply->kind = NIL;
		return;
	}
	reply->len = reply->number;
	reply->text = need(client, reply->len + 2);
	client->in_at += reply->len + 2;
}

static void pass_over(struct client *client)
{
	struct reply reply;
	long long i;

	client_read(client, &reply);
	if (reply.kind == ERROR)
		errx(2, "an error: %.*s", (int)reply.len, reply.text);
	for (i = 0; reply.kind == ARRAY && i < reply.number; i++)
		pass_over(client);
}

void client_settle(struct client *client)
{
	client_flush(client);
	for (; client->said; client->said--)
		pass_over(client);
}

long long client_number(struct client *client, const char *format, const char *arg)
{
	struct reply reply;

	client_say(client, format, arg);
	client_flush(client);
	client->said = 0;
	client_read(client, &reply);
	return reply.number;
}
