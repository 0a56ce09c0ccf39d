// SPDX-License-Identifier: GPL-2.0
/*
 * The carrier of control messages: connections, and one thread that receives from
 * all of them.
 *
 * Any thread may send. What a socket does not take at once waits in the peer's
 * queue, which is bounded as a netlink socket's receive buffer is. peers_lock is a
 * leaf; it protects the list of peers and their queues, and a peer found under it
 * stays until it is released.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "genetlink_server.h"

#define PEERS_MAX 128
/* Longest datagram that is looked at. */
#define REQUEST_ROOM (256 * 1024)
/* Bytes that wait for a peer before it counts as one that does not read. */
#define QUEUE_MAX 212992

static pthread_mutex_t peers_lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(peers);
static u32 npeers, last_portid;

static struct {
	pthread_t thread;
	int listener, wakeup;
	bool stopping;			/* set with peers_lock held */
	uid_t admin;
	char path[sizeof_field(struct sockaddr_un, sun_path)];
} server = { .listener = -1, .wakeup = -1, .admin = (uid_t)-1 };

void shim_genl_set_admin(uid_t uid)
{
	server.admin = uid;
}

static void wake(void)
{
	u64 one = 1;

	(void)!write(server.wakeup, &one, sizeof(one));
}

static struct sk_buff *dequeue(struct peer *peer)
{
	struct sk_buff *skb = peer->queue;

	peer->queue = skb->next;
	peer->queued -= skb->len;
	return skb;
}

static void enqueue(struct peer *peer, struct sk_buff *skb)
{
	if (peer->queue)
		peer->last->next = skb;
	else
		peer->queue = skb;
	peer->last = skb;
	peer->queued += skb->len;
}

/* Whether the socket took it. A peer that is gone takes everything. */
static bool send_now(struct peer *peer, const struct sk_buff *skb)
{
	return send(peer->fd, skb->data, skb->len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	       errno != EAGAIN;
}

static int send_locked(struct peer *peer, struct sk_buff *skb)
{
	if (!peer->queue && send_now(peer, skb)) {
		kfree_skb(skb);
		return 0;
	}
	if (peer->queued > QUEUE_MAX) {
		kfree_skb(skb);
		return -EAGAIN;
	}
	enqueue(peer, skb);
	wake();
	return 0;
}

int peer_send(struct peer *peer, struct sk_buff *skb)
{
	int err;

	pthread_mutex_lock(&peers_lock);
	err = send_locked(peer, skb);
	pthread_mutex_unlock(&peers_lock);
	return err;
}

void peer_follow(struct peer *peer)
{
	pthread_mutex_lock(&peers_lock);
	peer->following = true;
	pthread_mutex_unlock(&peers_lock);
}

int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 portid)
{
	struct peer *peer;
	int err = -ECONNREFUSED;

	pthread_mutex_lock(&peers_lock);
	list_for_each_entry(peer, &peers, link) {
		if (peer->sk.portid == portid) {
			err = send_locked(peer, skb);
			skb = NULL;
			break;
		}
	}
	pthread_mutex_unlock(&peers_lock);
	kfree_skb(skb);
	return err;
}

static struct sk_buff *copy_of(const struct sk_buff *skb)
{
	struct sk_buff *copy = alloc_skb(skb->len, GFP_KERNEL);

	if (copy)
		memcpy(skb_put(copy, skb->len), skb->data, skb->len);
	return copy;
}

int genlmsg_multicast_netns(const struct genl_family *family, struct net *net,
			    struct sk_buff *skb, u32 portid, unsigned int group, gfp_t flags)
{
	struct peer *peer;
	int err = -ESRCH;

	WARN_ON(group >= family->n_mcgrps);
	pthread_mutex_lock(&peers_lock);
	list_for_each_entry(peer, &peers, link) {
		struct sk_buff *copy;

		if (!peer->following || peer->sk.portid == portid)
			continue;
		copy = copy_of(skb);
		if (copy && !send_locked(peer, copy))
			err = 0;
	}
	pthread_mutex_unlock(&peers_lock);
	kfree_skb(skb);
	return err;
}

int genl_has_listeners(const struct genl_family *family, struct net *net, unsigned int group)
{
	struct peer *peer;
	int found = 0;

	pthread_mutex_lock(&peers_lock);
	list_for_each_entry(peer, &peers, link)
		found |= peer->following;
	pthread_mutex_unlock(&peers_lock);
	return found;
}

/* Root and the user who runs the server have what CAP_NET_ADMIN gives. */
static bool is_admin(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	if (server.admin != (uid_t)-1)
		return cred.uid == server.admin;
	return !cred.uid || cred.uid == geteuid();
}

static void accept_peer(void)
{
	int fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer *peer;

	if (fd < 0)
		return;
	peer = npeers < PEERS_MAX ? calloc(1, sizeof(*peer)) : NULL;
	if (!peer) {
		close(fd);
		return;
	}
	peer->fd = fd;
	peer->sk.portid = ++last_portid;
	peer->sk.admin = is_admin(fd);
	pthread_mutex_lock(&peers_lock);
	list_add_tail(&peer->link, &peers);
	npeers++;
	pthread_mutex_unlock(&peers_lock);
}

