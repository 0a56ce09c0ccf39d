/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace stand-in for <net/netlink.h>: attributes, messages and policies. The
 * rules are those of the kernel with strict validation, and so are the words in
 * which a violation is reported.
 */
#ifndef SHIM_NET_NETLINK_H
#define SHIM_NET_NETLINK_H

#include <string.h>

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>

enum {
	NLA_UNSPEC,
	NLA_U8,
	NLA_U16,
	NLA_U32,
	NLA_U64,
	NLA_STRING,
	NLA_FLAG,
	NLA_NESTED,
	NLA_NUL_STRING,
	NLA_BINARY,
	NLA_REJECT,
};

enum nla_policy_validation {
	NLA_VALIDATE_NONE,
	NLA_VALIDATE_MAX,
};

struct nla_policy {
	u8 type;
	u8 validation_type;
	u16 len;
	union {
		const struct nla_policy *nested_policy;
		s16 max;
	};
};

#define NLA_POLICY_NESTED(policy) \
	{ .type = NLA_NESTED, .nested_policy = (policy), .len = ARRAY_SIZE(policy) - 1 }
#define NLA_POLICY_MAX(tp, most) \
	{ .type = (tp), .validation_type = NLA_VALIDATE_MAX, .max = (most) }

/* Less than a page, which is what the kernel has: so that dumps need several parts. */
#define NLMSG_GOODSIZE 2048
#define NLMSG_DEFAULT_SIZE (NLMSG_GOODSIZE - NLMSG_HDRLEN)

static inline int nlmsg_msg_size(int payload)
{
	return NLMSG_HDRLEN + payload;
}

static inline int nlmsg_total_size(int payload)
{
	return NLMSG_ALIGN(nlmsg_msg_size(payload));
}

static inline void *nlmsg_data(const struct nlmsghdr *nlh)
{
	return (char *)nlh + NLMSG_HDRLEN;
}

static inline int nlmsg_len(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len - NLMSG_HDRLEN;
}

static inline struct nlattr *nlmsg_attrdata(const struct nlmsghdr *nlh, int hdrlen)
{
	return (struct nlattr *)((char *)nlmsg_data(nlh) + NLMSG_ALIGN(hdrlen));
}

static inline int nlmsg_attrlen(const struct nlmsghdr *nlh, int hdrlen)
{
	return nlmsg_len(nlh) - NLMSG_ALIGN(hdrlen);
}

static inline struct sk_buff *nlmsg_new(size_t payload, gfp_t flags)
{
	return alloc_skb(nlmsg_total_size(payload), flags);
}

static inline void nlmsg_free(struct sk_buff *skb)
{
	kfree_skb(skb);
}

struct nlmsghdr *nlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, int type, int payload,
			   int flags);

static inline void nlmsg_end(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	nlh->nlmsg_len = skb->data + skb->len - (unsigned char *)nlh;
}

static inline void nlmsg_trim(struct sk_buff *skb, const void *mark)
{
	skb_trim(skb, (const unsigned char *)mark - skb->data);
}

static inline void nl_dump_check_consistent(struct netlink_callback *cb, struct nlmsghdr *nlh)
{
	if (cb->prev_seq && cb->seq != cb->prev_seq)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	cb->prev_seq = cb->seq;
}

static inline int nla_type(const struct nlattr *nla)
{
	return nla->nla_type & NLA_TYPE_MASK;
}

static inline void *nla_data(const struct nlattr *nla)
{
	return (char *)nla + NLA_HDRLEN;
}

static inline u16 nla_len(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

static inline int nla_attr_size(int payload)
{
	return NLA_HDRLEN + payload;
}

static inline int nla_total_size(int payload)
{
	return NLA_ALIGN(nla_attr_size(payload));
}

/* A 64-bit number lies at a multiple of 4 only, which every machine here bears. */
static inline int nla_total_size_64bit(int payload)
{
	return nla_total_size(payload);
}

static inline bool nla_ok(const struct nlattr *nla, int remaining)
{
	return remaining >= (int)sizeof(*nla) && nla->nla_len >= sizeof(*nla) &&
	       nla->nla_len <= remaining;
}

static inline struct nlattr *nla_next(const struct nlattr *nla, int *remaining)
{
	unsigned int total = NLA_ALIGN(nla->nla_len);

	*remaining -= total;
	return (struct nlattr *)((char *)nla + total);
}

#define nla_for_each_attr(pos, head, length, rem) \
	for (pos = head, rem = length; nla_ok(pos, rem); pos = nla_next(pos, &(rem)))
#define nla_for_each_nested(pos, nla, rem) \
	nla_for_each_attr(pos, nla_data(nla), nla_len(nla), rem)
#define nlmsg_for_each_attr(pos, nlh, hdrlen, rem) \
	nla_for_each_attr(pos, nlmsg_attrdata(nlh, hdrlen), nlmsg_attrlen(nlh, hdrlen), rem)

struct nlattr *nla_find(const struct nlattr *head, int len, int type);

static inline struct nlattr *nlmsg_find_attr(const struct nlmsghdr *nlh, int hdrlen, int type)
{
	return nla_find(nlmsg_attrdata(nlh, hdrlen), nlmsg_attrlen(nlh, hdrlen), type);
}

static inline struct nlattr *nla_find_nested(const struct nlattr *nla, int type)
{
	return nla_find(nla_data(nla), nla_len(nla), type);
}

/* Strict: what the policy does not name is refused. @tb has @maxtype + 1 entries. */
int shim_nla_parse(struct nlattr **tb, int maxtype, const struct nlattr *head, int len,
		   const struct nla_policy *policy, struct netlink_ext_ack *extack);

int nla_put(struct sk_buff *skb, int type, int len, const void *data);

static inline int nla_put_u8(struct sk_buff *skb, int type, u8 value)
{
	return nla_put(skb, type, sizeof(value), &value);
}

static inline int nla_put_u16(struct sk_buff *skb, int type, u16 value)
{
	return nla_put(skb, type, sizeof(value), &value);
}

static inline int nla_put_u32(struct sk_buff *skb, int type, u32 value)
{
	return nla_put(skb, type, sizeof(value), &value);
}

static inline int nla_put_u64_64bit(struct sk_buff *skb, int type, u64 value, int padding)
{
	return nla_put(skb, type, sizeof(value), &value);
}

static inline int nla_put_string(struct sk_buff *skb, int type, const char *text)
{
	return nla_put(skb, type, strlen(text) + 1, text);
}

static inline int nla_put_flag(struct sk_buff *skb, int type)
{
	return nla_put(skb, type, 0, "");
}

#define SHIM_NLA_GET(name, number)				\
static inline number name(const struct nlattr *nla)		\
{								\
	number value;						\
								\
	memcpy(&value, nla_data(nla), sizeof(value));		\
	return value;						\
}

SHIM_NLA_GET(nla_get_u8, u8)
SHIM_NLA_GET(nla_get_u16, u16)
SHIM_NLA_GET(nla_get_u32, u32)
SHIM_NLA_GET(nla_get_u64, u64)

static inline bool nla_get_flag(const struct nlattr *nla)
{
	return !!nla;
}

#endif /* SHIM_NET_NETLINK_H */
