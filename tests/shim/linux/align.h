/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses rounded up to a power of two. */
#ifndef SHIM_LINUX_ALIGN_H
#define SHIM_LINUX_ALIGN_H

#include <linux/kernel.h>

#define ALIGN(x, a) round_up(x, a)
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (unsigned long)(a)))

#endif /* SHIM_LINUX_ALIGN_H */
