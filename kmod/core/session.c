// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: from received bytes to executed commands, see session.h.
 *
 * Input arrives in the lane's scratch buffer. What is not executed when the
 * owner goes on to its next session moves to a buffer of the session's own,
 * where further input is added until it is used up. Bulk arguments of
 * DARTER_BLOB_MIN and more that are still on their way are received into their
 * blob directly. So an idle session holds no buffer, and a big value is copied
 * once.
 *
 * A session is run by one thread at a time; the fields that others touch are
 * marked in session.h.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"
#include "command.h"
#include "dispatch.h"
#include "handlers.h"
#include "instance.h"
#include "lane.h"
#include "monitor.h"
#include "parser.h"
#include "pause.h"
#include "push.h"
#include "session.h"
#include "trace.h"
#include "transaction.h"
#include "upcall.h"
#include "watch.h"

/* Least room to receive into, so that small reads do not pile up. */
#define QUERY_ROOM_MIN 16384

/**
 * darter_session_init() - make the session of a new connection
 * @session: memory to fill
 * @instance: the store
 * @addr: remote endpoint as CLIENT LIST prints it
 * @laddr: local endpoint
 * @now: ms since the epoch
 *
 * The caller registers it with darter_client_register().
 *
 * Return: 0.
 */
int darter_session_init(struct darter_session *session, struct darter_instance *instance,
			const char *addr, const char *laddr, u64 now)
{
	memset(session, 0, sizeof(*session));
	session->instance = instance;
	session->node = -1;
	session->workers = READ_ONCE(instance->workers);
	session->id = atomic64_inc_return(&instance->next_client_id);
	session->bulk = -1;
	session->argv = session->argv_inline;
	session->argv_room = DARTER_INLINE_ARGS;
	darter_reply_init(&session->reply);
	session->resp = 2;
	session->authenticated = !darter_config_auth_required(instance);
	darter_push_init(&session->pushes);
	INIT_LIST_HEAD(&session->watched);
	INIT_LIST_HEAD(&session->park_link);
	INIT_LIST_HEAD(&session->pause_link);
	INIT_LIST_HEAD(&session->client_link);
	spin_lock_init(&session->info_lock);
	strscpy(session->addr, addr, sizeof(session->addr));
	strscpy(session->laddr, laddr, sizeof(session->laddr));
	session->created = now;
	session->last_active = now;
	darter_session_publish(session);
	return 0;
}

static void drop_query(struct darter_session *session)
{
	kvfree(session->query);
	session->query = NULL;
	session->query_len = 0;
	session->query_room = 0;
	session->query_pos = 0;
}

/**
 * darter_session_destroy() - end a session
 * @session: not registered any more, run by nobody
 *
 * Context: may sleep; takes shards' locks to drop watches.
 */
void darter_session_destroy(struct darter_session *session)
{
	if (session->parked_on)
		darter_shard_unpark(session->parked_on, session);
	if (session->paused)
		darter_pause_unpark(session);
	darter_monitor_leave(session);
	darter_push_drop(session);
	if (session->upcall)
		darter_upcall_detach(session);
	darter_watch_clear(session);
	darter_transaction_end(session);
	darter_parse_reset(session);
	darter_blob_put(session->incoming);
	drop_query(session);
	session->reply.lane = NULL;
	darter_reply_drop(&session->reply);
	atomic64_sub(session->memory, &session->instance->client_memory);
	kfree(session->name);
	kfree(session->lib_name);
	kfree(session->lib_ver);
}

/**
 * darter_session_publish() - show others what the session holds
 * @session: run or sent from by the caller, its owner
 *
 * Also counts the change in the instance's client memory.
 */
void darter_session_publish(struct darter_session *session)
{
	const struct darter_transaction *multi = session->multi;
	u64 memory = sizeof(*session) + session->query_room + session->reply.memory +
		     session->incoming_len + (multi ? multi->memory : 0);

	if (memory != session->memory)
		atomic64_add(memory - session->memory, &session->instance->client_memory);
	WRITE_ONCE(session->memory, memory);
	WRITE_ONCE(session->query_bytes, session->query_len - session->query_pos);
	WRITE_ONCE(session->query_free, session->query_room - session->query_len);
	WRITE_ONCE(session->reply_chunks, session->reply.count);
	WRITE_ONCE(session->reply_memory, session->reply.memory);
	WRITE_ONCE(session->multi_memory, multi ? multi->memory : 0);
	WRITE_ONCE(session->queued, multi ? (s32)multi->count : -1);
}

