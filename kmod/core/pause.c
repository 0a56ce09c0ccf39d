// SPDX-License-Identifier: GPL-2.0
/*
 * Pauses, see pause.h.
 *
 * A command that must wait parks its session on the pause's list, under
 * pause->lock, where it looks at the pause once more: who ends it empties the list
 * under the same lock, so nobody is left behind. Those who run commands read only
 * pause->mode while nothing is paused.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>

#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "pause.h"
#include "session.h"
#include "transaction.h"

/**
 * darter_pause_init() - nothing is paused
 * @pause: zeroed
 */
void darter_pause_init(struct darter_pause *pause)
{
	spin_lock_init(&pause->lock);
	INIT_LIST_HEAD(&pause->sessions);
}

/* Let all go on; those that must wait again park again. */
static void release_all(struct darter_pause *pause)
{
	struct darter_session *session, *next;

	lockdep_assert_held(&pause->lock);
	list_for_each_entry_safe(session, next, &pause->sessions, pause_link) {
		list_del_init(&session->pause_link);
		session->instance->host->kick(session);
	}
}

static void end_pause(struct darter_pause *pause)
{
	lockdep_assert_held(&pause->lock);
	WRITE_ONCE(pause->mode, DARTER_PAUSE_NONE);
	pause->end = 0;
	release_all(pause);
}

/**
 * darter_pause_start() - have commands wait
 * @instance: whose
 * @mode: which of them
 * @end: until when, ms since the epoch
 * @now: ms since the epoch
 *
 * Context: any that may take a spinlock.
 */
void darter_pause_start(struct darter_instance *instance, enum darter_pause_mode mode, u64 end,
			u64 now)
{
	struct darter_pause *pause = &instance->pause;

	spin_lock(&pause->lock);
	if (pause->end <= now)
		end_pause(pause);
	pause->end = max(pause->end, end);
	if (pause->end > now)
		WRITE_ONCE(pause->mode, max_t(u8, pause->mode, mode));
	spin_unlock(&pause->lock);
}

/**
 * darter_pause_stop() - end whatever pause there is
 * @instance: whose
 *
 * Context: any that may take a spinlock.
 */
void darter_pause_stop(struct darter_instance *instance)
{
	spin_lock(&instance->pause.lock);
	end_pause(&instance->pause);
	spin_unlock(&instance->pause.lock);
}

u32 darter_pause_tick(struct darter_instance *instance, u64 now)
{
	struct darter_pause *pause = &instance->pause;
	u32 wait = U32_MAX;

	if (!darter_pause_active(pause))
		return wait;
	spin_lock(&pause->lock);
	if (pause->end <= now)
		end_pause(pause);
	else
		wait = min_t(u64, pause->end - now, U32_MAX);
	spin_unlock(&pause->lock);
	return wait;
}

static bool may_write(const struct darter_ctx *ctx)
{
	const struct darter_transaction *multi = ctx->session->multi;
	u32 flags = ctx->command->flags;

	if (ctx->command->handler == darter_cmd_exec && multi)
		flags |= multi->flags;
	return flags & (DARTER_CMD_WRITE | DARTER_CMD_MAY_REPLICATE);
}

/**
 * darter_pause_park() - have a command wait if it is paused
 * @ctx: the command, which has passed all checks
 *
 * Context: in the session's worker; no shard is held.
 * Return: true if the session was parked: the command is to be dispatched again
 * when it is kicked.
 */
bool darter_pause_park(struct darter_ctx *ctx)
{
	u8 holds = may_write(ctx) ? DARTER_PAUSE_WRITES : DARTER_PAUSE_ALL;
	struct darter_pause *pause = &ctx->instance->pause;
	struct darter_session *session = ctx->session;
	bool parks;

	spin_lock(&pause->lock);
	parks = pause->mode >= holds && pause->end > ctx->now;
	if (parks) {
		list_add_tail(&session->pause_link, &pause->sessions);
		WRITE_ONCE(session->paused, true);
	}
	spin_unlock(&pause->lock);
	return parks;
}

void darter_pause_unpark(struct darter_session *session)
{
	struct darter_pause *pause = &session->instance->pause;

	spin_lock(&pause->lock);
	list_del_init(&session->pause_link);
	WRITE_ONCE(session->paused, false);
	spin_unlock(&pause->lock);
}
