// SPDX-License-Identifier: GPL-2.0
/*
 * What COMMAND DOCS tells: per command a summary, its cost, and its arguments.
 * redis-cli makes its hints from this. Constant data; no locking.
 *
 * Names, types and versions of arguments are those of Redis 7.2. Rows are sorted
 * by name, as in command_table.c; a group of arguments comes before its members.
 * A row is in the table of what the command is about.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "command.h"
#include "command_docs.h"

static const struct darter_command_doc *find(const struct darter_command_docs *docs,
					     const char *name)
{
	u32 low = 0, high = docs->count;

	while (low < high) {
		u32 middle = (low + high) / 2;
		int order = strcmp(name, docs->rows[middle].name);

		if (!order)
			return &docs->rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/**
 * darter_command_doc() - find the text about a command
 * @command: a row of the command table
 *
 * Context: any.
 * Return: the text, or NULL if there is none.
 */
const struct darter_command_doc *darter_command_doc(const struct darter_command *command)
{
	return find(&darter_docs_keys, command->name) ?: find(&darter_docs_server, command->name);
}
