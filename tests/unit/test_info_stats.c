// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/info_stats.c kmod/core/text.c kmod/core/number/ratio.c tests/shim/shim.c */
/* INFO's counters: sums, rates, order, and what it costs when memory is short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/command.h"
#include "kmod/core/info.h"
#include "kmod/core/instance.h"
#include "kmod/core/lane.h"
#include "kmod/core/reply.h"
#include "kmod/core/text.h"

#define LANES 2
#define SHARDS 3
#define START 1700000000000ULL

const struct darter_command darter_commands[] = { { .name = "get" }, { .name = "config|set" } };
const u16 darter_command_count = ARRAY_SIZE(darter_commands);
static struct darter_command_stats stats[LANES][ARRAY_SIZE(darter_commands)];
static struct darter_reads reads[LANES][SHARDS];
static struct darter_lane lanes[LANES];
static struct darter_shard shards[SHARDS];
static struct darter_instance instance;
static struct darter_text text;
static char scratch[1];
static char *replied;
static bool out_of_memory;

void darter_reply_verbatim(struct darter_ctx *ctx, const char *format, const char *bytes,
			   size_t len)
{
	assert_string_equal(format, "txt");
	replied = kmemdup_nul(bytes, len, 0);
}

void darter_reply_out_of_memory(struct darter_ctx *ctx)
{
	out_of_memory = true;
}

static u64 total_memory(void)
{
	return 1 << 30;
}

static const struct darter_host host = { .total_memory = total_memory };

static int set_up(void **state)
{
	u32 i;

	memset(&instance, 0, sizeof(instance));
	memset(lanes, 0, sizeof(lanes));
	memset(stats, 0, sizeof(stats));
	memset(shards, 0, sizeof(shards));
	memset(reads, 0, sizeof(reads));
	for (i = 0; i < LANES; i++) {
		lanes[i].by_command = stats[i];
		lanes[i].reads = reads[i];
	}
	for (i = 0; i < SHARDS; i++) {
		shards[i].instance = &instance;
		shards[i].index = i;
	}
	instance.lanes = lanes;
	instance.shards = shards;
	instance.nlanes = LANES;
	instance.params.max_lanes = LANES;
	instance.params.shards = SHARDS;
	instance.host = &host;
	assert_int_equal(darter_info_init(&instance), 0);
	mutex_init(&instance.clients_lock);
	spin_lock_init(&instance.errors_lock);
	replied = NULL;
	out_of_memory = false;
	return 0;
}

static int tear_down(void **state)
{
	kfree(replied);
	assert_null(text.bytes);
	darter_info_destroy(&instance);
	return 0;
}

static void has(const char *line)
{
	char want[128];

	snprintf(want, sizeof(want), "%s\r\n", line);
	if (!strstr(replied, want))
		fail_msg("no %s in:\n%s", line, replied);
}

static void show(void (*section)(struct darter_instance *of, struct darter_text *out))
{
	kfree(replied);
	replied = NULL;
	section(&instance, &text);
	darter_text_reply(NULL, &text);
}

static void test_sums(void **state)
{
	lanes[0].commands = 10;
	lanes[0].scratch = scratch;
	lanes[1].commands = 5;
	lanes[0].bytes_in = 100;
	lanes[0].remote = 3;
	lanes[1].remote = 4;
	lanes[1].bytes_out = 200;
	reads[0][0].hits = 1;
	reads[1][2].hits = 2;
	reads[1][1].misses = 3;
	shards[2].expired = 4;
	instance.total_clients = 6;
	instance.rejected_clients = 7;
	instance.total_errors = 8;
	show(darter_info_stats);
	has("total_commands_processed:15");
	has("total_net_input_bytes:100");
	has("total_net_output_bytes:200");
	has("keyspace_hits:3");
	has("keyspace_misses:3");
	has("expired_keys:4");
	has("total_connections_received:6");
	has("rejected_connections:7");
	has("total_error_replies:8");
	has("darter_remote_accesses:7");
	has("darter_inline_commands:5");
}

static void test_rates(void **state)
{
	u32 i;

	darter_rates_sample(&instance, START);
	lanes[0].commands = 400;
	lanes[1].commands = 100;
	lanes[0].bytes_in = 4096;
	/* Too early. */
	darter_rates_sample(&instance, START + 50);
	show(darter_info_stats);
	has("instantaneous_ops_per_sec:0");
	/* 500 commands in a quarter of a second, in one of 16 samples. */
	darter_rates_sample(&instance, START + 250);
	show(darter_info_stats);
	has("instantaneous_ops_per_sec:125");
	has("instantaneous_input_kbps:1.00");
	has("instantaneous_output_kbps:0.00");
	/* Old samples leave one by one. */
	for (i = 1; i <= DARTER_RATE_SAMPLES; i++) {
		lanes[1].commands += 16;
		darter_rates_sample(&instance, START + 250 + 100 * i);
	}
	show(darter_info_stats);
	has("instantaneous_ops_per_sec:160");
}

