// SPDX-License-Identifier: GPL-2.0
/*
 * Giving the configuration to an instance. What is fixed for its life is
 * compared, and where it differs an empty instance is replaced; the rest is one
 * atomic request. Which parameters there are is what the instance reports.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../common/api.h"
#include "../common/log.h"
#include "daemon.h"
#include "rewrite.h"

/* The fixed parameters: the setting that asks for one, if any, and its number. */
struct fixed {
	const struct darter_setting *setting;
	unsigned long long wanted;
};

enum { FIXED_DATABASES, FIXED_CLUSTER, FIXED_SHARDS, FIXED_WORKERS, FIXED_COUNT };

static const char *const fixed_names[FIXED_COUNT] = {
	"databases", "cluster-enabled", "darter-shards", "darter-workers",
};

static int parse_flag(const char *text, unsigned long long *out)
{
	*out = !strcasecmp(text, "yes");
	return *out || !strcasecmp(text, "no") ? 0 : -EINVAL;
}

static int read_fixed(const struct darter_settings *settings, struct fixed *fixed)
{
	const struct darter_setting *setting;
	int err;

	for (int i = 0; i < FIXED_COUNT; i++) {
		setting = darter_settings_find(settings, fixed_names[i]);
		fixed[i] = (struct fixed){ .setting = setting };
		if (!setting)
			continue;
		if (i == FIXED_CLUSTER)
			err = parse_flag(setting->value, &fixed[i].wanted);
		else
			err = darter_parse_number(setting->value, INT_MAX, &fixed[i].wanted);
		if (!err)
			continue;
		darter_error("%s:%u: '%s' is no value for %s", setting->file, setting->number,
			     setting->value, fixed_names[i]);
		return err;
	}
	return 0;
}

static int start(struct darter_daemon *daemon, const struct fixed *fixed)
{
	const struct darter_setting *bind = darter_settings_find(&daemon->settings, "bind");
	const struct darter_setting *port = darter_settings_find(&daemon->settings, "port");
	unsigned long long number = 0;
	struct darter_start start = {
		.databases = fixed[FIXED_DATABASES].wanted,
		.cluster = fixed[FIXED_CLUSTER].wanted,
		.shards = fixed[FIXED_SHARDS].wanted,
		.workers = fixed[FIXED_WORKERS].wanted,
		.bind = bind ? bind->value : NULL,
	};
	int err;

	/* A wrong port is refused with its line when the parameters are set. */
	if (port && !darter_parse_number(port->value, USHRT_MAX, &number))
		start.port = number;
	err = darter_api_start(daemon->control, &start);
	if (err)
		darter_error("cannot start an instance: %s", darter_control_why(daemon->control));
	else
		darter_notice("started an instance");
	daemon->started = !err;
	return err;
}

/* The first fixed parameter that the instance has otherwise, -1: none. */
static int find_difference(const struct fixed *fixed, const unsigned long long *running)
{
	for (int i = 0; i < FIXED_COUNT; i++) {
		/* 0 shards or workers ask for the default, whatever it came to. */
		if (!fixed[i].setting || running[i] == fixed[i].wanted ||
		    (!fixed[i].wanted && i >= FIXED_SHARDS))
			continue;
		return i;
	}
	return -1;
}

static int replace(struct darter_daemon *daemon, struct fixed *fixed,
		   const struct darter_brief *brief, const unsigned long long *running)
{
	int i = find_difference(fixed, running), err;
	const struct darter_setting *setting;

	if (i < 0)
		return 0;
	setting = fixed[i].setting;
	if (brief->keys || daemon->options->socket) {
		darter_error("%s:%u: %s %s, but the running instance has %llu, which is fixed%s",
			     setting->file, setting->number, fixed_names[i], setting->value,
			     running[i], brief->keys ? " while it holds keys" : "");
		return -EBUSY;
	}
	/* A file that would be refused after all must not cost the instance. */
	err = darter_configure_parameters(daemon);
	if (err)
		return err;
	/* What the file does not name stays. */
	for (int j = 0; j < FIXED_COUNT; j++) {
		if (!fixed[j].setting)
			fixed[j].wanted = running[j];
	}
	darter_notice("replacing the empty instance: %s is %llu and shall be %s",
		      fixed_names[i], running[i], setting->value);
	err = darter_api_stop(daemon->control);
	if (err) {
		darter_error("cannot stop the instance: %s", darter_control_why(daemon->control));
		return err;
	}
	return start(daemon, fixed);
}

