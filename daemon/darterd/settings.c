// SPDX-License-Identifier: GPL-2.0
/*
 * From lines to settings: later lines replace earlier ones, except that
 * client-output-buffer-limit adds a class with each line. Owned by one caller,
 * so nothing is locked.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../common/limits.h"
#include "settings.h"

__attribute__((format(printf, 4, 5)))
static int fail(struct darter_settings *settings, const struct darter_line *line, int err,
		const char *format, ...)
{
	va_list args;
	int used;

	used = snprintf(settings->why, sizeof(settings->why), "%s:%u: ", line->file,
			line->number);
	if (used >= (int)sizeof(settings->why))
		return err;
	va_start(args, format);
	vsnprintf(settings->why + used, sizeof(settings->why) - used, format, args);
	va_end(args);
	return err;
}

static bool count_fits(const struct darter_name *name, size_t words)
{
	switch (name->type) {
	case DARTER_TYPE_WORDS:
	case DARTER_TYPE_LINES:
		return words >= 1;
	case DARTER_TYPE_LIMITS:
		return words >= 4 && words % 4 == 0;
	default:
		return words == 1;
	}
}

static struct darter_setting *find(const struct darter_settings *settings,
				   const struct darter_name *name)
{
	for (size_t i = 0; i < settings->count; i++) {
		if (settings->items[i].name == name)
			return &settings->items[i];
	}
	return NULL;
}

static struct darter_setting *find_or_add(struct darter_settings *settings,
					  const struct darter_name *name)
{
	struct darter_setting *items, *item = find(settings, name);

	if (item)
		return item;
	items = realloc(settings->items, (settings->count + 1) * sizeof(*items));
	if (!items)
		return NULL;
	settings->items = items;
	item = &items[settings->count++];
	*item = (struct darter_setting){ .name = name };
	return item;
}

/* The classes of an earlier value with those of a later one put over them. */
static char *merge_limits(const char *earlier, const char *later)
{
	struct darter_limits limits = {};
	char one[DARTER_LIMIT_CHARS];
	char *text = NULL;
	size_t length;
	int failed;
	FILE *out;

	if (darter_limits_parse(earlier, &limits) || darter_limits_parse(later, &limits))
		return NULL;
	out = open_memstream(&text, &length);
	if (!out)
		return NULL;
	for (size_t i = 0; i < DARTER_LIMIT_CLASSES; i++) {
		if (!limits.classes[i].given)
			continue;
		darter_limits_print(&limits, i, one);
		fprintf(out, "%s%s", ftell(out) ? " " : "", one);
	}
	failed = ferror(out);
	if (!fclose(out) && !failed)
		return text;
	free(text);
	return NULL;
}

static char *value_of(const struct darter_line *line, const struct darter_setting *item)
{
	char *merged, *value = darter_args_join(&line->args, 1);

	if (!value || !item->value || item->name->type != DARTER_TYPE_LIMITS)
		return value;
	merged = merge_limits(item->value, value);
	free(value);
	return merged;
}

static int check_limits(struct darter_settings *settings, const struct darter_line *line)
{
	struct darter_limits limits = {};
	char *text = darter_args_join(&line->args, 1);
	int err;

	if (!text)
		return fail(settings, line, -ENOMEM, "out of memory");
	err = darter_limits_parse(text, &limits);
	free(text);
	if (err)
		return fail(settings, line, err,
			    "client-output-buffer-limit takes CLASS HARD SOFT SECONDS");
	return 0;
}

static int set(struct darter_settings *settings, const struct darter_name *name,
	       const struct darter_line *line)
{
	struct darter_setting *item = find_or_add(settings, name);
	char *value, *file;

	if (!item)
		goto err_memory;
	value = value_of(line, item);
	if (!value)
		goto err_memory;
	file = strdup(line->file);
	if (!file)
		goto err_value;
	free(item->value);
	free(item->file);
	item->value = value;
	item->file = file;
	item->number = line->number;
	return 0;

err_value:
	free(value);
err_memory:
	return fail(settings, line, -ENOMEM, "out of memory");
}

static int take_line(struct darter_settings *settings, const struct darter_line *line,
		     darter_settings_warn_t warn)
{
	const struct darter_name *name;
	int err = darter_name_learn(line->args.words[0], &name);

	if (err)
		return fail(settings, line, err, "out of memory");
	if (!name)
		return fail(settings, line, -EINVAL, "Bad directive '%s'", line->args.words[0]);
	if (!count_fits(name, line->args.count - 1))
		return fail(settings, line, -EINVAL, "wrong number of arguments for '%s'",
			    line->args.words[0]);
	if (name->type == DARTER_TYPE_LIMITS) {
		err = check_limits(settings, line);
		if (err)
			return err;
	}
	if (name->use == DARTER_USE_NONE && !find(settings, name))
		warn(line->file, line->number, line->args.words[0]);
	return set(settings, name, line);
}

/* Two settings that Redis, too, refuses to have together. */
static int check_contradiction(struct darter_settings *settings, const char *name,
			       const char *harmless, const char *other, const char *other_value,
			       const char *why)
{
	const struct darter_setting *one = darter_settings_find(settings, name);
	const struct darter_setting *two = darter_settings_find(settings, other);
	struct darter_line line;

	if (!one || !two || !strcasecmp(one->value, harmless) ||
	    (other_value && strcasecmp(two->value, other_value)))
		return 0;
	line = (struct darter_line){ .file = one->file, .number = one->number };
	return fail(settings, &line, -EINVAL, "%s (%s:%u)", why, two->file, two->number);
}

static int check_contradictions(struct darter_settings *settings)
{
	int err = check_contradiction(settings, "replicaof", "no one", "cluster-enabled", "yes",
				      "replicaof directive not allowed in cluster mode");

	if (!err)
		err = check_contradiction(settings, "aclfile", "", "user", NULL,
					  "aclfile does not go with users in this file");
	return err;
}

int darter_settings_build(struct darter_settings *settings, const struct darter_conf *conf,
			  darter_settings_warn_t warn)
{
	int err = 0;

	*settings = (struct darter_settings){};
	for (size_t i = 0; i < conf->count && !err; i++)
		err = take_line(settings, &conf->lines[i], warn);
	return err ?: check_contradictions(settings);
}

void darter_settings_free(struct darter_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->items[i].value);
		free(settings->items[i].file);
	}
	free(settings->items);
	*settings = (struct darter_settings){};
}

const struct darter_setting *darter_settings_find(const struct darter_settings *settings,
						  const char *name)
{
	const struct darter_name *found = darter_name_find(name);

	return found ? find(settings, found) : NULL;
}
