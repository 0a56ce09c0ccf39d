/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stand-in for the kernel's own <linux/errno.h>. The C library's <errno.h> gets
 * its numbers from the header of this name in the uapi: pass that on.
 */
#ifndef SHIM_LINUX_ERRNO_H
#define SHIM_LINUX_ERRNO_H

#include_next <linux/errno.h>

#endif /* SHIM_LINUX_ERRNO_H */
