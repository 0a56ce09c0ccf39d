// SPDX-License-Identifier: GPL-2.0
/*
 * Reply queues and the writers of RESP2 and RESP3, see reply.h. A queue belongs
 * to the worker of its session; nothing here locks.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bytes.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"

#define CHUNK_ROOM (DARTER_CHUNK_SIZE - sizeof(struct darter_chunk))
/* Long raw writes get chunks of up to this much. */
#define CHUNK_ROOM_MAX (16 * DARTER_CHUNK_SIZE - sizeof(struct darter_chunk))
/* A big reply ends in an error sooner than in the killing of processes. */
#define REPLY_GFP (GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)
/* A lane keeps this many empty chunks. */
#define SPARE_CHUNKS 64
/* A type byte, a number and CRLF. */
#define HEAD_CHARS (1 + DARTER_S64_CHARS + 2)
/* What an error quotes of an argument at most. */
#define QUOTE_CHARS 128
/* Longest formatted error. */
#define ERROR_CHARS 384

/**
 * darter_reply_init() - make an empty queue
 * @reply: the queue
 */
void darter_reply_init(struct darter_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	INIT_LIST_HEAD(&reply->chunks);
}

/**
 * darter_chunk_free() - free a chunk that is on no list
 * @chunk: the chunk, with its reference to a blob
 *
 * Context: process context.
 */
void darter_chunk_free(struct darter_chunk *chunk)
{
	darter_blob_put(chunk->blob);
	kvfree(chunk);
}

static size_t borrowed(const struct darter_chunk *chunk)
{
	return chunk->blob ? darter_blob_footprint(chunk->blob) : 0;
}

static size_t chunk_memory(const struct darter_chunk *chunk)
{
	if (chunk->blob)
		return sizeof(*chunk) + borrowed(chunk);
	return chunk->bytes - (const char *)chunk + chunk->len + chunk->room;
}

static gfp_t reply_gfp(const struct darter_reply *reply)
{
	return reply->atomic ? GFP_NOWAIT | __GFP_NOWARN : REPLY_GFP;
}

static void chunk_empty(struct darter_chunk *chunk, u32 room)
{
	chunk->bytes = chunk->data;
	chunk->len = 0;
	chunk->room = room;
}

/* Take an empty chunk from the lane, if a page is enough, or the allocator. */
static struct darter_chunk *chunk_get(struct darter_reply *reply, size_t want)
{
	size_t room = max_t(size_t, want, CHUNK_ROOM);
	struct darter_lane *lane = reply->lane;
	struct darter_chunk *chunk;

	if (lane && room == CHUNK_ROOM && lane->nspare_chunks) {
		chunk = list_first_entry(&lane->spare_chunks, struct darter_chunk, link);
		list_del(&chunk->link);
		lane->nspare_chunks--;
	} else {
		chunk = kvmalloc(sizeof(*chunk) + room, reply_gfp(reply));
		if (!chunk)
			return NULL;
	}
	chunk->blob = NULL;
	chunk_empty(chunk, room);
	return chunk;
}

/* Whether a reply has grown beyond what memory there is for it. */
static bool is_too_long(const struct darter_reply *reply)
{
	u64 own = reply->memory - reply->borrowed;

	return own > DARTER_REPLY_FLOOR && reply->lane &&
	       own > darter_instance_reply_limit(reply->lane->instance);
}

static void chunk_release(struct darter_reply *reply, struct darter_chunk *chunk)
{
	struct darter_lane *lane = reply->lane;
	size_t memory = chunk_memory(chunk);

	list_del(&chunk->link);
	reply->memory -= memory;
	reply->borrowed -= borrowed(chunk);
	reply->count--;
	if (lane && !chunk->blob && memory == DARTER_CHUNK_SIZE &&
	    lane->nspare_chunks < SPARE_CHUNKS) {
		list_add(&chunk->link, &lane->spare_chunks);
		lane->nspare_chunks++;
		return;
	}
	darter_chunk_free(chunk);
}

