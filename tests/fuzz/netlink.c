// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/control.c tests/unit/core.c tests/fuzz/fuzz.c kmod/core/?*.c kmod/core/number/?*.c kmod/ctl/?*.c tests/host/genetlink_family.c tests/shim/?*.c */
/*
 * Control messages. An input is a row of steps, each
 *
 *   kind | how | length, u16 LE | so many bytes
 *
 * where the bytes are the attributes of a request, a datagram, or what a client of
 * the store sends. A request that asks for an end must get one, and one only;
 * whatever is sent must be well-formed.
 */
#include <stdint.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "fuzz.h"
#include "kmod/core/bytes.h"
#include "kmod/core/upcall.h"
#include "target.h"
#include "tests/unit/control.h"

#define STEPS_MAX 16
#define STEP_HEAD 4
/* Parts of a dump: there is not so much to tell. */
#define PARTS_MAX 1000

/* Kinds from 0 on are requests: the number of the command. */
#define KIND_DATAGRAM 0x80
#define KIND_CLIENT 0x81
#define KIND_GONE 0x82			/* the control connection is closed */

/* How a request is made. */
#define HOW_ACK 0x01
#define HOW_DUMP 0x02
#define HOW_PLAIN_USER 0x04
#define HOW_NO_INSTANCE 0x08
#define HOW_NO_MEMORY 0x10		/* after as many allocations as the upper bits say */

struct step {
	u8 kind, how;
	u16 len;
	const u8 *bytes;
};

static const struct darter_host *core_host;
static struct darter_host host;
static u32 ends;			/* that were sent */

/* An end carries an error's number, and may carry attributes behind the request. */
static void check_end(const struct nlmsghdr *nlh)
{
	int skip = nlh->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);
	const struct nlattr *text;

	ends++;
	fuzz_check(nlmsg_len(nlh) >= skip);
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	text = nlmsg_find_attr(nlh, skip, NLMSGERR_ATTR_MSG);
	if (text)
		fuzz_check(nla_len(text) && !((char *)nla_data(text))[nla_len(text) - 1]);
}

static void check_message(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	int left;

	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		check_end(nlh);
		return;
	}
	fuzz_check(nlh->nlmsg_type == darter_family.id && nlmsg_len(nlh) >= GENL_HDRLEN);
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left)
		fuzz_check(nla_type(attr) && nla_type(attr) <= DARTER_A_MAX);
	fuzz_check(left <= 0);
}

static void check_sent(struct sk_buff *skb)
{
	unsigned int at = 0;

	fuzz_check(skb->len <= skb->room);
	while (at < skb->len) {
		const struct nlmsghdr *nlh = (void *)(skb->data + at);

		fuzz_check(skb->len - at >= NLMSG_HDRLEN && nlh->nlmsg_len >= NLMSG_HDRLEN &&
			   nlh->nlmsg_len <= skb->len - at);
		check_message(nlh);
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	kfree_skb(skb);
}

/* The closing messages of dumps, for which memory is there again. */
static void finish_dump(void)
{
	u32 parts = 0;

	while (test_peer.dumping) {
		fuzz_check(parts++ < PARTS_MAX);
		peer_dump(&test_peer);
	}
}

static struct sk_buff *make_request(const struct step *step)
{
	struct sk_buff *skb = alloc_skb(step->len + 64, GFP_KERNEL);
	int flags = NLM_F_REQUEST;

	if (step->how & HOW_ACK)
		flags |= NLM_F_ACK;
	if (step->how & HOW_DUMP)
		flags |= NLM_F_DUMP;
	genlmsg_put(skb, 0, 1, &darter_family, flags, step->kind);
	memcpy(skb_put(skb, step->len), step->bytes, step->len);
	((struct nlmsghdr *)skb->data)->nlmsg_len = skb->len;
	return skb;
}

static struct sk_buff *make_datagram(const struct step *step)
{
	/* No byte more, so that reading beyond its end is seen. */
	struct sk_buff *skb = alloc_skb(step->len, GFP_KERNEL);

	memcpy(skb_put(skb, step->len), step->bytes, step->len);
	return skb;
}

static void ask(const struct step *step)
{
	bool request = step->kind != KIND_DATAGRAM;
	struct sk_buff *skb = request ? make_request(step) : make_datagram(step);

	ends = 0;
	test_peer.sk.admin = !(step->how & HOW_PLAIN_USER);
	test_owner.has_instance = !(step->how & HOW_NO_INSTANCE);
	if (step->how & HOW_NO_MEMORY)
		shim_alloc_fail_after = step->how >> 5;
	peer_request(&test_peer, skb);
	shim_alloc_fail_after = -1;
	kfree_skb(skb);
	finish_dump();
	fuzz_check(!test_owner.references);
	if (request && step->how & (HOW_ACK | HOW_DUMP) && !(step->how & HOW_NO_MEMORY))
		fuzz_check(ends == 1);
}

/* The client may wait for an answer of the daemon, or have been told to go. */
static void speak(const struct step *step)
{
	if (client->verdict == DARTER_SESSION_PARKED)
		client->verdict = darter_session_run(&client->session, &test_instance.lanes[0],
						     test_now);
	fuzz_go_on(client, NULL);
	if (client->verdict == DARTER_SESSION_READ) {
		test_receive(client, step->bytes, step->len);
		fuzz_go_on(client, NULL);
	}
	if (client->verdict == DARTER_SESSION_FINISH || client->verdict == DARTER_SESSION_ABORT) {
		test_close(client);
		client = test_connect();
	}
}

static void take(const struct step *step)
{
	if (step->kind == KIND_CLIENT) {
		speak(step);
	} else if (step->kind == KIND_GONE) {
		test_peer.following = false;
		peer_released(&test_peer);
	} else {
		ask(step);
	}
}

static void begin(void)
{
	test_peer = (struct peer){ .sk.portid = 7 };
	test_owner = (struct test_owner) {
		.has_instance = true, .start_err = -EINVAL, .stop_err = -ENOENT, .why = "refused",
	};
	test_take_sent = check_sent;
	fuzz_core_begin();
	core_host = test_instance.host;
	host = *core_host;
	host.upcall = darter_ctl_upcall;
	host.event = darter_ctl_event;
	test_instance.host = &host;
	fuzz_check(!darter_ctl_attach(&test_instance, &init_net));
	fuzz_check(!darter_ctl_init(&test_backend));
	client = test_connect();
}

static void end(void)
{
	test_close(client);
	test_owner.has_instance = true;
	darter_ctl_exit();
	darter_ctl_detach(&test_instance);
	test_instance.host = core_host;
	fuzz_core_end();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 steps;

	begin();
	for (steps = 0; size >= STEP_HEAD && steps < STEPS_MAX; steps++) {
		struct step step = {
			.kind = data[0],
			.how = data[1],
			.len = min_t(size_t, darter_get_le(data + 2, 2), size - STEP_HEAD),
			.bytes = data + STEP_HEAD,
		};

		take(&step);
		data += STEP_HEAD + step.len;
		size -= STEP_HEAD + step.len;
	}
	end();
	return 0;
}
