// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/upcall.c kmod/core/number/integer.c tests/shim/shim.c */
/* Upcalls: every one ends once, whoever goes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>
#include "kmod/core/command.h"
#include "kmod/core/instance.h"
#include "kmod/core/reply.h"
#include "kmod/core/session.h"
#include "kmod/core/upcall.h"

static struct darter_instance instance;
static struct darter_session session;
static struct darter_arg args[] = {
	{ "CONFIG", 6 }, { "a\r\n\0b", 5 }, { "", 0 },
};
static struct darter_ctx ctx;
static char replied[128], counted[64];
static u32 kicks;
static int upcall_result;
static const char *answer_at_once;

/* What the core would reply. */
void darter_reply_error(struct darter_ctx *of, const char *text)
{
	of->failed = true;
	snprintf(replied, sizeof(replied), "-%s", text);
}

void darter_reply_out_of_memory(struct darter_ctx *of)
{
	darter_reply_error(of, "OOM");
}

void darter_reply_raw(struct darter_reply *reply, const void *bytes, size_t len)
{
	assert_ptr_equal(reply, &session.reply);
	snprintf(replied, sizeof(replied), "%.*s", (int)len, (const char *)bytes);
}

void darter_instance_count_error(struct darter_instance *of, const char *text)
{
	snprintf(counted, sizeof(counted), "%s", text);
}

static void kick(struct darter_session *of)
{
	assert_ptr_equal(of, &session);
	kicks++;
}

static int upcall(struct darter_instance *of, struct darter_upcall *asked)
{
	static const char wire[] = "*3\r\n$6\r\nCONFIG\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n";

	assert_int_equal(asked->request_len, sizeof(wire) - 1);
	assert_memory_equal(asked->request, wire, sizeof(wire) - 1);
	assert_int_equal(asked->argc, 3);
	if (answer_at_once)
		assert_int_equal(darter_upcall_answer(of, asked->id, answer_at_once,
						      strlen(answer_at_once)), 0);
	return upcall_result;
}

static const struct darter_host host = { .kick = kick, .upcall = upcall };

static int set_up(void **state)
{
	memset(&instance, 0, sizeof(instance));
	memset(&session, 0, sizeof(session));
	instance.host = &host;
	spin_lock_init(&instance.upcalls_lock);
	INIT_LIST_HEAD(&instance.upcalls);
	session.instance = &instance;
	ctx = (struct darter_ctx) { .session = &session, .instance = &instance,
				    .argv = args, .argc = ARRAY_SIZE(args) };
	replied[0] = '\0';
	counted[0] = '\0';
	kicks = 0;
	upcall_result = 0;
	answer_at_once = NULL;
	return 0;
}

static int tear_down(void **state)
{
	assert_true(list_empty(&instance.upcalls));
	assert_null(session.upcall);
	return 0;
}

static u64 start(void)
{
	darter_upcall_start(&ctx);
	assert_non_null(session.upcall);
	assert_false(darter_upcall_finish(&session, &ctx));
	return session.upcall->id;
}

static int answer(u64 id, const char *text)
{
	return darter_upcall_answer(&instance, id, text, strlen(text));
}

static void test_answered(void **state)
{
	u64 id = start();

	assert_int_equal(answer(id + 1, "+OK\r\n"), -ENOENT);
	assert_int_equal(answer(id, ""), -EINVAL);
	assert_int_equal(kicks, 0);
	assert_int_equal(answer(id, "+OK\r\n"), 0);
	assert_int_equal(kicks, 1);
	assert_int_equal(answer(id, "+AGAIN\r\n"), -ENOENT);
	assert_true(darter_upcall_finish(&session, &ctx));
	assert_string_equal(replied, "+OK\r\n");
	assert_string_equal(counted, "");
	assert_false(ctx.failed);
}

static void test_error(void **state)
{
	assert_int_equal(answer(start(), "-ERR no\r\n"), 0);
	assert_true(darter_upcall_finish(&session, &ctx));
	assert_string_equal(replied, "-ERR no\r\n");
	assert_string_equal(counted, "ERR no\r\n");
	assert_true(ctx.failed);
}

static void test_answered_at_once(void **state)
{
	answer_at_once = "+OK\r\n";
	darter_upcall_start(&ctx);
	assert_int_equal(kicks, 1);
	assert_true(darter_upcall_finish(&session, &ctx));
	assert_string_equal(replied, "+OK\r\n");
}

static void test_no_daemon(void **state)
{
	upcall_result = -ENOTCONN;
	darter_upcall_start(&ctx);
	assert_string_equal(replied, "-ERR darterd is not connected");
	upcall_result = -EAGAIN;
	darter_upcall_start(&ctx);
	assert_string_equal(replied, "-ERR darterd is too slow to take the command");
	upcall_result = -EMSGSIZE;
	darter_upcall_start(&ctx);
	assert_string_equal(replied, "-ERR the command is too long for darterd");
	upcall_result = -ENOMEM;
	darter_upcall_start(&ctx);
	assert_string_equal(replied, "-OOM");
}

static void test_daemon_dies(void **state)
{
	u64 id = start();

	darter_upcall_fail_all(&instance);
	darter_upcall_fail_all(&instance);
	assert_int_equal(kicks, 1);
	assert_int_equal(answer(id, "+OK\r\n"), -ENOENT);
	assert_true(darter_upcall_finish(&session, &ctx));
	assert_string_equal(replied, "-ERR darterd went away before it answered");
}

static void test_answered_before_death(void **state)
{
	assert_int_equal(answer(start(), "+OK\r\n"), 0);
	darter_upcall_fail_all(&instance);
	assert_true(darter_upcall_finish(&session, &ctx));
	assert_string_equal(replied, "+OK\r\n");
}

static void test_stopped(void **state)
{
	start();
	instance.shutting_down = true;
	darter_upcall_fail_all(&instance);
	assert_int_equal(kicks, 0);
	assert_false(darter_upcall_finish(&session, &ctx));
	darter_upcall_detach(&session);
}

static void test_session_ends(void **state)
{
	u64 id = start();

	darter_upcall_detach(&session);
	assert_int_equal(answer(id, "+OK\r\n"), -ENOENT);
	darter_upcall_fail_all(&instance);
	assert_int_equal(kicks, 0);
}

static void test_answered_then_ends(void **state)
{
	assert_int_equal(answer(start(), "+OK\r\n"), 0);
	darter_upcall_detach(&session);
}

static void test_no_memory(void **state)
{
	u64 id;
	long i;

	for (i = 0; i < 2; i++) {
		shim_alloc_fail_after = i;
		darter_upcall_start(&ctx);
		shim_alloc_fail_after = -1;
		assert_string_equal(replied, "-OOM");
		assert_null(session.upcall);
	}
	id = start();
	shim_alloc_fail_after = 0;
	assert_int_equal(answer(id, "+OK\r\n"), -ENOMEM);
	shim_alloc_fail_after = -1;
	assert_int_equal(answer(id, "+OK\r\n"), 0);
	assert_true(darter_upcall_finish(&session, &ctx));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answered), TEST(test_error), TEST(test_answered_at_once),
		TEST(test_no_daemon), TEST(test_daemon_dies), TEST(test_answered_before_death),
		TEST(test_stopped), TEST(test_session_ends), TEST(test_answered_then_ends),
		TEST(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
