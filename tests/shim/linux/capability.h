/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/capability.h>. */
#ifndef SHIM_LINUX_CAPABILITY_H
#define SHIM_LINUX_CAPABILITY_H

#define CAP_NET_ADMIN 12

#endif /* SHIM_LINUX_CAPABILITY_H */
