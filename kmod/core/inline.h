/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inline dispatch: executing commands where their packet arrives, in softirq, instead
 * of waking the worker that they belong to.
 *
 * What can be done so are whole commands that read one string without a lock, and PING.
 * Everything else, and everything behind it, is left where it is for the worker. A
 * session is used by one of the two at a time; its owner sees to that, and that it is
 * fit when the worker lets go of it.
 */
#ifndef DARTER_CORE_INLINE_H
#define DARTER_CORE_INLINE_H

#include <linux/types.h>

struct darter_lane;
struct darter_session;

/* One packet's visit. */
struct darter_visit {
	struct darter_lane *lane;	/* of the CPU */
	u64 now;			/* ms since the epoch */
	u32 budget;			/* commands that it may still execute */
};

bool darter_inline_fit(const struct darter_session *session);
bool darter_inline_begin(struct darter_session *session, const struct darter_visit *visit);
u32 darter_inline_run(struct darter_session *session, struct darter_visit *visit,
		      const char *bytes, u32 len);
void darter_inline_end(struct darter_session *session, const struct darter_visit *visit);

#endif /* DARTER_CORE_INLINE_H */
