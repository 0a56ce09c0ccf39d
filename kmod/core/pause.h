/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CLIENT PAUSE: commands wait, all or those that write, until a deadline or until
 * somebody ends the pause. Keys do not expire meanwhile.
 */
#ifndef DARTER_CORE_PAUSE_H
#define DARTER_CORE_PAUSE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct darter_ctx;
struct darter_instance;
struct darter_session;

/* What a pause holds back, in ascending order. */
enum darter_pause_mode {
	DARTER_PAUSE_NONE,
	DARTER_PAUSE_WRITES,
	DARTER_PAUSE_ALL,
};

struct darter_pause {
	u8 mode;			/* enum darter_pause_mode; read without the lock */
	spinlock_t lock;		/* protects the rest, and each session's pause_link */
	u64 end;			/* ms since the epoch */
	struct list_head sessions;	/* whose commands wait */
};

void darter_pause_init(struct darter_pause *pause);
/* A pause that holds more back, or ends later, is not weakened by another one. */
void darter_pause_start(struct darter_instance *instance, enum darter_pause_mode mode, u64 end,
			u64 now);
void darter_pause_stop(struct darter_instance *instance);
/* End a pause whose time is over. Return: ms until the end, U32_MAX without a pause. */
u32 darter_pause_tick(struct darter_instance *instance, u64 now);

/* Whether something may be paused: what a command looks at first. */
static inline bool darter_pause_active(const struct darter_pause *pause)
{
	return READ_ONCE(pause->mode) != DARTER_PAUSE_NONE;
}

/* True: the command waits, its session is kicked when the pause is over. */
bool darter_pause_park(struct darter_ctx *ctx);
/* The session goes on, or ends: after this no kick for the pause's sake is under way. */
void darter_pause_unpark(struct darter_session *session);

#endif /* DARTER_CORE_PAUSE_H */
