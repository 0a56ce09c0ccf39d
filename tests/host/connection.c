// SPDX-License-Identifier: GPL-2.0
/*
 * Connections of the host build: moving bytes between a socket and a session.
 * Everything here runs in the worker that accepted the connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/slab.h>

#include "core/client.h"
#include "core/inline.h"
#include "core/topology.h"
#include "host.h"

#define IOVECS 64

static void format_endpoint(const struct sockaddr_storage *storage, char *out)
{
	char host[INET6_ADDRSTRLEN];

	if (storage->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)storage;

		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(out, DARTER_ADDR_CHARS, "[%s]:%u", host, ntohs(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const void *)storage;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(out, DARTER_ADDR_CHARS, "%s:%u", host, ntohs(in->sin_port));
	}
}

/* It lies at the same place for both protocols. */
static u16 port_of(const struct sockaddr_storage *storage)
{
	return ntohs(((const struct sockaddr_in *)storage)->sin_port);
}

static void set_keepalive(int fd, int seconds)
{
	int one = 1, interval = seconds / 3 ? seconds / 3 : 1, count = 3;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!seconds)
		return;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

static void set_interest(struct connection *connection, u32 events)
{
	struct epoll_event event = { .events = events, .data.ptr = connection };

	if (connection->interest == events)
		return;
	connection->interest = events;
	epoll_ctl(connection->worker->epoll, EPOLL_CTL_MOD, connection->fd, &event);
}

/**
 * connection_open() - take over an accepted socket
 * @worker: the caller
 * @fd: non-blocking socket; closed on failure
 *
 * Return: the connection, or NULL when it was refused.
 */
struct connection *connection_open(struct worker *worker, int fd)
{
	static const char full[] = "-ERR max number of clients reached\r\n";
	struct darter_instance *instance = &worker->server->instance;
	struct connection *connection = kzalloc(sizeof(*connection), GFP_KERNEL);
	struct epoll_event event = { .events = EPOLLIN };
	char addr[DARTER_ADDR_CHARS], laddr[DARTER_ADDR_CHARS];
	struct sockaddr_storage storage = { };
	socklen_t len = sizeof(storage);

	if (!connection)
		goto err_close;
	getpeername(fd, (struct sockaddr *)&storage, &len);
	format_endpoint(&storage, addr);
	len = sizeof(storage);
	getsockname(fd, (struct sockaddr *)&storage, &len);
	format_endpoint(&storage, laddr);
	set_keepalive(fd, READ_ONCE(instance->config.tcp_keepalive));

	connection->worker = worker;
	connection->fd = fd;
	connection->interest = EPOLLIN;
	connection->verdict = DARTER_SESSION_READ;
	INIT_LIST_HEAD(&connection->ready_link);
	if (darter_session_init(&connection->session, instance, addr, laddr, host_now()))
		goto err_free;
	connection->session.lane = worker->lane->index;
	connection->session.node = darter_topology_port_owner(instance, port_of(&storage));
	if (darter_client_register(instance, &connection->session)) {
		(void)!send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		goto err_session;
	}
	event.data.ptr = connection;
	if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event))
		goto err_unregister;
	list_add_tail(&connection->link, &worker->connections);
	darter_count(&worker->lane->connections, 1);
	WRITE_ONCE(worker->lane->clients, worker->lane->clients + 1);
	return connection;

err_unregister:
	darter_client_unregister(&connection->session);
err_session:
	darter_session_destroy(&connection->session);
err_free:
	kfree(connection);
err_close:
	close(fd);
	return NULL;
}

/**
 * connection_close() - end a connection at once
 * @connection: the connection; freed
 */
void connection_close(struct connection *connection)
{
	struct worker *worker = connection->worker;

	darter_client_unregister(&connection->session);
	darter_session_destroy(&connection->session);
	/* Nobody can kick the session any more; it may still be on the list. */
	pthread_mutex_lock(&worker->lock);
	list_del_init(&connection->ready_link);
	pthread_mutex_unlock(&worker->lock);
	list_del(&connection->link);
	WRITE_ONCE(worker->lane->clients, worker->lane->clients - 1);
	close(connection->fd);
	kfree(connection);
}

