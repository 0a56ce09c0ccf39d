// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Lanes: made whole or not at all, the spare chunks that they keep, their counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/command.h"
#include "kmod/core/lane.h"
#include "kmod/core/reply.h"

/* Empty chunks that a lane keeps at most. */
#define SPARE_CHUNKS 64

static struct darter_lane *lane(void)
{
	return &test_instance.lanes[0];
}

static void lanes_are_made_or_not(void **state)
{
	struct darter_lane made;
	u32 i;

	for (i = 0; i < 2; i++) {
		memset(&made, 0xff, sizeof(made));
		shim_alloc_fail_after = i;
		assert_int_equal(darter_lane_init(&made, &test_instance, 5), -ENOMEM);
		shim_alloc_fail_after = -1;
		assert_null(made.scratch);
		assert_null(made.by_command);
		/* Its owner may not know how far it came. */
		darter_lane_destroy(&made);
	}
	memset(&made, 0xff, sizeof(made));
	assert_int_equal(darter_lane_init(&made, &test_instance, 5), 0);
	assert_ptr_equal(made.instance, &test_instance);
	assert_int_equal(made.index, 5);
	assert_int_equal(made.commands + made.bytes_in + made.bytes_out + made.clients, 0);
	memset(made.scratch, 'x', DARTER_SCRATCH_SIZE);
	for (i = 0; i < darter_command_count; i++)
		assert_int_equal(made.by_command[i].calls, 0);
	darter_lane_destroy(&made);
	darter_lane_destroy(&made);
	memset(&made, 0, sizeof(made));
	darter_lane_destroy(&made);
}

static void sent_chunks_are_kept(void **state)
{
	struct darter_reply reply;
	char page[DARTER_CHUNK_SIZE] = "";
	u32 i;

	darter_reply_init(&reply);
	reply.lane = lane();
	assert_int_equal(lane()->nspare_chunks, 0);
	assert_true(darter_reply_reserve(&reply, 100));
	darter_reply_raw(&reply, page, 100);
	darter_reply_sent(&reply, 100);
	assert_int_equal(lane()->nspare_chunks, 1);
	/* The next reply needs no memory. */
	shim_alloc_fail_after = 0;
	assert_true(darter_reply_reserve(&reply, 100));
	shim_alloc_fail_after = -1;
	assert_int_equal(lane()->nspare_chunks, 0);
	darter_reply_drop(&reply);
	assert_int_equal(lane()->nspare_chunks, 1);
	/* A full house keeps no more. */
	for (i = 0; i < 2 * SPARE_CHUNKS; i++)
		darter_reply_raw(&reply, page, 1000);
	darter_reply_drop(&reply);
	assert_in_range(lane()->nspare_chunks, 20, SPARE_CHUNKS);
	for (i = 0; i < 8 * SPARE_CHUNKS; i++)
		darter_reply_raw(&reply, page, 1000);
	darter_reply_drop(&reply);
	assert_int_equal(lane()->nspare_chunks, SPARE_CHUNKS);
}

static void only_pages_are_kept(void **state)
{
	struct darter_reply reply;
	char *big = calloc(3, DARTER_CHUNK_SIZE);

	darter_reply_init(&reply);
	reply.lane = lane();
	darter_reply_raw(&reply, big, 3 * DARTER_CHUNK_SIZE);
	darter_reply_drop(&reply);
	assert_int_equal(lane()->nspare_chunks, 0);
	/* Nor does one that is sent outside of a run stay. */
	reply.lane = NULL;
	darter_reply_raw(&reply, big, 100);
	darter_reply_sent(&reply, 100);
	assert_int_equal(lane()->nspare_chunks, 0);
	free(big);
}

static u64 ticking_clock(void)
{
	static u64 now;

	return now += 7;
}

static void lanes_count(void **state)
{
	struct test_client *client = test_connect();
	const struct darter_command *ping = darter_command_find("ping", 4);
	struct darter_command_stats *stats = &lane()->by_command[darter_command_index(ping)];
	u64 counter = 5;

	darter_count(&counter, 0);
	darter_count(&counter, 37);
	assert_int_equal(counter, 42);
	lane()->clock_us = ticking_clock;
	test_say(client, "PING");
	test_say(client, "PING");
	test_say(client, "PING a b");
	test_say(client, "GET");
	assert_int_equal(stats->calls, 3);
	assert_int_equal(stats->microseconds, 3 * 7);
	assert_int_equal(stats->failed, 1);
	assert_int_equal(stats->rejected, 0);
	assert_int_equal(lane()->commands, 3);
	assert_int_equal(lane()->errors, 2);
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		core_test(lanes_are_made_or_not),
		core_test(sent_chunks_are_kept),
		core_test(only_pages_are_kept),
		core_test(lanes_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
