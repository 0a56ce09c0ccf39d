// SPDX-License-Identifier: GPL-2.0
/* links: tests/host/connection.c tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Connections without memory, through the sockets of the host build: let the n-th
 * allocation fail from the moment when one is accepted, for each n there is, once
 * with all that follow and once alone. Each command is answered as ever, or that
 * memory is short, or the connection ends; other connections notice nothing.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "tests/host/host.h"

#define BIG_LEN 20000
#define REPLIES_MAX (1 << 17)
#define ATTEMPTS_MAX 1000

#define OOM "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

static struct server server;
static struct worker worker;
static struct darter_host host;

/* Two connections by the sockets of their clients. */
static int client_fd, other_fd;

/* What the client sends, each piece as soon as the one before has been served. */
static char big_head[BIG_LEN / 2 + 64], big_tail[BIG_LEN / 2 + 64];
static const char *const pieces[] = {
	"PING\r\n", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhel", "lo\r\nGET a\r\nPI", "NG\r\n",
	big_head, big_tail, "GET big\r\nGET big\r\n", "CLIENT SETNAME me\r\nCLIENT GETNAME\r\n",
	"WATCH a\r\nMULTI\r\nSET a 2\r\nHSET h f v\r\n", "EXEC\r\n", "HGETALL h\r\n",
	"EXISTS 1 2 3 4 5 6 7 8 9 10 11 12\r\n", "CONFIG REWRITE\r\nMONITOR\r\nPING\r\n",
	"\"unbalanced\r\n",
};

u64 host_now(void)
{
	return test_now;
}

void worker_kick(struct darter_session *session)
{
	struct connection *connection = container_of(session, struct connection, session);

	if (list_empty(&connection->ready_link))
		list_add_tail(&connection->ready_link, &worker.ready);
}

static void make_big_value(void)
{
	char *at = big_head + sprintf(big_head, "*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$%u\r\n", BIG_LEN);

	memset(at, 'b', BIG_LEN / 2);
	memset(big_tail, 'b', BIG_LEN / 2);
	strcpy(big_tail + BIG_LEN / 2, "\r\n");
}

static int set_up(void **state)
{
	make_big_value();
	if (test_core_setup(state))
		return -1;
	host = *test_instance.host;
	host.kick = worker_kick;
	if (darter_instance_init(&server.instance, &test_params, &host, NULL))
		return -1;
	worker = (struct worker){ .server = &server, .lane = &server.instance.lanes[0] };
	pthread_mutex_init(&worker.lock, NULL);
	INIT_LIST_HEAD(&worker.ready);
	INIT_LIST_HEAD(&worker.connections);
	worker.epoll = epoll_create1(EPOLL_CLOEXEC);
	return worker.epoll < 0;
}

static int tear_down(void **state)
{
	shim_alloc_fail_after = -1;
	shim_alloc_fail_once = false;
	close(worker.epoll);
	darter_instance_destroy(&server.instance);
	return test_core_teardown(state);
}

/* A connection from a client with this socket; NULL: it was refused. */
static struct connection *open_connection(int *fd)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	*fd = fds[0];
	return connection_open(&worker, fds[1]);
}

static bool is_open(const struct connection *connection)
{
	const struct connection *one;

	list_for_each_entry(one, &worker.connections, link)
		if (one == connection)
			return true;
	return false;
}

static void serve_kicked(void)
{
	while (!list_empty(&worker.ready)) {
		struct connection *connection =
			list_first_entry(&worker.ready, struct connection, ready_link);

		list_del_init(&connection->ready_link);
		connection_serve(connection);
	}
}

/* Take what has come. Return: whether the connection goes on. */
static bool take(int fd, char *replies, size_t *len)
{
	ssize_t got;

	while ((got = read(fd, replies + *len, REPLIES_MAX - 1 - *len)) > 0)
		*len += got;
	replies[*len] = '\0';
	return got < 0;
}

static void ping_other(struct connection *other)
{
	char reply[REPLIES_MAX];
	size_t len = 0;

	assert_int_equal(write(other_fd, "PING\r\n", 6), 6);
	connection_serve(other);
	assert_true(take(other_fd, reply, &len));
	assert_string_equal(reply, "+PONG\r\n");
}

