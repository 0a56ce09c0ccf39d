// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* Instances: making them, their memory and its limit, periodic work, counted errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/client.h"
#include "kmod/core/crc.h"
#include "kmod/core/lane.h"

/* Keys that a tick deletes from a shard at most. */
#define EXPIRE_BUDGET 200
#define TICK_MAX 100
/* Where nothing is to be done. */
#define IDLE_TICK 1000
#define ERROR_CODE_MAX 31

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static struct darter_instance extra;
static struct darter_host noting;
static u32 events;

static void note_event(struct darter_instance *instance, enum darter_event event,
		       const char *text)
{
	assert_ptr_equal(instance, &test_instance);
	assert_int_equal(event, DARTER_EVENT_OOM);
	assert_string_equal(text, "");
	events++;
}

static int set_up_noting(void **state)
{
	int err = test_core_setup(state);

	noting = *test_instance.host;
	noting.event = note_event;
	test_instance.host = &noting;
	events = 0;
	return err;
}

static int set_up_lanes(void **state)
{
	test_params.lanes = 2;
	test_params.max_lanes = 4;
	return test_core_setup(state);
}

static int set_up_one(void **state)
{
	test_params.shards = 1;
	return test_core_setup(state);
}

static int make(u32 shards, u32 databases, u32 lanes)
{
	const struct darter_params params = {
		.shards = shards, .databases = databases, .lanes = lanes,
	};
	int err = darter_instance_init(&extra, &params, test_instance.host, NULL);

	if (!err)
		darter_instance_destroy(&extra);
	return err;
}

static void parameters_have_bounds(void **state)
{
	assert_int_equal(make(0, 1, 1), -EINVAL);
	assert_int_equal(make(DARTER_MAX_SHARDS + 1, 1, 1), -EINVAL);
	assert_int_equal(make(1, 0, 1), -EINVAL);
	assert_int_equal(make(1, DARTER_MAX_DATABASES + 1, 1), -EINVAL);
	assert_int_equal(make(1, 1, 0), -EINVAL);
	assert_int_equal(make(1, 1, 65536), -EINVAL);
	assert_int_equal(make(1, 1, 1), 0);
	assert_int_equal(make(DARTER_MAX_SHARDS, 1, 1), 0);
	assert_int_equal(make(1, DARTER_MAX_DATABASES, 1), 0);
}

/* A node without slots would be none. */
static void every_node_needs_a_shard(void **state)
{
	struct darter_params params = {
		.shards = 3, .databases = 1, .lanes = 4, .cluster = DARTER_TOPOLOGY_PER_CPU,
	};
	char why[128] = "";

	assert_int_equal(darter_params_check(&params, why, sizeof(why)), -EINVAL);
	assert_string_equal(why,
			    "the per-cpu topology needs a shard for each worker: 3 shards, 4 workers");
	assert_int_equal(darter_instance_init(&extra, &params, test_instance.host, NULL), -EINVAL);
	params.cluster = DARTER_TOPOLOGY_SINGLE;
	assert_int_equal(darter_params_check(&params, why, sizeof(why)), 0);
	params.cluster = DARTER_TOPOLOGY_PER_CPU;
	params.lanes = 3;
	assert_int_equal(darter_params_check(&params, why, sizeof(why)), 0);
}

/* Wherever memory ends, all of it is given back. */
static void instances_need_memory(void **state)
{
	const struct darter_params params = {
		.shards = 2, .databases = 2, .lanes = 2, .cluster = DARTER_TOPOLOGY_SINGLE,
	};
	long after;
	int err;

	for (after = 0;; after++) {
		shim_alloc_fail_after = after;
		err = darter_instance_init(&extra, &params, test_instance.host, NULL);
		shim_alloc_fail_after = -1;
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
	}
	assert_true(after > 10);
	darter_instance_destroy(&extra);
}

static void assert_id(const char *id)
{
	assert_int_equal(strlen(id), DARTER_ID_CHARS);
	assert_int_equal(strspn(id, "0123456789abcdef"), DARTER_ID_CHARS);
}

