// SPDX-License-Identifier: GPL-2.0
/*
 * Clients of a core in this process: each has a session and a lane, which its thread
 * runs. A session that is parked waits until it is kicked. Every other time what a
 * client says comes as a packet does, for inline dispatch.
 */
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/kernel.h>
#include <linux/rcupdate.h>

#include "core/client.h"
#include "core/inline.h"
#include "core/instance.h"
#include "core/keyspace.h"
#include "core/lane.h"
#include "core/session.h"
#include "litmus.h"

#define SHARDS 3
#define DATABASES 6
/* Each client looks so often after all shards, ms, and deletes so many keys. */
#define TICK 10
#define EXPIRE_BUDGET 200
/* Commands of a packet that may be executed where it arrives. */
#define INLINE_BUDGET 64

struct peer {
	struct darter_session session;
	struct darter_lane *lane;
	bool kicked;
	u64 ticked, parked;
};

unsigned int core_clients;
static struct darter_instance instance;
static u32 opened;
static u64 parked;

static u64 wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static void kick(struct darter_session *session)
{
	WRITE_ONCE(container_of(session, struct peer, session)->kicked, true);
}

static int apply(struct darter_instance *instance, u32 effects, char *why, size_t why_len)
{
	return 0;
}

static int upcall(struct darter_instance *instance, struct darter_upcall *upcall)
{
	return -ENOTCONN;
}

static void event(struct darter_instance *instance, enum darter_event event, const char *text)
{
}

static u64 total_memory(void)
{
	return 1ULL << 32;
}

static void cpu_time(struct darter_instance *instance, u64 *system, u64 *user)
{
	*system = 0;
	*user = 0;
}

static void describe(char *os, size_t room)
{
	snprintf(os, room, "test");
}

static void rest(struct darter_session *session, u64 micros)
{
}

static const struct darter_host host = {
	.mode = "test",
	.kick = kick,
	.apply = apply,
	.upcall = upcall,
	.event = event,
	.total_memory = total_memory,
	.cpu_time = cpu_time,
	.describe = describe,
	.wall_us = wall_us,
	.rest = rest,
};

static void start(void)
{
	const struct darter_params params = {
		.shards = SHARDS, .databases = DATABASES, .lanes = core_clients,
	};

	if (darter_instance_init(&instance, &params, &host, NULL) ||
	    darter_instance_add_inline_lanes(&instance, core_clients, NULL))
		errx(2, "no instance");
}

static void *core_open(unsigned int index)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!opened++)
		start();
	if (!peer || darter_session_init(&peer->session, &instance, "127.0.0.1:1",
					 "127.0.0.1:6379", now_ms()) ||
	    darter_client_register(&instance, &peer->session))
		errx(2, "no session");
	peer->session.lane = index;
	peer->lane = &instance.lanes[index];
	return peer;
}

static void core_close(void *arg)
{
	struct peer *peer = arg;

	parked += peer->parked;
	darter_client_unregister(&peer->session);
	darter_session_destroy(&peer->session);
	free(peer);
}

static void core_enter(void)
{
	rcu_register_thread();
}

static void core_leave(void)
{
	rcu_unregister_thread();
}

/* Replies as a socket takes them; blobs are read while their keys change. */
static void take(struct client *client)
{
	struct peer *peer = client->peer;
	struct darter_reply *reply = &peer->session.reply;
	struct darter_chunk *chunk;

	list_for_each_entry(chunk, &reply->chunks, link) {
		if (client->in_len + chunk->len > BUFFER)
			errx(2, "replies are too long");
		memcpy(client->in + client->in_len, chunk->bytes, chunk->len);
		client->in_len += chunk->len;
	}
	darter_reply_sent(reply, reply->bytes);
}

/* Go on until the session wants more to read. */
static void run(struct client *client, enum darter_session_verdict verdict)
{
	struct peer *peer = client->peer;

	for (take(client); verdict != DARTER_SESSION_READ; take(client)) {
		if (verdict == DARTER_SESSION_PARKED) {
			peer->parked++;
			while (!READ_ONCE(peer->kicked))
				sched_yield();
		} else if (verdict != DARTER_SESSION_YIELD) {
			errx(2, "a session wants to end");
		}
		WRITE_ONCE(peer->kicked, false);
		verdict = darter_session_run(&peer->session, peer->lane, now_ms());
	}
}

static void tick(struct peer *peer)
{
	u64 now = now_ms();
	u32 i;

	if (now - peer->ticked < TICK)
		return;
	peer->ticked = now;
	for (i = 0; i < SHARDS; i++)
		darter_keyspace_expire(&instance.shards[i], now, EXPIRE_BUDGET);
}

/* How much of what is said was executed inline. */
static size_t serve_inline(struct client *client)
{
	struct peer *peer = client->peer;
	struct darter_visit visit = {
		.lane = darter_inline_lane(&instance, peer->lane->index),
		.now = now_ms(),
		.budget = INLINE_BUDGET,
	};
	u32 done;

	if (client_draw(client, 2) || !darter_inline_fit(&peer->session) ||
	    !darter_inline_begin(&peer->session, &visit))
		return 0;
	done = darter_inline_run(&peer->session, &visit, client->out, client->out_len);
	darter_inline_end(&peer->session, &visit);
	take(client);
	return done;
}

static void core_send(struct client *client)
{
	struct peer *peer = client->peer;
	size_t sent = serve_inline(client);

	tick(peer);
	while (sent < client->out_len) {
		u32 room;
		char *window = darter_session_window(&peer->session, peer->lane, &room);

		if (!window)
			errx(2, "no memory");
		room = min_t(size_t, room, client->out_len - sent);
		memcpy(window, client->out + sent, room);
		sent += room;
		WRITE_ONCE(peer->kicked, false);
		run(client, darter_session_received(&peer->session, peer->lane, room, now_ms()));
	}
}

static void core_receive(struct client *client)
{
	errx(2, "a reply is missing");
}

/* Nothing is left of keys that are gone, when no reader is left either. */
static bool empty(struct darter_shard *shard)
{
	u64 left;

	darter_shard_lock(shard);
	darter_keyspace_flush(shard, U32_MAX);
	darter_guard_wait(&shard->guard);
	left = shard->arena.used + shard->blob_bytes + shard->guard.retired;
	darter_shard_unlock(shard);
	if (left)
		printf("  FAIL    %llu bytes are left in shard %u\n", left, shard->index);
	return !left;
}

static unsigned int core_finish(void)
{
	unsigned int failed = 0, i;
	u64 inlined = 0;

	core_enter();
	for (i = 0; i < SHARDS; i++)
		failed += !empty(&instance.shards[i]);
	core_leave();
	for (i = 0; i < core_clients; i++)
		inlined += darter_inline_lane(&instance, i)->commands;
	printf("%llu commands were executed inline, sessions were parked %llu times\n", inlined,
	       parked);
	darter_instance_destroy(&instance);
	return failed;
}

const struct transport core_transport = {
	.open = core_open,
	.close = core_close,
	.enter = core_enter,
	.leave = core_leave,
	.send = core_send,
	.receive = core_receive,
	.finish = core_finish,
};
