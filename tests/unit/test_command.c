// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/command_table.c kmod/core/command_docs*.c tests/unit/handlers.c */
/*
 * Lookups, arity and keys of the command table, and that the texts of COMMAND DOCS
 * fit it. Its facts: tests/compat/command-table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

/* With its memo in sight. */
#include "kmod/core/command.c"
#include "kmod/core/command_docs.h"
#include "kmod/core/handlers.h"

static struct darter_arg arg(const char *text)
{
	return (struct darter_arg){ .bytes = text, .len = strlen(text) };
}

static const struct darter_command *lookup1(const char *name)
{
	struct darter_arg argv[] = { arg(name) };

	return darter_command_lookup(argv, 1);
}

static const struct darter_command *lookup2(const char *name, const char *second)
{
	struct darter_arg argv[] = { arg(name), arg(second) };

	return darter_command_lookup(argv, 2);
}

static const struct darter_command *find(const char *name)
{
	return darter_command_find(name, strlen(name));
}

static bool is_subcommand(const struct darter_command *command)
{
	return strchr(command->name, '|');
}

static void rows_are_sorted(void **state)
{
	u16 i;

	for (i = 1; i < darter_command_count; i++)
		assert_true(strcmp(darter_commands[i - 1].name, darter_commands[i].name) < 0);
}

/* The subcommands of a container, all of them, stand behind it. */
static void containers_count_right(void **state)
{
	u16 i = 0;

	while (i < darter_command_count) {
		const struct darter_command *container = darter_command_at(i++);
		size_t len = strlen(container->name);
		u16 n = 0;

		assert_false(is_subcommand(container));
		for (; i < darter_command_count && is_subcommand(darter_command_at(i)); i++, n++) {
			assert_memory_equal(darter_command_at(i)->name, container->name, len);
			assert_int_equal(darter_command_at(i)->name[len], '|');
			assert_non_null(darter_command_at(i)->handler);
		}
		assert_int_equal(n, container->nsubcommands);
		assert_true(n || container->handler);
	}
}

/* What the dispatcher locks must be what the table says are keys. */
static void locks_cover_keys(void **state)
{
	u16 i;

	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);

		assert_int_equal(command->first != 0, command->nkey_specs != 0);
		assert_int_equal(command->first != 0, command->lock == DARTER_LOCK_KEYS);
		assert_int_equal(command->first != 0, command->step != 0);
	}
}

static void every_name_is_found(void **state)
{
	int round;
	u16 i;

	/* Twice: by search, then from the memo. */
	for (round = 0; round < 2; round++)
		for (i = 0; i < darter_command_count; i++) {
			const struct darter_command *command = darter_command_at(i);

			assert_ptr_equal(find(command->name), command);
			if (!is_subcommand(command))
				assert_ptr_equal(lookup1(command->name), command);
			assert_int_equal(darter_command_index(command), i);
		}
}

static void names_share_no_memo_entry(void **state)
{
	u32 names = 0, entries = 0;
	u16 i;

	memset(memo, 0, sizeof(memo));
	for (i = 0; i < darter_command_count; i++)
		if (!is_subcommand(darter_command_at(i))) {
			lookup1(darter_command_at(i)->name);
			names++;
		}
	for (i = 0; i < ARRAY_SIZE(memo); i++)
		entries += memo[i] != 0;
	assert_int_equal(entries, names);
}

static void case_does_not_matter(void **state)
{
	assert_string_equal(lookup1("GET")->name, "get");
	assert_string_equal(lookup1("gEt")->name, "get");
	assert_string_equal(lookup2("Config", "gEt")->name, "config|get");
	assert_string_equal(find("CONFIG|Get")->name, "config|get");
}

static void other_names_are_unknown(void **state)
{
	struct darter_arg nul = { .bytes = "get\0", .len = 4 };
	char huge[5000];
	struct darter_arg long_name = { .bytes = huge, .len = sizeof(huge) };

	assert_null(lookup1(""));
	assert_null(lookup1("ge"));
	assert_null(lookup1("getx"));
	assert_null(lookup1("get "));
	assert_null(lookup1("lpush"));
	assert_null(darter_command_lookup(&nul, 1));
	/* Bytes that differ from a name's in the bit of lower case only. */
	assert_non_null(lookup1("restore-asking"));
	assert_null(lookup1("restore\rasking"));
	memset(huge, 'a', sizeof(huge));
	assert_null(darter_command_lookup(&long_name, 1));
}

static void full_names_are_no_commands(void **state)
{
	assert_non_null(find("config|get"));
	assert_null(lookup1("config|get"));
	assert_null(lookup2("config|get", "x"));
}

static void subcommands(void **state)
{
	assert_ptr_equal(lookup1("config"), find("config"));
	assert_ptr_equal(lookup2("config", "nosuch"), find("config"));
	assert_ptr_equal(lookup2("config", ""), find("config"));
	assert_ptr_equal(lookup2("config", "get|"), find("config"));
	assert_ptr_equal(lookup2("cluster", "set-config-epoch"),
			 find("cluster|set-config-epoch"));
	assert_ptr_equal(lookup2("get", "config"), find("get"));
	assert_null(find("config")->handler);
	assert_non_null(find("command")->handler);
}

