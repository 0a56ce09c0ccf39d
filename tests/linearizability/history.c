// SPDX-License-Identifier: GPL-2.0
/*
 * Histories as text. A line is an operation:
 *
 *	CLIENT BEGIN END COMMAND [ARGUMENT]... = REPLY... [; COMMAND ... = REPLY...]...
 *
 * with times in any unit and replies as -, :NUMBER, $TEXT, +STATUS and !ERROR. A line
 * that begins with # is a comment.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lin.h"
#include "tools.h"

static const char marks[] = { [NIL] = '-', [NUMBER] = ':', [TEXT] = '$', [STATUS] = '+',
			      [ERROR] = '!' };

struct operation *history_add(struct history *history)
{
	struct operation *operation;

	if (history->count == history->room) {
		history->room = history->room * 2 + 64;
		history->operations = realloc(history->operations,
					      history->room * sizeof(*history->operations));
		if (!history->operations)
			errx(2, "out of memory");
	}
	operation = &history->operations[history->count++];
	memset(operation, 0, sizeof(*operation));
	return operation;
}

void history_free(struct history *history)
{
	free(history->operations);
	memset(history, 0, sizeof(*history));
}

void operation_write(const struct operation *operation, FILE *file)
{
	int i, j;

	fprintf(file, "%u %llu %llu", operation->client, (unsigned long long)operation->begin,
		(unsigned long long)operation->end);
	for (i = 0; i < operation->ncommands; i++) {
		const struct command *command = &operation->commands[i];

		fprintf(file, "%s %s", i ? " ;" : "", verb_name(command->verb));
		for (j = 0; j < command->nargs; j++)
			fprintf(file, " %s", command->args[j]);
		fprintf(file, " =");
		for (j = 0; j < command->nreplies; j++)
			fprintf(file, " %c%.*s", marks[command->replies[j].kind],
				command->replies[j].len, command->replies[j].bytes);
	}
	fprintf(file, "\n");
}

void history_write(const struct history *history, FILE *file)
{
	size_t i;

	for (i = 0; i < history->count; i++)
		operation_write(&history->operations[i], file);
}

static bool parse_reply(struct reply *reply, const char *word)
{
	const char *mark = memchr(marks, *word, sizeof(marks));
	size_t len = strlen(word) - 1;

	if (!mark || len > sizeof(reply->bytes))
		return false;
	reply->kind = mark - marks;
	reply->len = len;
	memcpy(reply->bytes, word + 1, len);
	return true;
}

/* From a verb to the end of its replies. */
static bool parse_command(struct command *command, char **rest)
{
	char *word = strsep(rest, " ");
	int verb = word ? verb_named(word) : -1;

	if (verb < 0)
		return false;
	command->verb = verb;
	while ((word = strsep(rest, " ")) && strcmp(word, "=")) {
		if (command->nargs == 4 || strlen(word) >= sizeof(command->args[0]))
			return false;
		strcpy(command->args[command->nargs++], word);
	}
	while (word && (word = strsep(rest, " ")) && strcmp(word, ";"))
		if (command->nreplies == 2 ||
		    !parse_reply(&command->replies[command->nreplies++], word))
			return false;
	return command->nargs == strlen(verb_form(verb)) && command->nreplies;
}

static bool parse_operation(struct operation *operation, char *line)
{
	char *client = strsep(&line, " "), *begin = strsep(&line, " "), *end = strsep(&line, " ");

	if (!end)
		return false;
	operation->client = atoi(client);
	operation->begin = strtoull(begin, NULL, 10);
	operation->end = strtoull(end, NULL, 10);
	while (line) {
		if (operation->ncommands == COMMANDS ||
		    !parse_command(&operation->commands[operation->ncommands++], &line))
			return false;
	}
	return operation->client < CLIENTS && operation->begin < operation->end;
}

void history_read(struct history *history, const char *path)
{
	struct lines lines = lines_open(path);
	char *line, *copy;

	while ((line = lines_next(&lines))) {
		copy = strdup(line);
		if (!parse_operation(history_add(history), copy))
			errx(2, "%s: no operation: %s", path, line);
		free(copy);
	}
}
