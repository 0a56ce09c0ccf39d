/* SPDX-License-Identifier: GPL-2.0 */
/* The slow log: the last commands that took longer than slowlog-log-slower-than. */
#ifndef DARTER_CORE_SLOWLOG_H
#define DARTER_CORE_SLOWLOG_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct darter_ctx;

struct darter_slowlog {
	spinlock_t lock;		/* leaf; protects the rest */
	struct list_head entries;	/* the newest first */
	u64 count;
	u64 next_id;
};

/* Before and after the instance is used. */
void darter_slowlog_init(struct darter_slowlog *log);
void darter_slowlog_destroy(struct darter_slowlog *log);
/* Log the command if it took long enough. May sleep to allocate. */
void darter_slowlog_add(const struct darter_ctx *ctx, u64 micros);

#endif /* DARTER_CORE_SLOWLOG_H */
