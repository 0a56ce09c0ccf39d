// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: moving bytes between a socket and its session.
 *
 * All of it runs in the connection's worker, but for the socket callbacks. The
 * socket is locked by each receive and each send alone, not while commands run:
 * so packets are taken in meanwhile, and a command that waits holds up nobody.
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
#include <linux/uio.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "core/client.h"
#include "net.h"

/* Rounds of receiving, running and sending before other connections get a turn. */
#define ROUNDS 8
/* Pieces of replies in one send. */
#define SEND_VECTORS 32
/* Most bytes of one receive: a big value comes in parts. */
#define RECEIVE_MAX (1 << 20)
#define SEND_MAX (1 << 20)

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
	read_lock_bh(&sk->sk_callback_lock);
	kick_from(sk);
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

/* What the connection inherited of its listener's is not what it was. */
static void take_socket(struct darter_connection *connection, struct darter_listener *listener)
{
	struct sock *sk = connection->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	connection->data_ready = listener->data_ready;
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

/* A connection that is refused: it has inherited its listener's callback. */
static void drop_socket(struct socket *sock, struct darter_listener *listener, const char *text)
{
	struct kvec vec = { .iov_base = (char *)text, .iov_len = text ? strlen(text) : 0 };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct sock *sk = sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = listener->data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	if (text)
		kernel_sendmsg(sock, &msg, &vec, 1, vec.iov_len);
	sock_release(sock);
}

void darter_connection_set_keepalive(struct darter_connection *connection)
{
	struct darter_instance *instance = &connection->worker->server->instance;
	u32 seconds = min_t(u32, READ_ONCE(instance->config.tcp_keepalive), MAX_TCP_KEEPIDLE);
	struct sock *sk = connection->sock->sk;

	if (!seconds)
		return;
	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, seconds);
	tcp_sock_set_keepintvl(sk, max_t(u32, seconds / 3, 1));
	tcp_sock_set_keepcnt(sk, 3);
}

/* Why a peer is not served; NULL: it is. */
static const char *refusal(struct darter_instance *instance, const struct sockaddr_storage *peer)
{
	if (READ_ONCE(instance->shutting_down))
		return "";
	if (READ_ONCE(instance->config.protected_mode) && !is_loopback(peer) &&
	    !darter_config_auth_required(instance))
		return "-DENIED Darter runs in protected mode and no password is set, so only connections from this host are accepted. Set a password (CONFIG SET requirepass), or turn protected mode off (CONFIG SET protected-mode no) if the network around this host may be trusted.\r\n";
	return NULL;
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
	err = darter_client_register(instance, &connection->session);
	if (err) {
		*why = "-ERR max number of clients reached\r\n";
		darter_session_destroy(&connection->session);
	}
	return err;
}

/**
 * darter_connection_open() - take over an accepted socket
 * @worker: the caller
 * @listener: where it was accepted
 * @sock: the socket; closed if it is refused
 */
void darter_connection_open(struct darter_worker *worker, struct darter_listener *listener,
			    struct socket *sock)
{
	struct sockaddr_storage peer = { };
	struct darter_connection *connection;
	const char *why = NULL;

