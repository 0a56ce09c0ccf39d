/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink over a UNIX seqpacket socket: what carries control messages to
 * kmod/ctl in the host build. A connection is to it what a netlink socket is, a
 * datagram what a send is.
 */
#ifndef DARTER_HOST_GENETLINK_SERVER_H
#define DARTER_HOST_GENETLINK_SERVER_H

#include <sys/types.h>

#include <linux/list.h>
#include <net/genetlink.h>
#include <net/sock.h>

/* A connection. What has no other lock is the control thread's own. */
struct peer {
	struct sock sk;
	struct list_head link;		/* peers_lock */
	int fd;
	bool following;			/* peers_lock: wants events */
	struct sk_buff *queue, *last;	/* peers_lock: what the socket did not take yet */
	size_t queued;			/* peers_lock: bytes in it */

	/* the dump in progress */
	bool dumping;
	struct netlink_callback cb;
	const struct genl_ops *op;
	int dump_state;			/* positive: there is more; else how it ended */
};

/* Who besides root and the server's own user may change things; before serving. */
void shim_genl_set_admin(uid_t uid);
/* Accept connections at a path. Return: 0 or a negative errno. */
int shim_genl_serve(const char *path);
/* Close all connections as if their owners had. */
void shim_genl_stop(void);

/* genetlink_server.c: takes the buffer over. -EAGAIN: the peer does not read. */
int peer_send(struct peer *peer, struct sk_buff *skb);
void peer_follow(struct peer *peer);

/* genetlink_family.c, in the control thread */
/* A datagram came. */
void peer_request(struct peer *peer, struct sk_buff *skb);
/* Go on with the dump: the last part was sent. */
void peer_dump(struct peer *peer);
void peer_end_dump(struct peer *peer);
/* Tell who listens that the peer is gone. */
void peer_released(const struct peer *peer);

#endif /* DARTER_HOST_GENETLINK_SERVER_H */
