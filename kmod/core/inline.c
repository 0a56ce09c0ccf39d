// SPDX-License-Identifier: GPL-2.0
/*
 * Inline dispatch, see inline.h. Nothing here sleeps, takes a lock or keeps bytes: what
 * is not executed stays in the socket, so that the worker finds it in its order.
 */
#include <linux/kernel.h>

#include "dispatch.h"
#include "inline.h"
#include "instance.h"
#include "lane.h"
#include "parser.h"
#include "session.h"

/* Who observes commands that take less, in us, needs the worker, which can note them. */
#define OBSERVED_MIN 1000
/* So many bytes of replies are enough for a packet. */
#define REPLIES_MAX (64 * 1024)

/**
 * darter_inline_fit() - whether a session's next input may be executed inline
 * @session: used by the caller, its owner
 *
 * This stays so while nobody but darter_inline_run() uses the session, whatever others
 * may do to it or to the configuration.
 *
 * Return: whether nothing is special about it, and nothing waits in it.
 */
bool darter_inline_fit(const struct darter_session *session)
{
	return darter_session_is_plain(session) && !session->query && !session->incoming &&
	       !session->skip && !session->complete && !session->multibulk &&
	       !session->upcall && !session->reply_off && !session->skip_next &&
	       !session->finishing && !session->half_closed &&
	       !session->parked_on && !session->paused && !session->reply.bytes &&
	       !session->reply.failed && !session->reply.muted;
}

/**
 * darter_inline_begin() - begin to execute what a packet brings
 * @session: fit for it when its worker let go of it; its owner has made sure that nobody
 *	else uses it until the end
 * @visit: to go on with
 *
 * Context: any, softirqs included.
 * Return: false: all of it is the worker's, and there is nothing to end.
 */
bool darter_inline_begin(struct darter_session *session, const struct darter_visit *visit)
{
	const struct darter_instance *instance = session->instance;
	struct darter_lane *lane = visit->lane;

	if (READ_ONCE(session->killed) || darter_session_has_pushes(session) ||
	    darter_pause_active(&instance->pause) ||
	    READ_ONCE(instance->observe.threshold) < OBSERVED_MIN)
		return false;
	lane->index = session->lane;
	session->reply.lane = lane;
	session->reply.atomic = true;
	darter_reply_lend(&session->reply, &lane->lent);
	darter_session_note_time(session->instance, visit->now);
	return true;
}

/**
 * darter_inline_run() - execute commands in a piece of a packet
 * @session: between darter_inline_begin() and darter_inline_end()
 * @visit: begun with it
 * @bytes: the piece; not changed
 * @len: of the piece
 *
 * Context: any, softirqs included.
 * Return: bytes of whole commands that have been executed. If these are not all, the
 * rest is the worker's, whatever comes behind it.
 */
u32 darter_inline_run(struct darter_session *session, struct darter_visit *visit,
		      const char *bytes, u32 len)
{
	struct darter_input input = { .bytes = (char *)bytes, .len = len };
	struct darter_lane *lane = visit->lane;
	u32 done = 0;

	while (done < len && visit->budget && session->reply.bytes < REPLIES_MAX) {
		visit->budget--;
		if (!darter_parse_whole(session, &input, DARTER_INLINE_ARGS))
			break;
		if (darter_dispatch_inline(session, lane, visit->now))
			done = input.pos;
		darter_parse_reset(session);
		if (done != input.pos)
			break;
	}
	if (done) {
		darter_count(&lane->bytes_in, done);
		WRITE_ONCE(session->last_active, visit->now);
	}
	return done;
}

/**
 * darter_inline_end() - end a visit
 * @session: the replies are sent, or left for the worker
 * @visit: begun with it
 *
 * Context: any, softirqs included.
 */
void darter_inline_end(struct darter_session *session, const struct darter_visit *visit)
{
	struct darter_reply *reply = &session->reply;

	visit->lane->since = 0;
	/* Of a session that holds what it held before others know already. */
	if (!darter_reply_return(reply, &visit->lane->lent))
		darter_session_publish(session);
	reply->lane = NULL;
	reply->atomic = false;
}
