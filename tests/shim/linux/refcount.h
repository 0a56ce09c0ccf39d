/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/refcount.h>. */
#ifndef SHIM_LINUX_REFCOUNT_H
#define SHIM_LINUX_REFCOUNT_H

#include <linux/bug.h>
#include <linux/types.h>

typedef struct {
	u32 count;
} refcount_t;

static inline void refcount_set(refcount_t *r, u32 n)
{
	__atomic_store_n(&r->count, n, __ATOMIC_RELAXED);
}

/* In the kernel a store that depends on the count stays behind it; here that takes acquire. */
static inline u32 refcount_read(const refcount_t *r)
{
	return __atomic_load_n(&r->count, __ATOMIC_ACQUIRE);
}

static inline void refcount_inc(refcount_t *r)
{
	WARN_ON(!__atomic_fetch_add(&r->count, 1, __ATOMIC_RELAXED));
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	u32 old = __atomic_fetch_sub(&r->count, 1, __ATOMIC_ACQ_REL);

	WARN_ON(!old);
	return old == 1;
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	u32 old = refcount_read(r);

	while (old && !__atomic_compare_exchange_n(&r->count, &old, old + 1, false,
						   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	return old;
}

#endif /* SHIM_LINUX_REFCOUNT_H */
