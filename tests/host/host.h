/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host build: the core behind a multi-threaded epoll server, for tests that
 * want sanitizers, debuggers and speed. Its parts stand in for kmod/net.
 */
#ifndef DARTER_HOST_H
#define DARTER_HOST_H

#include <pthread.h>
#include <stdatomic.h>

#include <linux/list.h>
#include <linux/types.h>

#include "core/instance.h"
#include "core/lane.h"
#include "core/session.h"

/* A worker's listeners: on the shared port, and on one of its own. */
#define LISTENERS 2

struct worker {
	struct server *server;
	struct darter_lane *lane;
	pthread_t thread;
	int epoll, wakeup;
	int listeners[LISTENERS];	/* -1: none */
	struct worker *attendant;	/* who accepts there; under config.lock */
	pthread_mutex_t lock;		/* leaf; protects ready */
	struct list_head ready;		/* of connection.ready_link: kicked or to be resumed */
	struct list_head connections;	/* of connection.link, the worker's own */
};

struct connection {
	struct darter_session session;
	struct worker *worker;
	int fd;
	u32 interest;			/* epoll events asked for */
	enum darter_session_verdict verdict;
	bool ended;			/* the peer sent FIN */
	struct list_head ready_link, link;
};

struct server {
	struct darter_instance instance;
	struct worker *workers;		/* room for params.max_lanes */
	u32 nworkers;			/* that run; under config.lock */
	atomic_bool stopping;
	int stopped;			/* eventfd: readable when the server shall end */
};

u64 host_now(void);

/* worker.c */
int worker_start(struct worker *worker);
int worker_attend(struct worker *worker, struct worker *attendant);
void worker_stop(struct worker *worker);
void worker_destroy(struct worker *worker);
void worker_kick(struct darter_session *session);

/* connection.c: called by the connection's worker */
struct connection *connection_open(struct worker *worker, int fd);
void connection_serve(struct connection *connection);
void connection_close(struct connection *connection);
/* Whether time has run out for it: idle too long, or too slow a reader. */
bool connection_overdue(struct connection *connection, u64 now);

#endif /* DARTER_HOST_H */
