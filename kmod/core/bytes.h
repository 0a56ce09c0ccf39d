/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in byte order at any address; <linux/unaligned.h> moved between kernels. */
#ifndef DARTER_CORE_BYTES_H
#define DARTER_CORE_BYTES_H

#include <asm/byteorder.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

/* Up to eight bytes, the first one lowest. Parts that overlap spare a loop. */
static __always_inline u64 darter_get_le(const void *p, u32 bytes)
{
	const u8 *at = p;
	__le32 low, high;
	__le64 whole;

	if (bytes == sizeof(whole)) {
		memcpy(&whole, at, sizeof(whole));
		return le64_to_cpu(whole);
	}
	if (bytes >= sizeof(low)) {
		memcpy(&low, at, sizeof(low));
		memcpy(&high, at + bytes - sizeof(high), sizeof(high));
		return le32_to_cpu(low) | (u64)le32_to_cpu(high) << 8 * (bytes - sizeof(high));
	}
	if (!bytes)
		return 0;
	return at[0] | at[bytes / 2] << 8 * (bytes / 2) | at[bytes - 1] << 8 * (bytes - 1);
}

/*
 * As !memcmp(), of keys and names, which are short: a word at a time, of which the last
 * two may overlap.
 */
static __always_inline bool darter_same(const void *a, const void *b, size_t len)
{
	size_t at;

	if (len < 8)
		return darter_get_le(a, len) == darter_get_le(b, len);
	for (at = 0; at + 8 < len; at += 8)
		if (darter_get_le((const u8 *)a + at, 8) != darter_get_le((const u8 *)b + at, 8))
			return false;
	at = len - 8;
	return darter_get_le((const u8 *)a + at, 8) == darter_get_le((const u8 *)b + at, 8);
}

/* As memcpy(), for what is short as a rule; that goes in the same way. */
static __always_inline void darter_copy(void *to, const void *from, size_t len)
{
	size_t at;

	if (len < 8 || len > 64) {
		memcpy(to, from, len);
		return;
	}
	for (at = 0; at + 8 < len; at += 8)
		memcpy((u8 *)to + at, (const u8 *)from + at, 8);
	at = len - 8;
	memcpy((u8 *)to + at, (const u8 *)from + at, 8);
}

/*
 * The same from bytes that somebody may be changing: then the caller finds that out, and
 * throws the copy away. Detectors of data races are not told of it.
 */
#ifdef __SANITIZE_THREAD__
static noinline __attribute__((no_sanitize_thread, unused))
void darter_copy_racing(void *to, const void *from, size_t len)
{
	const u8 *at = from;
	u8 *out = to;

	for (; len--; at++)
		*out++ = READ_ONCE(*at);
}
#else
#define darter_copy_racing(to, from, len) darter_copy(to, from, len)
#endif

static inline u64 darter_get_be(const u8 *p, u32 bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | *p++;
	return value;
}

static inline void darter_put_le(u8 *p, u64 value, u32 bytes)
{
	for (; bytes--; value >>= 8)
		*p++ = value;
}

static inline void darter_put_be(u8 *p, u64 value, u32 bytes)
{
	for (; bytes--; value >>= 8)
		p[bytes] = value;
}

/* The signed value of the low @bits of a number. */
static inline s64 darter_sign_extend(u64 value, u32 bits)
{
	u64 sign = 1ULL << (bits - 1);

	return (s64)((value ^ sign) - sign);
}

#endif /* DARTER_CORE_BYTES_H */
