// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/control.c tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c kmod/ctl/?*.c tests/host/genetlink_family.c tests/shim/?*.c */
/*
 * The control protocol's kernel side with an owner of instances that does what a
 * test wants: none, refused starts.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>

#include "control.h"
#include "kmod/core/keyspace.h"
#include "kmod/core/upcall.h"

static void assert_ending(int err, const char *why)
{
	const char *said;

	assert_int_equal(test_ending(&said), err);
	assert_string_equal(said, why);
	test_forget_sent();
}

static void put_sample(struct sk_buff *skb, u8 command)
{
	switch (command) {
	case DARTER_CMD_CONFIG_SET:
		test_put_param(skb, "timeout", "1");
		break;
	case DARTER_CMD_CLIENT_KILL:
		nla_put_u64_64bit(skb, DARTER_A_CLIENT_ID, 1, DARTER_A_PAD);
		break;
	case DARTER_CMD_TOPOLOGY_SET:
		nla_put_u16(skb, DARTER_A_NODE_PORT, 7000);
		break;
	case DARTER_CMD_ANSWER:
		nla_put_u64_64bit(skb, DARTER_A_UPCALL_ID, 1, DARTER_A_PAD);
		nla_put(skb, DARTER_A_UPCALL_REPLY, 5, "+OK\r\n");
		break;
	}
}

static bool is_dump(u8 command)
{
	return command == DARTER_CMD_CONFIG_GET || command == DARTER_CMD_SHARD_GET ||
	       command == DARTER_CMD_WORKER_GET || command == DARTER_CMD_CLIENT_GET ||
	       command == DARTER_CMD_CHECK ||
	       command == DARTER_CMD_LATENCY_GET;
}

static void send_sample(u8 command)
{
	struct sk_buff *skb = test_begin(command, is_dump(command) ? NLM_F_DUMP : NLM_F_ACK);

	put_sample(skb, command);
	test_end(skb);
}

static const u8 about_an_instance[] = {
	DARTER_CMD_INSTANCE_GET, DARTER_CMD_CONFIG_GET, DARTER_CMD_CONFIG_SET,
	DARTER_CMD_SHARD_GET, DARTER_CMD_WORKER_GET, DARTER_CMD_CLIENT_GET,
	DARTER_CMD_CLIENT_KILL, DARTER_CMD_TOPOLOGY_GET, DARTER_CMD_TOPOLOGY_SET,
	DARTER_CMD_REGISTER, DARTER_CMD_ANSWER, DARTER_CMD_CHECK, DARTER_CMD_LATENCY_GET,
};

static void test_without_an_instance(void **state)
{
	size_t i;

	test_owner.has_instance = false;
	for (i = 0; i < ARRAY_SIZE(about_an_instance); i++) {
		send_sample(about_an_instance[i]);
		assert_ending(-ENODEV, "no instance in this network namespace");
	}
	peer_released(&test_peer);
}

static void test_an_instance_that_goes_away_during_a_dump(void **state)
{
	struct sk_buff *skb = test_begin(DARTER_CMD_CONFIG_GET, NLM_F_DUMP);
	char why[64], value[400] = "";
	/* So that the parameters do not fit into one part. */
	const struct darter_config_pair pair = { "requirepass", value };
	u32 bad;

	memset(value, 'x', sizeof(value) - 1);
	assert_int_equal(darter_config_set(&test_instance, &pair, 1, false, &bad, why,
					   sizeof(why)), 0);
	peer_request(&test_peer, skb);
	kfree_skb(skb);
	assert_true(test_peer.dumping);
	test_owner.has_instance = false;
	peer_dump(&test_peer);
	assert_false(test_peer.dumping);
	assert_ending(-ENODEV, "no instance in this network namespace");
}

/* What the messages of a kind say of something, the last one. */
static const struct nlattr *said(int type, u32 *messages)
{
	const struct nlattr *last = NULL, *attr;
	int i;

	for (*messages = 0, i = 0; i < test_nsent; i++) {
		const struct nlmsghdr *nlh = (void *)test_sent[i]->data;
		int left = test_sent[i]->len;

		for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
			attr = nlh->nlmsg_type == DARTER_SEQPACKET_FAMILY ?
			       nlmsg_find_attr(nlh, GENL_HDRLEN, type) : NULL;
			last = attr ?: last;
			*messages += !!attr;
		}
	}
	return last;
}

static struct darter_entry *entry_of(const char *name)
{
	struct darter_key key;

	darter_key_init(&key, &test_instance, 0, name, strlen(name));
	return darter_key_find(&key, test_now);
}

