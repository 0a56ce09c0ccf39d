// SPDX-License-Identifier: GPL-2.0
/* Output. One thread. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/control.h"
#include "output.h"

#define CELL_CHARS 1100
#define COLUMNS 24

/* Text of a peer, which need not be UTF-8: a client may be called anything. */
static json_t *text_value(const struct nlattr *attr)
{
	const char *text = nla_data(attr);
	size_t length = strnlen(text, nla_len(attr));
	json_t *value = json_stringn(text, length);
	char *plain;

	if (value)
		return value;
	plain = strndup(text, length);
	if (!plain)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)plain[i] >= 0x80)
			plain[i] = '?';
	}
	value = json_string(plain);
	free(plain);
	return value;
}

static json_t *cluster_value(const struct nlattr *attr)
{
	static const char *const names[] = {
		[DARTER_CLUSTER_OFF] = "no",
		[DARTER_CLUSTER_SINGLE] = "single",
		[DARTER_CLUSTER_PER_CPU] = "per-cpu",
	};
	unsigned long long number = attr ? darter_attr_number(attr) : DARTER_CLUSTER_OFF;

	return json_string(number < sizeof(names) / sizeof(names[0]) ? names[number] : "unknown");
}

/* Of some fields that there is no attribute says something, too. */
static bool is_absent(const struct darter_field *field, const struct nlattr *attr)
{
	return !attr && field->type != DARTER_FIELD_CLUSTER && field->type != DARTER_FIELD_FLAG;
}

static json_t *field_value(const struct darter_field *field, const struct nlattr *attr)
{
	switch (field->type) {
	case DARTER_FIELD_TEXT:
		return text_value(attr);
	case DARTER_FIELD_CLUSTER:
		return cluster_value(attr);
	case DARTER_FIELD_FLAG:
		return json_boolean(attr && (!nla_len(attr) || darter_attr_number(attr)));
	default:
		return json_integer(darter_attr_number(attr));
	}
}

json_t *darter_ctl_object(const struct darter_field *fields, struct nlattr *const *attrs)
{
	json_t *object = json_object();

	for (; object && fields->key; fields++) {
		const struct nlattr *attr = attrs[fields->attr];

		if (is_absent(fields, attr) ||
		    !json_object_set_new(object, fields->key, field_value(fields, attr)))
			continue;
		json_decref(object);
		return NULL;
	}
	return object;
}

void darter_ctl_format_bytes(unsigned long long bytes, char *text)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = bytes;
	size_t unit = 0;

	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	snprintf(text, DARTER_BYTES_CHARS, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* A value as people read it; "-" for one that is absent or empty. */
static void format(const struct darter_field *field, const json_t *object, char *cell)
{
	const json_t *value = json_object_get(object, field->key);

	if (json_is_boolean(value))
		strcpy(cell, json_is_true(value) ? "yes" : "no");
	else if (json_is_string(value) && json_string_length(value))
		snprintf(cell, CELL_CHARS, "%s", json_string_value(value));
	else if (!json_is_integer(value))
		strcpy(cell, "-");
	else if (field->type == DARTER_FIELD_BYTES)
		darter_ctl_format_bytes(json_integer_value(value), cell);
	else if (field->type == DARTER_FIELD_MICROS)
		snprintf(cell, CELL_CHARS, "%.1f", json_integer_value(value) / 1e3);
	else
		snprintf(cell, CELL_CHARS, "%llu",
			 (unsigned long long)json_integer_value(value));
}

void darter_ctl_print_object(const struct darter_field *fields, const json_t *object)
{
	const struct darter_field *field;
	char cell[CELL_CHARS];
	int width = 0, length;

	for (field = fields; field->key; field++) {
		length = field->label ? strlen(field->label) : 0;
		width = length > width ? length : width;
	}
	for (field = fields; field->key; field++) {
		if (!field->label || !json_object_get(object, field->key))
			continue;
		format(field, object, cell);
		printf("%s:%*s%s\n", field->label, width - (int)strlen(field->label) + 1, "", cell);
	}
}

static void measure(const struct darter_field *fields, const json_t *array, int *widths)
{
	char cell[CELL_CHARS];
	json_t *object;
	size_t index;

	for (int i = 0; fields[i].key && i < COLUMNS; i++) {
		widths[i] = fields[i].label ? strlen(fields[i].label) : 0;
		json_array_foreach(array, index, object) {
			format(&fields[i], object, cell);
			if ((int)strlen(cell) > widths[i])
				widths[i] = strlen(cell);
		}
	}
}

/* Text to the left of its column, numbers to the right; no blanks at a line's end. */
static void print_cell(const struct darter_field *field, const char *text, int width)
{
	bool left = field->type == DARTER_FIELD_TEXT || field->type == DARTER_FIELD_FLAG ||
		    field->type == DARTER_FIELD_CLUSTER;

	if (left && !field[1].key)
		fputs(text, stdout);
	else
		printf("%*s%s", left ? -width : width, text, field[1].key ? "  " : "");
}

void darter_ctl_print_table(const struct darter_field *fields, const json_t *array)
{
	int widths[COLUMNS] = {};
	char cell[CELL_CHARS];
	json_t *object;
	size_t index;

	measure(fields, array, widths);
	for (int i = 0; fields[i].key && i < COLUMNS; i++) {
		if (fields[i].label)
			print_cell(&fields[i], fields[i].label, widths[i]);
	}
	putchar('\n');
	json_array_foreach(array, index, object) {
		for (int i = 0; fields[i].key && i < COLUMNS; i++) {
			if (!fields[i].label)
				continue;
			format(&fields[i], object, cell);
			print_cell(&fields[i], cell, widths[i]);
		}
		putchar('\n');
	}
}

int darter_ctl_print_json(const json_t *value, size_t flags)
{
	size_t room, length = 0;
	char *text;

	/* Half of it must not be printed, and where room is short keys get lost. */
	flags |= JSON_PRESERVE_ORDER;
	room = json_dumpb(value, NULL, 0, flags);
	text = room ? malloc(room) : NULL;
	if (text)
		length = json_dumpb(value, text, room, flags);
	if (length)
		printf("%.*s\n", (int)length, text);
	free(text);
	return length ? 0 : -ENOMEM;
}
