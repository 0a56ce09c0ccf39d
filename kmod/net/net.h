/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kmod/net share: an instance with its sockets and threads.
 *
 * A worker is a thread. It alone serves, closes and frees its connections, so
 * those need no lock of their own; everybody else can only kick one: put it on
 * its worker's ready list and wake the worker if it sleeps. Socket callbacks run
 * in softirq and do no more than that; with inline dispatch one may also borrow a
 * connection that its worker has let go of, see enum darter_owner.
 *
 * Locks, outermost first:
 *
 *   pernet->lock                 which server a namespace has
 *     config.lock (core)         one change of the listeners and workers at a time
 *       worker->listen_lock      the worker's list of listeners
 *         a listening socket's lock, inside kernel_accept()
 *   a connection's socket lock   around sending and receiving; never two
 *   sk_callback_lock             around each callback, with softirqs off
 *     worker->lock               the ready list: a leaf, not in hard interrupts
 *
 * No socket is locked while a command runs, and no shard while a socket is.
 */
#ifndef DARTER_NET_NET_H
#define DARTER_NET_NET_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>

#include "core/instance.h"
#include "core/lane.h"
#include "core/session.h"

struct darter_start;
struct net;
struct sock;
struct socket;
struct task_struct;

/* A listening socket of one worker. */
struct darter_listener {
	struct list_head link;		/* in worker->listeners */
	struct darter_worker *worker;
	struct socket *sock;
	struct sockaddr_storage address;
	struct wait_queue_entry wait;	/* in the socket's queue */
};

/*
 * A worker is made when it is first wanted, and lives as long as its server. One that is
 * not wanted any more serves the connections that it has; to its listeners another
 * one attends, see darter_listeners_accept().
 */
struct darter_worker {
	struct darter_server *server;
	struct darter_lane *lane;
	struct task_struct *task;	/* with a reference */
	u32 cpu;			/* where it belongs */

	struct mutex listen_lock;	/* protects listeners */
	struct list_head listeners;
	struct list_head connections;	/* of connection.link, the worker's own */
	struct list_head stalled;	/* of stalled_link: whose socket was full */

	u64 now;			/* ms since the epoch, as of the turn it is at */
	u64 next_sweep;			/* when it looks for those whose time has run out */
	u64 window;			/* ns for which it polls before it sleeps */
	struct timer_list alarm;	/* wakes it at or before the time for which it sleeps */

	bool accept;			/* a listener may have a connection */
	bool asleep;			/* set by the worker; who clears it wakes it */
	spinlock_t lock;		/* protects ready and ready_link of each */
	struct list_head ready;		/* connections to serve */
};

/*
 * Who uses the session of a connection. The worker lets go of it while it waits for
 * input, if dispatch is inline. A softirq that brings some may take it then, and either
 * lets go of it again or hands it over to the worker with a kick. Neither waits for
 * the other for longer than a softirq takes.
 */
enum darter_owner {
	DARTER_OWNER_WORKER,
	DARTER_OWNER_NOBODY,
	DARTER_OWNER_SOFTIRQ,
};

struct darter_connection {
	struct darter_session session;
	struct darter_worker *worker;
	u32 owner;			/* enum darter_owner */
	struct socket *sock;
	struct list_head ready_link, link, stalled_link;

	enum darter_session_verdict verdict;
	bool resume;			/* kicked by the core, not by the socket */

	/* the socket's callbacks as they were */
	void (*data_ready)(struct sock *sk);
	void (*state_change)(struct sock *sk);
	void (*write_space)(struct sock *sk);
};

/* An instance, and what serves it. */
struct darter_server {
	struct darter_instance instance;
	struct net *net;
	struct darter_worker *workers;	/* room for params.max_lanes */
	u32 nworkers;			/* that are made; only grows, see darter_server_workers() */
	refcount_t refs;
	struct completion idle;		/* the last reference is gone */
};

/* "1.2.3.4:5" or "[::1]:5", DARTER_ADDR_CHARS with the NUL. */
void darter_format_endpoint(const struct sockaddr_storage *address, char *out);
u64 darter_now(void);
u64 darter_now_for(struct darter_lane *lane);

/* listener.c */
int darter_listeners_open(struct darter_server *server, char *why, size_t why_len);
void darter_listeners_set_options(struct darter_server *server);
void darter_listeners_close(struct darter_worker *worker);
void darter_listeners_accept(struct darter_worker *worker);

/* inline.c: in the callback of a connection's socket */
bool darter_connection_serve_inline(struct darter_connection *connection);

/* connection.c: the replies of a connection, its socket locked and its session owned */
int darter_connection_send(struct darter_connection *connection, struct darter_lane *lane);
/* connection.c: called by the connection's worker, or when that has ended */
void darter_connection_open(struct darter_worker *worker, struct socket *sock);
void darter_connection_serve(struct darter_connection *connection);
void darter_connection_close(struct darter_connection *connection);
/* Whether its time or its room has run out. */
bool darter_connection_overdue(struct darter_connection *connection, u64 now);

/* worker.c */
int darter_worker_init(struct darter_worker *worker, struct darter_server *server, u32 index,
		       u32 cpu);
void darter_worker_start(struct darter_worker *worker);
void darter_worker_stop(struct darter_worker *worker);
void darter_worker_destroy(struct darter_worker *worker);
void darter_worker_kick(struct darter_connection *connection);
void darter_worker_rest(struct darter_session *session, u64 micros);
void darter_worker_kick_accept(struct darter_worker *worker);

/* server.c */
u32 darter_server_workers(const struct darter_server *server);
struct darter_server *darter_server_start(struct net *net, const struct darter_start *start,
					  const struct darter_config_pair *pairs, u32 npairs,
					  char *why, size_t why_len);
void darter_server_stop(struct darter_server *server);

/* namespace.c */
int darter_namespaces_init(void);
void darter_namespaces_exit(void);
int darter_namespace_start(struct net *net, const struct darter_start *start,
			   const struct darter_config_pair *pairs, u32 npairs,
			   char *why, size_t why_len);

#endif /* DARTER_NET_NET_H */
