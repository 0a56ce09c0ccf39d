/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/mutex.h>. */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <pthread.h>

#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/types.h>

struct mutex {
	pthread_mutex_t mutex;
	bool locked;			/* for mutex_is_locked() */
};

static inline void mutex_init(struct mutex *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
	WRITE_ONCE(lock->locked, false);
}

static inline void mutex_destroy(struct mutex *lock)
{
	pthread_mutex_destroy(&lock->mutex);
}

static inline void mutex_lock(struct mutex *lock)
{
	pthread_mutex_lock(&lock->mutex);
	WRITE_ONCE(lock->locked, true);
}

static inline bool mutex_trylock(struct mutex *lock)
{
	if (pthread_mutex_trylock(&lock->mutex))
		return false;
	WRITE_ONCE(lock->locked, true);
	return true;
}

static inline void mutex_unlock(struct mutex *lock)
{
	/* Cleared first: who sees it clear after parking tries and finds out. */
	__atomic_store_n(&lock->locked, false, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&lock->mutex);
}

static inline bool mutex_is_locked(struct mutex *lock)
{
	return __atomic_load_n(&lock->locked, __ATOMIC_SEQ_CST);
}

#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
#define DEFINE_MUTEX(name) struct mutex name = { .mutex = PTHREAD_MUTEX_INITIALIZER }

#endif /* SHIM_LINUX_MUTEX_H */
