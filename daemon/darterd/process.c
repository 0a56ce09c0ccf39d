// SPDX-License-Identifier: GPL-2.0
/* Background and pid file. Called before and beside the event loop, one thread. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "process.h"

static void wait_for_child(int ready)
{
	ssize_t length;
	char byte;

	do {
		length = read(ready, &byte, 1);
	} while (length < 0 && errno == EINTR);
	_exit(length == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int darter_background(int *ready)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0) {
		int err = -errno;

		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (child) {
		close(ends[1]);
		wait_for_child(ends[0]);
	}
	close(ends[0]);
	*ready = ends[1];
	setsid();
	return 0;
}

void darter_background_ready(int ready)
{
	int null;
	ssize_t wrote;

	if (ready < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	wrote = write(ready, "", 1);
	(void)wrote;
	close(ready);
}

static bool names_other_process(const char *path)
{
	FILE *in = fopen(path, "re");
	long pid = 0;
	int count;

	if (!in)
		return false;
	count = fscanf(in, "%ld", &pid);
	fclose(in);
	if (count != 1 || pid <= 0 || pid == getpid())
		return false;
	return !kill(pid, 0) || errno == EPERM;
}

int darter_pidfile_write(const char *path)
{
	FILE *out;
	int err = 0;

	if (names_other_process(path))
		return -EEXIST;
	out = fopen(path, "we");
	if (!out)
		return -errno;
	if (fprintf(out, "%d\n", (int)getpid()) < 0)
		err = -EIO;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}
