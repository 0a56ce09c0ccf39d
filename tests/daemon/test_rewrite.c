// SPDX-License-Identifier: GPL-2.0
/* CONFIG REWRITE: what stays, what changes, and that the file is replaced whole. */
/* links: daemon/common/args.c daemon/common/names.c daemon/common/limits.c daemon/darterd/rewrite.c daemon/darterd/replace.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/darterd/rewrite.h"

#define LIMITS "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"

static void add(struct darter_values *values, const char *name, const char *value)
{
	assert_int_equal(darter_values_add(values, name, value), 0);
}

/* Rewrite @old for one parameter besides some that have their default. */
static void expect(const char *old, const char *name, const char *value, const char *want)
{
	struct darter_values values = {};
	char *text;

	add(&values, name, value);
	add(&values, "tcp-backlog", "511");
	add(&values, "hash-max-ziplist-value", "64");
	add(&values, "hash-max-listpack-value", "64");
	add(&values, "client-output-buffer-limit", LIMITS);
	add(&values, "appendonly", "yes");
	assert_int_equal(darter_rewrite_text(old, &values, &text), 0);
	assert_string_equal(text, want);
	free(text);
	darter_values_free(&values);
}

static void test_nothing_changed(void **state)
{
	static const char text[] =
		"# head\n\nport 7000\n  Timeout   0\nappendonly no\nsave 900 1\n"
		"bad \"line\nuser a on\nclient-output-buffer-limit pubsub 32mb 8mb 60\n";

	expect(text, "port", "7000", text);
	expect("maxmemory 1gb\n", "maxmemory", "1073741824", "maxmemory 1gb\n");
	expect("", "port", "6379", "");
}

static void test_changed_in_place(void **state)
{
	expect("# a\nport 7000\n# b\n", "port", "7001", "# a\nport 7001\n# b\n");
	expect("port 7000", "port", "6379", "port 6379\n");
	expect("requirepass x\n", "requirepass", "two words", "requirepass \"two words\"\n");
	expect("requirepass x\n", "requirepass", "", "requirepass \"\"\n");
	expect("bind ::1\n", "bind", "127.0.0.1 -::1", "bind 127.0.0.1 -::1\n");
	expect("hash-max-ziplist-entries 1\n", "hash-max-listpack-entries", "2",
	       "hash-max-listpack-entries 2\n");
}

static void test_repeated_lines(void **state)
{
	expect("port 1\n# x\nport 2\n", "port", "2", "port 1\n# x\nport 2\n");
	expect("port 1\n# x\nport 2\n", "port", "3", "port 3\n# x\n");
}

static void test_appended(void **state)
{
	expect("# a\n", "timeout", "5", "# a\n\n# Added by CONFIG REWRITE\ntimeout 5\n");
	expect("# a\n", "databases", "4", "# a\n\n# Added by CONFIG REWRITE\ndatabases 4\n");
	expect("# timeout 5\n", "timeout", "0", "# timeout 5\n");
	/* Whose default nobody here knows. */
	expect("", "maxmemory", "5", "\n# Added by CONFIG REWRITE\nmaxmemory 5\n");
	expect("", "darter-knob", "a b", "\n# Added by CONFIG REWRITE\ndarter-knob a b\n");
	expect("darter-KNOB a  b\n", "darter-knob", "a b", "darter-KNOB a  b\n");
	expect("darter-KNOB b\n", "darter-knob", "a b", "darter-knob a b\n");
	/* What a file says with quotes is reported without, and needs new ones. */
	expect("", "darter-knob", "it's \"b", "\n# Added by CONFIG REWRITE\n"
	       "darter-knob \"it's\" \"\\\"b\"\n");
	expect("darter-knob 'it\\'s' \"\" a\n", "darter-knob", "it's  a",
	       "darter-knob 'it\\'s' \"\" a\n");
	expect("darter-knob a\n", "darter-knob", "it's  a", "darter-knob \"it's\" \"\" a\n");
	/* Fixed ones follow the machine, if the file lets them. */
	expect("", "darter-shards", "4", "");
}

static void test_limits(void **state)
{
	static const char one[] = "normal 1 2 3 slave 268435456 67108864 60 pubsub 0 0 0";
	static const char lines[] = "client-output-buffer-limit normal 1 2 3\n"
		"client-output-buffer-limit replica 268435456 67108864 60\n"
		"client-output-buffer-limit pubsub 0 0 0\n";

	struct darter_values values = {};
	char *text;

	add(&values, "client-output-buffer-limit", one);
	assert_int_equal(darter_rewrite_text("client-output-buffer-limit normal 1 2 3\n# x\n"
					     "client-output-buffer-limit pubsub 1 1 1\n",
					     &values, &text), 0);
	assert_memory_equal(text, lines, strlen(lines));
	assert_string_equal(text + strlen(lines), "# x\n");
	free(text);
	/* The result, read again, holds. */
	assert_int_equal(darter_rewrite_text(lines, &values, &text), 0);
	assert_string_equal(text, lines);
	free(text);
	darter_values_free(&values);
}

static void test_file(void **state)
{
	struct darter_values values = {};
	char path[] = "/tmp/darter-rewrite.XXXXXX", link_path[64], read[64] = "";
	struct stat st;
	FILE *file;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "port 1\n", 7), 7);
	assert_int_equal(fchmod(fd, 0604), 0);
	close(fd);
	snprintf(link_path, sizeof(link_path), "%s.link", path);
	assert_int_equal(symlink(path, link_path), 0);
	add(&values, "port", "2");
	assert_int_equal(darter_rewrite_file(link_path, &values), 0);

	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	file = fopen(path, "r");
	assert_non_null(fgets(read, sizeof(read), file));
	assert_string_equal(read, "port 2\n");
	assert_null(fgets(read, sizeof(read), file));
	fclose(file);
	unlink(link_path);
	unlink(path);
	darter_values_free(&values);
}

static void test_empty_and_missing_file(void **state)
{
	struct darter_values values = {};
	char path[] = "/tmp/darter-rewrite.XXXXXX";
	struct stat st;

	close(mkstemp(path));
	add(&values, "port", "2");
	assert_int_equal(darter_rewrite_file(path, &values), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0);
	unlink(path);
	assert_int_equal(darter_rewrite_file(path, &values), 0);
	assert_int_equal(stat(path, &st), 0);
	unlink(path);
	assert_int_equal(darter_rewrite_file("/nonexistent/darter.conf", &values), -ENOENT);
	darter_values_free(&values);
}

/* What could not be written back whole is not touched. */
static void test_nul_byte(void **state)
{
	struct darter_values values = {};
	char path[] = "/tmp/darter-rewrite.XXXXXX";
	struct stat st;
	int fd = mkstemp(path);

	assert_int_equal(write(fd, "port 1\n\0port 3\n", 15), 15);
	close(fd);
	add(&values, "port", "2");
	assert_int_equal(darter_rewrite_file(path, &values), -EINVAL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 15);
	unlink(path);
	darter_values_free(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_changed_in_place),
		cmocka_unit_test(test_repeated_lines),
		cmocka_unit_test(test_appended),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_empty_and_missing_file),
		cmocka_unit_test(test_nul_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
