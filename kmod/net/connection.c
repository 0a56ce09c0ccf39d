// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: moving bytes between a socket and its session.
 *
 * All of it runs in the connection's worker, but for the socket callbacks, and what
 * these do with inline dispatch (inline.c). A round locks the socket once, sends the
 * replies of the round before and receives what is there; the commands run when it is
 * unlocked again. So packets are taken in meanwhile, and a command that waits for a
 * shard holds up nobody.
 *
 * A callback finds the connection through sk_user_data, under sk_callback_lock,
 * and kicks it. darter_connection_close() clears that pointer under the same
 * lock, ends everything else that could kick, and only then frees.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sizes.h>
#include <linux/uio.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "core/client.h"
#include "core/inline.h"
#include "core/topology.h"
#include "core/trace.h"
#include "net.h"

/* Pieces of replies in one send, and bytes: what is more comes next. */
#define SEND_VECTORS 8
#define SEND_MAX SZ_1M

/* Who asks for the mode's name finds what Redis says; what to do is said for Darter. */
static const char denied[] = {
	"-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. To serve other hosts too, set a password (CONFIG SET requirepass) or, in a network that is trusted, turn the mode off (CONFIG SET protected-mode no), on this host or in the configuration file.\r\n",
};

static const char too_many[] = "-ERR max number of clients reached\r\n";

void darter_format_endpoint(const struct sockaddr_storage *address, char *out)
{
	const struct sockaddr_in6 *in6 = (const void *)address;
	const struct sockaddr_in *in = (const void *)address;

	if (address->ss_family == AF_INET6)
		snprintf(out, DARTER_ADDR_CHARS, "[%pI6c]:%u", &in6->sin6_addr,
			 ntohs(in6->sin6_port));
	else
		snprintf(out, DARTER_ADDR_CHARS, "%pI4:%u", &in->sin_addr, ntohs(in->sin_port));
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *in6 = (const void *)address;
	const struct sockaddr_in *in = (const void *)address;

	if (address->ss_family == AF_INET6)
		return ipv6_addr_loopback(&in6->sin6_addr) ||
		       ipv6_addr_v4mapped_loopback(&in6->sin6_addr);
	return ipv4_is_loopback(in->sin_addr.s_addr);
}

static void kick_from(struct sock *sk)
{
	struct darter_connection *connection = sk->sk_user_data;

	if (connection)
		darter_worker_kick(connection);
}

