/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Texts that grow while they are written: INFO, CLIENT LIST, CLUSTER NODES.
 *
 * Owned by one handler; may sleep to allocate. When memory runs out the text is
 * marked failed, further writes are ignored, and the reply will be -OOM.
 */
#ifndef DARTER_CORE_TEXT_H
#define DARTER_CORE_TEXT_H

#include <linux/compiler.h>
#include <linux/types.h>

struct darter_ctx;

/* Zeroed: empty. */
struct darter_text {
	char *bytes;
	size_t len, room;
	bool failed;
};

/* Room for @want more bytes behind what is there, NULL when there is no memory. */
char *darter_text_reserve(struct darter_text *text, size_t want);
void darter_text_add(struct darter_text *text, const char *fmt, ...) __printf(2, 3);
/* Reply the text (a verbatim string in RESP3) and free it. */
void darter_text_reply(struct darter_ctx *ctx, struct darter_text *text);

#endif /* DARTER_CORE_TEXT_H */
