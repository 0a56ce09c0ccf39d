/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/sched.h>. */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/compiler.h>

struct task_struct;

/* An address that is the thread's own, good for comparing. */
#define current ((struct task_struct *)&shim_task)
extern __thread char shim_task;

#define cond_resched() ((void)0)
#define need_resched() 0
#if defined(__x86_64__)
#define cpu_relax() __builtin_ia32_pause()
#else
#define cpu_relax() barrier()
#endif

#endif /* SHIM_LINUX_SCHED_H */