static void instances_have_an_identity(void **state)
{
	const struct darter_params params = { .shards = 2, .databases = 2, .lanes = 3 };
	int owner;
	u32 i;

	assert_int_equal(darter_instance_init(&extra, &params, test_instance.host, &owner), 0);
	assert_ptr_equal(extra.owner, &owner);
	assert_id(extra.run_id);
	assert_id(extra.node_id);
	assert_id(extra.shard_id);
	assert_string_not_equal(extra.run_id, extra.node_id);
	assert_string_not_equal(extra.node_id, extra.shard_id);
	assert_string_not_equal(extra.run_id, test_instance.run_id);
	assert_memory_not_equal(&extra.hash_key, &test_instance.hash_key, sizeof(extra.hash_key));
	assert_int_equal(extra.started, TEST_BEGIN_MS);
	assert_int_equal(darter_instance_memory(&extra), 0);
	for (i = 0; i < params.lanes; i++) {
		assert_int_equal(extra.lanes[i].index, i);
		assert_ptr_equal(extra.lanes[i].instance, &extra);
	}
	for (i = 0; i < params.shards; i++)
		assert_int_equal(extra.shards[i].index, i);
	darter_instance_destroy(&extra);
}

static void only_clusters_count_slots(void **state)
{
	struct darter_params params = { .shards = 1, .databases = 1, .lanes = 1 };
	u32 slot;

	assert_null(test_instance.slot_counts);
	params.cluster = DARTER_TOPOLOGY_SINGLE;
	assert_int_equal(darter_instance_init(&extra, &params, test_instance.host, NULL), 0);
	for (slot = 0; slot < DARTER_SLOTS; slot++)
		assert_int_equal(extra.slot_counts[slot], 0);
	darter_instance_destroy(&extra);
}

static void keys_and_clients_share_the_limit(void **state)
{
	struct test_client *client = test_connect();
	u64 memory;

	says(client, "SET a 1", "+OK\r\n");
	memory = darter_instance_memory(&test_instance);
	assert_int_equal(memory, atomic64_read(&test_instance.used) +
				 atomic64_read(&test_instance.client_memory));
	assert_true(memory > sizeof(client->session));
	WRITE_ONCE(test_instance.config.max_memory, memory);
	assert_false(darter_instance_over_limit(&test_instance));
	WRITE_ONCE(test_instance.config.max_memory, memory - 1);
	assert_true(darter_instance_over_limit(&test_instance));
	atomic64_sub(1, &test_instance.client_memory);
	assert_false(darter_instance_over_limit(&test_instance));
	atomic64_add(1, &test_instance.client_memory);
	WRITE_ONCE(test_instance.config.max_memory, 0);
	assert_false(darter_instance_over_limit(&test_instance));
}

static void full_memory_is_told_now_and_then(void **state)
{
	darter_instance_tell_oom(&test_instance, test_now);
	assert_int_equal(events, 1);
	darter_instance_tell_oom(&test_instance, test_now);
	darter_instance_tell_oom(&test_instance, test_now + 999);
	assert_int_equal(events, 1);
	darter_instance_tell_oom(&test_instance, test_now + 1000);
	assert_int_equal(events, 2);
	/* A clock that was set back does not silence it. */
	darter_instance_tell_oom(&test_instance, test_now - 100000);
	assert_int_equal(events, 3);
	darter_instance_tell_oom(&test_instance, test_now - 99001);
	assert_int_equal(events, 3);
}

static void refused_commands_tell(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SET a 1", "+OK\r\n");
	assert_int_equal(events, 0);
	WRITE_ONCE(test_instance.config.max_memory, 1);
	test_say(client, "SET a 1");
	test_say(client, "SET a 1");
	assert_int_equal(events, 1);
}

/* All keys that are in the tables, also those that have expired. */
static u64 keys_in(u32 shard)
{
	return test_instance.shards[shard].dbs[0].keys.count;
}

static void lanes_look_after_their_shards(void **state)
{
	struct test_client *client = test_connect();
	char command[64];
	u32 i;

	for (i = 0; i < 100; i++) {
		snprintf(command, sizeof(command), "SET %u 1 PX 100", i);
		says(client, command, "+OK\r\n");
	}
	for (i = 0; i < TEST_SHARDS; i++)
		assert_true(keys_in(i) > 0);
	assert_in_range(darter_instance_tick(&test_instance, 0, test_now), 1, TICK_MAX);
	test_now += 1000;
	assert_in_range(darter_instance_tick(&test_instance, 1, test_now), 1, TICK_MAX);
	for (i = 0; i < TEST_SHARDS; i++)
		assert_true(i >= TEST_SHARDS / 2 ? !keys_in(i) : keys_in(i) > 0);
	darter_instance_tick(&test_instance, 0, test_now);
	for (i = 0; i < TEST_SHARDS; i++)
		assert_int_equal(keys_in(i), 0);
	says(client, "DBSIZE", ":0\r\n");
}

