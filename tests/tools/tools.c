// SPDX-License-Identifier: GPL-2.0
/* See tools.h. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tools.h"

int tools_connect(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err(2, "port %d", port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

struct lines lines_open(const char *path)
{
	struct lines lines = { .file = fopen(path, "r") };

	if (!lines.file)
		err(2, "%s", path);
	return lines;
}

char *lines_next(struct lines *lines)
{
	while (getline(&lines->line, &lines->room, lines->file) >= 0) {
		lines->line[strcspn(lines->line, "\n")] = '\0';
		if (*lines->line && *lines->line != '#')
			return lines->line;
	}
	free(lines->line);
	fclose(lines->file);
	return NULL;
}
