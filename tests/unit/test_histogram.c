// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/histogram.c tests/shim/shim.c */
/* Histograms: bounds and percentiles as Redis has them, epochs, missing memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "kmod/core/histogram.h"

#define PERCENT 1000000

static struct darter_histogram *histogram;
static struct darter_histogram_sum sum;

static int tear_down(void **state)
{
	darter_histogram_free(histogram);
	histogram = NULL;
	shim_alloc_fail_after = -1;
	return 0;
}

static void count(u64 micros, u32 times)
{
	while (times--)
		darter_histogram_count(&histogram, 1, micros);
}

static void add_up(u32 epoch)
{
	memset(&sum, 0, sizeof(sum));
	darter_histogram_add_up(&sum, &histogram, epoch);
}

/* What a duration is reported as, ns: facts of Redis 7. */
static void durations_keep_eight_bits(void **state)
{
	static const struct {
		u64 micros, nanos;
	} facts[] = {
		{ 0, 1 }, { 1, 1003 }, { 2, 2007 }, { 3, 3007 }, { 6, 6015 }, { 32, 32127 },
		{ 57, 57087 }, { 176, 176127 }, { 255, 255999 }, { 256, 257023 }, { 909, 909311 },
		{ 12189, 12189695 }, { 60290, 60293119 }, { 1000000, 1002438655 },
		{ 5000000, 1002438655 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(facts); i++) {
		count(facts[i].micros, 1);
		add_up(1);
		assert_int_equal(sum.total, 1);
		assert_int_equal(darter_histogram_percentile(&sum, 100 * PERCENT),
				 facts[i].nanos);
		assert_int_equal(darter_histogram_up_to(&sum, facts[i].nanos), 1);
		assert_int_equal(darter_histogram_up_to(&sum, facts[i].nanos - 1), 0);
		tear_down(NULL);
	}
}

/* No duration is reported as less than it was, nor as more than one in 128 above. */
static void buckets_are_narrow(void **state)
{
	u64 micros, nanos;

	for (micros = 1; micros < 1000000; micros += micros / 100 + 1) {
		count(micros, 1);
		add_up(1);
		nanos = darter_histogram_percentile(&sum, 50 * PERCENT);
		assert_true(nanos >= micros * 1000 && nanos <= micros * 1000 * 129 / 128);
		nanos = darter_histogram_percentile(&sum, 0);
		assert_true(nanos <= micros * 1000 && nanos >= micros * 1000 * 127 / 128);
		tear_down(NULL);
	}
}

static void percentiles_are_rounded(void **state)
{
	count(1, 98);
	count(10, 1);
	count(100, 1);
	add_up(1);
	assert_int_equal(sum.total, 100);
	assert_int_equal(darter_histogram_percentile(&sum, 0), 1000);
	assert_int_equal(darter_histogram_percentile(&sum, 50 * PERCENT), 1003);
	assert_int_equal(darter_histogram_percentile(&sum, 98 * PERCENT), 1003);
	assert_int_equal(darter_histogram_percentile(&sum, 98 * PERCENT + PERCENT / 2), 10047);
	assert_int_equal(darter_histogram_percentile(&sum, 99 * PERCENT), 10047);
	assert_int_equal(darter_histogram_percentile(&sum, 99 * PERCENT + 900000), 100351);
	assert_int_equal(darter_histogram_percentile(&sum, 100 * PERCENT), 100351);
	assert_int_equal(darter_histogram_up_to(&sum, 1031), 98);
	assert_int_equal(darter_histogram_up_to(&sum, 16511), 99);
	assert_int_equal(darter_histogram_up_to(&sum, U64_MAX), 100);
}

static void many_are_not_too_many(void **state)
{
	memset(&sum, 0, sizeof(sum));
	sum.counts[1] = U64_MAX / 2;
	sum.counts[2] = U64_MAX / 2;
	sum.total = U64_MAX - 1;
	assert_int_equal(darter_histogram_percentile(&sum, 49 * PERCENT), 1003);
	assert_int_equal(darter_histogram_percentile(&sum, 51 * PERCENT), 2007);
}

static void an_epoch_begins_empty(void **state)
{
	count(5, 3);
	count(5000, 1);
	add_up(2);
	assert_int_equal(sum.total, 0);
	darter_histogram_count(&histogram, 2, 7);
	add_up(1);
	assert_int_equal(sum.total, 0);
	add_up(2);
	assert_int_equal(sum.total, 1);
	assert_int_equal(darter_histogram_percentile(&sum, 50 * PERCENT), 7007);
}

static void without_memory_nothing_is_counted(void **state)
{
	shim_alloc_fail_after = 0;
	count(5, 1);
	assert_null(histogram);
	add_up(1);
	assert_int_equal(sum.total, 0);
	shim_alloc_fail_after = 1;
	count(5, 1);
	shim_alloc_fail_after = -1;
	add_up(1);
	assert_int_equal(sum.total, 0);
	count(5, 1);
	add_up(1);
	assert_int_equal(sum.total, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(durations_keep_eight_bits, tear_down),
		cmocka_unit_test_teardown(buckets_are_narrow, tear_down),
		cmocka_unit_test_teardown(percentiles_are_rounded, tear_down),
		cmocka_unit_test_teardown(many_are_not_too_many, tear_down),
		cmocka_unit_test_teardown(an_epoch_begins_empty, tear_down),
		cmocka_unit_test_teardown(without_memory_nothing_is_counted, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
