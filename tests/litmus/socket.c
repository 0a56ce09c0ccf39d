// SPDX-License-Identifier: GPL-2.0
/* Clients of a server on 127.0.0.1. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "litmus.h"

int socket_port;

static int fd_of(void *peer)
{
	return (intptr_t)peer;
}

static void *socket_open(unsigned int index)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(socket_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err(2, "port %d", socket_port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return (void *)(intptr_t)fd;
}

static void socket_close(void *peer)
{
	close(fd_of(peer));
}

static void nothing(void)
{
}

static void socket_receive(struct client *client)
{
	ssize_t n = recv(fd_of(client->peer), client->in + client->in_len,
			 BUFFER - client->in_len, 0);

	if (n <= 0)
		errx(2, "the server closed a connection");
	client->in_len += n;
}

/* Pipelines and their replies are shorter than what a connection holds on its way. */
static void socket_send(struct client *client)
{
	size_t sent = 0;

	while (sent < client->out_len) {
		ssize_t n = send(fd_of(client->peer), client->out + sent, client->out_len - sent,
				 MSG_NOSIGNAL);

		if (n <= 0)
			err(2, "send");
		sent += n;
	}
}

static unsigned int socket_finish(void)
{
	return 0;
}

const struct transport socket_transport = {
	.open = socket_open,
	.close = socket_close,
	.enter = nothing,
	.leave = nothing,
	.send = socket_send,
	.receive = socket_receive,
	.finish = socket_finish,
};
