// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c tests/fuzz/fuzz.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * What a client sends, any bytes: once as it is, once in pieces that follow from it.
 * Replies, end and keys must be the same. Between two pieces the lane serves others,
 * so what was there before them is gone.
 */
#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <string.h>

#include <linux/kernel.h>

#include "fuzz.h"
#include "kmod/core/lane.h"
#include "target.h"
#include "tests/unit/core.h"

/* So that no single command takes or writes as much as the machine has. */
#define BULK_MAX (1 << 20)

/* These tell of received bytes and of memory, or make what does depend on them. */
static const char *const telling[] = {
	"info", "client|list", "client|info", "memory|stats", "memory|doctor", "config|set",
};

struct outcome {
	struct fuzz_replies replies;
	enum darter_session_verdict verdict;
	bool refused;			/* there was no window for more */
	bool telling;
	char digest[64];		/* of all keys */
};

static bool has_told(void)
{
	const struct darter_command *command;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(telling); i++) {
		command = darter_command_find(telling[i], strlen(telling[i]));
		fuzz_check(command);
		if (test_instance.lanes[0].by_command[darter_command_index(command)].calls)
			return true;
	}
	return false;
}

/* Mostly a few bytes, so that pieces end inside of words and numbers. */
static u32 piece(struct fuzz_numbers *cuts)
{
	static const u32 bounds[] = { 1, 2, 8, 8, 64, 1024, 20000 };

	return 1 + fuzz_number(cuts, bounds[fuzz_number(cuts, ARRAY_SIZE(bounds))]);
}

/* What lies in the lane's buffer behind the received bytes must not be read. */
static void receive(struct test_client *client, struct darter_lane *lane, const char *window,
		    u32 bytes)
{
	const char *behind = window == lane->scratch ? window + bytes : NULL;

	if (behind)
		ASAN_POISON_MEMORY_REGION(behind, DARTER_SCRATCH_SIZE - bytes);
	client->verdict = darter_session_received(&client->session, lane, bytes, test_now);
	if (behind)
		ASAN_UNPOISON_MEMORY_REGION(behind, DARTER_SCRATCH_SIZE - bytes);
}

/*
 * Hand over the next bytes; false: no more are wanted. Then others receive where
 * these were, if that was the lane's own buffer.
 */
static bool hand_over(struct test_client *client, const u8 *data, size_t size,
		      struct fuzz_numbers *cuts, size_t *at)
{
	struct darter_lane *lane = &test_instance.lanes[0];
	u32 room, most = cuts ? piece(cuts) : U32_MAX;
	char *window = darter_session_window(&client->session, lane, &room);

	if (!window)
		return false;
	fuzz_check(room);
	room = min_t(size_t, min(room, most), size - *at);
	memcpy(window, data + *at, room);
	*at += room;
	receive(client, lane, window, room);
	if (cuts)
		memset(lane->scratch, '~', room);
	return true;
}

static void play(const u8 *data, size_t size, struct fuzz_numbers *cuts, struct outcome *outcome)
{
	struct test_client *client;
	size_t at = 0;

	memset(outcome, 0, sizeof(*outcome));
	fuzz_core_begin();
	WRITE_ONCE(test_instance.config.max_bulk_len, BULK_MAX);
	client = test_connect();
	client->verdict = DARTER_SESSION_READ;
	while (at < size && client->verdict == DARTER_SESSION_READ && !outcome->refused) {
		outcome->refused = !hand_over(client, data, size, cuts, &at);
		fuzz_go_on(client, &outcome->replies);
	}
	if (client->verdict == DARTER_SESSION_READ) {
		client->verdict = darter_session_half_close(&client->session,
							    &test_instance.lanes[0], test_now);
		fuzz_go_on(client, &outcome->replies);
		fuzz_check(client->verdict != DARTER_SESSION_READ);
	}
	outcome->verdict = client->verdict;
	outcome->telling = has_told();
	test_close(client);
	fuzz_digest(outcome->digest, sizeof(outcome->digest));
	fuzz_core_end();
}

static void print(const char *what, const struct outcome *outcome)
{
	fprintf(stderr, "%s: verdict %d, refused %d, keys %s%llu bytes:\n", what,
		outcome->verdict, outcome->refused, outcome->digest,
		(unsigned long long)outcome->replies.len);
	fwrite(outcome->replies.head, 1, outcome->replies.kept, stderr);
	fputc('\n', stderr);
}

static bool same(const struct outcome *one, const struct outcome *two)
{
	return one->replies.len == two->replies.len && one->replies.crc == two->replies.crc &&
	       one->verdict == two->verdict && one->refused == two->refused &&
	       !strcmp(one->digest, two->digest);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct outcome whole, pieces;
	struct fuzz_numbers cuts;

	fuzz_numbers_init(&cuts, data, size);
	play(data, size, NULL, &whole);
	play(data, size, &cuts, &pieces);
	fuzz_check(whole.telling == pieces.telling);
	if (whole.telling || same(&whole, &pieces))
		return 0;
	print("whole", &whole);
	print("in pieces", &pieces);
	fuzz_fail("pieces are answered otherwise");
}
