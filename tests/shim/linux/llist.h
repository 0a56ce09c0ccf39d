/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/llist.h>. */
#ifndef SHIM_LINUX_LLIST_H
#define SHIM_LINUX_LLIST_H

#include <linux/kernel.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#endif /* SHIM_LINUX_LLIST_H */
