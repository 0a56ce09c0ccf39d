// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink messages in userspace: buffers, attributes and the checking of requests
 * against a policy. Nothing here is shared between threads.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/netlink.h>

/* A policy may contain itself. */
#define NESTING_MAX 10

struct net init_net;

struct sk_buff *alloc_skb(unsigned int size, gfp_t flags)
{
	struct sk_buff *skb = kzalloc(sizeof(*skb), flags);

	if (!skb)
		return NULL;
	skb->data = kmalloc(size, flags);
	if (!skb->data) {
		kfree(skb);
		return NULL;
	}
	skb->room = size;
	return skb;
}

void kfree_skb(struct sk_buff *skb)
{
	if (!skb)
		return;
	kfree(skb->data);
	kfree(skb);
}

void *skb_put(struct sk_buff *skb, unsigned int len)
{
	void *start = skb->data + skb->len;

	WARN_ON(len > skb_tailroom(skb));
	skb->len += len;
	return start;
}

struct nlmsghdr *nlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, int type, int payload,
			   int flags)
{
	unsigned int total = nlmsg_total_size(payload);
	struct nlmsghdr *nlh;

	if (skb_tailroom(skb) < total)
		return NULL;
	nlh = skb_put(skb, total);
	memset(nlh, 0, total);
	nlh->nlmsg_len = nlmsg_msg_size(payload);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_pid = portid;
	return nlh;
}

void *genlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, const struct genl_family *family,
		  int flags, u8 cmd)
{
	struct nlmsghdr *nlh = nlmsg_put(skb, portid, seq, family->id, GENL_HDRLEN, flags);
	struct genlmsghdr *head;

	if (!nlh)
		return NULL;
	head = nlmsg_data(nlh);
	head->cmd = cmd;
	head->version = family->version;
	return (char *)head + GENL_HDRLEN;
}

int nla_put(struct sk_buff *skb, int type, int len, const void *data)
{
	unsigned int total = nla_total_size(len);
	struct nlattr *nla;

	if (nla_attr_size(len) > U16_MAX || skb_tailroom(skb) < total)
		return -EMSGSIZE;
	nla = skb_put(skb, total);
	memset(nla, 0, total);
	nla->nla_type = type;
	nla->nla_len = nla_attr_size(len);
	memcpy(nla_data(nla), data, len);
	return 0;
}

struct nlattr *nla_find(const struct nlattr *head, int len, int type)
{
	const struct nlattr *nla;
	int rem;

	nla_for_each_attr(nla, head, len, rem)
		if (nla_type(nla) == type)
			return (struct nlattr *)nla;
	return NULL;
}

static int fixed_len(u8 type)
{
	switch (type) {
	case NLA_U8:
		return 1;
	case NLA_U16:
		return 2;
	case NLA_U32:
		return 4;
	case NLA_U64:
		return 8;
	default:
		return -1;
	}
}

static int check_nested_flag(const struct nlattr *nla, const struct nla_policy *policy,
			     struct netlink_ext_ack *extack)
{
	bool flagged = nla->nla_type & NLA_F_NESTED;

	if (policy->type == NLA_NESTED && !flagged) {
		NL_SET_ERR_MSG_ATTR_POL(extack, nla, policy, "NLA_F_NESTED is missing");
		return -EINVAL;
	}
	if (policy->type != NLA_NESTED && policy->type != NLA_UNSPEC && flagged) {
		NL_SET_ERR_MSG_ATTR_POL(extack, nla, policy, "NLA_F_NESTED not expected");
		return -EINVAL;
	}
	return 0;
}

static int check_text(const struct nlattr *nla, const struct nla_policy *policy)
{
	int len = nla_len(nla), most = policy->len ? min(len, policy->len + 1) : len;
	const char *text = nla_data(nla);

	if (policy->type == NLA_NUL_STRING && (!most || !memchr(text, '\0', most)))
		return -EINVAL;
	if (!len)
		return -ERANGE;
	if (!text[len - 1])
		len--;
	return policy->len && len > policy->len ? -ERANGE : 0;
}

static int parse(struct nlattr **tb, int maxtype, const struct nlattr *head, int len,
		 const struct nla_policy *policy, struct netlink_ext_ack *extack, int depth);

