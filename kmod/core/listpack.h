/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listpacks: the compact sequence of strings and integers that Redis 7 stores
 * small hashes in and writes to DUMP payloads and RDB files.
 *
 *   total bytes (u32 LE) | elements (u16 LE, 65535: count them) | elements | 0xff
 *
 * An element is its encoding, its data and its own length once more, written to
 * be read backwards. Pure functions over bytes; the caller owns the memory.
 */
#ifndef DARTER_CORE_LISTPACK_H
#define DARTER_CORE_LISTPACK_H

#include <linux/types.h>

#include "number/integer.h"

#define DARTER_LP_HEADER 6
/* Bytes of a listpack without elements. */
#define DARTER_LP_EMPTY 7
/* Most bytes that an element takes beyond its text. */
#define DARTER_LP_OVERHEAD 10

/* An element: text, or a number to be printed. */
struct darter_lp_value {
	const char *bytes;		/* NULL: a number */
	u32 len;
	s64 number;
};

struct darter_lp_text {
	const char *bytes;
	u32 len;
};

int darter_lp_validate(const u8 *lp, size_t len, u32 *count);
void darter_lp_init(u8 *lp);
/* All bytes of a valid listpack, header and end included. */
u32 darter_lp_bytes(const u8 *lp);
/* Its elements; counted where the header does not tell (65535 and more). */
u32 darter_lp_count(const u8 *lp);
/* Positions are offsets; 0 stands for the end. */
u32 darter_lp_first(const u8 *lp);
u32 darter_lp_next(const u8 *lp, u32 at);
void darter_lp_get(const u8 *lp, u32 at, struct darter_lp_value *value);
u32 darter_lp_find(const u8 *lp, u32 at, const char *bytes, u32 len, u32 skip);
u32 darter_lp_encoded_size(const char *bytes, u32 len);
void darter_lp_splice(u8 *lp, u32 at, u32 remove, const struct darter_lp_text *add, u32 nadd);
/* Text of a value; a number is printed to @digits. */
struct darter_lp_text darter_lp_text(const struct darter_lp_value *value,
				     char digits[DARTER_S64_CHARS]);

#endif /* DARTER_CORE_LISTPACK_H */
