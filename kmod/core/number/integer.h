/* SPDX-License-Identifier: GPL-2.0 */
/* Decimal integers as Redis reads and writes them. Pure functions, any context. */
#ifndef DARTER_CORE_NUMBER_INTEGER_H
#define DARTER_CORE_NUMBER_INTEGER_H

#include <linux/types.h>

/* Room for any 64-bit integer; nothing here writes a NUL. */
#define DARTER_S64_CHARS 21

bool darter_parse_s64(const char *text, size_t len, s64 *value);
bool darter_parse_u64(const char *text, size_t len, u64 *value);
bool darter_parse_cursor(const char *text, size_t len, u64 *value);
unsigned int darter_digits_u64(u64 value);
unsigned int darter_format_u64(char *out, u64 value);
unsigned int darter_format_s64(char *out, s64 value);

#endif /* DARTER_CORE_NUMBER_INTEGER_H */
