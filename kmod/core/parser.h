/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The request parser: RESP arrays of bulks, and inline commands.
 *
 * It works in place on the session's input, keeps its state in the session and
 * can stop at every byte. Big bulks leave the input for a blob, see session.h.
 */
#ifndef DARTER_CORE_PARSER_H
#define DARTER_CORE_PARSER_H

#include <linux/types.h>

#include "session.h"

/* Unparsed bytes: the lane's scratch or the session's own buffer. */
struct darter_input {
	char *bytes;
	u32 len, pos;
};

enum darter_parse_result {
	DARTER_PARSE_MORE,	/* all input is used up */
	DARTER_PARSE_COMMAND,	/* session->argv is complete */
	DARTER_PARSE_ERROR,	/* a protocol error was replied; close when sent */
	DARTER_PARSE_NO_MEMORY,	/* the argument array cannot grow: close */
};

/* So many arguments darter_parse_whole() takes in a worker. */
#define DARTER_WHOLE_ARGS 64

/*
 * Take a command that is all there, has no more arguments than @most, and of which
 * nothing is long, as most are; up to DARTER_INLINE_ARGS need no memory. False: nothing
 * is taken, and darter_parse() looks closer.
 */
bool darter_parse_whole(struct darter_session *session, struct darter_input *input, u32 most);
enum darter_parse_result darter_parse(struct darter_session *session, struct darter_input *input);
/* Free what arguments have taken. */
void darter_parse_release(struct darter_session *session);

/* Make room for a command: drop the arguments of the one before. */
static inline void darter_parse_reset(struct darter_session *session)
{
	if (session->has_blobs || session->argv != session->argv_inline)
		darter_parse_release(session);
	session->argc = 0;
	session->multibulk = 0;
	session->bulk = -1;
	session->complete = false;
	session->lost = false;
}

/* The input moved from @from to @to: arguments that point into it follow. */
void darter_parse_relocate(struct darter_session *session, const char *from, char *to);

#endif /* DARTER_CORE_PARSER_H */
