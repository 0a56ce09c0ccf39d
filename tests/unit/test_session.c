// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Sessions: what the owner is told to do next, what is kept between two runs and
 * what is not, and when a connection has used up its time or its room.
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
#include "kmod/core/lane.h"
#include "kmod/core/transaction.h"
#include "kmod/core/upcall.h"

/* One visit. */
#define BUDGET_COMMANDS 256
#define BUDGET_REPLIES (256 * 1024)
/* The least that a session's own buffer takes. */
#define QUERY_ROOM_MIN 16384
#define MEGABYTE 1048576

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)
#define sends(client, bytes, reply) \
	assert_string_equal(test_send(client, bytes, strlen(bytes)), reply)

/* Hand over without taking the replies. */
static enum darter_session_verdict receive(struct test_client *client, const char *bytes)
{
	assert_int_equal(test_receive(client, bytes, strlen(bytes)), strlen(bytes));
	return client->verdict;
}

static enum darter_session_verdict run(struct test_client *client)
{
	return darter_session_run(&client->session, &test_instance.lanes[0], test_now);
}

static enum darter_session_verdict half_close(struct test_client *client)
{
	return darter_session_half_close(&client->session, &test_instance.lanes[0], test_now);
}

/* The same command over and over. */
static char *repeat(const char *command, u32 times)
{
	char *bytes = malloc(strlen(command) * times + 1);
	u32 i;

	for (i = 0, *bytes = '\0'; i < times; i++)
		memcpy(bytes + i * strlen(command), command, strlen(command) + 1);
	return bytes;
}

static void set_long_value(struct test_client *client, const char *key, u32 len)
{
	char *value = malloc(len);
	const struct darter_arg argv[] = {
		{ .bytes = "SET", .len = 3 },
		{ .bytes = key, .len = strlen(key) },
		{ .bytes = memset(value, 'v', len), .len = len },
	};

	assert_string_equal(test_say_args(client, argv, 3), "+OK\r\n");
	free(value);
}

