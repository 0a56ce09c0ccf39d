// SPDX-License-Identifier: GPL-2.0
/*
 * RCU for builds with a thread sanitizer, which does not understand liburcu: it must
 * see that what a reader did comes before what is done after a grace period. Each
 * thread that reads has a counter, the period in which it began; whoever waits lets
 * the period pass and looks at all of them.
 */
#ifdef __SANITIZE_THREAD__
#include <pthread.h>
#include <sched.h>

#include <linux/list.h>
#include <linux/rcupdate.h>

static __thread struct reader {
	struct list_head link;
	u64 period;			/* 0: outside */
	u32 nesting;
} self;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* of the list, and periods */
static LIST_HEAD(readers);
static u64 period = 1;

void shim_rcu_register(void)
{
	pthread_mutex_lock(&lock);
	list_add(&self.link, &readers);
	pthread_mutex_unlock(&lock);
}

void shim_rcu_unregister(void)
{
	pthread_mutex_lock(&lock);
	list_del(&self.link);
	pthread_mutex_unlock(&lock);
}

void shim_rcu_read_lock(void)
{
	if (!self.nesting++)
		__atomic_store_n(&self.period, __atomic_load_n(&period, __ATOMIC_SEQ_CST),
				 __ATOMIC_SEQ_CST);
}

void shim_rcu_read_unlock(void)
{
	if (!--self.nesting)
		__atomic_store_n(&self.period, 0, __ATOMIC_SEQ_CST);
}

static bool still_reads(const struct reader *reader, u64 now)
{
	u64 began = __atomic_load_n(&reader->period, __ATOMIC_SEQ_CST);

	return began && began != now;
}

void shim_synchronize_rcu(void)
{
	struct reader *reader;
	u64 now;

	pthread_mutex_lock(&lock);
	now = __atomic_add_fetch(&period, 1, __ATOMIC_SEQ_CST);
	list_for_each_entry(reader, &readers, link)
		while (still_reads(reader, now))
			sched_yield();
	pthread_mutex_unlock(&lock);
}
#endif
