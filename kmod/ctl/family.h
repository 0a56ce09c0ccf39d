/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kmod/ctl share.
 *
 * Requests run in parallel, in the sender's context, with generic netlink's
 * cb_lock held for reading; it is taken for writing to remove the family, which
 * therefore waits for them. The order of locks, outermost first:
 *
 *   cb_lock (read)                 around every request
 *   a socket's dump mutex          around every part of a dump
 *   the netlink notifier chain     around the death of a socket
 *     the backend's own locks      inside get(), put(), start() and stop()
 *     control->daemon_lock
 *       the family lock (read)     around everything that is sent unasked
 *         netlink's tables
 *       instance->config.lock, clients_lock, upcalls_lock: leaves of the core
 *
 * Nothing of ours is held when the backend is called, so START and STOP may
 * sleep for long. A backend that holds a lock which its callbacks also take must
 * not call darter_ctl_exit(): that waits for the callbacks.
 *
 * A request holds a reference to its instance while it runs, a dump only inside
 * each dumpit call, the notifier while it handles a death; STOP holds none, for
 * the backend may wait there until the last one is put.
 */
#ifndef DARTER_CTL_FAMILY_H
#define DARTER_CTL_FAMILY_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "core/instance.h"
#include "ctl.h"
#include "darter.h"

/* What control keeps of an instance. */
struct darter_control {
	struct net *net;		/* its network namespace */
	/* Orders the daemon's comings and goings with what follows from them. */
	struct mutex daemon_lock;
	u32 daemon;			/* its netlink port, 0: none; read without the lock */
	/* Numbers that are never given twice, by which a dump notices a change: */
	u32 life;			/* of the instance */
	u32 config_life;		/* of its parameters as they are now */
};

/* Where a dump goes on, in netlink_callback.ctx, which begins as zeroes. */
struct darter_position {
	u64 next;			/* index or id */
	bool finished;
};

/* Longest text of an error that is made up while a request runs. */
#define DARTER_WHY_CHARS 256

extern struct genl_family darter_family;

/* family.c */
const struct darter_ctl_backend *darter_ctl_backend(void);
struct darter_instance *darter_ctl_get(struct net *net, struct netlink_ext_ack *extack);
void darter_ctl_put(struct darter_instance *instance);
bool darter_family_enter(void);
void darter_family_leave(void);
u32 darter_ctl_next_life(void);

/* text.c */
void darter_ctl_say(struct netlink_ext_ack *extack, const char *text);

/* dump.c */
int darter_dump_message(struct sk_buff *skb, struct netlink_callback *cb,
			int (*fill)(struct sk_buff *skb, const void *object),
			const void *object);
int darter_dump_shards(struct sk_buff *skb, struct netlink_callback *cb);
int darter_dump_workers(struct sk_buff *skb, struct netlink_callback *cb);

/* client_ops.c */
int darter_dump_clients(struct sk_buff *skb, struct netlink_callback *cb);
int darter_do_client_kill(struct sk_buff *skb, struct genl_info *info);

/* check_ops.c */
int darter_start_check(struct netlink_callback *cb);
int darter_dump_check(struct sk_buff *skb, struct netlink_callback *cb);
int darter_done_check(struct netlink_callback *cb);

/* instance_ops.c */
int darter_ctl_reply(struct genl_info *info, struct darter_instance *instance,
		     int (*fill)(struct sk_buff *skb, struct darter_instance *instance));
int darter_do_instance_get(struct sk_buff *skb, struct genl_info *info);
int darter_do_start(struct sk_buff *skb, struct genl_info *info);
int darter_do_stop(struct sk_buff *skb, struct genl_info *info);

/* config_ops.c */
int darter_dump_config(struct sk_buff *skb, struct netlink_callback *cb);
int darter_do_config_set(struct sk_buff *skb, struct genl_info *info);

/* latency_ops.c */
int darter_dump_latency(struct sk_buff *skb, struct netlink_callback *cb);

/* topology_ops.c */
int darter_do_topology_get(struct sk_buff *skb, struct genl_info *info);
int darter_dump_topology(struct sk_buff *skb, struct netlink_callback *cb);
int darter_do_topology_set(struct sk_buff *skb, struct genl_info *info);

/* daemon.c */
int darter_do_register(struct sk_buff *skb, struct genl_info *info);
int darter_do_answer(struct sk_buff *skb, struct genl_info *info);
int darter_daemon_init(void);
void darter_daemon_exit(void);

/* events.c */
void darter_ctl_tell(const struct darter_control *control, enum darter_event_kind kind,
		     const char *text);

#endif /* DARTER_CTL_FAMILY_H */
