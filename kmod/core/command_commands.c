// SPDX-License-Identifier: GPL-2.0
/*
 * COMMAND and its subcommands: the command table as clients see it.
 *
 * Clients find the keys of commands with it, redis-cli makes hints from it. All
 * of it is constant data; handlers hold no shard. Commands are listed in the
 * order of the table, which nobody may rely on.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "command.h"
#include "command_docs.h"
#include "glob.h"
#include "handlers.h"
#include "reply.h"

/* Names of bits, the lowest first. */
static const char *const command_flag_names[] = {
	"write", "readonly", "denyoom", "module", "admin", "pubsub", "noscript", "blocking",
	"loading", "stale", "skip_monitor", "skip_slowlog", "asking", "fast", "no_auth",
	"may_replicate", "no_mandatory_keys", "no_async_loading", "no_multi", "allow_busy",
	"movablekeys",
};

static const char *const acl_names[] = {
	"@keyspace", "@read", "@write", "@set", "@sortedset", "@list", "@hash", "@string",
	"@bitmap", "@hyperloglog", "@geo", "@stream", "@pubsub", "@admin", "@fast", "@slow",
	"@blocking", "@dangerous", "@connection", "@transaction", "@scripting",
};

static const char *const key_flag_names[] = {
	"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key",
	"incomplete", "variable_flags",
};

static const char *const doc_flag_names[] = { "optional", "multiple", "multiple_token" };

static const char *const doc_type_names[] = {
	[DARTER_DOC_STRING] = "string",
	[DARTER_DOC_INTEGER] = "integer",
	[DARTER_DOC_DOUBLE] = "double",
	[DARTER_DOC_KEY] = "key",
	[DARTER_DOC_PATTERN] = "pattern",
	[DARTER_DOC_UNIX_TIME] = "unix-time",
	[DARTER_DOC_TOKEN] = "pure-token",
	[DARTER_DOC_ONEOF] = "oneof",
	[DARTER_DOC_BLOCK] = "block",
};

/* A set of the words for the bits of a mask. */
static void reply_words(struct darter_ctx *ctx, u32 mask, const char *const *words, u32 count)
{
	u32 i;

	mask &= (1U << count) - 1;
	darter_reply_set(ctx, hweight32(mask));
	for (i = 0; i < count; i++)
		if (mask & 1U << i)
			darter_reply_simple(ctx, words[i]);
}

static void reply_field(struct darter_ctx *ctx, const char *name, const char *value)
{
	if (!value)
		return;
	darter_reply_string(ctx, name);
	darter_reply_string(ctx, value);
}

static void reply_number(struct darter_ctx *ctx, const char *name, s64 value)
{
	darter_reply_string(ctx, name);
	darter_reply_int(ctx, value);
}

static void reply_tips(struct darter_ctx *ctx, const char *tips)
{
	const char *end;
	u32 count = tips ? 1 : 0;

	for (end = tips; end && *end; end++)
		count += *end == ' ';
	darter_reply_set(ctx, count);
	for (; count; count--, tips = end + 1) {
		end = strchrnul(tips, ' ');
		darter_reply_bulk(ctx, tips, end - tips);
	}
}

/* The header of {"type": @type, "spec": {...}} with @pairs in the inner map. */
static void reply_search(struct darter_ctx *ctx, const char *type, u32 pairs)
{
	darter_reply_map(ctx, 2);
	reply_field(ctx, "type", type);
	darter_reply_string(ctx, "spec");
	darter_reply_map(ctx, pairs);
}

static void reply_key_spec(struct darter_ctx *ctx, const struct darter_key_spec *spec)
{
	darter_reply_map(ctx, spec->notes ? 4 : 3);
	reply_field(ctx, "notes", spec->notes);
	darter_reply_string(ctx, "flags");
	reply_words(ctx, spec->flags, key_flag_names, ARRAY_SIZE(key_flag_names));
	darter_reply_string(ctx, "begin_search");
	reply_search(ctx, "index", 1);
	reply_number(ctx, "index", spec->index);
	darter_reply_string(ctx, "find_keys");
	reply_search(ctx, "range", 3);
	reply_number(ctx, "lastkey", spec->last);
	reply_number(ctx, "keystep", spec->step);
	reply_number(ctx, "limit", 0);
}

/* All that the table says of a command, without its subcommands. */
static void reply_row(struct darter_ctx *ctx, const struct darter_command *command)
{
	u32 i;

	darter_reply_array(ctx, 10);
	darter_reply_string(ctx, command->name);
	darter_reply_int(ctx, command->arity);
	reply_words(ctx, command->flags, command_flag_names, ARRAY_SIZE(command_flag_names));
	darter_reply_int(ctx, command->first);
	darter_reply_int(ctx, command->last);
	darter_reply_int(ctx, command->step);
	reply_words(ctx, darter_command_acl(command), acl_names, ARRAY_SIZE(acl_names));
	reply_tips(ctx, command->tips);
	darter_reply_set(ctx, command->nkey_specs);
	for (i = 0; i < command->nkey_specs; i++)
		reply_key_spec(ctx, &command->key_specs[i]);
}

