// SPDX-License-Identifier: GPL-2.0
/* What the stand-in headers cannot define themselves. */
#include <linux/sched.h>
#include <linux/slab.h>

__thread long shim_alloc_fail_after = -1;
__thread bool shim_alloc_fail_once;
__thread char shim_task;
