/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace stand-in for <net/genetlink.h>. There is one family at a time, and
 * its carrier is a UNIX socket, see tests/host/genetlink_server.c.
 */
#ifndef SHIM_NET_GENETLINK_H
#define SHIM_NET_GENETLINK_H

#include <net/net_namespace.h>
#include <net/netlink.h>

#include <linux/genetlink.h>

struct genl_info {
	u32 snd_seq, snd_portid;
	struct nlmsghdr *nlhdr;
	struct genlmsghdr *genlhdr;
	struct nlattr **attrs;
	struct netlink_ext_ack *extack;
};

struct genl_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*start)(struct netlink_callback *cb);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 flags;
};

struct genl_multicast_group {
	char name[GENL_NAMSIZ];
};

struct genl_family {
	int id;
	char name[GENL_NAMSIZ];
	unsigned int version;
	u8 netnsok:1, parallel_ops:1;
	u8 n_ops, n_mcgrps;
	const struct genl_ops *ops;
	const struct genl_multicast_group *mcgrps;
	struct module *module;
};

#define GENLMSG_DEFAULT_SIZE (NLMSG_DEFAULT_SIZE - GENL_HDRLEN)
#define GENL_SET_ERR_MSG(info, msg) NL_SET_ERR_MSG((info)->extack, msg)
#define GENL_REQ_ATTR_CHECK(info, attr) \
	NL_REQ_ATTR_CHECK((info)->extack, NULL, (info)->attrs, attr)

int genl_register_family(struct genl_family *family);
int genl_unregister_family(const struct genl_family *family);

/* Both free the buffer. -ECONNREFUSED: no such peer; -EAGAIN: it does not read. */
int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 portid);
int genlmsg_multicast_netns(const struct genl_family *family, struct net *net,
			    struct sk_buff *skb, u32 portid, unsigned int group, gfp_t flags);
int genl_has_listeners(const struct genl_family *family, struct net *net, unsigned int group);

static inline struct net *genl_info_net(const struct genl_info *info)
{
	return &init_net;
}

static inline struct sk_buff *genlmsg_new(size_t payload, gfp_t flags)
{
	return nlmsg_new(GENL_HDRLEN + payload, flags);
}

/* Returns what is behind the headers, where attributes begin. */
void *genlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, const struct genl_family *family,
		  int flags, u8 cmd);

static inline struct nlmsghdr *genlmsg_nlhdr(void *head)
{
	return (struct nlmsghdr *)((char *)head - GENL_HDRLEN - NLMSG_HDRLEN);
}

static inline void genlmsg_end(struct sk_buff *skb, void *head)
{
	nlmsg_end(skb, genlmsg_nlhdr(head));
}

static inline void genlmsg_cancel(struct sk_buff *skb, void *head)
{
	if (head)
		nlmsg_trim(skb, genlmsg_nlhdr(head));
}

static inline void genl_dump_check_consistent(struct netlink_callback *cb, void *head)
{
	nl_dump_check_consistent(cb, genlmsg_nlhdr(head));
}

static inline void *genlmsg_put_reply(struct sk_buff *skb, const struct genl_info *info,
				      const struct genl_family *family, int flags, u8 cmd)
{
	return genlmsg_put(skb, info->snd_portid, info->snd_seq, family, flags, cmd);
}

static inline int genlmsg_reply(struct sk_buff *skb, struct genl_info *info)
{
	return genlmsg_unicast(genl_info_net(info), skb, info->snd_portid);
}

#endif /* SHIM_NET_GENETLINK_H */