/* Unexecuted bytes start here: those of a command in progress are kept. */
static u32 first_needed(const struct darter_session *session, const struct darter_input *input)
{
	if (session->complete || session->multibulk)
		return session->query_start;
	return input->pos;
}

/* Put what is left of the input into the session's own buffer. */
static int keep_input(struct darter_session *session, struct darter_input *input)
{
	u32 start = first_needed(session, input);
	u32 left = input->len - start;

	/* Whatever buffer comes next begins with what comes next. */
	if (!left)
		session->query_start = 0;
	if (input->bytes == session->query) {
		session->query_pos = input->pos;
		session->query_len = input->len;
		if (!left)
			drop_query(session);
		return 0;
	}
	if (!left)
		return 0;
	session->query = kvmalloc(max_t(u32, left, QUERY_ROOM_MIN), GFP_KERNEL | __GFP_NOWARN);
	if (!session->query)
		return -ENOMEM;
	session->query_room = max_t(u32, left, QUERY_ROOM_MIN);
	memcpy(session->query, input->bytes + start, left);
	darter_parse_relocate(session, input->bytes + start, session->query);
	session->query_len = left;
	session->query_pos = input->pos - start;
	session->query_start = 0;
	return 0;
}

/* Move what is needed of the session's buffer to its front. */
static void compact_query(struct darter_session *session)
{
	u32 start = session->multibulk ? session->query_start : session->query_pos;

	if (!start)
		return;
	memmove(session->query, session->query + start, session->query_len - start);
	darter_parse_relocate(session, session->query + start, session->query);
	session->query_len -= start;
	session->query_pos -= start;
	session->query_start = 0;
}

/* Input that waits for its execution: unparsed, an argument on its way, queued by MULTI. */
static u64 query_memory(const struct darter_session *session)
{
	return session->query_len - session->query_pos + session->incoming_len +
	       (session->multi ? session->multi->memory : 0);
}

static int grow_query(struct darter_session *session, u64 room)
{
	char *query;

	if (room > S32_MAX)
		return -E2BIG;
	query = kvmalloc(room, GFP_KERNEL | __GFP_NOWARN);
	if (!query)
		return -ENOMEM;
	memcpy(query, session->query, session->query_len);
	darter_parse_relocate(session, session->query, query);
	kvfree(session->query);
	session->query = query;
	session->query_room = room;
	return 0;
}

/**
 * darter_session_window() - where to receive next
 * @session: in state DARTER_SESSION_READ
 * @lane: the owner's
 * @room: set to the bytes that may be written there
 *
 * The window is valid until the session is run or the lane serves another one.
 *
 * Context: may sleep to allocate.
 * Return: the window, or NULL when client-query-buffer-limit is passed or memory
 * is short: then the connection is to be closed.
 */
char *darter_session_window(struct darter_session *session, struct darter_lane *lane, u32 *room)
{
	if (query_memory(session) > READ_ONCE(session->instance->config.query_buffer_limit))
		return NULL;
	if (session->incoming) {
		*room = session->incoming->len + 2 - session->incoming_len;
		return session->incoming->data + session->incoming_len;
	}
	if (!session->query) {
		*room = READ_ONCE(session->instance->config.knobs.receive);
		return lane->scratch;
	}
	compact_query(session);
	if (session->query_room - session->query_len < QUERY_ROOM_MIN / 2 &&
	    grow_query(session, 2ULL * session->query_room))
		return NULL;
	*room = session->query_room - session->query_len;
	return session->query + session->query_len;
}

/* Replies to a command that waited for the daemon; false while it still waits. */
static bool finish_upcall(struct darter_session *session, u64 now)
{
	struct darter_ctx ctx = {
		.session = session,
		.instance = session->instance,
		.command = session->last_command,
		.now = now,
		.db = session->db,
	};

	return darter_upcall_finish(session, &ctx);
}

/* A command is over: CLIENT REPLY SKIP is about the one behind it. */
static void choose_muting(struct darter_session *session)
{
	session->reply.muted = session->reply_off || session->skip_next;
	session->skip_next = false;
}

/*
 * A monitor sees each of its own commands behind the reply to it, however long that
 * is, and so does it see what others have sent before.
 */
static void collect_own(struct darter_session *session)
{
	u64 waiting = READ_ONCE(session->pushes.memory);

	darter_push_collect(session, session->reply.bytes + waiting);
}

