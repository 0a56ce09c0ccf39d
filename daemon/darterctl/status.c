// SPDX-License-Identifier: GPL-2.0
/* darterctl status: the instance in short. */
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{}
};

int darter_ctl_status(struct darter_call *call)
{
	return darter_ctl_show_object(call, DARTER_CMD_INSTANCE_GET, fields);
}
