// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: a thread for each, which belongs to one CPU and has its own listeners,
 * connections and ready list.
 *
 * Who kicks a worker first makes the work visible and then looks whether it is
 * asleep; the worker first says that it sleeps and then looks for work. With a
 * full barrier on both sides one of them sees the other, and a worker that is
 * awake, or about to be, is never woken.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <uapi/linux/sched/types.h>
#include <linux/sched/task.h>
#include <linux/timer.h>
#include <linux/topology.h>

#include "net.h"

/* How often connections are looked at for time that has run out, ms. */
#define SWEEP_EVERY 1000
/* For how long a worker polls at first, ns. */
#define POLL_STEP (4 * NSEC_PER_USEC)
/* How soon a worker that rests sees that it shall end. */
#define REST_MOMENT (HZ / 20)

static void wake(struct darter_worker *worker)
{
	/* Pairs with the barrier in sleep_for(). */
	smp_mb();
	if (!READ_ONCE(worker->asleep))
		return;
	/* Others rely on who has cleared it. */
	preempt_disable();
	if (xchg(&worker->asleep, false))
		wake_up_process(worker->task);
	preempt_enable();
}

/**
 * darter_worker_kick() - have a connection served soon
 * @connection: one that is open
 *
 * The caller keeps it open meanwhile: by a lock that closing takes too, or as its
 * worker.
 *
 * Context: any but a hard interrupt; under any leaf lock.
 */
void darter_worker_kick(struct darter_connection *connection)
{
	struct darter_worker *worker = connection->worker;
	bool added = false;

	spin_lock_bh(&worker->lock);
	if (list_empty(&connection->ready_link)) {
		list_add_tail(&connection->ready_link, &worker->ready);
		added = true;
	}
	spin_unlock_bh(&worker->lock);
	if (added)
		wake(worker);
}

/**
 * darter_worker_kick_accept() - have a worker look at its listeners
 * @worker: the worker
 *
 * Context: any.
 */
void darter_worker_kick_accept(struct darter_worker *worker)
{
	WRITE_ONCE(worker->accept, true);
	wake(worker);
}

