// SPDX-License-Identifier: GPL-2.0
/*
 * Glob patterns, see glob.h. Everything but a star matches one byte, whatever
 * follows. So a mismatch can only be mended by the last star taking one byte
 * more, and no recursion is needed.
 *
 * Odd patterns mean what they do in Redis: a class without an end reaches to the
 * end of the pattern, "[a-]" is a range up to ']', bounds of ranges are signed
 * bytes in either order, and an escaped byte in a class is never folded.
 */
#include <linux/kernel.h>

#include "glob.h"

struct pattern {
	const char *end;
	bool any_case;
};

static s8 fold(const struct pattern *pattern, char byte)
{
	if (pattern->any_case && byte >= 'A' && byte <= 'Z')
		return byte - 'A' + 'a';
	return byte;
}

static bool within(const struct pattern *pattern, s8 from, s8 to, s8 byte)
{
	if (from > to)
		swap(from, to);
	byte = fold(pattern, byte);
	return byte >= fold(pattern, from) && byte <= fold(pattern, to);
}

/*
 * Match one byte with the class whose contents begin at @at. Returns where the
 * pattern goes on, NULL if the byte is not of the class.
 */
static const char *match_class(const struct pattern *pattern, const char *at, char byte)
{
	bool negated = at < pattern->end && *at == '^';
	bool found = false;

	for (at += negated; at < pattern->end && *at != ']'; at++) {
		size_t left = pattern->end - at;

		if (left >= 2 && *at == '\\') {
			found |= *++at == byte;
		} else if (left >= 3 && at[1] == '-') {
			found |= within(pattern, at[0], at[2], byte);
			at += 2;
		} else {
			found |= fold(pattern, *at) == fold(pattern, byte);
		}
	}
	if (found == negated)
		return NULL;
	return at < pattern->end ? at + 1 : at;
}

/* The same for whatever begins at @at, except a star. */
static const char *match_one(const struct pattern *pattern, const char *at, char byte)
{
	if (at == pattern->end)
		return NULL;
	if (*at == '?')
		return at + 1;
	if (*at == '[')
		return match_class(pattern, at + 1, byte);
	if (*at == '\\' && at + 1 < pattern->end)
		at++;
	return fold(pattern, *at) == fold(pattern, byte) ? at + 1 : NULL;
}

static const char *skip_stars(const struct pattern *pattern, const char *at)
{
	while (at < pattern->end && *at == '*')
		at++;
	return at;
}

bool darter_glob_match(const char *bytes, size_t pattern_len, const char *text, size_t len,
		       bool any_case)
{
	const struct pattern pattern = { .end = bytes + pattern_len, .any_case = any_case };
	const char *at = bytes, *end = text + len;
	const char *after_star = NULL, *star_end = NULL;

	/* In Redis, too, stars alone do not match an empty text. */
	if (!len)
		return !pattern_len;
	while (text < end) {
		const char *next;

		if (at < pattern.end && *at == '*') {
			after_star = skip_stars(&pattern, at);
			if (after_star == pattern.end)
				return true;
			at = after_star;
			star_end = text;
			continue;
		}
		next = match_one(&pattern, at, *text);
		if (next) {
			at = next;
			text++;
		} else if (after_star) {
			at = after_star;
			text = ++star_end;
		} else {
			return false;
		}
	}
	return skip_stars(&pattern, at) == pattern.end;
}