static void reply_command(struct darter_ctx *ctx, const struct darter_command *command)
{
	u32 i;

	reply_row(ctx, command);
	if (!command->nsubcommands) {
		darter_reply_set(ctx, 0);
		return;
	}
	darter_reply_array(ctx, command->nsubcommands);
	for (i = 1; i <= command->nsubcommands; i++) {
		reply_row(ctx, command + i);
		darter_reply_set(ctx, 0);
	}
}

/* The row behind a command and its subcommands, NULL at the end. */
static const struct darter_command *next_command(const struct darter_command *command)
{
	u32 next = darter_command_index(command) + command->nsubcommands + 1;

	return next < darter_command_count ? darter_command_at(next) : NULL;
}

static u32 count_commands(void)
{
	const struct darter_command *command;
	u32 count = 0;

	for (command = darter_commands; command; command = next_command(command))
		count++;
	return count;
}

void darter_cmd_command(struct darter_ctx *ctx)
{
	const struct darter_command *command;

	darter_reply_array(ctx, count_commands());
	for (command = darter_commands; command; command = next_command(command))
		reply_command(ctx, command);
}

void darter_cmd_command_count(struct darter_ctx *ctx)
{
	darter_reply_int(ctx, count_commands());
}

void darter_cmd_command_info(struct darter_ctx *ctx)
{
	const struct darter_command *command;
	u32 i;

	if (ctx->argc == 2) {
		darter_cmd_command(ctx);
		return;
	}
	darter_reply_array(ctx, ctx->argc - 2);
	for (i = 2; i < ctx->argc; i++) {
		command = darter_command_find(ctx->argv[i].bytes, ctx->argv[i].len);
		if (command)
			reply_command(ctx, command);
		else
			darter_reply_null(ctx);
	}
}

/* What COMMAND LIST shall be limited to. */
struct filter {
	enum { EVERYTHING, BY_MODULE, BY_CATEGORY, BY_PATTERN } by;
	const struct darter_arg *arg;
	u32 category;		/* ACL category, 0 for an unknown one */
};

static u32 find_category(const struct darter_arg *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(acl_names); i++)
		if (darter_arg_is(name, acl_names[i] + 1))
			return 1U << i;
	return 0;
}

static bool parse_filter(struct darter_ctx *ctx, struct filter *filter)
{
	*filter = (struct filter){ .by = EVERYTHING };
	if (ctx->argc == 2)
		return true;
	if (ctx->argc != 5 || !darter_arg_is(&ctx->argv[2], "filterby"))
		return false;
	filter->arg = &ctx->argv[4];
	if (darter_arg_is(&ctx->argv[3], "module")) {
		filter->by = BY_MODULE;
	} else if (darter_arg_is(&ctx->argv[3], "aclcat")) {
		filter->by = BY_CATEGORY;
		filter->category = find_category(filter->arg);
	} else if (darter_arg_is(&ctx->argv[3], "pattern")) {
		filter->by = BY_PATTERN;
	}
	return filter->by != EVERYTHING;
}

static bool passes(const struct filter *filter, const struct darter_command *command)
{
	switch (filter->by) {
	case BY_MODULE:
		return false;
	case BY_CATEGORY:
		return darter_command_acl(command) & filter->category;
	case BY_PATTERN:
		return darter_glob_match(filter->arg->bytes, filter->arg->len, command->name,
					 strlen(command->name), true);
	default:
		return true;
	}
}

void darter_cmd_command_list(struct darter_ctx *ctx)
{
	struct darter_reply_later names;
	struct filter filter;
	u32 count = 0, i;

	if (!parse_filter(ctx, &filter)) {
		darter_reply_syntax_error(ctx);
		return;
	}
	darter_reply_begin(ctx, &names);
	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);

		if (!passes(&filter, command))
			continue;
		darter_reply_string(ctx, command->name);
		count++;
	}
	darter_reply_end_array(ctx, &names, count);
}

static bool is_group(const struct darter_doc_arg *arg)
{
	return arg->type == DARTER_DOC_ONEOF || arg->type == DARTER_DOC_BLOCK;
}

