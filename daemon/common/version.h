/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DARTER_COMMON_VERSION_H
#define DARTER_COMMON_VERSION_H

/* Of daemon and tool. */
#define DARTER_TOOLS_VERSION "0.1.0"

#endif /* DARTER_COMMON_VERSION_H */
