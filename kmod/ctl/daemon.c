// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon of an instance: a netlink socket that registered. Upcalls go to it,
 * and when it is closed, those that it owes an answer are lost.
 *
 * control->daemon_lock orders registering and dying with what follows from them,
 * so that a successor's upcalls are not taken for its predecessor's. Upcalls read
 * control->daemon without it: the core lists an upcall before it is sent, and
 * daemon_died() clears the port before it goes through that list; both take
 * instance->upcalls_lock, so either the list has it or the port is seen cleared.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/notifier.h>

#include "core/upcall.h"
#include "family.h"

int darter_do_register(struct sk_buff *skb, struct genl_info *info)
{
	struct darter_instance *instance;
	struct darter_control *control;
	int err = 0;

	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	control = instance->control;
	mutex_lock(&control->daemon_lock);
	if (!control->daemon) {
		WRITE_ONCE(control->daemon, info->snd_portid);
		darter_ctl_tell(control, DARTER_EVENT_KIND_DAEMON, "connected");
	} else if (control->daemon != info->snd_portid) {
		GENL_SET_ERR_MSG(info, "another daemon is registered");
		err = -EBUSY;
	}
	mutex_unlock(&control->daemon_lock);
	darter_ctl_put(instance);
	return err;
}

static void daemon_died(struct darter_instance *instance, u32 port)
{
	struct darter_control *control = instance->control;

	mutex_lock(&control->daemon_lock);
	if (control->daemon == port) {
		WRITE_ONCE(control->daemon, 0);
		darter_upcall_fail_all(instance);
		darter_ctl_tell(control, DARTER_EVENT_KIND_DAEMON, "disconnected");
	}
	mutex_unlock(&control->daemon_lock);
}

/* A netlink socket was closed; any socket. Its namespace outlives the call. */
static int on_netlink(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;
	struct darter_instance *instance;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	instance = darter_ctl_backend()->get(notify->net);
	if (!instance)
		return NOTIFY_DONE;
	daemon_died(instance, notify->portid);
	darter_ctl_put(instance);
	return NOTIFY_OK;
}

static struct notifier_block netlink_block = { .notifier_call = on_netlink };

int darter_daemon_init(void)
{
	return netlink_register_notifier(&netlink_block);
}

void darter_daemon_exit(void)
{
	netlink_unregister_notifier(&netlink_block);
}

static struct sk_buff *build(const struct darter_upcall *upcall)
{
	struct sk_buff *skb;
	void *head;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) + nla_total_size(upcall->request_len),
			  GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return NULL;
	head = genlmsg_put(skb, 0, 0, &darter_family, 0, DARTER_CMD_ASK);
	if (!head || nla_put_u64_64bit(skb, DARTER_A_UPCALL_ID, upcall->id, DARTER_A_PAD) ||
	    nla_put(skb, DARTER_A_UPCALL_REQUEST, upcall->request_len, upcall->request)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, head);
	return skb;
}

static int send(struct darter_control *control, const struct darter_upcall *upcall, u32 port)
{
	struct sk_buff *skb = build(upcall);
	int err = -ENOTCONN;

	if (!skb)
		return -ENOMEM;
	if (!darter_family_enter()) {
		nlmsg_free(skb);
		return err;
	}
	err = genlmsg_unicast(control->net, skb, port);
	darter_family_leave();
	/* It has just died, and its upcalls are about to be lost. */
	return err == -ECONNREFUSED ? -ENOTCONN : err;
}

/**
 * darter_ctl_upcall() - ask the daemon, for struct darter_host
 * @instance: whose daemon
 * @upcall: listed in instance->upcalls; its id and request do not change
 *
 * Context: may sleep.
 * Return: 0 when it was sent; -ENOTCONN without a daemon, -EMSGSIZE for a command
 * of more than DARTER_REQUEST_MAX bytes, -EAGAIN when the daemon has not yet read
 * what it was asked before, -ENOMEM.
 */
int darter_ctl_upcall(struct darter_instance *instance, struct darter_upcall *upcall)
{
	struct darter_control *control = instance->control;
	u32 port = control ? READ_ONCE(control->daemon) : 0;

	if (!port)
		return -ENOTCONN;
	if (upcall->request_len > DARTER_REQUEST_MAX)
		return -EMSGSIZE;
	return send(control, upcall, port);
}

static int pass_on(struct darter_instance *instance, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[DARTER_A_UPCALL_ID];
	const struct nlattr *reply = info->attrs[DARTER_A_UPCALL_REPLY];
	int err;

	err = darter_upcall_answer(instance, nla_get_u64(id), nla_data(reply), nla_len(reply));
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, id, "nobody waits for this answer");
	else if (err)
		GENL_SET_ERR_MSG(info, "out of memory");
	return err;
}

int darter_do_answer(struct sk_buff *skb, struct genl_info *info)
{
	struct darter_instance *instance;
	int err;

	/* A client that waits must get something. */
	if (GENL_REQ_ATTR_CHECK(info, DARTER_A_UPCALL_ID) ||
	    GENL_REQ_ATTR_CHECK(info, DARTER_A_UPCALL_REPLY) ||
	    !nla_len(info->attrs[DARTER_A_UPCALL_REPLY])) {
		GENL_SET_ERR_MSG(info, "an answer needs the upcall's number and a reply");
		return -EINVAL;
	}
	instance = darter_ctl_get(genl_info_net(info), info->extack);
	if (!instance)
		return -ENODEV;
	err = pass_on(instance, info);
	darter_ctl_put(instance);
	return err;
}
