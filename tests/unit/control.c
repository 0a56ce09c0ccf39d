// SPDX-License-Identifier: GPL-2.0
/* See control.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>

#include "control.h"

#define REQUEST_ROOM 1024

struct sk_buff *test_sent[TEST_MAX_SENT];
int test_nsent;
struct peer test_peer = { .sk = { .portid = 7, .admin = true } };
struct test_owner test_owner;

static void keep(struct sk_buff *skb)
{
	assert_true(test_nsent < TEST_MAX_SENT);
	test_sent[test_nsent++] = skb;
}

void (*test_take_sent)(struct sk_buff *skb) = keep;

void test_forget_sent(void)
{
	while (test_nsent)
		kfree_skb(test_sent[--test_nsent]);
}

int peer_send(struct peer *to, struct sk_buff *skb)
{
	test_take_sent(skb);
	return 0;
}

void peer_follow(struct peer *to)
{
	to->following = true;
}

int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 portid)
{
	if (test_owner.unicast_err) {
		kfree_skb(skb);
		return test_owner.unicast_err;
	}
	assert_int_equal(portid, test_peer.sk.portid);
	test_take_sent(skb);
	return 0;
}

int genlmsg_multicast_netns(const struct genl_family *family, struct net *net,
			    struct sk_buff *skb, u32 portid, unsigned int group, gfp_t flags)
{
	test_take_sent(skb);
	return 0;
}

int genl_has_listeners(const struct genl_family *family, struct net *net, unsigned int group)
{
	return test_peer.following;
}

static struct darter_instance *owner_get(struct net *net)
{
	assert_ptr_equal(net, &init_net);
	if (!test_owner.has_instance)
		return NULL;
	test_owner.references++;
	return &test_instance;
}

static void owner_put(struct darter_instance *instance)
{
	assert_ptr_equal(instance, &test_instance);
	test_owner.references--;
}

static int owner_start(struct net *net, const struct darter_start *start, char *why,
		       size_t why_len)
{
	test_owner.starts++;
	test_owner.started = *start;
	if (start->bind)
		assert_true(strscpy(test_owner.bind, start->bind, sizeof(test_owner.bind)) >= 0);
	if (test_owner.why)
		strscpy(why, test_owner.why, why_len);
	return test_owner.start_err;
}

static int owner_stop(struct net *net)
{
	/* A backend may wait here for the last reference. */
	assert_int_equal(test_owner.references, 0);
	test_owner.stops++;
	return test_owner.stop_err;
}

const struct darter_ctl_backend test_backend = {
	.get = owner_get,
	.put = owner_put,
	.start = owner_start,
	.stop = owner_stop,
};

int test_control_setup(void **state)
{
	memset(&test_owner, 0, sizeof(test_owner));
	test_owner.has_instance = true;
	test_peer.following = false;
	if (test_core_setup(state) || darter_ctl_attach(&test_instance, &init_net))
		return -1;
	return darter_ctl_init(&test_backend);
}

int test_control_teardown(void **state)
{
	shim_alloc_fail_after = -1;
	shim_alloc_fail_once = false;
	if (test_peer.dumping)
		peer_end_dump(&test_peer);
	darter_ctl_exit();
	darter_ctl_detach(&test_instance);
	test_forget_sent();
	return test_core_teardown(state);
}

struct sk_buff *test_begin(u8 command, int flags)
{
	struct sk_buff *skb = alloc_skb(REQUEST_ROOM, GFP_KERNEL);

	assert_non_null(skb);
	assert_non_null(genlmsg_put(skb, 0, 1, &darter_family, NLM_F_REQUEST | flags, command));
	return skb;
}

void test_end(struct sk_buff *skb)
{
	struct nlmsghdr *nlh = (void *)skb->data;

	nlh->nlmsg_len = skb->len;
	peer_request(&test_peer, skb);
	kfree_skb(skb);
	while (test_peer.dumping && (shim_alloc_fail_after || shim_alloc_fail_once))
		peer_dump(&test_peer);
	assert_int_equal(test_owner.references, 0);
}

const struct nlmsghdr *test_last(void)
{
	const struct nlmsghdr *nlh;
	int left;

	assert_true(test_nsent > 0);
	nlh = (void *)test_sent[test_nsent - 1]->data;
	left = test_sent[test_nsent - 1]->len;
	while (NLMSG_ALIGN(nlh->nlmsg_len) < left) {
		left -= NLMSG_ALIGN(nlh->nlmsg_len);
		nlh = (void *)((char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len));
	}
	return nlh;
}

bool test_has_ended(void)
{
	u16 type = test_nsent ? test_last()->nlmsg_type : 0;

	return type == NLMSG_DONE || type == NLMSG_ERROR;
}

int test_ending(const char **why)
{
	const struct nlmsghdr *nlh = test_last();
	int skip = nlh->nlmsg_type == NLMSG_DONE ? 4 : sizeof(struct nlmsgerr);
	const struct nlattr *text;
	int err;

	assert_true(test_has_ended());
	memcpy(&err, nlmsg_data(nlh), sizeof(err));
	text = nlh->nlmsg_flags & NLM_F_ACK_TLVS ? nlmsg_find_attr(nlh, skip, NLMSGERR_ATTR_MSG) :
						    NULL;
	*why = text ? nla_data(text) : "";
	return err;
}

void test_put_param(struct sk_buff *skb, const char *name, const char *value)
{
	struct nlattr *param = (void *)(skb->data + skb->len);

	assert_int_equal(nla_put(skb, DARTER_A_PARAM | NLA_F_NESTED, 0, ""), 0);
	assert_int_equal(nla_put_string(skb, DARTER_A_NAME, name), 0);
	assert_int_equal(nla_put_string(skb, DARTER_A_VALUE, value), 0);
	param->nla_len = skb->data + skb->len - (unsigned char *)param;
}
