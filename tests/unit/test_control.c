// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c kmod/ctl/?*.c tests/host/genetlink_family.c tests/shim/?*.c */
/*
 * The control protocol's kernel side with an owner of instances that does what a
 * test wants: none, refused starts, no memory. What is sent is kept here.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>

#include "core.h"
#include "kmod/core/upcall.h"
#include "kmod/ctl/family.h"
#include "tests/host/genetlink_server.h"

#define MAX_SENT 64
#define REQUEST_ROOM 1024

static struct sk_buff *sent[MAX_SENT];
static int nsent;
static struct peer peer = { .sk = { .portid = 7, .admin = true } };

/* The owner of instances. */
static struct {
	bool has_instance;
	int references;
	int start_err, stop_err;
	const char *why;
	struct darter_start started;
	char bind[DARTER_BINDS_CHARS];
	int unicast_err;
} owner;

static void keep(struct sk_buff *skb)
{
	assert_true(nsent < MAX_SENT);
	sent[nsent++] = skb;
}

static void forget_sent(void)
{
	while (nsent)
		kfree_skb(sent[--nsent]);
}

int peer_send(struct peer *to, struct sk_buff *skb)
{
	keep(skb);
	return 0;
}

void peer_follow(struct peer *to)
{
	to->following = true;
}

int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 portid)
{
	if (owner.unicast_err) {
		kfree_skb(skb);
		return owner.unicast_err;
	}
	assert_int_equal(portid, peer.sk.portid);
	keep(skb);
	return 0;
}

int genlmsg_multicast_netns(const struct genl_family *family, struct net *net,
			    struct sk_buff *skb, u32 portid, unsigned int group, gfp_t flags)
{
	keep(skb);
	return 0;
}

int genl_has_listeners(const struct genl_family *family, struct net *net, unsigned int group)
{
	return peer.following;
}

static struct darter_instance *owner_get(struct net *net)
{
	assert_ptr_equal(net, &init_net);
	if (!owner.has_instance)
		return NULL;
	owner.references++;
	return &test_instance;
}

static void owner_put(struct darter_instance *instance)
{
	assert_ptr_equal(instance, &test_instance);
	owner.references--;
}

static int owner_start(struct net *net, const struct darter_start *start, char *why,
		       size_t why_len)
{
	owner.started = *start;
	if (start->bind)
		strscpy(owner.bind, start->bind, sizeof(owner.bind));
	if (owner.why)
		strscpy(why, owner.why, why_len);
	return owner.start_err;
}

static int owner_stop(struct net *net)
{
	/* A backend may wait here for the last reference. */
	assert_int_equal(owner.references, 0);
	return owner.stop_err;
}

static const struct darter_ctl_backend backend = {
	.get = owner_get,
	.put = owner_put,
	.start = owner_start,
	.stop = owner_stop,
};

static int setup(void **state)
{
	memset(&owner, 0, sizeof(owner));
	owner.has_instance = true;
	peer.following = false;
	if (test_core_setup(state) || darter_ctl_attach(&test_instance, &init_net))
		return -1;
	return darter_ctl_init(&backend);
}

static int teardown(void **state)
{
	shim_alloc_fail_after = -1;
	if (peer.dumping)
		peer_end_dump(&peer);
	darter_ctl_exit();
	darter_ctl_detach(&test_instance);
	forget_sent();
	return test_core_teardown(state);
}

/* A request that is being made. */
static struct sk_buff *begin(u8 command, int flags)
{
	struct sk_buff *skb = alloc_skb(REQUEST_ROOM, GFP_KERNEL);

	assert_non_null(skb);
	assert_non_null(genlmsg_put(skb, 0, 1, &darter_family, NLM_F_REQUEST | flags, command));
	return skb;
}

static void end(struct sk_buff *skb)
{
	struct nlmsghdr *nlh = (void *)skb->data;

	nlh->nlmsg_len = skb->len;
	peer_request(&peer, skb);
	kfree_skb(skb);
	while (peer.dumping && shim_alloc_fail_after < 0)
		peer_dump(&peer);
	assert_int_equal(owner.references, 0);
}

/* The last message that was sent. */
static const struct nlmsghdr *last(void)
{
	const struct nlmsghdr *nlh;
	int left;

	assert_true(nsent > 0);
	nlh = (void *)sent[nsent - 1]->data;
	left = sent[nsent - 1]->len;
	while (NLMSG_ALIGN(nlh->nlmsg_len) < left) {
		left -= NLMSG_ALIGN(nlh->nlmsg_len);
		nlh = (void *)((char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len));
	}
	return nlh;
}

