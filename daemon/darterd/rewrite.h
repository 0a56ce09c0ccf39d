/* SPDX-License-Identifier: GPL-2.0 */
/* CONFIG REWRITE: the running configuration put into the text of its file. */
#ifndef DARTER_DARTERD_REWRITE_H
#define DARTER_DARTERD_REWRITE_H

#include <stddef.h>

/* A parameter as the instance reports it. */
struct darter_value {
	char *name, *value;
};

struct darter_values {
	struct darter_value *items;
	size_t count;
};

/* Append copies. Return: 0 or -ENOMEM. */
int darter_values_add(struct darter_values *values, const char *name, const char *value);
void darter_values_free(struct darter_values *values);

/**
 * darter_rewrite_text() - the new text of a configuration file
 * @old: the present text, "" for none
 * @values: the parameters of the running instance
 * @text: set to the new text, to be freed
 *
 * Comments, blank lines, order, unknown lines and directives that mean nothing
 * here stay. A line whose value still holds stays as it is spelled; one that
 * does not is written anew; further lines of the same directive are dropped.
 * Parameters that the file does not name follow at its end if they differ from
 * their default, or have none that is known here.
 *
 * Return: 0 or -ENOMEM.
 */
int darter_rewrite_text(const char *old, const struct darter_values *values, char **text);

/**
 * darter_rewrite_file() - darter_rewrite_text() for a file, all or nothing
 * @path: the file; a symbolic link keeps its place and its target is replaced
 * @values: as above
 *
 * Writes beside the file, flushes to the disk and renames. Mode and, where
 * permitted, owner stay.
 *
 * Return: 0 or a negative errno.
 */
int darter_rewrite_file(const char *path, const struct darter_values *values);

#endif /* DARTER_DARTERD_REWRITE_H */