/* 0: all sent; 1: the socket is full; -1: the peer is gone. */
static int send_replies(struct connection *connection)
{
	struct darter_reply *reply = &connection->session.reply;

	while (reply->bytes) {
		struct iovec iov[IOVECS];
		struct msghdr msg = { .msg_iov = iov };
		struct darter_chunk *chunk;
		ssize_t sent;

		list_for_each_entry(chunk, &reply->chunks, link) {
			iov[msg.msg_iovlen].iov_base = (void *)chunk->bytes;
			iov[msg.msg_iovlen++].iov_len = chunk->len;
			if (msg.msg_iovlen == IOVECS)
				break;
		}
		sent = sendmsg(connection->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0)
			return errno == EAGAIN || errno == EINTR ? 1 : -1;
		reply->lane = connection->worker->lane;
		darter_reply_sent(reply, sent);
		reply->lane = NULL;
		darter_count(&connection->worker->lane->bytes_out, sent);
		darter_count(&connection->worker->lane->batches, 1);
	}
	return 0;
}

/* What can be executed as it would be in softirq. Return: bytes of it. */
static size_t run_inline(struct connection *connection, size_t len)
{
	struct darter_session *session = &connection->session;
	const struct darter_instance *instance = session->instance;
	struct darter_lane *lane = connection->worker->lane;
	struct darter_visit visit = {
		.lane = darter_inline_lane(instance, lane->index),
		.now = host_now(),
		.budget = READ_ONCE(instance->config.knobs.inline_commands),
	};
	u32 done;

	if (READ_ONCE(instance->config.dispatch) != DARTER_DISPATCH_INLINE || !visit.lane ||
	    !darter_inline_fit(session) || !darter_inline_begin(session, &visit))
		return 0;
	done = darter_inline_run(session, &visit, lane->scratch, len);
	darter_inline_end(session, &visit);
	return done;
}

/* True: something was received or the end was seen, the verdict is new. */
static bool receive(struct connection *connection)
{
	struct darter_session *session = &connection->session;
	struct darter_lane *lane = connection->worker->lane;
	ssize_t got;
	char *window;
	u32 room;

	window = darter_session_window(session, lane, &room);
	if (!window) {
		connection->verdict = DARTER_SESSION_ABORT;
		return true;
	}
	got = recv(connection->fd, window, room, MSG_DONTWAIT);
	if (got > 0) {
		size_t done = window == lane->scratch ? run_inline(connection, got) : 0;

		memmove(window, window + done, got - done);
		if (done < got)
			connection->verdict = darter_session_received(session, lane, got - done,
								      host_now());
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got < 0) {
		connection->verdict = DARTER_SESSION_ABORT;
		return true;
	}
	connection->ended = true;
	connection->verdict = darter_session_half_close(session, lane, host_now());
	return true;
}

bool connection_overdue(struct connection *connection, u64 now)
{
	return darter_session_overdue(&connection->session,
				      connection->verdict == DARTER_SESSION_READ, now);
}

/* Both directions are closed: nobody is left to hear what comes of a long wait. */
static bool is_gone(const struct connection *connection)
{
	struct pollfd pollfd = { .fd = connection->fd };

	return darter_session_blocked(&connection->session) && poll(&pollfd, 1, 0) > 0;
}

static void again(struct connection *connection)
{
	worker_kick(&connection->session);
}

/**
 * connection_serve() - send, receive and run until the connection must wait
 * @connection: readable, writable, kicked or to be resumed; may be freed
 */
void connection_serve(struct connection *connection)
{
	struct darter_session *session = &connection->session;
	u32 rounds = READ_ONCE(session->instance->config.knobs.visit_rounds);

	if (connection->verdict == DARTER_SESSION_PARKED)
		connection->verdict = DARTER_SESSION_YIELD;
	while (rounds--) {
		int state;

		if (READ_ONCE(session->killed) || connection->verdict == DARTER_SESSION_ABORT ||
		    is_gone(connection) || connection_overdue(connection, host_now()))
			goto close;
		if (!darter_session_collect(session, connection->worker->lane))
			goto close;
		state = send_replies(connection);
		if (state < 0)
			goto close;
		darter_session_publish(session);
		if (state > 0) {
			set_interest(connection, EPOLLOUT);
			return;
		}
		switch (connection->verdict) {
		case DARTER_SESSION_READ:
			if (!receive(connection)) {
				if (darter_session_has_pushes(session))
					break;
				set_interest(connection, EPOLLIN);
				return;
			}
			break;
		case DARTER_SESSION_YIELD:
			connection->verdict = darter_session_run(session, connection->worker->lane,
								 host_now());
			break;
		case DARTER_SESSION_PARKED:
			if (darter_session_has_pushes(session))
				break;
			set_interest(connection, 0);
			return;
		case DARTER_SESSION_FINISH:
		case DARTER_SESSION_ABORT:
			goto close;
		}
	}
	again(connection);
	return;

close:
	connection_close(connection);
}
