// SPDX-License-Identifier: GPL-2.0
/* SipHash-1-3, see keyed_hash.h. */
#include <linux/bitops.h>

#include "bytes.h"
#include "keyed_hash.h"

/* The words of the state, in the order of the paper. */
struct state {
	u64 v0, v1, v2, v3;
};

static __always_inline void mix(struct state *state)
{
	state->v0 += state->v1;
	state->v2 += state->v3;
	state->v1 = rol64(state->v1, 13) ^ state->v0;
	state->v3 = rol64(state->v3, 16) ^ state->v2;
	state->v0 = rol64(state->v0, 32) + state->v3;
	state->v2 += state->v1;
	state->v3 = rol64(state->v3, 21) ^ state->v0;
	state->v1 = rol64(state->v1, 17) ^ state->v2;
	state->v2 = rol64(state->v2, 32);
}

static __always_inline void take(struct state *state, u64 word)
{
	state->v3 ^= word;
	mix(state);
	state->v0 ^= word;
}

/**
 * darter_keyed_hash() - hash bytes with a secret key
 * @bytes: what to hash
 * @len: how much
 * @key: the secret
 *
 * Context: any.
 * Return: SipHash-1-3 as Aumasson and Bernstein define it: one round for each
 * word, three at the end.
 */
u64 darter_keyed_hash(const void *bytes, size_t len, const siphash_key_t *key)
{
	struct state state = {
		.v0 = key->key[0] ^ 0x736f6d6570736575ULL,
		.v1 = key->key[1] ^ 0x646f72616e646f6dULL,
		.v2 = key->key[0] ^ 0x6c7967656e657261ULL,
		.v3 = key->key[1] ^ 0x7465646279746573ULL,
	};
	const u8 *at = bytes, *end = at + (len & ~7UL);

	for (; at < end; at += 8)
		take(&state, darter_get_le(at, 8));
	take(&state, (u64)len << 56 | darter_get_le(at, len & 7));
	state.v2 ^= 0xff;
	mix(&state);
	mix(&state);
	mix(&state);
	return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}
