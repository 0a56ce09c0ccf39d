// SPDX-License-Identifier: GPL-2.0
/*
 * Looking things up in the command table.
 *
 * Every command that arrives is looked up, so names are hashed into a memo of
 * the rows found before; what is not there is searched by halving the table.
 * The memo needs no lock: an entry is one word, says nothing that the row it
 * names does not prove, and is only ever replaced by another true one.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "bytes.h"
#include "command.h"

#define MEMO_BITS 12
/* Found by trial: no two names of the table share an entry, see test_command.c. */
#define MEMO_MULTIPLIER 0xc5c7fd0a6a3a451ULL
/* Names are hashed and compared by so many bytes at a time. */
#define WORD sizeof(u64)

static u16 memo[1 << MEMO_BITS];	/* row + 1; 0: none yet */

/* Letters of ASCII only, unlike tolower() in the kernel. */
static u8 lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* The order of the table, with letters of either case in @bytes alike. */
static int compare(const char *bytes, u32 len, const char *word)
{
	u32 i;

	for (i = 0; i < len; i++) {
		int difference = lower(bytes[i]) - (u8)word[i];

		if (difference)
			return difference;
		if (!word[i])
			return 1;
	}
	return word[len] ? -1 : 0;
}

/* The row among @count ones whose name is the word, from position @skip on. */
static const struct darter_command *search(const struct darter_command *rows, u32 count, u32 skip,
					   const char *bytes, u32 len)
{
	u32 low = 0, high = count;

	while (low < high) {
		u32 middle = (low + high) / 2;
		int order = compare(bytes, len, rows[middle].name + skip);

		if (!order)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Of ASCII's upper half the bit of lower case makes letters of none but letters. */
static u64 fold(u64 word)
{
	return word | (word & 0x4040404040404040ULL) >> 1;
}

/* The word of a name that begins at @at, letters in lower case and zeros behind it. */
static __always_inline u64 folded(const struct darter_arg *name, u32 at)
{
	return fold(darter_get_le(name->bytes + at, min_t(u32, name->len - at, WORD)));
}

static u64 hash_more(u64 hash, u64 word)
{
	return (hash ^ word) * MEMO_MULTIPLIER;
}

static u32 memo_place(u64 hash)
{
	return hash >> (64 - MEMO_BITS);
}

/* Whether a name has the length of a row's, all words of which it has; zeros may be its own. */
static bool same_length(const struct darter_arg *name, const struct darter_command *command)
{
	return command->name[name->len - 1] && !command->name[name->len];
}

/* A name of one word that was found before, as nearly all are; NULL: look closer. */
static const struct darter_command *recall(const struct darter_arg *name)
{
	const struct darter_command *command;
	u16 known;
	u64 word;

	if (name->len - 1 >= WORD)
		return NULL;
	word = folded(name, 0);
	known = READ_ONCE(memo[memo_place(hash_more(0, word))]);
	if (!known)
		return NULL;
	command = &darter_commands[known - 1];
	if (word != darter_get_le(command->name, WORD) || !same_length(name, command))
		return NULL;
	return command;
}

/* No for some that are the same: names that have '_', which folding changes. */
static bool same_name(const struct darter_arg *name, const struct darter_command *command)
{
	u32 at;

	for (at = 0; at < name->len; at += WORD)
		if (folded(name, at) != darter_get_le(command->name + at, WORD))
			return false;
	return same_length(name, command);
}

/* A command or container; not a subcommand by its full name. */
static noinline const struct darter_command *find_name(const struct darter_arg *name)
{
	const struct darter_command *command;
	u32 at, place;
	u64 hash = 0;
	u16 known;

	if (!name->len || name->len >= DARTER_COMMAND_CHARS)
		return NULL;
	for (at = 0; at < name->len; at += WORD)
		hash = hash_more(hash, folded(name, at));
	place = memo_place(hash);
	known = READ_ONCE(memo[place]);
	if (known) {
		command = &darter_commands[known - 1];
		if (same_name(name, command) || darter_arg_is(name, command->name))
			return command;
	}
	if (memchr(name->bytes, '|', name->len))
		return NULL;
	command = search(darter_commands, darter_command_count, 0, name->bytes, name->len);
	if (command)
		WRITE_ONCE(memo[place], darter_command_index(command) + 1);
	return command;
}

static noinline const struct darter_command *find_subcommand(const struct darter_command *container,
							     const struct darter_arg *name)
{
	return search(container + 1, container->nsubcommands, strlen(container->name) + 1,
		      name->bytes, name->len);
}

/**
 * darter_command_lookup() - what an argument vector calls
 * @argv: the arguments, at least one
 * @argc: how many
 *
 * Context: any.
 * Return: the command or subcommand; a container if its subcommand is missing or
 * unknown; NULL if there is no such command.
 */
const struct darter_command *darter_command_lookup(const struct darter_arg *argv, u32 argc)
{
	const struct darter_command *command = recall(&argv[0]) ?: find_name(&argv[0]);

	if (!command || !command->nsubcommands || argc < 2)
		return command;
	return find_subcommand(command, &argv[1]) ?: command;
}

/**
 * darter_command_find() - the row of a full name
 * @name: "get" or "config|get" in any case, not NUL-terminated
 * @len: its length
 *
 * Context: any.
 * Return: the row, or NULL if there is none.
 */
const struct darter_command *darter_command_find(const char *name, u32 len)
{
	return search(darter_commands, darter_command_count, 0, name, len);
}

/**
 * darter_command_acl() - the ACL categories of a command
 * @command: a row
 *
 * Context: any.
 * Return: what the row says and what its flags imply, enum darter_acl_category.
 */
u32 darter_command_acl(const struct darter_command *command)
{
	u32 acl = command->acl;

	if (command->flags & DARTER_CMD_WRITE)
		acl |= DARTER_ACL_WRITE;
	if (command->flags & DARTER_CMD_READONLY && !(acl & DARTER_ACL_SCRIPTING))
		acl |= DARTER_ACL_READ;
	if (command->flags & DARTER_CMD_ADMIN)
		acl |= DARTER_ACL_ADMIN | DARTER_ACL_DANGEROUS;
	if (command->flags & DARTER_CMD_PUBSUB)
		acl |= DARTER_ACL_PUBSUB;
	if (command->flags & DARTER_CMD_BLOCKING)
		acl |= DARTER_ACL_BLOCKING;
	return acl | (command->flags & DARTER_CMD_FAST ? DARTER_ACL_FAST : DARTER_ACL_SLOW);
}

/**
 * darter_arg_is() - compare an argument with a word
 * @arg: the argument
 * @word: in lower case
 *
 * Context: any.
 * Return: true if they are the same but for the case of ASCII letters.
 */
bool darter_arg_is(const struct darter_arg *arg, const char *word)
{
	return !compare(arg->bytes, arg->len, word);
}

/**
 * darter_command_next_key() - the key behind a key
 * @command: a row
 * @argc: arguments, the name included
 * @at: what darter_command_first_key() or this function returned, not 0
 *
 * Context: any.
 * Return: the index of an argument, 0 if there is no further key.
 */
u32 darter_command_next_key(const struct darter_command *command, u32 argc, u32 at)
{
	s64 last = command->last < 0 ? (s64)argc + command->last : command->last;

	at += command->step;
	return at < argc && at <= last ? at : 0;
}
