/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace stand-in for <linux/rcupdate.h>: liburcu. A thread that reads
 * registers itself first.
 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <urcu/urcu-memb.h>

#include <linux/compiler.h>

#define rcu_read_lock() urcu_memb_read_lock()
#define rcu_read_unlock() urcu_memb_read_unlock()
#define rcu_register_thread() urcu_memb_register_thread()
#define rcu_unregister_thread() urcu_memb_unregister_thread()
#define synchronize_rcu() urcu_memb_synchronize_rcu()
#define call_rcu(head, function) urcu_memb_call_rcu(head, function)
#define rcu_barrier() urcu_memb_barrier()

#endif /* SHIM_LINUX_RCUPDATE_H */
