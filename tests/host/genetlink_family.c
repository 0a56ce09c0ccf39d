// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink's side of the carrier: requests are checked, handed to the
 * family's operations and acknowledged in the order and with the errors of the
 * kernel. Extended acknowledgments are always on and never repeat the request.
 *
 * family_lock is the kernel's cb_lock: held for reading around every request,
 * for writing to register and remove the family.
 */
#include <errno.h>
#include <string.h>

#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "darter.h"
#include "genetlink_server.h"

#define NOTIFIERS 4
/* Room for a text of any length that is in use, and for the numbers beside it. */
#define ACK_ROOM 2048

static DECLARE_RWSEM(family_lock);
static const struct genl_family *family;

static DECLARE_RWSEM(notifiers_lock);
static struct notifier_block *notifiers[NOTIFIERS];

int genl_register_family(struct genl_family *new)
{
	down_write(&family_lock);
	WARN_ON(family);
	new->id = DARTER_SEQPACKET_FAMILY;
	family = new;
	up_write(&family_lock);
	return 0;
}

int genl_unregister_family(const struct genl_family *old)
{
	down_write(&family_lock);
	WARN_ON(family != old);
	family = NULL;
	up_write(&family_lock);
	return 0;
}

static int replace_notifier(struct notifier_block *from, struct notifier_block *to)
{
	int i, err = -ENOMEM;

	down_write(&notifiers_lock);
	for (i = 0; i < NOTIFIERS && err; i++) {
		if (notifiers[i] == from) {
			notifiers[i] = to;
			err = 0;
		}
	}
	up_write(&notifiers_lock);
	return err;
}

int netlink_register_notifier(struct notifier_block *block)
{
	return replace_notifier(NULL, block);
}

int netlink_unregister_notifier(struct notifier_block *block)
{
	return replace_notifier(block, NULL);
}

void peer_released(const struct peer *peer)
{
	struct netlink_notify notify = {
		.net = &init_net,
		.portid = peer->sk.portid,
		.protocol = NETLINK_GENERIC,
	};
	int i;

	down_read(&notifiers_lock);
	for (i = 0; i < NOTIFIERS; i++) {
		if (notifiers[i])
			notifiers[i]->notifier_call(notifiers[i], NETLINK_URELEASE, &notify);
	}
	up_read(&notifiers_lock);
}

bool netlink_ns_capable(const struct sk_buff *skb, struct user_namespace *ns, int cap)
{
	return NETLINK_CB(skb).sk->admin;
}

static void put_offset(struct sk_buff *skb, int type, const struct nlmsghdr *request,
		       const struct nlattr *attr)
{
	const char *start = (const char *)request;

	WARN_ON((const char *)attr < start || (const char *)attr >= start + request->nlmsg_len);
	WARN_ON(nla_put_u32(skb, type, (const char *)attr - start));
}

/* What is known beyond the error's number. */
static void put_extended(struct sk_buff *skb, struct nlmsghdr *nlh, int err,
			 const struct nlmsghdr *request, const struct netlink_ext_ack *extack)
{
	unsigned int before = skb->len;

	if (extack->_msg)
		WARN_ON(nla_put_string(skb, NLMSGERR_ATTR_MSG, extack->_msg));
	if (err && extack->bad_attr)
		put_offset(skb, NLMSGERR_ATTR_OFFS, request, extack->bad_attr);
	if (err && extack->miss_type)
		WARN_ON(nla_put_u32(skb, NLMSGERR_ATTR_MISS_TYPE, extack->miss_type));
	if (err && extack->miss_nest)
		put_offset(skb, NLMSGERR_ATTR_MISS_NEST, request, extack->miss_nest);
	if (skb->len > before)
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	nlmsg_end(skb, nlh);
}

static void acknowledge(struct peer *peer, const struct nlmsghdr *request, int err,
			const struct netlink_ext_ack *extack)
{
	struct sk_buff *skb = alloc_skb(ACK_ROOM, GFP_KERNEL);
	struct nlmsghdr *nlh;
	struct nlmsgerr *error;

	if (!skb)
		return;
	nlh = nlmsg_put(skb, peer->sk.portid, request->nlmsg_seq, NLMSG_ERROR, sizeof(*error),
			NLM_F_CAPPED);
	error = nlmsg_data(nlh);
	error->error = err;
	error->msg = *request;
	put_extended(skb, nlh, err, request, extack);
	peer_send(peer, skb);
}

