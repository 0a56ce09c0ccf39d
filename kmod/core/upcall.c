// SPDX-License-Identifier: GPL-2.0
/*
 * Upcalls, see upcall.h.
 *
 * An upcall is made, listed and freed by the worker of its session. Others find
 * it on instance->upcalls under upcalls_lock, give it its end and kick the
 * session before they let go of the lock: as long as an upcall is listed, its
 * session exists.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "instance.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"
#include "upcall.h"

/* "*" or "$", a number, CRLF */
#define HEAD_CHARS (1 + DARTER_S64_CHARS + 2)

static char *put_head(char *at, char type, u64 value)
{
	*at++ = type;
	at += darter_format_u64(at, value);
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

/* Encode the arguments as a client would send them. */
static int make_request(struct darter_upcall *upcall, const struct darter_ctx *ctx)
{
	size_t size = HEAD_CHARS;
	char *at;
	u32 i;

	for (i = 0; i < ctx->argc; i++)
		size = size_add(size, HEAD_CHARS + (size_t)ctx->argv[i].len + 2);
	if (size > S32_MAX)
		return -ENOMEM;
	upcall->request = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!upcall->request)
		return -ENOMEM;
	at = put_head(upcall->request, '*', ctx->argc);
	for (i = 0; i < ctx->argc; i++) {
		at = put_head(at, '$', ctx->argv[i].len);
		memcpy(at, ctx->argv[i].bytes, ctx->argv[i].len);
		at += ctx->argv[i].len;
		*at++ = '\r';
		*at++ = '\n';
	}
	upcall->request_len = at - upcall->request;
	upcall->argc = ctx->argc;
	return 0;
}

static void upcall_free(struct darter_upcall *upcall)
{
	kvfree(upcall->request);
	kvfree(upcall->reply);
	kfree(upcall);
}

static struct darter_upcall *upcall_make(const struct darter_ctx *ctx)
{
	struct darter_upcall *upcall = kzalloc(sizeof(*upcall), GFP_KERNEL | __GFP_NOWARN);

	if (!upcall)
		return NULL;
	upcall->session = ctx->session;
	upcall->state = DARTER_UPCALL_PENDING;
	if (make_request(upcall, ctx)) {
		upcall_free(upcall);
		return NULL;
	}
	return upcall;
}

/* From here on others may end it. */
static void upcall_list(struct darter_upcall *upcall)
{
	struct darter_instance *instance = upcall->session->instance;

	spin_lock(&instance->upcalls_lock);
	upcall->id = ++instance->next_upcall_id;
	list_add_tail(&upcall->link, &instance->upcalls);
	spin_unlock(&instance->upcalls_lock);
}

/* From here on nobody knows the upcall or kicks the session for it. */
static void upcall_unlist(struct darter_upcall *upcall)
{
	struct darter_instance *instance = upcall->session->instance;

	spin_lock(&instance->upcalls_lock);
	list_del(&upcall->link);
	spin_unlock(&instance->upcalls_lock);
}

static void upcall_drop(struct darter_session *session)
{
	struct darter_upcall *upcall = session->upcall;

	upcall_unlist(upcall);
	WRITE_ONCE(session->upcall, NULL);
	upcall_free(upcall);
}

/* Why the daemon could not be asked. */
static void reply_refusal(struct darter_ctx *ctx, int err)
{
	switch (err) {
	case -ENOMEM:
		darter_reply_out_of_memory(ctx);
		break;
	case -EAGAIN:
		darter_reply_error(ctx, "ERR darterd is too slow to take the command");
		break;
	case -EMSGSIZE:
		darter_reply_error(ctx, "ERR the command is too long for darterd");
		break;
	default:
		darter_reply_error(ctx, "ERR darterd is not connected");
	}
}

/**
 * darter_upcall_start() - ask the daemon to answer the running command
 * @ctx: the command
 *
 * The answer may come while this runs; the session is kicked then, and finds it
 * when it is run again.
 *
 * Context: in the session's worker, may sleep, no shard is held.
 */
void darter_upcall_start(struct darter_ctx *ctx)
{
	struct darter_instance *instance = ctx->instance;
	struct darter_session *session = ctx->session;
	struct darter_upcall *upcall = upcall_make(ctx);
	int err;

	if (!upcall) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	upcall_list(upcall);
	WRITE_ONCE(session->upcall, upcall);
	err = instance->host->upcall(instance, upcall);
	if (!err)
		return;
	upcall_drop(session);
	reply_refusal(ctx, err);
}

