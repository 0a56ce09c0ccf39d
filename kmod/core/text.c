// SPDX-License-Identifier: GPL-2.0
/* Texts that grow, see text.h. Owned by one handler; nothing here locks. */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "reply.h"
#include "text.h"

#define ROOM_MIN 2048

char *darter_text_reserve(struct darter_text *text, size_t want)
{
	size_t room = max_t(size_t, 2 * text->room, ROOM_MIN);
	char *bytes;

	if (text->failed)
		return NULL;
	if (text->room - text->len >= want)
		return text->bytes + text->len;
	room = max(room, text->len + want);
	bytes = kvmalloc(room, GFP_KERNEL | __GFP_NOWARN);
	if (!bytes) {
		text->failed = true;
		return NULL;
	}
	if (text->len)
		memcpy(bytes, text->bytes, text->len);
	kvfree(text->bytes);
	text->bytes = bytes;
	text->room = room;
	return bytes + text->len;
}

/**
 * darter_text_add() - append formatted text
 * @text: where to
 * @fmt: as of printf()
 *
 * Context: may sleep to allocate.
 */
void darter_text_add(struct darter_text *text, const char *fmt, ...)
{
	va_list args;
	char *at;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	at = darter_text_reserve(text, len + 1);
	if (!at)
		return;
	va_start(args, fmt);
	vsnprintf(at, len + 1, fmt, args);
	va_end(args);
	text->len += len;
}

/**
 * darter_text_reply() - reply a text and free it
 * @ctx: the running command
 * @text: the text; empty afterwards
 */
void darter_text_reply(struct darter_ctx *ctx, struct darter_text *text)
{
	if (text->failed)
		darter_reply_out_of_memory(ctx);
	else
		darter_reply_verbatim(ctx, "txt", text->bytes ?: "", text->len);
	kvfree(text->bytes);
	memset(text, 0, sizeof(*text));
}
