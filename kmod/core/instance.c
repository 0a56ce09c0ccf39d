// SPDX-License-Identifier: GPL-2.0
/*
 * Instances: making and freeing a store, its memory limit, its periodic work and
 * its counters, see instance.h.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "crc.h"
#include "instance.h"
#include "keyspace.h"
#include "lane.h"
#include "shard.h"

/* Shortest time between two events that tell of full memory, ms. */
#define OOM_EVERY 1000
/* How often a lane looks for work that nothing tells of, ms. */
#define IDLE_TICK 1000

static void make_id(char *id)
{
	static const char digits[] = "0123456789abcdef";
	u8 bytes[DARTER_ID_CHARS / 2];
	u32 i;

	get_random_bytes(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++) {
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 15];
	}
	id[DARTER_ID_CHARS] = '\0';
}

static int make_shards(struct darter_instance *instance)
{
	u32 i;
	int err;

	instance->shards = kvcalloc(instance->params.shards, sizeof(*instance->shards),
				    GFP_KERNEL);
	if (!instance->shards)
		return -ENOMEM;
	for (i = 0; i < instance->params.shards; i++) {
		err = darter_shard_init(&instance->shards[i], instance, i);
		if (err)
			return err;
	}
	return 0;
}

static int make_lanes(struct darter_instance *instance)
{
	int err = 0;

	instance->lanes = kvcalloc(instance->params.max_lanes, sizeof(*instance->lanes),
				   GFP_KERNEL);
	if (!instance->lanes)
		return -ENOMEM;
	while (!err && instance->nlanes < instance->params.lanes)
		err = darter_instance_add_lane(instance);
	return err;
}

int darter_instance_add_lane(struct darter_instance *instance)
{
	u32 index = instance->nlanes;
	int err = darter_lane_init(&instance->lanes[index], instance, index);

	if (err)
		return err;
	/* Pairs with the acquire in darter_instance_lanes(). */
	smp_store_release(&instance->nlanes, index + 1);
	return 0;
}

int darter_instance_add_inline_lanes(struct darter_instance *instance, u32 count,
				     u64 (*clock_us)(void))
{
	struct darter_lane *lanes;
	int err = 0;
	u32 i;

	if (instance->ninline_lanes)
		return 0;
	lanes = kvcalloc(count, sizeof(*lanes), GFP_KERNEL);
	if (!lanes)
		return -ENOMEM;
	for (i = 0; i < count && !err; i++) {
		err = darter_lane_init_inline(&lanes[i], instance);
		lanes[i].clock_us = clock_us;
	}
	if (err) {
		while (i--)
			darter_lane_destroy(&lanes[i]);
		kvfree(lanes);
		return err;
	}
	instance->inline_lanes = lanes;
	/* Pairs with the acquire in darter_inline_lane(). */
	smp_store_release(&instance->ninline_lanes, count);
	return 0;
}

/*
 * Nothing but counters and the topology depends on who owns a shard, so commands
 * and ticks that are under way see either owner. Each worker that is a node has a new
 * configuration, with an epoch of its own that is later than all before.
 */
void darter_instance_hand_out(struct darter_instance *instance, u32 workers)
{
	u32 i, shards = instance->params.shards;

	if (workers == instance->workers)
		return;
	for (i = 0; i < shards; i++)
		WRITE_ONCE(instance->shards[i].lane, i * workers / shards);
	if (instance->params.cluster == DARTER_TOPOLOGY_PER_CPU)
		instance->epoch += instance->workers;
	WRITE_ONCE(instance->workers, workers);
}

/**
 * darter_params_check() - whether an instance can be made
 * @params: what it would be made with
 * @why: set to what is wrong
 * @why_len: room there
 *
 * Return: 0 or -EINVAL.
 */
int darter_params_check(const struct darter_params *params, char *why, size_t why_len)
{
	if (!params->shards || params->shards > DARTER_MAX_SHARDS ||
	    !params->databases || params->databases > DARTER_MAX_DATABASES)
		scnprintf(why, why_len, "shards must be 1 to %u, databases 1 to %u",
			  DARTER_MAX_SHARDS, DARTER_MAX_DATABASES);
	else if (!params->lanes || max(params->lanes, params->max_lanes) > U16_MAX)
		scnprintf(why, why_len, "workers must be 1 to %u", U16_MAX);
	else if (params->cluster == DARTER_TOPOLOGY_PER_CPU && params->shards < params->lanes)
		scnprintf(why, why_len, DARTER_TOO_FEW_SHARDS, params->shards, params->lanes);
	else
		return 0;
	return -EINVAL;
}

