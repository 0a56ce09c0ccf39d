// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Commands about a connection: PING, ECHO, TIME, SELECT, AUTH, HELLO, and the modes
 * of cluster clients. The errors are those that a Redis server answers.
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
#include "kmod/core/blob.h"

#define LONG (DARTER_BLOB_MIN + 5000)
#define OK "+OK\r\n"
#define WRONG_PASSWORD "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
#define NO_CLUSTER "-ERR This instance has cluster support disabled\r\n"
#define HELLO_FIRST \
	"-NOAUTH HELLO must be called with the client already authenticated, otherwise the " \
	"HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and " \
	"select the RESP protocol version at the same time\r\n"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static int set_up_cluster(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return test_core_setup(state);
}

static void errors_are_those_of_redis(void **state)
{
	static const struct {
		const char *words, *reply;
	} cases[] = {
		{ "PING a b", "-ERR wrong number of arguments for 'ping' command\r\n" },
		{ "ECHO", "-ERR wrong number of arguments for 'echo' command\r\n" },
		{ "SELECT abc", "-ERR value is not an integer or out of range\r\n" },
		{ "SELECT 4", "-ERR DB index is out of range\r\n" },
		{ "SELECT -1", "-ERR DB index is out of range\r\n" },
		{ "SELECT 99999999999",
		  "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n" },
		{ "AUTH pw",
		  "-ERR AUTH <password> called without any password configured for the default "
		  "user. Are you sure your configuration is correct?\r\n" },
		{ "AUTH nobody pw", WRONG_PASSWORD },
		{ "AUTH a b c", "-ERR syntax error\r\n" },
		{ "HELLO 4", "-NOPROTO unsupported protocol version\r\n" },
		{ "HELLO 1", "-NOPROTO unsupported protocol version\r\n" },
		{ "HELLO abc", "-ERR Protocol version is not an integer or out of range\r\n" },
		{ "HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n" },
		{ "HELLO 3 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'\r\n" },
		{ "HELLO 3 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n" },
		{ "HELLO 3 SETNAME a b", "-ERR Syntax error in HELLO option 'b'\r\n" },
		{ "HELLO 3 AUTH nobody x", WRONG_PASSWORD },
		{ "READONLY", NO_CLUSTER },
		{ "READWRITE", NO_CLUSTER },
		{ "ASKING", NO_CLUSTER },
	};
	struct test_client *client = test_connect();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		says(client, cases[i].words, cases[i].reply);
	assert_int_equal(client->session.resp, 2);
	assert_int_equal(client->session.db, 0);
	assert_null(client->session.name);
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
}

static void arguments_come_back(void **state)
{
	struct test_client *client = test_connect();
	const struct darter_arg binary[] = { { "ECHO", 4 }, { "a\0\r\n", 4 } };

	says(client, "PING", "+PONG\r\n");
	says(client, "PING hello", "$5\r\nhello\r\n");
	says(client, "PING ", "$0\r\n\r\n");
	assert_memory_equal(test_say_args(client, binary, 2), "$4\r\na\0\r\n\r\n", 10);
}

/* Those that came in pieces are in a blob, which is sent as it is. */
static void long_arguments_come_back(void **state)
{
	static const char *const commands[] = { "ECHO", "PING" };
	static char request[LONG + 64];
	struct test_client *client = test_connect();
	u32 i, piece;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (piece = 100; piece <= LONG; piece += LONG - 100) {
			size_t len = sprintf(request, "*2\r\n$4\r\n%s\r\n", commands[i]);
			char *bulk = request + len;

			len += sprintf(bulk, "$%u\r\n", LONG);
			memset(request + len, 'b', LONG);
			strscpy(request + len + LONG, "\r\n", 3);
			len += LONG + 2;
			assert_string_equal(test_send(client, request, piece), "");
			assert_string_equal(test_send(client, request + piece, len - piece), bulk);
		}
	}
}

static u64 some_wall_us(void)
{
	return 1234567890000042ULL;
}

static void time_is_the_host_clock(void **state)
{
	static struct darter_host host;
	struct test_client *client = test_connect();

	host = *test_instance.host;
	host.wall_us = some_wall_us;
	test_instance.host = &host;
	says(client, "TIME", "*2\r\n$10\r\n1234567890\r\n$2\r\n42\r\n");
	says(client, "TIME x", "-ERR wrong number of arguments for 'time' command\r\n");
}

static void databases_are_chosen(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();

	says(client, "SET a 0", OK);
	says(client, "SELECT 3", OK);
	says(client, "GET a", "$-1\r\n");
	says(client, "SET a 3", OK);
	says(other, "GET a", "$1\r\n0\r\n");
	/* What is wrong changes nothing. */
	test_say(client, "SELECT 4");
	says(client, "GET a", "$1\r\n3\r\n");
	says(client, "SELECT 0", OK);
	says(client, "GET a", "$1\r\n0\r\n");
}