static void release_peer(struct peer *peer)
{
	pthread_mutex_lock(&peers_lock);
	list_del(&peer->link);
	npeers--;
	while (peer->queue)
		kfree_skb(dequeue(peer));
	pthread_mutex_unlock(&peers_lock);
	peer_released(peer);
	if (peer->dumping)
		peer_end_dump(peer);
	close(peer->fd);
	free(peer);
}

static struct sk_buff *buffer_of(const char *datagram, size_t len)
{
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);

	if (skb)
		memcpy(skb_put(skb, len), datagram, len);
	return skb;
}

/* False: the peer is gone. An empty datagram looks like the end, but has no hangup. */
static bool receive(struct peer *peer, short revents)
{
	static char datagram[REQUEST_ROOM];
	struct sk_buff *skb;
	ssize_t len;

	len = recv(peer->fd, datagram, sizeof(datagram), MSG_DONTWAIT | MSG_TRUNC);
	/* It went away without having read all; what it sent is still to come. */
	if (len < 0 && errno == ECONNRESET)
		len = recv(peer->fd, datagram, sizeof(datagram), MSG_DONTWAIT | MSG_TRUNC);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? !(revents & POLLHUP) : false;
	if (!len)
		return !(revents & (POLLHUP | POLLRDHUP));
	if (len > (ssize_t)sizeof(datagram))
		return true;
	/* A buffer of its own: what reads beyond the end is noticed. */
	skb = buffer_of(datagram, len);
	if (skb)
		peer_request(peer, skb);
	kfree_skb(skb);
	return true;
}

static void flush(struct peer *peer)
{
	pthread_mutex_lock(&peers_lock);
	while (peer->queue && send_now(peer, peer->queue))
		kfree_skb(dequeue(peer));
	pthread_mutex_unlock(&peers_lock);
}

/* Whether the next part of its dump can be made. */
static bool is_dump_due(struct peer *peer)
{
	bool due;

	pthread_mutex_lock(&peers_lock);
	due = peer->dumping && !peer->queue;
	pthread_mutex_unlock(&peers_lock);
	return due;
}

static void serve_peer(struct peer *peer, short revents)
{
	if (revents & POLLOUT)
		flush(peer);
	if (revents & ~POLLOUT && !receive(peer, revents)) {
		release_peer(peer);
		return;
	}
	if (is_dump_due(peer))
		peer_dump(peer);
}

/* What to wait for at each peer; only this thread changes the list. */
static u32 prepare(struct pollfd *fds, struct peer **who, int *timeout)
{
	struct peer *peer;
	u32 n = 0;

	*timeout = -1;
	pthread_mutex_lock(&peers_lock);
	list_for_each_entry(peer, &peers, link) {
		who[n] = peer;
		fds[n++] = (struct pollfd) {
			.fd = peer->fd,
			.events = POLLIN | POLLRDHUP | (peer->queue ? POLLOUT : 0),
		};
		if (peer->dumping && !peer->queue)
			*timeout = 0;
	}
	pthread_mutex_unlock(&peers_lock);
	return n;
}

static bool is_stopping(void)
{
	bool stopping;

	pthread_mutex_lock(&peers_lock);
	stopping = server.stopping;
	pthread_mutex_unlock(&peers_lock);
	return stopping;
}

static void *serve(void *arg)
{
	struct pollfd fds[2 + PEERS_MAX];
	struct peer *who[PEERS_MAX];
	u32 i, n;
	u64 count;
	int timeout;

	rcu_register_thread();
	fds[0] = (struct pollfd) { .fd = server.listener, .events = POLLIN };
	fds[1] = (struct pollfd) { .fd = server.wakeup, .events = POLLIN };
	while (!is_stopping()) {
		n = prepare(fds + 2, who, &timeout);
		if (poll(fds, 2 + n, timeout) < 0)
			continue;
		if (fds[1].revents)
			(void)!read(server.wakeup, &count, sizeof(count));
		for (i = 0; i < n; i++)
			serve_peer(who[i], fds[2 + i].revents);
		if (fds[0].revents)
			accept_peer();
	}
	while (!list_empty(&peers))
		release_peer(list_first_entry(&peers, struct peer, link));
	rcu_unregister_thread();
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	/* Anyone may ask, as with netlink; who may change something is seen later. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0666) ||
	    listen(fd, PEERS_MAX)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int shim_genl_serve(const char *path)
{
	int err;

	server.listener = listen_at(path);
	if (server.listener < 0)
		return server.listener;
	strcpy(server.path, path);
	server.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err = server.wakeup < 0 ? -errno : -pthread_create(&server.thread, NULL, serve, NULL);
	if (err) {
		close(server.listener);
		server.listener = -1;
	}
	return err;
}

void shim_genl_stop(void)
{
	if (server.listener < 0)
		return;
	pthread_mutex_lock(&peers_lock);
	server.stopping = true;
	pthread_mutex_unlock(&peers_lock);
	wake();
	pthread_join(server.thread, NULL);
	unlink(server.path);
	close(server.listener);
	close(server.wakeup);
	server.listener = -1;
}
