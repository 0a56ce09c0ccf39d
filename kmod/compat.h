/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that Darter supports, 6.1 to 7.x, and the
 * only place that asks for their version. Included before everything else.
 */
#ifndef DARTER_COMPAT_H
#define DARTER_COMPAT_H

#include <linux/version.h>

/*
 * A socket that the kernel made does not keep its network namespace, and loses
 * its timers when it is closed; this makes it like one of a process.
 */
#if LINUX_VERSION_MAJOR == 6 && LINUX_VERSION_PATCHLEVEL < 12
#define sk_net_refcnt_upgrade(sk) do {						\
	struct sock *sk__ = (sk);						\
										\
	sk__->sk_net_refcnt = 1;						\
	get_net_track(sock_net(sk__), &sk__->ns_tracker, GFP_KERNEL);		\
	sock_inuse_add(sock_net(sk__), 1);					\
} while (0)
#endif

/* Whether its pages can be looked at; they always can where nothing else is known. */
#if LINUX_VERSION_MAJOR == 6 && LINUX_VERSION_PATCHLEVEL < 12
#define skb_frags_readable(skb) ((void)(skb), true)
#endif

/* Before, a socket that may not sleep did not use its task's pages either. */
#if LINUX_VERSION_MAJOR == 6 && LINUX_VERSION_PATCHLEVEL < 2
#define sock_use_task_frag(sk, use) ((void)(sk), (void)(use))
#else
#define sock_use_task_frag(sk, use) ((sk)->sk_use_task_frag = (use))
#endif

#endif /* DARTER_COMPAT_H */
