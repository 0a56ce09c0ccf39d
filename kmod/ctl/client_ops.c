// SPDX-License-Identifier: GPL-2.0
/*
 * The clients of an instance: listed and killed. They are visited under
 * instance->clients_lock, in the order of their ids, which are never given twice;
 * so a dump shows everyone who was connected all the time exactly once.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "core/client.h"
#include "core/command.h"
#include "core/session.h"
#include "family.h"

/* One part of a dump, as it is filled. */
struct part {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	u64 now;			/* ms since the epoch */
};

/* A client as of some moment. */
struct client {
	struct darter_session *session;
	u64 now;
};

static u64 seconds_since(u64 then, u64 now)
{
	return now > then ? (now - then) / 1000 : 0;
}

static int fill_identity(struct sk_buff *skb, struct darter_session *session)
{
	int err;

	/* Neither address nor name changes under info_lock. */
	spin_lock(&session->info_lock);
	err = nla_put_string(skb, DARTER_A_CLIENT_ADDR, session->addr) ?:
	      nla_put_string(skb, DARTER_A_CLIENT_LADDR, session->laddr) ?:
	      nla_put_string(skb, DARTER_A_CLIENT_NAME, session->name ?: "");
	spin_unlock(&session->info_lock);
	return err;
}

static int fill_client(struct sk_buff *skb, const void *object)
{
	const struct client *client = object;
	struct darter_session *session = client->session;
	const struct darter_command *command = READ_ONCE(session->last_command);
	u64 age = seconds_since(session->created, client->now);
	u64 idle = seconds_since(READ_ONCE(session->last_active), client->now);

	return nla_put_u64_64bit(skb, DARTER_A_CLIENT_ID, session->id, DARTER_A_PAD) ?:
	       fill_identity(skb, session) ?:
	       nla_put_u32(skb, DARTER_A_WORKER_ID, session->lane) ?:
	       nla_put_u64_64bit(skb, DARTER_A_CLIENT_AGE, age, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_CLIENT_IDLE, idle, DARTER_A_PAD) ?:
	       nla_put_u32(skb, DARTER_A_CLIENT_DB, READ_ONCE(session->db)) ?:
	       nla_put_u8(skb, DARTER_A_CLIENT_RESP, READ_ONCE(session->resp)) ?:
	       nla_put_u64_64bit(skb, DARTER_A_MEMORY, READ_ONCE(session->memory),
				 DARTER_A_PAD) ?:
	       (command ? nla_put_string(skb, DARTER_A_CLIENT_COMMAND, command->name) : 0);
}

static int visit(void *arg, struct darter_session *session)
{
	struct part *part = arg;
	struct darter_position *position = (struct darter_position *)part->cb->ctx;
	const struct client client = { .session = session, .now = part->now };
	int err;

	err = darter_dump_message(part->skb, part->cb, fill_client, &client);
	if (!err)
		position->next = session->id + 1;
	return err;
}

int darter_dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct darter_position *position = (struct darter_position *)cb->ctx;
	struct part part = { .skb = skb, .cb = cb };
	const struct darter_control *control;
	struct darter_instance *instance;

	if (position->finished)
		return 0;
	instance = darter_ctl_get(sock_net(skb->sk), cb->extack);
	if (!instance)
		return -ENODEV;
	control = instance->control;
	cb->seq = control->life;
	part.now = instance->host->wall_us() / 1000;
	position->finished = !darter_clients_visit(instance, position->next, visit, &part);
	darter_ctl_put(instance);
	return skb->len;
}

/* Visits from the client that was asked for on; it may be gone. */
static int kill_exactly(void *arg, struct darter_session *session)
{
	const u64 *id = arg;

	if (session->id != *id)
		return -ENOENT;
	darter_client_kill(session);
	return 1;
}

int darter_do_client_kill(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DARTER_A_CLIENT_ID];
	struct darter_instance *instance;
	bool killed;
	u64 id;

	if (GENL_REQ_ATTR_CHECK(info, DARTER_A_CLIENT_ID)) {
		GENL_SET_ERR_MSG(info, "no client given");
		return -EINVAL;
	}
	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	id = nla_get_u64(attr);
	killed = darter_clients_visit(instance, id, kill_exactly, &id) > 0;
	darter_ctl_put(instance);
	if (killed)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no client with this number");
	return -ENOENT;
}
