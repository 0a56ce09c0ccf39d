// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * CLIENT: names, LIST and INFO, and whom KILL means. The errors are those that a
 * Redis server answers. What a line of the list says is in test_client.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/client.h"

#define OK "+OK\r\n"
#define OOM "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#define BAD_CHARS " cannot contain spaces, newlines or special characters.\r\n"
#define SYNTAX "-ERR syntax error\r\n"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

/* Three clients with the numbers 1, 2 and 3. */
static struct test_client *me, *second, *third;

static int set_up(void **state)
{
	if (test_core_setup(state))
		return -1;
	me = test_connect();
	second = test_connect();
	third = test_connect();
	strscpy(second->session.addr, "10.0.0.2:2222", DARTER_ADDR_CHARS);
	strscpy(second->session.laddr, "10.0.0.1:6379", DARTER_ADDR_CHARS);
	strscpy(third->session.addr, "[::3]:3333", DARTER_ADDR_CHARS);
	return 0;
}

static void errors_are_those_of_redis(void **state)
{
	static const struct {
		const char *words, *reply;
	} cases[] = {
		{ "CLIENT", "-ERR wrong number of arguments for 'client' command\r\n" },
		{ "CLIENT x", "-ERR unknown subcommand 'x'. Try CLIENT HELP.\r\n" },
		{ "CLIENT ID x", "-ERR wrong number of arguments for 'client|id' command\r\n" },
		{ "CLIENT SETINFO x y", "-ERR Unrecognized option 'x'\r\n" },
		{ "CLIENT LIST ID", SYNTAX },
		{ "CLIENT LIST ID x", "-ERR Invalid client ID\r\n" },
		{ "CLIENT LIST ID 1 x", "-ERR Invalid client ID\r\n" },
		{ "CLIENT LIST ID 0", "$0\r\n\r\n" },
		{ "CLIENT LIST ID -5", "$0\r\n\r\n" },
		{ "CLIENT LIST TYPE", SYNTAX },
		{ "CLIENT LIST TYPE foo", "-ERR Unknown client type 'foo'\r\n" },
		{ "CLIENT LIST TYPE master", "$0\r\n\r\n" },
		{ "CLIENT LIST TYPE pubsub", "$0\r\n\r\n" },
		{ "CLIENT LIST TYPE Replica", "$0\r\n\r\n" },
		{ "CLIENT LIST FOO", SYNTAX },
		{ "CLIENT LIST TYPE normal x", SYNTAX },
		{ "CLIENT KILL 1.2.3.4:5", "-ERR No such client\r\n" },
		{ "CLIENT KILL ID", "-ERR No such client\r\n" },
		{ "CLIENT KILL ID 0", "-ERR client-id should be greater than 0\r\n" },
		{ "CLIENT KILL ID x", "-ERR client-id should be greater than 0\r\n" },
		{ "CLIENT KILL USER nobody", "-ERR No such user 'nobody'\r\n" },
		{ "CLIENT KILL TYPE foo", "-ERR Unknown client type 'foo'\r\n" },
		{ "CLIENT KILL TYPE master", ":0\r\n" },
		{ "CLIENT KILL SKIPME maybe", SYNTAX },
		{ "CLIENT KILL FOO bar", SYNTAX },
		{ "CLIENT KILL ADDR a LADDR", SYNTAX },
		{ "CLIENT KILL ID 999 ADDR x SKIPME no", ":0\r\n" },
		{ "CLIENT KILL", "-ERR wrong number of arguments for 'client|kill' command\r\n" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		says(me, cases[i].words, cases[i].reply);
	assert_int_equal(me->verdict, DARTER_SESSION_READ);
	assert_int_equal(second->kicks + third->kicks, 0);
}

static void numbers_go_up(void **state)
{
	says(me, "CLIENT ID", ":1\r\n");
	says(third, "CLIENT ID", ":3\r\n");
	test_close(third);
	/* They are not used again. */
	says(test_connect(), "CLIENT ID", ":4\r\n");
}

static void names_may_be_given(void **state)
{
	char words[DARTER_CLIENT_NAME_MAX + 32], name[DARTER_CLIENT_NAME_MAX + 2] = "";

	says(me, "CLIENT GETNAME", "$-1\r\n");
	says(me, "CLIENT SETNAME worker-1~!", OK);
	says(me, "CLIENT GETNAME", "$10\r\nworker-1~!\r\n");
	says(second, "CLIENT GETNAME", "$-1\r\n");
	says(me, "CLIENT SETNAME a\nb", "-ERR Client names" BAD_CHARS);
	says(me, "CLIENT SETNAME \xc3\xa4", "-ERR Client names" BAD_CHARS);
	says(me, "CLIENT SETNAME \x7f", "-ERR Client names" BAD_CHARS);
	says(me, "CLIENT GETNAME", "$10\r\nworker-1~!\r\n");
	memset(name, 'n', DARTER_CLIENT_NAME_MAX);
	snprintf(words, sizeof(words), "CLIENT SETNAME %s", name);
	says(me, words, OK);
	assert_string_equal(me->session.name, name);
	name[DARTER_CLIENT_NAME_MAX] = 'n';
	snprintf(words, sizeof(words), "CLIENT SETNAME %s", name);
	says(me, words, "-ERR Client names cannot be longer than 255 characters.\r\n");
	says(me, "CLIENT SETNAME ", OK);
	says(me, "CLIENT GETNAME", "$-1\r\n");
}

static void libraries_have_names(void **state)
{
	static const struct darter_arg with_blank[] = {
		{ "CLIENT", 6 }, { "SETINFO", 7 }, { "lib-ver", 7 },
		{ "1 2", 3 },
	};

	says(me, "CLIENT SETINFO lib-name redis-py", OK);
	says(me, "client setinfo LIB-VER 5.0.1", OK);
	assert_string_equal(me->session.lib_name, "redis-py");
	assert_string_equal(me->session.lib_ver, "5.0.1");
	assert_string_equal(test_say_args(me, with_blank, 4), "-ERR lib-ver" BAD_CHARS);
	says(me, "CLIENT SETINFO LIB-NAME a\tb", "-ERR LIB-NAME" BAD_CHARS);
	assert_string_equal(me->session.lib_ver, "5.0.1");
	says(me, "CLIENT SETINFO lib-name ", OK);
	assert_null(me->session.lib_name);
	/* The name of a client is another thing. */
	says(me, "CLIENT GETNAME", "$-1\r\n");
}

static void names_need_memory(void **state)
{
	says(me, "CLIENT SETNAME before", OK);
	shim_alloc_fail_after = 1;
	says(me, "CLIENT SETNAME after", OOM);
	shim_alloc_fail_after = 1;
	says(me, "CLIENT SETINFO lib-name lib", OOM);
	shim_alloc_fail_after = 1;
	says(me, "CLIENT LIST", OOM);
	shim_alloc_fail_after = -1;
	says(me, "CLIENT GETNAME", "$6\r\nbefore\r\n");
	assert_null(me->session.lib_name);
}

/* The numbers at the begin of a list's lines: "1 2 3 ". */
static const char *ids(const char *list)
{
	static char text[128];
	size_t len = 0;

	assert_int_equal(list[0], '$');
	list = strchr(list, '\n') + 1;
	text[0] = '\0';
	while (strncmp(list, "\r\n", 2)) {
		unsigned long long id;

		assert_int_equal(sscanf(list, "id=%llu ", &id), 1);
		len += snprintf(text + len, sizeof(text) - len, "%llu ", id);
		list = strchr(list, '\n') + 1;
	}
	return text;
}

static void lists_show_whom_they_are_asked_for(void **state)
{
	assert_string_equal(ids(test_say(me, "CLIENT LIST")), "1 2 3 ");
	assert_string_equal(ids(test_say(me, "CLIENT LIST TYPE NORMAL")), "1 2 3 ");
	assert_string_equal(ids(test_say(me, "CLIENT LIST ID 2")), "2 ");
	assert_string_equal(ids(test_say(me, "CLIENT LIST ID 3 9 1 3 -1 0")), "3 1 3 ");
	test_close(second);
	second = NULL;
	assert_string_equal(ids(test_say(me, "CLIENT LIST")), "1 3 ");
	assert_string_equal(ids(test_say(me, "CLIENT LIST ID 2 3")), "3 ");
}

static void lists_do_not_show_the_dying(void **state)
{
	says(me, "CLIENT KILL ID 2", ":1\r\n");
	assert_string_equal(ids(test_say(me, "CLIENT LIST")), "1 3 ");
	assert_string_equal(ids(test_say(me, "CLIENT LIST ID 1 2")), "1 ");
	/* Nor do they die twice. */
	says(me, "CLIENT KILL ID 2", ":0\r\n");
	says(me, "CLIENT KILL 10.0.0.2:2222", "-ERR No such client\r\n");
	assert_int_equal(second->kicks, 1);
}

static void info_is_ones_own_line(void **state)
{
	char line[DARTER_CLIENT_LINE];
	const char *reply;

	test_now += 5000;
	says(second, "SELECT 2", OK);
	says(second, "CLIENT SETNAME me", OK);
	reply = test_say(second, "CLIENT INFO");
	assert_non_null(strstr(reply, "\r\nid=2 addr=10.0.0.2:2222 laddr=10.0.0.1:6379 fd="));
	assert_non_null(strstr(reply, " name=me age=5 idle=0 flags=N db=2 "));
	assert_non_null(strstr(reply, " cmd=client|info "));
	assert_string_equal(reply + strlen(reply) - 3, "\n\r\n");
	/* Others say the same of it, but for what the last command left. */
	darter_client_line(&second->session, test_now, line, sizeof(line));
	*strstr(line, " qbuf=") = '\0';
	assert_non_null(strstr(test_say(me, "CLIENT LIST ID 2"), line));
	test_say(second, "HELLO 3");
	assert_memory_equal(test_say(second, "CLIENT INFO"), "=", 1);
	assert_non_null(strstr(test_say(second, "CLIENT LIST"), "\r\ntxt:id=1 "));
}

static bool dead(struct test_client *client)
{
	assert_int_equal(client->kicks, client->session.killed);
	return client->session.killed;
}

static void kill_means_who_meets_all_conditions(void **state)
{
	static const struct {
		const char *words, *reply;
		bool second, third;
	} cases[] = {
		{ "CLIENT KILL 10.0.0.2:2222", OK, true, false },
		{ "CLIENT KILL [::3]:3333", OK, false, true },
		{ "CLIENT KILL 10.0.0.2:222", "-ERR No such client\r\n", false, false },
		{ "CLIENT KILL ID 3", ":1\r\n", false, true },
		{ "CLIENT KILL id 2 addr 10.0.0.2:2222", ":1\r\n", true, false },
		{ "CLIENT KILL ID 3 ADDR 10.0.0.2:2222", ":0\r\n", false, false },
		{ "CLIENT KILL LADDR 10.0.0.1:6379", ":1\r\n", true, false },
		{ "CLIENT KILL LADDR 127.0.0.1:6379", ":1\r\n", false, true },
		{ "CLIENT KILL TYPE normal", ":2\r\n", true, true },
		{ "CLIENT KILL USER default", ":2\r\n", true, true },
		{ "CLIENT KILL USER default ID 2", ":1\r\n", true, false },
		{ "CLIENT KILL TYPE normal TYPE pubsub", ":0\r\n", false, false },
		{ "CLIENT KILL SKIPME yes", ":2\r\n", true, true },
		{ "CLIENT KILL ID 1", ":0\r\n", false, false },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		says(me, cases[i].words, cases[i].reply);
		assert_int_equal(me->verdict, DARTER_SESSION_READ);
		if (dead(second) != cases[i].second || dead(third) != cases[i].third)
			fail_msg("%s", cases[i].words);
		test_core_teardown(state);
		set_up(state);
	}
}

static void who_kills_itself_gets_its_answer(void **state)
{
	says(second, "CLIENT KILL 10.0.0.2:2222", OK);
	assert_int_equal(second->verdict, DARTER_SESSION_FINISH);
	assert_false(second->session.killed);
	says(third, "CLIENT KILL ID 3 SKIPME no", ":1\r\n");
	assert_int_equal(third->verdict, DARTER_SESSION_FINISH);
	assert_int_equal(second->kicks + third->kicks, 0);
	says(me, "CLIENT KILL SKIPME NO", ":3\r\n");
	assert_int_equal(me->verdict, DARTER_SESSION_FINISH);
	assert_true(dead(second));
	assert_true(dead(third));
}

static void help_names_every_subcommand(void **state)
{
	static const char *const names[] = {
		"GETNAME", "ID", "INFO", "KILL <ip:port>", "KILL <option>", "LIST", "SETINFO",
		"SETNAME", "HELP",
	};
	const char *reply = test_say(me, "CLIENT HELP");
	const char *at;
	char line[64];
	u32 i, lines = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(line, sizeof(line), "\r\n+%s", names[i]);
		if (!strstr(reply, line))
			fail_msg("no help for %s", names[i]);
	}
	for (at = reply; (at = strstr(at, "\r\n+")); at++)
		lines++;
	assert_int_equal(lines, atoi(reply + 1));
}

#define client_test(name) cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		client_test(errors_are_those_of_redis),
		client_test(numbers_go_up),
		client_test(names_may_be_given),
		client_test(libraries_have_names),
		client_test(names_need_memory),
		client_test(lists_show_whom_they_are_asked_for),
		client_test(lists_do_not_show_the_dying),
		client_test(info_is_ones_own_line),
		client_test(kill_means_who_meets_all_conditions),
		client_test(who_kills_itself_gets_its_answer),
		client_test(help_names_every_subcommand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
