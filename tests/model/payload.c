// SPDX-License-Identifier: GPL-2.0
/*
 * Payloads for RESTORE: strings and tables of an RDB version that all servers read,
 * behind their checksum, most of them right.
 */
#include <stdio.h>
#include <string.h>

#include "model.h"

#define RDB_VERSION	9
#define TYPE_STRING	0
#define TYPE_TABLE	4

/* CRC-64 of RDB: the polynomial 0xad93d23594c935a9, reflected. */
static uint64_t crc64(const unsigned char *at, size_t len)
{
	static uint64_t table[256];
	uint64_t crc = 0;
	size_t i;

	for (i = 0; !table[255] && i < 256; i++) {
		uint64_t entry = i;
		int bit;

		for (bit = 0; bit < 8; bit++)
			entry = entry >> 1 ^ (entry & 1 ? 0x95ac9329ac4bc9b5 : 0);
		table[i] = entry;
	}
	for (i = 0; i < len; i++)
		crc = table[(crc ^ at[i]) & 255] ^ crc >> 8;
	return crc;
}

static void add_byte(struct bytes *out, int byte)
{
	char c = byte;

	bytes_add(out, &c, 1);
}

/* Lengths: six bits, fourteen bits, or four bytes. */
static void add_length(struct bytes *out, size_t len, int form)
{
	if (len < 64 && form == 0) {
		add_byte(out, len);
	} else if (len < 16384 && form <= 1) {
		add_byte(out, 64 | len >> 8);
		add_byte(out, len);
	} else {
		add_byte(out, 128);
		add_byte(out, len >> 24);
		add_byte(out, len >> 16);
		add_byte(out, len >> 8);
		add_byte(out, len);
	}
}

/* An integer of one, two or four bytes, or a run of a letter. */
static void add_string(struct bytes *out, struct chance *chance)
{
	int form = chance_between(chance, 0, 3), i;
	size_t len;

	if (form < 3) {
		add_byte(out, 192 | form);
		for (i = 0; i < 1 << form; i++)
			add_byte(out, chance_next(chance));
		return;
	}
	len = chance_scale(chance, 300);
	add_length(out, len, chance_between(chance, 0, 2));
	while (len--)
		add_byte(out, 'a' + len % 3);
}

static void add_table(struct bytes *out, struct chance *chance)
{
	int count = chance_between(chance, 1, 12), i;

	add_length(out, count, 0);
	for (i = 0; i < count; i++) {
		char name[16];
		int len = snprintf(name, sizeof(name), "f%d", i);

		add_length(out, len, 0);
		bytes_add(out, name, len);
		add_string(out, chance);
	}
}

void payload_add(struct bytes *out, struct chance *chance)
{
	size_t begin = out->len;
	uint64_t crc;
	int i;

	if (chance_once_in(chance, 2)) {
		add_byte(out, TYPE_STRING);
		add_string(out, chance);
	} else {
		add_byte(out, TYPE_TABLE);
		add_table(out, chance);
	}
	add_byte(out, RDB_VERSION);
	add_byte(out, 0);
	crc = crc64((unsigned char *)out->at + begin, out->len - begin);
	if (chance_once_in(chance, 20))
		crc ^= 1;
	for (i = 0; i < 8; i++)
		add_byte(out, crc >> 8 * i);
}