/**
 * darter_instance_init() - make an empty store
 * @instance: memory to fill
 * @params: what is fixed for its life
 * @host: what surrounds it; outlives it
 * @owner: for the host's use
 *
 * Context: may sleep.
 * Return: 0, -EINVAL for parameters out of range, -ENOMEM.
 */
int darter_instance_init(struct darter_instance *instance, const struct darter_params *params,
			 const struct darter_host *host, void *owner)
{
	char why[128];
	int err = darter_params_check(params, why, sizeof(why));

	if (err)
		return err;
	memset(instance, 0, sizeof(*instance));
	instance->params = *params;
	instance->params.max_lanes = max(params->lanes, params->max_lanes);
	instance->epoch = 1;
	instance->host = host;
	instance->owner = owner;
	instance->started = host->wall_us() / 1000;
	instance->seconds = instance->started / 1000;
	get_random_bytes(&instance->hash_key, sizeof(instance->hash_key));
	make_id(instance->run_id);
	make_id(instance->node_id);
	make_id(instance->shard_id);
	mutex_init(&instance->clients_lock);
	mutex_init(&instance->gather_lock);
	spin_lock_init(&instance->upcalls_lock);
	spin_lock_init(&instance->errors_lock);
	INIT_LIST_HEAD(&instance->clients);
	INIT_LIST_HEAD(&instance->upcalls);
	darter_pause_init(&instance->pause);
	darter_monitors_init(&instance->monitors);
	darter_slowlog_init(&instance->slowlog);
	darter_latency_init(&instance->latency);
	darter_observe_init(instance);
	darter_config_init(instance);
	err = darter_info_init(instance);
	if (err)
		goto err_destroy;
	if (params->cluster) {
		instance->slot_counts = kvcalloc(DARTER_SLOTS, sizeof(u32), GFP_KERNEL);
		err = instance->slot_counts ? 0 : -ENOMEM;
		if (err)
			goto err_destroy;
	}
	err = make_shards(instance);
	if (err)
		goto err_destroy;
	err = make_lanes(instance);
	if (err)
		goto err_destroy;
	darter_instance_hand_out(instance, params->lanes);
	return 0;

err_destroy:
	darter_instance_destroy(instance);
	return err;
}

/**
 * darter_instance_destroy() - free a store with all its keys
 * @instance: without sessions; its workers have ended
 *
 * Context: may sleep.
 */
void darter_instance_destroy(struct darter_instance *instance)
{
	u32 i;

	for (i = 0; i < instance->nlanes; i++)
		darter_lane_destroy(&instance->lanes[i]);
	kvfree(instance->lanes);
	for (i = 0; i < instance->ninline_lanes; i++)
		darter_lane_destroy(&instance->inline_lanes[i]);
	kvfree(instance->inline_lanes);
	for (i = 0; instance->shards && i < instance->params.shards; i++)
		darter_shard_destroy(&instance->shards[i]);
	kvfree(instance->shards);
	kvfree(instance->slot_counts);
	darter_info_destroy(instance);
	darter_slowlog_destroy(&instance->slowlog);
	mutex_destroy(&instance->config.lock);
	mutex_destroy(&instance->gather_lock);
	mutex_destroy(&instance->clients_lock);
}

u64 darter_instance_memory(const struct darter_instance *instance)
{
	return atomic64_read(&instance->used) + atomic64_read(&instance->client_memory);
}

bool darter_instance_over_limit(const struct darter_instance *instance)
{
	u64 limit = READ_ONCE(instance->config.max_memory);

	return limit && darter_instance_memory(instance) > limit;
}

/**
 * darter_instance_reply_limit() - memory that the replies of one client may take
 * @instance: whose
 *
 * One command can ask for a reply of any length, as MGET of one key many times. It
 * may take what is left of maxmemory, or half of the machine's; a floor lets those who
 * look around do so when memory is full.
 *
 * Context: any.
 * Return: bytes.
 */