void peer_end_dump(struct peer *peer)
{
	if (peer->op->done)
		peer->op->done(&peer->cb);
	kfree_skb(peer->cb.skb);
	peer->cb.skb = NULL;
	peer->dumping = false;
}

/* The closing message; its extended part is left out where there is no room. */
static void put_done(struct peer *peer, struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	struct nlmsghdr *nlh = nlmsg_put(skb, peer->sk.portid, peer->cb.nlh->nlmsg_seq, NLMSG_DONE,
					 sizeof(peer->dump_state), NLM_F_MULTI);

	nl_dump_check_consistent(&peer->cb, nlh);
	memcpy(nlmsg_data(nlh), &peer->dump_state, sizeof(peer->dump_state));
	if (skb_tailroom(skb) >= 512)
		put_extended(skb, nlh, peer->dump_state, peer->cb.nlh, extack);
}

/* One datagram of the dump; for want of memory it is tried again later. */
static void dump_part(struct peer *peer)
{
	struct sk_buff *skb = alloc_skb(NLMSG_GOODSIZE, GFP_KERNEL);
	struct netlink_ext_ack extack = {};

	if (!skb)
		return;
	skb->sk = &peer->sk;
	if (peer->dump_state > 0) {
		peer->cb.extack = &extack;
		peer->dump_state = peer->op->dumpit(skb, &peer->cb);
		peer->cb.extack = NULL;
		if (peer->dump_state == -EMSGSIZE && skb->len)
			peer->dump_state = skb->len;
	}
	if (peer->dump_state > 0 ||
	    (int)skb_tailroom(skb) < nlmsg_total_size(sizeof(peer->dump_state))) {
		peer_send(peer, skb);
		return;
	}
	put_done(peer, skb, &extack);
	peer_end_dump(peer);
	peer_send(peer, skb);
}

void peer_dump(struct peer *peer)
{
	down_read(&family_lock);
	if (family)
		dump_part(peer);
	else
		peer_end_dump(peer);
	up_read(&family_lock);
}

static struct sk_buff *copy_request(const struct sk_buff *skb)
{
	struct sk_buff *copy = alloc_skb(skb->len, GFP_KERNEL);

	if (!copy)
		return NULL;
	memcpy(skb_put(copy, skb->len), skb->data, skb->len);
	memcpy(copy->cb, skb->cb, sizeof(copy->cb));
	copy->sk = skb->sk;
	return copy;
}

/* Return: -EINTR when the dump runs: it closes with a message of its own. */
static int start_dump(struct peer *peer, const struct genl_ops *op, struct sk_buff *skb,
		      const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	struct sk_buff *copy;
	int err;

	if (peer->dumping)
		return -EBUSY;
	copy = copy_request(skb);
	if (!copy)
		return -ENOBUFS;
	memset(&peer->cb, 0, sizeof(peer->cb));
	peer->cb.skb = copy;
	peer->cb.nlh = (void *)(copy->data + ((unsigned char *)nlh - skb->data));
	peer->cb.extack = extack;
	err = op->start ? op->start(&peer->cb) : 0;
	peer->cb.extack = NULL;
	if (err) {
		kfree_skb(copy);
		peer->cb.skb = NULL;
		return err;
	}
	peer->op = op;
	peer->dump_state = INT_MAX;
	peer->dumping = true;
	/* The first part is made at once, whatever else the datagram asks for. */
	dump_part(peer);
	return -EINTR;
}

/* An operation without a policy takes no attributes. */
static int parse_attrs(const struct genl_ops *op, const struct nlmsghdr *nlh,
		       struct nlattr ***attrs, struct netlink_ext_ack *extack)
{
	static const struct nla_policy reject_all[] = {
		{ .type = NLA_REJECT }, { .type = NLA_REJECT },
	};
	int maxattr = op->policy ? op->maxattr : 1;
	int err;

