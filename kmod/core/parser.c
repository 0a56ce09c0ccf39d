// SPDX-License-Identifier: GPL-2.0
/*
 * The request parser, see parser.h. The limits and the texts of the protocol
 * errors are Redis'. No locking: a session is parsed by its owner.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "instance.h"
#include "number/integer.h"
#include "parser.h"
#include "session.h"

/* Longest inline command and longest header line. */
#define REQUEST_LINE_MAX 65536
/* Digits of a number that is read at one go: it fits into 32 bits. */
#define PLAIN_DIGITS 7
/* What a client may send before it has authenticated. */
#define UNAUTHENTICATED_ARGS 10
#define UNAUTHENTICATED_BULK 16384

static enum darter_parse_result protocol_error(struct darter_session *session, const char *what)
{
	struct darter_ctx ctx = {
		.session = session,
		.instance = session->instance,
	};

	darter_reply_errorf(&ctx, "ERR Protocol error: %s", what);
	return DARTER_PARSE_ERROR;
}

void darter_parse_release(struct darter_session *session)
{
	u32 i;

	for (i = 0; session->has_blobs && i < session->argc; i++)
		darter_blob_put(session->argv[i].blob);
	session->has_blobs = false;
	if (session->argv != session->argv_inline) {
		kvfree(session->argv);
		session->argv = session->argv_inline;
		session->argv_room = DARTER_INLINE_ARGS;
	}
}

void darter_parse_relocate(struct darter_session *session, const char *from, char *to)
{
	u32 i;

	for (i = 0; i < session->argc; i++)
		if (!session->argv[i].blob)
			session->argv[i].bytes = to + (session->argv[i].bytes - from);
}

static int argv_grow(struct darter_session *session, u32 room)
{
	struct darter_arg *argv;

	argv = kvmalloc_array(room, sizeof(*argv), GFP_KERNEL | __GFP_NOWARN);
	if (!argv)
		return -ENOMEM;
	memcpy(argv, session->argv, session->argc * sizeof(*argv));
	if (session->argv != session->argv_inline)
		kvfree(session->argv);
	session->argv = argv;
	session->argv_room = room;
	return 0;
}

static int argv_push(struct darter_session *session, const char *bytes, u32 len,
		     struct darter_blob *blob)
{
	if (session->argc == session->argv_room && argv_grow(session, 2 * session->argv_room))
		return -ENOMEM;
	session->argv[session->argc++] = (struct darter_arg) {
		.bytes = bytes,
		.len = len,
		.blob = blob,
	};
	if (blob)
		session->has_blobs = true;
	return 0;
}

/*
 * A line that ends in CR (the LF is taken on trust, as Redis does). NULL: it is
 * not complete yet.
 */
static char *take_line(struct darter_input *input, u32 *len)
{
	char *line = input->bytes + input->pos;
	u32 left = input->len - input->pos;
	char *end = memchr(line, '\r', left);

	if (!end || end - line + 2 > left)
		return NULL;
	*len = end - line;
	input->pos += *len + 2;
	return line;
}

static bool line_too_long(const struct darter_input *input)
{
	return input->len - input->pos > REQUEST_LINE_MAX;
}

/* "*<count>" */
static enum darter_parse_result parse_multibulk_head(struct darter_session *session,
						     struct darter_input *input)
{
	char *line;
	u32 len;
	s64 count;

	line = take_line(input, &len);
	if (!line) {
		if (line_too_long(input))
			return protocol_error(session, "too big mbulk count string");
		return DARTER_PARSE_MORE;
	}
	if (!darter_parse_s64(line + 1, len - 1, &count) || count > S32_MAX)
		return protocol_error(session, "invalid multibulk length");
	if (count > UNAUTHENTICATED_ARGS && darter_session_needs_auth(session))
		return protocol_error(session, "unauthenticated multibulk length");
	session->multibulk = max_t(s64, count, 0);
	session->bulk = -1;
	return DARTER_PARSE_COMMAND;
}

/* "$<length>" */
static enum darter_parse_result parse_bulk_head(struct darter_session *session,
						struct darter_input *input)
{
	char *line, what[32];
	u32 len;
	s64 bulk;

	if (input->pos == input->len)
		return DARTER_PARSE_MORE;
	line = take_line(input, &len);
	if (!line) {
		if (line_too_long(input))
			return protocol_error(session, "too big bulk count string");
		return DARTER_PARSE_MORE;
	}
	if (*line != '$') {
		scnprintf(what, sizeof(what), "expected '$', got '%c'", *line);
		return protocol_error(session, what);
	}
	if (!darter_parse_s64(line + 1, len - 1, &bulk) || bulk < 0 ||
	    bulk > (s64)min_t(u64, READ_ONCE(session->instance->config.max_bulk_len), S32_MAX))
		return protocol_error(session, "invalid bulk length");
	if (bulk > UNAUTHENTICATED_BULK && darter_session_needs_auth(session))
		return protocol_error(session, "unauthenticated bulk length");
	session->bulk = bulk;
	return DARTER_PARSE_COMMAND;
}

