// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/lzf.c */
/* LZF there and back, streams by hand from the format, and hostile ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/lzf.h"

static struct darter_lzf lzf;

/* Compress and decompress in exact allocations; returns the stream's length. */
static u32 round_trip(const u8 *data, u32 len, u32 room)
{
	u8 *out = malloc(room + !room), *back = malloc(len + !len), *stream;
	u32 used = darter_lzf_compress(&lzf, data, len, out, room);
	u64 length;

	assert_true(used <= room);
	if (used) {
		stream = malloc(used);
		memcpy(stream, out, used);
		assert_int_equal(darter_lzf_length(stream, used, &length), 0);
		assert_int_equal(length, len);
		assert_int_equal(darter_lzf_decompress(stream, used, back, len), 0);
		assert_memory_equal(back, data, len);
		/* No other length will do. */
		if (len)
			assert_int_equal(darter_lzf_decompress(stream, used, back, len - 1),
					 -EINVAL);
		free(stream);
	}
	free(back);
	free(out);
	return used;
}

static void fill(u8 *data, u32 len)
{
	u32 kind = rand() % 4, at = 0;

	while (at < len) {
		u32 run = 1 + rand() % 300, i;

		run = run < len - at ? run : len - at;
		for (i = 0; i < run; i++)
			if (kind == 0)
				data[at + i] = rand();
			else if (kind == 1)
				data[at + i] = 'a' + rand() % 3;
			else if (kind == 2 || at < 600)
				data[at + i] = at;
			else
				data[at + i] = data[at + i - 1 - rand() % 2 * 500];
		at += run;
	}
}

static void random_data(void **state)
{
	u32 round, shrunk = 0;

	srand(11);
	for (round = 0; round < 4000; round++) {
		u32 len = rand() % (round % 50 ? 600 : 40000);
		u8 *data = malloc(len + !len);

		fill(data, len);
		/* Literals cost a byte for 32: that much always suffices. */
		if (len)
			assert_true(round_trip(data, len, len + len / 32 + 1));
		shrunk += round_trip(data, len, len > 4 ? len - 4 : 0) != 0;
		free(data);
	}
	assert_in_range(shrunk, 1000, 3900);
}

static void repetitions_shrink(void **state)
{
	static u8 data[100000];
	u32 i;

	memset(data, 'a', sizeof(data));
	assert_in_range(round_trip(data, sizeof(data), sizeof(data)), 1, 1200);
	/* After what does not compress, too; the compressor has taken big steps. */
	for (i = 0; i < 50000; i++)
		data[i] = rand();
	assert_in_range(round_trip(data, sizeof(data), sizeof(data)), 50000, 53000);
	/* A period as long as a copy reaches back, and one beyond. */
	for (i = 0; i < sizeof(data); i++)
		data[i] = i < 8192 ? rand() : data[i - 8192];
	assert_in_range(round_trip(data, sizeof(data), sizeof(data)), 8192, 25000);
	for (i = 8193; i < sizeof(data); i++)
		data[i] = data[i - 8193];
	round_trip(data, sizeof(data), 2 * sizeof(data));
}

/* What earlier inputs left in the compressor is not taken for the present one's. */
static void inputs_do_not_mix(void **state)
{
	static struct darter_lzf other;
	u8 data[64], out[80];
	u32 i;

	other.base = UINT32_MAX - 200;
	for (i = 0; i < 20; i++) {
		u64 length;
		u32 used;

		memset(data, 'a' + i % 2, sizeof(data));
		used = darter_lzf_compress(&other, data, sizeof(data), out, sizeof(out));
		assert_true(used);
		assert_int_equal(darter_lzf_length(out, used, &length), 0);
		assert_int_equal(length, sizeof(data));
	}
}

static void expect(const u8 *stream, size_t len, const char *contents)
{
	u8 out[700];
	u64 length;

	assert_int_equal(darter_lzf_length(stream, len, &length), 0);
	assert_int_equal(length, strlen(contents));
	assert_int_equal(darter_lzf_decompress(stream, len, out, length), 0);
	assert_memory_equal(out, contents, length);
}

#define STREAM(...) ((const u8[]) { __VA_ARGS__ }), sizeof((const u8[]) { __VA_ARGS__ })

static void streams_by_hand(void **state)
{
	char run[270];

	expect(STREAM(0, 'a'), "a");
	expect(STREAM(2, 'a', 'b', 'c', 1 << 5, 2), "abcabc");
	expect(STREAM(0, 'x', 6 << 5, 0), "xxxxxxxxx");
	expect(STREAM(1, 'x', 'y', 7 << 5, 0, 1), "xyxyxyxyxyx");
	memset(run, 'z', 265);
	run[265] = '\0';
	expect(STREAM(0, 'z', 7 << 5, 255, 0), run);
}

static void reject(const u8 *stream, size_t len)
{
	u8 *exact = malloc(len), out[16];
	u64 length;

	memcpy(exact, stream, len);
	assert_int_equal(darter_lzf_length(exact, len, &length), -EINVAL);
	assert_int_equal(darter_lzf_decompress(exact, len, out, sizeof(out)), -EINVAL);
	free(exact);
}

static void unsound_streams(void **state)
{
	reject(STREAM(1, 'a'));
	reject(STREAM(31));
	reject(STREAM(1 << 5, 0));
	reject(STREAM(0, 'a', 1 << 5));
	reject(STREAM(0, 'a', 1 << 5, 1));
	reject(STREAM(0, 'a', 7 << 5, 0));
	reject(STREAM(0, 'a', 7 << 5));
	reject(STREAM(0, 'a', 7 << 5 | 31, 0, 255));
}

/* Both readers agree about any bytes, and neither leaves its buffers. */
static void random_streams(void **state)
{
	u32 round, sound = 0;

	srand(13);
	for (round = 0; round < 200000; round++) {
		u32 len = 1 + rand() % 40, i;
		u8 *stream = malloc(len), *out;
		u64 length = 0;

		for (i = 0; i < len; i++)
			stream[i] = rand() % 3 ? rand() % 4 : rand();
		if (darter_lzf_length(stream, len, &length)) {
			length = rand() % 300;
			out = malloc(length + 1);
			assert_int_equal(darter_lzf_decompress(stream, len, out, length), -EINVAL);
		} else {
			sound++;
			out = malloc(length + !length);
			assert_int_equal(darter_lzf_decompress(stream, len, out, length), 0);
		}
		free(out);
		free(stream);
	}
	assert_true(sound > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_data),
		cmocka_unit_test(repetitions_shrink),
		cmocka_unit_test(inputs_do_not_mix),
		cmocka_unit_test(streams_by_hand),
		cmocka_unit_test(unsound_streams),
		cmocka_unit_test(random_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
