// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/glob.c */
/* Patterns: what Redis answers to KEYS and, in any case, to CONFIG GET. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/glob.h"

static bool matches(const char *pattern, const char *text)
{
	return darter_glob_match(pattern, strlen(pattern), text, strlen(text), false);
}

static bool matches_any_case(const char *pattern, const char *text)
{
	return darter_glob_match(pattern, strlen(pattern), text, strlen(text), true);
}

static void plain_text(void **state)
{
	assert_true(matches("key", "key"));
	assert_false(matches("key", "keys"));
	assert_false(matches("keys", "key"));
	assert_false(matches("key", "Key"));
	assert_true(matches("", ""));
	assert_false(matches("", "a"));
	assert_false(matches("a", ""));
}

static void stars_and_question_marks(void **state)
{
	assert_true(matches("*", "anything"));
	assert_true(matches("**", "anything"));
	assert_true(matches("a*", "a"));
	assert_true(matches("a**", "a"));
	assert_true(matches("*:*:end", "a:b:c:end"));
	assert_false(matches("*:*:end", "a:end"));
	assert_true(matches("*aab", "aaaaab"));
	assert_true(matches("a*b*c", "a-b-b-c"));
	assert_false(matches("a*b*c", "a-c-b"));
	assert_true(matches("?", "x"));
	assert_false(matches("?", ""));
	assert_true(matches("h?llo*?", "hello!"));
	assert_false(matches("h?llo*?", "hello"));
	/* Not even stars match an empty text, one alone excepted, see below. */
	assert_false(matches("*", ""));
	assert_false(matches("**", ""));
	assert_true(darter_glob_is_star("*", 1));
	assert_false(darter_glob_is_star("**", 2));
}

static void classes(void **state)
{
	assert_true(matches("h[ae]llo", "hello"));
	assert_false(matches("h[ae]llo", "hillo"));
	assert_true(matches("h[^e]llo", "hallo"));
	assert_false(matches("h[^e]llo", "hello"));
	assert_true(matches("[a-c]", "b"));
	assert_true(matches("[c-a]", "b"));
	assert_false(matches("[a-c]", "d"));
	assert_true(matches("[a-ce]", "e"));
	assert_true(matches("[\\]]", "]"));
	assert_true(matches("[\\^a]", "^"));
	assert_true(matches("[a^]", "^"));
	assert_false(matches("[]", "]"));
	assert_true(matches("[^]", "x"));
	assert_false(matches("[^]", ""));
}

static void odd_classes(void **state)
{
	/* Without an end: up to the end of the pattern. */
	assert_true(matches("[abc", "b"));
	assert_false(matches("[abc", "d"));
	assert_true(matches("x*[ab", "xyza"));
	assert_true(matches("[^", "x"));
	assert_false(matches("[", "["));
	/* A range up to the bracket, which then ends nothing. */
	assert_true(matches("[a-]", "]"));
	assert_true(matches("[a-]", "^"));
	assert_false(matches("[a-]", "-"));
	assert_true(matches("[-a]", "-"));
	/* Bytes above 127 are negative. */
	assert_true(matches("[\x80-a]", "A"));
	assert_false(matches("[b-\xff]", "z"));
	assert_true(matches("[b-\xff]", "a"));
}

static void escapes(void **state)
{
	assert_true(matches("\\*", "*"));
	assert_false(matches("\\*", "a"));
	assert_true(matches("a\\?c", "a?c"));
	assert_false(matches("a\\?c", "abc"));
	assert_true(matches("\\\\", "\\"));
	assert_true(matches("\\", "\\"));
	assert_true(matches("a\\", "a\\"));
	assert_true(matches("\\[a]", "[a]"));
}

static void any_case(void **state)
{
	assert_true(matches_any_case("MaxMemory*", "maxmemory-policy"));
	assert_true(matches_any_case("[A-C]X", "bx"));
	assert_true(matches_any_case("[xyz]", "Y"));
	assert_false(matches_any_case("[^Y]", "y"));
	assert_true(matches_any_case("\\S", "s"));
	/* An escaped byte of a class is meant as it stands. */
	assert_false(matches_any_case("[\\S]", "s"));
	assert_true(matches_any_case("[\\s]", "s"));
}

static void bytes_of_any_kind(void **state)
{
	assert_true(darter_glob_match("a\0?", 3, "a\0b", 3, false));
	assert_false(darter_glob_match("a\0b", 3, "a", 1, false));
	assert_true(darter_glob_match("*\0", 2, "ab\0", 3, false));
	assert_true(darter_glob_match("[\0]", 3, "\0", 1, false));
}

/* What takes a recursive matcher time without end. */
static void many_stars(void **state)
{
	char pattern[20001], text[20001];
	int i;

	for (i = 0; i < 20000; i++) {
		pattern[i] = i % 2 ? '*' : 'a';
		text[i] = 'a';
	}
	pattern[20000] = 'b';
	assert_false(darter_glob_match(pattern, 20001, text, 20000, false));
	text[20000] = 'b';
	assert_true(darter_glob_match(pattern, 20001, text, 20001, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text),
		cmocka_unit_test(stars_and_question_marks),
		cmocka_unit_test(classes),
		cmocka_unit_test(odd_classes),
		cmocka_unit_test(escapes),
		cmocka_unit_test(any_case),
		cmocka_unit_test(bytes_of_any_kind),
		cmocka_unit_test(many_stars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
