/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bits of byte strings. Bit 0 is the most significant one of the first byte.
 *
 * Pure functions on memory of the caller's; those that walk over ranges give way
 * to others now and then, so they need a context that may sleep.
 */
#ifndef DARTER_CORE_BITS_H
#define DARTER_CORE_BITS_H

#include <linux/types.h>

/* How bytes of two strings are combined. */
enum darter_bit_op {
	DARTER_BIT_AND,
	DARTER_BIT_OR,
	DARTER_BIT_XOR,
	DARTER_BIT_NOT,		/* of one string */
};

u64 darter_bits_count(const u8 *bytes, u64 from, u64 end);
u64 darter_bits_find(const u8 *bytes, u64 from, u64 end, bool bit);
u64 darter_bits_get(const u8 *bytes, u64 len, u64 at, u32 width);
void darter_bits_put(u8 *bytes, u64 at, u32 width, u64 value);
void darter_bits_combine(enum darter_bit_op op, u8 *to, const u8 *from, size_t len);

#endif /* DARTER_CORE_BITS_H */
