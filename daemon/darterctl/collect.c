// SPDX-License-Identifier: GPL-2.0
/* Requests whose answers are shown as they come. One thread. */
#include <errno.h>
#include <netlink/msg.h>

#include "darterctl.h"
#include "output.h"

struct collection {
	const struct darter_field *fields;
	json_t *array;
};

static int see(void *arg, const struct darter_message *message)
{
	struct collection *collection = arg;
	json_t *object = darter_ctl_object(collection->fields, message->attrs);

	return !object || json_array_append_new(collection->array, object) ? -ENOMEM : 0;
}

int darter_ctl_collect_from(struct darter_call *call, struct nl_msg *message,
			    const struct darter_field *fields, json_t **array)
{
	struct collection collection = { fields, json_array() };
	int err;

	if (!collection.array) {
		nlmsg_free(message);
		return darter_control_failed(call->control, -ENOMEM);
	}
	err = darter_control_request(call->control, message, see, &collection);
	if (err)
		json_decref(collection.array);
	else
		*array = collection.array;
	return err;
}

int darter_ctl_collect(struct darter_call *call, int command, bool dump,
		       const struct darter_field *fields, json_t **array)
{
	return darter_ctl_collect_from(call, darter_control_message(call->control, command, dump),
				       fields, array);
}

int darter_ctl_show_json(struct darter_call *call, const json_t *value)
{
	int err = darter_ctl_print_json(value, DARTER_JSON_LINES);

	if (!err)
		return DARTER_EXIT_OK;
	return darter_ctl_failed(call, darter_control_failed(call->control, err));
}

int darter_ctl_show_table(struct darter_call *call, int command,
			  const struct darter_field *fields)
{
	int err, status = DARTER_EXIT_OK;
	json_t *array;

	if (call->argc > 1)
		return darter_ctl_usage(call);
	err = darter_ctl_collect(call, command, true, fields, &array);
	if (err)
		return darter_ctl_failed(call, err);
	if (call->json)
		status = darter_ctl_show_json(call, array);
	else
		darter_ctl_print_table(fields, array);
	json_decref(array);
	return status;
}

int darter_ctl_show_object(struct darter_call *call, int command,
			   const struct darter_field *fields)
{
	int err, status = DARTER_EXIT_OK;
	const json_t *object;
	json_t *array;

	if (call->argc > 1)
		return darter_ctl_usage(call);
	err = darter_ctl_collect(call, command, false, fields, &array);
	if (err)
		return darter_ctl_failed(call, err);
	object = json_array_get(array, 0);
	if (call->json)
		status = darter_ctl_show_json(call, object);
	else
		darter_ctl_print_object(fields, object);
	json_decref(array);
	return status;
}
