// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting a configuration's text.
 *
 * The text is read twice: first to learn which value the file would give each
 * parameter, then to copy it, with the lines of those parameters replaced that
 * run with another value. Owned by one caller, so nothing is locked.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/args.h"
#include "../common/limits.h"
#include "../common/names.h"
#include "rewrite.h"

/* A parameter that a rewrite may touch. */
struct parameter {
	const struct darter_name *name;
	const char *running;
	char *filed;			/* what the file says now, NULL: nothing */
	bool replaced;			/* its new line is written */
};

struct rewrite {
	struct parameter *parameters;
	size_t count;
	FILE *out;
};

int darter_values_add(struct darter_values *values, const char *name, const char *value)
{
	struct darter_value item = { .name = strdup(name), .value = strdup(value) };
	struct darter_value *items;

	if (!item.name || !item.value)
		goto err_item;
	items = realloc(values->items, (values->count + 1) * sizeof(*items));
	if (!items)
		goto err_item;
	values->items = items;
	items[values->count++] = item;
	return 0;

err_item:
	free(item.name);
	free(item.value);
	return -ENOMEM;
}

void darter_values_free(struct darter_values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		free(values->items[i].name);
		free(values->items[i].value);
	}
	free(values->items);
	*values = (struct darter_values){};
}

static struct parameter *find(const struct rewrite *rewrite, const struct darter_name *name)
{
	for (size_t i = 0; i < rewrite->count; i++) {
		if (rewrite->parameters[i].name == name)
			return &rewrite->parameters[i];
	}
	return NULL;
}

/* Older names of a parameter lead to the newer one and are taken once. */
static int collect(struct rewrite *rewrite, const struct darter_values *values)
{
	const struct darter_name *name;
	int err;

	rewrite->parameters = calloc(values->count + 1, sizeof(*rewrite->parameters));
	if (!rewrite->parameters)
		return -ENOMEM;
	for (size_t i = 0; i < values->count; i++) {
		err = darter_name_learn(values->items[i].name, &name);
		if (err)
			return err;
		if (!name || find(rewrite, name))
			continue;
		if (name->use != DARTER_USE_SET && name->use != DARTER_USE_FIXED)
			continue;
		rewrite->parameters[rewrite->count++] = (struct parameter){
			.name = name,
			.running = values->items[i].value,
		};
	}
	return 0;
}

/*
 * The parameter that a line sets, and its words. NULL for any other line; it
 * stays as it is, also where it cannot be read. Return: 0 or -ENOMEM.
 */
static int read_line(const struct rewrite *rewrite, const char *line, struct darter_args *args,
		     struct parameter **found)
{
	const struct darter_name *name;
	int err;

	*found = NULL;
	if (line[strspn(line, " \t\r\n")] == '#')
		return 0;
	err = darter_args_split(line, args);
	if (err)
		return err == -ENOMEM ? err : 0;
	name = args->count ? darter_name_find(args->words[0]) : NULL;
	*found = name ? find(rewrite, name) : NULL;
	if (!*found)
		darter_args_free(args);
	return 0;
}

/* Limits add up: the default, then each line's classes. */
static char *limits_after(const char *before, const char *line)
{
	char *text;

	if (asprintf(&text, "%s %s", before, line) < 0)
		return NULL;
	return text;
}

static int learn_line(struct rewrite *rewrite, const char *line)
{
	struct darter_args args;
	struct parameter *found;
	char *value, *sum;
	int err = read_line(rewrite, line, &args, &found);

	if (err || !found)
		return err;
	value = darter_args_join(&args, 1);
	darter_args_free(&args);
	if (value && found->name->type == DARTER_TYPE_LIMITS) {
		sum = limits_after(found->filed ?: found->name->value, value);
		free(value);
		value = sum;
	}
	if (!value)
		return -ENOMEM;
	free(found->filed);
	found->filed = value;
	return 0;
}

static void write_limits(FILE *out, const char *value)
{
	struct darter_limits limits = {};
	char one[DARTER_LIMIT_CHARS];

	if (darter_limits_parse(value, &limits))
		return;
	for (size_t i = 0; i < DARTER_LIMIT_CLASSES; i++) {
		if (!limits.classes[i].given)
			continue;
		darter_limits_print(&limits, i, one);
		fprintf(out, "client-output-buffer-limit %s\n", one);
	}
}