static void chunk_append(struct darter_reply *reply, struct darter_chunk *chunk)
{
	list_add_tail(&chunk->link, &reply->chunks);
	reply->memory += chunk_memory(chunk);
	reply->borrowed += borrowed(chunk);
	reply->count++;
}

/**
 * darter_reply_lend() - let an empty queue begin with a chunk that is kept for that
 * @reply: the queue; lane and atomic are set
 * @chunk: the chunk, allocated if it is NULL; without memory nothing is lent
 */
void darter_reply_lend(struct darter_reply *reply, struct darter_chunk **chunk)
{
	if (!*chunk)
		*chunk = chunk_get(reply, CHUNK_ROOM);
	if (*chunk)
		chunk_append(reply, *chunk);
}

/**
 * darter_reply_return() - take the chunk back
 * @reply: the queue
 * @chunk: what was lent; NULL afterwards if it could not be taken back
 *
 * Return: whether the queue is as empty as it was before. It is not if bytes wait in it,
 * or if there are more chunks: then the queue keeps all of them.
 */
bool darter_reply_return(struct darter_reply *reply, struct darter_chunk **chunk)
{
	struct darter_chunk *lent = *chunk;

	if (!lent)
		return list_empty(&reply->chunks);
	if (reply->bytes || reply->count != 1) {
		*chunk = NULL;
		return false;
	}
	list_del(&lent->link);
	reply->memory = 0;
	reply->count = 0;
	chunk_empty(lent, CHUNK_ROOM);
	return true;
}

/**
 * darter_reply_drop() - forget everything that is queued
 * @reply: the queue
 */
void darter_reply_drop(struct darter_reply *reply)
{
	struct darter_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &reply->chunks, link)
		chunk_release(reply, chunk);
	reply->bytes = 0;
}

/**
 * darter_reply_rewind() - cut the queue back to a mark
 * @reply: the queue
 * @mark: a mark of it
 */
void darter_reply_rewind(struct darter_reply *reply, const struct darter_reply_mark *mark)
{
	struct darter_chunk *tail;

	for (tail = darter_reply_tail(reply); tail != mark->tail; tail = darter_reply_tail(reply)) {
		reply->bytes -= tail->len;
		chunk_release(reply, tail);
	}
	if (tail) {
		reply->bytes -= tail->len - mark->len;
		tail->room += tail->len - mark->len;
		tail->len = mark->len;
	}
}

/**
 * darter_reply_sent() - drop bytes from the front of the queue
 * @reply: the queue
 * @bytes: how many the socket took
 */
void darter_reply_sent(struct darter_reply *reply, size_t bytes)
{
	const struct darter_lane *lane = reply->lane;
	struct darter_chunk *chunk, *next;

	reply->bytes -= bytes;
	list_for_each_entry_safe(chunk, next, &reply->chunks, link) {
		if (bytes < chunk->len) {
			chunk->bytes += bytes;
			chunk->len -= bytes;
			return;
		}
		bytes -= chunk->len;
		if (lane && chunk == lane->lent) {
			chunk_empty(chunk, CHUNK_ROOM);
			continue;
		}
		chunk->bytes += chunk->len;
		chunk->len = 0;
		chunk_release(reply, chunk);
	}
}

bool darter_reply_grow(struct darter_reply *reply, u32 room)
{
	struct darter_chunk *chunk = chunk_get(reply, room);

	if (!chunk)
		return false;
	chunk_append(reply, chunk);
	return true;
}

/**
 * darter_reply_raw() - queue bytes as they are
 * @reply: the queue, marked failed when memory is short
 * @bytes: what to send
 * @len: how much
 *
 * All that is replied comes through here, but for headers that are put in later
 * and for blobs; a queue that is muted takes none of them.
 */
