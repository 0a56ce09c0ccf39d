// SPDX-License-Identifier: GPL-2.0
/*
 * Pushes, see push.h. A push is one allocation: its bytes, and a list node for each
 * session that gets it. So whoever sends it to many sessions, with a lock of others
 * held, neither allocates nor copies meanwhile.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "instance.h"
#include "push.h"
#include "reply.h"
#include "session.h"

/* What may wait for a session when memory is short. */
#define SHORT_OF_MEMORY (1024 * 1024)

void darter_push_init(struct darter_push_queue *queue)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->places);
}

struct darter_push *darter_push_make(size_t len, u32 nplaces)
{
	struct darter_push *push = NULL;
	size_t head = struct_size(push, places, nplaces);

	/* It ends in an error sooner than in the killing of processes. */
	push = kvmalloc(size_add(head, len), GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!push)
		return NULL;
	refcount_set(&push->refs, 1);
	push->nplaces = nplaces;
	push->len = len;
	push->bytes = (char *)push + head;
	return push;
}

void darter_push_put(struct darter_push *push)
{
	if (refcount_dec_and_test(&push->refs))
		kvfree(push);
}

/* As if each session had bytes of its own. */
static u64 push_memory(const struct darter_push *push)
{
	return sizeof(struct darter_push_place) + push->len;
}

static bool keeps_up(struct darter_session *session)
{
	struct darter_instance *instance = session->instance;
	u64 hard = READ_ONCE(instance->config.output_limits[DARTER_CLIENT_NORMAL].hard);
	u64 waiting = READ_ONCE(session->pushes.memory);

	if (hard && waiting + READ_ONCE(session->reply_memory) > hard)
		return false;
	return waiting <= SHORT_OF_MEMORY || !darter_instance_over_limit(instance);
}

void darter_push_send(struct darter_push *push, u32 place, struct darter_session *session)
{
	struct darter_push_queue *queue = &session->pushes;
	u64 memory = push_memory(push);
	bool first;

	if (READ_ONCE(session->killed))
		return;
	refcount_inc(&push->refs);
	push->places[place].push = push;
	atomic64_add(memory, &session->instance->client_memory);
	spin_lock(&queue->lock);
	first = list_empty(&queue->places);
	list_add_tail(&push->places[place].link, &queue->places);
	WRITE_ONCE(queue->memory, queue->memory + memory);
	spin_unlock(&queue->lock);
	if (!keeps_up(session)) {
		WRITE_ONCE(session->killed, true);
		first = true;
	}
	/* Otherwise it was kicked for those before, and has not taken them all yet. */
	if (first)
		session->instance->host->kick(session);
}

static struct darter_push *take_first(struct darter_session *session)
{
	struct darter_push_queue *queue = &session->pushes;
	struct darter_push_place *place;
	struct darter_push *push = NULL;

	spin_lock(&queue->lock);
	place = list_first_entry_or_null(&queue->places, struct darter_push_place, link);
	if (place) {
		list_del(&place->link);
		push = place->push;
		WRITE_ONCE(queue->memory, queue->memory - push_memory(push));
		atomic64_sub(push_memory(push), &session->instance->client_memory);
	}
	spin_unlock(&queue->lock);
	return push;
}

bool darter_push_collect(struct darter_session *session, u64 budget)
{
	struct darter_reply *reply = &session->reply;
	struct darter_push *push;

	while (!reply->failed && reply->bytes < budget && (push = take_first(session))) {
		darter_reply_raw(reply, push->bytes, push->len);
		darter_push_put(push);
	}
	return !reply->failed;
}

void darter_push_drop(struct darter_session *session)
{
	struct darter_push *push;

	while ((push = take_first(session)))
		darter_push_put(push);
}
