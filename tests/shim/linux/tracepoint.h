/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/tracepoint.h>: tracepoints that nobody can enable. */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#include <linux/compiler.h>

#define TP_PROTO(...) __VA_ARGS__
#define TRACE_EVENT(name, proto, args, fields, assign, print)			\
	static inline void trace_##name(proto) { }

#endif /* SHIM_LINUX_TRACEPOINT_H */
