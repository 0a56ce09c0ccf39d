/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon as a process: into the background, and its pid file. */
#ifndef DARTER_DARTERD_PROCESS_H
#define DARTER_DARTERD_PROCESS_H

/**
 * darter_background() - go on in a child without a terminal
 * @ready: set to a descriptor for darter_background_ready()
 *
 * Returns in the child alone. The parent waits until the child is ready and
 * exits with success, or with failure if the child ends before that.
 *
 * Return: 0 or a negative errno in the parent.
 */
int darter_background(int *ready);
/* Let the parent go and leave its terminal, if @ready is not negative. */
void darter_background_ready(int ready);

/*
 * Write our number to a file that names no other living process.
 * Return: 0 or a negative errno, -EEXIST for such a process.
 */
int darter_pidfile_write(const char *path);

#endif /* DARTER_DARTERD_PROCESS_H */
