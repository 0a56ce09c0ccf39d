// SPDX-License-Identifier: GPL-2.0
/* See core.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/check.h"
#include "kmod/core/client.h"
#include "kmod/core/upcall.h"

#define MAX_CLIENTS 8
#define MAX_REPLY (1 << 19)
#define MAX_WORDS 64

struct darter_instance test_instance;
u64 test_now;
u32 test_upcalls;
struct test_client *client, *other;
struct darter_upcall *test_asked;

#define DEFAULT_PARAMS { .shards = TEST_SHARDS, .databases = 4, .lanes = 1 }
struct darter_params test_params = DEFAULT_PARAMS;

static struct test_client *clients[MAX_CLIENTS];
static char reply[MAX_REPLY];

static void host_kick(struct darter_session *session)
{
	container_of(session, struct test_client, session)->kicks++;
}

static int host_apply(struct darter_instance *instance, u32 effects, char *why, size_t why_len)
{
	u32 workers = instance->config.workers;
	int err = 0;

	if (!(effects & DARTER_APPLY_WORKERS))
		return 0;
	while (!err && instance->nlanes < workers)
		err = darter_instance_add_lane(instance);
	if (!err)
		darter_instance_hand_out(instance, workers);
	return err;
}

static int host_upcall(struct darter_instance *instance, struct darter_upcall *upcall)
{
	test_upcalls++;
	return -ENOTCONN;
}

static void host_event(struct darter_instance *instance, enum darter_event event,
		       const char *text)
{
}

static u64 host_total_memory(void)
{
	return 1ULL << 32;
}

static void host_cpu_time(struct darter_instance *instance, u64 *system, u64 *user)
{
	*system = 0;
	*user = 0;
}

static void host_describe(char *os, size_t room)
{
	snprintf(os, room, "test");
}

static u64 host_wall_us(void)
{
	return test_now * 1000;
}

static void host_rest(struct darter_session *session, u64 micros)
{
	test_now += micros / 1000;
}

static const struct darter_host host = {
	.mode = "test",
	.kick = host_kick,
	.apply = host_apply,
	.upcall = host_upcall,
	.event = host_event,
	.total_memory = host_total_memory,
	.cpu_time = host_cpu_time,
	.describe = host_describe,
	.wall_us = host_wall_us,
	.rest = host_rest,
};

int test_core_setup(void **state)
{
	test_now = TEST_BEGIN_MS;
	test_upcalls = 0;
	return darter_instance_init(&test_instance, &test_params, &host, NULL);
}

int test_client_setup(void **state)
{
	if (test_core_setup(state))
		return -1;
	client = test_connect();
	return 0;
}

int test_two_clients_setup(void **state)
{
	if (test_client_setup(state))
		return -1;
	other = test_connect();
	return 0;
}

static int daemon_upcall(struct darter_instance *instance, struct darter_upcall *upcall)
{
	test_asked = upcall;
	return 0;
}

int test_daemon_setup(void **state)
{
	static struct darter_host with_daemon;
	int err = test_core_setup(state);

	with_daemon = host;
	with_daemon.upcall = daemon_upcall;
	test_instance.host = &with_daemon;
	test_asked = NULL;
	return err;
}

static void tell(void *arg, const struct darter_finding *finding)
{
	fprintf(stderr, "shard %d database %d key '%.*s': %s\n", finding->shard, finding->db,
		max(finding->key_len, 0), finding->key, finding->what);
}

void test_check(void)
{
	assert_int_equal(darter_check_all(&test_instance, tell, NULL), 0);
}

int test_core_teardown(void **state)
{
	u32 i;

	shim_alloc_fail_after = -1;
	shim_alloc_fail_once = false;
	test_check();
	for (i = 0; i < MAX_CLIENTS; i++)
		if (clients[i])
			test_close(clients[i]);
	darter_instance_destroy(&test_instance);
	test_params = (struct darter_params)DEFAULT_PARAMS;
	return 0;
}

struct test_client *test_connect(void)
{
	struct test_client *client = calloc(1, sizeof(*client));
	u32 i;

	assert_non_null(client);
	assert_int_equal(darter_session_init(&client->session, &test_instance, "127.0.0.1:1",
					     "127.0.0.1:6379", test_now), 0);
	assert_int_equal(darter_client_register(&test_instance, &client->session), 0);
	for (i = 0; clients[i]; i++)
		assert_true(i + 1 < MAX_CLIENTS);
	clients[i] = client;
	return client;
}

void test_close(struct test_client *client)
{
	u32 i;

	for (i = 0; i < MAX_CLIENTS; i++)
		if (clients[i] == client)
			clients[i] = NULL;
	darter_client_unregister(&client->session);
	darter_session_destroy(&client->session);
	free(client);
}

const char *test_take(struct test_client *client)
{
	struct darter_reply *queue = &client->session.reply;
	struct darter_chunk *chunk;
	size_t len = 0;

	list_for_each_entry(chunk, &queue->chunks, link) {
		assert_true(len + chunk->len < sizeof(reply));
		memcpy(reply + len, chunk->bytes, chunk->len);
		len += chunk->len;
	}
	reply[len] = '\0';
	assert_int_equal(len, queue->bytes);
	darter_reply_sent(queue, len);
	return reply;
}

size_t test_receive(struct test_client *client, const void *bytes, size_t len)
{
	struct darter_lane *lane = &test_instance.lanes[client->session.lane];
	size_t taken = 0;
	u32 room;

	client->verdict = DARTER_SESSION_READ;
	while (taken < len && client->verdict == DARTER_SESSION_READ) {
		char *window = darter_session_window(&client->session, lane, &room);

		if (!window)
			break;
		room = min_t(size_t, room, len - taken);
		memcpy(window, bytes + taken, room);
		taken += room;
		client->verdict = darter_session_received(&client->session, lane, room,
							  test_now);
	}
	return taken;
}

const char *test_send(struct test_client *client, const void *bytes, size_t len)
{
	assert_int_equal(test_receive(client, bytes, len), len);
	return test_take(client);
}

const char *test_say_args(struct test_client *client, const struct darter_arg *argv, u32 argc)
{
	char request[MAX_REPLY];
	size_t len;
	u32 i;

	len = sprintf(request, "*%u\r\n", argc);
	for (i = 0; i < argc; i++) {
		assert_true(len + argv[i].len + 32 < sizeof(request));
		len += sprintf(request + len, "$%u\r\n", argv[i].len);
		memcpy(request + len, argv[i].bytes, argv[i].len);
		len += argv[i].len;
		len += sprintf(request + len, "\r\n");
	}
	return test_send(client, request, len);
}

/* Words behind the first @argc arguments; how many there are then. */
static u32 split(const char *words, struct darter_arg argv[MAX_WORDS], u32 argc)
{
	for (;;) {
		const char *end = strchrnul(words, ' ');

		assert_true(argc < MAX_WORDS);
		argv[argc++] = (struct darter_arg){ .bytes = words, .len = end - words };
		if (!*end)
			return argc;
		words = end + 1;
	}
}

