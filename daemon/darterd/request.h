/* SPDX-License-Identifier: GPL-2.0 */
/* A client's command as it arrives in an upcall: a RESP array of bulk strings. */
#ifndef DARTER_DARTERD_REQUEST_H
#define DARTER_DARTERD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define DARTER_REQUEST_WORDS 64

struct darter_word {
	const char *text;		/* into the request, not NUL-terminated */
	size_t length;
};

struct darter_request {
	size_t count;
	struct darter_word words[DARTER_REQUEST_WORDS];
};

/**
 * darter_request_parse() - find the words of a request
 * @bytes: the request; the result points into it
 * @length: all of it belongs to the request
 * @request: filled
 *
 * Return: 0, -EINVAL for anything but one whole array of at least one bulk
 * string, -E2BIG for more than DARTER_REQUEST_WORDS words.
 */
int darter_request_parse(const char *bytes, size_t length, struct darter_request *request);

/* Whether a word is @text, in any case. */
bool darter_word_is(const struct darter_word *word, const char *text);

#endif /* DARTER_DARTERD_REQUEST_H */