static bool has_ended(void)
{
	return nsent && (last()->nlmsg_type == NLMSG_DONE || last()->nlmsg_type == NLMSG_ERROR);
}

/* How the request ended, and in which words. */
static int ending(const char **why)
{
	const struct nlmsghdr *nlh = last();
	int skip = nlh->nlmsg_type == NLMSG_DONE ? 4 : sizeof(struct nlmsgerr);
	const struct nlattr *text;
	int err;

	assert_true(has_ended());
	memcpy(&err, nlmsg_data(nlh), sizeof(err));
	text = nlh->nlmsg_flags & NLM_F_ACK_TLVS ? nlmsg_find_attr(nlh, skip, NLMSGERR_ATTR_MSG) :
						    NULL;
	*why = text ? nla_data(text) : "";
	return err;
}

static void assert_ending(int err, const char *why)
{
	const char *said;

	assert_int_equal(ending(&said), err);
	assert_string_equal(said, why);
	forget_sent();
}

static void put_sample(struct sk_buff *skb, u8 command)
{
	struct nlattr *param;

	switch (command) {
	case DARTER_CMD_CONFIG_SET:
		param = (void *)(skb->data + skb->len);
		assert_int_equal(nla_put(skb, DARTER_A_PARAM | NLA_F_NESTED, 0, ""), 0);
		nla_put_string(skb, DARTER_A_NAME, "timeout");
		nla_put_string(skb, DARTER_A_VALUE, "1");
		param->nla_len = skb->data + skb->len - (unsigned char *)param;
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
	       command == DARTER_CMD_WORKER_GET || command == DARTER_CMD_CLIENT_GET;
}

static void send_sample(u8 command)
{
	struct sk_buff *skb = begin(command, is_dump(command) ? NLM_F_DUMP : NLM_F_ACK);

	put_sample(skb, command);
	end(skb);
}

static const u8 about_an_instance[] = {
	DARTER_CMD_INSTANCE_GET, DARTER_CMD_CONFIG_GET, DARTER_CMD_CONFIG_SET,
	DARTER_CMD_SHARD_GET, DARTER_CMD_WORKER_GET, DARTER_CMD_CLIENT_GET,
	DARTER_CMD_CLIENT_KILL, DARTER_CMD_TOPOLOGY_GET, DARTER_CMD_TOPOLOGY_SET,
	DARTER_CMD_REGISTER, DARTER_CMD_ANSWER,
};

static void test_without_an_instance(void **state)
{
	size_t i;

	owner.has_instance = false;
	for (i = 0; i < ARRAY_SIZE(about_an_instance); i++) {
		send_sample(about_an_instance[i]);
		assert_ending(-ENODEV, "no instance in this network namespace");
	}
	peer_released(&peer);
}

static void test_an_instance_that_goes_away_during_a_dump(void **state)
{
	struct sk_buff *skb = begin(DARTER_CMD_CONFIG_GET, NLM_F_DUMP);
	char why[64], value[400] = "";
	/* So that the parameters do not fit into one part. */
	const struct darter_config_pair pair = { "requirepass", value };
	u32 bad;

	memset(value, 'x', sizeof(value) - 1);
	assert_int_equal(darter_config_set(&test_instance, &pair, 1, false, &bad, why,
					   sizeof(why)), 0);
	peer_request(&peer, skb);
	kfree_skb(skb);
	assert_true(peer.dumping);
	owner.has_instance = false;
	peer_dump(&peer);
	assert_false(peer.dumping);
	assert_ending(-ENODEV, "no instance in this network namespace");
}

static void test_start_passes_on_what_it_was_given(void **state)
{
	struct sk_buff *skb = begin(DARTER_CMD_START, NLM_F_ACK);

	owner.has_instance = false;
	nla_put_string(skb, DARTER_A_BIND, "127.0.0.1 ::1");
	nla_put_u16(skb, DARTER_A_PORT, 65535);
	nla_put_u32(skb, DARTER_A_SHARDS, 256);
	nla_put_u32(skb, DARTER_A_WORKERS, 3);
	nla_put_u32(skb, DARTER_A_DATABASES, 1024);
	nla_put_u8(skb, DARTER_A_CLUSTER, DARTER_CLUSTER_PER_CPU);
	nla_put_u16(skb, DARTER_A_WORKER_PORT, 7000);
	end(skb);
	assert_ending(0, "");
	assert_string_equal(owner.bind, "127.0.0.1 ::1");
	assert_int_equal(owner.started.port, 65535);
	assert_int_equal(owner.started.shards, 256);
	assert_int_equal(owner.started.workers, 3);
	assert_int_equal(owner.started.databases, 1024);
	assert_int_equal(owner.started.cluster, DARTER_TOPOLOGY_PER_CPU);
	assert_int_equal(owner.started.worker_port, 7000);

	end(begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(0, "");
	assert_null(owner.started.bind);
	assert_int_equal(owner.started.port + owner.started.shards + owner.started.workers +
			 owner.started.databases + owner.started.cluster +
			 owner.started.worker_port, 0);
}

static void test_start_and_stop_say_why_not(void **state)
{
	owner.start_err = -EADDRINUSE;
	owner.why = "port 6379 is taken";
	end(begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(-EADDRINUSE, "port 6379 is taken");
	owner.why = NULL;
	end(begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(-EADDRINUSE, "the instance could not be started");
	owner.start_err = -EEXIST;
	end(begin(DARTER_CMD_START, NLM_F_ACK));
	assert_ending(-EEXIST, "this network namespace has an instance");

	end(begin(DARTER_CMD_STOP, NLM_F_ACK));
	assert_ending(0, "");
	owner.stop_err = -ENOENT;
	end(begin(DARTER_CMD_STOP, NLM_F_ACK));
	assert_ending(-ENODEV, "no instance in this network namespace");
	owner.stop_err = -EIO;
	end(begin(DARTER_CMD_STOP, NLM_F_ACK));
	assert_ending(-EIO, "the instance could not be stopped");
}

/* Let ever later allocations fail; every end must be an end, and nothing leaks. */
static void test_without_memory(void **state)
{
	const char *why;
	size_t i;
	int err;

	test_connect();
	for (i = 0; i < ARRAY_SIZE(about_an_instance); i++) {
		struct sk_buff *skb;
		long allowed;

		for (allowed = 0; allowed < 40; allowed++) {
			u8 command = about_an_instance[i];

			skb = begin(command, is_dump(command) ? NLM_F_DUMP : NLM_F_ACK);
			put_sample(skb, command);
			shim_alloc_fail_after = allowed;
			end(skb);
			shim_alloc_fail_after = -1;
			/* A dump goes on when there is memory again. */
			while (peer.dumping)
				peer_dump(&peer);
			/* For want of memory the end itself may be missing. */
			err = has_ended() ? ending(&why) : 0;
			assert_true(!err || err == -ENOENT || err == -ENOMEM || err == -ENOBUFS);
			assert_true(err != -ENOMEM || *why || allowed < 2);
			forget_sent();
		}
	}
	/* And with memory all is as it was. */
	send_sample(DARTER_CMD_CONFIG_SET);
	assert_ending(0, "");
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
	assert_memory_equal(nla_data(nlmsg_find_attr(last(), GENL_HDRLEN,
						     DARTER_A_UPCALL_REQUEST)),
			    request, upcall.request_len);
	owner.unicast_err = -ECONNREFUSED;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
	owner.unicast_err = -EAGAIN;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -EAGAIN);
	owner.unicast_err = 0;
	upcall.request_len = DARTER_REQUEST_MAX + 1;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -EMSGSIZE);
	upcall.request_len = sizeof(request) - 1;
	shim_alloc_fail_after = 0;
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOMEM);
	shim_alloc_fail_after = -1;
	peer_released(&peer);
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
}

static void test_nothing_is_sent_when_the_family_is_gone(void **state)
{
	char request[] = "*1\r\n$4\r\nPING\r\n";
	struct darter_upcall upcall = { .request = request, .request_len = 14 };

	peer.following = true;
	send_sample(DARTER_CMD_REGISTER);
	forget_sent();
	darter_ctl_event(&test_instance, DARTER_EVENT_TOPOLOGY, NULL);
	assert_int_equal(nsent, 1);
	forget_sent();
	darter_ctl_exit();
	darter_ctl_event(&test_instance, DARTER_EVENT_TOPOLOGY, NULL);
	assert_int_equal(darter_ctl_upcall(&test_instance, &upcall), -ENOTCONN);
	assert_int_equal(nsent, 0);
	assert_int_equal(darter_ctl_init(&backend), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without_an_instance, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_instance_that_goes_away_during_a_dump,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_start_passes_on_what_it_was_given, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_start_and_stop_say_why_not, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_upcalls_that_cannot_be_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_sent_when_the_family_is_gone,
						setup, teardown),
		cmocka_unit_test(test_a_text_is_cut_to_its_room),
		cmocka_unit_test(test_texts_outlive_their_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