static void arity(void **state)
{
	assert_true(darter_command_arity_ok(find("get"), 2));
	assert_false(darter_command_arity_ok(find("get"), 1));
	assert_false(darter_command_arity_ok(find("get"), 3));
	assert_false(darter_command_arity_ok(find("set"), 2));
	assert_true(darter_command_arity_ok(find("set"), 3));
	assert_true(darter_command_arity_ok(find("set"), 1000));
	assert_true(darter_command_arity_ok(find("ping"), 1));
	assert_false(darter_command_arity_ok(find("config|get"), 2));
}

/* Check the keys of a command called with @argc arguments; 0 closes the list. */
static void assert_keys(const char *name, u32 argc, ...)
{
	const struct darter_command *command = find(name);
	va_list expected;
	u32 at = darter_command_first_key(command, argc);

	va_start(expected, argc);
	for (;;) {
		u32 key = va_arg(expected, u32);

		assert_int_equal(at, key);
		if (!key)
			break;
		at = darter_command_next_key(command, argc, at);
	}
	va_end(expected);
}

static void keys(void **state)
{
	assert_keys("get", 2, 1, 0);
	assert_keys("set", 5, 1, 0);
	assert_keys("rename", 3, 1, 2, 0);
	assert_keys("lcs", 4, 1, 2, 0);
	assert_keys("del", 2, 1, 0);
	assert_keys("del", 4, 1, 2, 3, 0);
	assert_keys("mset", 5, 1, 3, 0);
	assert_keys("mset", 4, 1, 3, 0);
	assert_keys("ping", 2, 0);
	assert_keys("scan", 2, 0);
	assert_keys("get", 1, 0);
	assert_keys("rename", 2, 1, 0);
}

static void categories(void **state)
{
	assert_int_equal(darter_command_acl(find("get")),
			 DARTER_ACL_STRING | DARTER_ACL_READ | DARTER_ACL_FAST);
	assert_int_equal(darter_command_acl(find("config|set")),
			 DARTER_ACL_ADMIN | DARTER_ACL_DANGEROUS | DARTER_ACL_SLOW);
	assert_int_equal(darter_command_acl(find("flushall")),
			 DARTER_ACL_KEYSPACE | DARTER_ACL_WRITE | DARTER_ACL_SLOW |
			 DARTER_ACL_DANGEROUS);
}

static void words(void **state)
{
	struct darter_arg shouted = arg("WithScores"), nul = { .bytes = "ex\0", .len = 3 };

	assert_true(darter_arg_is(&shouted, "withscores"));
	assert_false(darter_arg_is(&shouted, "withscore"));
	assert_false(darter_arg_is(&shouted, "withscoresx"));
	assert_false(darter_arg_is(&nul, "ex"));
}

static void every_command_is_documented(void **state)
{
	u16 i;

	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command_doc *doc = darter_command_doc(darter_command_at(i));

		assert_non_null(doc);
		assert_string_equal(doc->name, darter_command_at(i)->name);
		assert_non_null(doc->summary);
		assert_non_null(doc->complexity);
		assert_int_equal(!doc->deprecated_since, !doc->replaced_by);
	}
}

static bool is_group(const struct darter_doc_arg *arg)
{
	return arg->type == DARTER_DOC_ONEOF || arg->type == DARTER_DOC_BLOCK;
}

/* Members follow their group, one level deeper, and no group is empty. */
static void arguments_are_trees(void **state)
{
	u16 i;
	u8 at;

	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);
		const struct darter_command_doc *doc = darter_command_doc(command);

		for (at = 0; at < doc->nargs; at++) {
			const struct darter_doc_arg *arg = &doc->args[at];
			u8 next = at + 1 < doc->nargs ? arg[1].depth : 0;

			assert_true(at || !arg->depth);
			assert_true(is_group(arg) ? next == arg->depth + 1 : next <= arg->depth);
			if (arg->type == DARTER_DOC_KEY)
				assert_true(arg->key_spec < command->nkey_specs);
			if (arg->type == DARTER_DOC_TOKEN)
				assert_non_null(arg->token);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sorted),
		cmocka_unit_test(containers_count_right),
		cmocka_unit_test(locks_cover_keys),
		cmocka_unit_test(every_name_is_found),
		cmocka_unit_test(names_share_no_memo_entry),
		cmocka_unit_test(case_does_not_matter),
		cmocka_unit_test(other_names_are_unknown),
		cmocka_unit_test(full_names_are_no_commands),
		cmocka_unit_test(subcommands),
		cmocka_unit_test(arity),
		cmocka_unit_test(keys),
		cmocka_unit_test(categories),
		cmocka_unit_test(words),
		cmocka_unit_test(every_command_is_documented),
		cmocka_unit_test(arguments_are_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
