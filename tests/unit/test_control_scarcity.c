// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/control.c tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c kmod/ctl/?*.c tests/host/genetlink_family.c tests/shim/?*.c */
/*
 * Control requests and upcalls without memory: let the n-th allocation fail, for
 * each n there is, once with all that follow and once alone. A request either does
 * what it does with memory, or changes nothing and says that memory is short.
 * Whoever waits for the daemon gets an answer or an error in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>

#include "control.h"
#include "kmod/core/command.h"
#include "kmod/core/debug.h"
#include "kmod/core/lane.h"
#include "kmod/core/upcall.h"

#define STATE_CHARS 32768
#define ATTEMPTS_MAX 200
/* Longer than one part of a dump, with all parameters. */
#define PASSWORD_LEN 900

#define OOM "-OOM "
#define LOST "-ERR darterd went away before it answered\r\n"

static const struct darter_host *core_host;
static struct darter_host host;
static struct test_client *observer, *waiting;

static int set_up(void **state)
{
	if (test_control_setup(state))
		return -1;
	/* All instances are the same. */
	memset(&test_instance.hash_key, 5, sizeof(test_instance.hash_key));
	memset(test_instance.run_id, 'a', DARTER_ID_CHARS);
	memset(test_instance.node_id, 'b', DARTER_ID_CHARS);
	test_instance.config.debug_access = DARTER_DEBUG_YES;
	core_host = test_instance.host;
	host = *core_host;
	host.upcall = darter_ctl_upcall;
	host.event = darter_ctl_event;
	test_instance.host = &host;
	/* Events need memory, too. */
	test_peer.following = true;
	observer = test_connect();
	waiting = test_connect();
	test_say(observer, "MSET a 1 b 2");
	test_say(observer, "HSET h f v");
	return 0;
}

static int tear_down(void **state)
{
	if (test_peer.dumping)
		peer_end_dump(&test_peer);
	test_instance.host = core_host;
	return test_control_teardown(state);
}

/* From here on one allocation fails, or all, when so many have succeeded. */
static void starve(long allocations, bool once)
{
	test_drop_spare_chunks();
	shim_alloc_fail_once = once;
	shim_alloc_fail_after = allocations;
}

/* Return: whether none has failed. */
static bool feed(void)
{
	bool complete = shim_alloc_fail_after > 0;

	shim_alloc_fail_after = -1;
	shim_alloc_fail_once = false;
	return complete;
}

static void start_again(void)
{
	tear_down(NULL);
	assert_int_equal(set_up(NULL), 0);
}

/* Let a check run with ever more allocations, each time in a new instance. */
static void sweep(bool (*check)(const void *what, long allocations, bool once), const void *what)
{
	long allocations;
	int once;

	for (once = 0; once < 2; once++) {
		allocations = 0;
		do {
			assert_true(allocations < ATTEMPTS_MAX);
			start_again();
		} while (!check(what, allocations++, once));
		/* Something needed memory. */
		assert_true(allocations > 1);
	}
}

static void become_daemon(void)
{
	test_end(test_begin(DARTER_CMD_REGISTER, NLM_F_ACK));
	test_forget_sent();
}

static void ask(void)
{
	test_say(waiting, "CONFIG REWRITE");
	assert_int_equal(waiting->verdict, DARTER_SESSION_PARKED);
	test_forget_sent();
}

static void prepare_answer(void)
{
	become_daemon();
	ask();
}

static void prepare_password(void)
{
	char words[PASSWORD_LEN + 64] = "CONFIG SET requirepass ";

	memset(words + strlen(words), 'p', PASSWORD_LEN);
	test_say(observer, words);
	test_forget_sent();
}

static void put_start(struct sk_buff *skb)
{
	nla_put_string(skb, DARTER_A_BIND, "127.0.0.1 ::1");
	nla_put_u16(skb, DARTER_A_PORT, 7000);
}

static void put_pattern(struct sk_buff *skb)
{
	nla_put_string(skb, DARTER_A_PATTERN, "*");
}

