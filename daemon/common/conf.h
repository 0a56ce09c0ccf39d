/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files in the syntax of redis.conf. */
#ifndef DARTER_COMMON_CONF_H
#define DARTER_COMMON_CONF_H

#include <stddef.h>

#include "args.h"

#define DARTER_CONF_WHY 512

/* One line that says something; args.words[0] is the directive's name. */
struct darter_line {
	char *file;			/* as named by the user, or where it came from */
	unsigned int number;		/* from 1 */
	struct darter_args args;
};

struct darter_conf {
	struct darter_line *lines;	/* in the order in which they take effect */
	size_t count;
	char why[DARTER_CONF_WHY];	/* after an error: "FILE:LINE: what is wrong" */
};

void darter_conf_init(struct darter_conf *conf);
void darter_conf_free(struct darter_conf *conf);

/**
 * darter_conf_read() - append the lines of a file
 * @conf: an initialized configuration
 * @path: the file
 *
 * Empty lines and lines that begin with # are skipped. "include PATTERN" is
 * replaced by the lines of the files that match; a name without wildcards must
 * exist. Whether directives are known is not looked at.
 *
 * Return: 0 or a negative errno, then conf->why says what is wrong.
 */
int darter_conf_read(struct darter_conf *conf, const char *path);

/* Append one line; @file and @number are for messages. Return: as above. */
int darter_conf_add(struct darter_conf *conf, const char *file, unsigned int number,
		    const char *text);

#endif /* DARTER_COMMON_CONF_H */
