// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of what an instance has a fixed number of: shards and workers. Their
 * counters are read without locks, each as of some moment.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "core/crc.h"
#include "core/lane.h"
#include "core/shard.h"
#include "family.h"

/**
 * darter_dump_message() - add one object to a dump
 * @skb: this part of the dump
 * @cb: the dump; its seq is set
 * @fill: puts the object's attributes, non-zero when they do not fit
 * @object: for @fill
 *
 * Context: that of dumpit.
 * Return: 0, or -EMSGSIZE when the object belongs into the next part.
 */
int darter_dump_message(struct sk_buff *skb, struct netlink_callback *cb,
			int (*fill)(struct sk_buff *skb, const void *object),
			const void *object)
{
	const struct genlmsghdr *request = nlmsg_data(cb->nlh);
	void *head;

	head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &darter_family, NLM_F_MULTI, request->cmd);
	if (!head)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, head);
	if (fill(skb, object)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static u64 shard_keys(const struct darter_shard *shard, u64 *volatile_keys)
{
	u64 keys = 0;
	u32 i;

	*volatile_keys = 0;
	for (i = 0; i < shard->instance->params.databases; i++) {
		keys += READ_ONCE(shard->dbs[i].keys.count);
		*volatile_keys += READ_ONCE(shard->dbs[i].volatile_keys);
	}
	return keys;
}

static int fill_slots(struct sk_buff *skb, const struct darter_shard *shard)
{
	const struct darter_instance *instance = shard->instance;

	if (!instance->params.cluster)
		return 0;
	return nla_put_u32(skb, DARTER_A_FIRST_SLOT,
			   darter_shard_slots(instance, shard->index)) ?:
	       nla_put_u32(skb, DARTER_A_LAST_SLOT,
			   darter_shard_slots(instance, shard->index + 1) - 1);
}

static int fill_shard(struct sk_buff *skb, const void *object)
{
	const struct darter_shard *shard = object;
	struct darter_reads reads;
	u64 keys, volatile_keys;

	keys = shard_keys(shard, &volatile_keys);
	darter_info_reads(shard, &reads);
	return nla_put_u32(skb, DARTER_A_SHARD_ID, shard->index) ?:
	       fill_slots(skb, shard) ?:
	       nla_put_u64_64bit(skb, DARTER_A_KEYS, keys, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_VOLATILE_KEYS, volatile_keys, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_MEMORY, READ_ONCE(shard->published),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_HITS, reads.hits, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_MISSES, reads.misses, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_EXPIRED, READ_ONCE(shard->expired),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_CONTENDED, READ_ONCE(shard->contended),
				 DARTER_A_PAD);
}

static int fill_worker(struct sk_buff *skb, const void *object)
{
	const struct darter_lane *lane = object;

	return nla_put_u32(skb, DARTER_A_WORKER_ID, lane->index) ?:
	       nla_put_u32(skb, DARTER_A_CPU, READ_ONCE(lane->cpu)) ?:
	       nla_put_u32(skb, DARTER_A_CLIENTS, READ_ONCE(lane->clients)) ?:
	       nla_put_u64_64bit(skb, DARTER_A_COMMANDS, READ_ONCE(lane->commands),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_CONNECTIONS, READ_ONCE(lane->connections),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_RECEIVED, READ_ONCE(lane->bytes_in),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_SENT, READ_ONCE(lane->bytes_out),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_ERRORS, READ_ONCE(lane->errors), DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_PARKED, READ_ONCE(lane->parked), DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_BATCHES, READ_ONCE(lane->batches),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_REMOTE, READ_ONCE(lane->remote),
				 DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_SLEEPS, READ_ONCE(lane->sleeps), DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_POLLED, READ_ONCE(lane->polled), DARTER_A_PAD);
}

static const void *shard_at(const struct darter_instance *instance, u64 index)
{
	return index < instance->params.shards ? &instance->shards[index] : NULL;
}

static const void *worker_at(const struct darter_instance *instance, u64 index)
{
	return index < darter_instance_lanes(instance) ? &instance->lanes[index] : NULL;
}

/* Resumes by index; another instance meanwhile shows as an interrupted dump. */
static int dump_array(struct sk_buff *skb, struct netlink_callback *cb,
		      const void *(*at)(const struct darter_instance *instance, u64 index),
		      int (*fill)(struct sk_buff *skb, const void *object))
{
	struct darter_position *position = (struct darter_position *)cb->ctx;
	struct darter_instance *instance;
	const struct darter_control *control;
	const void *object;

	instance = darter_ctl_get(sock_net(skb->sk), cb->extack);
	if (!instance)
		return -ENODEV;
	control = instance->control;
	cb->seq = control->life;
	for (;; position->next++) {
		object = at(instance, position->next);
		if (!object || darter_dump_message(skb, cb, fill, object))
			break;
	}
	darter_ctl_put(instance);
	return skb->len;
}

int darter_dump_shards(struct sk_buff *skb, struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct darter_position) > sizeof(cb->ctx));

	return dump_array(skb, cb, shard_at, fill_shard);
}

int darter_dump_workers(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_array(skb, cb, worker_at, fill_worker);
}
