// SPDX-License-Identifier: GPL-2.0
/*
 * Listening sockets: one for each worker and address, all on one port with
 * SO_REUSEPORT. SO_INCOMING_CPU has the kernel prefer the socket of the worker
 * on whose CPU a connection's packets arrive.
 *
 * A new set is opened before the old one is closed, so a change that fails
 * changes nothing. darter_listeners_open() is called under config.lock or before
 * the workers run; worker->listen_lock protects a worker's list.
 */
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "net.h"

/* Connections taken from one listener before those there are get a turn. */
#define ACCEPT_BUDGET 64

/*
 * A connection that is not accepted yet has inherited this callback and its
 * data; it is not a listener, and what it has to say can wait.
 */
static void listener_data_ready(struct sock *sk)
{
	struct darter_listener *listener;

	if (sk->sk_state != TCP_LISTEN)
		return;
	read_lock_bh(&sk->sk_callback_lock);
	listener = sk->sk_user_data;
	if (listener)
		darter_worker_kick_accept(listener->worker);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void listener_close(struct darter_listener *listener)
{
	struct sock *sk = listener->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data) {
		sk->sk_data_ready = listener->data_ready;
		sk->sk_user_data = NULL;
	}
	write_unlock_bh(&sk->sk_callback_lock);
	sock_release(listener->sock);
	kfree(listener);
}

static int bind_socket(struct socket *sock, const struct sockaddr_storage *address, bool shared)
{
	size_t len = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						      sizeof(struct sockaddr_in);

	sock_set_reuseaddr(sock->sk);
	if (shared)
		sock_set_reuseport(sock->sk);
	if (address->ss_family == AF_INET6)
		ip6_sock_set_v6only(sock->sk);
	/* The type of the address differs between kernels, the bytes do not. */
	return kernel_bind(sock, (void *)address, len);
}

/*
 * Sharing a port is for the listeners of one instance: without this another
 * server of root's that shares its port, too, would get half the connections. Where
 * the instance listens on the port already, it would only find itself.
 */
static int probe_port(struct net *net, const struct sockaddr_storage *address)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(net, address->ss_family, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	err = bind_socket(sock, address, false);
	if (!err)
		err = kernel_listen(sock, 1);
	sock_release(sock);
	return err;
}

static int prefer_cpu(struct socket *sock, int cpu)
{
	return sock_setsockopt(sock, SOL_SOCKET, SO_INCOMING_CPU, KERNEL_SOCKPTR(&cpu),
			       sizeof(cpu));
}

static int listener_open(struct darter_worker *worker, const struct sockaddr_storage *address,
			 struct list_head *list)
{
	struct darter_server *server = worker->server;
	struct darter_listener *listener;
	struct sock *sk;
	int err;

	listener = kzalloc(sizeof(*listener), GFP_KERNEL);
	if (!listener)
		return -ENOMEM;
	err = sock_create_kern(server->net, address->ss_family, SOCK_STREAM, IPPROTO_TCP,
			       &listener->sock);
	if (err)
		goto err_free;
	err = bind_socket(listener->sock, address, true);
	if (!err)
		err = prefer_cpu(listener->sock, READ_ONCE(worker->lane->cpu));
	if (err)
		goto err_release;
	tcp_sock_set_nodelay(listener->sock->sk);
	listener->worker = worker;
	sk = listener->sock->sk;
	write_lock_bh(&sk->sk_callback_lock);
	listener->data_ready = sk->sk_data_ready;
	sk->sk_user_data = listener;
	sk->sk_data_ready = listener_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	err = kernel_listen(listener->sock, server->instance.config.backlog);
	if (err) {
		listener_close(listener);
		return err;
	}
	list_add_tail(&listener->link, list);
	return 0;

err_release:
	sock_release(listener->sock);
err_free:
	kfree(listener);
	return err;
}

static const char *describe_error(int err)
{
	switch (err) {
	case -EADDRINUSE:
		return "address already in use";
	case -EADDRNOTAVAIL:
		return "this host has no such address";
	case -EAFNOSUPPORT:
		return "this kernel does not speak that protocol";
	case -EINVAL:
		return "not an IP address";
	case -ENOMEM:
		return "out of memory";
	default:
		return "cannot listen there";
	}
}

/* One word of the parameter "bind". A dash before it: it may be missing here. */
static int parse_address(struct darter_server *server, char *word,
			 struct sockaddr_storage *address)
{
	char port[8];

	snprintf(port, sizeof(port), "%u", server->instance.config.port);
	if (!strcmp(word, "*"))
		word = "0.0.0.0";
	else if (!strcmp(word, "::*"))
		word = "::";
	return inet_pton_with_scope(server->net, AF_UNSPEC, word, port, address);
}

