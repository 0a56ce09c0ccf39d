// SPDX-License-Identifier: GPL-2.0
/*
 * Reading configuration files. Values are owned by struct darter_conf; the
 * caller sees to it that one thread at a time uses one.
 */
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "conf.h"

/* Files that include each other would not end otherwise. */
#define INCLUDE_DEPTH 16

static int read_file(struct darter_conf *conf, const char *path, unsigned int depth);

void darter_conf_init(struct darter_conf *conf)
{
	*conf = (struct darter_conf){};
}

static void free_line(struct darter_line *line)
{
	free(line->file);
	darter_args_free(&line->args);
}

void darter_conf_free(struct darter_conf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		free_line(&conf->lines[i]);
	free(conf->lines);
	darter_conf_init(conf);
}

static int __attribute__((format(printf, 3, 4)))
fail(struct darter_conf *conf, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(conf->why, sizeof(conf->why), format, args);
	va_end(args);
	return err;
}

static int append(struct darter_conf *conf, const char *file, unsigned int number,
		  const struct darter_args *args)
{
	struct darter_line *lines;
	char *copy = strdup(file);

	if (!copy)
		return -ENOMEM;
	lines = realloc(conf->lines, (conf->count + 1) * sizeof(*lines));
	if (!lines) {
		free(copy);
		return -ENOMEM;
	}
	conf->lines = lines;
	lines[conf->count++] = (struct darter_line){
		.file = copy,
		.number = number,
		.args = *args,
	};
	return 0;
}

static int include_all(struct darter_conf *conf, const glob_t *found, unsigned int depth)
{
	int err = 0;

	for (size_t i = 0; i < found->gl_pathc && !err; i++)
		err = read_file(conf, found->gl_pathv[i], depth + 1);
	return err;
}

/* A pattern may match nothing; a plain name is then tried, to say why not. */
static int include(struct darter_conf *conf, const char *pattern, unsigned int depth)
{
	glob_t found;
	int err;

	switch (glob(pattern, 0, NULL, &found)) {
	case 0:
		err = include_all(conf, &found, depth);
		globfree(&found);
		return err;
	case GLOB_NOMATCH:
		return strpbrk(pattern, "*?[") ? 0 : read_file(conf, pattern, depth + 1);
	case GLOB_NOSPACE:
		return fail(conf, -ENOMEM, "out of memory");
	default:
		return fail(conf, -EIO, "%s: cannot be read", pattern);
	}
}

static int add_line(struct darter_conf *conf, const char *file, unsigned int number,
		    const char *text, unsigned int depth)
{
	struct darter_args args;
	int err;

	text += strspn(text, " \t\r\n");
	if (!*text || *text == '#')
		return 0;
	err = darter_args_split(text, &args);
	if (err == -EINVAL)
		return fail(conf, err, "%s:%u: Unbalanced quotes in configuration line",
			    file, number);
	if (err)
		goto err_memory;
	/* There are blanks that only part words. */
	if (!args.count)
		return 0;
	if (!strcasecmp(args.words[0], "include") && args.count == 2) {
		err = include(conf, args.words[1], depth);
		darter_args_free(&args);
		return err;
	}
	err = append(conf, file, number, &args);
	if (!err)
		return 0;
	darter_args_free(&args);
err_memory:
	return fail(conf, err, "%s:%u: out of memory", file, number);
}

static int read_lines(struct darter_conf *conf, const char *path, FILE *in, unsigned int depth)
{
	unsigned int number = 0;
	char *text = NULL;
	size_t room = 0;
	ssize_t length;
	int err = 0;

	while (!err) {
		errno = 0;
		length = getline(&text, &room, in);
		if (length < 0)
			break;
		number++;
		if ((size_t)length != strlen(text))
			err = fail(conf, -EINVAL, "%s:%u: NUL byte in configuration line",
				   path, number);
		else
			err = add_line(conf, path, number, text, depth);
	}
	if (!err && errno)
		err = fail(conf, -errno, "%s: %s", path, strerror(errno));
	free(text);
	return err;
}

static int read_file(struct darter_conf *conf, const char *path, unsigned int depth)
{
	FILE *in;
	int err;

	if (depth > INCLUDE_DEPTH)
		return fail(conf, -ELOOP, "%s: files include each other", path);
	in = fopen(path, "re");
	if (!in)
		return fail(conf, -errno, "%s: %s", path, strerror(errno));
	err = read_lines(conf, path, in, depth);
	fclose(in);
	return err;
}

int darter_conf_read(struct darter_conf *conf, const char *path)
{
	return read_file(conf, path, 0);
}

int darter_conf_add(struct darter_conf *conf, const char *file, unsigned int number,
		    const char *text)
{
	return add_line(conf, file, number, text, 0);
}
