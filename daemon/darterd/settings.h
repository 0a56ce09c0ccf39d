/* SPDX-License-Identifier: GPL-2.0 */
/* What a configuration asks for: one value for each directive. */
#ifndef DARTER_DARTERD_SETTINGS_H
#define DARTER_DARTERD_SETTINGS_H

#include <stddef.h>

#include "../common/conf.h"
#include "../common/names.h"

struct darter_setting {
	const struct darter_name *name;
	char *value;			/* as CONFIG SET takes it */
	char *file;			/* where it was set last */
	unsigned int number;
};

struct darter_settings {
	struct darter_setting *items;
	size_t count;
	char why[DARTER_CONF_WHY];	/* after an error: "FILE:LINE: what is wrong" */
};

/* Called for a directive that has no effect, once for each name. */
typedef void (*darter_settings_warn_t)(const char *file, unsigned int number, const char *name);

/**
 * darter_settings_build() - check lines and let later ones win
 * @settings: filled; ended with darter_settings_free() also after an error
 * @conf: the lines
 * @warn: told of directives without a meaning here
 *
 * Names that begin with "darter-" are taken as they are: the module decides.
 *
 * Return: 0, -EINVAL for an unknown directive, a wrong number of arguments,
 * client-output-buffer-limit out of its syntax or settings that contradict each
 * other; -ENOMEM.
 */
int darter_settings_build(struct darter_settings *settings, const struct darter_conf *conf,
			  darter_settings_warn_t warn);
void darter_settings_free(struct darter_settings *settings);

/* The setting of a directive, NULL if the configuration does not name it. */
const struct darter_setting *darter_settings_find(const struct darter_settings *settings,
						  const char *name);

#endif /* DARTER_DARTERD_SETTINGS_H */
