// SPDX-License-Identifier: GPL-2.0
/* Output buffer limits as text. Values only, so there is nothing to lock. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "names.h"

#define BLANKS " \t\n\v\f\r"
/* The longest number has 20 digits, and there are units. */
#define WORD_CHARS 32

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

static int parse_class(char (*words)[WORD_CHARS], struct darter_limits *limits)
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

/* Copy the next word. Return: its length, 0 at the end, -EINVAL if it is too long. */
static int next_word(const char **at, char *word)
{
	size_t length;

	*at += strspn(*at, BLANKS);
	length = strcspn(*at, BLANKS);
	if (length >= WORD_CHARS)
		return -EINVAL;
	memcpy(word, *at, length);
	word[length] = '\0';
	*at += length;
	return length;
}

int darter_limits_parse(const char *text, struct darter_limits *limits)
{
	char words[4][WORD_CHARS];
	bool empty = true;
	int length, err;

	for (;;) {
		for (int i = 0; i < 4; i++) {
			length = next_word(&text, words[i]);
			if (!length && !i && !empty)
				return 0;
			if (length <= 0)
				return -EINVAL;
		}
		err = parse_class(words, limits);
		if (err)
			return err;
		empty = false;
	}
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