/* One blank stands between two words of a value, whatever quotes may be in them. */
static int write_words(FILE *out, const char *value)
{
	char *copy = strdup(value), *rest = copy;

	if (!copy)
		return -ENOMEM;
	while (rest) {
		fputc(' ', out);
		darter_word_write(out, strsep(&rest, " "));
	}
	free(copy);
	return 0;
}

static int write_parameter(struct rewrite *rewrite, struct parameter *parameter)
{
	int err = 0;

	parameter->replaced = true;
	if (parameter->name->type == DARTER_TYPE_LIMITS) {
		write_limits(rewrite->out, parameter->running);
		return 0;
	}
	fputs(parameter->name->name, rewrite->out);
	if (parameter->name->type == DARTER_TYPE_WORDS) {
		err = write_words(rewrite->out, parameter->running);
	} else {
		fputc(' ', rewrite->out);
		darter_word_write(rewrite->out, parameter->running);
	}
	fputc('\n', rewrite->out);
	return err;
}

static bool filed_holds(const struct parameter *parameter)
{
	return parameter->filed &&
	       darter_name_same(parameter->name, parameter->filed, parameter->running);
}

static int copy_line(struct rewrite *rewrite, const char *line)
{
	struct darter_args args;
	struct parameter *found;
	int err = read_line(rewrite, line, &args, &found);

	if (err)
		return err;
	if (found)
		darter_args_free(&args);
	if (!found || filed_holds(found)) {
		fprintf(rewrite->out, "%s\n", line);
		return 0;
	}
	return found->replaced ? 0 : write_parameter(rewrite, found);
}

/*
 * Whether a parameter that the file does not name needs a line. Where no default
 * is known it does: nothing else would keep its value.
 */
static bool is_missed(const struct parameter *parameter)
{
	const struct darter_name *name = parameter->name;

	if (parameter->filed)
		return false;
	if (!name->value)
		return name->use == DARTER_USE_SET;
	return !darter_name_same(name, name->value, parameter->running);
}

static int append_rest(struct rewrite *rewrite)
{
	struct parameter *parameter;
	bool headed = false;
	int err = 0;

	for (size_t i = 0; i < rewrite->count && !err; i++) {
		parameter = &rewrite->parameters[i];
		if (!is_missed(parameter))
			continue;
		if (!headed)
			fputs("\n# Added by CONFIG REWRITE\n", rewrite->out);
		headed = true;
		err = write_parameter(rewrite, parameter);
	}
	return err;
}

static int each_line(struct rewrite *rewrite, const char *text,
		     int (*visit)(struct rewrite *rewrite, const char *line))
{
	const char *end;
	char *line;
	int err = 0;

	for (; *text && !err; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		line = strndup(text, end - text);
		err = line ? visit(rewrite, line) : -ENOMEM;
		free(line);
	}
	return err;
}

static void free_parameters(struct rewrite *rewrite)
{
	for (size_t i = 0; i < rewrite->count; i++)
		free(rewrite->parameters[i].filed);
	free(rewrite->parameters);
}

int darter_rewrite_text(const char *old, const struct darter_values *values, char **text)
{
	struct rewrite rewrite = {};
	size_t length;
	int err;

	*text = NULL;
	err = collect(&rewrite, values);
	if (!err)
		err = each_line(&rewrite, old, learn_line);
	if (err)
		goto out;
	rewrite.out = open_memstream(text, &length);
	if (!rewrite.out) {
		err = -ENOMEM;
		goto out;
	}
	err = each_line(&rewrite, old, copy_line);
	if (!err)
		err = append_rest(&rewrite);
	/* Where the text did not find room it is cut or missing, and closing may succeed. */
	if (ferror(rewrite.out))
		err = -ENOMEM;
	if (fclose(rewrite.out) || !*text)
		err = err ?: -ENOMEM;
	if (err) {
		free(*text);
		*text = NULL;
	}
out:
	free_parameters(&rewrite);
	return err;
}