static void put_parameters(struct sk_buff *skb)
{
	test_put_param(skb, "timeout", "77");
	test_put_param(skb, "requirepass", "secret");
	test_put_param(skb, "bind", "127.0.0.2");
}

static void put_client(struct sk_buff *skb)
{
	nla_put_u64_64bit(skb, DARTER_A_CLIENT_ID, waiting->session.id, DARTER_A_PAD);
}

static void put_node(struct sk_buff *skb)
{
	nla_put_string(skb, DARTER_A_NODE_IP, "192.0.2.1");
	nla_put_string(skb, DARTER_A_NODE_HOSTNAME, "store.example");
	nla_put_u16(skb, DARTER_A_NODE_PORT, 7000);
}

static void put_answer(struct sk_buff *skb)
{
	nla_put_u64_64bit(skb, DARTER_A_UPCALL_ID, waiting->session.upcall->id, DARTER_A_PAD);
	nla_put(skb, DARTER_A_UPCALL_REPLY, 5, "+OK\r\n");
}

static void put_whole(struct sk_buff *skb)
{
	nla_put_flag(skb, DARTER_A_WHOLE);
}

/* Good requests of the operations that take attributes or need something before. */
static const struct sample {
	u8 command;
	void (*prepare)(void);
	void (*put)(struct sk_buff *skb);
} samples[] = {
	{ DARTER_CMD_START, NULL, put_start },
	{ DARTER_CMD_CONFIG_GET, prepare_password, put_pattern },
	{ DARTER_CMD_CONFIG_SET, NULL, put_parameters },
	{ DARTER_CMD_CLIENT_KILL, NULL, put_client },
	{ DARTER_CMD_TOPOLOGY_SET, NULL, put_node },
	{ DARTER_CMD_ANSWER, prepare_answer, put_answer },
	{ DARTER_CMD_CHECK, NULL, put_whole },
};

/* An operation of the family, and what comes of it with memory. */
static struct request {
	const struct genl_ops *op;
	bool dump;
	const struct sample *sample;
	char before[STATE_CHARS], after[STATE_CHARS];
	char told[STATE_CHARS];
	size_t told_len;
} request;

static u32 daemon_port(void)
{
	const struct darter_control *control = test_instance.control;

	return control->daemon;
}

static void observe(char *state)
{
	const struct darter_upcall *upcall = waiting->session.upcall;
	size_t len;

	len = snprintf(state, STATE_CHARS, "daemon %u, starts %u, stops %u, killed %u, upcall %d\n",
		       daemon_port(), test_owner.starts, test_owner.stops,
		       waiting->session.killed, upcall ? upcall->state : -1);
	observer->session.authenticated = true;
	len += snprintf(state + len, STATE_CHARS - len, "%s", test_say(observer, "CONFIG GET *"));
	len += snprintf(state + len, STATE_CHARS - len, "%s", test_say(observer, "DEBUG DIGEST"));
	assert_true(len < STATE_CHARS);
}

/* What a request was answered, one message after the other; no events, no end. */
static size_t collect(char *told)
{
	size_t len = 0;
	int i, left;

	for (i = 0; i < test_nsent; i++) {
		const struct nlmsghdr *nlh = (void *)test_sent[i]->data;

		for (left = test_sent[i]->len; left >= NLMSG_HDRLEN;
		     left -= NLMSG_ALIGN(nlh->nlmsg_len),
		     nlh = (void *)((char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len))) {
			if (nlh->nlmsg_type != darter_family.id || !nlh->nlmsg_seq)
				continue;
			assert_true(len + nlh->nlmsg_len <= STATE_CHARS);
			memcpy(told + len, nlh, nlh->nlmsg_len);
			len += nlh->nlmsg_len;
		}
	}
	return len;
}

