// SPDX-License-Identifier: GPL-2.0
/*
 * Listening sockets: one for each worker and address, all on one port with
 * SO_REUSEPORT. SO_INCOMING_CPU has the kernel prefer the socket of the worker
 * on whose CPU a connection's packets arrive. In the per-cpu topology each worker
 * also has a socket of its own for each address, on a port of its own.
 *
 * What is new is opened before what is no longer wanted is closed, so a change
 * that fails changes nothing, and one socket that stays loses no connection.
 * Listeners change under config.lock or before the workers run;
 * worker->listen_lock protects a worker's list.
 *
 * A worker waits at its listeners as a poller does, in the sockets' wait queues.
 * A callback in sk_data_ready would be inherited by connections that nobody has
 * accepted yet, which may outlive their listener.
 *
 * The listeners of a worker that is not wanted any more stay open, so that nobody is
 * turned away who waits there, or who knows its port. One of those that are wanted
 * attends to them: worker i to those of i, i + workers, i + 2 * workers, and so on.
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

#include "core/topology.h"
#include "net.h"

/* Connections taken from one listener before those there are get a turn. */
#define ACCEPT_BUDGET 64
/* More than the configuration takes. */
#define MAX_ADDRESSES 32

/* A change of the listeners. */
struct plan {
	struct list_head opened;	/* of new listeners, of all workers */
	u32 count;
	struct sockaddr_storage wanted[MAX_ADDRESSES];	/* without ports */
};

/* Who attends to the listeners of a worker. */
static struct darter_worker *attendant(struct darter_worker *worker)
{
	struct darter_server *server = worker->server;

	return &server->workers[worker->lane->index % READ_ONCE(server->instance.workers)];
}

/*
 * Any context, interrupts are off. If another worker has just become the attendant, it
 * is kicked by who made it that.
 */
static int listener_woken(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct darter_listener *listener = container_of(wait, struct darter_listener, wait);

	darter_worker_kick_accept(attendant(listener->worker));
	return 0;
}

static void listener_close(struct darter_listener *listener)
{
	list_del(&listener->link);
	remove_wait_queue(sk_sleep(listener->sock->sk), &listener->wait);
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
	sock_release(sock);
	return err;
}

static int set_number(struct socket *sock, int option, int value)
{
	return sock_setsockopt(sock, SOL_SOCKET, option, KERNEL_SOCKPTR(&value), sizeof(value));
}

/* Connections inherit it. */
static void set_keepalive(struct darter_listener *listener)
{
	struct darter_instance *instance = &listener->worker->server->instance;
	int seconds = min_t(u32, READ_ONCE(instance->config.tcp_keepalive), MAX_TCP_KEEPIDLE);
	struct sock *sk = listener->sock->sk;

	if (seconds) {
		tcp_sock_set_keepidle(sk, seconds);
		tcp_sock_set_keepintvl(sk, max(seconds / 3, 1));
		tcp_sock_set_keepcnt(sk, 3);
	}
	set_number(listener->sock, SO_KEEPALIVE, !!seconds);
}

/* Which of the sockets that share a port the kernel prefers. */
static void set_steering(struct darter_listener *listener)
{
	const struct darter_worker *worker = listener->worker;
	bool on = READ_ONCE(worker->server->instance.config.knobs.steering);

	set_number(listener->sock, SO_INCOMING_CPU, on ? (int)worker->cpu : -1);
}

static int bind_and_listen(struct darter_listener *listener)
{
	struct darter_worker *worker = listener->worker;
	int err;

	err = bind_socket(listener->sock, &listener->address, true);
	if (err)
		return err;
	tcp_sock_set_nodelay(listener->sock->sk);
	set_steering(listener);
	set_keepalive(listener);
	return kernel_listen(listener->sock, worker->server->instance.config.backlog);
}

static int listener_open(struct darter_worker *worker, const struct sockaddr_storage *address,
			 struct list_head *list)
{
	struct darter_listener *listener = kzalloc(sizeof(*listener), GFP_KERNEL);
	int err;

