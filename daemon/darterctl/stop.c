// SPDX-License-Identifier: GPL-2.0
/* darterctl stop: the end of an instance and its data. */
#include "../common/api.h"
#include "darterctl.h"

int darter_ctl_stop(struct darter_call *call)
{
	int err;

	if (call->argc > 1)
		return darter_ctl_usage(call);
	err = darter_api_stop(call->control);
	return err ? darter_ctl_failed(call, err) : darter_ctl_done(call);
}
