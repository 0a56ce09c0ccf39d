/* SPDX-License-Identifier: GPL-2.0 */
/* What COMMAND DOCS tells of a command beyond its row in the command table. */
#ifndef DARTER_CORE_COMMAND_DOCS_H
#define DARTER_CORE_COMMAND_DOCS_H

#include <linux/types.h>

struct darter_command;

enum darter_doc_type {
	DARTER_DOC_STRING,
	DARTER_DOC_INTEGER,
	DARTER_DOC_DOUBLE,
	DARTER_DOC_KEY,
	DARTER_DOC_PATTERN,
	DARTER_DOC_UNIX_TIME,
	DARTER_DOC_TOKEN,	/* the word itself, and no value */
	DARTER_DOC_ONEOF,	/* one of the arguments that follow, one level deeper */
	DARTER_DOC_BLOCK,	/* all of them */
};

enum darter_doc_flag {
	DARTER_DOC_OPTIONAL = 1 << 0,
	DARTER_DOC_MULTIPLE = 1 << 1,
	DARTER_DOC_MULTIPLE_TOKEN = 1 << 2,	/* each time with its word in front */
};

/* An argument; those that it groups follow it with a greater depth. */
struct darter_doc_arg {
	u8 depth;
	u8 type;			/* enum darter_doc_type */
	const char *name;
	const char *token;		/* word in front of the value; NULL: none */
	const char *display;		/* NULL: as the name */
	const char *since, *deprecated_since;	/* NULL: as the command */
	u8 flags;			/* enum darter_doc_flag */
	u8 key_spec;			/* of a key: index of its key spec */
};

struct darter_doc_change {
	const char *version, *what;
};

struct darter_command_doc {
	const char *name;
	const char *summary, *complexity;
	const char *deprecated_since, *replaced_by;	/* NULL: not deprecated */
	bool internal;			/* not for clients of people's own */
	u8 nargs, nchanges;
	const struct darter_doc_arg *args;
	const struct darter_doc_change *changes;
};

/* Sorted by name. */
struct darter_command_docs {
	const struct darter_command_doc *rows;
	u32 count;
};

extern const struct darter_command_docs darter_docs_keys;	/* and of transactions */
extern const struct darter_command_docs darter_docs_server;	/* all others */

/* The text about a command, NULL if there is none. Any context. */
const struct darter_command_doc *darter_command_doc(const struct darter_command *command);

#endif /* DARTER_CORE_COMMAND_DOCS_H */
