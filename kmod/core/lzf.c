// SPDX-License-Identifier: GPL-2.0
/*
 * LZF, see lzf.h. A stream is a sequence of
 *
 *   000nnnnn  n+1 bytes                    literals, 1 to 32
 *   nnnooooo  oooooooo                     n+2 bytes from o+1 back, n of 1 to 6
 *   111ooooo  nnnnnnnn oooooooo            n+9 bytes from o+1 back
 *
 * where a copy may reach into what it writes itself. Nothing says how long the
 * stream or its contents are; whoever stores them does.
 *
 * The compressor looks for the last place where the next three bytes hashed to
 * the same value. The longer it finds nothing, the bigger its steps, so that
 * what does not compress is passed over quickly.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "lzf.h"

#define LITERALS_MAX 32
#define DISTANCE_MAX 8192
#define MATCH_MIN 3
#define MATCH_MAX 264
/* Copies of this many bytes and more have a length byte of their own. */
#define MATCH_LONG 9
/* Steps grow by one for each so many bytes without a match. */
#define STEP_EVERY 64
#define STEP_MAX 32
/* Give way to others after this many steps. */
#define BREATH 65536

struct output {
	u8 *at, *end;
};

static bool put_literals(struct output *out, const u8 *from, u32 count)
{
	while (count) {
		u32 part = min_t(u32, count, LITERALS_MAX);

		if (out->end - out->at < part + 1)
			return false;
		*out->at++ = part - 1;
		memcpy(out->at, from, part);
		out->at += part;
		from += part;
		count -= part;
	}
	return true;
}

static bool put_copy(struct output *out, u32 distance, u32 len)
{
	u32 back = distance - 1;

	if (out->end - out->at < 3)
		return false;
	if (len < MATCH_LONG) {
		*out->at++ = (len - 2) << 5 | back >> 8;
	} else {
		*out->at++ = 7 << 5 | back >> 8;
		*out->at++ = len - MATCH_LONG;
	}
	*out->at++ = back;
	return true;
}

static u32 hash_at(const u8 *p)
{
	u32 three = p[0] | p[1] << 8 | p[2] << 16;

	return three * 2654435761u >> (32 - DARTER_LZF_HASH_BITS);
}

/* Remember a position; returns the one before it with the same hash, or -1. */
static s64 swap_head(struct darter_lzf *lzf, const u8 *in, u32 at)
{
	u32 *head = &lzf->heads[hash_at(in + at)];
	u32 old = *head;

	*head = lzf->base + at + 1;
	return old > lzf->base ? (s64)(old - lzf->base - 1) : -1;
}

static u32 match_length(const u8 *in, u32 from, u32 at, u32 len)
{
	u32 most = min_t(u32, len - at, MATCH_MAX), i = 0;

	while (i < most && in[from + i] == in[at + i])
		i++;
	return i;
}

/* A copy for the bytes at @at if they have occurred; returns how many, or 0. */
static u32 find_match(struct darter_lzf *lzf, const u8 *in, u32 at, u32 len, u32 *distance)
{
	s64 from = swap_head(lzf, in, at);
	u32 match;

	if (from < 0 || at - from > DISTANCE_MAX)
		return 0;
	*distance = at - from;
	match = match_length(in, from, at, len);
	return match < MATCH_MIN ? 0 : match;
}

static bool compress(struct darter_lzf *lzf, const u8 *in, u32 len, struct output *out)
{
	u32 at = 0, done = 0, steps = 0;

	while (len - at >= MATCH_MIN) {
		u32 distance, match = find_match(lzf, in, at, len, &distance);

		if (++steps % BREATH == 0)
			cond_resched();
		if (!match) {
			at += min_t(u32, 1 + (at - done) / STEP_EVERY, STEP_MAX);
			at = min(at, len);
			continue;
		}
		if (!put_literals(out, in + done, at - done) || !put_copy(out, distance, match))
			return false;
		at += match;
		done = at;
		/* So that a repetition is found again where its copy ends. */
		if (len - at >= MATCH_MIN - 1)
			swap_head(lzf, in, at - 1);
	}
	return put_literals(out, in + done, len - done);
}

/**
 * darter_lzf_compress() - compress
 * @lzf: zeroed once
 * @in: what to compress
 * @len: its bytes, less than U32_MAX
 * @out: where to
 * @room: how much fits there
 *
 * Context: may sleep.
 * Return: bytes written, or 0 if they would be more than @room.
 */
u32 darter_lzf_compress(struct darter_lzf *lzf, const u8 *in, u32 len, u8 *out, u32 room)
{
	struct output output = { .at = out, .end = out + room };
	bool fits;

	/* Positions of earlier inputs must show as such. */
	if (len >= U32_MAX - lzf->base)
		memset(lzf, 0, sizeof(*lzf));
	fits = compress(lzf, in, len, &output);
	lzf->base += len;
	return fits ? output.at - out : 0;
}

/* One instruction of a stream. */
struct step {
	u32 len;
	u32 distance;			/* 0: literals, which follow */
};

/* Read an instruction; false if it is cut off. */
static bool next_step(const u8 **at, const u8 *end, struct step *step)
{
	const u8 *p = *at;
	u8 head = *p++;

	step->distance = 0;
	step->len = head + 1;
	if (head >= LITERALS_MAX) {
		step->len = (head >> 5) + 2;
		if (end - p < 1 + (head >> 5 == 7))
			return false;
		if (head >> 5 == 7)
			step->len += *p++;
		step->distance = ((head & 31) << 8 | *p++) + 1;
	} else if (end - p < step->len) {
		return false;
	}
	*at = p;
	return true;
}

/**
 * darter_lzf_length() - how long the contents of a stream are
 * @in: the stream, from outside
 * @len: its bytes
 * @out_len: set to the length
 *
 * Writes nothing, so that memory need not be found for what a stream does not
 * hold.
 *
 * Context: may sleep.
 * Return: 0, or -EINVAL if it is cut off or copies from before its beginning.
 */
int darter_lzf_length(const u8 *in, size_t len, u64 *out_len)
{
	const u8 *end = in + len;
	u64 sum = 0;
	u32 steps = 0;

	while (in < end) {
		struct step step;

		if (++steps % BREATH == 0)
			cond_resched();
		if (!next_step(&in, end, &step) || step.distance > sum)
			return -EINVAL;
		if (!step.distance)
			in += step.len;
		sum += step.len;
	}
	*out_len = sum;
	return 0;
}

static void copy_back(u8 *out, u32 distance, u32 len)
{
	const u8 *from = out - distance;

	if (distance >= len) {
		memcpy(out, from, len);
		return;
	}
	while (len--)
		*out++ = *from++;
}

/**
 * darter_lzf_decompress() - decompress
 * @in: the stream, from outside
 * @len: its bytes
 * @out: where to
 * @out_len: how long the contents are
 *
 * Context: may sleep.
 * Return: 0, or -EINVAL if the stream is damaged or not that long; then part of
 * @out may be written.
 */
int darter_lzf_decompress(const u8 *in, size_t len, u8 *out, size_t out_len)
{
	const u8 *end = in + len;
	size_t done = 0;
	u32 steps = 0;

	while (in < end) {
		struct step step;

		if (++steps % BREATH == 0)
			cond_resched();
		if (!next_step(&in, end, &step) || step.distance > done ||
		    step.len > out_len - done)
			return -EINVAL;
		if (step.distance) {
			copy_back(out + done, step.distance, step.len);
		} else {
			memcpy(out + done, in, step.len);
			in += step.len;
		}
		done += step.len;
	}
	return done == out_len ? 0 : -EINVAL;
}
