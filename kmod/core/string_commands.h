/* SPDX-License-Identifier: GPL-2.0 */
/* What other commands need of strings. */
#ifndef DARTER_CORE_STRING_COMMANDS_H
#define DARTER_CORE_STRING_COMMANDS_H

#include "args.h"
#include "entry.h"
#include "keyspace.h"

struct darter_arg;
struct darter_ctx;

/*
 * Make a string the value of a key, whatever it was: the argument's blob by
 * reference, other bytes copied. -ENOMEM: nothing has changed.
 */
int darter_store_string(const struct darter_key *key, struct darter_entry *old,
			const struct darter_arg *value, s64 deadline);

#endif /* DARTER_CORE_STRING_COMMANDS_H */
