/* SPDX-License-Identifier: GPL-2.0 */
/* Quotients for people. Pure; any context. */
#ifndef DARTER_CORE_NUMBER_RATIO_H
#define DARTER_CORE_NUMBER_RATIO_H

#include <linux/types.h>

/* Room for "18446744073709551615.00" with its NUL. */
#define DARTER_RATIO_CHARS 24
/* Room for "16384.00P" with its NUL. */
#define DARTER_SIZE_CHARS 12

void darter_format_ratio(char *out, u64 a, u64 b);
void darter_format_size(char *out, u64 bytes);

#endif /* DARTER_CORE_NUMBER_RATIO_H */
