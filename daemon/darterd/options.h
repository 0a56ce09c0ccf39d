/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's command line. */
#ifndef DARTER_DARTERD_OPTIONS_H
#define DARTER_DARTERD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct darter_options {
	const char *conf;		/* NULL: no file */
	const char *socket;		/* of a host build, NULL: the module */
	const char *pidfile;
	bool foreground;
	const char **lines;		/* of -o, in order */
	size_t nlines;
};

/*
 * Read the command line; texts are not copied. Writes help, version or what is
 * wrong itself. Return: -1 to go on, otherwise the exit status.
 */
int darter_options_read(struct darter_options *options, int argc, char **argv);
void darter_options_free(struct darter_options *options);

#endif /* DARTER_DARTERD_OPTIONS_H */