/* Where nothing expires and nothing has happened. */
static void idle_lanes_tick_rarely(void **state)
{
	struct test_client *client = test_connect();
	char command[64];
	u32 i;

	for (i = 0; i < 2; i++)
		assert_int_equal(darter_instance_tick(&test_instance, i, test_now), IDLE_TICK);
	for (i = 0; i < 100; i++) {
		snprintf(command, sizeof(command), "SET %u 1 PX 300", i);
		says(client, command, "+OK\r\n");
	}
	for (i = 0; i < 2; i++)
		assert_in_range(darter_instance_tick(&test_instance, i, test_now), 1, TICK_MAX);
	test_now += 400;
	for (i = 0; i < 2; i++)
		darter_instance_tick(&test_instance, i, test_now);
	test_grace_period();
	assert_int_equal(darter_instance_tick(&test_instance, 1, test_now), IDLE_TICK);
	/* The first one's counts until INFO shows rates of 0. */
	for (i = 0; darter_instance_tick(&test_instance, 0, test_now) < IDLE_TICK; i++) {
		assert_true(i < 2 * DARTER_RATE_SAMPLES);
		test_now += TICK_MAX;
	}
	assert_true(i >= DARTER_RATE_SAMPLES);
	/* A pause is ended by whichever is the first to see that it is over. */
	says(client, "CLIENT PAUSE 500", "+OK\r\n");
	assert_int_equal(darter_instance_tick(&test_instance, 1, test_now), 500);
	test_now += 500;
	assert_int_equal(darter_instance_tick(&test_instance, 1, test_now), IDLE_TICK);
	says(client, "PING", "+PONG\r\n");
}

static u32 keys_of_lane(u32 lane)
{
	u32 i, end, keys = 0;

	darter_lane_shards(&test_instance, test_instance.workers, lane, &i, &end);
	for (; i < end; i++)
		keys += keys_in(i);
	return keys;
}

/* Of whoever owns them: as many shards for each, or one more, and none for who is left over. */
static void shards_are_handed_out_again(void **state)
{
	static const u32 counts[] = { 3, 1, 4, 2 };
	struct test_client *client = test_connect();
	char command[64];
	u32 i, lane;

	for (lane = 0; lane < 100; lane++) {
		snprintf(command, sizeof(command), "SET %u 1 PX 100", lane);
		says(client, command, "+OK\r\n");
	}
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		snprintf(command, sizeof(command), "CONFIG SET darter-workers %u", counts[i]);
		says(client, command, "+OK\r\n");
		assert_int_equal(darter_instance_lanes(&test_instance), i < 2 ? 3 : 4);
		for (lane = 0; lane < TEST_SHARDS; lane++)
			assert_int_equal(test_instance.shards[lane].lane,
					 lane * counts[i] / TEST_SHARDS);
		for (lane = 0; lane < 4; lane++)
			assert_true(lane < counts[i] ? keys_of_lane(lane) : !keys_of_lane(lane));
	}
	test_now += 1000;
	for (lane = 2; lane < 4; lane++)
		darter_instance_tick(&test_instance, lane, test_now);
	says(client, "DBSIZE", ":100\r\n");
	for (lane = 0; lane < 2; lane++)
		darter_instance_tick(&test_instance, lane, test_now);
	says(client, "DBSIZE", ":0\r\n");
	/* No worker was a node, so no node has changed. */
	assert_int_equal(test_instance.epoch, 1);
}

/* All is as it was without memory for one more. */
static void more_lanes_need_memory(void **state)
{
	const struct darter_config_pair pair = { "darter-workers", "4" };
	char why[128];
	long after;
	u32 bad;
	int err;

	for (after = 0;; after++) {
		shim_alloc_fail_after = after;
		err = darter_config_set(&test_instance, &pair, 1, false, &bad, why, sizeof(why));
		shim_alloc_fail_after = -1;
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(test_instance.workers, 2);
		assert_int_equal(test_instance.config.workers, 2);
	}
	assert_true(after > 2);
	assert_int_equal(test_instance.workers, 4);
}

static void busy_shards_are_left_alone(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SET a 1 PX 100", "+OK\r\n");
	test_now += 1000;
	darter_shard_lock(&test_instance.shards[0]);
	/* It comes back soon. */
	assert_in_range(darter_instance_tick(&test_instance, 0, test_now), 1, 10);
	assert_int_equal(keys_in(0), 1);
	darter_shard_unlock(&test_instance.shards[0]);
	darter_instance_tick(&test_instance, 0, test_now);
	assert_int_equal(keys_in(0), 0);
}

