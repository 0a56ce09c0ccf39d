// SPDX-License-Identifier: GPL-2.0
/*
 * The requests of the control protocol. Each builds a message, waits for its end
 * and copies what came. A connection belongs to one thread, so nothing is locked.
 */
#include <errno.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

/* Give up a message that has no more room. */
static int too_long(struct nl_msg *message)
{
	nlmsg_free(message);
	return -EMSGSIZE;
}

static int see_brief(void *arg, const struct darter_message *message)
{
	struct darter_brief *brief = arg;
	struct nlattr *const *attrs = message->attrs;

	darter_attr_text(attrs[DARTER_A_RUN_ID], brief->run_id, sizeof(brief->run_id));
	brief->shards = darter_attr_number(attrs[DARTER_A_SHARDS]);
	brief->workers = darter_attr_number(attrs[DARTER_A_WORKERS]);
	brief->databases = darter_attr_number(attrs[DARTER_A_DATABASES]);
	brief->cluster = darter_attr_number(attrs[DARTER_A_CLUSTER]);
	brief->daemon = darter_attr_number(attrs[DARTER_A_DAEMON]);
	brief->keys = darter_attr_number(attrs[DARTER_A_KEYS]);
	return 0;
}

int darter_api_brief(struct darter_control *control, struct darter_brief *brief)
{
	struct nl_msg *message = darter_control_message(control, DARTER_CMD_INSTANCE_GET, false);

	*brief = (struct darter_brief){};
	return darter_control_request(control, message, see_brief, brief);
}

static int put_start(struct nl_msg *message, const struct darter_start *start)
{
	if (start->bind && nla_put_string(message, DARTER_A_BIND, start->bind))
		return -EMSGSIZE;
	if (start->port && nla_put_u16(message, DARTER_A_PORT, start->port))
		return -EMSGSIZE;
	if (start->shards && nla_put_u32(message, DARTER_A_SHARDS, start->shards))
		return -EMSGSIZE;
	if (start->workers && nla_put_u32(message, DARTER_A_WORKERS, start->workers))
		return -EMSGSIZE;
	if (start->databases && nla_put_u32(message, DARTER_A_DATABASES, start->databases))
		return -EMSGSIZE;
	if (start->cluster && nla_put_u8(message, DARTER_A_CLUSTER, start->cluster))
		return -EMSGSIZE;
	if (start->worker_port && nla_put_u16(message, DARTER_A_WORKER_PORT, start->worker_port))
		return -EMSGSIZE;
	return 0;
}

int darter_api_start(struct darter_control *control, const struct darter_start *start)
{
	struct nl_msg *message = darter_control_message(control, DARTER_CMD_START, false);

	if (message && put_start(message, start))
		return darter_control_failed(control, too_long(message));
	return darter_control_request(control, message, NULL, NULL);
}

int darter_api_stop(struct darter_control *control)
{
	return darter_control_request(control,
				      darter_control_message(control, DARTER_CMD_STOP, false),
				      NULL, NULL);
}

struct visitor {
	int (*visit)(void *arg, const char *name, const char *value);
	void *arg;
};

static int see_parameter(void *arg, const struct darter_message *message)
{
	char name[DARTER_NAME_MAX + 1], value[DARTER_VALUE_MAX + 1];
	const struct visitor *visitor = arg;

	darter_attr_text(message->attrs[DARTER_A_NAME], name, sizeof(name));
	darter_attr_text(message->attrs[DARTER_A_VALUE], value, sizeof(value));
	return visitor->visit(visitor->arg, name, value);
}

int darter_api_config_get(struct darter_control *control, const char *pattern,
			  int (*visit)(void *arg, const char *name, const char *value),
			  void *arg)
{
	struct nl_msg *message = darter_control_message(control, DARTER_CMD_CONFIG_GET, true);
	struct visitor visitor = { visit, arg };

	if (message && nla_put_string(message, DARTER_A_PATTERN, pattern))
		return darter_control_failed(control, too_long(message));
	return darter_control_request(control, message, see_parameter, &visitor);
}

