// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* SHUTDOWN: which options make sense, and what the daemon is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/upcall.h"

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static void options_are_checked_first(void **state)
{
	static const char *const wrong[] = {
		"SHUTDOWN x", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN NOSAVE NOW SAVE",
		"SHUTDOWN ABORT NOW", "SHUTDOWN FORCE ABORT", "SHUTDOWN NOW x", "SHUTDOWN SAV",
		"SHUTDOWN ",
	};
	struct test_client *client = test_connect();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		says(client, wrong[i], "-ERR syntax error\r\n");
	says(client, "SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n");
	says(client, "shutdown abort Abort", "-ERR No shutdown in progress.\r\n");
	assert_null(test_asked);
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
}

static void the_daemon_gets_the_whole_command(void **state)
{
	static const struct {
		const char *words, *request;
	} cases[] = {
		{ "SHUTDOWN", "*1\r\n$8\r\nSHUTDOWN\r\n" },
		{ "shutdown nosave", "*2\r\n$8\r\nshutdown\r\n$6\r\nnosave\r\n" },
		{ "SHUTDOWN SAVE NOW", "*3\r\n$8\r\nSHUTDOWN\r\n$4\r\nSAVE\r\n$3\r\nNOW\r\n" },
		{ "SHUTDOWN NOW FORCE NOSAVE",
		  "*4\r\n$8\r\nSHUTDOWN\r\n$3\r\nNOW\r\n$5\r\nFORCE\r\n$6\r\nNOSAVE\r\n" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct test_client *client = test_connect();

		says(client, cases[i].words, "");
		assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
		assert_int_equal(test_asked->request_len, strlen(cases[i].request));
		assert_memory_equal(test_asked->request, cases[i].request, test_asked->request_len);
		/* The daemon may say no. */
		assert_int_equal(darter_upcall_answer(&test_instance, test_asked->id,
						      "-ERR no\r\n", 9), 0);
		assert_string_equal(test_go_on(client), "-ERR no\r\n");
		assert_int_equal(client->verdict, DARTER_SESSION_READ);
		test_close(client);
	}
}

/* When it stops, the daemon takes the instance along: nobody is told that it went. */
static void no_answer_is_a_good_one(void **state)
{
	struct test_client *asking = test_connect(), *unlucky = test_connect();

	says(unlucky, "CONFIG REWRITE", "");
	darter_upcall_fail_all(&test_instance);
	assert_int_equal(unlucky->kicks, 1);
	assert_string_equal(test_go_on(unlucky), "-ERR darterd went away before it answered\r\n");
	says(asking, "SHUTDOWN", "");
	WRITE_ONCE(test_instance.shutting_down, true);
	darter_upcall_fail_all(&test_instance);
	assert_int_equal(asking->kicks, 0);
	assert_string_equal(test_go_on(asking), "");
	assert_int_equal(asking->verdict, DARTER_SESSION_PARKED);
}

static void without_a_daemon_nothing_happens(void **state)
{
	struct test_client *client = test_connect();

	says(client, "SHUTDOWN", "-ERR darterd is not connected\r\n");
	says(client, "SHUTDOWN NOSAVE", "-ERR darterd is not connected\r\n");
	assert_int_equal(test_upcalls, 2);
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	says(client, "MULTI", "+OK\r\n");
	says(client, "SHUTDOWN", "-ERR Command not allowed inside a transaction\r\n");
	says(client, "DISCARD", "+OK\r\n");
	assert_int_equal(test_upcalls, 2);
}

static void asking_needs_memory(void **state)
{
	struct test_client *client = test_connect();
	long after;

	/* The first allocation is room for the reply. */
	for (after = 1; after < 3; after++) {
		shim_alloc_fail_after = after;
		says(client, "SHUTDOWN",
		     "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
		shim_alloc_fail_after = -1;
		assert_null(client->session.upcall);
		assert_true(list_empty(&test_instance.upcalls));
	}
	assert_null(test_asked);
}

#define daemon_test(name) \
	cmocka_unit_test_setup_teardown(name, test_daemon_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		daemon_test(options_are_checked_first),
		daemon_test(the_daemon_gets_the_whole_command),
		daemon_test(no_answer_is_a_good_one),
		cmocka_unit_test_setup_teardown(without_a_daemon_nothing_happens, test_core_setup,
						test_core_teardown),
		daemon_test(asking_needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
