// SPDX-License-Identifier: GPL-2.0
/* darterctl config: parameters of the running instance. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/api.h"
#include "darterctl.h"
#include "output.h"

static int collect(void *object, const char *name, const char *value)
{
	return json_object_set_new(object, name, json_string(value)) ? -ENOMEM : 0;
}

static int get(struct darter_call *call)
{
	const char *pattern = call->argc > 2 ? call->argv[2] : "*";
	json_t *found = json_object(), *value;
	int err, status = DARTER_EXIT_OK;
	const char *name;

	if (call->argc > 3) {
		json_decref(found);
		return darter_ctl_usage(call);
	}
	err = darter_api_config_get(call->control, pattern, collect, found);
	if (err) {
		json_decref(found);
		return darter_ctl_failed(call, err);
	}
	if (call->json) {
		status = darter_ctl_show_json(call, found);
	} else {
		json_object_foreach(found, name, value)
			printf("%s %s\n", name, json_string_value(value));
	}
	json_decref(found);
	return status;
}

static int set(struct darter_call *call)
{
	unsigned int count = (call->argc - 2) / 2, bad;
	struct darter_pair *pairs;
	int err;

	if (call->argc < 4 || call->argc % 2)
		return darter_ctl_usage(call);
	pairs = calloc(count, sizeof(*pairs));
	if (!pairs) {
		fputs("darterctl: out of memory\n", stderr);
		return DARTER_EXIT_FAILED;
	}
	for (unsigned int i = 0; i < count; i++)
		pairs[i] = (struct darter_pair){ call->argv[2 + 2 * i], call->argv[3 + 2 * i] };
	err = darter_api_config_set(call->control, pairs, count, false, &bad);
	if (err && bad < count)
		fprintf(stderr, "darterctl: %s '%s' was refused\n", pairs[bad].name,
			pairs[bad].value);
	free(pairs);
	return err ? darter_ctl_failed(call, err) : darter_ctl_done(call);
}

int darter_ctl_config(struct darter_call *call)
{
	if (call->argc > 1 && !strcmp(call->argv[1], "get"))
		return get(call);
	if (call->argc > 1 && !strcmp(call->argv[1], "set"))
		return set(call);
	return darter_ctl_usage(call);
}