/* More than one part can tell. */
static void test_a_check_tells_all_findings(void **state)
{
	struct test_client *client = test_connect();
	char words[64];
	u32 i, count;

	for (i = 0; i < 3000; i++) {
		snprintf(words, sizeof(words), "SET k%u v", i);
		test_say(client, words);
	}
	for (i = 0; i < 200; i++) {
		snprintf(words, sizeof(words), "k%u", i);
		entry_of(words)->form = 7;
	}
	send_sample(DARTER_CMD_CHECK);
	assert_int_equal(nla_get_u64(said(DARTER_A_FINDINGS, &count)), 200);
	assert_int_equal(nla_get_u64(said(DARTER_A_KEYS, &count)), 3000);
	assert_int_equal(nla_get_u32(said(DARTER_A_UNSURE, &count)), 0);
	assert_non_null(said(DARTER_A_FINISHED, &count));
	assert_int_equal(count, 1);
	assert_string_equal(nla_data(said(DARTER_A_FINDING, &count)), "the form of a string is 7");
	assert_in_range(count, 170, 200);
	assert_int_equal(*(char *)nla_data(said(DARTER_A_KEY, &i)), 'k');
	assert_int_equal(i, count);
	assert_int_equal(nla_get_u32(said(DARTER_A_DATABASE, &i)), 0);
	assert_ending(0, "");
	for (i = 0; i < 200; i++) {
		snprintf(words, sizeof(words), "k%u", i);
		entry_of(words)->form = DARTER_FORM_PLAIN;
	}
	send_sample(DARTER_CMD_CHECK);
	assert_null(said(DARTER_A_FINDING, &count));
	assert_ending(0, "");
}

static void test_an_instance_that_is_replaced_during_a_check(void **state)
{
	struct darter_control *control = test_instance.control;
	struct test_client *client = test_connect();
	struct sk_buff *skb = test_begin(DARTER_CMD_CHECK, NLM_F_DUMP);

	test_say(client, "SET a 1");
	test_instance.config.debug_access = 1;
	test_say(client, "DEBUG POPULATE 200000 k");
	peer_request(&test_peer, skb);
	kfree_skb(skb);
	assert_true(test_peer.dumping);
	control->life = darter_ctl_next_life();
	peer_dump(&test_peer);
	assert_false(test_peer.dumping);
	assert_ending(-ESTALE, "the instance was replaced by another");
}

/* Who asked does not listen to the end. */
static void test_a_check_that_is_left(void **state)
{
	struct sk_buff *skb = test_begin(DARTER_CMD_CHECK, NLM_F_DUMP);

	peer_request(&test_peer, skb);
	kfree_skb(skb);
	if (test_peer.dumping)
		peer_end_dump(&test_peer);
}

static void test_start_passes_on_what_it_was_given(void **state)
{
	struct sk_buff *skb = test_begin(DARTER_CMD_START, NLM_F_ACK);

	test_owner.has_instance = false;
	nla_put_string(skb, DARTER_A_BIND, "127.0.0.1 ::1");
	nla_put_u16(skb, DARTER_A_PORT, 65535);
	nla_put_u32(skb, DARTER_A_SHARDS, 256);
	nla_put_u32(skb, DARTER_A_WORKERS, 3);
	nla_put_u32(skb, DARTER_A_DATABASES, 1024);
	nla_put_u8(skb, DARTER_A_CLUSTER, DARTER_CLUSTER_PER_CPU);
	nla_put_u16(skb, DARTER_A_WORKER_PORT, 7000);
	test_end(skb);
	assert_ending(0, "");
	assert_string_equal(test_owner.bind, "127.0.0.1 ::1");
	assert_int_equal(test_owner.started.port, 65535);
	assert_int_equal(test_owner.started.shards, 256);
	assert_int_equal(test_owner.started.workers, 3);
	assert_int_equal(test_owner.started.databases, 1024);
	assert_int_equal(test_owner.started.cluster, DARTER_TOPOLOGY_PER_CPU);
	assert_int_equal(test_owner.started.worker_port, 7000);

	test_end(test_begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(0, "");
	assert_memory_equal(&test_owner.started, &(struct darter_start){ },
			    sizeof(test_owner.started));
}

static void test_start_and_stop_say_why_not(void **state)
{
	test_owner.start_err = -EADDRINUSE;
	test_owner.why = "port 6379 is taken";
	test_end(test_begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(-EADDRINUSE, "port 6379 is taken");
	test_owner.why = NULL;
	test_end(test_begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(-EADDRINUSE, "the instance could not be started");
	test_owner.start_err = -EEXIST;
	test_end(test_begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(-EEXIST, "this network namespace has an instance");

	test_end(test_begin(DARTER_CMD_STOP, NLM_F_ACK));
	assert_ending(0, "");
	test_owner.stop_err = -ENOENT;
	test_end(test_begin(DARTER_CMD_STOP, NLM_F_ACK));
	assert_ending(-ENODEV, "no instance in this network namespace");
	test_owner.stop_err = -EIO;
	test_end(test_begin(DARTER_CMD_STOP, NLM_F_ACK));
	assert_ending(-EIO, "the instance could not be stopped");
}

static void test_upcalls_that_cannot_be_sent(void **state)
{
	char request[] = "*1\r\n$4\r\nPING\r\n";
	struct darter_upcall upcall = {
		.id = 5,
		.request = request,
		.request_len = sizeof(request) - 1,
	};

	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
	send_sample(DARTER_CMD_REGISTER);
	assert_ending(0, "");
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), 0);
	assert_memory_equal(nla_data(nlmsg_find_attr(test_last(), GENL_HDRLEN,
						     DARTER_A_UPCALL_REQUEST)),
			    request, upcall.request_len);
	test_owner.unicast_err = -ECONNREFUSED;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
	test_owner.unicast_err = -EAGAIN;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -EAGAIN);
	test_owner.unicast_err = 0;
	upcall.request_len = DARTER_REQUEST_MAX + 1;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -EMSGSIZE);
	upcall.request_len = sizeof(request) - 1;
	shim_alloc_fail_after = 0;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOMEM);
	shim_alloc_fail_after = -1;
	peer_released(&test_peer);
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
}

