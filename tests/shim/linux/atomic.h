/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/atomic.h>. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

typedef struct {
	s32 value;
} atomic_t;

typedef struct {
	s64 value;
} atomic64_t;

#define ATOMIC_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }

#define SHIM_ATOMIC(name, word, number)						\
static inline number name##_read(const word *v)					\
{										\
	return __atomic_load_n(&v->value, __ATOMIC_RELAXED);			\
}										\
static inline void name##_set(word *v, number i)				\
{										\
	__atomic_store_n(&v->value, i, __ATOMIC_RELAXED);			\
}										\
static inline number name##_add_return(number i, word *v)			\
{										\
	return __atomic_add_fetch(&v->value, i, __ATOMIC_SEQ_CST);		\
}										\
static inline number name##_sub_return(number i, word *v)			\
{										\
	return __atomic_sub_fetch(&v->value, i, __ATOMIC_SEQ_CST);		\
}										\
static inline void name##_add(number i, word *v)				\
{										\
	__atomic_add_fetch(&v->value, i, __ATOMIC_RELAXED);			\
}										\
static inline void name##_sub(number i, word *v)				\
{										\
	__atomic_sub_fetch(&v->value, i, __ATOMIC_RELAXED);			\
}										\
static inline void name##_inc(word *v)						\
{										\
	name##_add(1, v);							\
}										\
static inline void name##_dec(word *v)						\
{										\
	name##_sub(1, v);							\
}										\
static inline number name##_inc_return(word *v)					\
{										\
	return name##_add_return(1, v);						\
}										\
static inline number name##_dec_return(word *v)					\
{										\
	return name##_sub_return(1, v);						\
}										\
static inline bool name##_dec_and_test(word *v)					\
{										\
	return !name##_dec_return(v);						\
}										\
static inline number name##_xchg(word *v, number i)				\
{										\
	return __atomic_exchange_n(&v->value, i, __ATOMIC_SEQ_CST);		\
}										\
static inline number name##_cmpxchg(word *v, number old, number i)		\
{										\
	__atomic_compare_exchange_n(&v->value, &old, i, false,			\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	return old;								\
}

SHIM_ATOMIC(atomic, atomic_t, s32)
SHIM_ATOMIC(atomic64, atomic64_t, s64)

#endif /* SHIM_LINUX_ATOMIC_H */