/* The end may be missing where there was no memory for it; 1: it is. */
static int run(const struct request *of, long allocations, bool once, bool *complete,
	       const char **why)
{
	struct sk_buff *skb;

	if (of->sample && of->sample->prepare)
		of->sample->prepare();
	skb = test_begin(of->op->cmd, of->dump ? NLM_F_DUMP : NLM_F_ACK);
	if (of->sample)
		of->sample->put(skb);
	starve(allocations, once);
	test_end(skb);
	*complete = feed();
	while (test_peer.dumping)
		peer_dump(&test_peer);
	return test_has_ended() ? test_ending(why) : 1;
}

/* Which of its allocations netlink makes before the family is asked. */
static long of_netlink(const struct request *of)
{
	return of->dump ? 3 : 1;
}

static bool check_request(const void *what, long allocations, bool once)
{
	static char state[STATE_CHARS], told[STATE_CHARS];
	const struct request *of = what;
	const char *why = "";
	bool complete;
	int err = run(of, allocations, once, &complete, &why);

	observe(state);
	if (err < 0) {
		assert_true(err == -ENOMEM || err == -ENOBUFS);
		if (allocations >= of_netlink(of))
			assert_string_equal(why, "out of memory");
		assert_string_equal(state, of->before);
	} else if (!err) {
		assert_string_equal(state, of->after);
		assert_int_equal(collect(told), of->told_len);
		assert_memory_equal(told, of->told, of->told_len);
	} else {
		assert_true(!strcmp(state, of->before) || !strcmp(state, of->after));
	}
	assert_true(!complete || !err);
	return complete;
}

static void check_operation(const struct genl_ops *op, bool dump)
{
	const char *why;
	bool complete;
	size_t i;

	request.op = op;
	request.dump = dump;
	request.sample = NULL;
	for (i = 0; i < ARRAY_SIZE(samples); i++)
		if (samples[i].command == op->cmd)
			request.sample = &samples[i];
	if (op->policy && !request.sample)
		fail_msg("request %u is not tried without memory", op->cmd);
	start_again();
	if (request.sample && request.sample->prepare)
		request.sample->prepare();
	observe(request.before);
	start_again();
	assert_int_equal(run(&request, -1, false, &complete, &why), 0);
	request.told_len = collect(request.told);
	observe(request.after);
	/* Whoever may change something does so here; a dump never does. */
	assert_int_equal(!strcmp(request.before, request.after), !op->flags || dump);
	sweep(check_request, &request);
}

static void every_request(void **state)
{
	int i;

	for (i = 0; i < darter_family.n_ops; i++) {
		const struct genl_ops *op = &darter_family.ops[i];

		if (op->doit)
			check_operation(op, false);
		if (op->dumpit)
			check_operation(op, true);
	}
}

/* A command that the daemon answers, by its words, and another that follows it. */
static const char *const upcalls[] = { "CONFIG REWRITE", "SHUTDOWN", "SHUTDOWN NOSAVE" };

static void no_upcall_is_left_out(void **state)
{
	u32 i, j;

	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);
		bool found = !(command->flags & DARTER_CMD_UPCALL);
		char words[64];

		for (j = 0; j < ARRAY_SIZE(upcalls) && !found; j++) {
			snprintf(words, sizeof(words), "%s", upcalls[j]);
			if (strchr(command->name, '|'))
				*strchrnul(words, ' ') = '|';
			*strchrnul(words, ' ') = '\0';
			found = !strcasecmp(words, command->name);
		}
		if (!found)
			fail_msg("%s is not tried without memory", command->name);
	}
}

static u32 count_asked(void)
{
	u32 count = 0;
	int i;

	for (i = 0; i < test_nsent; i++) {
		const struct genlmsghdr *head = nlmsg_data((void *)test_sent[i]->data);

		count += head->cmd == DARTER_CMD_ASK;
	}
	return count;
}

static bool is_answered(const char *reply)
{
	return !strcmp(reply, "+OK\r\n+PONG\r\n");
}

/* With memory; whatever the client waits for comes. */
static void answer(void)
{
	struct sk_buff *skb = test_begin(DARTER_CMD_ANSWER, NLM_F_ACK);

	put_answer(skb);
	test_end(skb);
	assert_true(is_answered(test_go_on(waiting)));
	assert_int_equal(waiting->verdict, DARTER_SESSION_READ);
}

