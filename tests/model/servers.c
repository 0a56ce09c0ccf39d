// SPDX-License-Identifier: GPL-2.0
/* Connections to both servers, and their clock. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model.h"
#include "tools.h"

#define PATIENCE_MS	10000
#define PIECE		(64 << 10)

static void hang_up(struct link *link)
{
	if (link->fd > 0)
		close(link->fd);
	link->fd = 0;
	link->in.len = 0;
	link->done = 0;
}

void servers_connect(struct servers *servers, unsigned int conn)
{
	int i;

	for (i = 0; i < SERVERS; i++) {
		hang_up(&servers->links[conn][i]);
		servers->links[conn][i].fd = tools_connect(servers->ports[i]);
	}
}

void servers_close(struct servers *servers)
{
	int conn, i;

	for (conn = 0; conn <= CONNECTIONS; conn++) {
		for (i = 0; i < SERVERS; i++) {
			hang_up(&servers->links[conn][i]);
			free(servers->links[conn][i].in.at);
			servers->links[conn][i].in = (struct bytes) { };
		}
	}
}

void servers_set_clock(struct servers *servers, uint64_t ms)
{
	if (servers->clock_us)
		__atomic_store_n(servers->clock_us, ms * 1000, __ATOMIC_RELEASE);
}

/* One server's part of an exchange. */
struct talk {
	struct link *link;
	size_t sent;
	unsigned int replies;		/* that have come */
	bool closed;
};

static bool send_some(struct talk *talk, const struct bytes *out)
{
	ssize_t n = send(talk->link->fd, out->at + talk->sent, out->len - talk->sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		talk->sent += n;
	/* Who closes early need not read the rest. */
	else if (errno == EPIPE || errno == ECONNRESET)
		talk->sent = out->len;
	else if (errno != EAGAIN && errno != EINTR)
		return false;
	return true;
}

static bool receive_some(struct talk *talk)
{
	struct link *link = talk->link;
	static char piece[PIECE];
	ssize_t n = recv(link->fd, piece, sizeof(piece), MSG_DONTWAIT);
	long len = 1;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	talk->closed |= n <= 0;
	if (n > 0)
		bytes_add(&link->in, piece, n);
	while (len > 0 && link->done < link->in.len) {
		struct span rest = { link->in.at + link->done, link->in.len - link->done };

		len = reply_length(rest);
		link->done += len > 0 ? len : 0;
		talk->replies += len > 0;
	}
	return len >= 0;
}

static bool is_over(const struct talk *talk, const struct bytes *out, unsigned int replies,
		    bool until_closed)
{
	if (talk->closed)
		return true;
	return talk->sent == out->len && talk->replies >= replies && !until_closed;
}

bool servers_exchange(struct servers *servers, unsigned int conn,
		      const struct bytes *const out[SERVERS], unsigned int replies,
		      bool until_closed)
{
	struct talk talks[SERVERS] = { };
	struct pollfd fds[SERVERS];
	bool over = false, fine = true;
	int i;

	for (i = 0; i < SERVERS; i++) {
		talks[i].link = &servers->links[conn][i];
		talks[i].link->in.len = 0;
		talks[i].link->done = 0;
		fine = fine && send_some(&talks[i], out[i]);
	}
	while (fine && !over) {
		over = true;
		for (i = 0; i < SERVERS; i++) {
			bool ended = is_over(&talks[i], out[i], replies, until_closed);

			fds[i].fd = ended ? -1 : talks[i].link->fd;
			fds[i].events = POLLIN | (talks[i].sent < out[i]->len ? POLLOUT : 0);
			over = over && ended;
		}
		if (over || poll(fds, SERVERS, PATIENCE_MS) <= 0)
			break;
		for (i = 0; i < SERVERS; i++) {
			if (fds[i].fd >= 0 && fds[i].revents & POLLOUT)
				fine = fine && send_some(&talks[i], out[i]);
			if (fds[i].fd >= 0 && fds[i].revents & (POLLIN | POLLHUP | POLLERR))
				fine = fine && receive_some(&talks[i]);
		}
	}
	for (i = 0; i < SERVERS; i++)
		fine = fine && talks[i].link->done == talks[i].link->in.len &&
		       talks[i].closed == until_closed &&
		       (until_closed || talks[i].replies == replies);
	return fine && over;
}
