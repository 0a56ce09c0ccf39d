/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/siphash.h>: SipHash-2-4 by its published definition. */
#ifndef SHIM_LINUX_SIPHASH_H
#define SHIM_LINUX_SIPHASH_H

#include <string.h>

#include <linux/bitops.h>
#include <linux/types.h>

typedef struct {
	u64 key[2];
} siphash_key_t;

static inline void shim_sip_round(u64 v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rol64(v[1], 13) ^ v[0];
	v[3] = rol64(v[3], 16) ^ v[2];
	v[0] = rol64(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rol64(v[3], 21) ^ v[0];
	v[1] = rol64(v[1], 17) ^ v[2];
	v[2] = rol64(v[2], 32);
}

static inline void shim_sip_word(u64 v[4], u64 word)
{
	v[3] ^= word;
	shim_sip_round(v);
	shim_sip_round(v);
	v[0] ^= word;
}

static inline u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	u64 v[4] = {
		key->key[0] ^ 0x736f6d6570736575ULL, key->key[1] ^ 0x646f72616e646f6dULL,
		key->key[0] ^ 0x6c7967656e657261ULL, key->key[1] ^ 0x7465646279746573ULL,
	};
	u64 last = (u64)len << 56, word;
	const u8 *p = data;
	size_t i;

	for (i = len / 8; i--; p += 8) {
		memcpy(&word, p, 8);
		shim_sip_word(v, word);
	}
	for (i = 0; i < len % 8; i++)
		last |= (u64)p[i] << 8 * i;
	shim_sip_word(v, last);
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		shim_sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif /* SHIM_LINUX_SIPHASH_H */