/* Run what is complete and parse on, until something stops it. */
static enum darter_session_verdict run_input(struct darter_session *session,
					     struct darter_lane *lane,
					     struct darter_input *input, u64 now)
{
	const struct darter_knobs *knobs = &session->instance->config.knobs;
	u64 most_replies = READ_ONCE(knobs->visit_replies);
	u32 budget = READ_ONCE(knobs->visit_commands);

	for (;;) {
		if (READ_ONCE(session->killed))
			return DARTER_SESSION_ABORT;
		if (!session->complete && !darter_parse_whole(session, input, DARTER_WHOLE_ARGS)) {
			/* Receiving may take long, and a big argument much memory. */
			darter_dispatch_end_run(lane);
			switch (darter_parse(session, input)) {
			case DARTER_PARSE_COMMAND:
				break;
			case DARTER_PARSE_MORE:
				return DARTER_SESSION_READ;
			case DARTER_PARSE_ERROR:
				WRITE_ONCE(session->finishing, true);
				return DARTER_SESSION_FINISH;
			case DARTER_PARSE_NO_MEMORY:
				return DARTER_SESSION_ABORT;
			}
		}
		if (!budget-- || session->reply.bytes > most_replies)
			return DARTER_SESSION_YIELD;
		if (!darter_dispatch(session, lane, now) && !session->upcall)
			return DARTER_SESSION_PARKED;
		darter_parse_reset(session);
		if (session->upcall)
			return DARTER_SESSION_PARKED;
		choose_muting(session);
		if (session->monitoring)
			collect_own(session);
		if (session->finishing)
			return DARTER_SESSION_FINISH;
		if (session->reply.failed)
			return DARTER_SESSION_ABORT;
	}
}

void darter_session_note_time(struct darter_instance *instance, u64 now)
{
	u32 seconds = div_u64(now, 1000);

	if (READ_ONCE(instance->seconds) != seconds)
		WRITE_ONCE(instance->seconds, seconds);
}

static enum darter_session_verdict run_session(struct darter_session *session,
					       struct darter_lane *lane,
					       struct darter_input *input, u64 now)
{
	enum darter_session_verdict verdict;

	/* Of these CLIENT LIST tells, whose own bytes are among them. */
	WRITE_ONCE(session->query_bytes, input->len - input->pos);
	darter_session_note_time(session->instance, now);
	session->reply.lane = lane;
	verdict = run_input(session, lane, input, now);
	darter_dispatch_end_run(lane);
	if (verdict == DARTER_SESSION_PARKED)
		trace_darter_park(session);
	session->reply.lane = NULL;
	lane->since = 0;
	if (keep_input(session, input))
		return DARTER_SESSION_ABORT;
	darter_session_publish(session);
	if (verdict == DARTER_SESSION_READ && session->half_closed) {
		WRITE_ONCE(session->finishing, true);
		return DARTER_SESSION_FINISH;
	}
	return verdict;
}

/**
 * darter_session_received() - bytes were written to the window
 * @session: the session
 * @lane: as given to darter_session_window()
 * @bytes: how many, at least one
 * @now: ms since the epoch
 *
 * Context: may sleep; the caller holds no shard and no lock of a socket.
 * Return: what to do next.
 */
enum darter_session_verdict darter_session_received(struct darter_session *session,
						    struct darter_lane *lane, u32 bytes, u64 now)
{
	struct darter_input input = { .bytes = lane->scratch, .len = bytes };

	trace_darter_receive(session, bytes);
	darter_count(&lane->bytes_in, bytes);
	WRITE_ONCE(session->last_active, now);
	if (session->incoming) {
		session->incoming_len += bytes;
		if (session->incoming_len < session->incoming->len + 2) {
			darter_session_publish(session);
			return DARTER_SESSION_READ;
		}
		input.len = 0;
	}
	if (session->query) {
		if (!session->incoming)
			session->query_len += bytes;
		input.bytes = session->query;
		input.len = session->query_len;
		input.pos = session->query_pos;
	}
	return run_session(session, lane, &input, now);
}

/**
 * darter_session_run() - go on with what was received before
 * @session: the session
 * @lane: the owner's
 * @now: ms since the epoch
 *
 * To be called after a kick and after DARTER_SESSION_YIELD; calling it at other
 * times does no harm.
 *
 * Context: as darter_session_received().
 * Return: what to do next.
 */
