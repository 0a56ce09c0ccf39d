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
	u16 shard;			/* index of the key's shard, known with its hash */
	struct darter_blob *blob;	/* holder of the bytes, if they have one of their own */
	u64 hash;			/* darter_key_hash() of the bytes; 0: not known yet */
};

/*
 * What a handler gets. It runs to completion in a worker that holds the locks
 * which the command's row asks for, or may do without; it must not sleep except to
 * allocate.
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
	bool lockless;		/* the lock is not held: see DARTER_CMD_LOCKLESS */
	bool unfit;		/* it is needed after all; what was replied is nothing */
	u8 hits, misses;	/* of a command without the lock, counted if it succeeds */
};

typedef void (*darter_handler)(struct darter_ctx *ctx);

/* Which shard locks a command runs under. */
enum darter_lock_mode {
	DARTER_LOCK_NONE,	/* touches no key */
	DARTER_LOCK_KEYS,	/* those of the keys that first, last and step name */
	DARTER_LOCK_ALL,	/* every shard: FLUSHALL, KEYS */
	DARTER_LOCK_CURSOR,	/* the one that the SCAN cursor in argv[1] names */
	DARTER_LOCK_DEBUG,	/* what the subcommand of DEBUG asks for */
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
	/*
	 * Not on the wire: the handler can run without the lock, inside rcu_read_lock(), in
	 * softirq, perhaps more than once, if there is one key or none. It finds the key
	 * with darter_lookup_read(), darter_lookup() or darter_lookup_peek(), changes
	 * nothing, does not sleep, and looks at no more of an entry than entry.h allows;
	 * what it replies is thrown away should the key change meanwhile.
	 */
	DARTER_CMD_LOCKLESS = 1 << 29,
	/* Not on the wire: the daemon answers, see upcall.h. */
	DARTER_CMD_UPCALL = 1 << 30,
};

/* ACL categories, in the order in which COMMAND prints them. */
enum darter_acl_category {
	DARTER_ACL_KEYSPACE = 1 << 0,
	DARTER_ACL_READ = 1 << 1,
	DARTER_ACL_WRITE = 1 << 2,
	DARTER_ACL_SET = 1 << 3,
	DARTER_ACL_SORTEDSET = 1 << 4,
	DARTER_ACL_LIST = 1 << 5,
	DARTER_ACL_HASH = 1 << 6,
	DARTER_ACL_STRING = 1 << 7,
	DARTER_ACL_BITMAP = 1 << 8,
	DARTER_ACL_HYPERLOGLOG = 1 << 9,
	DARTER_ACL_GEO = 1 << 10,
	DARTER_ACL_STREAM = 1 << 11,
	DARTER_ACL_PUBSUB = 1 << 12,
	DARTER_ACL_ADMIN = 1 << 13,
	DARTER_ACL_FAST = 1 << 14,
	DARTER_ACL_SLOW = 1 << 15,
	DARTER_ACL_BLOCKING = 1 << 16,
	DARTER_ACL_DANGEROUS = 1 << 17,
	DARTER_ACL_CONNECTION = 1 << 18,
	DARTER_ACL_TRANSACTION = 1 << 19,
	DARTER_ACL_SCRIPTING = 1 << 20,
};

/* What a command does with a key, in the order in which COMMAND prints it. */
enum darter_key_flag {
	DARTER_KEY_RO = 1 << 0,
	DARTER_KEY_RW = 1 << 1,
	DARTER_KEY_OW = 1 << 2,
	DARTER_KEY_RM = 1 << 3,
	DARTER_KEY_ACCESS = 1 << 4,
	DARTER_KEY_UPDATE = 1 << 5,
	DARTER_KEY_INSERT = 1 << 6,
	DARTER_KEY_DELETE = 1 << 7,
	DARTER_KEY_NOT_KEY = 1 << 8,
	DARTER_KEY_INCOMPLETE = 1 << 9,
	DARTER_KEY_VARIABLE_FLAGS = 1 << 10,
};

/*
 * Where keys are: every @step arguments from @index to the one @last behind it,
 * or for a negative @last, to that one counted from the end of the arguments.
 */
struct darter_key_spec {
	u16 flags;			/* enum darter_key_flag */
	s8 index, last, step;
	const char *notes;		/* NULL: none */
};

/* No name is as long. */
#define DARTER_COMMAND_CHARS 32

/* A command, a container of subcommands (which follow it), or a subcommand. */
struct darter_command {
	char name[DARTER_COMMAND_CHARS];	/* lower case; of a subcommand "config|get" */
	darter_handler handler;		/* NULL for a container */
	u32 flags;			/* enum darter_command_flag */
	s16 arity;			/* with the name; negative: at least */
	u8 lock;			/* enum darter_lock_mode */
	s8 first, last, step;		/* keys, as COMMAND says them; first 0: none */
	u8 nkey_specs, nsubcommands;
	u32 acl;			/* categories that the flags do not imply */
	const struct darter_key_spec *key_specs;
	const char *group;
	const char *since;
	const char *tips;		/* one space between; NULL: none */
};

/* Sorted by name; the subcommands of a container follow it. */
extern const struct darter_command darter_commands[];
/* Number of commands and subcommands: the size of a statistics array. */
extern const u16 darter_command_count;

/* Rows by index, 0 <= index < darter_command_count. */
static inline const struct darter_command *darter_command_at(u16 index)
{
	return &darter_commands[index];
}

static inline u16 darter_command_index(const struct darter_command *command)
{
	return command - darter_commands;
}

/*
 * The command or subcommand that an argument vector calls. When @argv[0] names
 * a container without a known subcommand in @argv[1], the container itself
 * (handler NULL, but for COMMAND). NULL: no such command. Pure; any context.
 */
const struct darter_command *darter_command_lookup(const struct darter_arg *argv, u32 argc);
/* By full name, "get" or "config|get" in any case; NULL: no such command. */
const struct darter_command *darter_command_find(const char *name, u32 len);
/**
 * darter_command_arity_ok() - whether a number of arguments is right
 * @command: a row
 * @argc: arguments, the name included; the subcommand's too
 *
 * Context: any.
 * Return: true if it is.
 */
static inline bool darter_command_arity_ok(const struct darter_command *command, u32 argc)
{
	if (command->arity < 0)
		return argc >= (u32)-command->arity;
	return argc == (u32)command->arity;
}

/* All its ACL categories. */
u32 darter_command_acl(const struct darter_command *command);
/* Case-insensitive comparison of an argument with a word in lower case. */
bool darter_arg_is(const struct darter_arg *arg, const char *word);

/**
 * darter_command_first_key() - where a command's keys begin
 * @command: a row
 * @argc: arguments, the name included
 *
 * Context: any.
 * Return: the index of an argument, 0 if there is no key.
 */
static inline u32 darter_command_first_key(const struct darter_command *command, u32 argc)
{
	return command->first < argc ? command->first : 0;
}

/* Iterate over the argument indices of a command's keys; 0: no more. */
u32 darter_command_next_key(const struct darter_command *command, u32 argc, u32 at);

#endif /* DARTER_CORE_COMMAND_H */