/* The rest of a big bulk, CRLF included, goes past the input from here on. */
static void divert_bulk(struct darter_session *session, struct darter_input *input)
{
	u32 here = input->len - input->pos;

	session->incoming = darter_blob_alloc(session->bulk, session->bulk);
	if (session->incoming) {
		memcpy(session->incoming->data, input->bytes + input->pos, here);
		session->incoming_len = here;
	} else {
		session->skip = session->bulk + 2 - here;
		session->lost = true;
	}
	/* Nothing follows those bytes; without them the input stays short. */
	input->len = input->pos;
}

/*
 * Cut bytes of a bulk that there was no memory for out of the input, which keeps
 * all that follows the first argument until the command has run.
 */
static void skip_bulk(struct darter_session *session, struct darter_input *input)
{
	char *bytes = input->bytes + input->pos;
	u32 here = input->len - input->pos;
	u32 part = min(session->skip, here);

	memmove(bytes, bytes + part, here - part);
	input->len -= part;
	session->skip -= part;
}

static enum darter_parse_result argument_done(struct darter_session *session, const char *bytes,
					      struct darter_blob *blob)
{
	u32 len = bytes ? session->bulk : 0;

	if (argv_push(session, bytes ?: "", len, blob))
		return DARTER_PARSE_NO_MEMORY;
	session->bulk = -1;
	session->multibulk--;
	return DARTER_PARSE_COMMAND;
}

static enum darter_parse_result parse_bulk_body(struct darter_session *session,
						struct darter_input *input)
{
	u32 here = input->len - input->pos;
	char *bytes = input->bytes + input->pos;
	u32 whole = session->bulk + 2;

	if (session->skip) {
		skip_bulk(session, input);
		if (session->skip)
			return DARTER_PARSE_MORE;
		return argument_done(session, NULL, NULL);
	}
	if (session->incoming) {
		struct darter_blob *blob = session->incoming;
		enum darter_parse_result result;

		if (session->incoming_len < whole)
			return DARTER_PARSE_MORE;
		result = argument_done(session, blob->data, blob);
		if (result == DARTER_PARSE_COMMAND) {
			session->incoming = NULL;
			session->incoming_len = 0;
		}
		return result;
	}
	if (here >= whole) {
		input->pos += whole;
		return argument_done(session, bytes, NULL);
	}
	if (session->bulk >= DARTER_BLOB_MIN)
		divert_bulk(session, input);
	return DARTER_PARSE_MORE;
}

static enum darter_parse_result parse_multibulk(struct darter_session *session,
						struct darter_input *input)
{
	enum darter_parse_result result;

	while (session->multibulk) {
		if (session->bulk < 0) {
			result = parse_bulk_head(session, input);
			if (result != DARTER_PARSE_COMMAND)
				return result;
		}
		result = parse_bulk_body(session, input);
		if (result != DARTER_PARSE_COMMAND)
			return result;
	}
	session->complete = true;
	return DARTER_PARSE_COMMAND;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Of the blanks, Redis lets only these end a word; all may stand before one. */
static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'a':
		return '\a';
	default:
		return c;
	}
}

/*
 * One quoted part, unescaped to @out, which never overtakes @in. Double quotes
 * know \xHH and the escapes of C, single quotes only \'. Returns what follows
 * the closing quote, NULL without one or if no blank follows.
 */
static const char *unquote(const char *in, const char *end, char **out)
{
	char quote = *in++;

	while (in < end && *in != quote) {
		if (quote == '"' && *in == '\\' && end - in > 3 && in[1] == 'x' &&
		    hex_digit(in[2]) >= 0 && hex_digit(in[3]) >= 0) {
			*(*out)++ = hex_digit(in[2]) << 4 | hex_digit(in[3]);
			in += 4;
		} else if (*in == '\\' && end - in > 1 && (quote == '"' || in[1] == '\'')) {
			*(*out)++ = quote == '"' ? escaped(in[1]) : '\'';
			in += 2;
		} else {
			*(*out)++ = *in++;
		}
	}
	if (in == end || (in + 1 < end && !is_blank(in[1])))
		return NULL;
	return in + 1;
}

/* Split an inline command into arguments, in place. */
static enum darter_parse_result split_inline(struct darter_session *session, char *line, u32 len)
{
	const char *in = line, *end = line + len;

