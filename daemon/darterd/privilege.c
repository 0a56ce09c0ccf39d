// SPDX-License-Identifier: GPL-2.0
/* Capabilities. Called once, before the event loop runs. */
#include <errno.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "privilege.h"

/* Not fatal where it is not permitted: then there was nothing to gain by execve. */
static int drop_bounds(void)
{
	cap_flag_value_t may = CAP_CLEAR;
	cap_t now = cap_get_proc();

	if (!now)
		return -errno;
	cap_get_flag(now, CAP_SETPCAP, CAP_EFFECTIVE, &may);
	for (cap_value_t cap = 0; may == CAP_SET && cap_get_bound(cap) >= 0; cap++) {
		if (cap != CAP_NET_ADMIN)
			cap_drop_bound(cap);
	}
	cap_free(now);
	return 0;
}

static int keep_net_admin(void)
{
	const cap_value_t kept[] = { CAP_NET_ADMIN };
	cap_flag_value_t permitted = CAP_CLEAR;
	cap_t now = cap_get_proc();
	int err = 0;

	if (!now)
		return -errno;
	if (cap_get_flag(now, CAP_NET_ADMIN, CAP_PERMITTED, &permitted) || cap_clear(now))
		err = -errno;
	if (!err && permitted == CAP_SET &&
	    (cap_set_flag(now, CAP_PERMITTED, 1, kept, CAP_SET) ||
	     cap_set_flag(now, CAP_EFFECTIVE, 1, kept, CAP_SET)))
		err = -errno;
	if (!err && cap_set_proc(now))
		err = -errno;
	cap_free(now);
	return err;
}

int darter_drop_privileges(void)
{
	int err = drop_bounds();

	if (err)
		return err;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return keep_net_admin();
}
