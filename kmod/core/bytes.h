/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in byte order at any address; <linux/unaligned.h> moved between kernels. */
#ifndef DARTER_CORE_BYTES_H
#define DARTER_CORE_BYTES_H

#include <linux/types.h>

static inline u64 darter_get_le(const u8 *p, u32 bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | p[bytes];
	return value;
}

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
