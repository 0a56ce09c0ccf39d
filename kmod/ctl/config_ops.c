// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters over netlink: the same names and texts as CONFIG GET and CONFIG SET.
 *
 * Some values are secrets. They are shown only to who may change them; to others
 * the parameter does not exist.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "core/config.h"
#include "family.h"

static const char *const secrets[] = { "requirepass" };

struct param {
	u32 index;
	const char *name, *value;
	bool is_knob;
	struct darter_knob knob;
};

/* One part of a dump, as it is filled. */
struct part {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct darter_instance *instance;
	bool privileged;
};

static int fill_range(struct sk_buff *skb, const struct darter_knob *knob)
{
	if (!knob->max)
		return 0;
	return nla_put_u64_64bit(skb, DARTER_A_LEAST, knob->min, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_MOST, knob->max, DARTER_A_PAD);
}

static int fill_knob(struct sk_buff *skb, const struct darter_knob *knob)
{
	return nla_put_string(skb, DARTER_A_UNIT, knob->unit) ?:
	       fill_range(skb, knob) ?:
	       nla_put_string(skb, DARTER_A_DEFAULT, knob->initial) ?:
	       nla_put_string(skb, DARTER_A_EFFECT, knob->effect);
}

static int fill_param(struct sk_buff *skb, const void *object)
{
	const struct param *param = object;

	return nla_put_u32(skb, DARTER_A_PARAM_INDEX, param->index) ?:
	       nla_put_string(skb, DARTER_A_NAME, param->name) ?:
	       nla_put_string(skb, DARTER_A_VALUE, param->value) ?:
	       (param->is_knob ? fill_knob(skb, &param->knob) : 0);
}

static bool is_secret(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(secrets); i++)
		if (!strcmp(secrets[i], name))
			return true;
	return false;
}

static int visit(void *arg, u32 index, const char *name, const char *value)
{
	struct param param = { .index = index, .name = name, .value = value };
	struct part *part = arg;
	struct darter_position *position = (struct darter_position *)part->cb->ctx;
	int err;

	if (!part->privileged && is_secret(name))
		return 0;
	param.is_knob = darter_config_knob(part->instance, index, &param.knob);
	err = darter_dump_message(part->skb, part->cb, fill_param, &param);
	if (!err)
		position->next = index + 1;
	return err;
}

/* The request was checked when the dump began; its text ends with a NUL. */
static const char *pattern_of(const struct netlink_callback *cb)
{
	const struct nlattr *attr = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, DARTER_A_PATTERN);

	return attr ? nla_data(attr) : "*";
}

int darter_dump_config(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct darter_position *position = (struct darter_position *)cb->ctx;
	struct net *net = sock_net(skb->sk);
	struct part part = {
		.skb = skb,
		.cb = cb,
		.privileged = netlink_ns_capable(cb->skb, net->user_ns, CAP_NET_ADMIN),
	};
	const struct darter_control *control;
	struct darter_instance *instance;

	if (position->finished)
		return 0;
	instance = darter_ctl_get(net, cb->extack);
	if (!instance)
		return -ENODEV;
	part.instance = instance;
	control = instance->control;
	cb->seq = READ_ONCE(control->config_life);
	position->finished = !darter_config_get(instance, pattern_of(cb), position->next, visit,
						&part);
	darter_ctl_put(instance);
	return skb->len;
}

static u32 count_params(const struct genl_info *info)
{
	const struct nlattr *attr;
	u32 count = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		count += nla_type(attr) == DARTER_A_PARAM;
	return count;
}

/* The nest that a pair came from. */
static const struct nlattr *param_at(const struct genl_info *info, u32 index)
{
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == DARTER_A_PARAM && !index--)
			return attr;
	return NULL;
}

static int read_params(struct genl_info *info, struct darter_config_pair *pairs)
{
	const struct nlattr *attr, *name, *value;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != DARTER_A_PARAM)
			continue;
		name = nla_find_nested(attr, DARTER_A_NAME);
		value = nla_find_nested(attr, DARTER_A_VALUE);
		if (!name || !value) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "a parameter needs a name and a value");
			return -EINVAL;
		}
		pairs->name = nla_data(name);
		pairs->value = nla_data(value);
		pairs++;
	}
	return 0;
}

static int set_params(struct genl_info *info, struct darter_instance *instance,
		      const struct darter_config_pair *pairs, u32 count)
{
	char why[DARTER_WHY_CHARS] = "";
	u32 bad = 0;
	int err;

	err = darter_config_set(instance, pairs, count, nla_get_flag(info->attrs[DARTER_A_LOADING]),
				&bad, why, sizeof(why));
	if (!err)
		return 0;
	darter_ctl_say(info->extack, *why ? why : "the parameters could not be set");
	NL_SET_BAD_ATTR(info->extack, param_at(info, bad));
	return err;
}

static int read_and_set(struct genl_info *info, struct darter_config_pair *pairs, u32 count)
{
	struct darter_instance *instance;
	int err;

	err = read_params(info, pairs);
	if (err)
		return err;
	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	err = set_params(info, instance, pairs, count);
	darter_ctl_put(instance);
	return err;
}

int darter_do_config_set(struct sk_buff *skb, struct genl_info *info)
{
	u32 count = count_params(info);
	struct darter_config_pair *pairs;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, DARTER_A_PARAM)) {
		GENL_SET_ERR_MSG(info, "no parameters given");
		return -EINVAL;
	}
	pairs = kvmalloc_array(count, sizeof(*pairs), GFP_KERNEL | __GFP_NOWARN);
	if (!pairs) {
		GENL_SET_ERR_MSG(info, "out of memory");
		return -ENOMEM;
	}
	err = read_and_set(info, pairs, count);
	kvfree(pairs);
	return err;
}