	for (;;) {
		char *start, *out;

		while (in < end && is_blank(*in))
			in++;
		if (in == end)
			return DARTER_PARSE_COMMAND;
		start = (char *)in;
		out = start;
		while (in < end && !ends_word(*in)) {
			if (*in != '"' && *in != '\'') {
				*out++ = *in++;
				continue;
			}
			in = unquote(in, end, &out);
			if (!in)
				return protocol_error(session, "unbalanced quotes in request");
			break;
		}
		if (argv_push(session, start, out - start, NULL))
			return DARTER_PARSE_NO_MEMORY;
	}
}

static enum darter_parse_result parse_inline(struct darter_session *session,
					     struct darter_input *input)
{
	char *line = input->bytes + input->pos;
	u32 left = input->len - input->pos;
	char *end = memchr(line, '\n', left);
	enum darter_parse_result result;
	u32 len;

	if (!end) {
		if (left > REQUEST_LINE_MAX)
			return protocol_error(session, "too big inline request");
		return DARTER_PARSE_MORE;
	}
	len = end - line;
	input->pos += len + 1;
	if (len && line[len - 1] == '\r')
		len--;
	result = split_inline(session, line, len);
	session->complete = result == DARTER_PARSE_COMMAND && session->argc;
	return result;
}

/* A header line: the number in it and the length of the line, 0 if it is not plain. */
struct head {
	u32 number, len;
};

/* As plain_head(), for any number of digits. */
static noinline struct head long_head(const char *line, const char *end)
{
	const char *first = line + 1, *at;
	struct head head = { };
	u32 sum = 0, digit;

	for (at = first; at < end - 1 && at < first + PLAIN_DIGITS; at++) {
		digit = (u8)*at - '0';
		if (digit > 9)
			break;
		sum = sum * 10 + digit;
	}
	if (at == first || at >= end - 1 || *at != '\r' || (*first == '0' && at > first + 1))
		return head;
	head.number = sum;
	head.len = at + 2 - line;
	return head;
}

/*
 * What follows @type in a header line, if it is a number of one to seven digits, none
 * of them a leading zero, and the line is all there; the LF is taken on trust here
 * too. Most have one digit or two.
 */
static __always_inline struct head plain_head(const char *line, const char *end, char type)
{
	u32 first, second;

	if (end - line < 4 || line[0] != type)
		return (struct head) { };
	first = (u8)line[1] - '0';
	second = (u8)line[2] - '0';
	if (first > 9)
		return (struct head) { };
	if (line[2] == '\r')
		return (struct head) { .number = first, .len = 4 };
	if (first && second <= 9 && line[3] == '\r' && end - line >= 5)
		return (struct head) { .number = first * 10 + second, .len = 5 };
	return long_head(line, end);
}

bool darter_parse_whole(struct darter_session *session, struct darter_input *input, u32 most)
{
	const char *end = input->bytes + input->len, *at = input->bytes + input->pos;
	struct head head = plain_head(at, end, '*');
	struct darter_arg *arg, *last;
	u32 count = head.number, start;

	if (session->multibulk || !head.len || !count || count > most ||
	    (count > UNAUTHENTICATED_ARGS && darter_session_needs_auth(session)) ||
	    (count > session->argv_room && argv_grow(session, count)))
		return false;
	start = input->pos + head.len;
	at += head.len;
	arg = session->argv;
	for (last = arg + count; arg < last; arg++) {
		head = plain_head(at, end, '$');
		if (!head.len || head.number > UNAUTHENTICATED_BULK ||
		    end - at < head.len + head.number + 2)
			return false;
		at += head.len;
		*arg = (struct darter_arg) { .bytes = at, .len = head.number };
		at += head.number + 2;
	}
	session->query_start = start;
	session->argc = count;
	session->complete = true;
	input->pos = at - input->bytes;
	return true;
}

/**
 * darter_parse() - go on parsing until one command is complete
 * @session: holds the state; no complete command is waiting in it
 * @input: what to parse, at which darter_parse_whole() took nothing; pos moves on
 *
 * Return: DARTER_PARSE_COMMAND with session->complete set, or why not. Empty
 * commands are skipped.
 */
enum darter_parse_result darter_parse(struct darter_session *session, struct darter_input *input)
{
	enum darter_parse_result result;

	do {
		if (!session->multibulk) {
			session->query_start = input->pos;
			if (input->pos == input->len)
				return DARTER_PARSE_MORE;
			if (input->bytes[input->pos] != '*') {
				result = parse_inline(session, input);
				continue;
			}
			result = parse_multibulk_head(session, input);
			if (result != DARTER_PARSE_COMMAND)
				return result;
			if (!session->multibulk)
				continue;
			/* Only arguments are needed from here on. */
			session->query_start = input->pos;
		}
		result = parse_multibulk(session, input);
	} while (result == DARTER_PARSE_COMMAND && !session->complete);
	return result;
}
