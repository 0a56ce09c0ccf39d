/* SPDX-License-Identifier: GPL-2.0 */
/* Patterns of keys and names as Redis understands them. Pure; any context. */
#ifndef DARTER_CORE_GLOB_H
#define DARTER_CORE_GLOB_H

#include <linux/types.h>

/*
 * Whether the whole text fits the pattern: '*', '?', classes in brackets, '\'
 * before a character that is meant as such. @any_case: ASCII letters match in
 * either case.
 */
bool darter_glob_match(const char *pattern, size_t pattern_len, const char *text, size_t len,
		       bool any_case);

/*
 * Whether a pattern is the star alone. Redis does not match against that one, and
 * so lists empty names under it, which no pattern with a star matches.
 */
static inline bool darter_glob_is_star(const char *pattern, size_t len)
{
	return len == 1 && *pattern == '*';
}

#endif /* DARTER_CORE_GLOB_H */