static void test_nothing_is_sent_when_the_family_is_gone(void **state)
{
	char request[] = "*1\r\n$4\r\nPING\r\n";
	struct darter_upcall upcall = { .request = request, .request_len = 14 };

	test_peer.following = true;
	send_sample(DARTER_CMD_REGISTER);
	test_forget_sent();
	darter_ctl_event(&test_instance, DARTER_EVENT_TOPOLOGY, NULL);
	assert_int_equal(test_nsent, 1);
	test_forget_sent();
	darter_ctl_exit();
	darter_ctl_event(&test_instance, DARTER_EVENT_TOPOLOGY, NULL);
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
	assert_int_equal(test_nsent, 0);
	assert_int_equal(darter_ctl_init(&test_backend), 0);
}

#define SPEAKERS 40

struct speaker {
	pthread_t thread;
	pthread_barrier_t *barrier;
	char text[DARTER_WHY_CHARS];
	bool kept, refused;
};

static void *speak(void *arg)
{
	struct netlink_ext_ack first = {}, second = {};
	struct speaker *speaker = arg;

	darter_ctl_say(&first, "something else");
	darter_ctl_say(&second, speaker->text);
	/* All others speak before this one reads, as acknowledgments may be late. */
	pthread_barrier_wait(speaker->barrier);
	speaker->kept = !strcmp(second._msg, speaker->text);
	speaker->refused = !strcmp(second._msg, "refused");
	pthread_barrier_wait(speaker->barrier);
	return NULL;
}

static void test_texts_outlive_their_requests(void **state)
{
	struct speaker speakers[SPEAKERS] = {};
	pthread_barrier_t barrier;
	int i, kept = 0;

	pthread_barrier_init(&barrier, NULL, SPEAKERS);
	for (i = 0; i < SPEAKERS; i++) {
		speakers[i].barrier = &barrier;
		snprintf(speakers[i].text, sizeof(speakers[i].text), "speaker %d", i);
		assert_int_equal(pthread_create(&speakers[i].thread, NULL, speak, &speakers[i]),
				 0);
	}
	for (i = 0; i < SPEAKERS; i++) {
		pthread_join(speakers[i].thread, NULL);
		assert_true(speakers[i].kept || speakers[i].refused);
		kept += speakers[i].kept;
	}
	assert_in_range(kept, 20, SPEAKERS - 1);
	pthread_barrier_destroy(&barrier);
}

static void test_a_text_is_cut_to_its_room(void **state)
{
	struct netlink_ext_ack extack = {};
	char text[2 * DARTER_WHY_CHARS];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	darter_ctl_say(&extack, text);
	assert_int_equal(strlen(extack._msg), DARTER_WHY_CHARS - 1);
}

#define CONTROL_TEST(f) \
	cmocka_unit_test_setup_teardown(f, test_control_setup, test_control_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(test_without_an_instance),
		CONTROL_TEST(test_an_instance_that_goes_away_during_a_dump),
		CONTROL_TEST(test_a_check_tells_all_findings),
		CONTROL_TEST(test_an_instance_that_is_replaced_during_a_check),
		CONTROL_TEST(test_a_check_that_is_left),
		CONTROL_TEST(test_start_passes_on_what_it_was_given),
		CONTROL_TEST(test_start_and_stop_say_why_not),
		CONTROL_TEST(test_upcalls_that_cannot_be_sent),
		CONTROL_TEST(test_nothing_is_sent_when_the_family_is_gone),
		cmocka_unit_test(test_a_text_is_cut_to_its_room),
		cmocka_unit_test(test_texts_outlive_their_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
