// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* COMMAND and its subcommands: parts against the whole, filters, keys of other calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "core.h"
#include "kmod/core/command.h"

#define SYNTAX "-ERR syntax error\r\n"
#define INVALID "-ERR Invalid command specified\r\n"
#define NO_KEYS "-ERR The command has no key arguments\r\n"
#define BAD_COUNT "-ERR Invalid number of arguments specified for command\r\n"
#define DEPTH_MAX 12

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

/* The end of one element of a reply, which is well-formed. */
static const char *end_of(const char *at, u32 depth)
{
	char type = *at++;
	char *end;
	long count = strtol(at, &end, 10);

	assert_true(depth < DEPTH_MAX);
	if (type == '+' || type == ':' || type == '-') {
		end = strchr(at, '\r');
		assert_non_null(end);
		return end + 2;
	}
	assert_memory_equal(end, "\r\n", 2);
	at = end + 2;
	if (type == '$') {
		if (count < 0)
			return at;
		assert_memory_equal(at + count, "\r\n", 2);
		return at + count + 2;
	}
	assert_non_null(strchr("*%~", type));
	for (count *= type == '%' ? 2 : 1; count > 0; count--)
		at = end_of(at, depth + 1);
	return at;
}

static bool is_top_level(const struct darter_command *command)
{
	return !strchr(command->name, '|');
}

static u32 count_top_level(void)
{
	u32 i, count = 0;

	for (i = 0; i < darter_command_count; i++)
		count += is_top_level(darter_command_at(i));
	return count;
}

/* The number in the header of an aggregate; what follows it in @elements. */
static u32 header(const char *reply, const char **elements)
{
	u32 count;
	int used;

	assert_int_equal(sscanf(reply + 1, "%u\r\n%n", &count, &used), 1);
	*elements = reply + 1 + used;
	return count;
}

static void counting(void **state)
{
	char expected[32];

	snprintf(expected, sizeof(expected), ":%u\r\n", count_top_level());
	says("COMMAND COUNT", expected);
	says("COMMAND COUNT x", "-ERR wrong number of arguments for 'command|count' command\r\n");
	says("COMMAND NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try COMMAND HELP.\r\n");
}

/*
 * What is told of all commands is what is told of each. Headers count @counted for
 * one command, of which there are @elements.
 */
static void compare_with_each(const char *whole_words, const char *verb, u32 counted, u32 elements)
{
	char *whole = strdup(test_say(client, whole_words));
	const char *at, *one;
	char words[64];
	u32 i, element;

	assert_int_equal(header(whole, &at), counted * count_top_level());
	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);
		size_t len = 0;

		snprintf(words, sizeof(words), "%s %s", verb, command->name);
		assert_int_equal(header(test_say(client, words), &one), counted);
		for (element = 0; element < elements; element++)
			len = end_of(one + len, 0) - one;
		assert_int_equal(one[len], '\0');
		if (!is_top_level(command))
			continue;
		assert_memory_equal(at, one, len);
		at += len;
	}
	assert_string_equal(at, "");
	free(whole);
}

static void rows_of_resp2(void **state)
{
	compare_with_each("COMMAND", "COMMAND INFO", 1, 1);
	compare_with_each("COMMAND INFO", "COMMAND INFO", 1, 1);
}

static void rows_of_resp3(void **state)
{
	test_say(client, "HELLO 3");
	compare_with_each("COMMAND", "COMMAND INFO", 1, 1);
}

static void docs_of_resp2(void **state)
{
	compare_with_each("COMMAND DOCS", "COMMAND DOCS", 2, 2);
}

static void docs_of_resp3(void **state)
{
	test_say(client, "HELLO 3");
	compare_with_each("COMMAND DOCS", "COMMAND DOCS", 1, 2);
}

static void one_row(void **state)
{
	says("COMMAND INFO GeT",
	     "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
	     "*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n"
	     "*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n+access\r\n"
	     "$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n"
	     "$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n:1\r\n"
	     "$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n"
	     "$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n"
	     "$5\r\nlimit\r\n:0\r\n*0\r\n");
	says("COMMAND INFO config|get",
	     "*1\r\n*10\r\n$10\r\nconfig|get\r\n:-3\r\n"
	     "*4\r\n+admin\r\n+noscript\r\n+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n"
	     "*3\r\n+@admin\r\n+@slow\r\n+@dangerous\r\n*0\r\n*0\r\n*0\r\n");
	says("COMMAND INFO nosuch config|nosuch", "*2\r\n$-1\r\n$-1\r\n");
	test_say(client, "HELLO 3");
	says("COMMAND INFO nosuch", "*1\r\n_\r\n");
	says("COMMAND INFO config|get",
	     "*1\r\n*10\r\n$10\r\nconfig|get\r\n:-3\r\n"
	     "~4\r\n+admin\r\n+noscript\r\n+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n"
	     "~3\r\n+@admin\r\n+@slow\r\n+@dangerous\r\n~0\r\n~0\r\n~0\r\n");
}

