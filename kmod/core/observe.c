// SPDX-License-Identifier: GPL-2.0
/* Observers of commands, see observe.h: what they ask for. */
#include <linux/kernel.h>

#include "instance.h"
#include "observe.h"

void darter_observe_init(struct darter_instance *instance)
{
	struct darter_observe *observe = &instance->observe;

	spin_lock_init(&observe->lock);
	observe->threshold = U64_MAX;
	observe->last_epoch = 1;
}

/* Monitors want to know of every command. */
static u64 least_threshold(const struct darter_instance *instance)
{
	const struct darter_config *config = &instance->config;
	/* Below 0 the slow log is off: as an unsigned number that is never reached. */
	u64 slowlog = READ_ONCE(config->slowlog_slower_than);
	u64 latency = READ_ONCE(config->latency_threshold);

	if (READ_ONCE(instance->monitors.count))
		return 0;
	if (!latency)
		return slowlog;
	return min_t(u64, slowlog, latency > U64_MAX / 1000 ? U64_MAX : latency * 1000);
}

static void refresh(struct darter_instance *instance)
{
	struct darter_observe *observe = &instance->observe;
	bool tracking = READ_ONCE(instance->config.latency_tracking);
	bool by_shard = READ_ONCE(instance->config.latency_by_shard);

	WRITE_ONCE(observe->threshold, least_threshold(instance));
	WRITE_ONCE(observe->epoch, tracking ? observe->last_epoch : 0);
	WRITE_ONCE(observe->shard_epoch, by_shard ? observe->last_epoch : 0);
}

void darter_observe_update(struct darter_instance *instance)
{
	spin_lock(&instance->observe.lock);
	refresh(instance);
	spin_unlock(&instance->observe.lock);
}

void darter_observe_reset(struct darter_instance *instance)
{
	struct darter_observe *observe = &instance->observe;

	spin_lock(&observe->lock);
	WRITE_ONCE(observe->last_epoch, observe->last_epoch + 1 ?: 1);
	refresh(instance);
	spin_unlock(&observe->lock);
}
