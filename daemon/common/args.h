/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of a configuration file as words, and words as they are written there. */
#ifndef DARTER_COMMON_ARGS_H
#define DARTER_COMMON_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct darter_args {
	size_t count;
	char **words;			/* NUL-terminated, each its own allocation */
};

/**
 * darter_args_split() - split a line into words as redis.conf does
 * @line: the line, without or with its newline
 * @args: filled; the caller ends it with darter_args_free()
 *
 * Words are separated by blanks. Double quotes know \n \r \t \b \a \xHH and \ before
 * any other character, single ones know \' alone; a closing quote ends its word.
 *
 * Return: 0, -EINVAL for unbalanced quotes, text after a closing quote or an
 * escaped NUL byte, -ENOMEM.
 */
int darter_args_split(const char *line, struct darter_args *args);
void darter_args_free(struct darter_args *args);

/* The words from @first on with one blank between them, NULL without memory. */
char *darter_args_join(const struct darter_args *args, size_t first);

/* Whether @word must be quoted to be read back as one word. */
bool darter_word_needs_quotes(const char *word);
/* Write @word so that darter_args_split() reads it back; quoted only if needed. */
void darter_word_write(FILE *out, const char *word);

#endif /* DARTER_COMMON_ARGS_H */