static void docs_of_few(void **state)
{
	const char *reply;

	says("COMMAND DOCS nosuch", "*0\r\n");
	reply = test_say(client, "COMMAND DOCS nosuch GET nosuch2");
	assert_memory_equal(reply, "*2\r\n$3\r\nget\r\n*", 14);
	reply = strdupa(reply);
	assert_string_equal(test_say(client, "COMMAND DOCS get"), reply);
	assert_non_null(strstr(reply, "\r\n$5\r\nsince\r\n$5\r\n1.0.0\r\n"));
	assert_non_null(strstr(reply, "\r\n$5\r\ngroup\r\n$6\r\nstring\r\n"));
	assert_non_null(strstr(reply,
			       "$9\r\narguments\r\n*1\r\n*8\r\n$4\r\nname\r\n$3\r\nkey\r\n"
			       "$4\r\ntype\r\n$3\r\nkey\r\n$12\r\ndisplay_text\r\n$3\r\nkey\r\n"
			       "$14\r\nkey_spec_index\r\n:0\r\n"));
	reply = test_say(client, "COMMAND DOCS config");
	assert_non_null(strstr(reply, "$11\r\nsubcommands\r\n*10\r\n$10\r\nconfig|get\r\n"));
	reply = test_say(client, "COMMAND DOCS getset");
	assert_non_null(strstr(reply, "$9\r\ndoc_flags\r\n*1\r\n+deprecated\r\n"));
	assert_non_null(strstr(reply, "$16\r\ndeprecated_since\r\n$5\r\n6.2.0\r\n"));
	reply = test_say(client, "COMMAND DOCS restore-asking");
	assert_non_null(strstr(reply, "$9\r\ndoc_flags\r\n*1\r\n+syscmd\r\n"));
}

static u32 count_of(const char *words)
{
	const char *at, *reply = test_say(client, words);
	u32 i, count;

	assert_int_equal(reply[0], '*');
	count = header(reply, &at);
	for (i = 0; i < count; i++)
		at = end_of(at, 0);
	assert_string_equal(at, "");
	return count;
}

static void lists(void **state)
{
	u32 all = count_of("COMMAND LIST");

	assert_int_equal(all, darter_command_count);
	assert_int_equal(count_of("COMMAND LIST FILTERBY PATTERN *"), all);
	assert_int_equal(count_of("COMMAND LIST FILTERBY ACLCAT slow") +
			 count_of("COMMAND LIST FILTERBY ACLCAT FAST"), all);
	says("COMMAND LIST FILTERBY PATTERN INCR*",
	     "*3\r\n$4\r\nincr\r\n$6\r\nincrby\r\n$11\r\nincrbyfloat\r\n");
	says("COMMAND LIST filterby pattern config|rese?stat", "*1\r\n$16\r\nconfig|resetstat\r\n");
	says("COMMAND LIST FILTERBY ACLCAT transaction",
	     "*5\r\n$7\r\ndiscard\r\n$4\r\nexec\r\n$5\r\nmulti\r\n"
	     "$7\r\nunwatch\r\n$5\r\nwatch\r\n");
	says("COMMAND LIST FILTERBY ACLCAT nosuch", "*0\r\n");
	says("COMMAND LIST FILTERBY ACLCAT @string", "*0\r\n");
	says("COMMAND LIST FILTERBY ACLCAT ", "*0\r\n");
	says("COMMAND LIST FILTERBY MODULE json", "*0\r\n");
	says("COMMAND LIST FILTERBY PATTERN ", "*0\r\n");
	says("COMMAND LIST FILTERBY NOSUCH x", SYNTAX);
	says("COMMAND LIST FILTERBY PATTERN", SYNTAX);
	says("COMMAND LIST FILTERBY PATTERN a b", SYNTAX);
	says("COMMAND LIST FILTER PATTERN a", SYNTAX);
	says("COMMAND LIST x", SYNTAX);
}