	*attrs = kcalloc(maxattr + 1, sizeof(**attrs), GFP_KERNEL);
	if (!*attrs)
		return -ENOMEM;
	err = shim_nla_parse(*attrs, maxattr, nlmsg_attrdata(nlh, GENL_HDRLEN),
			     nlmsg_attrlen(nlh, GENL_HDRLEN), op->policy ?: reject_all, extack);
	if (err)
		kfree(*attrs);
	return err;
}

static int run(struct peer *peer, const struct genl_ops *op, struct sk_buff *skb,
	       struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	struct genl_info info = {
		.snd_seq = nlh->nlmsg_seq,
		.snd_portid = peer->sk.portid,
		.nlhdr = nlh,
		.genlhdr = nlmsg_data(nlh),
		.extack = extack,
	};
	int err = parse_attrs(op, nlh, &info.attrs, extack);

	if (err)
		return err;
	if ((nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		err = start_dump(peer, op, skb, nlh, extack);
	else
		err = op->doit(skb, &info);
	kfree(info.attrs);
	return err;
}

static int check_header(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	const struct genlmsghdr *head = nlmsg_data(nlh);
	u16 flags = nlh->nlmsg_flags;

	if (nlh->nlmsg_len < nlmsg_msg_size(GENL_HDRLEN))
		return -EINVAL;
	if (head->reserved) {
		NL_SET_ERR_MSG(extack, "genlmsghdr.reserved field is not 0");
		return -EINVAL;
	}
	if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
		flags &= ~NLM_F_DUMP;
	if (flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO)) {
		NL_SET_ERR_MSG(extack, "ambiguous or reserved bits set in nlmsg_flags");
		return -EINVAL;
	}
	return 0;
}

static const struct genl_ops *find_op(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *head = nlmsg_data(nlh);
	bool dump = (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int i;

	for (i = 0; i < family->n_ops; i++) {
		const struct genl_ops *op = &family->ops[i];

		if (op->cmd == head->cmd && (dump ? !!op->dumpit : !!op->doit))
			return op;
	}
	return NULL;
}

/* The carrier's own request, in place of joining a multicast group. */
static bool is_follow(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *head = nlmsg_data(nlh);

	return head->cmd == DARTER_CMD_EVENT &&
	       (nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP;
}

static int follow(struct peer *peer, const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	if (nlmsg_attrlen(nlh, GENL_HDRLEN)) {
		NL_SET_ERR_MSG(extack, "following events takes no attributes");
		return -EINVAL;
	}
	peer_follow(peer);
	return 0;
}

static int serve(struct peer *peer, struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack)
{
	const struct genl_ops *op;
	int err;

	if (!family || nlh->nlmsg_type != family->id)
		return -ENOENT;
	err = check_header(nlh, extack);
	if (err)
		return err;
	if (is_follow(nlh))
		return follow(peer, nlh, extack);
	op = find_op(nlh);
	if (!op)
		return -EOPNOTSUPP;
	if (op->flags & GENL_UNS_ADMIN_PERM &&
	    !netlink_ns_capable(skb, init_net.user_ns, CAP_NET_ADMIN))
		return -EPERM;
	return run(peer, op, skb, nlh, extack);
}

static void serve_message(struct peer *peer, struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct netlink_ext_ack extack = {};
	int err = 0;

	if (nlh->nlmsg_flags & NLM_F_REQUEST && nlh->nlmsg_type >= NLMSG_MIN_TYPE)
		err = serve(peer, skb, nlh, &extack);
	if (err == -EINTR)
		return;
	if (err || nlh->nlmsg_flags & NLM_F_ACK)
		acknowledge(peer, nlh, err, &extack);
}

void peer_request(struct peer *peer, struct sk_buff *skb)
{
	unsigned int at = 0, left;

	NETLINK_CB(skb).portid = peer->sk.portid;
	NETLINK_CB(skb).sk = &peer->sk;
	skb->sk = &peer->sk;
	down_read(&family_lock);
	for (left = skb->len; left >= NLMSG_HDRLEN; left = skb->len - at) {
		struct nlmsghdr *nlh = (void *)(skb->data + at);

		/* A length that lies ends the datagram; nobody is told. */
		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > left)
			break;
		serve_message(peer, skb, nlh);
		at += min(NLMSG_ALIGN(nlh->nlmsg_len), left);
	}
	up_read(&family_lock);
}
