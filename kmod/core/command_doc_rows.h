/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the rows of COMMAND DOCS are written, in command_docs_keys.c and
 * command_docs_server.c alone.
 */
#ifndef DARTER_CORE_COMMAND_DOC_ROWS_H
#define DARTER_CORE_COMMAND_DOC_ROWS_H

#include <linux/kernel.h>

#include "command_docs.h"

/* Of an argument. */
#define T(type) DARTER_DOC_##type
#define A(flag) DARTER_DOC_##flag

/* Parts of a row. */
#define ARGS(...)					\
	.args = __VA_ARGS__,				\
	.nargs = ARRAY_SIZE(__VA_ARGS__)
#define CHANGES(...) ((const struct darter_doc_change[]) { __VA_ARGS__ })
#define HISTORY(...)					\
	.changes = CHANGES(__VA_ARGS__),		\
	.nchanges = ARRAY_SIZE(CHANGES(__VA_ARGS__))

#endif /* DARTER_CORE_COMMAND_DOC_ROWS_H */
