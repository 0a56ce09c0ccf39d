// SPDX-License-Identifier: GPL-2.0
/*
 * CRC16/XMODEM for cluster slots and CRC-64/Redis for serialized values.
 *
 * Both work on halves of bytes: the tables are 16 entries each, small enough to
 * be written down and to stay in cache. Pure functions, any context.
 */
#include <linux/string.h>

#include "crc.h"

/* Remainders of the high nibble under x^16 + x^12 + x^5 + 1 (0x1021). */
static const u16 crc16_nibble[16] = {
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
	0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
};

/*
 * The same for Jones' polynomial 0xad93d23594c935a9, bits reversed for a
 * reflected CRC: remainders of a byte's low nibble and of its high one, whose sum
 * is that of the byte.
 */
static const u64 crc64_low[16] = {
	0x0000000000000000ULL, 0x7ad870c830358979ULL, 0xf5b0e190606b12f2ULL, 0x8f689158505e9b8bULL,
	0xc038e5739841b68fULL, 0xbae095bba8743ff6ULL, 0x358804e3f82aa47dULL, 0x4f50742bc81f2d04ULL,
	0xab28ecb46814fe75ULL, 0xd1f09c7c5821770cULL, 0x5e980d24087fec87ULL, 0x24407dec384a65feULL,
	0x6b1009c7f05548faULL, 0x11c8790fc060c183ULL, 0x9ea0e857903e5a08ULL, 0xe478989fa00bd371ULL,
};

static const u64 crc64_high[16] = {
	0x0000000000000000ULL, 0x7d08ff3b88be6f81ULL, 0xfa11fe77117cdf02ULL, 0x8719014c99c2b083ULL,
	0xdf7adabd7a6e2d6fULL, 0xa2722586f2d042eeULL, 0x256b24ca6b12f26dULL, 0x5863dbf1e3ac9decULL,
	0x95ac9329ac4bc9b5ULL, 0xe8a46c1224f5a634ULL, 0x6fbd6d5ebd3716b7ULL, 0x12b5926535897936ULL,
	0x4ad64994d625e4daULL, 0x37deb6af5e9b8b5bULL, 0xb0c7b7e3c7593bd8ULL, 0xcdcf48d84fe75459ULL,
};

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

	while (len--) {
		u8 byte = crc ^ *p++;

		crc = crc >> 8 ^ crc64_low[byte & 15] ^ crc64_high[byte >> 4];
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
