// SPDX-License-Identifier: GPL-2.0
/*
 * fill PORT KIND KEYS FIELDS: fill the store on 127.0.0.1:PORT, fast.
 *
 * KIND string makes KEYS strings key:%012d, KIND hash as many hashes of FIELDS
 * fields field:%06d. Values have 32 bytes and differ. Commands are sent in batches;
 * after each the replies are counted, so neither side ever waits for a full buffer
 * that the other does not empty. An error reply, or a reply too many, ends it.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools.h"

#define BATCH_BYTES	(48 * 1024)
#define BATCH_COMMANDS	1024
#define COMMAND_BYTES	(128 * 1024)	/* room for the longest command */
#define MOST_FIELDS	2000

static char out[BATCH_BYTES + COMMAND_BYTES];
static size_t out_len;
static long replies_due;

static void send_batch(int fd)
{
	size_t sent = 0;
	ssize_t n;

	while (sent < out_len) {
		n = write(fd, out + sent, out_len - sent);
		if (n < 0)
			err(1, "write");
		sent += n;
	}
	out_len = 0;
}

/* Replies are one line each: +OK, or the number of new fields. */
static void take_replies(int fd)
{
	static bool inside;	/* of a line, where the part before this one ended */
	char in[16384];
	ssize_t n, i;

	while (replies_due > 0) {
		n = read(fd, in, sizeof(in));
		if (n <= 0)
			err(1, "the server closed the connection");
		for (i = 0; i < n; i++) {
			if (!inside && in[i] == '-')
				errx(1, "%.*s", (int)(n - i), in + i);
			inside = in[i] != '\n';
			replies_due -= !inside;
		}
	}
	if (replies_due < 0)
		errx(1, "more replies than commands");
}

static void put(const char *text)
{
	out_len += sprintf(out + out_len, "$%zu\r\n%s\r\n", strlen(text), text);
}

/* What is stored differs everywhere, so that nothing could be shared. */
static void put_value(long key, long field)
{
	char value[40];

	snprintf(value, sizeof(value), "%016lx%016lx", key * 0x9e3779b97f4a7c15,
		 (field + 1) * 0xbf58476d1ce4e5b9);
	put(value);
}

static void put_command(bool hash, long key, long fields)
{
	char name[40];
	long field;

	out_len += sprintf(out + out_len, "*%ld\r\n", hash ? 2 + 2 * fields : 3);
	put(hash ? "HSET" : "SET");
	snprintf(name, sizeof(name), "key:%012ld", key);
	put(name);
	for (field = 0; field < (hash ? fields : 1); field++) {
		if (hash) {
			snprintf(name, sizeof(name), "field:%06ld", field);
			put(name);
		}
		put_value(key, field);
	}
	replies_due++;
}

int main(int argc, char **argv)
{
	long key, keys, fields;
	bool hash;
	int fd;

	if (argc != 5 || (strcmp(argv[2], "string") && strcmp(argv[2], "hash")))
		errx(2, "usage: fill PORT string|hash KEYS FIELDS");
	hash = !strcmp(argv[2], "hash");
	keys = atol(argv[3]);
	fields = atol(argv[4]);
	if (keys < 0 || fields < 1 || fields > MOST_FIELDS)
		errx(2, "FIELDS: 1 to %d", MOST_FIELDS);
	fd = tools_connect(atoi(argv[1]));
	for (key = 0; key < keys; key++) {
		put_command(hash, key, fields);
		if (out_len >= BATCH_BYTES || replies_due >= BATCH_COMMANDS) {
			send_batch(fd);
			take_replies(fd);
		}
	}
	send_batch(fd);
	take_replies(fd);
	close(fd);
	return 0;
}
