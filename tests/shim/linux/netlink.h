/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for the kernel's own <linux/netlink.h>, over that of the uapi. */
#ifndef SHIM_LINUX_NETLINK_H
#define SHIM_LINUX_NETLINK_H

#include <linux/capability.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include_next <linux/netlink.h>

struct module;
struct net;
struct nla_policy;
struct notifier_block;
struct sock;
struct user_namespace;

/* Of the notifier chain: a socket is being closed. */
#define NETLINK_URELEASE 0x0001

struct netlink_notify {
	struct net *net;
	u32 portid;
	int protocol;
};

int netlink_register_notifier(struct notifier_block *block);
int netlink_unregister_notifier(struct notifier_block *block);

struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
	const struct nla_policy *policy;
	const struct nlattr *miss_nest;
	u16 miss_type;
};

#define NL_SET_ERR_MSG(extack, msg) do {			\
	static const char __msg[] = msg;			\
	struct netlink_ext_ack *__extack = (extack);		\
	if (__extack)						\
		__extack->_msg = __msg;				\
} while (0)

#define NL_SET_BAD_ATTR(extack, attr) do {			\
	struct netlink_ext_ack *__extack = (extack);		\
	if (__extack) {						\
		__extack->bad_attr = (attr);			\
		__extack->policy = NULL;			\
	}							\
} while (0)

#define NL_SET_ERR_MSG_ATTR_POL(extack, attr, pol, msg) do {	\
	static const char __msg[] = msg;			\
	struct netlink_ext_ack *__extack = (extack);		\
	if (__extack) {						\
		__extack->_msg = __msg;				\
		__extack->bad_attr = (attr);			\
		__extack->policy = (pol);			\
	}							\
} while (0)

#define NL_SET_ERR_MSG_ATTR(extack, attr, msg) NL_SET_ERR_MSG_ATTR_POL(extack, attr, NULL, msg)

/* True when the attribute is missing, which is noted. */
#define NL_REQ_ATTR_CHECK(extack, nest, tb, type) ({		\
	struct netlink_ext_ack *__ack = (extack);		\
	bool __missing = !(tb)[type];				\
	if (__missing && __ack) {				\
		__ack->miss_nest = (nest);			\
		__ack->miss_type = (type);			\
	}							\
	__missing; })

/* Who sent a message. */
struct netlink_skb_parms {
	u32 portid;
	struct sock *sk;
};

#define NETLINK_CB(skb) (*(struct netlink_skb_parms *)&((skb)->cb))

/* Whether the sender has a capability over a user namespace. */
bool netlink_ns_capable(const struct sk_buff *skb, struct user_namespace *ns, int cap);

struct netlink_callback {
	struct sk_buff *skb;		/* the request */
	const struct nlmsghdr *nlh;
	int (*dump)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	void *data;
	struct module *module;
	struct netlink_ext_ack *extack;
	unsigned int prev_seq, seq;
	union {
		u8 ctx[48];
		long args[6];
	};
};

#endif /* SHIM_LINUX_NETLINK_H */
