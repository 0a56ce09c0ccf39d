/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands as data: what the table says of each, and the context in which its
 * handler runs.
 */
#ifndef DARTER_CORE_COMMAND_H
#define DARTER_CORE_COMMAND_H

#include <linux/types.h>

struct darter_blob;
struct darter_instance;
struct darter_session;

/* One argument. @bytes is not NUL-terminated and lives while the command runs. */
struct darter_arg {
	const char *bytes;
	u32 len;
	struct darter_blob *blob;	/* holder of the bytes, if they have one of their own */
};

/*
 * What a handler gets. It runs to completion in a worker that holds the locks
 * which the command's row asks for; it must not sleep except to allocate.
 */
struct darter_ctx {
	struct darter_session *session;
	struct darter_instance *instance;
	const struct darter_command *command;
	struct darter_arg *argv;
	u32 argc;
	u32 db;			/* the session's selected database */
	u64 now;		/* ms since the epoch, one value for a command or EXEC */
	bool in_exec;		/* inside EXEC */
	bool failed;		/* an error was replied */
};

typedef void (*darter_handler)(struct darter_ctx *ctx);

/* Which shard locks a command runs under. */
enum darter_lock_mode {
	DARTER_LOCK_NONE,	/* touches no key */
	DARTER_LOCK_KEYS,	/* those of the keys that first, last and step name */
	DARTER_LOCK_ALL,	/* every shard: FLUSHALL, KEYS */
	DARTER_LOCK_CURSOR,	/* the one that the SCAN cursor in argv[1] names */
};

/* Wire flags, in the order in which COMMAND prints them; see command_table.c. */
enum darter_command_flag {
	DARTER_CMD_WRITE = 1 << 0,
	DARTER_CMD_READONLY = 1 << 1,
	DARTER_CMD_DENYOOM = 1 << 2,
	DARTER_CMD_MODULE = 1 << 3,
	DARTER_CMD_ADMIN = 1 << 4,
	DARTER_CMD_PUBSUB = 1 << 5,
	DARTER_CMD_NOSCRIPT = 1 << 6,
	DARTER_CMD_BLOCKING = 1 << 7,
	DARTER_CMD_LOADING = 1 << 8,
	DARTER_CMD_STALE = 1 << 9,
	DARTER_CMD_SKIP_MONITOR = 1 << 10,
	DARTER_CMD_SKIP_SLOWLOG = 1 << 11,
	DARTER_CMD_ASKING = 1 << 12,
	DARTER_CMD_FAST = 1 << 13,
	DARTER_CMD_NO_AUTH = 1 << 14,
	DARTER_CMD_MAY_REPLICATE = 1 << 15,
	DARTER_CMD_NO_MANDATORY_KEYS = 1 << 16,
	DARTER_CMD_NO_ASYNC_LOADING = 1 << 17,
	DARTER_CMD_NO_MULTI = 1 << 18,
	DARTER_CMD_ALLOW_BUSY = 1 << 19,
	DARTER_CMD_MOVABLEKEYS = 1 << 20,
	/* Not on the wire: the daemon answers, see upcall.h. */
	DARTER_CMD_UPCALL = 1 << 30,
};

struct darter_command {
	const char *name;		/* lower case; of a subcommand "config|get" */
	darter_handler handler;		/* NULL for a container */
	s16 arity;			/* with the name; negative: at least */
	u16 index;			/* of its statistics */
	u32 flags;			/* enum darter_command_flag */
	u8 lock;			/* enum darter_lock_mode */
	s8 first, last, step;		/* keys, as COMMAND says them */
	u32 acl;			/* categories, a bit each, see command_table.c */
	const struct darter_command *subcommands;
	u16 nsubcommands;
	const char *group;
	const char *since;
	const char *key_specs;		/* as in the table file, see command_table.c */
	const char *tips;
};

/* Number of commands and subcommands: the size of a statistics array. */
extern const u16 darter_command_count;

/* Rows by index, 0 <= index < darter_command_count. */
const struct darter_command *darter_command_at(u16 index);
/*
 * The command or subcommand that an argument vector calls. When @argv[0] names
 * a container without a known subcommand in @argv[1], the container itself
 * (handler NULL). NULL: no such command. Pure; any context.
 */
const struct darter_command *darter_command_lookup(const struct darter_arg *argv, u32 argc);
/* Whether @argc fits the command's arity. */
bool darter_command_arity_ok(const struct darter_command *command, u32 argc);
/* Case-insensitive comparison of an argument with a word in lower case. */
bool darter_arg_is(const struct darter_arg *arg, const char *word);

/* Iterate over the argument indices of a command's keys. */
u32 darter_command_first_key(const struct darter_command *command, u32 argc);
u32 darter_command_next_key(const struct darter_command *command, u32 argc, u32 at);

#endif /* DARTER_CORE_COMMAND_H */