void darter_reply_raw(struct darter_reply *reply, const void *bytes, size_t len)
{
	struct darter_chunk *chunk;

	if (reply->muted)
		return;
	chunk = darter_reply_tail(reply);
	while (len) {
		size_t part;

		if (!chunk || !chunk->room) {
			chunk = is_too_long(reply) ? NULL :
				chunk_get(reply, min_t(size_t, len, CHUNK_ROOM_MAX));
			if (!chunk) {
				reply->failed = true;
				return;
			}
			chunk_append(reply, chunk);
		}
		part = min_t(size_t, len, chunk->room);
		darter_copy_racing((char *)chunk->bytes + chunk->len, bytes, part);
		chunk->len += part;
		chunk->room -= part;
		reply->bytes += part;
		bytes += part;
		len -= part;
	}
}

/*
 * Where so many bytes can be written in one piece, to be followed by tail_filled();
 * NULL: there is less room, or nothing shall be written.
 */
static char *tail_space(const struct darter_reply *reply, size_t room)
{
	const struct darter_chunk *chunk = darter_reply_tail(reply);

	if (!chunk || chunk->room < room || reply->muted)
		return NULL;
	return (char *)chunk->bytes + chunk->len;
}

static void tail_filled(struct darter_reply *reply, u32 len)
{
	struct darter_chunk *chunk = darter_reply_tail(reply);

	chunk->len += len;
	chunk->room -= len;
	reply->bytes += len;
}

static struct darter_reply *reply_of(struct darter_ctx *ctx)
{
	return &ctx->session->reply;
}

static bool resp3(const struct darter_ctx *ctx)
{
	return ctx->session->resp == 3;
}

/* The head of nearly everything; returns its length. Most numbers are short. */
static __always_inline u32 format_head(char *line, char type, s64 value)
{
	u32 len = 2;

	line[0] = type;
	if (value >= 0 && value < 10) {
		line[1] = '0' + value;
	} else if (value >= 10 && value < 100) {
		line[1] = '0' + (u32)value / 10;
		line[len++] = '0' + (u32)value % 10;
	} else {
		len = 1 + darter_format_s64(line + 1, value);
	}
	line[len++] = '\r';
	line[len++] = '\n';
	return len;
}

static void reply_head(struct darter_ctx *ctx, char type, s64 value)
{
	char line[HEAD_CHARS];

	darter_reply_raw(reply_of(ctx), line, format_head(line, type, value));
}

static void reply_text(struct darter_ctx *ctx, const char *text)
{
	darter_reply_raw(reply_of(ctx), text, strlen(text));
}

void darter_reply_simple(struct darter_ctx *ctx, const char *text)
{
	reply_text(ctx, "+");
	reply_text(ctx, text);
	reply_text(ctx, "\r\n");
}

void darter_reply_ok(struct darter_ctx *ctx)
{
	static const char ok[] = { '+', 'O', 'K', '\r', '\n' };
	char *out = tail_space(reply_of(ctx), sizeof(ok));

	if (!out) {
		darter_reply_raw(reply_of(ctx), ok, sizeof(ok));
		return;
	}
	memcpy(out, ok, sizeof(ok));
	tail_filled(reply_of(ctx), sizeof(ok));
}

/* Line ends inside an error would end it early: they go as blanks. */
static void reply_error_text(struct darter_ctx *ctx, const char *text, size_t len)
{
	while (len) {
		size_t part = 0;

		while (part < len && text[part] != '\r' && text[part] != '\n')
			part++;
		darter_reply_raw(reply_of(ctx), text, part);
		if (part < len) {
			reply_text(ctx, " ");
			part++;
		}
		text += part;
		len -= part;
	}
}

static void reply_error_begin(struct darter_ctx *ctx, const char *text)
{
	if (ctx->lockless) {
		/* It is said, and counted, under the lock. */
		ctx->unfit = true;
		return;
	}
	ctx->failed = true;
	darter_instance_count_error(ctx->instance, text);
	reply_text(ctx, "-");
}