static int check_nest(const struct nlattr *nla, const struct nla_policy *policy,
		      struct netlink_ext_ack *extack, int depth)
{
	if (!nla_len(nla))
		return 0;
	if (nla_len(nla) < NLA_HDRLEN) {
		NL_SET_ERR_MSG_ATTR_POL(extack, nla, policy, "Attribute failed policy validation");
		return -ERANGE;
	}
	if (!policy->nested_policy)
		return 0;
	return parse(NULL, policy->len, nla_data(nla), nla_len(nla), policy->nested_policy, extack,
		     depth + 1);
}

static u64 number_of(const struct nlattr *nla, const struct nla_policy *policy)
{
	switch (policy->type) {
	case NLA_U8:
		return nla_get_u8(nla);
	case NLA_U16:
		return nla_get_u16(nla);
	case NLA_U32:
		return nla_get_u32(nla);
	case NLA_U64:
		return nla_get_u64(nla);
	default:
		return 0;
	}
}

static int check_range(const struct nlattr *nla, const struct nla_policy *policy,
		       struct netlink_ext_ack *extack)
{
	if (policy->validation_type == NLA_VALIDATE_NONE ||
	    number_of(nla, policy) <= (u64)policy->max)
		return 0;
	NL_SET_ERR_MSG_ATTR_POL(extack, nla, policy, "integer out of range");
	return -ERANGE;
}

/* By type; what this does not word itself is said by its caller. */
static int check_type(const struct nlattr *nla, const struct nla_policy *policy)
{
	switch (policy->type) {
	case NLA_REJECT:
		return -EINVAL;
	case NLA_FLAG:
		return nla_len(nla) ? -ERANGE : 0;
	case NLA_STRING:
	case NLA_NUL_STRING:
		return check_text(nla, policy);
	case NLA_BINARY:
		return policy->len && nla_len(nla) > policy->len ? -ERANGE : 0;
	default:
		return 0;
	}
}

static int check(const struct nlattr *nla, const struct nla_policy *policy,
		 struct netlink_ext_ack *extack, int depth)
{
	int err;

	if (fixed_len(policy->type) >= 0 && nla_len(nla) != fixed_len(policy->type)) {
		NL_SET_ERR_MSG_ATTR_POL(extack, nla, policy, "invalid attribute length");
		return -EINVAL;
	}
	err = check_nested_flag(nla, policy, extack);
	if (err)
		return err;
	if (policy->type == NLA_UNSPEC) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "Unsupported attribute");
		return -EINVAL;
	}
	if (policy->type == NLA_NESTED)
		return check_nest(nla, policy, extack, depth);
	err = check_type(nla, policy);
	if (err) {
		NL_SET_ERR_MSG_ATTR_POL(extack, nla, policy, "Attribute failed policy validation");
		return err;
	}
	return check_range(nla, policy, extack);
}

static int parse(struct nlattr **tb, int maxtype, const struct nlattr *head, int len,
		 const struct nla_policy *policy, struct netlink_ext_ack *extack, int depth)
{
	const struct nlattr *nla;
	int rem, err;

	if (depth >= NESTING_MAX) {
		NL_SET_ERR_MSG(extack, "allowed policy recursion depth exceeded");
		return -EINVAL;
	}
	nla_for_each_attr(nla, head, len, rem) {
		int type = nla_type(nla);

		if (!type || type > maxtype) {
			NL_SET_ERR_MSG_ATTR(extack, nla, "Unknown attribute type");
			return -EINVAL;
		}
		err = check(nla, &policy[type], extack, depth);
		if (err)
			return err;
		if (tb)
			tb[type] = (struct nlattr *)nla;
	}
	if (rem > 0) {
		NL_SET_ERR_MSG(extack, "bytes leftover after parsing attributes");
		return -EINVAL;
	}
	return 0;
}

int shim_nla_parse(struct nlattr **tb, int maxtype, const struct nlattr *head, int len,
		   const struct nla_policy *policy, struct netlink_ext_ack *extack)
{
	memset(tb, 0, (maxtype + 1) * sizeof(*tb));
	return parse(tb, maxtype, head, len, policy, extack, 0);
}
