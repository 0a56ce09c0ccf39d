// SPDX-License-Identifier: GPL-2.0
/* The daemon's view of a client's command. */
/* links: daemon/darterd/request.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/darterd/request.h"

/* Parse a copy of exactly @length bytes, so that reading further is noticed. */
static int parse_length(const char *text, size_t length, struct darter_request *request)
{
	char *copy = malloc(length ? length : 1);
	int err;

	memcpy(copy, text, length);
	err = darter_request_parse(copy, length, request);
	free(copy);
	return err;
}

static void test_words(void **state)
{
	static const char text[] = "*2\r\n$6\r\nconfig\r\n$7\r\nREWRITE\r\n";
	struct darter_request request;

	assert_int_equal(darter_request_parse(text, strlen(text), &request), 0);
	assert_int_equal(request.count, 2);
	assert_true(darter_word_is(&request.words[0], "CONFIG"));
	assert_true(darter_word_is(&request.words[1], "rewrite"));
	assert_false(darter_word_is(&request.words[1], "rewrit"));
	assert_false(darter_word_is(&request.words[1], "rewrites"));
}

static void test_every_cut_is_refused(void **state)
{
	static const char text[] = "*2\r\n$6\r\nconfig\r\n$0\r\n\r\n";
	struct darter_request request;

	for (size_t i = 0; i < strlen(text); i++)
		assert_int_equal(parse_length(text, i, &request), -EINVAL);
	assert_int_equal(parse_length(text, strlen(text), &request), 0);
	assert_int_equal(request.words[1].length, 0);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"*0\r\n", "*-1\r\n", "*1\r\n:5\r\n", "PING\r\n", "*1\r\n$-1\r\n",
		"*1\r\n$4\r\nPINGxx", "*1\r\n$4\r\nPING\r\nmore", "*9999999999\r\n",
		"*1\r\n$999999999\r\nPING\r\n",
	};
	struct darter_request request;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_length(bad[i], strlen(bad[i]), &request), -EINVAL);
	assert_int_equal(parse_length("*65\r\n", 5, &request), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
