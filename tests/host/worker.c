// SPDX-License-Identifier: GPL-2.0
/*
 * Workers of the host build: one thread each, with its own listeners, epoll and
 * ready list. The ready list is the only thing that other threads touch.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rcupdate.h>

#include "core/client.h"
#include "host.h"

#define EVENTS 128
/* How often connections are looked at for time that has run out, ms. */
#define SWEEP_EVERY 1000

/**
 * worker_kick() - have a session's connection served soon
 * @session: a session of a connection
 *
 * Context: any thread, any lock held.
 */
void worker_kick(struct darter_session *session)
{
	struct connection *connection = container_of(session, struct connection, session);
	struct worker *worker = connection->worker;
	u64 one = 1;

	pthread_mutex_lock(&worker->lock);
	if (list_empty(&connection->ready_link))
		list_add_tail(&connection->ready_link, &worker->ready);
	pthread_mutex_unlock(&worker->lock);
	(void)!write(worker->wakeup, &one, sizeof(one));
}

static void accept_all(struct worker *worker, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		connection_open(worker, fd);
}

/* What an event is about: a worker, as the tag of its listeners, or a connection. */
static bool is_worker(const struct server *server, const void *tag)
{
	uintptr_t distance = (uintptr_t)tag - (uintptr_t)server->workers;

	return distance < server->instance.params.max_lanes * sizeof(*server->workers);
}

static void serve_event(struct worker *worker, void *tag)
{
	struct worker *owner = tag;
	u32 i;

	if (tag == &worker->wakeup)
		return;
	if (!is_worker(worker->server, tag)) {
		connection_serve(tag);
		return;
	}
	for (i = 0; i < LISTENERS; i++)
		if (owner->listeners[i] >= 0)
			accept_all(worker, owner->listeners[i]);
}

/* Serve what is on the list now; what is added meanwhile waits for the next turn. */
static void serve_ready(struct worker *worker)
{
	LIST_HEAD(batch);
	u64 count;

	(void)!read(worker->wakeup, &count, sizeof(count));
	pthread_mutex_lock(&worker->lock);
	list_splice_init(&worker->ready, &batch);
	while (!list_empty(&batch)) {
		struct connection *connection =
			list_first_entry(&batch, struct connection, ready_link);

		list_del_init(&connection->ready_link);
		pthread_mutex_unlock(&worker->lock);
		connection_serve(connection);
		pthread_mutex_lock(&worker->lock);
	}
	pthread_mutex_unlock(&worker->lock);
}

static void sweep(struct worker *worker, u64 now)
{
	struct connection *connection, *next;

	list_for_each_entry_safe(connection, next, &worker->connections, link)
		if (connection_overdue(connection, now))
			connection_close(connection);
}

static void close_all(struct worker *worker)
{
	struct connection *connection, *next;

	list_for_each_entry_safe(connection, next, &worker->connections, link)
		connection_close(connection);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct server *server = worker->server;
	struct epoll_event events[EVENTS];
	u64 swept = host_now();
	u32 wait = 0;

	rcu_register_thread();
	WRITE_ONCE(worker->lane->cpu, sched_getcpu());
	while (!atomic_load(&server->stopping)) {
		int i, n = epoll_wait(worker->epoll, events, EVENTS, wait);
		u64 now = host_now();

		darter_count(&worker->lane->sleeps, !!wait);
		for (i = 0; i < n; i++)
			serve_event(worker, events[i].data.ptr);
		serve_ready(worker);
		wait = darter_instance_tick(&server->instance, worker->lane->index, now);
		if (now - swept >= SWEEP_EVERY) {
			sweep(worker, now);
			WRITE_ONCE(worker->lane->cpu, sched_getcpu());
			swept = now;
		}
	}
	close_all(worker);
	rcu_unregister_thread();
	return NULL;
}

static int watch_fd(struct worker *worker, int fd, void *tag)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = tag };

	return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event);
}

/**
 * worker_start() - start a worker's thread
 * @worker: with server, lane and listeners set; nobody attends to these yet
 *
 * Return: 0 or a negative errno.
 */
int worker_start(struct worker *worker)
{
	pthread_mutex_init(&worker->lock, NULL);
	INIT_LIST_HEAD(&worker->ready);
	INIT_LIST_HEAD(&worker->connections);
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (worker->epoll < 0 || worker->wakeup < 0)
		return -errno;
	if (watch_fd(worker, worker->wakeup, &worker->wakeup))
		return -errno;
	return -pthread_create(&worker->thread, NULL, worker_main, worker);
}

/**
 * worker_attend() - have somebody accept what comes to a worker's listeners
 * @worker: whose listeners
 * @attendant: who accepts from now on
 *
 * What waits there now shows as an event to the new attendant, too.
 *
 * Context: any thread, under config.lock.
 * Return: 0 or a negative errno.
 */
int worker_attend(struct worker *worker, struct worker *attendant)
{
	u32 i;

	if (worker->attendant == attendant)
		return 0;
	for (i = 0; i < LISTENERS; i++) {
		int fd = worker->listeners[i];

		if (fd < 0)
			continue;
		if (watch_fd(attendant, fd, worker))
			return -errno;
		if (worker->attendant)
			epoll_ctl(worker->attendant->epoll, EPOLL_CTL_DEL, fd, NULL);
	}
	worker->attendant = attendant;
	return 0;
}

/**
 * worker_stop() - wait for a worker to end; server->stopping is set
 * @worker: the worker; its connections are closed
 */
void worker_stop(struct worker *worker)
{
	u64 one = 1;

	(void)!write(worker->wakeup, &one, sizeof(one));
	pthread_join(worker->thread, NULL);
}

/**
 * worker_destroy() - free what a worker has
 * @worker: the worker; the threads of all have ended, each of which can reach the others
 */
void worker_destroy(struct worker *worker)
{
	u32 i;

	close(worker->wakeup);
	close(worker->epoll);
	for (i = 0; i < LISTENERS; i++)
		if (worker->listeners[i] >= 0)
			close(worker->listeners[i]);
	pthread_mutex_destroy(&worker->lock);
}