static int put_pair(struct nl_msg *message, const struct darter_pair *pair)
{
	struct nlattr *nest = nla_nest_start(message, DARTER_A_PARAM | NLA_F_NESTED);

	if (!nest || nla_put_string(message, DARTER_A_NAME, pair->name) ||
	    nla_put_string(message, DARTER_A_VALUE, pair->value))
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

/* Puts the pairs and notes how far each is behind the message's start. */
static int put_pairs(struct nl_msg *message, const struct darter_pair *pairs,
		     unsigned int count, unsigned int *offsets)
{
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i++) {
		offsets[i] = nlmsg_hdr(message)->nlmsg_len;
		err = put_pair(message, &pairs[i]);
	}
	return err;
}

/* The pair that the offset lies in. */
static unsigned int find_pair(const unsigned int *offsets, unsigned int count,
			      unsigned int offset)
{
	for (unsigned int i = count; i--;) {
		if (offset && offset >= offsets[i])
			return i;
	}
	return DARTER_NO_PAIR;
}

int darter_api_config_set(struct darter_control *control, const struct darter_pair *pairs,
			  unsigned int count, bool loading, unsigned int *bad)
{
	unsigned int *offsets = calloc(count + 1, sizeof(*offsets));
	struct nl_msg *message;
	int err;

	if (bad)
		*bad = DARTER_NO_PAIR;
	if (!offsets)
		return darter_control_failed(control, -ENOMEM);
	message = darter_control_message(control, DARTER_CMD_CONFIG_SET, false);
	err = message && loading ? nla_put_flag(message, DARTER_A_LOADING) : 0;
	if (message && !err)
		err = put_pairs(message, pairs, count, offsets);
	if (err)
		err = darter_control_failed(control, too_long(message));
	else
		err = darter_control_request(control, message, NULL, NULL);
	if (err && bad)
		*bad = find_pair(offsets, count, darter_control_bad_offset(control));
	free(offsets);
	return err;
}

static int put_topology(struct nl_msg *message, const struct darter_topology *topology)
{
	if (topology->ip && nla_put_string(message, DARTER_A_NODE_IP, topology->ip))
		return -EMSGSIZE;
	if (topology->hostname &&
	    nla_put_string(message, DARTER_A_NODE_HOSTNAME, topology->hostname))
		return -EMSGSIZE;
	if (topology->port >= 0 && nla_put_u16(message, DARTER_A_NODE_PORT, topology->port))
		return -EMSGSIZE;
	if (topology->bus_port >= 0 &&
	    nla_put_u16(message, DARTER_A_NODE_BUS_PORT, topology->bus_port))
		return -EMSGSIZE;
	return 0;
}

int darter_api_topology_set(struct darter_control *control,
			    const struct darter_topology *topology)
{
	struct nl_msg *message = darter_control_message(control, DARTER_CMD_TOPOLOGY_SET, false);

	if (message && put_topology(message, topology))
		return darter_control_failed(control, too_long(message));
	return darter_control_request(control, message, NULL, NULL);
}

int darter_api_client_kill(struct darter_control *control, unsigned long long id)
{
	struct nl_msg *message = darter_control_message(control, DARTER_CMD_CLIENT_KILL, false);

	if (message && nla_put_u64(message, DARTER_A_CLIENT_ID, id))
		return darter_control_failed(control, too_long(message));
	return darter_control_request(control, message, NULL, NULL);
}

int darter_api_register(struct darter_control *control)
{
	return darter_control_request(control,
				      darter_control_message(control, DARTER_CMD_REGISTER,
							     false),
				      NULL, NULL);
}

int darter_api_answer(struct darter_control *control, unsigned long long id,
		      const char *reply, size_t length)
{
	struct nl_msg *message;

	if (length > DARTER_REPLY_MAX)
		return darter_control_failed(control, -EMSGSIZE);
	message = darter_control_message(control, DARTER_CMD_ANSWER, false);
	if (message && (nla_put_u64(message, DARTER_A_UPCALL_ID, id) ||
			nla_put(message, DARTER_A_UPCALL_REPLY, length, reply)))
		return darter_control_failed(control, too_long(message));
	return darter_control_request(control, message, NULL, NULL);
}
