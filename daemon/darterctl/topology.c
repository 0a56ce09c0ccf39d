// SPDX-License-Identifier: GPL-2.0
/* darterctl topology: the node that is announced as a cluster. */
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "../common/names.h"
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{}
};
