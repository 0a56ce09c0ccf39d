// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* DEBUG: who may send it, what it does to expiry and to the time, which keys it makes. */
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
#include "kmod/core/debug.h"
#include "kmod/core/keyspace.h"

#define NOT_ALLOWED								\
	"-ERR DEBUG command not allowed. If the enable-debug-command option is set to "	\
	"\"local\", you can run it from a local connection, otherwise you need to set "	\
	"this option in the configuration file, and then restart the server.\r\n"

#define IMMUTABLE								\
	"-ERR CONFIG SET failed (possibly related to argument 'enable-debug-command') - "	\
	"can't set immutable config\r\n"

static int set_up(void **state)
{
	if (test_core_setup(state))
		return -1;
	test_instance.config.debug_access = DARTER_DEBUG_YES;
	client = test_connect();
	return 0;
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

static void nobody_may_at_first(void **state)
{
	test_instance.config.debug_access = DARTER_DEBUG_NO;
	says("DEBUG SLEEP 1", NOT_ALLOWED);
	says("CONFIG GET enable-debug-command",
	     "*2\r\n$20\r\nenable-debug-command\r\n$2\r\nno\r\n");
	says("CONFIG SET enable-debug-command yes",
	     IMMUTABLE);
	says("MULTI", "+OK\r\n");
	says("DEBUG SLEEP 1", NOT_ALLOWED);
	says("EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n");
	assert_int_equal(test_now, TEST_BEGIN_MS);
}

static void only_who_is_near(void **state)
{
	static const struct {
		const char *addr;
		bool near;
	} clients[] = {
		{ "127.0.0.1:1", true }, { "[::1]:50000", true }, { "127.0.0.11:1", false },
		{ "192.0.2.1:127", false }, { "[::11]:1", false }, { "[2001:db8::1]:1", false },
	};
	u32 i;

	test_instance.config.debug_access = DARTER_DEBUG_LOCAL;
	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		snprintf(client->session.addr, sizeof(client->session.addr), "%s",
			 clients[i].addr);
		says("DEBUG SET-ACTIVE-EXPIRE 1", clients[i].near ? "+OK\r\n" : NOT_ALLOWED);
	}
}

static void tick(void)
{
	u32 i;

	for (i = 0; i < 100; i++, test_now += 64)
		while (!darter_instance_tick(&test_instance, 0, test_now))
			;
}

static void expiry_waits_to_be_looked_at(void **state)
{
	says("DEBUG SET-ACTIVE-EXPIRE 0", "+OK\r\n");
	says("SET a v PX 10", "+OK\r\n");
	says("SET b v PX 10", "+OK\r\n");
	tick();
	says("DBSIZE", ":2\r\n");
	assert_non_null(strstr(test_say(client, "DEBUG OBJECT a"), "encoding:embstr"));
	says("EXISTS a", ":0\r\n");
	says("DBSIZE", ":1\r\n");
	says("DEBUG SET-ACTIVE-EXPIRE 1", "+OK\r\n");
	tick();
	says("DBSIZE", ":0\r\n");
	says("DEBUG OBJECT b", "-ERR no such key\r\n");
}

static void slept(const char *seconds, u64 ms)
{
	u64 before = test_now;
	char words[64];

	snprintf(words, sizeof(words), "DEBUG SLEEP %s", seconds);
	says(words, "+OK\r\n");
	assert_int_equal(test_now - before, ms);
}

static void sleeping(void **state)
{
	slept("0", 0);
	slept("1", 1000);
	slept("0.2", 200);
	slept(".5", 500);
	slept("12.3456789", 12345);
	slept("x", 0);
	slept("-1", 0);
	slept("99999999999999999999999", 86400000);
}

/* Keys are locked meanwhile, so nobody sleeps long there. */
static void sleeping_under_locks(void **state)
{
	u64 before = test_now;

	says("MULTI", "+OK\r\n");
	says("SET k v", "+QUEUED\r\n");
	says("DEBUG SLEEP 3600", "+QUEUED\r\n");
	says("EXEC", "*2\r\n+OK\r\n+OK\r\n");
	assert_int_equal(test_now - before, 10000);
}

static void populating(void **state)
{
	says("SET p:1 own", "+OK\r\n");
	says("DEBUG POPULATE 300 p", "+OK\r\n");
	says("DBSIZE", ":300\r\n");
	says("GET p:1", "$3\r\nown\r\n");
	says("GET p:299", "$9\r\nvalue:299\r\n");
	says("DEBUG POPULATE 2 long 20000", "+OK\r\n");
	says("STRLEN long:1", ":20000\r\n");
	says("GETRANGE long:1 0 6", "$7\r\nvalue:1\r\n");
	says("CONFIG SET maxmemory 1000000", "+OK\r\n");
	assert_non_null(strstr(test_say(client, "DEBUG POPULATE 1000000 more 1000"), "-OOM "));
	assert_in_range(darter_keyspace_count(&test_instance, 0), 500, 2000);
	says("DEBUG POPULATE 1 huge 99999999999",
	     "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
}

static void errors_stay_in_their_line(void **state)
{
	struct darter_arg argv[] = {
		{ .bytes = "debug", .len = 5 }, { .bytes = "error", .len = 5 },
		{ .bytes = "A\r\nb\0c", .len = 6 },
	};

	test_say_args(client, argv, ARRAY_SIZE(argv));
	says("DEBUG ERROR X", "-X\r\n");
	says("PING", "+PONG\r\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_may_at_first),
		TEST(only_who_is_near),
		TEST(expiry_waits_to_be_looked_at),
		TEST(sleeping),
		TEST(sleeping_under_locks),
		TEST(populating),
		TEST(errors_stay_in_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