enum darter_session_verdict darter_session_run(struct darter_session *session,
					       struct darter_lane *lane, u64 now)
{
	struct darter_input input = {
		.bytes = session->query ?: "",
		.len = session->query_len,
		.pos = session->query_pos,
	};
	bool waited = session->upcall || session->parked_on || session->paused;

	if (READ_ONCE(session->killed))
		return DARTER_SESSION_ABORT;
	if (session->finishing)
		return DARTER_SESSION_FINISH;
	if (session->upcall) {
		if (!finish_upcall(session, now))
			return DARTER_SESSION_PARKED;
		choose_muting(session);
	}
	if (waited)
		trace_darter_resume(session);
	if (session->reply.failed)
		return DARTER_SESSION_ABORT;
	if (session->parked_on)
		darter_shard_unpark(session->parked_on, session);
	if (session->paused)
		darter_pause_unpark(session);
	return run_session(session, lane, &input, now);
}

bool darter_session_collect(struct darter_session *session, struct darter_lane *lane)
{
	bool ok;

	if (!darter_session_has_pushes(session))
		return true;
	session->reply.lane = lane;
	ok = darter_push_collect(session,
				 READ_ONCE(session->instance->config.knobs.visit_replies));
	session->reply.lane = NULL;
	return ok;
}

/**
 * darter_session_half_close() - the peer has sent everything it will send
 * @session: the session; all received bytes were handed over
 * @lane: the owner's
 * @now: ms since the epoch
 *
 * Return: what to do next; never DARTER_SESSION_READ.
 */
enum darter_session_verdict darter_session_half_close(struct darter_session *session,
						      struct darter_lane *lane, u64 now)
{
	session->half_closed = true;
	return darter_session_run(session, lane, now);
}

/**
 * darter_session_overdue() - whether a connection's time or room has run out
 * @session: run or sent from by the caller, its owner
 * @idle: it waits for input, and all replies are sent
 * @now: ms since the epoch; may lag behind what the session has seen
 *
 * To be asked each second and before replies are sent.
 *
 * Return: true if it is to be closed: it has been idle for longer than timeout,
 * or its replies are over client-output-buffer-limit.
 */
bool darter_session_overdue(struct darter_session *session, bool idle, u64 now)
{
	const struct darter_config *config = &session->instance->config;
	const struct darter_output_limit *limit = &config->output_limits[DARTER_CLIENT_NORMAL];
	u64 hard = READ_ONCE(limit->hard), soft = READ_ONCE(limit->soft);
	u64 held = READ_ONCE(session->reply.memory) + READ_ONCE(session->pushes.memory);
	u64 timeout = READ_ONCE(config->timeout);

	if (hard && held > hard)
		return true;
	if (!soft || held <= soft)
		session->over_soft_since = 0;
	else if (!session->over_soft_since)
		session->over_soft_since = now;
	else if (now > session->over_soft_since + READ_ONCE(limit->soft_seconds) * 1000)
		return true;
	/* A monitor need not say anything. */
	return timeout && idle && !session->monitoring &&
	       now > READ_ONCE(session->last_active) + timeout * 1000;
}

/**
 * darter_session_reset() - what RESET and the end of a connection have in common
 * @session: run by its owner; its shards are not held
 */
void darter_session_reset(struct darter_session *session)
{
	char *name;

	darter_monitor_leave(session);
	darter_push_collect(session, U64_MAX);
	darter_transaction_end(session);
	darter_watch_clear(session);
	WRITE_ONCE(session->db, 0);
	WRITE_ONCE(session->resp, 2);
	session->asking = false;
	WRITE_ONCE(session->readonly_mode, false);
	WRITE_ONCE(session->no_evict, false);
	WRITE_ONCE(session->no_touch, false);
	session->reply_off = false;
	session->skip_next = false;
	session->reply.muted = false;
	session->authenticated = !darter_config_auth_required(session->instance);
	spin_lock(&session->info_lock);
	name = session->name;
	session->name = NULL;
	spin_unlock(&session->info_lock);
	kfree(name);
}

void darter_cmd_reset(struct darter_ctx *ctx)
{
	darter_session_reset(ctx->session);
	darter_reply_simple(ctx, "RESET");
}

void darter_cmd_quit(struct darter_ctx *ctx)
{
	WRITE_ONCE(ctx->session->finishing, true);
	darter_reply_ok(ctx);
}
