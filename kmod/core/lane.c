// SPDX-License-Identifier: GPL-2.0
/* Lanes, see lane.h: what a worker owns of the core. */
#include <linux/slab.h>
#include <linux/string.h>

#include "command.h"
#include "histogram.h"
#include "instance.h"
#include "lane.h"
#include "reply.h"

/**
 * darter_lane_init() - prepare one worker's share of the core
 * @lane: zeroed or not
 * @instance: whose sessions it will serve
 * @index: of the worker, from 0
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int darter_lane_init(struct darter_lane *lane, struct darter_instance *instance, u16 index)
{
	int err = darter_lane_init_inline(lane, instance);

	if (err)
		return err;
	lane->index = index;
	lane->scratch = kvmalloc(DARTER_SCRATCH_SIZE, GFP_KERNEL);
	if (lane->scratch)
		return 0;
	darter_lane_destroy(lane);
	return -ENOMEM;
}

/**
 * darter_lane_init_inline() - prepare a lane that has no input of its own
 * @lane: zeroed or not
 * @instance: whose sessions it will serve
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int darter_lane_init_inline(struct darter_lane *lane, struct darter_instance *instance)
{
	memset(lane, 0, sizeof(*lane));
	lane->instance = instance;
	INIT_LIST_HEAD(&lane->spare_chunks);
	lane->reads = kvcalloc(instance->params.shards, sizeof(*lane->reads), GFP_KERNEL);
	lane->by_command = kvcalloc(darter_command_count, sizeof(*lane->by_command),
				    GFP_KERNEL);
	lane->histograms = kvcalloc(darter_command_count, sizeof(*lane->histograms), GFP_KERNEL);
	lane->by_shard = kvcalloc(instance->params.shards, sizeof(*lane->by_shard), GFP_KERNEL);
	if (!lane->reads || !lane->by_command || !lane->histograms || !lane->by_shard) {
		darter_lane_destroy(lane);
		return -ENOMEM;
	}
	return 0;
}

/**
 * darter_lane_destroy() - free what a lane holds
 * @lane: the lane, which no session uses any more; or zeroed, never prepared
 */
void darter_lane_destroy(struct darter_lane *lane)
{
	struct darter_chunk *chunk, *next;
	u16 i;

	if (!lane->instance)
		return;
	list_for_each_entry_safe(chunk, next, &lane->spare_chunks, link)
		darter_chunk_free(chunk);
	INIT_LIST_HEAD(&lane->spare_chunks);
	lane->nspare_chunks = 0;
	if (lane->lent)
		darter_chunk_free(lane->lent);
	lane->lent = NULL;
	for (i = 0; lane->histograms && i < darter_command_count; i++)
		darter_histogram_free(lane->histograms[i]);
	for (i = 0; lane->by_shard && i < lane->instance->params.shards; i++)
		darter_histogram_free(lane->by_shard[i]);
	kvfree(lane->scratch);
	kvfree(lane->reads);
	kvfree(lane->by_command);
	kvfree(lane->histograms);
	kvfree(lane->by_shard);
	lane->scratch = NULL;
	lane->reads = NULL;
	lane->by_command = NULL;
	lane->histograms = NULL;
	lane->by_shard = NULL;
}