static __be16 port_of(const struct sockaddr_storage *address)
{
	/* It lies at the same place for both protocols. */
	return ((const struct sockaddr_in *)address)->sin_port;
}

/* Whether the first worker, and so each, listens on that port already. */
static bool has_port(struct darter_server *server, __be16 port)
{
	struct darter_worker *worker = &server->workers[0];
	struct darter_listener *listener;
	bool found = false;

	mutex_lock(&worker->listen_lock);
	list_for_each_entry(listener, &worker->listeners, link) {
		struct sockaddr_storage own = { };

		if (kernel_getsockname(listener->sock, (void *)&own) >= 0)
			found |= port_of(&own) == port;
	}
	mutex_unlock(&worker->listen_lock);
	return found;
}

static int open_address(struct darter_server *server, char *word, struct list_head *lists)
{
	struct sockaddr_storage address = { };
	int err;
	u32 i;

	err = parse_address(server, word, &address);
	if (!err && !has_port(server, port_of(&address)))
		err = probe_port(server->net, &address);
	for (i = 0; !err && i < server->nworkers; i++)
		err = listener_open(&server->workers[i], &address, &lists[i]);
	return err;
}

static bool is_absence(int err)
{
	return err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT || err == -EPROTONOSUPPORT;
}

static int open_all(struct darter_server *server, struct list_head *lists, char *why,
		    size_t why_len)
{
	const struct darter_config *config = &server->instance.config;
	char *binds, *next, *word;
	int err = 0;

	if (!config->port)
		return 0;
	binds = kstrdup(config->bind, GFP_KERNEL);
	if (!binds)
		return -ENOMEM;
	next = binds;
	while (!err && (word = strsep(&next, " "))) {
		bool optional = *word == '-';

		if (!*word)
			continue;
		err = open_address(server, word + optional, lists);
		if (err && optional && is_absence(err))
			err = 0;
		else if (err)
			snprintf(why, why_len, "%s port %u: %s", word + optional, config->port,
				 describe_error(err));
	}
	kfree(binds);
	return err;
}

static void close_list(struct list_head *list)
{
	struct darter_listener *listener, *next;

	list_for_each_entry_safe(listener, next, list, link)
		listener_close(listener);
}

/* Give a worker its new listeners; @list gets the old ones. */
static void exchange(struct darter_worker *worker, struct list_head *list)
{
	LIST_HEAD(old);

	mutex_lock(&worker->listen_lock);
	list_splice_init(&worker->listeners, &old);
	list_splice_init(list, &worker->listeners);
	mutex_unlock(&worker->listen_lock);
	list_splice(&old, list);
	darter_worker_kick_accept(worker);
}

/**
 * darter_listeners_open() - listen where the configuration says
 * @server: its workers are initialized; they may run
 * @why: set to what is wrong when that fails
 * @why_len: room there
 *
 * Context: may sleep. Under config.lock, or before the server is published.
 * Return: 0, or a negative errno, then the listeners are what they were.
 */
int darter_listeners_open(struct darter_server *server, char *why, size_t why_len)
{
	struct list_head *lists;
	int err;
	u32 i;

	lists = kcalloc(server->nworkers, sizeof(*lists), GFP_KERNEL);
	if (!lists)
		return -ENOMEM;
	for (i = 0; i < server->nworkers; i++)
		INIT_LIST_HEAD(&lists[i]);
	err = open_all(server, lists, why, why_len);
	for (i = 0; i < server->nworkers; i++) {
		if (!err)
			exchange(&server->workers[i], &lists[i]);
		close_list(&lists[i]);
	}
	kfree(lists);
	return err;
}

/**
 * darter_listeners_close() - stop listening
 * @worker: whose thread has ended
 */
void darter_listeners_close(struct darter_worker *worker)
{
	mutex_lock(&worker->listen_lock);
	close_list(&worker->listeners);
	INIT_LIST_HEAD(&worker->listeners);
	mutex_unlock(&worker->listen_lock);
}

static bool accept_some(struct darter_worker *worker, struct darter_listener *listener)
{
	struct socket *sock;
	u32 budget = ACCEPT_BUDGET;

	while (budget--) {
		if (kernel_accept(listener->sock, &sock, O_NONBLOCK))
			return false;
		darter_connection_open(worker, listener, sock);
	}
	return true;
}

/**
 * darter_listeners_accept() - take the connections that wait
 * @worker: the caller
 */
void darter_listeners_accept(struct darter_worker *worker)
{
	struct darter_listener *listener;
	bool more = false;

	mutex_lock(&worker->listen_lock);
	list_for_each_entry(listener, &worker->listeners, link)
		more |= accept_some(worker, listener);
	mutex_unlock(&worker->listen_lock);
	if (more)
		darter_worker_kick_accept(worker);
}
