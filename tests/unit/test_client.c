// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/client.c tests/shim/shim.c */
/* The registry of clients: order, limit, what is shown, who is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/client.h"
#include "kmod/core/instance.h"
#include "kmod/core/session.h"

#define SESSIONS 5
#define NOW 1700000100000ULL

static struct darter_instance instance;
static struct darter_session sessions[SESSIONS];
static struct darter_session *kicked;
static const struct darter_command command = { .name = "client|list" };

static void kick(struct darter_session *session)
{
	/* Its connection cannot end meanwhile. */
	assert_true(mutex_is_locked(&instance.clients_lock));
	kicked = session;
}

static const struct darter_host host = { .kick = kick };

static int set_up(void **state)
{
	u32 i;

	memset(&instance, 0, sizeof(instance));
	memset(sessions, 0, sizeof(sessions));
	instance.host = &host;
	instance.config.max_clients = SESSIONS;
	mutex_init(&instance.clients_lock);
	INIT_LIST_HEAD(&instance.clients);
	kicked = NULL;
	for (i = 0; i < SESSIONS; i++) {
		sessions[i].instance = &instance;
		sessions[i].id = i + 1;
		sessions[i].resp = 2;
		sessions[i].queued = -1;
		sessions[i].created = NOW - 5000;
		sessions[i].last_active = NOW - 1999;
		spin_lock_init(&sessions[i].info_lock);
		strcpy(sessions[i].addr, "127.0.0.1:5000");
		strcpy(sessions[i].laddr, "127.0.0.1:6379");
	}
	return 0;
}

static void enter(u32 i)
{
	assert_int_equal(darter_client_register(&instance, &sessions[i]), 0);
}

static int note(void *arg, struct darter_session *session)
{
	char *ids = arg;

	sprintf(ids + strlen(ids), "%llu ", session->id);
	return session->id == 4 ? 77 : 0;
}

static void ids_are(u64 first, int result, const char *expected)
{
	char ids[64] = "";

	assert_int_equal(darter_clients_visit(&instance, first, note, ids), result);
	assert_string_equal(ids, expected);
}

static void test_order(void **state)
{
	enter(1);
	enter(0);
	enter(4);
	enter(2);
	ids_are(0, 0, "1 2 3 5 ");
	ids_are(3, 0, "3 5 ");
	ids_are(6, 0, "");
	enter(3);
	ids_are(2, 77, "2 3 4 ");
	darter_client_unregister(&sessions[2]);
	ids_are(0, 77, "1 2 4 ");
	assert_int_equal(instance.nclients, 4);
	assert_int_equal(instance.total_clients, 5);
}

static void test_limit(void **state)
{
	instance.config.max_clients = 2;
	enter(0);
	enter(1);
	assert_int_equal(darter_client_register(&instance, &sessions[2]), -EMFILE);
	assert_int_equal(instance.rejected_clients, 1);
	assert_int_equal(instance.total_clients, 2);
	darter_client_unregister(&sessions[0]);
	enter(2);
	ids_are(0, 0, "2 3 ");
}

static void line_is(struct darter_session *session, const char *expected)
{
	char line[DARTER_CLIENT_LINE];

	assert_int_equal(darter_client_line(session, NOW, line, sizeof(line)), strlen(expected));
	assert_string_equal(line, expected);
}

static void test_line(void **state)
{
	struct darter_session *session = &sessions[0];

	line_is(session,
		"id=1 addr=127.0.0.1:5000 laddr=127.0.0.1:6379 fd=-1 name= age=5 idle=1 flags=N "
		"db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 "
		"rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=NULL user=default "
		"redir=-1 resp=2 lib-name= lib-ver=");
	session->name = "app";
	session->lib_name = "lib";
	session->lib_ver = "1.2";
	session->db = 3;
	session->resp = 3;
	session->queued = 2;
	session->watch_dirty = true;
	session->readonly_mode = true;
	session->finishing = true;
	session->upcall = (void *)session;
	session->query_bytes = 10;
	session->query_free = 20;
	session->multi_memory = 30;
	session->reply_chunks = 4;
	session->reply_memory = 50;
	session->memory = 60;
	session->last_command = &command;
	session->last_active = NOW + 10;
	line_is(session,
		"id=1 addr=127.0.0.1:5000 laddr=127.0.0.1:6379 fd=-1 name=app age=5 idle=0 "
		"flags=xbdcr db=3 sub=0 psub=0 ssub=0 multi=2 qbuf=10 qbuf-free=20 argv-mem=0 "
		"multi-mem=30 rbs=0 rbp=0 obl=0 oll=4 omem=50 tot-mem=60 events=rw "
		"cmd=client|list user=default redir=-1 resp=3 lib-name=lib lib-ver=1.2");
}

static void test_longest_line(void **state)
{
	static char name[DARTER_CLIENT_NAME_MAX + 1];
	static const struct darter_command longest = { .name = "cluster|count-failure-reports" };
	struct darter_session *session = &sessions[0];
	char line[DARTER_CLIENT_LINE];
	u32 len;

	memset(name, 'n', DARTER_CLIENT_NAME_MAX);
	session->name = name;
	session->lib_name = name;
	session->lib_ver = name;
	session->id = U64_MAX;
	session->created = 0;
	session->last_active = 0;
	session->db = U32_MAX;
	session->queued = S32_MAX;
	session->query_bytes = U32_MAX;
	session->query_free = U32_MAX;
	session->reply_chunks = U32_MAX;
	session->multi_memory = U64_MAX;
	session->reply_memory = U64_MAX;
	session->memory = U64_MAX;
	session->last_command = &longest;
	memset(session->addr, '1', DARTER_ADDR_CHARS - 1);
	memset(session->laddr, '1', DARTER_ADDR_CHARS - 1);
	len = darter_client_line(session, U64_MAX, line, sizeof(line));
	assert_int_equal(len, strlen(line));
	assert_true(len < sizeof(line) - 1);
	assert_string_equal(line + len - DARTER_CLIENT_NAME_MAX, name);
}

static int kill_two(void *arg, struct darter_session *session)
{
	if (session->id == 2)
		darter_client_kill(session);
	return 0;
}

static void test_kill(void **state)
{
	enter(0);
	enter(1);
	assert_int_equal(darter_clients_visit(&instance, 0, kill_two, NULL), 0);
	assert_ptr_equal(kicked, &sessions[1]);
	assert_true(sessions[1].killed);
	assert_false(sessions[0].killed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, set_up),
		cmocka_unit_test_setup(test_limit, set_up),
		cmocka_unit_test_setup(test_line, set_up),
		cmocka_unit_test_setup(test_longest_line, set_up),
		cmocka_unit_test_setup(test_kill, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
