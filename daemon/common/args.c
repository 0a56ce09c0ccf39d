// SPDX-License-Identifier: GPL-2.0
/*
 * Words of a configuration line.
 *
 * A word is built in a buffer as long as the rest of the line, because no
 * escape is shorter than what it stands for. No locking: values only.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

struct reader {
	const char *at;
	char *out;			/* where the next character of the word goes */
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The escape at reader->at, which stands on the backslash. */
static int read_escape(struct reader *reader)
{
	static const char from[] = "nrtba", to[] = "\n\r\t\b\a";
	const char *at = reader->at + 1;
	const char *known;

	if (*at == 'x' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
		char byte = hex_digit(at[1]) << 4 | hex_digit(at[2]);

		if (!byte)
			return -EINVAL;
		*reader->out++ = byte;
		reader->at += 4;
		return 0;
	}
	if (!*at)
		return -EINVAL;
	known = strchr(from, *at);
	*reader->out++ = known ? to[known - from] : *at;
	reader->at += 2;
	return 0;
}

/* From an opening quote to behind the closing one, which must end the word. */
static int read_quoted(struct reader *reader)
{
	char quote = *reader->at++;
	int err;

	while (*reader->at != quote) {
		if (!*reader->at)
			return -EINVAL;
		if (quote == '"' && *reader->at == '\\') {
			err = read_escape(reader);
			if (err)
				return err;
			continue;
		}
		if (quote == '\'' && reader->at[0] == '\\' && reader->at[1] == '\'')
			reader->at++;
		*reader->out++ = *reader->at++;
	}
	reader->at++;
	return *reader->at && !isspace((unsigned char)*reader->at) ? -EINVAL : 0;
}

static int read_word(struct reader *reader)
{
	while (*reader->at && !isspace((unsigned char)*reader->at)) {
		if (*reader->at == '"' || *reader->at == '\'')
			return read_quoted(reader);
		*reader->out++ = *reader->at++;
	}
	return 0;
}

static int append(struct darter_args *args, char *word)
{
	char **words = realloc(args->words, (args->count + 1) * sizeof(*words));

	if (!words)
		return -ENOMEM;
	args->words = words;
	words[args->count++] = word;
	return 0;
}

int darter_args_split(const char *line, struct darter_args *args)
{
	struct reader reader = { .at = line };
	char *word;
	int err;

	*args = (struct darter_args){};
	for (;;) {
		while (isspace((unsigned char)*reader.at))
			reader.at++;
		if (!*reader.at)
			return 0;
		word = calloc(1, strlen(reader.at) + 1);
		if (!word) {
			err = -ENOMEM;
			goto err_args;
		}
		reader.out = word;
		err = read_word(&reader);
		if (!err)
			err = append(args, word);
		if (err)
			goto err_word;
	}

err_word:
	free(word);
err_args:
	darter_args_free(args);
	return err;
}

void darter_args_free(struct darter_args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->words[i]);
	free(args->words);
	*args = (struct darter_args){};
}

char *darter_args_join(const struct darter_args *args, size_t first)
{
	size_t room = 1;
	char *text, *end;

	for (size_t i = first; i < args->count; i++)
		room += strlen(args->words[i]) + 1;
	text = malloc(room);
	if (!text)
		return NULL;
	end = text;
	for (size_t i = first; i < args->count; i++) {
		if (i > first)
			*end++ = ' ';
		end = stpcpy(end, args->words[i]);
	}
	*end = '\0';
	return text;
}

bool darter_word_needs_quotes(const char *word)
{
	if (!*word || *word == '#')
		return true;
	for (; *word; word++) {
		if (!isgraph((unsigned char)*word) || *word == '"' || *word == '\'')
			return true;
	}
	return false;
}

static void write_escaped(FILE *out, unsigned char c)
{
	static const char from[] = "\n\r\t\b\a\"\\", to[] = "nrtba\"\\";
	const char *known = strchr(from, c);

	if (known)
		fprintf(out, "\\%c", to[known - from]);
	else if (isprint(c))
		fputc(c, out);
	else
		fprintf(out, "\\x%02x", c);
}

void darter_word_write(FILE *out, const char *word)
{
	if (!darter_word_needs_quotes(word)) {
		fputs(word, out);
		return;
	}
	fputc('"', out);
	for (; *word; word++)
		write_escaped(out, *word);
	fputc('"', out);
}
