/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pushes: what a session is sent that it did not ask for just now. Any worker puts
 * them into the session's queue; its owner moves them into the replies between two
 * commands.
 */
#ifndef DARTER_CORE_PUSH_H
#define DARTER_CORE_PUSH_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct darter_push;
struct darter_session;

struct darter_push_queue {
	spinlock_t lock;		/* protects the list; outside worker->lock */
	struct list_head places;	/* of struct darter_push_place */
	u64 memory;			/* what they hold; read without the lock */
};

/* One session's part in a push. */
struct darter_push_place {
	struct list_head link;
	struct darter_push *push;
};

/* The same bytes for several sessions. */
struct darter_push {
	refcount_t refs;
	u32 nplaces;			/* for so many sessions */
	size_t len;
	char *bytes;			/* behind the places */
	struct darter_push_place places[];
};

/* Of a session that begins. */
void darter_push_init(struct darter_push_queue *queue);
/* NULL: no memory. May sleep to allocate. The caller fills in the bytes. */
struct darter_push *darter_push_make(size_t len, u32 nplaces);
void darter_push_put(struct darter_push *push);
/*
 * Send a push to a session that does not end meanwhile, in the push's place
 * @place. One that does not keep up is closed. Any context.
 */
void darter_push_send(struct darter_push *push, u32 place, struct darter_session *session);
/*
 * Its owner takes what has come, up to about @budget bytes of replies. False: no
 * memory, a push is there in part and the session must end.
 */
bool darter_push_collect(struct darter_session *session, u64 budget);
/* The session ends: nobody sends to it any more. */
void darter_push_drop(struct darter_session *session);

#endif /* DARTER_CORE_PUSH_H */