/* What is known of one argument, but for the members of a group. */
static void reply_doc_arg(struct darter_ctx *ctx, const struct darter_doc_arg *arg)
{
	darter_reply_map(ctx, 3 + (arg->type == DARTER_DOC_KEY) + !!arg->token + !!arg->since +
			      !!arg->deprecated_since + !!arg->flags);
	reply_field(ctx, "name", arg->name);
	reply_field(ctx, "type", doc_type_names[arg->type]);
	if (!is_group(arg))
		reply_field(ctx, "display_text", arg->display ?: arg->name);
	if (arg->type == DARTER_DOC_KEY)
		reply_number(ctx, "key_spec_index", arg->key_spec);
	reply_field(ctx, "token", arg->token);
	reply_field(ctx, "since", arg->since);
	reply_field(ctx, "deprecated_since", arg->deprecated_since);
	if (arg->flags) {
		darter_reply_string(ctx, "flags");
		reply_words(ctx, arg->flags, doc_flag_names, ARRAY_SIZE(doc_flag_names));
	}
}

/*
 * An array of the arguments from @arg on that have its depth, with what they
 * group; returns the first one that is less deep, or @end. Recursion is as deep
 * as the tables are: five levels.
 */
static const struct darter_doc_arg *reply_doc_args(struct darter_ctx *ctx,
						   const struct darter_doc_arg *arg,
						   const struct darter_doc_arg *end)
{
	const struct darter_doc_arg *peer;
	u8 depth = arg->depth;
	u32 count = 0;

	for (peer = arg; peer < end && peer->depth >= depth; peer++)
		count += peer->depth == depth;
	darter_reply_array(ctx, count);
	while (arg < end && arg->depth == depth) {
		reply_doc_arg(ctx, arg);
		if (is_group(arg)) {
			darter_reply_string(ctx, "arguments");
			arg = reply_doc_args(ctx, arg + 1, end);
		} else {
			arg++;
		}
	}
	return arg;
}

static void reply_changes(struct darter_ctx *ctx, const struct darter_command_doc *doc)
{
	u32 i;

	if (!doc->nchanges)
		return;
	darter_reply_string(ctx, "history");
	darter_reply_set(ctx, doc->nchanges);
	for (i = 0; i < doc->nchanges; i++) {
		darter_reply_array(ctx, 2);
		darter_reply_string(ctx, doc->changes[i].version);
		darter_reply_string(ctx, doc->changes[i].what);
	}
}

static void reply_doc_flags(struct darter_ctx *ctx, const struct darter_command_doc *doc)
{
	if (!doc->internal && !doc->deprecated_since)
		return;
	darter_reply_string(ctx, "doc_flags");
	darter_reply_set(ctx, 1);
	darter_reply_simple(ctx, doc->internal ? "syscmd" : "deprecated");
}

/* The map of a command's documentation; @more pairs will follow. */
static void reply_doc(struct darter_ctx *ctx, const struct darter_command *command, u32 more)
{
	static const struct darter_command_doc none;
	const struct darter_command_doc *doc = darter_command_doc(command) ?: &none;

	darter_reply_map(ctx, 2 + !!doc->summary + !!doc->complexity +
			      (doc->internal || doc->deprecated_since) +
			      !!doc->deprecated_since + !!doc->replaced_by + !!doc->nchanges +
			      !!doc->nargs + more);
	reply_field(ctx, "summary", doc->summary);
	reply_field(ctx, "since", command->since);
	reply_field(ctx, "group", command->group);
	reply_field(ctx, "complexity", doc->complexity);
	reply_doc_flags(ctx, doc);
	reply_field(ctx, "deprecated_since", doc->deprecated_since);
	reply_field(ctx, "replaced_by", doc->replaced_by);
	reply_changes(ctx, doc);
	if (doc->nargs) {
		darter_reply_string(ctx, "arguments");
		reply_doc_args(ctx, doc->args, doc->args + doc->nargs);
	}
}

/* A name and the documentation of what bears it, subcommands included. */
static void reply_documented(struct darter_ctx *ctx, const struct darter_command *command)
{
	u32 i;

	darter_reply_string(ctx, command->name);
	reply_doc(ctx, command, !!command->nsubcommands);
	if (!command->nsubcommands)
		return;
	darter_reply_string(ctx, "subcommands");
	darter_reply_map(ctx, command->nsubcommands);
	for (i = 1; i <= command->nsubcommands; i++) {
		darter_reply_string(ctx, command[i].name);
		reply_doc(ctx, &command[i], 0);
	}
}

void darter_cmd_command_docs(struct darter_ctx *ctx)
{
	const struct darter_command *command;
	struct darter_reply_later docs;
	u32 count = 0, i;

	if (ctx->argc == 2) {
		darter_reply_map(ctx, count_commands());
		for (command = darter_commands; command; command = next_command(command))
			reply_documented(ctx, command);
		return;
	}
	darter_reply_begin(ctx, &docs);
	for (i = 2; i < ctx->argc; i++) {
		command = darter_command_find(ctx->argv[i].bytes, ctx->argv[i].len);
		if (!command)
			continue;
		reply_documented(ctx, command);
		count++;
	}
	darter_reply_end_map(ctx, &docs, count);
}

