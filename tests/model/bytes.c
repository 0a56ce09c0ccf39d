// SPDX-License-Identifier: GPL-2.0
/* Bytes that grow, and numbers from a seed. */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

void bytes_add(struct bytes *bytes, const void *more, size_t len)
{
	if (bytes->len + len > bytes->room) {
		bytes->room = (bytes->len + len) * 2;
		bytes->at = realloc(bytes->at, bytes->room);
		if (!bytes->at)
			errx(2, "out of memory");
	}
	if (len)
		memcpy(bytes->at + bytes->len, more, len);
	bytes->len += len;
}

void bytes_format(struct bytes *bytes, const char *format, ...)
{
	char text[2048];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	bytes_add(bytes, text, len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

void bytes_add_escaped(struct bytes *bytes, struct span span, size_t most)
{
	size_t i;

	for (i = 0; i < span.len && i < most; i++) {
		unsigned char c = span.at[i];

		if (c < ' ' || c > '~' || c == '\\')
			bytes_format(bytes, "\\x%02x", c);
		else
			bytes_add(bytes, &c, 1);
	}
	if (span.len > most)
		bytes_format(bytes, "... (%zu bytes)", span.len);
}

/* The finalizer of SplitMix64, by Steele, Lea and Flood. */
uint64_t chance_next(struct chance *chance)
{
	uint64_t x = chance->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

int64_t chance_between(struct chance *chance, int64_t low, int64_t high)
{
	return low + (int64_t)(chance_next(chance) % ((uint64_t)high - low + 1));
}

bool chance_once_in(struct chance *chance, unsigned int times)
{
	return times && chance_next(chance) % times == 0;
}

int64_t chance_scale(struct chance *chance, int64_t high)
{
	int bits = 64 - __builtin_clzll(high);
	int64_t value = chance_next(chance) >> (64 - chance_between(chance, 1, bits));

	return value > high ? high : value;
}
