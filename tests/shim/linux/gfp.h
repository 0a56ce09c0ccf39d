/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/gfp.h>. */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#include <linux/types.h>

#define GFP_KERNEL 0x1u
#define GFP_ATOMIC 0x2u
#define GFP_NOWAIT 0x4u
#define __GFP_ZERO 0x8u
#define __GFP_NOWARN 0x10u
#define __GFP_NORETRY 0x20u
#define __GFP_RETRY_MAYFAIL 0x40u
#define __GFP_COMP 0x80u

#endif /* SHIM_LINUX_GFP_H */
