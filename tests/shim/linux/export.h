/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/export.h>. */
#ifndef SHIM_LINUX_EXPORT_H
#define SHIM_LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(symbol)

#endif /* SHIM_LINUX_EXPORT_H */
