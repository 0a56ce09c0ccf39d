// SPDX-License-Identifier: GPL-2.0
/*
 * The self-check as a dump, see core/check.h: a message for each finding, now and then
 * one that says how far it is, and a last one that it is finished.
 *
 * Each part makes some steps of the check, under a reference to the instance; between
 * two parts there is none, and the instance may end or be replaced. Then the dump ends
 * with an error.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core/check.h"
#include "family.h"

/* Steps of one part. */
#define STEPS 256

struct checking {
	u32 life;			/* of the instance that is checked */
	u32 next;			/* finding that is to be told */
	bool finished, told;		/* all is checked; that was said */
	struct darter_check check;
};

static struct checking **checking_of(struct netlink_callback *cb)
{
	return (struct checking **)cb->ctx;
}

static int begin(struct netlink_callback *cb, struct darter_instance *instance)
{
	const struct nlattr *whole = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, DARTER_A_WHOLE);
	const struct darter_control *control = instance->control;
	struct checking *checking = kvzalloc(sizeof(*checking), GFP_KERNEL | __GFP_NOWARN);

	if (!checking || darter_check_init(&checking->check, instance, whole)) {
		kvfree(checking);
		NL_SET_ERR_MSG(cb->extack, "out of memory");
		return -ENOMEM;
	}
	checking->life = control->life;
	*checking_of(cb) = checking;
	return 0;
}

int darter_start_check(struct netlink_callback *cb)
{
	struct darter_instance *instance = darter_ctl_get(sock_net(cb->skb->sk), cb->extack);
	int err;

	BUILD_BUG_ON(sizeof(struct checking *) > sizeof(cb->ctx));

	if (!instance)
		return -ENODEV;
	err = begin(cb, instance);
	darter_ctl_put(instance);
	return err;
}

int darter_done_check(struct netlink_callback *cb)
{
	struct checking *checking = *checking_of(cb);

	if (checking)
		darter_check_destroy(&checking->check);
	kvfree(checking);
	return 0;
}

static int fill_finding(struct sk_buff *skb, const void *object)
{
	const struct darter_finding *finding = object;

	return (finding->shard < 0 ? 0 :
		nla_put_u32(skb, DARTER_A_SHARD_ID, finding->shard)) ?:
	       (finding->db < 0 ? 0 : nla_put_u32(skb, DARTER_A_DATABASE, finding->db)) ?:
	       (finding->key_len < 0 ? 0 :
		nla_put(skb, DARTER_A_KEY, finding->key_len, finding->key)) ?:
	       nla_put_string(skb, DARTER_A_FINDING, finding->what);
}

static int fill_progress(struct sk_buff *skb, const void *object)
{
	const struct checking *checking = object;
	const struct darter_check *check = &checking->check;

	return nla_put_u64_64bit(skb, DARTER_A_KEYS, check->entries, DARTER_A_PAD) ?:
	       nla_put_u64_64bit(skb, DARTER_A_FINDINGS, check->errors, DARTER_A_PAD) ?:
	       nla_put_u32(skb, DARTER_A_UNSURE, check->unsure) ?:
	       (checking->finished ? nla_put_flag(skb, DARTER_A_FINISHED) : 0);
}

/* What the last step has found, as much as fits. */
static int tell(struct sk_buff *skb, struct netlink_callback *cb, struct checking *checking)
{
	const struct darter_check *check = &checking->check;

	for (; checking->next < check->nfound; checking->next++)
		if (darter_dump_message(skb, cb, fill_finding, &check->found[checking->next]))
			return -EMSGSIZE;
	return 0;
}

static void fill_part(struct sk_buff *skb, struct netlink_callback *cb,
		      struct checking *checking)
{
	u32 steps;

	for (steps = 0; !tell(skb, cb, checking); steps++) {
		if (checking->finished || steps == STEPS) {
			checking->told = !darter_dump_message(skb, cb, fill_progress, checking) &&
					 checking->finished;
			return;
		}
		checking->next = 0;
		checking->finished = !darter_check_step(&checking->check);
		cond_resched();
	}
}

int darter_dump_check(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct checking *checking = *checking_of(cb);
	const struct darter_control *control;
	struct darter_instance *instance;
	int err = 0;

	if (checking->told)
		return 0;
	instance = darter_ctl_get(sock_net(skb->sk), cb->extack);
	if (!instance)
		return -ENODEV;
	control = instance->control;
	cb->seq = checking->life;
	if (control->life != checking->life) {
		NL_SET_ERR_MSG(cb->extack, "the instance was replaced by another");
		err = -ESTALE;
	} else {
		fill_part(skb, cb, checking);
	}
	darter_ctl_put(instance);
	return err ?: skb->len;
}
