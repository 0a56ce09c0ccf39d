/* SPDX-License-Identifier: GPL-2.0 */
/* The value of client-output-buffer-limit: three figures for each class. */
#ifndef DARTER_COMMON_LIMITS_H
#define DARTER_COMMON_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#define DARTER_LIMIT_CLASSES 3
#define DARTER_LIMIT_CHARS 96

struct darter_limit {
	bool given;
	unsigned long long hard, soft;	/* bytes, 0: none */
	unsigned long long seconds;	/* how long above soft */
};

struct darter_limits {
	struct darter_limit classes[DARTER_LIMIT_CLASSES];
};

/**
 * darter_limits_parse() - read "CLASS HARD SOFT SECONDS", several times over
 * @text: words between blanks; a class is normal, replica, slave or pubsub
 * @limits: what the text names is replaced, the rest kept
 *
 * Return: 0 or -EINVAL, then @limits may be partly changed.
 */
int darter_limits_parse(const char *text, struct darter_limits *limits);

/* One class as text, at most DARTER_LIMIT_CHARS with the NUL. */
void darter_limits_print(const struct darter_limits *limits, size_t class, char *text);

/* Whether two texts set the same classes to the same limits. */
bool darter_limits_same(const char *a, const char *b);

#endif /* DARTER_COMMON_LIMITS_H */
