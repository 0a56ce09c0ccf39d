/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies: a queue of chunks per session, and the RESP2 and RESP3 writers that
 * command handlers call.
 *
 * Owned by the session's worker; no locking. Writers cannot fail towards their
 * caller: when memory runs out the queue is marked failed and the dispatcher
 * replaces what the command wrote by an -OOM error.
 */
#ifndef DARTER_CORE_REPLY_H
#define DARTER_CORE_REPLY_H

#include <linux/list.h>
#include <linux/types.h>

#include "blob.h"
#include "lane.h"

struct darter_ctx;

/* Room for one short reply or error, which the dispatcher reserves for each command. */
#define DARTER_REPLY_ROOM 512

/* A chunk of this size fills one page with its header. */
#define DARTER_CHUNK_SIZE 4096

/* One piece of output: own bytes, or a part of a shared blob. */
struct darter_chunk {
	struct list_head link;
	struct darter_blob *blob;	/* NULL: bytes are in data[] */
	const char *bytes;		/* first unsent byte */
	u32 len;			/* unsent bytes */
	u32 room;			/* bytes still free behind them */
	char data[];
};

struct darter_reply {
	struct list_head chunks;
	struct darter_lane *lane;	/* whose spare chunks to use; NULL between runs */
	u64 bytes;			/* unsent, blobs included */
	u64 memory;			/* held by chunks, blobs included */
	u64 borrowed;			/* of it, blobs: the memory is their keys', as a rule */
	u32 count;			/* chunks */
	bool failed;			/* an allocation failed */
	bool atomic;			/* allocations must not sleep now */
	bool muted;			/* CLIENT REPLY: what is written is forgotten */
};

/* A position to cut the queue back to, valid while nothing is sent. */
struct darter_reply_mark {
	struct darter_chunk *tail;
	u32 len;
};

/* The place of an aggregate's header whose length is not known yet. */
struct darter_reply_later {
	struct darter_chunk *chunk;	/* NULL: no memory, the reply has failed */
	u32 at;				/* offset in the chunk's unsent bytes */
};

static inline struct darter_chunk *darter_reply_tail(const struct darter_reply *reply)
{
	if (list_empty(&reply->chunks))
		return NULL;
	return list_last_entry(&reply->chunks, struct darter_chunk, link);
}

/**
 * darter_reply_mark() - remember the end of the queue
 * @reply: the queue
 * @mark: where to keep it; valid until bytes are sent
 */
static inline void darter_reply_mark(const struct darter_reply *reply,
				     struct darter_reply_mark *mark)
{
	mark->tail = darter_reply_tail(reply);
	mark->len = mark->tail ? mark->tail->len : 0;
}

/* Add an empty chunk with so much room; false: no memory. */
bool darter_reply_grow(struct darter_reply *reply, u32 room);

/**
 * darter_reply_reserve() - have memory for a reply
 * @reply: the queue
 * @room: bytes, DARTER_REPLY_ROOM or more; they are allocated at once
 *
 * What a command has changed cannot be undone when its reply does not fit.
 *
 * Return: whether the next @room bytes can be queued for certain.
 */
static inline bool darter_reply_reserve(struct darter_reply *reply, u32 room)
{
	const struct darter_chunk *chunk = darter_reply_tail(reply);

	return (chunk && chunk->room >= room) || darter_reply_grow(reply, room);
}

void darter_reply_init(struct darter_reply *reply);
void darter_chunk_free(struct darter_chunk *chunk);
void darter_reply_lend(struct darter_reply *reply, struct darter_chunk **chunk);
bool darter_reply_return(struct darter_reply *reply, struct darter_chunk **chunk);
void darter_reply_drop(struct darter_reply *reply);
void darter_reply_rewind(struct darter_reply *reply,
			 const struct darter_reply_mark *mark);
void darter_reply_sent(struct darter_reply *reply, size_t bytes);
void darter_reply_raw(struct darter_reply *reply, const void *bytes, size_t len);

/*
 * Writers for handlers. Aggregates announce their length and are followed by
 * that many elements (a map by two for each of @pairs). Under RESP2 maps are
 * flat arrays, sets and pushes arrays, null a null bulk, doubles and verbatim
 * strings bulks, booleans the integers 1 and 0.
 */
void darter_reply_simple(struct darter_ctx *ctx, const char *text);
void darter_reply_ok(struct darter_ctx *ctx);
/* @text without the leading '-' and the CRLF, e.g. "ERR syntax error". */
void darter_reply_error(struct darter_ctx *ctx, const char *text);
/* The same with an argument behind it, as far as its first NUL, however long. */
void darter_reply_error_about(struct darter_ctx *ctx, const char *text, const char *bytes,
			      size_t len);
void darter_reply_errorf(struct darter_ctx *ctx, const char *fmt, ...) __printf(2, 3);
void darter_reply_int(struct darter_ctx *ctx, s64 value);
void darter_reply_bulk(struct darter_ctx *ctx, const char *bytes, size_t len);
void darter_reply_string(struct darter_ctx *ctx, const char *text);
/* A bulk of the decimal digits of @value. */
void darter_reply_bulk_int(struct darter_ctx *ctx, s64 value);
/* @offset and @len must lie inside the blob; big parts are sent in place. */
void darter_reply_blob(struct darter_ctx *ctx, struct darter_blob *blob,
		       u32 offset, u32 len);
void darter_reply_null(struct darter_ctx *ctx);
void darter_reply_null_array(struct darter_ctx *ctx);
void darter_reply_array(struct darter_ctx *ctx, u64 len);
void darter_reply_map(struct darter_ctx *ctx, u64 pairs);
void darter_reply_set(struct darter_ctx *ctx, u64 len);
void darter_reply_push(struct darter_ctx *ctx, u64 len);
/*
 * Aggregates whose length is known only after their elements: begin, write the
 * elements, then end with the count as what the whole shall be. Several may be
 * open, inner ones end first. Marks that were taken in between are void.
 */
void darter_reply_begin(struct darter_ctx *ctx, struct darter_reply_later *later);
void darter_reply_end_array(struct darter_ctx *ctx, const struct darter_reply_later *later,
			    u64 len);
void darter_reply_end_map(struct darter_ctx *ctx, const struct darter_reply_later *later,
			  u64 pairs);
void darter_reply_end_set(struct darter_ctx *ctx, const struct darter_reply_later *later,
			  u64 len);
void darter_reply_bool(struct darter_ctx *ctx, bool value);
/* @text is the number as Redis prints it: ",1.5" in RESP3, a bulk in RESP2. */
void darter_reply_double(struct darter_ctx *ctx, const char *text);
void darter_reply_verbatim(struct darter_ctx *ctx, const char *format,
			   const char *bytes, size_t len);
/* A status-like array of bulk strings, as HELP subcommands answer. */
void darter_reply_help(struct darter_ctx *ctx, const char *const *lines, u32 count);

/* "ERR unknown subcommand or wrong number of arguments for 'x'. Try Y HELP." */
void darter_reply_subcommand_syntax(struct darter_ctx *ctx);

/* The errors that many commands share. */
void darter_reply_syntax_error(struct darter_ctx *ctx);
void darter_reply_wrong_type(struct darter_ctx *ctx);
void darter_reply_not_integer(struct darter_ctx *ctx);
void darter_reply_not_float(struct darter_ctx *ctx);
void darter_reply_out_of_memory(struct darter_ctx *ctx);
void darter_reply_wrong_arity(struct darter_ctx *ctx);

#endif /* DARTER_CORE_REPLY_H */
