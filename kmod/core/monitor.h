/* SPDX-License-Identifier: GPL-2.0 */
/* MONITOR: sessions that are told of every command, whichever worker runs it. */
#ifndef DARTER_CORE_MONITOR_H
#define DARTER_CORE_MONITOR_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct darter_ctx;
struct darter_session;

struct darter_monitors {
	spinlock_t lock;		/* protects the list, and that those on it do not end */
	struct list_head sessions;
	u32 count;			/* read without the lock */
};

/* Before the instance is used: nobody monitors yet. */
void darter_monitors_init(struct darter_monitors *monitors);
/* The session is told no more; it may not have been. */
void darter_monitor_leave(struct darter_session *session);
/* Tell of a command that has run. May sleep to allocate, and for nothing else. */
void darter_monitor_tell(const struct darter_ctx *ctx);

#endif /* DARTER_CORE_MONITOR_H */
