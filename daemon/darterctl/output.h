/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: attributes become JSON objects by a table, and JSON objects become
 * text. So text and --json always say the same.
 */
#ifndef DARTER_DARTERCTL_OUTPUT_H
#define DARTER_DARTERCTL_OUTPUT_H

#include <jansson.h>
#include <netlink/attr.h>

enum darter_field_type {
	DARTER_FIELD_TEXT,
	DARTER_FIELD_NUMBER,		/* unsigned, of whatever width it arrives in */
	DARTER_FIELD_BYTES,		/* the same; as text with a unit */
	DARTER_FIELD_MICROS,		/* ns; as text in microseconds */
	DARTER_FIELD_FLAG,		/* u8, or present or not */
	DARTER_FIELD_CLUSTER,		/* enum darter_cluster, by its name */
};

struct darter_field {
	int attr;
	const char *key;		/* in JSON */
	const char *label;		/* for people, NULL: JSON only */
	enum darter_field_type type;
};

/* The attributes that @fields (ended by a NULL key) name. NULL without memory. */
json_t *darter_ctl_object(const struct darter_field *fields, struct nlattr *const *attrs);

/* One object as "label: value" lines. */
void darter_ctl_print_object(const struct darter_field *fields, const json_t *object);
/* An array of objects as a table with a head. */
void darter_ctl_print_table(const struct darter_field *fields, const json_t *array);
/* JSON over several lines, or on one. */
#define DARTER_JSON_LINES JSON_INDENT(2)
#define DARTER_JSON_LINE JSON_COMPACT
/* Return: 0, or -ENOMEM and nothing is printed. */
int darter_ctl_print_json(const json_t *value, size_t flags);

/* @bytes as 1.5 MiB. */
#define DARTER_BYTES_CHARS 32
void darter_ctl_format_bytes(unsigned long long bytes, char *text);

#endif /* DARTER_DARTERCTL_OUTPUT_H */