static void passwords_are_compared_whole(void **state)
{
	static char longest[DARTER_PASSWORD_CHARS + 10];
	static const char *const wrong[] = {
		"AUTH pass", "AUTH password2", "AUTH Password", "AUTH ", "AUTH default passwor",
		"AUTH nobody password", "AUTH DEFAULT password", "AUTH  password",
	};
	const struct darter_arg with_nul[] = {
		{ "AUTH", 4 }, { "password\0x", 10 },
	};
	const struct darter_arg with_end[] = { { "AUTH", 4 }, { "password", 9 } };
	const struct darter_arg too_long[] = {
		{ "AUTH", 4 }, { longest, sizeof(longest) },
	};
	struct test_client *first = test_connect(), *client;
	u32 i;

	says(first, "CONFIG SET requirepass password", OK);
	client = test_connect();
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		says(client, wrong[i], WRONG_PASSWORD);
	assert_string_equal(test_say_args(client, with_nul, 2), WRONG_PASSWORD);
	assert_string_equal(test_say_args(client, with_end, 2), WRONG_PASSWORD);
	memset(longest, 'x', sizeof(longest));
	assert_string_equal(test_say_args(client, too_long, 2), WRONG_PASSWORD);
	says(client, "GET a", "-NOAUTH Authentication required.\r\n");
	says(client, "AUTH default password", OK);
	says(client, "GET a", "$-1\r\n");
	/* Who is in stays in when a later attempt fails, or the password changes. */
	says(client, "AUTH wrong", WRONG_PASSWORD);
	says(client, "GET a", "$-1\r\n");
	says(first, "CONFIG SET requirepass other", OK);
	says(client, "GET a", "$-1\r\n");
	says(client, "AUTH password", WRONG_PASSWORD);
	says(client, "AUTH other", OK);
}

/* Without a password the one user may give any. */
static void no_password_fits_all(void **state)
{
	struct test_client *client = test_connect(), *outside;

	says(client, "AUTH default anything", OK);
	says(client, "GET a", "$-1\r\n");
	says(client, "CONFIG SET requirepass pw", OK);
	outside = test_connect();
	says(outside, "GET a", "-NOAUTH Authentication required.\r\n");
	says(client, "CONFIG SET requirepass ", OK);
	says(outside, "GET a", "$-1\r\n");
}

static const char *greeting(u32 proto, u64 id, const char *mode)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "%s\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n"
		 DARTER_REDIS_VERSION "\r\n$5\r\nproto\r\n:%u\r\n$2\r\nid\r\n:%llu\r\n"
		 "$4\r\nmode\r\n$%zu\r\n%s\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n"
		 "*0\r\n", proto == 3 ? "%7" : "*14", proto, id, strlen(mode), mode);
	return text;
}

static void hello_changes_the_protocol(void **state)
{
	struct test_client *client = test_connect();
	u64 id = client->session.id;

	says(client, "HELLO", greeting(2, id, "standalone"));
	says(client, "HELLO 2", greeting(2, id, "standalone"));
	says(client, "HELLO 3", greeting(3, id, "standalone"));
	says(client, "GET a", "_\r\n");
	says(client, "HELLO", greeting(3, id, "standalone"));
	says(client, "HELLO 4", "-NOPROTO unsupported protocol version\r\n");
	says(client, "GET a", "_\r\n");
	says(client, "HELLO 2", greeting(2, id, "standalone"));
	says(client, "GET a", "$-1\r\n");
}

static void hello_opens_the_door(void **state)
{
	struct test_client *first = test_connect(), *client;

	says(first, "CONFIG SET requirepass pw", OK);
	client = test_connect();
	says(client, "HELLO", HELLO_FIRST);
	says(client, "HELLO 3", HELLO_FIRST);
	says(client, "HELLO 3 SETNAME me", HELLO_FIRST);
	says(client, "HELLO 3 AUTH default wrong SETNAME me", WRONG_PASSWORD);
	says(client, "HELLO 3 SETNAME me AUTH nobody pw", WRONG_PASSWORD);
	assert_int_equal(client->session.resp, 2);
	assert_null(client->session.name);
	/* A name that cannot be is found before the password is tried. */
	says(client, "HELLO 3 AUTH default pw SETNAME a\nb",
	     "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
	assert_false(client->session.authenticated);
	says(client, "hello 3 setname me auth default pw",
	     greeting(3, client->session.id, "standalone"));
	says(client, "CLIENT GETNAME", "$2\r\nme\r\n");
	/* Once inside, a greeting without a password will do. */
	says(client, "HELLO 2", greeting(2, client->session.id, "standalone"));
}

/* A greeting fails as a whole. */
static void hello_needs_memory(void **state)
{
	struct test_client *client = test_connect();

	shim_alloc_fail_after = 1;
	says(client, "HELLO 3 SETNAME me",
	     "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
	shim_alloc_fail_after = -1;
	assert_int_equal(client->session.resp, 2);
	assert_null(client->session.name);
}

static void cluster_clients_have_modes(void **state)
{
	struct test_client *client = test_connect();

	says(client, "HELLO", greeting(2, client->session.id, "cluster"));
	says(client, "READONLY", OK);
	assert_true(client->session.readonly_mode);
	says(client, "READWRITE", OK);
	assert_false(client->session.readonly_mode);
	/* That lasts for one command. */
	says(client, "ASKING", OK);
	assert_true(client->session.asking);
	says(client, "GET a", "$-1\r\n");
	assert_false(client->session.asking);
	says(client, "READONLY", OK);
	says(client, "ASKING", OK);
	says(client, "RESET", "+RESET\r\n");
	assert_false(client->session.asking);
	assert_false(client->session.readonly_mode);
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		core_test(errors_are_those_of_redis),
		core_test(arguments_come_back),
		core_test(long_arguments_come_back),
		core_test(time_is_the_host_clock),
		core_test(databases_are_chosen),
		core_test(passwords_are_compared_whole),
		core_test(no_password_fits_all),
		core_test(hello_changes_the_protocol),
		core_test(hello_opens_the_door),
		core_test(hello_needs_memory),
		cmocka_unit_test_setup_teardown(cluster_clients_have_modes, set_up_cluster,
						test_core_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
