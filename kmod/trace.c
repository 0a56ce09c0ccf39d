// SPDX-License-Identifier: GPL-2.0
/* Makes the tracepoints that core/trace.h names. */
#define CREATE_TRACE_POINTS
#include "core/trace.h"
