/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <net/sock.h>: the end of a control connection. */
#ifndef SHIM_NET_SOCK_H
#define SHIM_NET_SOCK_H

#include <linux/types.h>
#include <net/net_namespace.h>

struct sock {
	u32 portid;
	bool admin;			/* has every capability */
};

static inline struct net *sock_net(const struct sock *sk)
{
	return &init_net;
}

#endif /* SHIM_NET_SOCK_H */
