// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: a thread for each, which prefers one CPU and has its own listeners,
 * connections and ready list.
 *
 * Going to sleep and being kicked meet under worker->lock: the worker looks at
 * the list and says that it sleeps in one step, and who adds to the list sees
 * that and wakes it. An awake worker is never woken.
 */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "net.h"

/* How often connections are looked at for time that has run out, ms. */
#define SWEEP_EVERY 1000

static void wake(struct darter_worker *worker)
{
	bool asleep = worker->asleep;

	lockdep_assert_held(&worker->lock);
	worker->asleep = false;
	if (asleep)
		wake_up_process(worker->task);
}

/**
 * darter_worker_kick() - have a connection served soon
 * @connection: one that is open
 *
 * Context: any; under any leaf lock.
 */
void darter_worker_kick(struct darter_connection *connection)
{
	struct darter_worker *worker = connection->worker;

	spin_lock_bh(&worker->lock);
	if (list_empty(&connection->ready_link)) {
		list_add_tail(&connection->ready_link, &worker->ready);
		wake(worker);
	}
	spin_unlock_bh(&worker->lock);
}

/**
 * darter_worker_kick_accept() - have a worker look at its listeners
 * @worker: the worker
 *
 * Context: any.
 */
void darter_worker_kick_accept(struct darter_worker *worker)
{
	spin_lock_bh(&worker->lock);
	worker->accept = true;
	wake(worker);
	spin_unlock_bh(&worker->lock);
}

static void accept_waiting(struct darter_worker *worker)
{
	bool accept;

	spin_lock_bh(&worker->lock);
	accept = worker->accept;
	worker->accept = false;
	spin_unlock_bh(&worker->lock);
	if (accept)
		darter_listeners_accept(worker);
}

static struct darter_connection *take_first(struct darter_worker *worker, struct list_head *list)
{
	struct darter_connection *connection;

	spin_lock_bh(&worker->lock);
	connection = list_first_entry_or_null(list, struct darter_connection, ready_link);
	if (connection)
		list_del_init(&connection->ready_link);
	spin_unlock_bh(&worker->lock);
	return connection;
}

/* Serve what is on the list now; what is added meanwhile waits for the next turn. */
static void serve_ready(struct darter_worker *worker)
{
	struct darter_connection *connection;
	LIST_HEAD(batch);

	spin_lock_bh(&worker->lock);
	list_splice_init(&worker->ready, &batch);
	spin_unlock_bh(&worker->lock);
	while ((connection = take_first(worker, &batch))) {
		darter_connection_serve(connection);
		cond_resched();
	}
}

static void sweep(struct darter_worker *worker, u64 now)
{
	struct darter_connection *connection, *next;

	WRITE_ONCE(worker->lane->cpu, raw_smp_processor_id());
	list_for_each_entry_safe(connection, next, &worker->connections, link) {
		if (darter_connection_overdue(connection, now))
			darter_connection_close(connection);
		cond_resched();
	}
}

/* Sleep until kicked, or for @ms. */
static void sleep_for(struct darter_worker *worker, u32 ms)
{
	bool idle;

	set_current_state(TASK_IDLE);
	spin_lock_bh(&worker->lock);
	idle = list_empty(&worker->ready) && !worker->accept;
	worker->asleep = idle;
	spin_unlock_bh(&worker->lock);
	if (idle && ms && !kthread_should_stop())
		schedule_timeout(msecs_to_jiffies(ms) ?: 1);
	__set_current_state(TASK_RUNNING);
	spin_lock_bh(&worker->lock);
	worker->asleep = false;
	spin_unlock_bh(&worker->lock);
}

static int worker_main(void *arg)
{
	struct darter_worker *worker = arg;
	struct darter_instance *instance = &worker->server->instance;
	u64 next_tick = 0, next_sweep = 0, now;

	while (!kthread_should_stop()) {
		accept_waiting(worker);
		serve_ready(worker);
		now = darter_now();
		/* The clock may have been set back. */
		if (now >= next_tick || next_tick - now > SWEEP_EVERY)
			next_tick = now + darter_instance_tick(instance, worker->lane->index, now);
		if (now >= next_sweep || next_sweep - now > SWEEP_EVERY) {
			sweep(worker, now);
			next_sweep = now + SWEEP_EVERY;
		}
		sleep_for(worker, min(next_tick, next_sweep) - now);
		cond_resched();
	}
	return 0;
}

/**
 * darter_worker_init() - make a worker, whose thread does not run yet
 * @worker: zeroed
 * @server: whose
 * @index: of the worker and its lane
 * @cpu: that it shall run on
 *
 * When the CPU goes away the scheduler moves the thread elsewhere.
 *
 * Context: sleeps.
 * Return: 0 or a negative errno.
 */
int darter_worker_init(struct darter_worker *worker, struct darter_server *server, u32 index,
		       u32 cpu)
{
	struct task_struct *task;

	worker->server = server;
	worker->lane = &server->instance.lanes[index];
	WRITE_ONCE(worker->lane->cpu, cpu);
	mutex_init(&worker->listen_lock);
	spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->listeners);
	INIT_LIST_HEAD(&worker->connections);
	INIT_LIST_HEAD(&worker->ready);
	task = kthread_create_on_node(worker_main, worker, cpu_to_node(cpu), "darter/%u", index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	/* Not kthread_bind(): that forbids to move the thread when the CPU goes. */
	set_cpus_allowed_ptr(task, cpumask_of(cpu));
	worker->task = task;
	return 0;
}

void darter_worker_start(struct darter_worker *worker)
{
	wake_up_process(worker->task);
}

/**
 * darter_worker_stop() - end a worker with all its connections
 * @worker: the worker; nothing is done if it was never made
 *
 * Context: sleeps.
 */
void darter_worker_stop(struct darter_worker *worker)
{
	struct darter_connection *connection, *next;

	if (!worker->task)
		return;
	kthread_stop(worker->task);
	darter_listeners_close(worker);
	list_for_each_entry_safe(connection, next, &worker->connections, link)
		darter_connection_close(connection);
	mutex_destroy(&worker->listen_lock);
}