u64 darter_instance_reply_limit(const struct darter_instance *instance)
{
	u64 limit = READ_ONCE(instance->config.max_memory) ?: instance->host->total_memory() / 2;
	u64 used = darter_instance_memory(instance);

	return max_t(u64, limit > used ? limit - used : 0, DARTER_REPLY_FLOOR);
}

void darter_instance_tell_oom(struct darter_instance *instance, u64 now)
{
	s64 last = atomic64_read(&instance->oom_told);

	/* The clock may have been set back. */
	if (now >= (u64)last && now - last < OOM_EVERY)
		return;
	/* Of several workers at once the first tells. */
	if (atomic64_cmpxchg(&instance->oom_told, last, now) == last)
		instance->host->event(instance, DARTER_EVENT_OOM, "");
}

/* How late memory is back of what expires, or waits for readers, if there is any. */
static u32 expire_shard(struct darter_shard *shard, u64 now, u32 most)
{
	u32 wait = darter_keyspace_expire(shard, now, most);

	if (wait == U32_MAX && !READ_ONCE(shard->held_back))
		return wait;
	return min(wait, READ_ONCE(shard->instance->config.knobs.tick));
}

/* Delete what has expired in the shards that are one lane's own. */
static u32 expire_share(struct darter_instance *instance, u16 lane, u64 now)
{
	u64 (*clock_us)(void) = instance->lanes[lane].clock_us;
	bool timed = clock_us && READ_ONCE(instance->config.latency_threshold);
	u32 i, end, wait = IDLE_TICK, most = READ_ONCE(instance->config.knobs.expire_keys);
	u64 begin = timed ? clock_us() : 0;

	darter_lane_shards(instance, READ_ONCE(instance->workers), lane, &i, &end);
	for (; i < end; i++)
		wait = min(wait, expire_shard(&instance->shards[i], now, most));
	if (timed)
		darter_latency_add(instance, DARTER_LATENCY_EXPIRE_CYCLE,
				   div_u64(clock_us() - begin, 1000), instance->host->wall_us());
	return wait;
}

u32 darter_instance_tick(struct darter_instance *instance, u16 lane, u64 now)
{
	u32 wait = darter_pause_tick(instance, now);

	wait = min_t(u32, wait, IDLE_TICK);
	if (!lane && darter_rates_sample(instance, now))
		wait = min(wait, READ_ONCE(instance->config.knobs.tick));
	/* What clients wait for does not change while it is paused. */
	if (darter_pause_active(&instance->pause) || READ_ONCE(instance->expire_passively))
		return wait;
	return min(wait, expire_share(instance, lane, now));
}

/* The first word of an error: what INFO errorstats counts by. */
static size_t error_code_len(const char *text)
{
	size_t len = strcspn(text, " \r\n");

	return min(len, sizeof_field(struct darter_error_kind, code) - 1);
}

/**
 * darter_instance_count_error() - count an error reply by its code
 * @instance: whose
 * @text: the error without the leading '-'
 *
 * When DARTER_ERROR_KINDS different codes were seen, further ones are counted in
 * the total only.
 */
void darter_instance_count_error(struct darter_instance *instance, const char *text)
{
	size_t len = error_code_len(text);
	struct darter_error_kind *kind;
	u32 i;

	spin_lock(&instance->errors_lock);
	instance->total_errors++;
	for (i = 0; i < instance->nerrors; i++) {
		kind = &instance->errors[i];
		if (!strncmp(kind->code, text, len) && !kind->code[len])
			break;
	}
	if (i == instance->nerrors && i < DARTER_ERROR_KINDS) {
		kind = &instance->errors[instance->nerrors++];
		memcpy(kind->code, text, len);
		kind->code[len] = '\0';
		kind->count = 0;
	}
	if (i < instance->nerrors)
		instance->errors[i].count++;
	spin_unlock(&instance->errors_lock);
}

/**
 * darter_instance_reset_stats() - CONFIG RESETSTAT
 * @instance: whose
 */
void darter_instance_reset_stats(struct darter_instance *instance)
{
	darter_info_reset(instance);
	darter_observe_reset(instance);
	spin_lock(&instance->errors_lock);
	instance->nerrors = 0;
	instance->total_errors = 0;
	spin_unlock(&instance->errors_lock);
	mutex_lock(&instance->clients_lock);
	instance->rejected_clients = 0;
	instance->total_clients = 0;
	mutex_unlock(&instance->clients_lock);
}
