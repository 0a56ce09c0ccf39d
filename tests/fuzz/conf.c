// SPDX-License-Identifier: GPL-2.0
/* links: daemon/common/args.c daemon/common/conf.c daemon/common/limits.c daemon/common/names.c daemon/darterd/rewrite.c daemon/darterd/replace.c daemon/darterd/settings.c */
/*
 * Configuration files. A line "===" in an input begins the next of a few files, that
 * exist in memory only; the first is read, the others are there to be included by
 * their numbers. What was read must be read again from its words as they are
 * written, and a file that was rewritten must not need that again.
 */
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/common/conf.h"
#include "daemon/common/names.h"
#include "daemon/darterd/rewrite.h"
#include "daemon/darterd/settings.h"
#include "target.h"

#define FILES_MAX 8
/* So many files are opened, so that inclusions of inclusions have an end. */
#define OPENS_MAX 32
#define SEPARATOR "\n===\n"

#define check(condition) do {						\
	if (!(condition)) {						\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
		abort();						\
	}								\
} while (0)

static struct {
	char *text;
	size_t len;
} files[FILES_MAX];
static size_t nfiles, opens;
/* Whether files are those of an input; libFuzzer, too, opens some. */
static bool reading;
static char *names[] = { "0", "1", "2", "3", "4", "5", "6", "7" };

FILE *__wrap_fopen(const char *path, const char *mode)
{
	size_t i = path[0] - '0';

	if (!reading)
		return __real_fopen(path, mode);
	if (path[0] < '0' || i >= nfiles || path[1]) {
		errno = ENOENT;
		return NULL;
	}
	if (opens++ == OPENS_MAX) {
		errno = EMFILE;
		return NULL;
	}
	return fmemopen(files[i].text, files[i].len, "r");
}

/* A pattern is a name, or it matches all files but the first. */
int __wrap_glob(const char *pattern, int flags, int (*failed)(const char *path, int err),
		glob_t *found)
{
	if (*pattern == '!')
		return GLOB_NOSPACE;
	if (*pattern != '*' || nfiles < 2)
		return GLOB_NOMATCH;
	found->gl_pathc = nfiles - 1;
	found->gl_pathv = names + 1;
	return 0;
}

void __wrap_globfree(glob_t *found)
{
}

static void make_files(const uint8_t *data, size_t size)
{
	const uint8_t *cut;

	opens = 0;
	for (nfiles = 0; nfiles < FILES_MAX; nfiles++) {
		cut = memmem(data, size, SEPARATOR, strlen(SEPARATOR));
		files[nfiles].len = cut ? (size_t)(cut - data) : size;
		files[nfiles].text = malloc(files[nfiles].len + 1);
		memcpy(files[nfiles].text, data, files[nfiles].len);
		files[nfiles].text[files[nfiles].len] = '\0';
		if (!cut) {
			nfiles++;
			return;
		}
		size -= files[nfiles].len + strlen(SEPARATOR);
		data = cut + strlen(SEPARATOR);
	}
}

static void free_files(void)
{
	while (nfiles)
		free(files[--nfiles].text);
}

static void warn(const char *file, unsigned int number, const char *name)
{
	check(file && number && name);
}

static char *written(const struct darter_line *line)
{
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < line->args.count; i++) {
		if (i)
			fputc(' ', out);
		darter_word_write(out, line->args.words[i]);
	}
	fclose(out);
	return text;
}

static void check_line(const struct darter_line *line)
{
	char *text = written(line);
	struct darter_args again;

	check(line->number && line->args.count);
	check(!darter_args_split(text, &again));
	check(again.count == line->args.count);
	for (size_t i = 0; i < again.count; i++)
		check(!strcmp(again.words[i], line->args.words[i]));
	darter_args_free(&again);
	free(text);
}

/* What an instance with these settings would report. */
static void report(const struct darter_settings *settings, struct darter_values *values)
{
	for (size_t i = 0; i < settings->count; i++)
		check(!darter_values_add(values, settings->items[i].name->name,
					 settings->items[i].value));
	check(!darter_values_add(values, "maxmemory", "12345"));
}

static void rewrite(const struct darter_settings *settings)
{
	struct darter_values values = {};
	char *once, *twice;

	report(settings, &values);
	check(!darter_rewrite_text(files[0].text, &values, &once));
	check(!darter_rewrite_text(once, &values, &twice));
	if (strcmp(once, twice)) {
		fprintf(stderr, "once:\n%s\ntwice:\n%s\n", once, twice);
		abort();
	}
	free(once);
	free(twice);
	darter_values_free(&values);
}

static void build(const struct darter_conf *conf)
{
	struct darter_settings settings;
	int err = darter_settings_build(&settings, conf, warn);

	check(!err || *settings.why);
	if (!err)
		rewrite(&settings);
	darter_settings_free(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct darter_conf conf;
	int err;

	make_files(data, size);
	darter_conf_init(&conf);
	reading = true;
	err = darter_conf_read(&conf, "0");
	reading = false;
	check(!err || *conf.why);
	for (size_t i = 0; i < conf.count; i++)
		check_line(&conf.lines[i]);
	if (!err)
		build(&conf);
	darter_conf_free(&conf);
	darter_names_forget();
	free_files();
	return 0;
}
