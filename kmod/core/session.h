/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: one client's protocol state. Bytes in, bytes out; no socket.
 *
 * The owner (a connection of kmod/net or of the host build) drives a session
 * from one thread at a time:
 *
 *   window = darter_session_window(s, lane, &room)    where to receive
 *   darter_session_received(s, lane, n, now)          what came; runs commands
 *   darter_session_run(s, lane, now)                  go on after a kick or YIELD
 *   darter_session_collect(s, lane)                   take what others have sent
 *   s->reply.chunks ... darter_reply_sent(&s->reply)  what to send
 *
 * Other threads touch only what is marked so below.
 */
#ifndef DARTER_CORE_SESSION_H
#define DARTER_CORE_SESSION_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "command.h"
#include "config.h"
#include "push.h"
#include "reply.h"
#include "shard.h"

struct darter_blob;
struct darter_instance;
struct darter_lane;
struct darter_transaction;
struct darter_upcall;

/* What the owner does next, after it has sent what is queued. */
enum darter_session_verdict {
	DARTER_SESSION_READ,	/* receive more */
	DARTER_SESSION_YIELD,	/* run again soon: the budget was used up */
	DARTER_SESSION_PARKED,	/* run again when kicked; receive nothing */
	DARTER_SESSION_FINISH,	/* flush the replies, then close */
	DARTER_SESSION_ABORT,	/* close at once, replies are lost */
};

/* An IP endpoint as CLIENT LIST prints it, "127.0.0.1:6379" or "[::1]:6379". */
#define DARTER_ADDR_CHARS 56
/* Arguments that need no allocation. */
#define DARTER_INLINE_ARGS 8

struct darter_session {
	struct darter_instance *instance;
	u64 id;
	u16 lane;			/* index of its worker's lane, set by the owner */
	s32 node;			/* whose port it came over, -1: none's; set by the owner */
	u32 workers;			/* that shared the shards when its command began */

	/* receive state: unexecuted input and the command being assembled */
	char *query;			/* own buffer, NULL while idle */
	u32 query_len, query_room, query_pos;
	u32 query_start;		/* first byte that the command in progress needs */
	struct darter_blob *incoming;	/* big bulk being received */
	u32 incoming_len;		/* bytes of it that are there, CRLF included */
	u32 skip;			/* bytes to throw away: no memory for a bulk */
	s32 multibulk;			/* arguments still to come, 0: between commands */
	s64 bulk;			/* length of the next one, -1: not yet read */
	struct darter_arg *argv;	/* argv_inline, or an allocation of argv_room */
	u32 argc, argv_room;
	struct darter_arg argv_inline[DARTER_INLINE_ARGS];
	bool has_blobs;			/* some of them lie in blobs */
	bool complete;			/* argv is a whole command that has not run */
	bool lost;			/* part of it was thrown away */

	/* send state */
	struct darter_reply reply;
	u64 over_soft_since;		/* ms; 0: replies are under their soft limit */

	struct darter_push_queue pushes;	/* what others send it */

	/* protocol and transaction state */
	u32 db;
	u8 resp;			/* 2 or 3 */
	bool authenticated;
	bool asking, readonly_mode;
	bool plain;			/* the last command was a read, and the next may be one */
	bool reply_off;			/* CLIENT REPLY OFF */
	bool skip_next;			/* CLIENT REPLY SKIP: the next command gets no reply */
	bool finishing;			/* QUIT, protocol error: close when flushed */
	bool half_closed;		/* peer sent FIN: finish when all is answered */
	struct darter_transaction *multi;	/* open MULTI, see transaction.h */
	bool multi_broken;		/* an error while queueing: EXECABORT */
	struct list_head watched;	/* of struct darter_watch */
	bool watch_dirty;		/* any thread, under the shard's lock */

	/* parking */
	struct darter_upcall *upcall;	/* pending request to the daemon */
	struct darter_shard *parked_on;	/* may have been taken off its list since */
	struct list_head park_link;	/* in shard->waiters */
	bool paused;			/* waits for the end of a pause, for others to read */
	struct list_head pause_link;	/* in instance->pause.sessions, under its lock */
	u32 attempts;			/* how often the command found a shard busy */

	/* MONITOR, see monitor.h */
	bool monitoring;		/* for others to read */
	struct list_head monitor_link;	/* in instance->monitors, under its lock */

	/* identity: written by the owner, read by others, under info_lock */
	spinlock_t info_lock;		/* leaf */
	char *name, *lib_name, *lib_ver;
	char addr[DARTER_ADDR_CHARS], laddr[DARTER_ADDR_CHARS];

	/* registry, see client.h */
	struct list_head client_link;
	u64 created, last_active;	/* ms since the epoch */
	const struct darter_command *last_command;
	bool no_evict, no_touch;
	bool killed;			/* any thread: CLIENT KILL, the owner is kicked */

	/* published by the owner after each run, for others to read */
	u64 memory;			/* held: input, replies, MULTI queue */
	u32 query_bytes, query_free, reply_chunks;
	u64 reply_memory, multi_memory;
	s32 queued;			/* commands in MULTI, -1 without */
	u32 watching;			/* watched keys */
};

int darter_session_init(struct darter_session *session, struct darter_instance *instance,
			const char *addr, const char *laddr, u64 now);
void darter_session_destroy(struct darter_session *session);

char *darter_session_window(struct darter_session *session, struct darter_lane *lane, u32 *room);
enum darter_session_verdict darter_session_received(struct darter_session *session,
						    struct darter_lane *lane, u32 bytes, u64 now);
enum darter_session_verdict darter_session_run(struct darter_session *session,
					       struct darter_lane *lane, u64 now);
/* The peer will send no more: answer what came, then finish. */
enum darter_session_verdict darter_session_half_close(struct darter_session *session,
						      struct darter_lane *lane, u64 now);
/* Whether it waits for what may take long: the daemon, the end of a pause. Any thread. */
static inline bool darter_session_blocked(const struct darter_session *session)
{
	return READ_ONCE(session->upcall) || READ_ONCE(session->paused);
}

/* Whether others have sent it something that waits to be collected. */
static inline bool darter_session_has_pushes(const struct darter_session *session)
{
	return READ_ONCE(session->pushes.memory);
}

/*
 * Move what others have sent into the replies, as much as is to be sent at once.
 * The owner calls it before it sends. False: the session must end.
 */
bool darter_session_collect(struct darter_session *session, struct darter_lane *lane);
bool darter_session_overdue(struct darter_session *session, bool idle, u64 now);
/* Say what time it is. Written once a second, so that all workers can read it all the time. */
void darter_session_note_time(struct darter_instance *instance, u64 now);
/* Bring the published figures up to date; the owner calls it when it has sent. */
void darter_session_publish(struct darter_session *session);
/* Whether it must authenticate first: there is a password, and it has not given it. */
static inline bool darter_session_needs_auth(const struct darter_session *session)
{
	return !session->authenticated && darter_config_auth_required(session->instance);
}

/* Nothing but a pause can keep it from a read that the command's row allows. */
static inline bool darter_session_is_plain(const struct darter_session *session)
{
	return session->authenticated && !session->multi && !session->monitoring &&
	       !session->asking;
}

/* Back to what a new connection has (RESET), replies kept. */
void darter_session_reset(struct darter_session *session);

#endif /* DARTER_CORE_SESSION_H */