	kernel_getpeername(sock, (void *)&peer);
	why = refusal(&worker->server->instance, &peer);
	if (why)
		goto err_drop;
	connection = kzalloc(sizeof(*connection), GFP_KERNEL | __GFP_NOWARN);
	if (!connection)
		goto err_drop;
	connection->worker = worker;
	connection->sock = sock;
	connection->verdict = DARTER_SESSION_READ;
	INIT_LIST_HEAD(&connection->ready_link);
	if (open_session(connection, &peer, &why))
		goto err_free;
	list_add_tail(&connection->link, &worker->connections);
	darter_count(&worker->lane->connections, 1);
	WRITE_ONCE(worker->lane->clients, worker->lane->clients + 1);
	darter_connection_set_keepalive(connection);
	take_socket(connection, listener);
	/* What came before the callbacks were ours has told nobody. */
	darter_worker_kick(connection);
	return;

err_free:
	kfree(connection);
err_drop:
	drop_socket(sock, listener, why);
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
	WRITE_ONCE(worker->lane->clients, worker->lane->clients - 1);
	kernel_sock_shutdown(connection->sock, SHUT_RDWR);
	sock_release(connection->sock);
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

/* 0: all sent; 1: the socket is full, its write_space will tell; -errno: it is gone. */
static int send_replies(struct darter_connection *connection)
{
	struct darter_reply *reply = &connection->session.reply;
	struct darter_lane *lane = connection->worker->lane;

	while (reply->bytes) {
		struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
		struct kvec vec[SEND_VECTORS];
		size_t total;
		u32 count;
		int sent;

		count = gather(reply, vec, &total);
		if (total < reply->bytes)
			msg.msg_flags |= MSG_MORE;
		sent = kernel_sendmsg(connection->sock, &msg, vec, count, total);
		if (sent == -EAGAIN)
			return 1;
		if (sent < 0)
			return sent;
		reply->lane = lane;
		darter_reply_sent(reply, sent);
		reply->lane = NULL;
		darter_count(&lane->bytes_out, sent);
		darter_count(&lane->batches, 1);
	}
	return 0;
}

/* True: something was received or the end was seen, the verdict is new. */
static bool receive(struct darter_connection *connection)
{
	struct darter_session *session = &connection->session;
	struct darter_lane *lane = connection->worker->lane;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec;
	int got = -ENOBUFS;
	u32 room;

	vec.iov_base = darter_session_window(session, lane, &room);
	vec.iov_len = min_t(u32, room, RECEIVE_MAX);
	if (vec.iov_base)
		got = kernel_recvmsg(connection->sock, &msg, &vec, 1, vec.iov_len, MSG_DONTWAIT);
	if (got == -EAGAIN)
		return false;
	if (got > 0)
		connection->verdict = darter_session_received(session, lane, got, darter_now());
	else if (!got)
		connection->verdict = darter_session_half_close(session, lane, darter_now());
	else
		connection->verdict = DARTER_SESSION_ABORT;
	return true;
}

/**
 * darter_connection_overdue() - whether time or room has run out
 * @connection: the connection
 * @now: ms since the epoch
 *
 * Return: true if it has been idle for too long, or reads too slowly.
 */
bool darter_connection_overdue(struct darter_connection *connection, u64 now)
{
	const struct darter_config *config = &connection->worker->server->instance.config;
	const struct darter_output_limit *limit = &config->output_limits[DARTER_CLIENT_NORMAL];
	const struct darter_session *session = &connection->session;
	u64 hard = READ_ONCE(limit->hard), soft = READ_ONCE(limit->soft);
	u64 held = session->reply.memory, timeout = READ_ONCE(config->timeout);

	if (hard && held > hard)
		return true;
	if (!soft || held <= soft)
		connection->over_soft_since = 0;
	else if (!connection->over_soft_since)
		connection->over_soft_since = now;
	else if (now > connection->over_soft_since + READ_ONCE(limit->soft_seconds) * 1000)
		return true;
	return timeout && connection->verdict == DARTER_SESSION_READ &&
	       now > session->last_active + timeout * 1000;
}

/* Whether to close it: killed, overdue, or the peer has reset it. */
static bool is_over(struct darter_connection *connection)
{
	return READ_ONCE(connection->session.killed) ||
	       connection->verdict == DARTER_SESSION_ABORT ||
	       READ_ONCE(connection->sock->sk->sk_state) == TCP_CLOSE ||
	       darter_connection_overdue(connection, darter_now());
}

enum progress { GO_ON, WAIT, CLOSE };

/* One round: send what there is, then do what the session asked for. */
static enum progress serve_round(struct darter_connection *connection)
{
	struct darter_session *session = &connection->session;
	int state;

	if (is_over(connection))
		return CLOSE;
	state = send_replies(connection);
	if (state < 0)
		return CLOSE;
	darter_session_publish(session);
	if (state > 0)
		return WAIT;
	switch (connection->verdict) {
	case DARTER_SESSION_READ:
		return receive(connection) ? GO_ON : WAIT;
	case DARTER_SESSION_YIELD:
		connection->verdict = darter_session_run(session, connection->worker->lane,
							 darter_now());
		return GO_ON;
	case DARTER_SESSION_PARKED:
		return WAIT;
	default:
		return CLOSE;
	}
}

/**
 * darter_connection_serve() - send, run and receive until it must wait
 * @connection: kicked; may be freed
 *
 * Context: in its worker; sleeps.
 */
void darter_connection_serve(struct darter_connection *connection)
{
	u32 round;

	if (connection->verdict == DARTER_SESSION_PARKED)
		connection->verdict = DARTER_SESSION_YIELD;
	for (round = 0; round < ROUNDS; round++) {
		switch (serve_round(connection)) {
		case GO_ON:
			break;
		case WAIT:
			return;
		case CLOSE:
			darter_connection_close(connection);
			return;
		}
	}
	darter_worker_kick(connection);
}