static u8 upcall_state(struct darter_upcall *upcall)
{
	struct darter_instance *instance = upcall->session->instance;
	u8 state;

	spin_lock(&instance->upcalls_lock);
	state = upcall->state;
	spin_unlock(&instance->upcalls_lock);
	return state;
}

/* The daemon's bytes as they are; what looks like an error counts as one. */
static void reply_answer(struct darter_ctx *ctx, const struct darter_upcall *upcall)
{
	if (upcall->reply_len && *upcall->reply == '-') {
		ctx->failed = true;
		darter_instance_count_error(ctx->instance, upcall->reply + 1);
	}
	darter_reply_raw(&ctx->session->reply, upcall->reply, upcall->reply_len);
}

/**
 * darter_upcall_finish() - take the answer, if it has come
 * @session: with an upcall; run by the caller
 * @ctx: of the command that waits
 *
 * Return: whether the upcall is over.
 */
bool darter_upcall_finish(struct darter_session *session, struct darter_ctx *ctx)
{
	switch (upcall_state(session->upcall)) {
	case DARTER_UPCALL_PENDING:
		return false;
	case DARTER_UPCALL_ANSWERED:
		reply_answer(ctx, session->upcall);
		break;
	default:
		darter_reply_error(ctx, "ERR darterd went away before it answered");
	}
	upcall_drop(session);
	return true;
}

/**
 * darter_upcall_detach() - the session ends and waits no more
 * @session: with an upcall
 *
 * Context: any that may take a spinlock. An answer that comes later finds nobody.
 */
void darter_upcall_detach(struct darter_session *session)
{
	upcall_drop(session);
}

static void upcall_end(struct darter_instance *instance, struct darter_upcall *upcall, u8 state)
{
	lockdep_assert_held(&instance->upcalls_lock);
	upcall->state = state;
	instance->host->kick(upcall->session);
}

static struct darter_upcall *find_pending(struct darter_instance *instance, u64 id)
{
	struct darter_upcall *upcall;

	lockdep_assert_held(&instance->upcalls_lock);
	list_for_each_entry(upcall, &instance->upcalls, link)
		if (upcall->id == id && upcall->state == DARTER_UPCALL_PENDING)
			return upcall;
	return NULL;
}

/**
 * darter_upcall_answer() - the daemon has answered
 * @instance: whose
 * @id: of the upcall
 * @reply: RESP, copied
 * @len: bytes of it
 *
 * Context: may sleep.
 * Return: 0, -ENOENT when nobody waits for it, -EINVAL for an empty answer,
 * -ENOMEM.
 */
int darter_upcall_answer(struct darter_instance *instance, u64 id, const void *reply, u32 len)
{
	struct darter_upcall *upcall;
	char *copy;

	if (!len)
		return -EINVAL;
	copy = kvmalloc((size_t)len + 1, GFP_KERNEL | __GFP_NOWARN);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, reply, len);
	copy[len] = '\0';
	spin_lock(&instance->upcalls_lock);
	upcall = find_pending(instance, id);
	if (upcall) {
		upcall->reply = copy;
		upcall->reply_len = len;
		upcall_end(instance, upcall, DARTER_UPCALL_ANSWERED);
	}
	spin_unlock(&instance->upcalls_lock);
	if (upcall)
		return 0;
	kvfree(copy);
	return -ENOENT;
}

/**
 * darter_upcall_fail_all() - the daemon is gone
 * @instance: whose
 *
 * If it went because it had the instance stopped, who asked for that gets no
 * answer: its connection is closed with all others.
 *
 * Context: any that may take a spinlock.
 */
void darter_upcall_fail_all(struct darter_instance *instance)
{
	struct darter_upcall *upcall;

	if (READ_ONCE(instance->shutting_down))
		return;
	spin_lock(&instance->upcalls_lock);
	list_for_each_entry(upcall, &instance->upcalls, link)
		if (upcall->state == DARTER_UPCALL_PENDING)
			upcall_end(instance, upcall, DARTER_UPCALL_LOST);
	spin_unlock(&instance->upcalls_lock);
}
