/* SPDX-License-Identifier: GPL-2.0 */
/* The directives of a configuration file: what each is and what it means here. */
#ifndef DARTER_COMMON_NAMES_H
#define DARTER_COMMON_NAMES_H

#include <stdbool.h>

enum darter_name_use {
	DARTER_USE_SET,			/* a parameter of the instance */
	DARTER_USE_FIXED,		/* fixed when an instance starts */
	DARTER_USE_DAEMON,		/* of the daemon itself */
	DARTER_USE_NONE,		/* of Redis, without a meaning here */
};

enum darter_name_type {
	DARTER_TYPE_TEXT,
	DARTER_TYPE_NUMBER,
	DARTER_TYPE_MEMORY,		/* bytes, or with k, kb, m, mb, g, gb */
	DARTER_TYPE_BOOL,		/* yes or no */
	DARTER_TYPE_WORDS,		/* any number of words, a later line replaces */
	DARTER_TYPE_LIMITS,		/* client-output-buffer-limit: a line per class */
	DARTER_TYPE_LINES,		/* any number of words and of lines */
};

struct darter_name {
	const char *name;
	enum darter_name_use use;
	enum darter_name_type type;
	const char *value;		/* the default, NULL: computed or not known here */
};

/* The directive called @name (any case; Redis' older names lead to the newer). */
const struct darter_name *darter_name_find(const char *name);
/*
 * The same, and a name that begins with "darter-" is found though no table has
 * it: the module that runs decides whether it is a parameter. Set to NULL for
 * other unknown names. Return: 0 or -ENOMEM.
 */
int darter_name_learn(const char *name, const struct darter_name **found);
/* Free all that was learned; nobody has a setting of such a name any more. */
void darter_names_forget(void);
/* Whether only the module can tell if there is such a parameter. */
bool darter_name_is_learned(const struct darter_name *name);
/* The directive at a position, NULL behind the last; learned ones have none. */
const struct darter_name *darter_name_at(unsigned int index);

/* Whether two texts mean the same value of @name, as 1gb and 1073741824 do. */
bool darter_name_same(const struct darter_name *name, const char *a, const char *b);

/**
 * darter_parse_number() - an unsigned decimal number
 * @text: the digits and nothing else
 * @max: the greatest allowed
 * @out: set on success
 *
 * Return: 0, -EINVAL for anything else, -ERANGE above @max.
 */
int darter_parse_number(const char *text, unsigned long long max, unsigned long long *out);
/* The same for sizes: units as in redis.conf, 1k is 1000 and 1kb is 1024. */
int darter_parse_memory(const char *text, unsigned long long *out);

#endif /* DARTER_COMMON_NAMES_H */
