// SPDX-License-Identifier: GPL-2.0
/* Quotients with two decimals, and sizes in units. Pure functions, any context. */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "ratio.h"

/**
 * darter_format_ratio() - print a quotient with two decimals
 * @out: room for DARTER_RATIO_CHARS
 * @a: dividend
 * @b: divisor; 0 gives "0.00"
 *
 * Rounded to nearest, a tie to the even digit, as "%.2f" prints exact numbers.
 */
void darter_format_ratio(char *out, u64 a, u64 b)
{
	u64 whole, hundredths, rest;

	if (!b) {
		scnprintf(out, DARTER_RATIO_CHARS, "0.00");
		return;
	}
	whole = div64_u64(a, b);
	rest = a - whole * b;
	/* Great numbers lose bits that two decimals do not show. */
	for (; rest > U64_MAX / 200; rest >>= 1)
		b >>= 1;
	hundredths = div64_u64(rest * 100, b);
	rest = rest * 100 - hundredths * b;
	if (rest > b - rest || (rest == b - rest && hundredths & 1))
		hundredths++;
	if (hundredths >= 100) {
		whole++;
		hundredths -= 100;
	}
	scnprintf(out, DARTER_RATIO_CHARS, "%llu.%02u", whole, (u32)hundredths);
}

/**
 * darter_format_size() - print a number of bytes as INFO shows it to people
 * @out: room for DARTER_SIZE_CHARS
 * @bytes: the number
 *
 * "512B", "1.44M"; units are powers of 1024, the greatest is P.
 */
void darter_format_size(char *out, u64 bytes)
{
	static const char units[] = "KMGTP";
	char ratio[DARTER_RATIO_CHARS];
	u32 unit = 0;

	if (bytes < 1024) {
		scnprintf(out, DARTER_SIZE_CHARS, "%lluB", bytes);
		return;
	}
	while (unit < 4 && bytes >> (10 * (unit + 2)))
		unit++;
	darter_format_ratio(ratio, bytes, 1ULL << (10 * (unit + 1)));
	scnprintf(out, DARTER_SIZE_CHARS, "%s%c", ratio, units[unit]);
}
