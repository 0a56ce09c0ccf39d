// SPDX-License-Identifier: GPL-2.0
/* The daemon's configuration files: words, lines, includes and their errors. */
/* links: daemon/common/args.c daemon/common/conf.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "daemon/common/args.h"
#include "daemon/common/conf.h"

static void expect_words(const char *line, size_t count, const char *const *words)
{
	struct darter_args args;

	assert_int_equal(darter_args_split(line, &args), 0);
	assert_int_equal(args.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(args.words[i], words[i]);
	darter_args_free(&args);
}

#define EXPECT_WORDS(line, ...) do {						\
	const char *const words[] = { __VA_ARGS__ };				\
	expect_words(line, sizeof(words) / sizeof(words[0]), words);		\
} while (0)

static void test_plain_words(void **state)
{
	(void)state;
	EXPECT_WORDS("port 6379", "port", "6379");
	EXPECT_WORDS("  bind\t127.0.0.1   -::1 \r\n", "bind", "127.0.0.1", "-::1");
	expect_words("", 0, NULL);
	expect_words(" \t\n", 0, NULL);
}

static void test_double_quotes(void **state)
{
	(void)state;
	EXPECT_WORDS("save \"\"", "save", "");
	EXPECT_WORDS("requirepass \"a b\"", "requirepass", "a b");
	EXPECT_WORDS("x \"\\n\\r\\t\\b\\a\\\\\\\"\\q\"", "x", "\n\r\t\b\a\\\"q");
	EXPECT_WORDS("x \"\\x41\\x7a\\xFf\"", "x", "Az\xff");
	EXPECT_WORDS("x \"\\xg1\"", "x", "xg1");
	EXPECT_WORDS("x a\"b c\"", "x", "ab c");
}

static void test_single_quotes(void **state)
{
	(void)state;
	EXPECT_WORDS("x 'a b'", "x", "a b");
	EXPECT_WORDS("x 'it\\'s'", "x", "it's");
	EXPECT_WORDS("x '\\n\"'", "x", "\\n\"");
}

static void test_bad_quotes(void **state)
{
	static const char *const bad[] = {
		"x \"open", "x 'open", "x \"a\"b", "x 'a'b", "x \"a\\", "x \"\\x00\"",
	};
	struct darter_args args;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(darter_args_split(bad[i], &args), -EINVAL);
}

static void test_quoting_reads_back(void **state)
{
	static const char *const words[] = {
		"", "plain", "two words", "quote\"s", "it's", "#hash", "tab\tnew\nline",
		"back\\slash", "\xc3\xa4\x01\x7f", "a,b{c}",
	};
	struct darter_args args;
	char *text;
	size_t length;
	FILE *out;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		out = open_memstream(&text, &length);
		darter_word_write(out, words[i]);
		fclose(out);
		assert_int_equal(darter_args_split(text, &args), 0);
		assert_int_equal(args.count, 1);
		assert_string_equal(args.words[0], words[i]);
		darter_args_free(&args);
		free(text);
	}
	assert_false(darter_word_needs_quotes("plain"));
}

static void test_join(void **state)
{
	struct darter_args args;
	char *text;

	(void)state;
	assert_int_equal(darter_args_split("bind 1.2.3.4 'a b'", &args), 0);
	text = darter_args_join(&args, 1);
	assert_string_equal(text, "1.2.3.4 a b");
	free(text);
	text = darter_args_join(&args, 3);
	assert_string_equal(text, "");
	free(text);
	darter_args_free(&args);
}

/* A directory of its own for the files of a test. */
static int make_directory(void **state)
{
	char *path = strdup("/tmp/darter-conf.XXXXXX");

	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static int remove_directory(void **state)
{
	static const char *const names[] = { "main.conf", "a.conf", "b.conf" };
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, names[i]);
		unlink(path);
	}
	rmdir(*state);
	free(*state);
	return 0;
}

