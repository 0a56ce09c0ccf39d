/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <net/net_namespace.h>: there is one namespace. */
#ifndef SHIM_NET_NET_NAMESPACE_H
#define SHIM_NET_NET_NAMESPACE_H

struct user_namespace;

struct net {
	struct user_namespace *user_ns;
};

extern struct net init_net;

#endif /* SHIM_NET_NET_NAMESPACE_H */