static void keys(void **state)
{
	says("COMMAND GETKEYS get a", "*1\r\n$1\r\na\r\n");
	says("COMMAND GETKEYS MSET a 1 b 2 c 3", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
	says("COMMAND GETKEYS MSET a 1 b", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
	says("COMMAND GETKEYS DEL a b c", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
	says("COMMAND GETKEYS COPY a b DB 5 REPLACE", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
	says("COMMAND GETKEYS LCS a b IDX", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
	says("COMMAND GETKEYS HSET h f v g w", "*1\r\n$1\r\nh\r\n");
	says("COMMAND GETKEYS GET ", "*1\r\n$0\r\n\r\n");
}

static void keys_and_flags(void **state)
{
	says("COMMAND GETKEYSANDFLAGS COPY a b",
	     "*2\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n"
	     "*2\r\n$1\r\nb\r\n*2\r\n+OW\r\n+update\r\n");
	says("COMMAND GETKEYSANDFLAGS RENAME a b",
	     "*2\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+delete\r\n"
	     "*2\r\n$1\r\nb\r\n*2\r\n+OW\r\n+update\r\n");
	says("COMMAND GETKEYSANDFLAGS DEL a b",
	     "*2\r\n*2\r\n$1\r\na\r\n*2\r\n+RM\r\n+delete\r\n"
	     "*2\r\n$1\r\nb\r\n*2\r\n+RM\r\n+delete\r\n");
	/* SET reads only when it is told to. */
	says("COMMAND GETKEYSANDFLAGS SET a b",
	     "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n");
	says("COMMAND GETKEYSANDFLAGS SET a get",
	     "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n");
	says("COMMAND GETKEYSANDFLAGS SET a b EX 5 gEt",
	     "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n");
	/* BITFIELD writes unless all that it is made of reads. */
	says("COMMAND GETKEYSANDFLAGS BITFIELD a OVERFLOW SAT GET u8 0",
	     "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n");
	says("COMMAND GETKEYSANDFLAGS BITFIELD a GET u8 0 INCRBY u8 0 1",
	     "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n");
	says("COMMAND GETKEYSANDFLAGS BITFIELD a GET u8",
	     "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n");
	test_say(client, "HELLO 3");
	says("COMMAND GETKEYSANDFLAGS GET a", "*1\r\n*2\r\n$1\r\na\r\n~2\r\n+RO\r\n+access\r\n");
}

static void keys_that_cannot_be_told(void **state)
{
	static const char *const verbs[] = { "COMMAND GETKEYS", "COMMAND GETKEYSANDFLAGS" };
	static const struct {
		const char *call, *error;
	} cases[] = {
		{ "nosuch a", INVALID }, { "config nosuch", INVALID }, { "config|get a", INVALID },
		{ "ping", NO_KEYS }, { "config get a", NO_KEYS }, { "config", NO_KEYS },
		{ "keys *", NO_KEYS }, { "get", BAD_COUNT }, { "get a b", BAD_COUNT },
		{ "mset a", BAD_COUNT }, { "set a", BAD_COUNT }, { "", INVALID },
	};
	char words[64];
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		for (j = 0; j < ARRAY_SIZE(cases); j++) {
			snprintf(words, sizeof(words), "%s %s", verbs[i], cases[j].call);
			says(words, cases[j].error);
		}
	says("COMMAND GETKEYS", "-ERR wrong number of arguments for 'command|getkeys' command\r\n");
}

/* Whatever the arguments: a command has as many keys as the dispatcher would lock. */
static void keys_are_those_that_are_locked(void **state)
{
	struct darter_arg argv[12] = {
		{ .bytes = "COMMAND", .len = 7 }, { .bytes = "GETKEYS", .len = 7 },
	};
	u32 i, argc, at, keys;
	const char *reply, *elements;

	for (at = 3; at < ARRAY_SIZE(argv); at++)
		argv[at] = (struct darter_arg){ .bytes = "x", .len = 1 };
	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);

		if (!is_top_level(command) || !command->nkey_specs)
			continue;
		argv[2] = (struct darter_arg){ command->name, strlen(command->name) };
		for (argc = 1; argc <= ARRAY_SIZE(argv) - 2; argc++) {
			reply = test_say_args(client, argv, argc + 2);
			if (!darter_command_arity_ok(command, argc)) {
				assert_string_equal(reply, BAD_COUNT);
				continue;
			}
			keys = 0;
			for (at = darter_command_first_key(command, argc); at;
			     at = darter_command_next_key(command, argc, at))
				keys++;
			assert_int_equal(header(reply, &elements), keys);
			assert_true(keys > 0);
			for (; keys; keys--) {
				assert_memory_equal(elements, "$1\r\nx\r\n", 7);
				elements += 7;
			}
			assert_string_equal(elements, "");
		}
	}
}

static void help_is_a_list_of_lines(void **state)
{
	const char *at, *reply = test_say(client, "COMMAND HELP");
	u32 count = header(reply, &at);

	assert_memory_equal(at, "+COMMAND ", 9);
	for (; count; count--) {
		assert_int_equal(*at, '+');
		at = end_of(at, 0);
	}
	assert_string_equal(at, "");
}

#define COMMAND_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COMMAND_TEST(counting),
		COMMAND_TEST(rows_of_resp2),
		COMMAND_TEST(rows_of_resp3),
		COMMAND_TEST(docs_of_resp2),
		COMMAND_TEST(docs_of_resp3),
		COMMAND_TEST(one_row),
		COMMAND_TEST(docs_of_few),
		COMMAND_TEST(lists),
		COMMAND_TEST(keys),
		COMMAND_TEST(keys_and_flags),
		COMMAND_TEST(keys_that_cannot_be_told),
		COMMAND_TEST(keys_are_those_that_are_locked),
		COMMAND_TEST(help_is_a_list_of_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
