/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/module.h>. */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#include <linux/compiler.h>
#include <linux/export.h>

struct module;

#define THIS_MODULE ((struct module *)NULL)
#ifndef __ro_after_init
#define __ro_after_init
#endif

#endif /* SHIM_LINUX_MODULE_H */
