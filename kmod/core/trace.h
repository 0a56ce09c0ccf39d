/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints darter:*, for perf, bpftrace and tracefs; docs/experiments.md shows how.
 * All fields have fixed sizes. One that is off costs a branch that is patched out.
 *
 * Each is called by the worker that owns the session, but for darter_expire, which is
 * called under the shard's lock. kmod/trace.c makes them; in the host build headers
 * of tests/shim make nothing of them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM darter

#if !defined(DARTER_CORE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DARTER_CORE_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include "command.h"
#include "session.h"
#include "shard.h"

/* A connection is served from now on; node: whose port it came over, or -1. */
TRACE_EVENT(darter_accept,
	TP_PROTO(const struct darter_session *session),
	TP_ARGS(session),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u16, worker)
		__field(s32, node)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->worker = session->lane;
		__entry->node = session->node;
	),
	TP_printk("client=%llu worker=%u node=%d", __entry->client, __entry->worker,
		  __entry->node)
);

/* Bytes of requests, all that a round took from the socket. */
TRACE_EVENT(darter_receive,
	TP_PROTO(const struct darter_session *session, u32 bytes),
	TP_ARGS(session, bytes),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u16, worker)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->worker = session->lane;
		__entry->bytes = bytes;
	),
	TP_printk("client=%llu worker=%u bytes=%u", __entry->client, __entry->worker,
		  __entry->bytes)
);

/* A handler is about to be called; again if it did without the lock, and in vain. */
TRACE_EVENT(darter_command_start,
	TP_PROTO(const struct darter_session *session, const struct darter_command *command,
		 u32 argc),
	TP_ARGS(session, command, argc),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u16, worker)
		__field(u32, argc)
		__array(char, command, DARTER_COMMAND_CHARS)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->worker = session->lane;
		__entry->argc = argc;
		memcpy(__entry->command, command->name, DARTER_COMMAND_CHARS);
	),
	TP_printk("client=%llu worker=%u command=%s argc=%u", __entry->client,
		  __entry->worker, __entry->command, __entry->argc)
);

/* It has returned; micros: as commandstats counts them, failed: with an error. */
TRACE_EVENT(darter_command_end,
	TP_PROTO(const struct darter_session *session, const struct darter_command *command,
		 u64 micros, bool failed),
	TP_ARGS(session, command, micros, failed),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u64, micros)
		__field(u16, worker)
		__field(u8, failed)
		__array(char, command, DARTER_COMMAND_CHARS)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->micros = micros;
		__entry->worker = session->lane;
		__entry->failed = failed;
		memcpy(__entry->command, command->name, DARTER_COMMAND_CHARS);
	),
	TP_printk("client=%llu worker=%u command=%s micros=%llu failed=%u", __entry->client,
		  __entry->worker, __entry->command, __entry->micros, __entry->failed)
);

/* A command found a shard locked, after all its tries; attempt: the how manieth time. */
TRACE_EVENT(darter_lock_wait,
	TP_PROTO(const struct darter_session *session, u16 shard),
	TP_ARGS(session, shard),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u16, worker)
		__field(u16, shard)
		__field(u32, attempt)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->worker = session->lane;
		__entry->shard = shard;
		__entry->attempt = session->attempts + 1;
	),
	TP_printk("client=%llu worker=%u shard=%u attempt=%u", __entry->client,
		  __entry->worker, __entry->shard, __entry->attempt)
);

/* A session waits, and its worker goes on; shard: -1 if it waits for anything else. */
TRACE_EVENT(darter_park,
	TP_PROTO(const struct darter_session *session),
	TP_ARGS(session),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u16, worker)
		__field(u8, reason)
		__field(s32, shard)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->worker = session->lane;
		__entry->reason = session->upcall ? 2 : session->paused ? 1 : 0;
		__entry->shard = session->parked_on ? session->parked_on->index : -1;
	),
	TP_printk("client=%llu worker=%u reason=%s shard=%d", __entry->client,
		  __entry->worker,
		  __print_symbolic(__entry->reason, { 0, "shard" }, { 1, "pause" },
				   { 2, "daemon" }),
		  __entry->shard)
);

/* It is run again, to try what it waited for, or to be answered. */
TRACE_EVENT(darter_resume,
	TP_PROTO(const struct darter_session *session),
	TP_ARGS(session),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u16, worker)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->worker = session->lane;
	),
	TP_printk("client=%llu worker=%u", __entry->client, __entry->worker)
);

/* TCP took bytes of replies; left: those that it did not. */
TRACE_EVENT(darter_reply,
	TP_PROTO(const struct darter_session *session, u32 bytes),
	TP_ARGS(session, bytes),
	TP_STRUCT__entry(
		__field(u64, client)
		__field(u64, left)
		__field(u16, worker)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->client = session->id;
		__entry->left = session->reply.bytes;
		__entry->worker = session->lane;
		__entry->bytes = bytes;
	),
	TP_printk("client=%llu worker=%u bytes=%u left=%llu", __entry->client,
		  __entry->worker, __entry->bytes, __entry->left)
);

/* A key whose time was over is deleted; found: somebody looked it up. */
TRACE_EVENT(darter_expire,
	TP_PROTO(const struct darter_shard *shard, u32 db, bool found),
	TP_ARGS(shard, db, found),
	TP_STRUCT__entry(
		__field(u16, shard)
		__field(u8, found)
		__field(u32, db)
	),
	TP_fast_assign(
		__entry->shard = shard->index;
		__entry->found = found;
		__entry->db = db;
	),
	TP_printk("shard=%u db=%u found=%u", __entry->shard, __entry->db, __entry->found)
);

#endif /* DARTER_CORE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
