/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that Darter supports, 6.1 to 7.x, and the
 * only place that asks for their version. Included before everything else.
 */
#ifndef DARTER_COMPAT_H
#define DARTER_COMPAT_H

#include <linux/version.h>

#endif /* DARTER_COMPAT_H */
