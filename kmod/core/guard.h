/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guards: what the writers of a shard owe to readers that take no lock.
 *
 * Two things are owed. A reader must be able to tell that what it read was being
 * changed: a guard has sequence counts, odd while a change is under way, one for
 * the shape of the tables and a stripe of them for what is at keys. And what a
 * reader may still look at must not be freed under it: a guard holds back what was
 * retired until a grace period of RCU has passed.
 *
 * A writer holds the shard's lock. It opens the stripe of a key before the first
 * change there; all stay open until the command is over and the guard is settled.
 * So no reader sees a part of what a command does, in one shard or in several:
 * until the last change is made it finds stripes open, and takes the lock instead.
 *
 * A reader is inside rcu_read_lock(), in any context, softirqs included:
 *
 *   rcu_read_lock();
 *   if (darter_guard_begin(guard, hash, &ticket)) {
 *           ... find and copy; what is found may be nonsense, but is memory ...
 *           good = darter_guard_valid(guard, &ticket);
 *   }
 *   rcu_read_unlock();
 */
#ifndef DARTER_CORE_GUARD_H
#define DARTER_CORE_GUARD_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

struct darter_arena;

#define DARTER_GUARD_STRIPES 64
/* More is not held back, but waited for: bytes of a shard, and one object beyond. */
#define DARTER_GUARD_BYTES (4U << 20)

struct darter_guard {
	/* for readers */
	u32 shape ____cacheline_aligned;	/* odd while tables are rebuilt */
	u32 stripes[DARTER_GUARD_STRIPES];	/* odd while something at such keys changes */

	/* for writers */
	u64 open ____cacheline_aligned;	/* a bit for each stripe that is odd */
	struct darter_arena *arena;	/* that retired objects are freed to */
	u64 retired;			/* bytes that are held back */
	struct darter_guard_batch *filling;
	struct list_head sealed;	/* batches that wait for readers, oldest first */
	struct darter_guard_batch *spare;
	bool quiet;			/* nobody reads what is retired: free it at once */
};

/* What a reader saw when it began. */
struct darter_guard_ticket {
	const u32 *stripe;
	u32 shape, count;
};

typedef void (*darter_guard_free)(struct darter_guard *guard, void *object);

void darter_guard_init(struct darter_guard *guard, struct darter_arena *arena);
void darter_guard_destroy(struct darter_guard *guard);
void darter_guard_reshape(struct darter_guard *guard);
void darter_guard_settle_open(struct darter_guard *guard);
void darter_guard_retire(struct darter_guard *guard, void *object, size_t bytes,
			 darter_guard_free free);
void darter_guard_poll(struct darter_guard *guard);
void darter_guard_wait(struct darter_guard *guard);
void darter_guard_quiet(struct darter_guard *guard, bool quiet);

/* Not those bits of the hash that tell the buckets of a segment apart. */
static inline u32 darter_guard_stripe(u64 hash)
{
	return hash >> 32 & (DARTER_GUARD_STRIPES - 1);
}

/**
 * darter_guard_open() - say that something at a key is about to change
 * @guard: of the key's shard, which is locked
 * @hash: of the key
 */
static inline void darter_guard_open(struct darter_guard *guard, u64 hash)
{
	u32 stripe = darter_guard_stripe(hash);

	if (guard->open & 1ULL << stripe)
		return;
	guard->open |= 1ULL << stripe;
	WRITE_ONCE(guard->stripes[stripe], guard->stripes[stripe] + 1);
	smp_wmb(); /* the odd count before the change */
}

/**
 * darter_guard_settle() - say that all is done that was opened
 * @guard: of a shard that is locked; no key of it changes before the next open
 */
static inline void darter_guard_settle(struct darter_guard *guard)
{
	if (guard->open || guard->shape & 1)
		darter_guard_settle_open(guard);
}

/**
 * darter_guard_begin() - begin to read without the lock
 * @guard: of the key's shard
 * @hash: of the key
 * @ticket: to fill
 *
 * Context: inside rcu_read_lock(); any.
 * Return: false if the key or the table is being changed.
 */
static inline bool darter_guard_begin(const struct darter_guard *guard, u64 hash,
				      struct darter_guard_ticket *ticket)
{
	ticket->stripe = &guard->stripes[darter_guard_stripe(hash)];
	/* Pairs with settling: what is read later is not from before. */
	ticket->shape = smp_load_acquire(&guard->shape);
	/* Likewise. */
	ticket->count = smp_load_acquire(ticket->stripe);
	return !((ticket->shape | ticket->count) & 1);
}

/**
 * darter_guard_valid() - whether what was read was there, all at one moment
 * @guard: of the key's shard
 * @ticket: from darter_guard_begin()
 *
 * Context: inside the same rcu_read_lock().
 * Return: false if some of it may have been changed meanwhile.
 */
static inline bool darter_guard_valid(const struct darter_guard *guard,
				      const struct darter_guard_ticket *ticket)
{
	smp_rmb(); /* what was read before the counts */
	return READ_ONCE(*ticket->stripe) == ticket->count &&
	       READ_ONCE(guard->shape) == ticket->shape;
}

#endif /* DARTER_CORE_GUARD_H */
