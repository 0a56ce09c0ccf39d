// SPDX-License-Identifier: GPL-2.0
/*
 * CRC16/XMODEM for cluster slots and CRC-64/Redis for serialized values.
 *
 * Both are computed four bits at a time: the tables are 16 entries each, small
 * enough to be written down and to stay in cache. Pure functions, any context.
 */
#include <linux/string.h>

#include "crc.h"

/* Remainders of the high nibble under x^16 + x^12 + x^5 + 1 (0x1021). */
static const u16 crc16_nibble[16] = {
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
	0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
};

/* Jones' polynomial 0xad93d23594c935a9, bits reversed for a reflected CRC. */
#define CRC64_POLY 0x95ac9329ac4bc9b5ULL

/**
 * darter_crc16() - CRC16/XMODEM of a buffer
 * @data: bytes to sum
 * @len: how many
 *
 * The checksum of the Redis Cluster specification: polynomial 0x1021, start
 * value 0, no reflection. "123456789" gives 0x31c3.
 *
 * Return: the checksum.
 */
u16 darter_crc16(const void *data, size_t len)
{
	const u8 *p = data;
	u16 crc = 0;

	while (len--) {
		crc ^= (u16)(*p++ << 8);
		crc = (u16)(crc << 4) ^ crc16_nibble[crc >> 12];
		crc = (u16)(crc << 4) ^ crc16_nibble[crc >> 12];
	}
	return crc;
}

/* What four zero bits turn the low nibble @n into. */
static u64 crc64_nibble(unsigned int n)
{
	u64 crc = n;
	int bit;

	for (bit = 0; bit < 4; bit++)
		crc = (crc >> 1) ^ (crc & 1 ? CRC64_POLY : 0);
	return crc;
}

/**
 * darter_crc64() - continue the CRC64 that ends RDB files and DUMP payloads
 * @crc: sum of what came before, 0 at the start
 * @data: bytes to add
 * @len: how many
 *
 * Reflected, no final inversion. "123456789" gives 0xe9c6d914c4b8d9ca.
 *
 * Return: the sum so far.
 */
u64 darter_crc64(u64 crc, const void *data, size_t len)
{
	const u8 *p = data;
	u64 table[16];
	unsigned int n;

	for (n = 0; n < 16; n++)
		table[n] = crc64_nibble(n);
	while (len--) {
		crc ^= *p++;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return crc;
}

/**
 * darter_key_slot() - cluster slot of a key
 * @key: the key
 * @len: its length in bytes
 *
 * Only what stands between the first '{' and the next '}' is hashed, unless
 * that is empty or there is no such pair.
 *
 * Return: a slot below DARTER_SLOTS.
 */
u16 darter_key_slot(const char *key, size_t len)
{
	const char *open = memchr(key, '{', len);
	const char *close;

	if (open) {
		open++;
		close = memchr(open, '}', len - (open - key));
		if (close && close != open)
			return darter_crc16(open, close - open) % DARTER_SLOTS;
	}
	return darter_crc16(key, len) % DARTER_SLOTS;
}
