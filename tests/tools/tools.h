/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs share that are clients of a server. Where something fails, the program
 * says so and ends with 2.
 */
#ifndef TESTS_TOOLS_H
#define TESTS_TOOLS_H

#include <stddef.h>
#include <stdio.h>

/* A connection to 127.0.0.1 that sends each write at once. */
int tools_connect(int port);

/* A file whose lines are read one by one, but for empty ones and comments ("#"). */
struct lines {
	FILE *file;
	char *line;
	size_t room;
};

struct lines lines_open(const char *path);
/* Without its line feed, valid until the next; NULL: there are no more, and it is closed. */
char *lines_next(struct lines *lines);

#endif /* TESTS_TOOLS_H */