/* What SET does with its key depends on an option. */
static u32 flags_of_set(const struct darter_arg *argv, u32 argc)
{
	u32 i;

	for (i = 3; i < argc; i++)
		if (darter_arg_is(&argv[i], "get"))
			return DARTER_KEY_RW | DARTER_KEY_ACCESS | DARTER_KEY_UPDATE;
	return DARTER_KEY_OW | DARTER_KEY_UPDATE;
}

/* BITFIELD only reads if it is made of GET and OVERFLOW alone, and they are whole. */
static u32 flags_of_bitfield(const struct darter_arg *argv, u32 argc)
{
	u32 i = 2;

	while (i < argc) {
		if (darter_arg_is(&argv[i], "get") && argc - i > 2)
			i += 3;
		else if (darter_arg_is(&argv[i], "overflow") && argc - i > 1)
			i += 2;
		else
			return DARTER_KEY_RW | DARTER_KEY_ACCESS | DARTER_KEY_UPDATE;
	}
	return DARTER_KEY_RO | DARTER_KEY_ACCESS;
}

/* What a command whose flags vary does with its key, as it is called here. */
static u32 flags_of_call(const struct darter_command *command, const struct darter_arg *argv,
			 u32 argc)
{
	return command->handler == darter_cmd_bitfield ? flags_of_bitfield(argv, argc) :
							 flags_of_set(argv, argc);
}

/* The index of the last key of a spec. */
static u32 last_key(const struct darter_key_spec *spec, u32 argc)
{
	return spec->last < 0 ? argc + spec->last : spec->index + spec->last;
}

static void reply_keys_of_spec(struct darter_ctx *ctx, const struct darter_command *command,
			       const struct darter_key_spec *spec, bool with_flags)
{
	const struct darter_arg *argv = ctx->argv + 2;
	u32 flags = spec->flags, argc = ctx->argc - 2;
	u32 i;

	if (flags & DARTER_KEY_VARIABLE_FLAGS)
		flags = flags_of_call(command, argv, argc);
	for (i = spec->index; i <= last_key(spec, argc); i += spec->step) {
		if (with_flags)
			darter_reply_array(ctx, 2);
		darter_reply_bulk(ctx, argv[i].bytes, argv[i].len);
		if (with_flags)
			reply_words(ctx, flags, key_flag_names, ARRAY_SIZE(key_flag_names));
	}
}

/* Why a call's keys cannot be told, NULL if they can. */
static const char *refuse_keys(const struct darter_command *command, u32 argc)
{
	if (!command || (command->nsubcommands && argc > 1))
		return "ERR Invalid command specified";
	if (!command->nkey_specs)
		return "ERR The command has no key arguments";
	if (!darter_command_arity_ok(command, argc))
		return "ERR Invalid number of arguments specified for command";
	return NULL;
}

static void reply_keys(struct darter_ctx *ctx, bool with_flags)
{
	const struct darter_arg *argv = ctx->argv + 2;
	u32 argc = ctx->argc - 2, count = 0, i;
	const struct darter_command *command = darter_command_lookup(argv, argc);
	const char *error = refuse_keys(command, argc);

	if (error) {
		darter_reply_error(ctx, error);
		return;
	}
	for (i = darter_command_first_key(command, argc); i;
	     i = darter_command_next_key(command, argc, i))
		count++;
	darter_reply_array(ctx, count);
	for (i = 0; i < command->nkey_specs; i++)
		reply_keys_of_spec(ctx, command, &command->key_specs[i], with_flags);
}

void darter_cmd_command_getkeys(struct darter_ctx *ctx)
{
	reply_keys(ctx, false);
}

void darter_cmd_command_getkeysandflags(struct darter_ctx *ctx)
{
	reply_keys(ctx, true);
}

void darter_cmd_command_help(struct darter_ctx *ctx)
{
	static const char *const lines[] = {
		"COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
		"(no subcommand)",
		"    Describe every command.",
		"COUNT",
		"    Count the commands.",
		"DOCS [<command-name> ...]",
		"    Say what commands are for and how they are called; of all, without names.",
		"GETKEYS <full-command>",
		"    Pick the keys out of a command.",
		"GETKEYSANDFLAGS <full-command>",
		"    Pick the keys out of a command, with what it does to each.",
		"INFO [<command-name> ...]",
		"    Describe commands; all of them, without names.",
		"LIST",
		"    List the names of the commands.",
		"HELP",
		"    Print this help.",
	};

	darter_reply_help(ctx, lines, ARRAY_SIZE(lines));
}
