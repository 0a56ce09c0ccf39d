// SPDX-License-Identifier: GPL-2.0
/*
 * How long commands took, over netlink: of each command and of each shard the buckets
 * in which something was counted. Histograms are read while workers fill them, each
 * part of a dump as of some moment.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "core/command.h"
#include "core/histogram.h"
#include "family.h"

/* Of a position: the bucket is below, the command or, behind all of them, the shard above. */
#define BUCKET_BITS 16

struct bucket {
	const char *command;		/* NULL: of a shard */
	u32 shard;
	u64 end, calls;
};

static int fill_bucket(struct sk_buff *skb, const void *object)
{
	const struct bucket *bucket = object;
	int err;

	if (bucket->command)
		err = nla_put_string(skb, DARTER_A_NAME, bucket->command);
	else
		err = nla_put_u32(skb, DARTER_A_SHARD_ID, bucket->shard);
	return err ?: nla_put_u64_64bit(skb, DARTER_A_BUCKET_END, bucket->end, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_CALLS, bucket->calls, DARTER_A_PAD);
}

/* False: it is behind the last one. */
static bool read_histogram(struct darter_instance *instance, u32 object,
			   struct bucket *bucket, struct darter_histogram_sum *sum)
{
	bucket->command = NULL;
	if (object < darter_command_count) {
		bucket->command = darter_command_at(object)->name;
		darter_command_histogram(instance, object, sum);
		return true;
	}
	bucket->shard = object - darter_command_count;
	if (bucket->shard >= instance->params.shards)
		return false;
	darter_shard_histogram(instance, bucket->shard, sum);
	return true;
}

static void dump_histograms(struct sk_buff *skb, struct netlink_callback *cb,
			    struct darter_instance *instance, struct darter_histogram_sum *sum)
{
	struct darter_position *position = (struct darter_position *)cb->ctx;
	u32 object = position->next >> BUCKET_BITS;
	u32 i = position->next & (BIT(BUCKET_BITS) - 1);
	struct bucket bucket = {};

	for (; read_histogram(instance, object, &bucket, sum); object++, i = 0) {
		for (; sum->total && i < DARTER_HISTOGRAM_BUCKETS; i++) {
			bucket.end = darter_histogram_bucket_end(i);
			bucket.calls = sum->counts[i];
			position->next = (u64)object << BUCKET_BITS | i;
			if (bucket.calls && darter_dump_message(skb, cb, fill_bucket, &bucket))
				return;
		}
	}
	position->finished = true;
}

int darter_dump_latency(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct darter_position *position = (struct darter_position *)cb->ctx;
	struct darter_histogram_sum *sum;
	const struct darter_control *control;
	struct darter_instance *instance;

	BUILD_BUG_ON(DARTER_HISTOGRAM_BUCKETS >= 1 << BUCKET_BITS);

	if (position->finished)
		return 0;
	sum = kvmalloc(sizeof(*sum), GFP_KERNEL | __GFP_NOWARN);
	if (!sum) {
		NL_SET_ERR_MSG(cb->extack, "out of memory");
		return -ENOMEM;
	}
	instance = darter_ctl_get(sock_net(skb->sk), cb->extack);
	if (instance) {
		control = instance->control;
		cb->seq = control->life;
		dump_histograms(skb, cb, instance, sum);
		darter_ctl_put(instance);
	}
	kvfree(sum);
	return instance ? skb->len : -ENODEV;
}
