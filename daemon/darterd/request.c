// SPDX-License-Identifier: GPL-2.0
/* Parsing of requests. Values only, so there is nothing to lock. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "request.h"

#define LENGTH_DIGITS 9

struct reader {
	const char *at, *end;
};

/* A line of @kind and a decimal number, closed with CR LF. */
static int read_length(struct reader *reader, char kind, size_t *length)
{
	const char *digits;
	size_t value = 0;

	if (reader->at == reader->end || *reader->at != kind)
		return -EINVAL;
	digits = ++reader->at;
	while (reader->at < reader->end && isdigit((unsigned char)*reader->at)) {
		if (reader->at - digits == LENGTH_DIGITS)
			return -EINVAL;
		value = value * 10 + (*reader->at++ - '0');
	}
	if (reader->at == digits || reader->end - reader->at < 2 ||
	    memcmp(reader->at, "\r\n", 2))
		return -EINVAL;
	reader->at += 2;
	*length = value;
	return 0;
}

static int read_bulk(struct reader *reader, struct darter_word *word)
{
	int err = read_length(reader, '$', &word->length);
	size_t left = reader->end - reader->at;

	if (err)
		return err;
	if (left < word->length + 2 || memcmp(reader->at + word->length, "\r\n", 2))
		return -EINVAL;
	word->text = reader->at;
	reader->at += word->length + 2;
	return 0;
}

int darter_request_parse(const char *bytes, size_t length, struct darter_request *request)
{
	struct reader reader = { .at = bytes, .end = bytes + length };
	int err = read_length(&reader, '*', &request->count);

	if (err)
		return err;
	if (!request->count)
		return -EINVAL;
	if (request->count > DARTER_REQUEST_WORDS)
		return -E2BIG;
	for (size_t i = 0; i < request->count; i++) {
		err = read_bulk(&reader, &request->words[i]);
		if (err)
			return err;
	}
	return reader.at == reader.end ? 0 : -EINVAL;
}

bool darter_word_is(const struct darter_word *word, const char *text)
{
	return word->length == strlen(text) && !strncasecmp(word->text, text, word->length);
}
