/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/skbuff.h>: one linear buffer, enough for netlink. */
#ifndef SHIM_LINUX_SKBUFF_H
#define SHIM_LINUX_SKBUFF_H

#include <linux/gfp.h>
#include <linux/types.h>

struct sock;

struct sk_buff {
	struct sk_buff *next;		/* in a socket's queue */
	struct sock *sk;
	char cb[48] __attribute__((aligned(8)));
	unsigned int len;		/* bytes used */
	unsigned int room;		/* bytes there are */
	unsigned char *data;
};

struct sk_buff *alloc_skb(unsigned int size, gfp_t flags);
void kfree_skb(struct sk_buff *skb);
/* Append room, which must be there: the caller looked at skb_tailroom(). */
void *skb_put(struct sk_buff *skb, unsigned int len);

static inline unsigned int skb_tailroom(const struct sk_buff *skb)
{
	return skb->room - skb->len;
}

static inline void skb_trim(struct sk_buff *skb, unsigned int len)
{
	if (skb->len > len)
		skb->len = len;
}

#endif /* SHIM_LINUX_SKBUFF_H */