static void write_file(const char *directory, const char *name, const char *text, char *path)
{
	FILE *out;

	snprintf(path, 256, "%s/%s", directory, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void test_file(void **state)
{
	struct darter_conf conf;
	char path[256];

	write_file(*state, "main.conf", "# comment\n\n  # indented\nport 7000\n\nSAVE \"\"", path);
	darter_conf_init(&conf);
	assert_int_equal(darter_conf_read(&conf, path), 0);
	assert_int_equal(conf.count, 2);
	assert_string_equal(conf.lines[0].args.words[0], "port");
	assert_int_equal(conf.lines[0].number, 4);
	assert_string_equal(conf.lines[1].args.words[0], "SAVE");
	assert_int_equal(conf.lines[1].number, 6);
	assert_string_equal(conf.lines[1].file, path);
	darter_conf_free(&conf);
}

static void test_blank_lines(void **state)
{
	struct darter_conf conf;
	char path[256];

	write_file(*state, "main.conf", "\v\n \f\r\n\v\f\nport\v7000\n\t\v", path);
	darter_conf_init(&conf);
	assert_int_equal(darter_conf_read(&conf, path), 0);
	assert_int_equal(conf.count, 1);
	assert_int_equal(conf.lines[0].number, 4);
	assert_int_equal(conf.lines[0].args.count, 2);
	assert_string_equal(conf.lines[0].args.words[1], "7000");
	darter_conf_free(&conf);
}

static void test_include(void **state)
{
	struct darter_conf conf;
	char path[256], main_path[256], text[600];

	write_file(*state, "a.conf", "port 1\n", path);
	write_file(*state, "b.conf", "port 2\n", path);
	snprintf(text, sizeof(text), "include %s/[ab].conf\ntimeout 9\ninclude %s/none*.conf\n",
		 (char *)*state, (char *)*state);
	write_file(*state, "main.conf", text, main_path);
	darter_conf_init(&conf);
	assert_int_equal(darter_conf_read(&conf, main_path), 0);
	assert_int_equal(conf.count, 3);
	assert_string_equal(conf.lines[0].args.words[1], "1");
	assert_string_equal(conf.lines[1].args.words[1], "2");
	assert_string_equal(conf.lines[1].file, path);
	assert_string_equal(conf.lines[2].args.words[0], "timeout");
	darter_conf_free(&conf);
}

static void test_include_loop(void **state)
{
	struct darter_conf conf;
	char path[256], text[300];

	snprintf(text, sizeof(text), "include %s/main.conf\n", (char *)*state);
	write_file(*state, "main.conf", text, path);
	darter_conf_init(&conf);
	assert_int_equal(darter_conf_read(&conf, path), -ELOOP);
	assert_non_null(strstr(conf.why, "include each other"));
	darter_conf_free(&conf);
}

static void test_errors_name_the_line(void **state)
{
	struct darter_conf conf;
	char path[256], want[300];

	write_file(*state, "main.conf", "port 1\nrequirepass \"open\n", path);
	darter_conf_init(&conf);
	assert_int_equal(darter_conf_read(&conf, path), -EINVAL);
	snprintf(want, sizeof(want), "%s:2: Unbalanced quotes in configuration line", path);
	assert_string_equal(conf.why, want);
	darter_conf_free(&conf);

	snprintf(path, sizeof(path), "%s/a.conf", (char *)*state);
	assert_int_equal(darter_conf_read(&conf, path), -ENOENT);
	assert_non_null(strstr(conf.why, "a.conf: No such file"));
	darter_conf_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_words),
		cmocka_unit_test(test_double_quotes),
		cmocka_unit_test(test_single_quotes),
		cmocka_unit_test(test_bad_quotes),
		cmocka_unit_test(test_quoting_reads_back),
		cmocka_unit_test(test_join),
		cmocka_unit_test_setup_teardown(test_file, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_blank_lines, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(test_include, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_include_loop, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(test_errors_name_the_line, make_directory,
						remove_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