int darter_configure_instance(struct darter_daemon *daemon)
{
	struct fixed fixed[FIXED_COUNT];
	struct darter_brief brief;
	int err;

	err = read_fixed(&daemon->settings, fixed);
	if (err)
		return err;
	err = darter_api_brief(daemon->control, &brief);
	if (!err) {
		const unsigned long long running[FIXED_COUNT] = {
			brief.databases, brief.cluster, brief.shards, brief.workers,
		};

		err = replace(daemon, fixed, &brief, running);
	} else if (err == -ENODEV && daemon->may_start) {
		err = start(daemon, fixed);
	} else if (err != -ENODEV) {
		darter_error("cannot see the instance: %s", darter_control_why(daemon->control));
	}
	if (!err)
		err = darter_api_brief(daemon->control, &brief);
	if (!err)
		strcpy(daemon->run_id, brief.run_id);
	return err;
}

static void say_refused(struct darter_daemon *daemon, const struct darter_setting *setting)
{
	const char *why = darter_control_why(daemon->control);

	if (setting)
		darter_error("%s:%u: %s: %s", setting->file, setting->number,
			     setting->name->name, why);
	else
		darter_error("the configuration was refused: %s", why);
}

static int collect_value(void *values, const char *name, const char *value)
{
	return darter_values_add(values, name, value);
}

static bool is_known(const struct darter_values *known, const char *name)
{
	for (size_t i = 0; i < known->count; i++) {
		if (!strcasecmp(known->items[i].name, name))
			return true;
	}
	return false;
}

/* What is asked for, and the settings that it comes from. */
struct wanted {
	unsigned int count;
	struct darter_pair *pairs;
	const struct darter_setting **from;
};

/* An older module may lack a parameter; one that nobody has is a mistake. */
static int take_setting(struct wanted *wanted, const struct darter_setting *setting,
			const struct darter_values *known)
{
	if (setting->name->use != DARTER_USE_SET)
		return 0;
	if (is_known(known, setting->name->name)) {
		wanted->from[wanted->count] = setting;
		wanted->pairs[wanted->count++] = (struct darter_pair){ setting->name->name,
								       setting->value };
		return 0;
	}
	if (!darter_name_is_learned(setting->name)) {
		darter_warning("%s:%u: the module that runs has no %s: ignored", setting->file,
			       setting->number, setting->name->name);
		return 0;
	}
	darter_error("%s:%u: Bad directive '%s'", setting->file, setting->number,
		     setting->name->name);
	return -EINVAL;
}

static int take_settings(struct darter_daemon *daemon, struct wanted *wanted)
{
	const struct darter_settings *settings = &daemon->settings;
	struct darter_values known = {};
	int err;

	err = darter_api_config_get(daemon->control, "*", collect_value, &known);
	if (err)
		darter_error("cannot see the parameters: %s", darter_control_why(daemon->control));
	for (size_t i = 0; i < settings->count && !err; i++)
		err = take_setting(wanted, &settings->items[i], &known);
	darter_values_free(&known);
	return err;
}

int darter_configure_parameters(struct darter_daemon *daemon)
{
	struct wanted wanted = {
		.pairs = calloc(daemon->settings.count + 1, sizeof(*wanted.pairs)),
		.from = calloc(daemon->settings.count + 1, sizeof(*wanted.from)),
	};
	unsigned int bad;
	int err = wanted.pairs && wanted.from ? 0 : -ENOMEM;

	if (err)
		darter_error("out of memory");
	else
		err = take_settings(daemon, &wanted);
	if (!err && wanted.count) {
		err = darter_api_config_set(daemon->control, wanted.pairs, wanted.count, true,
					    &bad);
		if (err)
			say_refused(daemon, bad < wanted.count ? wanted.from[bad] : NULL);
	}
	free(wanted.pairs);
	free(wanted.from);
	return err;
}
