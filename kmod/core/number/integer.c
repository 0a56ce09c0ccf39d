// SPDX-License-Identifier: GPL-2.0
/*
 * Decimal integers. Redis takes a string for a number only in its canonical
 * form, the one that printing the number gives: no sign but '-', no leading
 * zeros, no blanks. So a stored number can be told from a string by its text.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "integer.h"

/**
 * darter_parse_u64() - read an unsigned number in canonical form
 * @text: its digits
 * @len: how many
 * @value: set to the number
 *
 * Return: whether @text is canonical and fits.
 */
bool darter_parse_u64(const char *text, size_t len, u64 *value)
{
	u64 sum = 0;
	size_t i;

	if (!len || len > 20 || (text[0] == '0' && len > 1))
		return false;
	for (i = 0; i < len; i++) {
		u32 digit = (u8)text[i] - '0';

		if (digit > 9)
			return false;
		/* 19 digits always fit. */
		if (i == 19 && (sum > U64_MAX / 10 ||
				(sum == U64_MAX / 10 && digit > U64_MAX % 10)))
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return true;
}

/**
 * darter_parse_s64() - read a signed number in canonical form
 * @text: an optional '-' and digits
 * @len: how many bytes
 * @value: set to the number
 *
 * Return: whether @text is canonical and fits.
 */
bool darter_parse_s64(const char *text, size_t len, s64 *value)
{
	bool negative = len && text[0] == '-';
	u64 magnitude;

	if (!darter_parse_u64(text + negative, len - negative, &magnitude))
		return false;
	if (magnitude > (u64)S64_MAX + negative || (negative && !magnitude))
		return false;
	*value = negative ? (s64)(0 - magnitude) : (s64)magnitude;
	return true;
}

/**
 * darter_parse_cursor() - read a number as SCAN and its kin take cursors
 * @text: its bytes
 * @len: how many
 * @value: set to the number
 *
 * More than the canonical form: no text at all is 0, leading zeros and a sign
 * are taken, a minus meaning the two's complement, and a NUL ends the number.
 *
 * Return: whether @text is such a number and fits.
 */
bool darter_parse_cursor(const char *text, size_t len, u64 *value)
{
	bool sign = len && (text[0] == '-' || text[0] == '+');
	u64 sum = 0;
	size_t i;

	for (i = sign; i < len && text[i]; i++) {
		u32 digit = (u8)text[i] - '0';

		if (digit > 9 || sum > U64_MAX / 10 ||
		    (sum == U64_MAX / 10 && digit > U64_MAX % 10))
			return false;
		sum = sum * 10 + digit;
	}
	*value = sign && text[0] == '-' ? 0 - sum : sum;
	return !sign || i > 1;
}

/**
 * darter_digits_u64() - how long a number is in decimal
 * @value: the number
 *
 * Return: 1 to 20.
 */
unsigned int darter_digits_u64(u64 value)
{
	unsigned int digits = 1;

	for (; value >= 100; value /= 100)
		digits += 2;
	return digits + (value >= 10);
}

/**
 * darter_format_u64() - write a number in decimal
 * @out: room for DARTER_S64_CHARS
 * @value: the number
 *
 * Return: bytes written; there is no NUL.
 */
unsigned int darter_format_u64(char *out, u64 value)
{
	unsigned int len = darter_digits_u64(value);
	unsigned int at = len;

	do {
		out[--at] = '0' + value % 10;
		value /= 10;
	} while (at);
	return len;
}

/**
 * darter_format_s64() - write a number in decimal
 * @out: room for DARTER_S64_CHARS
 * @value: the number
 *
 * Return: bytes written; there is no NUL.
 */
unsigned int darter_format_s64(char *out, s64 value)
{
	if (value >= 0)
		return darter_format_u64(out, value);
	*out = '-';
	return 1 + darter_format_u64(out + 1, 0 - (u64)value);
}