static void test_rates_begin(void **state)
{
	lanes[0].commands = 1000000;
	darter_rates_sample(&instance, START);
	lanes[0].commands += 16;
	darter_rates_sample(&instance, START + 1000);
	show(darter_info_stats);
	has("instantaneous_ops_per_sec:1");
}

static void test_clock_goes_back(void **state)
{
	darter_rates_sample(&instance, START);
	lanes[0].commands = 100;
	darter_rates_sample(&instance, START - 100000);
	show(darter_info_stats);
	has("instantaneous_ops_per_sec:0");
	lanes[0].commands += 100;
	darter_rates_sample(&instance, START - 100000 + 100);
	show(darter_info_stats);
	has("instantaneous_ops_per_sec:62");
}

static void test_memory(void **state)
{
	atomic64_set(&instance.used, 3000);
	atomic64_set(&instance.client_memory, 1000);
	atomic64_set(&instance.peak, 3000);
	shards[0].resident = 5000;
	shards[1].resident = 2000;
	shards[0].held_back = 10;
	shards[1].held_back = 20;
	instance.config.max_memory = 1 << 20;
	show(darter_info_memory);
	has("used_memory:4000");
	has("used_memory_human:3.91K");
	has("used_memory_rss:8000");
	has("used_memory_peak:4000");
	has("used_memory_peak_perc:100.00%");
	has("used_memory_dataset:3000");
	has("used_memory_dataset_perc:75.00%");
	has("mem_clients_normal:1000");
	has("mem_fragmentation_ratio:2.00");
	has("mem_fragmentation_bytes:4000");
	has("darter_memory_held_back:30");
	has("maxmemory:1048576");
	has("maxmemory_human:1.00M");
	has("total_system_memory_human:1.00G");
	/* A peak once seen stays. */
	atomic64_set(&instance.used, 0);
	show(darter_info_memory);
	has("used_memory_peak:4000");
	has("used_memory_peak_perc:25.00%");
}

static void test_commandstats(void **state)
{
	show(darter_info_commandstats);
	assert_string_equal(replied, "");
	stats[0][0] = (struct darter_command_stats) { 2, 5, 0, 1 };
	stats[1][0] = (struct darter_command_stats) { 1, 5, 0, 0 };
	stats[1][1].rejected = 4;
	show(darter_info_commandstats);
	assert_string_equal(replied,
			    "cmdstat_get:calls=3,usec=10,usec_per_call=3.33,rejected_calls=0,failed_calls=1\r\n"
			    "cmdstat_config|set:calls=0,usec=0,usec_per_call=0.00,rejected_calls=4,failed_calls=0\r\n");
}

static void test_reset(void **state)
{
	lanes[0].commands = 10;
	lanes[1].bytes_out = 20;
	reads[0][1].hits = 30;
	shards[1].expired = 40;
	stats[0][0] = (struct darter_command_stats) { 2, 5, 1, 1 };
	darter_info_reset(&instance);
	show(darter_info_commandstats);
	assert_string_equal(replied, "");
	show(darter_info_stats);
	has("total_commands_processed:0");
	has("total_net_output_bytes:0");
	has("keyspace_hits:0");
	has("expired_keys:0");
	lanes[0].commands++;
	stats[1][0].calls++;
	show(darter_info_stats);
	has("total_commands_processed:1");
	darter_info_reset(&instance);
	stats[1][0].calls++;
	show(darter_info_commandstats);
	assert_string_equal(replied,
			    "cmdstat_get:calls=1,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=0\r\n");
}

static void test_errorstats(void **state)
{
	static const char *const codes[] = { "WRONGTYPE", "ERR", "OOM", "NOAUTH" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		strcpy(instance.errors[i].code, codes[i]);
		instance.errors[i].count = i + 1;
	}
	instance.nerrors = ARRAY_SIZE(codes);
	show(darter_info_errorstats);
	assert_string_equal(replied,
			    "errorstat_ERR:count=2\r\nerrorstat_NOAUTH:count=4\r\n"
			    "errorstat_OOM:count=3\r\nerrorstat_WRONGTYPE:count=1\r\n");
}

static void test_long_text(void **state)
{
	char expected[50001], *at = expected;
	u32 i;

	for (i = 0; i < 5000; i++) {
		darter_text_add(&text, "%09u ", i);
		at += sprintf(at, "%09u ", i);
	}
	darter_text_reply(NULL, &text);
	assert_string_equal(replied, expected);
}

static void test_no_memory(void **state)
{
	darter_text_add(&text, "first");
	shim_alloc_fail_after = 0;
	darter_text_add(&text, "%*s", 5000, "");
	shim_alloc_fail_after = -1;
	darter_text_add(&text, "more");
	darter_text_reply(NULL, &text);
	assert_true(out_of_memory);
	assert_null(replied);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sums), TEST(test_rates), TEST(test_rates_begin),
		TEST(test_clock_goes_back), TEST(test_memory),
		TEST(test_commandstats), TEST(test_reset),
		TEST(test_errorstats), TEST(test_long_text), TEST(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