static void idle_sessions_hold_nothing(void **state)
{
	struct test_client *client = test_connect();
	u32 room;

	assert_int_equal(client->session.memory, sizeof(client->session));
	says(client, "SET a 1", "+OK\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_null(client->session.query);
	darter_session_publish(&client->session);
	assert_int_equal(client->session.memory, sizeof(client->session));
	assert_int_equal(atomic64_read(&test_instance.client_memory), sizeof(client->session));
	assert_ptr_equal(darter_session_window(&client->session, &test_instance.lanes[0], &room),
			 test_instance.lanes[0].scratch);
	assert_int_equal(room, DARTER_SCRATCH_SIZE);
}

static void half_a_command_is_kept(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();
	struct darter_session *session = &client->session;
	u32 room;

	sends(client, "*2\r\n$4\r\nECHO\r\n$5\r\nhe", "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_non_null(session->query);
	assert_ptr_equal(darter_session_window(session, &test_instance.lanes[0], &room),
			 session->query + session->query_len);
	assert_int_equal(room, session->query_room - session->query_len);
	assert_true(room >= QUERY_ROOM_MIN / 2);
	/* What is the lane's is overwritten by its next session. */
	sends(other, "ECHO xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
	      "$40\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
	sends(client, "llo\r\n", "$5\r\nhello\r\n");
	assert_null(session->query);
}

/* A client whose reads always end within a command does not make its buffer grow. */
static void used_input_makes_room(void **state)
{
	struct test_client *client = test_connect();
	char *pings = repeat("*1\r\n$4\r\nPING\r\n", 100);
	size_t len = strlen(pings);
	u32 i;

	assert_int_equal(test_receive(client, pings, 5), 5);
	for (i = 0; i < 1000; i++) {
		test_receive(client, pings + 5, len - 5);
		test_receive(client, pings, 5);
		assert_int_equal(client->verdict, DARTER_SESSION_READ);
		test_take(client);
	}
	assert_int_equal(test_instance.lanes[0].commands, 100 * 1000);
	assert_int_equal(client->session.query_room, QUERY_ROOM_MIN);
	free(pings);
}

static void visits_have_a_budget(void **state)
{
	struct test_client *client = test_connect();
	char *pings = repeat("PING\r\n", 2 * BUDGET_COMMANDS + 10);
	char *some = repeat("+PONG\r\n", BUDGET_COMMANDS), *rest = repeat("+PONG\r\n", 10);

	sends(client, pings, some);
	assert_int_equal(client->verdict, DARTER_SESSION_YIELD);
	assert_string_equal(test_go_on(client), some);
	assert_int_equal(client->verdict, DARTER_SESSION_YIELD);
	assert_string_equal(test_go_on(client), rest);
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	/* It does no harm to call once more. */
	assert_string_equal(test_go_on(client), "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	free(pings);
	free(some);
	free(rest);
}

static void budgets_are_knobs(void **state)
{
	struct darter_knobs *knobs = &test_instance.config.knobs;
	struct test_client *client = test_connect();
	u32 room;

	knobs->visit_commands = 2;
	sends(client, "PING\r\nPING\r\nPING\r\n", "+PONG\r\n+PONG\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_YIELD);
	assert_string_equal(test_go_on(client), "+PONG\r\n");
	knobs->visit_replies = 8;
	sends(client, "ECHO a\r\nECHO b\r\nPING\r\n", "$1\r\na\r\n$1\r\nb\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_YIELD);
	assert_string_equal(test_go_on(client), "+PONG\r\n");
	knobs->receive = 100;
	darter_session_window(&client->session, &test_instance.lanes[0], &room);
	assert_int_equal(room, 100);
}

/* As long as replies are not sent no more are made. */
static void replies_have_a_budget(void **state)
{
	struct test_client *client = test_connect();
	const u32 len = BUDGET_REPLIES / 8;
	struct darter_reply *reply = &client->session.reply;
	char *gets = repeat("GET a\r\n", 30);
	u64 queued;

	set_long_value(client, "a", len);
	assert_int_equal(receive(client, gets), DARTER_SESSION_YIELD);
	queued = reply->bytes;
	assert_in_range(queued, BUDGET_REPLIES, BUDGET_REPLIES + len + 16);
	assert_int_equal(run(client), DARTER_SESSION_YIELD);
	assert_int_equal(reply->bytes, queued);
	darter_reply_sent(reply, queued);
	assert_int_equal(run(client), DARTER_SESSION_YIELD);
	assert_int_equal(reply->bytes, queued);
	darter_reply_drop(reply);
	free(gets);
}

/* The arguments and what follows them outlive the lane's buffer. */
static void parked_commands_are_kept(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();
	struct darter_shard *shard = test_shard_of("a");
	char *noise = repeat("ECHO zzzzzzzzzzzzzz\r\n", 20);

	darter_shard_lock(shard);
	sends(client, "PING\r\nset a \"one two\"\r\nGET a\r\nECHO en", "+PONG\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	receive(other, noise);
	test_take(other);
	/* Too early: the shard is still locked. */
	assert_string_equal(test_go_on(client), "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	darter_shard_unlock(shard);
	assert_int_equal(client->kicks, 1);
	assert_string_equal(test_go_on(client), "+OK\r\n$7\r\none two\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	sends(client, "d\r\n", "$3\r\nend\r\n");
	free(noise);
}

static void waiting_for_the_daemon_is_parking(void **state)
{
	struct test_client *client = test_connect();

	sends(client, "CONFIG REWRITE\r\nPING\r\n", "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	assert_string_equal(test_go_on(client), "");
	assert_int_equal(client->verdict, DARTER_SESSION_PARKED);
	assert_int_equal(darter_upcall_answer(&test_instance, test_asked->id, "+OK\r\n", 5), 0);
	assert_int_equal(client->kicks, 1);
	assert_string_equal(test_go_on(client), "+OK\r\n+PONG\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
}

static void who_waits_may_end(void **state)
{
	struct test_client *client = test_connect(), *killer = test_connect();
	u64 id;

	sends(client, "CONFIG REWRITE\r\n", "");
	id = test_asked->id;
	assert_int_equal(half_close(client), DARTER_SESSION_PARKED);
	says(killer, "CLIENT KILL ID 1", ":1\r\n");
	assert_int_equal(client->kicks, 1);
	assert_int_equal(run(client), DARTER_SESSION_ABORT);
	test_close(client);
	assert_int_equal(darter_upcall_answer(&test_instance, id, "+OK\r\n", 5), -ENOENT);
}

/* There is nobody to whom one could say that the answer was lost. */
static void answers_without_memory_abort(void **state)
{
	struct test_client *client = test_connect();

	sends(client, "CONFIG REWRITE\r\nPING\r\n", "");
	assert_int_equal(darter_upcall_answer(&test_instance, test_asked->id, "+OK\r\n", 5), 0);
	shim_alloc_fail_after = 0;
	assert_int_equal(run(client), DARTER_SESSION_ABORT);
	shim_alloc_fail_after = -1;
	assert_null(client->session.upcall);
}

static void quit_ends_after_its_reply(void **state)
{
	struct test_client *client = test_connect();

	sends(client, "PING\r\nQUIT\r\nSET a 1\r\n", "+PONG\r\n+OK\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
	assert_string_equal(test_go_on(client), "");
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
	says(test_connect(), "EXISTS a", ":0\r\n");
}

/* What came before the end is answered, however long that takes. */
static void half_closed_sessions_are_answered(void **state)
{
	struct test_client *idle = test_connect(), *busy = test_connect();
	struct test_client *slow = test_connect(), *cut = test_connect();
	char *pings = repeat("PING\r\n", BUDGET_COMMANDS + 1);

	assert_int_equal(half_close(idle), DARTER_SESSION_FINISH);

	assert_int_equal(receive(busy, pings), DARTER_SESSION_YIELD);
	test_take(busy);
	assert_int_equal(half_close(busy), DARTER_SESSION_FINISH);
	assert_string_equal(test_take(busy), "+PONG\r\n");

	darter_shard_lock(test_shard_of("a"));
	assert_int_equal(receive(slow, "SET a 1\r\nGET a\r\n"), DARTER_SESSION_PARKED);
	assert_int_equal(half_close(slow), DARTER_SESSION_PARKED);
	darter_shard_unlock(test_shard_of("a"));
	assert_string_equal(test_go_on(slow), "+OK\r\n$1\r\n1\r\n");
	assert_int_equal(slow->verdict, DARTER_SESSION_FINISH);

	receive(cut, "PING\r\n*2\r\n$4\r\nPI");
	assert_int_equal(half_close(cut), DARTER_SESSION_FINISH);
	assert_string_equal(test_take(cut), "+PONG\r\n");
	free(pings);
}

static void killed_sessions_do_nothing_more(void **state)
{
	struct test_client *client = test_connect(), *parked = test_connect();
	struct test_client *killer = test_connect();

	darter_shard_lock(test_shard_of("b"));
	assert_int_equal(receive(parked, "SET b 1\r\n"), DARTER_SESSION_PARKED);
	says(killer, "CLIENT KILL ID 1", ":1\r\n");
	says(killer, "CLIENT KILL ID 2", ":1\r\n");
	darter_shard_unlock(test_shard_of("b"));
	assert_int_equal(receive(client, "SET a 1\r\n"), DARTER_SESSION_ABORT);
	assert_int_equal(run(client), DARTER_SESSION_ABORT);
	assert_int_equal(run(parked), DARTER_SESSION_ABORT);
	says(killer, "EXISTS a b", ":0\r\n");
}

static void without_memory_sessions_abort(void **state)
{
	struct test_client *input = test_connect(), *output = test_connect();

	shim_alloc_fail_after = 0;
	assert_int_equal(receive(input, "SET a"), DARTER_SESSION_ABORT);
	assert_int_equal(receive(output, "SET a 1\r\n"), DARTER_SESSION_ABORT);
	shim_alloc_fail_after = -1;
	says(test_connect(), "EXISTS a", ":0\r\n");
}

static void windows_need_memory(void **state)
{
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;
	char *half = repeat("x", QUERY_ROOM_MIN - 100);
	u32 room;

	receive(client, half);
	shim_alloc_fail_after = 0;
	assert_null(darter_session_window(session, &test_instance.lanes[0], &room));
	shim_alloc_fail_after = -1;
	assert_non_null(darter_session_window(session, &test_instance.lanes[0], &room));
	assert_true(room >= QUERY_ROOM_MIN);
	assert_memory_equal(session->query, half, strlen(half));
	free(half);
}

/* Above the limit nothing is received any more: neither a bulk nor a transaction. */
static void input_is_limited(void **state)
{
	struct test_client *bulk = test_connect(), *multi = test_connect();
	char *body = repeat("x", 2 * MEGABYTE), *value = repeat("v", 100000);
	char queued[100100];
	u64 taken = 0;

	says(bulk, "CONFIG SET client-query-buffer-limit 1mb", "+OK\r\n");
	receive(bulk, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2097152\r\n");
	/* As sockets give it, a little at a time. */
	while (taken < 2 * MEGABYTE && test_receive(bulk, body + taken, 50000) == 50000)
		taken += 50000;
	assert_in_range(taken, MEGABYTE, MEGABYTE + 50000);

	says(multi, "MULTI", "+OK\r\n");
	sprintf(queued, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100000\r\n%s\r\n", value);
	for (taken = 0; taken < 20; taken++) {
		if (test_receive(multi, queued, strlen(queued)) < strlen(queued))
			break;
		assert_string_equal(test_take(multi), "+QUEUED\r\n");
	}
	assert_int_equal(taken, MEGABYTE / 100000);
	free(body);
	free(value);
}

static bool overdue(struct test_client *client, bool idle)
{
	return darter_session_overdue(&client->session, idle, test_now);
}

static void output_is_limited(void **state)
{
	struct test_client *client = test_connect();

	set_long_value(client, "a", 60000);
	receive(client, "GET a\r\nGET a\r\nGET a\r\n");
	assert_false(overdue(client, false));
	darter_reply_drop(&client->session.reply);
	WRITE_ONCE(test_instance.config.output_limits[DARTER_CLIENT_NORMAL].hard, 150000);
	receive(client, "GET a\r\nGET a\r\n");
	assert_false(overdue(client, false));
	receive(client, "GET a\r\n");
	assert_true(overdue(client, false));
	darter_reply_drop(&client->session.reply);
	assert_false(overdue(client, false));
}

static void output_may_be_much_for_a_while(void **state)
{
	struct test_client *client = test_connect();
	struct darter_output_limit *limit =
		&test_instance.config.output_limits[DARTER_CLIENT_NORMAL];

	*limit = (struct darter_output_limit){ .soft = 50000, .soft_seconds = 10 };
	set_long_value(client, "a", 60000);
	receive(client, "GET a\r\n");
	assert_false(overdue(client, false));
	test_now += 10000;
	assert_false(overdue(client, false));
	test_now++;
	assert_true(overdue(client, false));
	/* Whoever takes what is there in time has as much time again. */
	test_take(client);
	assert_false(overdue(client, false));
	receive(client, "GET a\r\n");
	assert_false(overdue(client, false));
	test_now += 10000;
	assert_false(overdue(client, false));
	test_now++;
	assert_true(overdue(client, false));
	limit->soft = 0;
	assert_false(overdue(client, false));
	test_take(client);
}

/* A byte a second keeps a connection, for as long as that takes; then it has no more. */
static void slow_writers_are_waited_for(void **state)
{
	struct test_client *client = test_connect();
	const char *at, *echo = "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n";

	says(client, "CONFIG SET timeout 2", "+OK\r\n");
	for (at = echo; *at; at++) {
		assert_int_equal(test_receive(client, at, 1), 1);
		assert_int_equal(client->verdict, DARTER_SESSION_READ);
		assert_string_equal(test_take(client), at[1] ? "" : "$2\r\nhi\r\n");
		test_now += 1000;
		assert_false(overdue(client, true));
		assert_true(client->session.query_room <= QUERY_ROOM_MIN);
	}
	receive(client, "*2\r\n$4\r\nEC");
	test_now += 2000;
	assert_false(overdue(client, true));
	test_now++;
	assert_true(overdue(client, true));
}

static void idle_sessions_time_out(void **state)
{
	struct test_client *client = test_connect();

	test_now += 1000000;
	assert_false(overdue(client, true));
	says(client, "CONFIG SET timeout 30", "+OK\r\n");
	test_now += 30000;
	assert_false(overdue(client, true));
	test_now++;
	assert_true(overdue(client, true));
	/* Replies that wait to be sent keep it, and so does whatever it sends. */
	assert_false(overdue(client, false));
	receive(client, "P");
	assert_false(overdue(client, true));
	/* The caller's clock may be older than that. */
	test_now -= 100;
	assert_false(overdue(client, true));
}

static void others_see_what_is_held(void **state)
{
	struct test_client *client = test_connect(), *other = test_connect();
	struct darter_session *session = &client->session;

	assert_int_equal(session->queued, -1);
	receive(client, "MULTI\r\nGET a\r\nSET a 1\r\nECHO unfinished");
	assert_int_equal(session->queued, 2);
	assert_int_equal(session->multi_memory, session->multi->memory);
	assert_true(session->multi_memory > 0);
	assert_int_equal(session->query_bytes, strlen("ECHO unfinished"));
	assert_int_equal(session->query_free, QUERY_ROOM_MIN - session->query_bytes);
	assert_int_equal(session->reply_chunks, 1);
	assert_int_equal(session->reply_memory, session->reply.memory);
	assert_int_equal(session->memory, sizeof(*session) + QUERY_ROOM_MIN +
					  session->reply_memory + session->multi_memory);
	assert_int_equal(atomic64_read(&test_instance.client_memory),
			 session->memory + other->session.memory);
	test_take(client);
	darter_session_publish(session);
	assert_int_equal(session->reply_chunks, 0);
	assert_int_equal(session->reply_memory, 0);
	test_close(client);
	assert_int_equal(atomic64_read(&test_instance.client_memory), other->session.memory);
}

/* A session leaves nothing behind, whatever it was in the middle of. */
static void sessions_may_end_at_any_time(void **state)
{
	struct test_client *client = test_connect(), *waiter = test_connect();
	struct darter_shard *shard = test_shard_of("a");

	says(client, "CLIENT SETNAME me", "+OK\r\n");
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "SET a 1", "+QUEUED\r\n");
	receive(client, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$20000\r\nxyz");
	assert_non_null(client->session.incoming);
	assert_int_equal(shard->nwatches, 1);
	darter_shard_lock(shard);
	assert_int_equal(receive(waiter, "SET a 2\r\n"), DARTER_SESSION_PARKED);
	test_close(waiter);
	assert_true(list_empty(&shard->waiters));
	darter_shard_unlock(shard);
	test_close(client);
	assert_int_equal(shard->nwatches, 0);
	assert_int_equal(atomic64_read(&test_instance.client_memory), 0);
	assert_int_equal(test_instance.nclients, 0);
}

static void reset_is_like_a_new_connection(void **state)
{
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;

	says(client, "SELECT 2", "+OK\r\n");
	says(client, "CLIENT SETNAME me", "+OK\r\n");
	says(client, "CLIENT SETINFO lib-name lib", "+OK\r\n");
	test_say(client, "HELLO 3");
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "CONFIG SET requirepass pw", "+QUEUED\r\n");
	says(client, "EXEC", "*1\r\n+OK\r\n");
	says(client, "WATCH a", "+OK\r\n");
	says(client, "MULTI", "+OK\r\n");
	says(client, "RESET", "+RESET\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_int_equal(session->db, 0);
	assert_int_equal(session->resp, 2);
	assert_null(session->name);
	assert_null(session->multi);
	assert_true(list_empty(&session->watched));
	/* As in Redis, what the library said of itself stays. */
	assert_string_equal(session->lib_name, "lib");
	says(client, "GET a", "-NOAUTH Authentication required.\r\n");
	says(client, "AUTH pw", "+OK\r\n");
	says(client, "GET a", "$-1\r\n");
}

static void bytes_and_commands_are_counted(void **state)
{
	struct test_client *client = test_connect();
	struct darter_lane *lane = &test_instance.lanes[0];

	test_now += 5000;
	receive(client, "PING\r\nPI");
	assert_int_equal(lane->bytes_in, 8);
	assert_int_equal(lane->commands, 1);
	assert_int_equal(client->session.last_active, test_now);
	test_now += 5000;
	assert_int_equal(run(client), DARTER_SESSION_READ);
	/* To be run again is nothing that the client did. */
	assert_int_equal(client->session.last_active, test_now - 5000);
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)
#define daemon_test(name) \
	cmocka_unit_test_setup_teardown(name, test_daemon_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		core_test(idle_sessions_hold_nothing),
		core_test(half_a_command_is_kept),
		core_test(used_input_makes_room),
		core_test(visits_have_a_budget),
		core_test(budgets_are_knobs),
		core_test(replies_have_a_budget),
		core_test(parked_commands_are_kept),
		daemon_test(waiting_for_the_daemon_is_parking),
		daemon_test(who_waits_may_end),
		daemon_test(answers_without_memory_abort),
		core_test(quit_ends_after_its_reply),
		core_test(half_closed_sessions_are_answered),
		core_test(killed_sessions_do_nothing_more),
		core_test(without_memory_sessions_abort),
		core_test(windows_need_memory),
		core_test(input_is_limited),
		core_test(output_is_limited),
		core_test(output_may_be_much_for_a_while),
		core_test(slow_writers_are_waited_for),
		core_test(idle_sessions_time_out),
		core_test(others_see_what_is_held),
		core_test(sessions_may_end_at_any_time),
		core_test(reset_is_like_a_new_connection),
		core_test(bytes_and_commands_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