static void accept_waiting(struct darter_worker *worker)
{
	if (!READ_ONCE(worker->accept))
		return;
	/* What comes after the listeners were looked at sets it again. */
	smp_store_mb(worker->accept, false);
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

/*
 * Serve what is on the list now; what is added meanwhile waits for the next turn.
 * False: there was nothing.
 */
static bool serve_ready(struct darter_worker *worker)
{
	struct darter_connection *connection;
	LIST_HEAD(batch);

	if (list_empty_careful(&worker->ready))
		return false;
	spin_lock_bh(&worker->lock);
	list_splice_init(&worker->ready, &batch);
	spin_unlock_bh(&worker->lock);
	while ((connection = take_first(worker, &batch))) {
		darter_connection_serve(connection);
		cond_resched();
	}
	return true;
}

/* The scheduler moves the thread when its CPU goes away; it returns by itself. */
static void settle(struct darter_worker *worker)
{
	if (raw_smp_processor_id() != worker->cpu && cpu_online(worker->cpu))
		set_cpus_allowed_ptr(current, cpumask_of(worker->cpu));
	WRITE_ONCE(worker->lane->cpu, raw_smp_processor_id());
}

/* Close those who take their replies too slowly; the others are forgotten, or try again. */
static void sweep_stalled(struct darter_worker *worker, u64 now)
{
	struct darter_connection *connection, *next;

	list_for_each_entry_safe(connection, next, &worker->stalled, stalled_link) {
		if (!READ_ONCE(connection->session.reply.bytes))
			list_del_init(&connection->stalled_link);
		else if (darter_connection_overdue(connection, now))
			darter_connection_close(connection);
		else
			darter_worker_kick(connection);
		cond_resched();
	}
}

static void sweep_idle(struct darter_worker *worker, u64 now)
{
	struct darter_connection *connection, *next;

	list_for_each_entry_safe(connection, next, &worker->connections, link) {
		if (darter_connection_overdue(connection, now))
			darter_connection_close(connection);
		cond_resched();
	}
}

/*
 * Close those whose time has run out. What depends on an event that may never
 * come, since memory was short when it was due, is tried again: accepting, and
 * sending without anything in flight.
 */
static void sweep(struct darter_worker *worker, u64 now)
{
	sweep_stalled(worker, now);
	if (READ_ONCE(worker->server->instance.config.timeout))
		sweep_idle(worker, now);
	darter_worker_kick_accept(worker);
}

static void ring(struct timer_list *alarm)
{
	wake(container_of(alarm, struct darter_worker, alarm));
}

static bool has_work(struct darter_worker *worker)
{
	return !list_empty_careful(&worker->ready) || READ_ONCE(worker->accept) ||
	       !timer_pending(&worker->alarm) || kthread_should_stop();
}

/* Look for work for a while, unless others want the CPU. */
static bool poll(struct darter_worker *worker, u64 window)
{
	u64 end = local_clock() + window;

	while (!has_work(worker)) {
		if (need_resched() || local_clock() >= end)
			return false;
		cpu_relax();
	}
	return true;
}

/* How long a worker may poll, ns: so that one without traffic, which ticks, does not. */
static u64 longest_window(const struct darter_worker *worker)
{
	const struct darter_knobs *knobs = &worker->server->instance.config.knobs;

	return min(READ_ONCE(knobs->poll) * NSEC_PER_USEC,
		   READ_ONCE(knobs->tick) * NSEC_PER_MSEC / 2);
}

/*
 * A sleep that a longer window would have spared makes it longer, and any other one
 * ends polling.
 */
static void adapt(struct darter_worker *worker, u64 slept, u64 most)
{
	if (slept > most)
		worker->window = 0;
	else
		worker->window = min(2 * worker->window ?: POLL_STEP, most);
}

/*
 * Sleep until kicked, or for @ms. The alarm is left as it is if it rings before that:
 * waking up for nothing once is cheaper than setting it each time.
 */
static void sleep_for(struct darter_worker *worker, u32 ms)
{
	u64 begin, most = longest_window(worker);
	/* A part of this jiffy is over: one more, or it would ring too early. */
	unsigned long end = jiffies + msecs_to_jiffies(ms) + 1;

	if (!timer_pending(&worker->alarm) || time_after(worker->alarm.expires, end))
		mod_timer(&worker->alarm, end);
	if (most && worker->window && poll(worker, min(worker->window, most))) {
		darter_count(&worker->lane->polled, 1);
		return;
	}
	begin = most ? local_clock() : 0;
	darter_count(&worker->lane->sleeps, 1);
	WRITE_ONCE(worker->asleep, true);
	/* A full barrier; pairs with the one in wake(). */
	set_current_state(TASK_IDLE);
	if (!has_work(worker))
		schedule();
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(worker->asleep, false);
	if (most)
		adapt(worker, local_clock() - begin, most);
}

/**
 * darter_worker_rest() - keep the calling worker from its work for a while
 * @session: the one that wants it; a client that is killed wants it no more
 * @micros: how long
 *
 * Context: in the session's worker; sleeps, but never longer than a moment at a
 * time, so that the worker can be told to end.
 */
void darter_worker_rest(struct darter_session *session, u64 micros)
{
	unsigned long end = jiffies + nsecs_to_jiffies(micros * NSEC_PER_USEC);

	while (time_before(jiffies, end) && !kthread_should_stop() && !READ_ONCE(session->killed))
		schedule_timeout_idle(min_t(unsigned long, end - jiffies, REST_MOMENT));
}

/*
 * Who wakes a worker goes on first: a client on the same CPU sends all that it has to
 * send, and softirqs deliver all that has come, before the worker takes it in one turn.
 */
static void be_patient(void)
{
	const struct sched_attr attr = { .size = sizeof(attr), .sched_policy = SCHED_BATCH };

	sched_setattr_nocheck(current, &attr);
}

/* What is done from time to time; how long until then, ms. */
static u32 look_around(struct darter_worker *worker, u64 now)
{
	u32 wait = darter_instance_tick(&worker->server->instance, worker->lane->index, now);

	/* The clock may have been set back. */
	if (now >= worker->next_sweep || worker->next_sweep - now > SWEEP_EVERY) {
		settle(worker);
		sweep(worker, now);
		worker->next_sweep = now + SWEEP_EVERY;
	}
	return wait;
}

static int worker_main(void *arg)
{
	struct darter_worker *worker = arg;
	const struct darter_knobs *knobs = &worker->server->instance.config.knobs;
	u64 next_tick = 0, now;

	be_patient();
	while (!kthread_should_stop()) {
		bool busy;

		accept_waiting(worker);
		busy = serve_ready(worker);
		now = darter_now();
		worker->now = now;
		/* Something may expire now, or wait for the end of a pause. */
		if (busy)
			next_tick = min_t(u64, next_tick, now + READ_ONCE(knobs->tick));
		if (now >= next_tick || next_tick - now > SWEEP_EVERY)
			next_tick = now + look_around(worker, now);
		if (next_tick > now)
			sleep_for(worker, next_tick - now);
		cond_resched();
	}
	timer_delete_sync(&worker->alarm);
	return 0;
}

/**
 * darter_worker_init() - make a worker, whose thread does not run yet
 * @worker: zeroed
 * @server: whose
 * @index: of the worker and its lane
 * @cpu: that it shall run on
 *
 * Context: sleeps.
 * Return: 0 or a negative errno.
 */
int darter_worker_init(struct darter_worker *worker, struct darter_server *server, u32 index,
		       u32 cpu)
{
	struct task_struct *task;

	task = kthread_create_on_node(worker_main, worker, cpu_to_node(cpu), "darter/%u", index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	/* INFO may ask for its CPU time when it has ended, and a late kick looks at it. */
	worker->task = get_task_struct(task);
	worker->server = server;
	worker->lane = &server->instance.lanes[index];
	worker->cpu = cpu;
	WRITE_ONCE(worker->lane->cpu, cpu);
	mutex_init(&worker->listen_lock);
	spin_lock_init(&worker->lock);
	timer_setup(&worker->alarm, ring, 0);
	worker->now = darter_now();
	INIT_LIST_HEAD(&worker->listeners);
	INIT_LIST_HEAD(&worker->connections);
	INIT_LIST_HEAD(&worker->stalled);
	INIT_LIST_HEAD(&worker->ready);
	return 0;
}

void darter_worker_start(struct darter_worker *worker)
{
	wake_up_process(worker->task);
}

/**
 * darter_worker_stop() - end a worker's thread
 * @worker: the worker; its connections stay open and are served by nobody
 *
 * Context: sleeps.
 */
void darter_worker_stop(struct darter_worker *worker)
{
	kthread_stop(worker->task);
}

/**
 * darter_worker_destroy() - close all that a worker has
 * @worker: the worker; the threads of all workers have ended, so that nobody
 *	opens a listener for it any more
 *
 * Context: sleeps.
 */
void darter_worker_destroy(struct darter_worker *worker)
{
	struct darter_connection *connection, *next;

	darter_listeners_close(worker);
	list_for_each_entry_safe(connection, next, &worker->connections, link) {
		darter_connection_close(connection);
		cond_resched();
	}
	mutex_destroy(&worker->listen_lock);
	put_task_struct(worker->task);
}
