// SPDX-License-Identifier: GPL-2.0
/* Output buffer limits as text. Values only, so there is nothing to lock. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "args.h"
#include "limits.h"
#include "names.h"

static const char *const class_names[DARTER_LIMIT_CLASSES] = { "normal", "replica", "pubsub" };

static int find_class(const char *word)
{
	if (!strcasecmp(word, "slave"))
		word = "replica";
	for (int i = 0; i < DARTER_LIMIT_CLASSES; i++) {
		if (!strcasecmp(word, class_names[i]))
			return i;
	}
	return -EINVAL;
}

static int parse_class(char **words, struct darter_limits *limits)
{
	struct darter_limit limit = { .given = true };
	int class = find_class(words[0]);

	if (class < 0 || darter_parse_memory(words[1], &limit.hard) ||
	    darter_parse_memory(words[2], &limit.soft) ||
	    darter_parse_number(words[3], INT_MAX, &limit.seconds))
		return -EINVAL;
	limits->classes[class] = limit;
	return 0;
}

int darter_limits_parse(const char *text, struct darter_limits *limits)
{
	struct darter_args args;
	int err = darter_args_split(text, &args);

	if (err)
		return err;
	if (!args.count || args.count % 4)
		err = -EINVAL;
	for (size_t i = 0; i < args.count && !err; i += 4)
		err = parse_class(&args.words[i], limits);
	darter_args_free(&args);
	return err;
}

void darter_limits_print(const struct darter_limits *limits, size_t class, char *text)
{
	const struct darter_limit *limit = &limits->classes[class];

	snprintf(text, DARTER_LIMIT_CHARS, "%s %llu %llu %llu", class_names[class],
		 limit->hard, limit->soft, limit->seconds);
}

static bool same_limit(const struct darter_limit *a, const struct darter_limit *b)
{
	return a->given == b->given && a->hard == b->hard && a->soft == b->soft &&
	       a->seconds == b->seconds;
}

bool darter_limits_same(const char *a, const char *b)
{
	struct darter_limits left = {}, right = {};

	if (darter_limits_parse(a, &left) || darter_limits_parse(b, &right))
		return !strcmp(a, b);
	for (size_t i = 0; i < DARTER_LIMIT_CLASSES; i++) {
		if (!same_limit(&left.classes[i], &right.classes[i]))
			return false;
	}
	return true;
}