static void ticks_have_a_budget(void **state)
{
	struct test_client *client = test_connect();
	char command[64];
	u32 i;

	for (i = 0; i < 2 * EXPIRE_BUDGET + 1; i++) {
		snprintf(command, sizeof(command), "SET %u 1 PX 100", i);
		says(client, command, "+OK\r\n");
	}
	test_now += 1000;
	/* There is more to do at once. */
	assert_int_equal(darter_instance_tick(&test_instance, 0, test_now), 0);
	assert_int_equal(keys_in(0), EXPIRE_BUDGET + 1);
	assert_int_equal(darter_instance_tick(&test_instance, 0, test_now), 0);
	assert_int_equal(keys_in(0), 1);
	assert_in_range(darter_instance_tick(&test_instance, 0, test_now), 1, TICK_MAX);
	assert_int_equal(keys_in(0), 0);
	assert_int_equal(test_instance.shards[0].expired, 2 * EXPIRE_BUDGET + 1);
}

static u64 counted(const char *code)
{
	u32 i;

	for (i = 0; i < test_instance.nerrors; i++)
		if (!strcmp(test_instance.errors[i].code, code))
			return test_instance.errors[i].count;
	return 0;
}

static void errors_are_counted_by_their_code(void **state)
{
	static const char *const texts[] = {
		"ERR something", "ERR else", "ERRX something", "ER", "ERR", "WRONGTYPE\r\n", "",
	};
	char longest[ERROR_CODE_MAX + 1] = "", longer[ERROR_CODE_MAX + 10] = "";
	u32 i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		darter_instance_count_error(&test_instance, texts[i]);
	assert_int_equal(counted("ERR"), 3);
	assert_int_equal(counted("ERRX"), 1);
	assert_int_equal(counted("ER"), 1);
	assert_int_equal(counted("WRONGTYPE"), 1);
	assert_int_equal(test_instance.total_errors, ARRAY_SIZE(texts));
	memset(longest, 'L', ERROR_CODE_MAX);
	memset(longer, 'L', ERROR_CODE_MAX + 5);
	darter_instance_count_error(&test_instance, longer);
	darter_instance_count_error(&test_instance, longest);
	assert_int_equal(counted(longest), 2);
}

static void kinds_of_errors_are_limited(void **state)
{
	char text[32];
	u32 i;

	for (i = 0; i < DARTER_ERROR_KINDS + 10; i++) {
		snprintf(text, sizeof(text), "E%u text", i);
		darter_instance_count_error(&test_instance, text);
	}
	assert_int_equal(test_instance.nerrors, DARTER_ERROR_KINDS);
	assert_int_equal(test_instance.total_errors, DARTER_ERROR_KINDS + 10);
	darter_instance_count_error(&test_instance, "E0 again");
	darter_instance_count_error(&test_instance, "E70 again");
	assert_int_equal(counted("E0"), 2);
	assert_int_equal(counted("E70"), 0);
}

static void statistics_begin_again(void **state)
{
	struct test_client *client = test_connect();
	u64 connected = test_instance.nclients;

	test_say(client, "nosuch");
	assert_int_equal(counted("ERR"), 1);
	WRITE_ONCE(test_instance.config.max_clients, 1);
	assert_int_equal(darter_client_register(&test_instance, &client->session), -EMFILE);
	assert_int_equal(test_instance.rejected_clients, 1);
	assert_int_equal(test_instance.total_clients, 1);
	darter_instance_reset_stats(&test_instance);
	assert_int_equal(test_instance.nerrors, 0);
	assert_int_equal(test_instance.total_errors, 0);
	assert_int_equal(test_instance.rejected_clients, 0);
	assert_int_equal(test_instance.total_clients, 0);
	assert_int_equal(test_instance.nclients, connected);
	test_say(client, "nosuch");
	assert_int_equal(counted("ERR"), 1);
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)
#define core_test_with(name, set_up) \
	cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		core_test(parameters_have_bounds),
		core_test(every_node_needs_a_shard),
		core_test(instances_need_memory),
		core_test(instances_have_an_identity),
		core_test(only_clusters_count_slots),
		core_test(keys_and_clients_share_the_limit),
		core_test_with(full_memory_is_told_now_and_then, set_up_noting),
		core_test_with(refused_commands_tell, set_up_noting),
		core_test_with(lanes_look_after_their_shards, set_up_lanes),
		core_test_with(idle_lanes_tick_rarely, set_up_lanes),
		core_test_with(shards_are_handed_out_again, set_up_lanes),
		core_test_with(more_lanes_need_memory, set_up_lanes),
		core_test_with(busy_shards_are_left_alone, set_up_one),
		core_test_with(ticks_have_a_budget, set_up_one),
		core_test(errors_are_counted_by_their_code),
		core_test(kinds_of_errors_are_limited),
		core_test(statistics_begin_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