	if (!listener)
		return -ENOMEM;
	listener->worker = worker;
	listener->address = *address;
	err = sock_create_kern(worker->server->net, address->ss_family, SOCK_STREAM, IPPROTO_TCP,
			       &listener->sock);
	if (err) {
		kfree(listener);
		return err;
	}
	init_waitqueue_func_entry(&listener->wait, listener_woken);
	add_wait_queue(sk_sleep(listener->sock->sk), &listener->wait);
	list_add_tail(&listener->link, list);
	err = bind_and_listen(listener);
	if (err)
		listener_close(listener);
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
	case -EACCES:
		return "not permitted";
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
	if (!strcmp(word, "*"))
		word = "0.0.0.0";
	else if (!strcmp(word, "::*"))
		word = "::";
	return inet_pton_with_scope(server->net, AF_UNSPEC, word, NULL, address);
}

/* It lies at the same place for both protocols. */
static u16 port_of(const struct sockaddr_storage *address)
{
	return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static void set_port(struct sockaddr_storage *address, u16 port)
{
	((struct sockaddr_in *)address)->sin_port = htons(port);
}

/* Whether a worker listens on this very address, or on any if it is NULL. */
static bool listens_on(struct darter_worker *worker, const struct sockaddr_storage *address,
		       u16 port)
{
	struct darter_listener *listener;
	bool found = false;

	mutex_lock(&worker->listen_lock);
	list_for_each_entry(listener, &worker->listeners, link)
		found |= port_of(&listener->address) == port &&
			 (!address || !memcmp(&listener->address, address, sizeof(*address)));
	mutex_unlock(&worker->listen_lock);
	return found;
}

/* Whether the port is ours already, which a probe would only find taken. */
static bool has_port(struct darter_server *server, u16 port)
{
	u32 i;

	for (i = 0; i < server->nworkers; i++)
		if (listens_on(&server->workers[i], NULL, port))
			return true;
	return false;
}

/* Have workers from @first to before @end listen on an address, unless they do so. */
static int open_for(struct darter_server *server, u32 first, u32 end,
		    const struct sockaddr_storage *address, struct list_head *opened)
{
	int err = 0;
	u32 i;

	if (!has_port(server, port_of(address)))
		err = probe_port(server->net, address);
	for (i = first; !err && i < end; i++)
		if (!listens_on(&server->workers[i], address, port_of(address)))
			err = listener_open(&server->workers[i], address, opened);
	return err;
}

/* On the port that all share, and each worker on its own; @port: that of an error. */
static int open_ports(struct darter_server *server, struct sockaddr_storage address,
		      struct list_head *opened, u16 *port)
{
	u32 i, workers = server->instance.config.workers;
	int err = 0;

	*port = server->instance.config.port;
	set_port(&address, *port);
	if (*port)
		err = open_for(server, 0, workers, &address, opened);
	for (i = 0; !err && i < workers; i++) {
		*port = darter_topology_port(&server->instance, i);
		set_port(&address, *port);
		if (*port)
			err = open_for(server, i, i + 1, &address, opened);
	}
	return err;
}

static bool is_planned(const struct plan *plan, const struct sockaddr_storage *address)
{
	u32 i;

	for (i = 0; i < plan->count; i++)
		if (!memcmp(&plan->wanted[i], address, sizeof(*address)))
			return true;
	return false;
}

static bool is_wanted(const struct plan *plan, const struct darter_listener *listener)
{
	const struct darter_instance *instance = &listener->worker->server->instance;
	struct sockaddr_storage address = listener->address;
	u16 port = port_of(&address);

	set_port(&address, 0);
	return (port == instance->config.port ||
		port == darter_topology_port(instance, listener->worker->lane->index)) &&
	       is_planned(plan, &address);
}

static int open_address(struct darter_server *server, char *word, struct plan *plan, u16 *port)
{
	struct sockaddr_storage address = { };
	int err = parse_address(server, word, &address);

	if (err || is_planned(plan, &address))
		return err;
	if (plan->count == MAX_ADDRESSES)
		return -E2BIG;
	err = open_ports(server, address, &plan->opened, port);
	if (!err)
		plan->wanted[plan->count++] = address;
	return err;
}

static bool is_absence(int err)
{
	return err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT || err == -EPROTONOSUPPORT;
}

/* Open what "bind" names and is not open yet. */
static int open_all(struct darter_server *server, struct plan *plan, char *why, size_t why_len)
{
	const struct darter_config *config = &server->instance.config;
	char *binds, *next, *word;
	u16 port = config->port;
	int err = 0;

	binds = kstrdup(config->bind, GFP_KERNEL);
	if (!binds)
		return -ENOMEM;
	next = binds;
	while (!err && (word = strsep(&next, " "))) {
		bool optional = *word == '-';

		if (!*word)
			continue;
		err = open_address(server, word + optional, plan, &port);
		if (err && optional && is_absence(err))
			err = 0;
		else if (err)
			snprintf(why, why_len, "%s port %u: %s", word + optional, port,
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

/* Take from a worker what is not wanted any more. */
static void withdraw(struct darter_worker *worker, const struct plan *plan,
		     struct list_head *unwanted)
{
	struct darter_listener *listener, *next;

	mutex_lock(&worker->listen_lock);
	list_for_each_entry_safe(listener, next, &worker->listeners, link)
		if (!is_wanted(plan, listener))
			list_move(&listener->link, unwanted);
	mutex_unlock(&worker->listen_lock);
}

/* Give a new listener to its worker; a connection may have been missed. */
static void hand_over(struct darter_listener *listener)
{
	struct darter_worker *worker = listener->worker;

	mutex_lock(&worker->listen_lock);
	list_move_tail(&listener->link, &worker->listeners);
	mutex_unlock(&worker->listen_lock);
	darter_worker_kick_accept(attendant(worker));
}

static void carry_out(struct darter_server *server, struct plan *plan)
{
	struct darter_listener *listener, *next;
	LIST_HEAD(unwanted);
	u32 i;

	for (i = 0; i < server->nworkers; i++)
		withdraw(&server->workers[i], plan, &unwanted);
	list_for_each_entry_safe(listener, next, &plan->opened, link)
		hand_over(listener);
	close_list(&unwanted);
}

/**
 * darter_listeners_open() - listen where the configuration says, and only there
 * @server: its workers are initialized; they may run
 * @why: set to what is wrong when that fails
 * @why_len: room there
 *
 * Context: may sleep. Under config.lock, or before the server is published.
 * Return: 0, or a negative errno, then the listeners are what they were.
 */
int darter_listeners_open(struct darter_server *server, char *why, size_t why_len)
{
	struct plan *plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	int err;

	if (!plan)
		return -ENOMEM;
	INIT_LIST_HEAD(&plan->opened);
	err = open_all(server, plan, why, why_len);
	if (err)
		close_list(&plan->opened);
	else
		carry_out(server, plan);
	kfree(plan);
	return err;
}

/**
 * darter_listeners_set_options() - tcp-keepalive or darter-steering has changed
 * @server: connections that it accepts from now on are concerned
 *
 * Context: may sleep. Under config.lock.
 */
void darter_listeners_set_options(struct darter_server *server)
{
	struct darter_listener *listener;
	u32 i;

	for (i = 0; i < server->nworkers; i++) {
		struct darter_worker *worker = &server->workers[i];

		mutex_lock(&worker->listen_lock);
		list_for_each_entry(listener, &worker->listeners, link) {
			set_steering(listener);
			set_keepalive(listener);
		}
		mutex_unlock(&worker->listen_lock);
	}
}

/**
 * darter_listeners_close() - stop listening
 * @worker: whose thread has ended
 */
void darter_listeners_close(struct darter_worker *worker)
{
	mutex_lock(&worker->listen_lock);
	close_list(&worker->listeners);
	mutex_unlock(&worker->listen_lock);
}

static bool accept_some(struct darter_worker *worker, struct darter_listener *listener)
{
	struct socket *sock;
	u32 budget = ACCEPT_BUDGET;

	while (budget--) {
		if (kernel_accept(listener->sock, &sock, O_NONBLOCK))
			return false;
		darter_connection_open(worker, sock);
	}
	return true;
}

static bool accept_for(struct darter_worker *worker, struct darter_worker *owner)
{
	struct darter_listener *listener;
	bool more = false;

	mutex_lock(&owner->listen_lock);
	list_for_each_entry(listener, &owner->listeners, link)
		more |= accept_some(worker, listener);
	mutex_unlock(&owner->listen_lock);
	return more;
}

/**
 * darter_listeners_accept() - take the connections that wait
 * @worker: the caller; there may be none that it attends to
 */
void darter_listeners_accept(struct darter_worker *worker)
{
	struct darter_server *server = worker->server;
	u32 workers = READ_ONCE(server->instance.workers);
	u32 i = worker->lane->index, count = darter_server_workers(server);
	bool more = false;

	for (; worker->lane->index < workers && i < count; i += workers)
		more |= accept_for(worker, &server->workers[i]);
	if (more)
		darter_worker_kick_accept(worker);
}
