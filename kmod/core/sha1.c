// SPDX-License-Identifier: GPL-2.0
/*
 * SHA-1, see sha1.h. The kernel's own is not there in every configuration, and
 * its interface is not the same in all versions.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "bytes.h"
#include "sha1.h"

#define BLOCK 64
#define WORDS 5

/* The function and the constant of a round's quarter. */
static u32 mix(u32 round, u32 b, u32 c, u32 d)
{
	if (round < 20)
		return (d ^ (b & (c ^ d))) + 0x5a827999;
	if (round < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (round < 60)
		return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

/* The next word of the message schedule, which is kept as a ring of 16. */
static u32 schedule(u32 ring[16], const u8 *block, u32 round)
{
	u32 word;

	if (round < 16)
		word = darter_get_be(block + 4 * round, 4);
	else
		word = rol32(ring[(round + 13) & 15] ^ ring[(round + 8) & 15] ^
			     ring[(round + 2) & 15] ^ ring[round & 15], 1);
	ring[round & 15] = word;
	return word;
}

static void add_block(u32 state[WORDS], const u8 *block)
{
	u32 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
	u32 ring[16], round;

	for (round = 0; round < 80; round++) {
		u32 next = rol32(a, 5) + mix(round, b, c, d) + e + schedule(ring, block, round);

		e = d;
		d = c;
		c = rol32(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

/**
 * darter_sha1() - digest bytes
 * @bytes: what to digest
 * @len: how many
 * @digest: set to the digest
 */
void darter_sha1(const void *bytes, size_t len, u8 digest[DARTER_SHA1_BYTES])
{
	u32 state[WORDS] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	size_t left = len % BLOCK, i;
	u8 tail[2 * BLOCK] = {};
	const u8 *at = bytes;

	for (i = len / BLOCK; i; i--, at += BLOCK)
		add_block(state, at);
	/* The rest, a bit, and the length in bits at the end of a block. */
	memcpy(tail, at, left);
	tail[left] = 0x80;
	i = left + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
	darter_put_be(tail + i - 8, (u64)len * 8, 8);
	add_block(state, tail);
	if (i > BLOCK)
		add_block(state, tail + BLOCK);
	for (i = 0; i < WORDS; i++)
		darter_put_be(digest + 4 * i, state[i], 4);
}
