// SPDX-License-Identifier: GPL-2.0
/* From a configuration's lines to settings: known names, merging, warnings. */
/* links: daemon/common/args.c daemon/common/conf.c daemon/common/names.c daemon/common/limits.c daemon/darterd/settings.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/darterd/settings.h"

static char warned[16384];

static void warn(const char *file, unsigned int number, const char *name)
{
	size_t used = strlen(warned);

	snprintf(warned + used, sizeof(warned) - used, "%s:%u:%s ", file, number, name);
}

/* Build settings from lines that are numbered from 1. */
static int build(struct darter_settings *settings, const char *const *lines, size_t count)
{
	struct darter_conf conf;
	int err;

	warned[0] = '\0';
	darter_conf_init(&conf);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(darter_conf_add(&conf, "f", i + 1, lines[i]), 0);
	err = darter_settings_build(settings, &conf, warn);
	darter_conf_free(&conf);
	return err;
}

#define BUILD(settings, ...) ({							\
	const char *const lines[] = { __VA_ARGS__ };				\
	build(settings, lines, sizeof(lines) / sizeof(lines[0]));		\
})

static void expect(const struct darter_settings *settings, const char *name, const char *value)
{
	const struct darter_setting *found = darter_settings_find(settings, name);

	assert_non_null(found);
	assert_string_equal(found->value, value);
}

static void test_last_wins(void **state)
{
	struct darter_settings settings;

	assert_int_equal(BUILD(&settings, "port 1", "PORT 2", "bind 127.0.0.1 -::1"), 0);
	assert_int_equal(settings.count, 2);
	expect(&settings, "port", "2");
	expect(&settings, "bind", "127.0.0.1 -::1");
	assert_int_equal(darter_settings_find(&settings, "port")->number, 2);
	assert_null(darter_settings_find(&settings, "timeout"));
	darter_settings_free(&settings);
}

static void test_older_names(void **state)
{
	struct darter_settings settings;

	assert_int_equal(BUILD(&settings, "hash-max-ziplist-entries 7",
			       "hash-max-listpack-entries 9"), 0);
	assert_int_equal(settings.count, 1);
	expect(&settings, "hash-max-listpack-entries", "9");
	darter_settings_free(&settings);
}

static void test_limits_add_up(void **state)
{
	struct darter_settings settings;

	assert_int_equal(BUILD(&settings,
			       "client-output-buffer-limit normal 1 2 3",
			       "client-output-buffer-limit pubsub 32mb 8mb 60",
			       "client-output-buffer-limit normal 4k 5 6"), 0);
	assert_int_equal(settings.count, 1);
	expect(&settings, "client-output-buffer-limit",
	       "normal 4000 5 6 pubsub 33554432 8388608 60");
	darter_settings_free(&settings);

	assert_int_equal(BUILD(&settings, "client-output-buffer-limit other 1 2 3"), -EINVAL);
	assert_non_null(strstr(settings.why, "f:1: client-output-buffer-limit"));
	darter_settings_free(&settings);
}

static void test_unknown_is_an_error(void **state)
{
	struct darter_settings settings;

	assert_int_equal(BUILD(&settings, "port 1", "no-such-thing yes"), -EINVAL);
	assert_string_equal(settings.why, "f:2: Bad directive 'no-such-thing'");
	darter_settings_free(&settings);
}

/* Only the module knows which parameters of its own it has. */
static void test_own_names_are_learned(void **state)
{
	static const char *const bad[] = {
		"dartershards", "darter-a b", "darter-it's", "timeout2",
	};
	struct darter_settings settings;
	const struct darter_setting *found;
	const struct darter_name *name;

	assert_int_equal(BUILD(&settings, "Darter-Some-Knob 1 2", "darter-shards 4",
			       "darter-some-knob 3"), 0);
	assert_int_equal(settings.count, 2);
	expect(&settings, "darter-some-knob", "3");
	found = darter_settings_find(&settings, "darter-some-knob");
	assert_string_equal(found->name->name, "darter-some-knob");
	assert_true(darter_name_is_learned(found->name));
	assert_int_equal(found->name->use, DARTER_USE_SET);
	found = darter_settings_find(&settings, "darter-shards");
	assert_false(darter_name_is_learned(found->name));
	assert_string_equal(warned, "");
	darter_settings_free(&settings);
	/* Names that no parameter can have are not learned. */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(darter_name_learn(bad[i], &name), 0);
		assert_null(name);
	}
}