/* Send a command that waits for the daemon, and one that waits for that. */
static const char *say(const char *words)
{
	char bytes[64];

	return test_send(waiting, bytes, snprintf(bytes, sizeof(bytes), "%s\r\nPING\r\n", words));
}

static bool check_asking(const void *what, long allocations, bool once)
{
	const char *reply;
	bool complete;

	become_daemon();
	starve(allocations, once);
	reply = say(what);
	complete = feed();
	switch (waiting->verdict) {
	case DARTER_SESSION_PARKED:
		assert_int_equal(count_asked(), 1);
		answer();
		break;
	case DARTER_SESSION_READ:
		assert_int_equal(count_asked(), 0);
		assert_memory_equal(reply, OOM, strlen(OOM));
		assert_false(complete);
		break;
	default:
		assert_int_equal(waiting->verdict, DARTER_SESSION_ABORT);
		assert_false(complete);
	}
	test_close(waiting);
	assert_true(list_empty(&test_instance.upcalls));
	return complete;
}

/* Whether the answer comes or not, the daemon's end sets free who still waits. */
static bool check_answering(const void *what, long allocations, bool once)
{
	struct sk_buff *skb;
	const char *reply;
	bool complete;
	int err;

	become_daemon();
	say(what);
	skb = test_begin(DARTER_CMD_ANSWER, NLM_F_ACK);
	put_answer(skb);
	starve(allocations, once);
	test_end(skb);
	complete = feed();
	err = test_has_ended() ? test_ending(&reply) : 1;
	peer_released(&test_peer);
	assert_int_equal(waiting->kicks, 1);
	reply = test_go_on(waiting);
	assert_true(is_answered(reply) || !strcmp(reply, LOST "+PONG\r\n"));
	if (err <= 0)
		assert_int_equal(is_answered(reply), !err);
	assert_true(!complete || is_answered(reply));
	assert_true(list_empty(&test_instance.upcalls));
	return complete;
}

/* The client takes the answer, or the news that there is none. */
static bool take(long allocations, bool once, const char *expected)
{
	const char *reply;
	bool complete;

	starve(allocations, once);
	reply = test_go_on(waiting);
	complete = feed();
	if (complete || waiting->verdict != DARTER_SESSION_ABORT)
		assert_string_equal(reply, expected);
	test_close(waiting);
	assert_true(list_empty(&test_instance.upcalls));
	return complete;
}

static bool check_taking(const void *what, long allocations, bool once)
{
	struct sk_buff *skb;

	become_daemon();
	say(what);
	skb = test_begin(DARTER_CMD_ANSWER, NLM_F_ACK);
	put_answer(skb);
	test_end(skb);
	return take(allocations, once, "+OK\r\n+PONG\r\n");
}

static bool check_death(const void *what, long allocations, bool once)
{
	bool complete;

	become_daemon();
	say(what);
	starve(allocations, once);
	peer_released(&test_peer);
	complete = feed();
	assert_int_equal(daemon_port(), 0);
	assert_int_equal(waiting->kicks, 1);
	assert_string_equal(test_go_on(waiting), LOST "+PONG\r\n");
	return complete;
}

static bool check_taking_of_nothing(const void *what, long allocations, bool once)
{
	become_daemon();
	say(what);
	peer_released(&test_peer);
	return take(allocations, once, LOST "+PONG\r\n");
}

static void every_upcall(void **state)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(upcalls); i++) {
		sweep(check_asking, upcalls[i]);
		sweep(check_answering, upcalls[i]);
		sweep(check_taking, upcalls[i]);
		sweep(check_death, upcalls[i]);
		sweep(check_taking_of_nothing, upcalls[i]);
	}
}

#define SCARCITY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCARCITY_TEST(every_request),
		SCARCITY_TEST(no_upcall_is_left_out),
		SCARCITY_TEST(every_upcall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
