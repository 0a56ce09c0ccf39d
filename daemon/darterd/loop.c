// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop: operations go into the ring with their struct darter_io as
 * user data and come back to its done(). One thread runs it, so nothing is
 * locked.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "loop.h"

#define RING_ENTRIES 32

int darter_loop_init(struct darter_loop *loop)
{
	*loop = (struct darter_loop){};
	return io_uring_queue_init(RING_ENTRIES, &loop->ring, 0);
}

void darter_loop_exit(struct darter_loop *loop)
{
	io_uring_queue_exit(&loop->ring);
}

/* A free entry; a full queue is handed to the kernel first. */
static struct io_uring_sqe *get_entry(struct darter_loop *loop)
{
	struct io_uring_sqe *entry = io_uring_get_sqe(&loop->ring);

	if (entry || io_uring_submit(&loop->ring) < 0)
		return entry;
	return io_uring_get_sqe(&loop->ring);
}

int darter_loop_poll(struct darter_loop *loop, struct darter_io *io, int fd)
{
	struct io_uring_sqe *entry;

	if (io->waiting)
		return -EBUSY;
	entry = get_entry(loop);
	if (!entry)
		return -EAGAIN;
	io_uring_prep_poll_add(entry, fd, POLLIN);
	io_uring_sqe_set_data(entry, io);
	io->waiting = true;
	return 0;
}

int darter_loop_timer(struct darter_loop *loop, struct darter_io *io, unsigned int ms)
{
	struct io_uring_sqe *entry;

	if (io->waiting)
		return -EBUSY;
	entry = get_entry(loop);
	if (!entry)
		return -EAGAIN;
	io->when.tv_sec = ms / 1000;
	io->when.tv_nsec = ms % 1000 * 1000000;
	io_uring_prep_timeout(entry, &io->when, 0, 0);
	io_uring_sqe_set_data(entry, io);
	io->waiting = true;
	return 0;
}

int darter_loop_cancel(struct darter_loop *loop, struct darter_io *io)
{
	struct io_uring_sqe *entry;

	if (!io->waiting)
		return 0;
	entry = get_entry(loop);
	if (!entry)
		return -EAGAIN;
	io_uring_prep_cancel(entry, io, 0);
	io_uring_sqe_set_data(entry, NULL);
	return 0;
}

/* The completion of a cancellation itself has no owner. */
static void complete(struct darter_io *io, int result)
{
	if (!io)
		return;
	io->waiting = false;
	io->done(io, result);
}

int darter_loop_run(struct darter_loop *loop)
{
	struct io_uring_cqe *completion;
	struct darter_io *io;
	int err, result;

	while (!loop->stop) {
		err = io_uring_submit_and_wait(&loop->ring, 1);
		if (err < 0 && err != -EINTR)
			return err;
		while (!loop->stop && !io_uring_peek_cqe(&loop->ring, &completion)) {
			io = io_uring_cqe_get_data(completion);
			result = completion->res;
			io_uring_cqe_seen(&loop->ring, completion);
			complete(io, result);
		}
	}
	return 0;
}
