/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace stand-in for <linux/jiffies.h>: a jiffy is a millisecond. */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#include <time.h>

#define HZ 1000
#define jiffies shim_jiffies()

static inline unsigned long shim_jiffies(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * HZ + now.tv_nsec / (1000000000 / HZ);
}

#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ms;
}

#endif /* SHIM_LINUX_JIFFIES_H */
