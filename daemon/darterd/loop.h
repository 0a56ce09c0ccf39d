/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's event loop over io_uring. */
#ifndef DARTER_DARTERD_LOOP_H
#define DARTER_DARTERD_LOOP_H

#include <liburing.h>
#include <stdbool.h>

/*
 * One operation that waits for its completion. Its owner embeds it, finds
 * itself again with container_of() in done(), and submits it again if it wants
 * more. It must stay in place until done() was called.
 */
struct darter_io {
	/* @result: what the operation returned, or a negative errno. */
	void (*done)(struct darter_io *io, int result);
	struct __kernel_timespec when;	/* of a timer */
	bool waiting;			/* submitted, not done */
};

struct darter_loop {
	struct io_uring ring;
	bool stop;			/* set by a callback: darter_loop_run() returns */
};

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

/* Return: 0 or a negative errno, -ENOSYS and -EPERM where io_uring is not allowed. */
int darter_loop_init(struct darter_loop *loop);
void darter_loop_exit(struct darter_loop *loop);

/* Each returns 0 or a negative errno; -EBUSY for an operation that waits already. */
/* done() with poll events once @fd can be read or is in error. */
int darter_loop_poll(struct darter_loop *loop, struct darter_io *io, int fd);
/* done() with -ETIME after @ms milliseconds. */
int darter_loop_timer(struct darter_loop *loop, struct darter_io *io, unsigned int ms);
/* done() soon, with -ECANCELED unless it was done already. Nothing if not waiting. */
int darter_loop_cancel(struct darter_loop *loop, struct darter_io *io);

/* Call done() of what completes until loop->stop. Return: 0 or a negative errno. */
int darter_loop_run(struct darter_loop *loop);

#endif /* DARTER_DARTERD_LOOP_H */