/* Without the line ends that the last part ends in. */
static void reply_error_end(struct darter_ctx *ctx, const char *bytes, size_t len)
{
	while (len && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
		len--;
	reply_error_text(ctx, bytes, len);
	reply_text(ctx, "\r\n");
}

void darter_reply_error(struct darter_ctx *ctx, const char *text)
{
	reply_error_begin(ctx, text);
	reply_error_end(ctx, text, strlen(text));
}

void darter_reply_error_about(struct darter_ctx *ctx, const char *text, const char *bytes,
			      size_t len)
{
	reply_error_begin(ctx, text);
	reply_text(ctx, text);
	reply_error_end(ctx, bytes, strnlen(bytes, len));
}

void darter_reply_errorf(struct darter_ctx *ctx, const char *fmt, ...)
{
	char text[ERROR_CHARS];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	darter_reply_error(ctx, text);
}

void darter_reply_int(struct darter_ctx *ctx, s64 value)
{
	reply_head(ctx, ':', value);
}

void darter_reply_bulk(struct darter_ctx *ctx, const char *bytes, size_t len)
{
	struct darter_reply *reply = reply_of(ctx);
	char *out = tail_space(reply, HEAD_CHARS + len + 2);
	u32 head;

	if (out) {
		head = format_head(out, '$', len);
		darter_copy_racing(out + head, bytes, len);
		memcpy(out + head + len, "\r\n", 2);
		tail_filled(reply, head + len + 2);
		return;
	}
	reply_head(ctx, '$', len);
	darter_reply_raw(reply_of(ctx), bytes, len);
	reply_text(ctx, "\r\n");
}

void darter_reply_string(struct darter_ctx *ctx, const char *text)
{
	darter_reply_bulk(ctx, text, strlen(text));
}

void darter_reply_bulk_int(struct darter_ctx *ctx, s64 value)
{
	char digits[DARTER_S64_CHARS];

	darter_reply_bulk(ctx, digits, darter_format_s64(digits, value));
}

void darter_reply_blob(struct darter_ctx *ctx, struct darter_blob *blob, u32 offset, u32 len)
{
	struct darter_reply *reply = reply_of(ctx);
	struct darter_chunk *chunk;

	if (reply->muted)
		return;
	if (len < DARTER_BLOB_MIN) {
		darter_reply_bulk(ctx, blob->data + offset, len);
		return;
	}
	reply_head(ctx, '$', len);
	chunk = is_too_long(reply) ? NULL : kvmalloc(sizeof(*chunk), reply_gfp(reply));
	if (!chunk) {
		reply->failed = true;
		return;
	}
	chunk->blob = darter_blob_get(blob);
	chunk->bytes = blob->data + offset;
	chunk->len = len;
	chunk->room = 0;
	chunk_append(reply, chunk);
	reply->bytes += len;
	reply_text(ctx, "\r\n");
}

void darter_reply_null(struct darter_ctx *ctx)
{
	reply_text(ctx, resp3(ctx) ? "_\r\n" : "$-1\r\n");
}

void darter_reply_null_array(struct darter_ctx *ctx)
{
	reply_text(ctx, resp3(ctx) ? "_\r\n" : "*-1\r\n");
}

void darter_reply_array(struct darter_ctx *ctx, u64 len)
{
	reply_head(ctx, '*', len);
}

void darter_reply_map(struct darter_ctx *ctx, u64 pairs)
{
	if (resp3(ctx))
		reply_head(ctx, '%', pairs);
	else
		reply_head(ctx, '*', 2 * pairs);
}

void darter_reply_set(struct darter_ctx *ctx, u64 len)
{
	reply_head(ctx, resp3(ctx) ? '~' : '*', len);
}

void darter_reply_push(struct darter_ctx *ctx, u64 len)
{
	reply_head(ctx, resp3(ctx) ? '>' : '*', len);
}

/* Leaves room for the longest header, in one chunk. */
void darter_reply_begin(struct darter_ctx *ctx, struct darter_reply_later *later)
{
	struct darter_reply *reply = reply_of(ctx);
	struct darter_chunk *chunk;

	later->chunk = NULL;
	if (reply->muted)
		return;
	if (!darter_reply_reserve(reply, HEAD_CHARS)) {
		reply->failed = true;
		return;
	}
	chunk = darter_reply_tail(reply);
	later->chunk = chunk;
	later->at = chunk->len;
	chunk->len += HEAD_CHARS;
	chunk->room -= HEAD_CHARS;
	reply->bytes += HEAD_CHARS;
}

/*
 * The header is shorter than the room left for it: what follows it in its chunk
 * moves up. Other chunks need not know.
 */
static void reply_end(struct darter_ctx *ctx, const struct darter_reply_later *later, char type,
		      u64 len)
{
	struct darter_chunk *chunk = later->chunk;
	char head[HEAD_CHARS];
	u32 used, surplus;
	char *at;

	if (!chunk)
		return;
	at = (char *)chunk->bytes + later->at;
	used = format_head(head, type, len);
	surplus = HEAD_CHARS - used;
	memcpy(at, head, used);
	memmove(at + used, at + HEAD_CHARS, chunk->len - later->at - HEAD_CHARS);
	chunk->len -= surplus;
	chunk->room += surplus;
	reply_of(ctx)->bytes -= surplus;
}

void darter_reply_end_array(struct darter_ctx *ctx, const struct darter_reply_later *later,
			    u64 len)
{
	reply_end(ctx, later, '*', len);
}

void darter_reply_end_map(struct darter_ctx *ctx, const struct darter_reply_later *later,
			  u64 pairs)
{
	if (resp3(ctx))
		reply_end(ctx, later, '%', pairs);
	else
		reply_end(ctx, later, '*', 2 * pairs);
}

void darter_reply_end_set(struct darter_ctx *ctx, const struct darter_reply_later *later,
			  u64 len)
{
	reply_end(ctx, later, resp3(ctx) ? '~' : '*', len);
}

void darter_reply_bool(struct darter_ctx *ctx, bool value)
{
	if (resp3(ctx))
		reply_text(ctx, value ? "#t\r\n" : "#f\r\n");
	else
		darter_reply_int(ctx, value);
}

void darter_reply_double(struct darter_ctx *ctx, const char *text)
{
	if (!resp3(ctx)) {
		darter_reply_string(ctx, text);
		return;
	}
	reply_text(ctx, ",");
	reply_text(ctx, text);
	reply_text(ctx, "\r\n");
}

void darter_reply_verbatim(struct darter_ctx *ctx, const char *format,
			   const char *bytes, size_t len)
{
	if (!resp3(ctx)) {
		darter_reply_bulk(ctx, bytes, len);
		return;
	}
	reply_head(ctx, '=', len + 4);
	darter_reply_raw(reply_of(ctx), format, 3);
	reply_text(ctx, ":");
	darter_reply_raw(reply_of(ctx), bytes, len);
	reply_text(ctx, "\r\n");
}

void darter_reply_help(struct darter_ctx *ctx, const char *const *lines, u32 count)
{
	u32 i;

	darter_reply_array(ctx, count);
	for (i = 0; i < count; i++)
		darter_reply_simple(ctx, lines[i]);
}

void darter_reply_subcommand_syntax(struct darter_ctx *ctx)
{
	const struct darter_arg *word = &ctx->argv[1];
	char name[DARTER_COMMAND_CHARS];
	size_t i;

	strscpy(name, ctx->command->name, sizeof(name));
	for (i = 0; name[i] && name[i] != '|'; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] -= 'a' - 'A';
	darter_reply_errorf(ctx,
			    "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try %.*s HELP.",
			    min_t(int, word->len, QUOTE_CHARS), word->bytes, (int)i, name);
}

void darter_reply_syntax_error(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR syntax error");
}

void darter_reply_wrong_type(struct darter_ctx *ctx)
{
	darter_reply_error(ctx,
			   "WRONGTYPE Operation against a key holding the wrong kind of value");
}

void darter_reply_not_integer(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR value is not an integer or out of range");
}

void darter_reply_not_float(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "ERR value is not a valid float");
}

void darter_reply_out_of_memory(struct darter_ctx *ctx)
{
	darter_reply_error(ctx, "OOM command not allowed when used memory > 'maxmemory'.");
}

void darter_reply_wrong_arity(struct darter_ctx *ctx)
{
	darter_reply_errorf(ctx, "ERR wrong number of arguments for '%s' command",
			    ctx->command->name);
}
