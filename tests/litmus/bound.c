// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory waits for readers, see kmod/core/guard.h, while one key is written as
 * fast as can be and each value takes another place than the one before.
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litmus.h"

/* What a shard holds back at most, and the greatest object that is written here. */
#define BOUND (4U << 20)
#define LONG 40000
#define SHORT 300
#define BURST 16

static unsigned long long held_back(struct client *client)
{
	static const char name[] = "\r\ndarter_memory_held_back:";
	struct reply reply;
	const char *line;

	client_say(client, "INFO memory");
	client_flush(client);
	client->said = 0;
	client_read(client, &reply);
	line = memmem(reply.text, reply.len, name, strlen(name));
	if (!line)
		errx(2, "INFO does not tell what is held back");
	return strtoull(line + strlen(name), NULL, 10);
}

struct overwriter {
	struct client *client;
	atomic_bool over;
};

static void *overwrite(void *arg)
{
	struct overwriter *overwriter = arg;
	struct client *client = overwriter->client;
	char text[LONG];
	unsigned int i;

	memset(text, 'x', sizeof(text));
	client->transport->enter();
	client_select(client, 0);
	while (!atomic_load(&overwriter->over)) {
		for (i = 0; i < BURST; i++)
			client_say(client, "SET bound %b", text,
				   (size_t)(i % 2 ? LONG : SHORT + 64 * i));
		client_settle(client);
	}
	client->transport->leave();
	return NULL;
}

bool bound_holds(struct client *writer, struct client *reader, unsigned int ms)
{
	struct overwriter overwriter = { .client = writer };
	unsigned long long most = 0, samples;
	uint64_t end;
	pthread_t thread;

	reader->transport->enter();
	/* What others left is freed by and by; one key is in one shard. */
	while (held_back(reader))
		;
	if (pthread_create(&thread, NULL, overwrite, &overwriter))
		errx(2, "no thread");
	end = now_ms() + ms;
	for (samples = 0; now_ms() < end; samples++) {
		unsigned long long now = held_back(reader);

		if (now > most)
			most = now;
	}
	atomic_store(&overwriter.over, true);
	pthread_join(thread, NULL);
	reader->transport->leave();
	printf("at most %llu bytes were seen to be held back, in %llu looks\n", most, samples);
	if (most > BOUND + LONG + 4096)
		printf("  FAIL    more than the bound\n");
	return most <= BOUND + LONG + 4096;
}
