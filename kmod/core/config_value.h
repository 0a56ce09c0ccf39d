/* SPDX-License-Identifier: GPL-2.0 */
/* What the table of parameters in config.c and the types of their values share. */
#ifndef DARTER_CORE_CONFIG_VALUE_H
#define DARTER_CORE_CONFIG_VALUE_H

#include "config.h"

/* Longest value as text: bind, password, output limits. */
#define VALUE_CHARS 512

/* Where a parameter's value is, and what may happen to it. */
enum parameter_flag {
	IMMUTABLE = 1 << 0,	/* CONFIG SET always refuses it */
	FIXED = 1 << 1,		/* it has one value: only that one may be set */
	IN_PARAMS = 1 << 2,	/* offset is in struct darter_params */
};

/* Where to say why a value is refused. */
struct reason {
	char *text;
	size_t room;
};

struct parameter;

struct value_type {
	u32 size;		/* of the field */
	u32 unit;		/* bytes of it that are read and written at once */
	int (*parse)(const struct parameter *parameter, const char *text, void *field,
		     const struct reason *why);
	void (*print)(const struct parameter *parameter, const void *field, char *out,
		      size_t room);
};

struct parameter {
	const char *name;
	const struct value_type *type;
	const char *initial;	/* NULL: computed; of a FIXED one the value, if not IN_PARAMS */
	u64 (*compute)(const struct darter_instance *instance);
	u32 offset;
	u32 flags, effects;
	u64 min, max;
	const char *unit, *effect;	/* of a knob, see struct darter_knob */
};

extern const struct value_type darter_value_bool;
extern const struct value_type darter_value_u32;
extern const struct value_type darter_value_u64;
extern const struct value_type darter_value_s64;
extern const struct value_type darter_value_memory;
extern const struct value_type darter_value_access;
extern const struct value_type darter_value_dispatch;
extern const struct value_type darter_value_enabled;
extern const struct value_type darter_value_endpoint;
extern const struct value_type darter_value_limits;
extern const struct value_type darter_value_percentiles;
extern const struct value_type darter_value_binds;
extern const struct value_type darter_value_password;
extern const struct value_type darter_value_host;
extern const struct value_type darter_value_hostname;
extern const struct value_type darter_value_constant;

__printf(2, 3) int darter_refuse(const struct reason *why, const char *fmt, ...);

#endif /* DARTER_CORE_CONFIG_VALUE_H */
