/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Upcalls: commands that the daemon answers.
 *
 * The session parks, the request travels through host->upcall(), and the answer
 * (RESP bytes) or the daemon's death wakes the session. instance->upcalls_lock
 * protects the list and every upcall on it; a session that ends first takes its
 * upcall along.
 */
#ifndef DARTER_CORE_UPCALL_H
#define DARTER_CORE_UPCALL_H

#include <linux/list.h>
#include <linux/types.h>

struct darter_ctx;
struct darter_instance;
struct darter_session;

enum darter_upcall_state {
	DARTER_UPCALL_PENDING,
	DARTER_UPCALL_ANSWERED,		/* reply and reply_len are the answer */
	DARTER_UPCALL_LOST,		/* the daemon went away */
};

struct darter_upcall {
	struct list_head link;		/* in instance->upcalls */
	struct darter_session *session;	/* lives as long as this is listed */
	u64 id;
	u8 state;
	u32 argc;
	u32 request_len;
	char *request;			/* the command as RESP, an array of bulks */
	char *reply;			/* kvmalloc */
	u32 reply_len;
};

/*
 * Start an upcall for the running command. On success session->upcall is set
 * and the dispatcher parks the session; on failure that is replied.
 */
void darter_upcall_start(struct darter_ctx *ctx);
/* Whether the session's upcall is over; then appends the reply and frees it. */
bool darter_upcall_finish(struct darter_session *session, struct darter_ctx *ctx);
/* The session ends with an upcall pending. */
void darter_upcall_detach(struct darter_session *session);
/* The daemon's answer; takes over nothing, copies. -ENOENT: nobody waits for @id. */
int darter_upcall_answer(struct darter_instance *instance, u64 id, const void *reply, u32 len);
/* The daemon is gone: every pending upcall is lost. */
void darter_upcall_fail_all(struct darter_instance *instance);

#endif /* DARTER_CORE_UPCALL_H */
