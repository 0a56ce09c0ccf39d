/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace stand-in for <linux/rcupdate.h>: liburcu, or shim/rcu.c. A thread that
 * reads registers itself first.
 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/compiler.h>

#ifdef __SANITIZE_THREAD__
#define rcu_read_lock() shim_rcu_read_lock()
#define rcu_read_unlock() shim_rcu_read_unlock()
#define rcu_register_thread() shim_rcu_register()
#define rcu_unregister_thread() shim_rcu_unregister()
#define synchronize_rcu() shim_synchronize_rcu()
void shim_rcu_read_lock(void);
void shim_rcu_read_unlock(void);
void shim_rcu_register(void);
void shim_rcu_unregister(void);
void shim_synchronize_rcu(void);
#else
#include <urcu/urcu-memb.h>

#define rcu_read_lock() urcu_memb_read_lock()
#define rcu_read_unlock() urcu_memb_read_unlock()
#define rcu_register_thread() urcu_memb_register_thread()
#define rcu_unregister_thread() urcu_memb_unregister_thread()
#define synchronize_rcu() urcu_memb_synchronize_rcu()
#endif

#define synchronize_rcu_expedited() synchronize_rcu()
/* A period that was not begun ends when somebody asks for it. */
#define start_poll_synchronize_rcu() 0UL
#define poll_state_synchronize_rcu(cookie) ((void)(cookie), synchronize_rcu(), true)
/* Acquire, not consume, which compilers take for the same. */
#define rcu_dereference_raw(p) __atomic_load_n(&(p), __ATOMIC_ACQUIRE)

#endif /* SHIM_LINUX_RCUPDATE_H */
