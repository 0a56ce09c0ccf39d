// SPDX-License-Identifier: GPL-2.0
/* See fuzz.h. One thread, nothing is locked. */
#include <string.h>
#include <sys/types.h>

#include <linux/kernel.h>

#include "fuzz.h"
#include "kmod/core/crc.h"
#include "kmod/core/debug.h"
#include "kmod/core/lane.h"
#include "target.h"
#include "tests/unit/core.h"

/* How often the clock moves for one pause; it moves twice as far each time. */
#define WAITS 24
/* Runs in a row without input that are taken for progress. */
#define TURNS 10000

static struct fuzz_numbers choices;

void fuzz_numbers_init(struct fuzz_numbers *numbers, const u8 *data, size_t size)
{
	numbers->state = darter_crc64(size, data, size);
}

/* A step of Weyl's sequence, and its bits mixed. */
static u64 next_number(struct fuzz_numbers *numbers)
{
	u64 mixed = numbers->state += 0x9e3779b97f4a7c15ULL;

	mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93ULL;
	return mixed ^ mixed >> 32;
}

u32 fuzz_number(struct fuzz_numbers *numbers, u32 bound)
{
	return next_number(numbers) % bound;
}

ssize_t __wrap_getrandom(void *out, size_t len, unsigned int flags)
{
	u8 *bytes = out;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = next_number(&choices);
	return len;
}

void fuzz_core_begin(void)
{
	choices.state = 1;
	fuzz_check(!test_core_setup(NULL));
}

/* What an input may have left behind that keeps a new client from being served. */
static void lift_limits(void)
{
	WRITE_ONCE(test_instance.config.max_memory, 0);
	WRITE_ONCE(test_instance.config.max_clients, 100);
	darter_pause_stop(&test_instance);
}

static struct test_client *connect_anyhow(void)
{
	struct test_client *client;

	lift_limits();
	client = test_connect();
	client->session.authenticated = true;
	return client;
}

void fuzz_digest(char *digest, size_t room)
{
	struct test_client *client = connect_anyhow();

	test_instance.config.debug_access = DARTER_DEBUG_YES;
	snprintf(digest, room, "%s", test_say(client, "DEBUG DIGEST"));
	fuzz_check(*digest == '+');
	test_close(client);
}

static void check_shard(struct darter_shard *shard)
{
	u32 i;

	/* What readers may still have looked at is held back. */
	darter_guard_wait(&shard->guard);
	fuzz_check(!shard->blob_bytes && !shard->nwatches);
	for (i = 0; i < test_instance.params.databases; i++)
		fuzz_check(!shard->dbs[i].keys.count && !shard->dbs[i].volatile_keys);
}

void fuzz_core_end(void)
{
	struct test_client *client;
	u32 i;

	fuzz_check(!test_instance.nclients);
	fuzz_check(!atomic64_read(&test_instance.client_memory));
	test_check();
	client = connect_anyhow();
	if (strcmp(test_say(client, "FLUSHALL"), "+OK\r\n"))
		fuzz_fail("FLUSHALL was refused");
	test_close(client);
	fuzz_check(!atomic64_read(&test_instance.client_memory));
	if (atomic64_read(&test_instance.used))
		fuzz_fail("%lld bytes of keys that there are no more",
			  (long long)atomic64_read(&test_instance.used));
	for (i = 0; i < test_instance.params.shards; i++)
		check_shard(&test_instance.shards[i]);
	test_core_teardown(NULL);
}

static void keep(struct fuzz_replies *replies, const char *bytes, u32 len)
{
	u32 room = min_t(u32, len, sizeof(replies->head) - replies->kept);

	memcpy(replies->head + replies->kept, bytes, room);
	replies->kept += room;
	replies->crc = darter_crc64(replies->crc, bytes, len);
	replies->len += len;
}

void fuzz_take(struct test_client *client, struct fuzz_replies *replies)
{
	struct darter_reply *queue = &client->session.reply;
	struct darter_chunk *chunk;
	u64 len = 0;

	list_for_each_entry(chunk, &queue->chunks, link) {
		if (replies)
			keep(replies, chunk->bytes, chunk->len);
		len += chunk->len;
	}
	fuzz_check(len == queue->bytes);
	darter_reply_sent(queue, len);
	darter_session_publish(&client->session);
}

static void run(struct test_client *client, struct fuzz_replies *replies)
{
	struct darter_lane *lane = &test_instance.lanes[client->session.lane];

	client->verdict = darter_session_run(&client->session, lane, test_now);
	if (!darter_session_collect(&client->session, lane))
		fuzz_fail("no memory");
	fuzz_take(client, replies);
}

void fuzz_go_on(struct test_client *client, struct fuzz_replies *replies)
{
	u32 waits = 0, turns = 0;

	fuzz_take(client, replies);
	for (;;) {
		if (client->verdict == DARTER_SESSION_PARKED) {
			if (client->session.upcall || waits == WAITS)
				return;
			test_now += 1ULL << waits++;
			darter_instance_tick(&test_instance, 0, test_now);
		} else if (client->verdict == DARTER_SESSION_YIELD) {
			waits = 0;
		} else {
			return;
		}
		fuzz_check(turns++ < TURNS);
		run(client, replies);
	}
}