static void test_contradictions(void **state)
{
	struct darter_settings settings;

	assert_int_equal(BUILD(&settings, "cluster-enabled YES", "port 1",
			       "slaveof 192.0.2.1 6379"), -EINVAL);
	assert_string_equal(settings.why,
			    "f:3: replicaof directive not allowed in cluster mode (f:1)");
	darter_settings_free(&settings);
	assert_int_equal(BUILD(&settings, "cluster-enabled yes", "replicaof no one"), 0);
	darter_settings_free(&settings);
	assert_int_equal(BUILD(&settings, "cluster-enabled no", "replicaof 192.0.2.1 6379"), 0);
	darter_settings_free(&settings);
	assert_int_equal(BUILD(&settings, "user a on", "aclfile /x"), -EINVAL);
	darter_settings_free(&settings);
	assert_int_equal(BUILD(&settings, "user a on", "aclfile \"\""), 0);
	darter_settings_free(&settings);
}

static void test_argument_counts(void **state)
{
	static const char *const bad[] = {
		"port", "port 1 2", "bind", "client-output-buffer-limit normal 1 2",
		"maxmemory 1 gb",
	};
	struct darter_settings settings;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(build(&settings, &bad[i], 1), -EINVAL);
		assert_non_null(strstr(settings.why, "f:1: wrong number of arguments"));
		darter_settings_free(&settings);
	}
}

static void test_one_warning_a_name(void **state)
{
	struct darter_settings settings;

	assert_int_equal(BUILD(&settings, "save 900 1", "save 300 10", "port 1",
			       "appendonly no", "slaveof no one"), 0);
	assert_string_equal(warned, "f:1:save f:4:appendonly f:5:slaveof ");
	darter_settings_free(&settings);
}

static void test_memory_units(void **state)
{
	unsigned long long value;

	assert_int_equal(darter_parse_memory("1gb", &value), 0);
	assert_int_equal(value, 1073741824);
	assert_int_equal(darter_parse_memory("5M", &value), 0);
	assert_int_equal(value, 5000000);
	assert_int_equal(darter_parse_memory("7", &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(darter_parse_memory("1tb", &value), -EINVAL);
	assert_int_equal(darter_parse_memory("-1", &value), -EINVAL);
	assert_int_equal(darter_parse_memory("", &value), -EINVAL);
	assert_int_equal(darter_parse_memory("18446744073709551615kb", &value), -ERANGE);
}

static void test_same_values(void **state)
{
	const struct darter_name *limits = darter_name_find("client-output-buffer-limit");
	const struct darter_name *memory = darter_name_find("maxmemory");
	const struct darter_name *flag = darter_name_find("protected-mode");

	assert_true(darter_name_same(memory, "1gb", "1073741824"));
	assert_false(darter_name_same(memory, "1gb", "1g"));
	assert_true(darter_name_same(flag, "YES", "yes"));
	assert_true(darter_name_same(limits, "slave 1kb 0 0 normal 0 0 0",
				     "normal 0 0 0 replica 1024 0 0"));
	assert_false(darter_name_same(limits, "normal 0 0 0", "normal 0 0 1"));
}

/* What Redis 7.2 can be given, with the defaults that it reports. */
static void test_all_of_redis(void **state)
{
	struct darter_settings settings;
	const struct darter_name *name;
	struct darter_conf conf;

	warned[0] = '\0';
	darter_conf_init(&conf);
	assert_int_equal(darter_conf_read(&conf, "redis-7.2.conf"), 0);
	assert_int_equal(darter_settings_build(&settings, &conf, warn), 0);
	for (unsigned int i = 0; (name = darter_name_at(i)); i++) {
		const struct darter_setting *found = darter_settings_find(&settings, name->name);

		if (!found)
			continue;
		/* What is known as a default is one. */
		if (name->value)
			assert_true(darter_name_same(name, name->value, found->value) ||
				    !strcmp(name->name, "bind"));
		if (name->use == DARTER_USE_NONE)
			assert_non_null(strstr(warned, name->name));
	}
	assert_null(strstr(warned, ":port "));
	darter_conf_free(&conf);
	darter_settings_free(&settings);
}

/* Every name must be found as itself, and once. */
static void test_table(void **state)
{
	const struct darter_name *name;

	for (unsigned int i = 0; (name = darter_name_at(i)); i++)
		assert_ptr_equal(darter_name_find(name->name), name);
	assert_null(darter_name_find("no-such-thing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_older_names),
		cmocka_unit_test(test_limits_add_up),
		cmocka_unit_test(test_unknown_is_an_error),
		cmocka_unit_test(test_own_names_are_learned),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_argument_counts),
		cmocka_unit_test(test_one_warning_a_name),
		cmocka_unit_test(test_memory_units),
		cmocka_unit_test(test_same_values),
		cmocka_unit_test(test_all_of_redis),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
