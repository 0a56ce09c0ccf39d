/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control: the generic netlink family through which the daemon and the tool
 * see and change instances. The same files serve the host build, where the
 * messages travel over a UNIX seqpacket socket.
 */
#ifndef DARTER_CTL_CTL_H
#define DARTER_CTL_CTL_H

#include <linux/types.h>

#include "core/instance.h"

struct darter_upcall;
struct net;

/* What a new instance is started with; 0 or NULL: the default. */
struct darter_start {
	u32 port, worker_port, shards, workers, databases;
	enum darter_topology cluster;
	const char *bind;
};

/* Who owns the instances: kmod/net, or the host build. */
struct darter_ctl_backend {
	/* The instance of a namespace with a reference, NULL if there is none. */
	struct darter_instance *(*get)(struct net *net);
	void (*put)(struct darter_instance *instance);
	/* -EEXIST when there is one; @why says what was wrong otherwise. May sleep. */
	int (*start)(struct net *net, const struct darter_start *start, char *why, size_t why_len);
	/* Close everything and free it. -ENOENT without one. May sleep. */
	int (*stop)(struct net *net);
};

int darter_ctl_init(const struct darter_ctl_backend *backend);
void darter_ctl_exit(void);

/* A backend calls these around the life of each instance; they keep instance->control. */
int darter_ctl_attach(struct darter_instance *instance, struct net *net);
void darter_ctl_detach(struct darter_instance *instance);

/* For the backend's struct darter_host. */
int darter_ctl_upcall(struct darter_instance *instance, struct darter_upcall *upcall);
void darter_ctl_event(struct darter_instance *instance, enum darter_event event,
		      const char *text);

#endif /* DARTER_CTL_CTL_H */