static void connection_data_ready(struct sock *sk)
{
	struct darter_connection *connection;

	read_lock_bh(&sk->sk_callback_lock);
	connection = sk->sk_user_data;
	if (connection && !darter_connection_serve_inline(connection))
		darter_worker_kick(connection);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void connection_state_change(struct sock *sk)
{
	read_lock_bh(&sk->sk_callback_lock);
	kick_from(sk);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void connection_write_space(struct sock *sk)
{
	read_lock_bh(&sk->sk_callback_lock);
	if (sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		kick_from(sk);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void take_socket(struct darter_connection *connection)
{
	struct sock *sk = connection->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	connection->data_ready = sk->sk_data_ready;
	connection->state_change = sk->sk_state_change;
	connection->write_space = sk->sk_write_space;
	sk->sk_user_data = connection;
	sk->sk_data_ready = connection_data_ready;
	sk->sk_state_change = connection_state_change;
	sk->sk_write_space = connection_write_space;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void give_socket_back(struct darter_connection *connection)
{
	struct sock *sk = connection->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = connection->data_ready;
	sk->sk_state_change = connection->state_change;
	sk->sk_write_space = connection->write_space;
	write_unlock_bh(&sk->sk_callback_lock);
}

/*
 * What is not sent yet still goes out, in the background: the socket keeps its
 * namespace until then. In a namespace that is about to go it cannot; the peer
 * gets a reset.
 */
static void close_socket(struct socket *sock)
{
	struct net *net = sock_net(sock->sk);

	if (maybe_get_net(net)) {
		sk_net_refcnt_upgrade(sock->sk);
		put_net(net);
	} else {
		sock_no_linger(sock->sk);
	}
	sock_release(sock);
}

/* Close a connection that is not served, with a word if there is one to say. */
static void turn_away(struct socket *sock, const char *text)
{
	struct kvec vec = { .iov_base = (char *)text, .iov_len = text ? strlen(text) : 0 };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };

	if (vec.iov_len)
		kernel_sendmsg(sock, &msg, &vec, 1, vec.iov_len);
	close_socket(sock);
}

/* Why a peer is not served; NULL: it is. */
static const char *refusal(struct darter_instance *instance, const struct sockaddr_storage *peer)
{
	if (READ_ONCE(instance->shutting_down))
		return "";
	if (READ_ONCE(instance->config.protected_mode) && !is_loopback(peer) &&
	    !darter_config_auth_required(instance))
		return denied;
	return NULL;
}

/* It lies at the same place for both protocols. */
static u16 port_of(const struct sockaddr_storage *address)
{
	return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static int open_session(struct darter_connection *connection,
			const struct sockaddr_storage *peer, const char **why)
{
	struct darter_instance *instance = &connection->worker->server->instance;
	char addr[DARTER_ADDR_CHARS], laddr[DARTER_ADDR_CHARS];
	struct sockaddr_storage own = { };
	int err;

	kernel_getsockname(connection->sock, (void *)&own);
	darter_format_endpoint(peer, addr);
	darter_format_endpoint(&own, laddr);
	err = darter_session_init(&connection->session, instance, addr, laddr, darter_now());
	if (err)
		return err;
	connection->session.lane = connection->worker->lane->index;
	connection->session.node = darter_topology_port_owner(instance, port_of(&own));
	err = darter_client_register(instance, &connection->session);
	if (err) {
		*why = too_many;
		darter_session_destroy(&connection->session);
	}
	return err;
}

/**
 * darter_connection_open() - take over an accepted socket
 * @worker: the caller
 * @sock: the socket; closed if it is refused
 *
 * Context: sleeps; takes clients_lock.
 */
void darter_connection_open(struct darter_worker *worker, struct socket *sock)
{
	struct sockaddr_storage peer = { };
	struct darter_connection *connection;
	const char *why;

	kernel_getpeername(sock, (void *)&peer);
	why = refusal(&worker->server->instance, &peer);
	if (why)
		goto err_socket;
	connection = kzalloc(sizeof(*connection), GFP_KERNEL | __GFP_NOWARN);
	if (!connection)
		goto err_socket;
	connection->worker = worker;
	connection->sock = sock;
	connection->verdict = DARTER_SESSION_READ;
	INIT_LIST_HEAD(&connection->ready_link);
	INIT_LIST_HEAD(&connection->stalled_link);
	if (open_session(connection, &peer, &why))
		goto err_free;
	list_add_tail(&connection->link, &worker->connections);
	darter_count(&worker->lane->connections, 1);
	WRITE_ONCE(worker->lane->clients, worker->lane->clients + 1);
	trace_darter_accept(&connection->session);
	take_socket(connection);
	/* What came before the callbacks were ours has told nobody. */
	darter_worker_kick(connection);
	return;

err_free:
	kfree(connection);
err_socket:
	turn_away(sock, why);
}

/**
 * darter_connection_close() - end a connection at once
 * @connection: the connection; freed
 *
 * Context: sleeps; takes clients_lock, and shards' locks to drop watches.
 */
void darter_connection_close(struct darter_connection *connection)
{
	struct darter_worker *worker = connection->worker;

	give_socket_back(connection);
	darter_client_unregister(&connection->session);
	darter_session_destroy(&connection->session);
	/* Nobody can kick it any more; it may still be on the list. */
	spin_lock_bh(&worker->lock);
	list_del_init(&connection->ready_link);
	spin_unlock_bh(&worker->lock);
	list_del(&connection->link);
	list_del(&connection->stalled_link);
	WRITE_ONCE(worker->lane->clients, worker->lane->clients - 1);
	close_socket(connection->sock);
	kfree(connection);
}

static u32 gather(const struct darter_reply *reply, struct kvec *vec, size_t *total)
{
	struct darter_chunk *chunk;
	u32 count = 0;

	*total = 0;
	list_for_each_entry(chunk, &reply->chunks, link) {
		size_t len = min_t(size_t, chunk->len, SEND_MAX - *total);

		vec[count].iov_base = (char *)chunk->bytes;
		vec[count++].iov_len = len;
		*total += len;
		if (count == SEND_VECTORS || *total == SEND_MAX)
			break;
	}
	return count;
}

static void count_sent(struct darter_connection *connection, struct darter_lane *lane, u32 bytes)
{
	struct darter_reply *reply = &connection->session.reply;

	reply->lane = lane;
	darter_reply_sent(reply, bytes);
	reply->lane = NULL;
	trace_darter_reply(&connection->session, bytes);
	darter_count(&lane->bytes_out, bytes);
	darter_count(&lane->batches, 1);
}

/**
 * darter_connection_send() - send the replies that are queued
 * @connection: used by the caller
 * @lane: that counts it, and takes empty chunks
 *
 * Context: the socket is locked, also by its spinlock alone if the socket allocates as
 * softirqs must.
 * Return: 0: all is sent; -EAGAIN: the socket is full, and its write_space will tell;
 * another negative errno: the peer is gone.
 */
int darter_connection_send(struct darter_connection *connection, struct darter_lane *lane)
{
	struct darter_reply *reply = &connection->session.reply;

	while (reply->bytes) {
		struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
		struct kvec vec[SEND_VECTORS];
		size_t total;
		u32 count;
		int sent;

		count = gather(reply, vec, &total);
		if (total < reply->bytes)
			msg.msg_flags |= MSG_MORE;
		iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, vec, count, total);
		sent = tcp_sendmsg_locked(connection->sock->sk, &msg, total);
		if (sent < 0)
			return sent;
		count_sent(connection, lane, sent);
	}
	return 0;
}

/* What one round has received. */
struct input {
	char *window;			/* NULL: nothing is wanted */
	u32 room, len;
	bool ended;			/* the peer will send no more */
};

static int take_bytes(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset,
		      size_t len)
{
	struct input *input = desc->arg.data;
	size_t part = min_t(size_t, len, input->room - input->len);

	if (skb_copy_bits(skb, offset, input->window + input->len, part))
		return -EFAULT;
	input->len += part;
	desc->count = input->room - input->len;
	return part;
}

/* The socket is locked. */
static void receive(struct sock *sk, struct input *input)
{
	read_descriptor_t desc = { .arg.data = input, .count = input->room };
	int got = 0;

	if (!skb_queue_empty(&sk->sk_receive_queue))
		got = tcp_read_sock(sk, &desc, take_bytes);

	input->ended = got < 0 || sk->sk_shutdown & RCV_SHUTDOWN;
}

/*
 * A peer that is gone gets no replies, but what it sent before it went is
 * executed: it may have closed a socket from which it never read.
 *
 * False: the replies are not sent yet.
 */
static bool exchange(struct darter_connection *connection, struct input *input)
{
	struct sock *sk = connection->sock->sk;
	int err;

	lock_sock(sk);
	err = darter_connection_send(connection, connection->worker->lane);
	if (err && err != -EAGAIN)
		darter_reply_drop(&connection->session.reply);
	if (err != -EAGAIN && input->window)
		receive(sk, input);
	release_sock(sk);
	return err != -EAGAIN;
}

bool darter_connection_overdue(struct darter_connection *connection, u64 now)
{
	return darter_session_overdue(&connection->session,
				      connection->verdict == DARTER_SESSION_READ, now);
}

static bool is_over(struct darter_connection *connection)
{
	const struct darter_session *session = &connection->session;

	if (READ_ONCE(session->killed) || connection->verdict == DARTER_SESSION_ABORT)
		return true;
	/* Nobody is left to hear what comes of a long wait. */
	if (darter_session_blocked(session) &&
	    READ_ONCE(connection->sock->sk->sk_state) == TCP_CLOSE)
		return true;
	return darter_connection_overdue(connection, connection->worker->now);
}

enum progress { GO_ON, WAIT, CLOSE };

/* What others send comes with a kick only if nothing was waiting before. */
static enum progress wait_unless_pushed(const struct darter_connection *connection)
{
	return darter_session_has_pushes(&connection->session) ? GO_ON : WAIT;
}

/* Run what has come; without anything new there is nothing to do. */
static enum progress run_input(struct darter_connection *connection, const struct input *input)
{
	struct darter_session *session = &connection->session;
	struct darter_lane *lane = connection->worker->lane;

	if (input->len)
		connection->verdict = darter_session_received(session, lane, input->len,
							      darter_now_for(lane));
	else if (input->ended)
		connection->verdict = darter_session_half_close(session, lane,
								darter_now_for(lane));
	else
		return wait_unless_pushed(connection);
	return GO_ON;
}

/* One round: send what there is and receive, then do what the session asked for. */
static enum progress serve_round(struct darter_connection *connection)
{
	struct darter_session *session = &connection->session;
	struct darter_lane *lane = connection->worker->lane;
	bool sending, sent;
	struct input input = { };

	if (!darter_session_collect(session, lane))
		return CLOSE;
	sending = session->reply.bytes;
	if (connection->verdict == DARTER_SESSION_READ) {
		input.window = darter_session_window(session, lane, &input.room);
		if (!input.window)
			return CLOSE;
	}
	sent = exchange(connection, &input);
	if (sending)
		darter_session_publish(session);
	if (!sent)
		return WAIT;
	switch (connection->verdict) {
	case DARTER_SESSION_READ:
		return run_input(connection, &input);
	case DARTER_SESSION_YIELD:
		connection->verdict = darter_session_run(session, lane, darter_now_for(lane));
		return GO_ON;
	case DARTER_SESSION_PARKED:
		return wait_unless_pushed(connection);
	default:
		return CLOSE;
	}
}

/* From now on no softirq uses the session. */
static void take_session(struct darter_connection *connection)
{
	if (READ_ONCE(connection->owner) == DARTER_OWNER_WORKER)
		return;
	/* It may be in one on another CPU, which soon ends. */
	while (cmpxchg(&connection->owner, DARTER_OWNER_NOBODY, DARTER_OWNER_WORKER) ==
	       DARTER_OWNER_SOFTIRQ)
		cpu_relax();
}

/*
 * Nothing is to be done until more input comes: a softirq may do it, if it is like what
 * came last. Who writes would only be looked at twice.
 */
static void leave_session(struct darter_connection *connection)
{
	const struct darter_session *session = &connection->session;
	const struct darter_command *last = session->last_command;

	if (READ_ONCE(session->instance->config.dispatch) != DARTER_DISPATCH_INLINE ||
	    connection->verdict != DARTER_SESSION_READ || !last ||
	    !(last->flags & DARTER_CMD_LOCKLESS) || !darter_inline_fit(session))
		return;
	/* Pairs with the exchange in darter_connection_serve_inline(). */
	smp_store_release(&connection->owner, DARTER_OWNER_NOBODY);
}

/**
 * darter_connection_serve() - send, run and receive until it must wait
 * @connection: kicked; may be freed
 *
 * What a parked session waits for is told by the core. That its socket has more
 * to read, too, is no reason to try again.
 *
 * Context: in its worker; sleeps.
 */
void darter_connection_serve(struct darter_connection *connection)
{
	u32 rounds = READ_ONCE(connection->session.instance->config.knobs.visit_rounds);

	take_session(connection);
	if (READ_ONCE(connection->resume)) {
		WRITE_ONCE(connection->resume, false);
		if (connection->verdict == DARTER_SESSION_PARKED)
			connection->verdict = DARTER_SESSION_YIELD;
	}
	while (rounds--) {
		switch (is_over(connection) ? CLOSE : serve_round(connection)) {
		case GO_ON:
			break;
		case WAIT:
			if (connection->session.reply.bytes)
				list_move_tail(&connection->stalled_link,
					       &connection->worker->stalled);
			leave_session(connection);
			return;
		case CLOSE:
			darter_connection_close(connection);
			return;
		}
	}
	darter_worker_kick(connection);
}
