// SPDX-License-Identifier: GPL-2.0
/*
 * darterctl tune: the parameters that are knobs, with what may be set and what comes
 * of it. All of that is the instance's own table.
 */
#include <errno.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <strings.h>

#include "../common/api.h"
#include "darterctl.h"
#include "output.h"

static const struct darter_field fields[] = {
	{ DARTER_A_NAME, "name", "NAME", DARTER_FIELD_TEXT },
	{ DARTER_A_VALUE, "value", "VALUE", DARTER_FIELD_TEXT },
	{ DARTER_A_DEFAULT, "default", "DEFAULT", DARTER_FIELD_TEXT },
	{ DARTER_A_LEAST, "least", "LEAST", DARTER_FIELD_NUMBER },
	{ DARTER_A_MOST, "most", "MOST", DARTER_FIELD_NUMBER },
	{ DARTER_A_UNIT, "unit", "UNIT", DARTER_FIELD_TEXT },
	{ DARTER_A_EFFECT, "effect", "EFFECT", DARTER_FIELD_TEXT },
	{}
};

/* Other parameters have no effect that is told. */
static void keep_knobs(json_t *array)
{
	for (size_t i = json_array_size(array); i--;) {
		if (!json_object_get(json_array_get(array, i), "effect"))
			json_array_remove(array, i);
	}
}

/* The knobs whose names match a pattern. */
static int collect(struct darter_call *call, const char *pattern, json_t **array)
{
	struct nl_msg *message = darter_control_message(call->control, DARTER_CMD_CONFIG_GET,
							true);
	int err;

	if (message && nla_put_string(message, DARTER_A_PATTERN, pattern)) {
		nlmsg_free(message);
		return darter_control_failed(call->control, -EMSGSIZE);
	}
	err = darter_ctl_collect_from(call, message, fields, array);
	if (!err)
		keep_knobs(*array);
	return err;
}

static int unknown(const char *name)
{
	fprintf(stderr, "darterctl: there is no knob '%s'; `darterctl tune` shows all\n", name);
	return DARTER_EXIT_FAILED;
}

/* The knob of that name, not of a pattern. Return: a reference, NULL: there is none. */
static json_t *find(const json_t *array, const char *name)
{
	json_t *knob;
	size_t i;

	json_array_foreach(array, i, knob) {
		if (!strcasecmp(json_string_value(json_object_get(knob, "name")), name))
			return knob;
	}
	return NULL;
}

static int show_all(struct darter_call *call, const json_t *array)
{
	if (call->json)
		return darter_ctl_show_json(call, array);
	darter_ctl_print_table(fields, array);
	return DARTER_EXIT_OK;
}

static int show_one(struct darter_call *call, const json_t *knob)
{
	if (call->json)
		return darter_ctl_show_json(call, knob);
	darter_ctl_print_object(fields, knob);
	return DARTER_EXIT_OK;
}

static int set(struct darter_call *call, const char *name, const char *value)
{
	struct darter_pair pair = { name, value };
	int err = darter_api_config_set(call->control, &pair, 1, false, NULL);

	if (!err)
		return darter_ctl_done(call);
	fprintf(stderr, "darterctl: %s '%s' was refused\n", name, value);
	return darter_ctl_failed(call, err);
}

int darter_ctl_tune(struct darter_call *call)
{
	const char *name = call->argc > 1 ? call->argv[1] : "*";
	int err, status;
	json_t *array, *knob;

	if (call->argc > 3)
		return darter_ctl_usage(call);
	err = collect(call, name, &array);
	if (err)
		return darter_ctl_failed(call, err);
	knob = find(array, name);
	if (call->argc == 1)
		status = show_all(call, array);
	else if (!knob)
		status = unknown(name);
	else if (call->argc == 2)
		status = show_one(call, knob);
	else
		status = set(call, name, call->argv[2]);
	json_decref(array);
	return status;
}