/* All that the client is answered. */
static void converse(struct connection *connection, char *replies)
{
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(pieces) && is_open(connection); i++) {
		assert_int_equal(write(client_fd, pieces[i], strlen(pieces[i])),
				 strlen(pieces[i]));
		connection_serve(connection);
		serve_kicked();
		take(client_fd, replies, &len);
	}
	/* Its last words are a protocol error. */
	assert_false(is_open(connection));
	assert_false(take(client_fd, replies, &len));
}

/* The reply that is a line or a bulk. */
static size_t reply_len(const char *reply)
{
	const char *end = strstr(reply, "\r\n");

	assert_non_null(end);
	if (*reply == '$' && reply[1] != '-')
		return end + 2 - reply + atoi(reply + 1) + 2;
	return end + 2 - reply;
}

/* Why a reply may be another one than with memory. */
static bool is_excused(const char *reply)
{
	static const char *const excuses[] = {
		OOM, "-EXECABORT Transaction discarded because of previous errors.\r\n",
		/* What was not stored is not there. */
		"$-1\r\n", ":0\r\n", "*0\r\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(excuses); i++)
		if (!strncmp(reply, excuses[i], strlen(excuses[i])))
			return true;
	return false;
}

/* What a monitor sees of a command, which is not shown where there is no memory for it. */
static bool is_monitored(const char *reply)
{
	return !strncmp(reply, "+17", 3);
}

/* Up to what was short of memory it must be as ever, and replies all the way. */
static void check_replies(const char *replies, const char *expected)
{
	size_t len;

	while (*replies) {
		len = reply_len(replies);
		if (strncmp(replies, expected, len)) {
			if (is_monitored(expected)) {
				expected += reply_len(expected);
				continue;
			}
			if (!is_excused(replies))
				fail_msg("%.100s instead of %.100s", replies, expected);
			break;
		}
		replies += len;
		expected += len;
	}
	while (*replies)
		replies += reply_len(replies);
}

static void check_nothing_is_left(void)
{
	u32 i;

	assert_int_equal(server.instance.nclients, 0);
	assert_int_equal(atomic64_read(&server.instance.client_memory), 0);
	assert_true(list_empty(&worker.connections) && list_empty(&worker.ready));
	assert_true(list_empty(&server.instance.upcalls));
	for (i = 0; i < server.instance.params.shards; i++)
		assert_int_equal(server.instance.shards[i].nwatches, 0);
}

/* Return: whether all memory was there that was asked for. */
static bool attempt(long allocations, bool once, char *replies)
{
	struct connection *other = open_connection(&other_fd), *connection;
	bool complete;

	ping_other(other);
	shim_alloc_fail_once = once;
	shim_alloc_fail_after = allocations;
	connection = open_connection(&client_fd);
	if (connection)
		converse(connection, replies);
	complete = shim_alloc_fail_after > 0 || allocations < 0;
	shim_alloc_fail_after = -1;
	if (!connection) {
		size_t len = 0;

		assert_false(complete);
		assert_false(take(client_fd, replies, &len));
		assert_int_equal(len, 0);
	}
	ping_other(other);
	connection_close(other);
	close(client_fd);
	close(other_fd);
	check_nothing_is_left();
	return complete;
}

static void start_again(void)
{
	tear_down(NULL);
	assert_int_equal(set_up(NULL), 0);
}

static void connections_live_or_end(void **state)
{
	static char expected[REPLIES_MAX], replies[REPLIES_MAX];
	long allocations;
	bool complete;
	int once;

	assert_true(attempt(-1, false, expected));
	assert_null(strstr(expected, "-OOM"));
	for (once = 0; once < 2; once++) {
		for (complete = false, allocations = 0; !complete; allocations++) {
			assert_true(allocations < ATTEMPTS_MAX);
			start_again();
			*replies = '\0';
			complete = attempt(allocations, once, replies);
			check_replies(replies, expected);
		}
		assert_string_equal(replies, expected);
		assert_true(allocations > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(connections_live_or_end, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
