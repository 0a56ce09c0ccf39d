// SPDX-License-Identifier: GPL-2.0
/*
 * Giving the configuration to an instance. What is fixed for its life is
 * compared, and where it differs an empty instance is replaced; the rest is one
 * atomic request. Which parameters there are is what the instance reports.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
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

enum {
	FIXED_DATABASES, FIXED_CLUSTER, FIXED_TOPOLOGY, FIXED_SHARDS, FIXED_COUNT
};

static const char *const fixed_names[FIXED_COUNT] = {
	"databases", "cluster-enabled", "darter-topology", "darter-shards",
};

/* It may change, but the default of the shards depends on what an instance is started with. */
static const char workers_name[] = "darter-workers";

static int parse_flag(const char *text, unsigned long long *out)
{
	*out = !strcasecmp(text, "yes");
	return *out || !strcasecmp(text, "no") ? 0 : -EINVAL;
}

static int parse_topology(const char *text, unsigned long long *out)
{
	if (!strcasecmp(text, "single"))
		*out = DARTER_CLUSTER_SINGLE;
	else if (!strcasecmp(text, "per-cpu"))
		*out = DARTER_CLUSTER_PER_CPU;
	else
		return -EINVAL;
	return 0;
}

static int parse_fixed(int i, const char *text, unsigned long long *out)
{
	switch (i) {
	case FIXED_CLUSTER:
		return parse_flag(text, out);
	case FIXED_TOPOLOGY:
		return parse_topology(text, out);
	default:
		return darter_parse_number(text, INT_MAX, out);
	}
}

/* As parse_fixed() reads it. */
static const char *format_fixed(int i, unsigned long long number, char *text, size_t room)
{
	switch (i) {
	case FIXED_CLUSTER:
		return number ? "yes" : "no";
	case FIXED_TOPOLOGY:
		return number == DARTER_CLUSTER_PER_CPU ? "per-cpu" : "single";
	default:
		snprintf(text, room, "%llu", number);
		return text;
	}
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
		err = parse_fixed(i, setting->value, &fixed[i].wanted);
		if (!err)
			continue;
		darter_error("%s:%u: '%s' is no value for %s", setting->file, setting->number,
			     setting->value, fixed_names[i]);
		return err;
	}
	return 0;
}

/* A wrong number is refused with its line when the parameters are set. */
static unsigned int find_number(const struct darter_settings *settings, const char *name)
{
	const struct darter_setting *setting = darter_settings_find(settings, name);
	unsigned long long number;

	return setting && !darter_parse_number(setting->value, USHRT_MAX, &number) ? number : 0;
}

/* A topology is of a cluster; without one it waits until there is one. */
static enum darter_cluster wanted_cluster(const struct fixed *fixed)
{
	if (!fixed[FIXED_CLUSTER].wanted)
		return DARTER_CLUSTER_OFF;
	return fixed[FIXED_TOPOLOGY].wanted ?: DARTER_CLUSTER_SINGLE;
}

/* @workers: how many if the file does not say it, 0: the instance's default */
static int start(struct darter_daemon *daemon, const struct fixed *fixed, unsigned int workers)
{
	const struct darter_setting *bind = darter_settings_find(&daemon->settings, "bind");
	struct darter_start start = {
		.port = find_number(&daemon->settings, "port"),
		.worker_port = find_number(&daemon->settings, "darter-worker-port"),
		.databases = fixed[FIXED_DATABASES].wanted,
		.cluster = wanted_cluster(fixed),
		.shards = fixed[FIXED_SHARDS].wanted,
		.workers = find_number(&daemon->settings, workers_name) ?: workers,
		.bind = bind ? bind->value : NULL,
	};
	int err;

	err = darter_api_start(daemon->control, &start);
	if (err)
		darter_error("cannot start an instance: %s", darter_control_why(daemon->control));
	else
		darter_notice("started an instance");
	daemon->started = !err;
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

static int take_settings(struct darter_daemon *daemon, struct wanted *wanted, const char *except)
{
	const struct darter_settings *settings = &daemon->settings;
	struct darter_values known = {};
	int err;

	err = darter_api_config_get(daemon->control, "*", collect_value, &known);
	if (err)
		darter_error("cannot see the parameters: %s", darter_control_why(daemon->control));
	for (size_t i = 0; i < settings->count && !err; i++) {
		if (!except || strcmp(settings->items[i].name->name, except))
			err = take_setting(wanted, &settings->items[i], &known);
	}
	darter_values_free(&known);
	return err;
}

/* All that the file names, or all but one parameter */
static int set_parameters(struct darter_daemon *daemon, const char *except)
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
		err = take_settings(daemon, &wanted, except);
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

/* The first fixed parameter that the instance has otherwise, -1: none. */
static int find_difference(const struct fixed *fixed, const unsigned long long *running)
{
	for (int i = 0; i < FIXED_COUNT; i++) {
		/* 0 shards ask for the default, whatever it came to. */
		if (!fixed[i].setting || running[i] == fixed[i].wanted ||
		    (!fixed[i].wanted && i == FIXED_SHARDS))
			continue;
		/* Without a cluster there is no topology that could differ. */
		if (i == FIXED_TOPOLOGY && !running[i])
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
	char number[24];
	const char *now;

	if (i < 0)
		return 0;
	setting = fixed[i].setting;
	now = format_fixed(i, running[i], number, sizeof(number));
	if (brief->keys || daemon->options->socket) {
		darter_error("%s:%u: %s %s, but the running instance has %s, which is fixed%s",
			     setting->file, setting->number, fixed_names[i], setting->value,
			     now, brief->keys ? " while it holds keys" : "");
		return -EBUSY;
	}
	/*
	 * A file that would be refused after all must not cost the instance. So many
	 * workers may go with the shards of the next one only.
	 */
	err = set_parameters(daemon, workers_name);
	if (err)
		return err;
	/* What the file does not name stays. */
	for (int j = 0; j < FIXED_COUNT; j++) {
		if (!fixed[j].setting)
			fixed[j].wanted = running[j];
	}
	darter_notice("replacing the empty instance: %s is %s and shall be %s",
		      fixed_names[i], now, setting->value);
	err = darter_api_stop(daemon->control);
	if (err) {
		darter_error("cannot stop the instance: %s", darter_control_why(daemon->control));
		return err;
	}
	return start(daemon, fixed, brief->workers);
}

static int see_instance(struct darter_daemon *daemon, struct darter_brief *brief)
{
	int err = darter_api_brief(daemon->control, brief);

	if (err && err != -ENODEV)
		darter_error("cannot see the instance: %s", darter_control_why(daemon->control));
	return err;
}

int darter_configure_instance(struct darter_daemon *daemon)
{
	struct fixed fixed[FIXED_COUNT];
	struct darter_brief brief;
	int err;

	err = read_fixed(&daemon->settings, fixed);
	if (err)
		return err;
	err = see_instance(daemon, &brief);
	if (!err) {
		const unsigned long long running[FIXED_COUNT] = {
			brief.databases, !!brief.cluster, brief.cluster, brief.shards,
		};

		err = replace(daemon, fixed, &brief, running);
	} else if (err == -ENODEV && daemon->may_start) {
		err = start(daemon, fixed, 0);
	}
	if (!err)
		err = see_instance(daemon, &brief);
	if (!err)
		strcpy(daemon->run_id, brief.run_id);
	return err;
}

int darter_configure_parameters(struct darter_daemon *daemon)
{
	return set_parameters(daemon, NULL);
}
