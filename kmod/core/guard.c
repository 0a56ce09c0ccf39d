// SPDX-License-Identifier: GPL-2.0
/*
 * Guards, see guard.h. All but readers' functions run under the lock of the shard.
 *
 * What is retired goes into batches. A full one is sealed: it notes which grace
 * period it waits for, and is freed when somebody finds that to be over, at a later
 * retirement or at a tick of the shard's worker. When too much waits, or there is no
 * memory to note what waits, the writer waits itself, with an expedited period, so
 * that neither a writer in a hurry nor one short of memory holds back without bound.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "guard.h"

#define BATCH_SIZE 4096
/* A batch is as good as full when it holds back so much: bytes. */
#define BATCH_BYTES (DARTER_GUARD_BYTES / 8)

struct retired {
	void *object;
	darter_guard_free free;
};

struct darter_guard_batch {
	struct list_head link;		/* in guard->sealed */
	unsigned long period;		/* cookie of the grace period that it waits for */
	u64 bytes;
	u32 count;
	struct retired items[];
};

#define BATCH_ITEMS \
	((BATCH_SIZE - sizeof(struct darter_guard_batch)) / sizeof(struct retired))

/**
 * darter_guard_init() - make a guard that nothing is held back by
 * @guard: memory to fill
 * @arena: of the same shard
 */
void darter_guard_init(struct darter_guard *guard, struct darter_arena *arena)
{
	memset(guard, 0, sizeof(*guard));
	guard->arena = arena;
	INIT_LIST_HEAD(&guard->sealed);
}

/* What is freed may not be read any more. Keeps one batch for the next time. */
static void batch_release(struct darter_guard *guard, struct darter_guard_batch *batch)
{
	u32 i;

	for (i = 0; i < batch->count; i++)
		batch->items[i].free(guard, batch->items[i].object);
	guard->retired -= batch->bytes;
	if (guard->spare)
		kfree(batch);
	else
		guard->spare = batch;
}

static void release_sealed(struct darter_guard *guard, bool all)
{
	struct darter_guard_batch *batch, *next;

	list_for_each_entry_safe(batch, next, &guard->sealed, link) {
		if (!all && !poll_state_synchronize_rcu(batch->period))
			return;
		list_del(&batch->link);
		batch_release(guard, batch);
	}
}

static void release_all(struct darter_guard *guard)
{
	struct darter_guard_batch *filling = guard->filling;

	release_sealed(guard, true);
	guard->filling = NULL;
	if (filling)
		batch_release(guard, filling);
}

/**
 * darter_guard_destroy() - free what is held back
 * @guard: of a shard that nobody reads any more
 */
void darter_guard_destroy(struct darter_guard *guard)
{
	release_all(guard);
	kfree(guard->spare);
	guard->spare = NULL;
}

/**
 * darter_guard_reshape() - say that tables are about to be rebuilt
 * @guard: of their shard
 *
 * Readers of the whole shard take the lock until it is settled.
 */
void darter_guard_reshape(struct darter_guard *guard)
{
	if (guard->shape & 1)
		return;
	WRITE_ONCE(guard->shape, guard->shape + 1);
	smp_wmb(); /* the odd count before the change */
}

void darter_guard_settle_open(struct darter_guard *guard)
{
	u64 open;

	for (open = guard->open; open; open &= open - 1) {
		u32 *stripe = &guard->stripes[__ffs64(open)];

		/* The changes before the even count. Pairs with darter_guard_begin(). */
		smp_store_release(stripe, *stripe + 1);
	}
	guard->open = 0;
	if (guard->shape & 1)
		/* Likewise. */
		smp_store_release(&guard->shape, guard->shape + 1);
}

static void seal(struct darter_guard *guard)
{
	guard->filling->period = start_poll_synchronize_rcu();
	list_add_tail(&guard->filling->link, &guard->sealed);
	guard->filling = NULL;
}

static struct darter_guard_batch *batch_make(struct darter_guard *guard)
{
	struct darter_guard_batch *batch = guard->spare;

	guard->spare = NULL;
	if (!batch)
		batch = kmalloc(BATCH_SIZE, GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	if (!batch)
		return NULL;
	batch->bytes = 0;
	batch->count = 0;
	return batch;
}

/**
 * darter_guard_retire() - free something when no reader can see it any more
 * @guard: of its shard; one that is quiet frees it at once
 * @object: what new readers do not find
 * @bytes: memory that it takes
 * @free: frees it, under the shard's lock
 *
 * Context: may sleep until readers are done.
 */
void darter_guard_retire(struct darter_guard *guard, void *object, size_t bytes,
			 darter_guard_free free)
{
	struct darter_guard_batch *batch;

	if (guard->quiet) {
		free(guard, object);
		return;
	}
	if (!guard->filling)
		guard->filling = batch_make(guard);
	batch = guard->filling;
	if (!batch) {
		darter_guard_wait(guard);
		free(guard, object);
		return;
	}
	batch->items[batch->count++] = (struct retired) { object, free };
	batch->bytes += bytes;
	guard->retired += bytes;
	if (guard->retired > DARTER_GUARD_BYTES) {
		darter_guard_wait(guard);
	} else if (batch->count == BATCH_ITEMS || batch->bytes >= BATCH_BYTES) {
		seal(guard);
		release_sealed(guard, false);
	}
}

/**
 * darter_guard_poll() - free what no reader can see any more
 * @guard: of a shard
 *
 * To be called now and then while something is held back.
 */
void darter_guard_poll(struct darter_guard *guard)
{
	release_sealed(guard, false);
	if (guard->filling && list_empty(&guard->sealed))
		seal(guard);
}

/**
 * darter_guard_wait() - wait until no reader can see what was retired, and free it
 * @guard: of a shard
 *
 * Context: sleeps.
 */
void darter_guard_wait(struct darter_guard *guard)
{
	synchronize_rcu_expedited();
	release_all(guard);
}

/**
 * darter_guard_quiet() - begin or end to retire what no reader can find
 * @guard: of a shard
 * @quiet: true: what is retired from now on was made unreachable before, all of it
 *
 * For who has much to free: he waits once, and holds back nothing.
 *
 * Context: sleeps if @quiet.
 */
void darter_guard_quiet(struct darter_guard *guard, bool quiet)
{
	if (quiet)
		darter_guard_wait(guard);
	guard->quiet = quiet;
}