const char *test_say(struct test_client *client, const char *words)
{
	struct darter_arg argv[MAX_WORDS];

	return test_say_args(client, argv, split(words, argv, 0));
}

const char *test_restore(struct test_client *client, const char *verb, const char *key,
			 const char *ttl, const char *payload, size_t len, const char *options)
{
	struct darter_arg argv[MAX_WORDS] = {
		{ .bytes = verb, .len = strlen(verb) },
		{ .bytes = key, .len = strlen(key) },
		{ .bytes = ttl, .len = strlen(ttl) },
		{ .bytes = payload, .len = len },
	};

	return test_say_args(client, argv, *options ? split(options, argv, 4) : 4);
}

const char *test_go_on(struct test_client *client)
{
	client->verdict = darter_session_run(&client->session,
					     &test_instance.lanes[client->session.lane], test_now);
	return test_take(client);
}

struct darter_shard *test_shard_of(const char *key)
{
	return darter_shard_of(&test_instance, key, strlen(key));
}

void test_drop_spare_chunks(void)
{
	struct darter_lane *lane = &test_instance.lanes[0];
	struct darter_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &lane->spare_chunks, link) {
		list_del(&chunk->link);
		darter_chunk_free(chunk);
	}
	lane->nspare_chunks = 0;
}

void test_grace_period(void)
{
	u32 i;

	for (i = 0; i < test_instance.params.shards; i++)
		darter_guard_wait(&test_instance.shards[i].guard);
}
