// SPDX-License-Identifier: GPL-2.0
/*
 * Bits of byte strings, see bits.h. Long ranges go a word at a time; memcpy() of
 * a word is how one is read at any address.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "bits.h"
#include "bytes.h"

#define WORD sizeof(u64)
/* So many bytes are looked at in a row; a multiple of WORD. */
#define STRETCH (1024 * 1024)

static u64 load(const u8 *bytes)
{
	u64 word;

	memcpy(&word, bytes, WORD);
	return word;
}

static void store(u8 *bytes, u64 word)
{
	memcpy(bytes, &word, WORD);
}

static u64 count_stretch(const u8 *bytes, size_t len)
{
	u64 count = 0;

	for (; len >= WORD; len -= WORD, bytes += WORD)
		count += hweight64(load(bytes));
	return count + hweight64(darter_get_le(bytes, len));
}

static u64 count_bytes(const u8 *bytes, u64 len)
{
	u64 count = 0;

	for (; len > STRETCH; len -= STRETCH, bytes += STRETCH) {
		count += count_stretch(bytes, STRETCH);
		cond_resched();
	}
	return count + count_stretch(bytes, len);
}

/**
 * darter_bits_count() - count the bits that are set in a range
 * @bytes: the string
 * @from: the first bit
 * @end: the bit behind the last one, at least @from
 *
 * Context: may sleep.
 * Return: how many.
 */
u64 darter_bits_count(const u8 *bytes, u64 from, u64 end)
{
	u64 len = DIV_ROUND_UP(end, 8), head, tail, count;

	head = min(-from & 7, end - from);
	count = hweight64(darter_bits_get(bytes, len, from, head));
	from += head;
	tail = (end - from) & 7;
	count += hweight64(darter_bits_get(bytes, len, end - tail, tail));
	return count + count_bytes(bytes + from / 8, (end - from) / 8);
}

/* How many bytes the words take that are dull, from @bytes on. */
static size_t skip_stretch(const u8 *bytes, size_t len, u64 dull)
{
	size_t at = 0;

	while (len - at >= WORD && load(bytes + at) == dull)
		at += WORD;
	return at;
}

/* The first byte from @at on that may have a bit that is not dull. */
static u64 skip_bytes(const u8 *bytes, u64 at, u64 len, u64 dull)
{
	for (;;) {
		size_t stretch = min_t(u64, len - at, STRETCH);
		size_t skipped = skip_stretch(bytes + at, stretch, dull);

		at += skipped;
		if (skipped < STRETCH)
			return at;
		cond_resched();
	}
}

/**
 * darter_bits_find() - find the first bit of a value in a range
 * @bytes: the string
 * @from: the first bit of the range
 * @end: the bit behind the last one, at least @from
 * @bit: the value
 *
 * Context: may sleep.
 * Return: the number of the bit, @end if there is none.
 */
u64 darter_bits_find(const u8 *bytes, u64 from, u64 end, bool bit)
{
	u64 len = DIV_ROUND_UP(end, 8), dull = bit ? 0 : ~0ULL;
	u64 found = ~0ULL >> (from & 7);
	u64 at = from / 8;

	while (at < len) {
		u32 part = min_t(u64, len - at, WORD);

		found &= (darter_get_be(bytes + at, part) ^ dull) << (64 - 8 * part);
		if (found)
			return min_t(u64, at * 8 + 64 - fls64(found), end);
		found = ~0ULL;
		at = skip_bytes(bytes, at + part, len, dull);
	}
	return end;
}

/**
 * darter_bits_get() - read a number
 * @bytes: the string
 * @len: its bytes; behind it all bits are 0
 * @at: the first bit, the most significant one of the number
 * @width: bits, 64 at most; 0: the number is 0
 *
 * Return: the number, without a sign.
 */
u64 darter_bits_get(const u8 *bytes, u64 len, u64 at, u32 width)
{
	u64 value = 0, byte;

	for (byte = at / 8; width; byte++) {
		u32 skip = at & 7, part = min_t(u32, width, 8 - skip);
		u8 bits = byte < len ? bytes[byte] : 0;

		value = value << part | (u8)(bits << skip) >> (8 - part);
		at += part;
		width -= part;
	}
	return value;
}

/**
 * darter_bits_put() - write a number
 * @bytes: the string, which is long enough
 * @at: the first bit, the most significant one of the number
 * @width: bits, 64 at most
 * @value: the number; more significant bits than @width are ignored
 */
void darter_bits_put(u8 *bytes, u64 at, u32 width, u64 value)
{
	u64 end = at + width;

	while (width) {
		u32 shift = -end & 7, part = min_t(u32, width, 8 - shift);
		u8 mask = ((1U << part) - 1) << shift;
		u8 *byte = &bytes[(end - 1) / 8];

		*byte = (*byte & ~mask) | ((value << shift) & mask);
		value >>= part;
		end -= part;
		width -= part;
	}
}

static __always_inline u64 combine_word(enum darter_bit_op op, u64 a, u64 b)
{
	switch (op) {
	case DARTER_BIT_AND:
		return a & b;
	case DARTER_BIT_OR:
		return a | b;
	case DARTER_BIT_XOR:
		return a ^ b;
	default:
		return ~b;
	}
}

static __always_inline void combine_bytes(enum darter_bit_op op, u8 *to, const u8 *from,
					  size_t len)
{
	for (; len >= WORD; len -= WORD, to += WORD, from += WORD)
		store(to, combine_word(op, load(to), load(from)));
	for (; len; len--, to++, from++)
		*to = combine_word(op, *to, *from);
}

/**
 * darter_bits_combine() - change bytes by what other bytes are
 * @op: how
 * @to: what is changed
 * @from: as many bytes, perhaps the same ones
 * @len: how many
 *
 * Does not give way: callers combine a part at a time.
 */
void darter_bits_combine(enum darter_bit_op op, u8 *to, const u8 *from, size_t len)
{
	switch (op) {
	case DARTER_BIT_AND:
		combine_bytes(DARTER_BIT_AND, to, from, len);
		break;
	case DARTER_BIT_OR:
		combine_bytes(DARTER_BIT_OR, to, from, len);
		break;
	case DARTER_BIT_XOR:
		combine_bytes(DARTER_BIT_XOR, to, from, len);
		break;
	case DARTER_BIT_NOT:
		combine_bytes(DARTER_BIT_NOT, to, from, len);
		break;
	}
}
