// SPDX-License-Identifier: GPL-2.0
/*
 * darterctl latency: how long commands take, by command and by shard. The instance
 * sends the buckets of its histograms one by one, those of a histogram in a row and in
 * ascending order; percentiles are made here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "darterctl.h"
#include "output.h"

static const struct darter_field buckets[] = {
	{ DARTER_A_NAME, "command", NULL, DARTER_FIELD_TEXT },
	{ DARTER_A_SHARD_ID, "shard", NULL, DARTER_FIELD_NUMBER },
	{ DARTER_A_BUCKET_END, "up_to_ns", NULL, DARTER_FIELD_NUMBER },
	{ DARTER_A_CALLS, "calls", NULL, DARTER_FIELD_NUMBER },
	{}
};

/* What is shown has its values from here, not from attributes. */
static const struct darter_field of_commands[] = {
	{ 0, "command", "COMMAND", DARTER_FIELD_TEXT },
	{ 0, "calls", "CALLS", DARTER_FIELD_NUMBER },
	{ 0, "p50_ns", "P50 US", DARTER_FIELD_MICROS },
	{ 0, "p99_ns", "P99 US", DARTER_FIELD_MICROS },
	{ 0, "p99.9_ns", "P99.9 US", DARTER_FIELD_MICROS },
	{}
};

static const struct darter_field of_shards[] = {
	{ 0, "shard", "SHARD", DARTER_FIELD_NUMBER },
	{ 0, "calls", "CALLS", DARTER_FIELD_NUMBER },
	{ 0, "p50_ns", "P50 US", DARTER_FIELD_MICROS },
	{ 0, "p99_ns", "P99 US", DARTER_FIELD_MICROS },
	{ 0, "p99.9_ns", "P99.9 US", DARTER_FIELD_MICROS },
	{}
};

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* ns that so many thousandths of the commands did not take longer than. */
static json_int_t percentile(const json_t *histogram, json_int_t total, int thousandths)
{
	json_int_t wanted = (total / 1000) * thousandths +
			    (total % 1000 * thousandths + 500) / 1000;
	json_int_t seen = 0, end = 0;
	const json_t *bucket;
	size_t i;

	json_array_foreach(histogram, i, bucket) {
		seen += number_of(bucket, "calls");
		end = number_of(bucket, "up_to_ns");
		if (seen >= wanted)
			break;
	}
	return end;
}

static bool finish(json_t *object)
{
	const json_t *histogram = json_object_get(object, "histogram"), *bucket;
	json_int_t total = 0;
	size_t i;

	json_array_foreach(histogram, i, bucket)
		total += number_of(bucket, "calls");
	return !json_object_set_new(object, "calls", json_integer(total)) &&
	       !json_object_set_new(object, "p50_ns",
				    json_integer(percentile(histogram, total, 500))) &&
	       !json_object_set_new(object, "p99_ns",
				    json_integer(percentile(histogram, total, 990))) &&
	       !json_object_set_new(object, "p99.9_ns",
				    json_integer(percentile(histogram, total, 999)));
}

/* The object with this value of the key, which is the last one or new. */
static json_t *owner(json_t *array, const char *key, json_t *value)
{
	json_t *last = json_array_get(array, json_array_size(array) - 1);

	if (last && json_equal(json_object_get(last, key), value))
		return last;
	last = json_pack("{s:O, s:[]}", key, value, "histogram");
	return last && !json_array_append_new(array, last) ? last : NULL;
}

/* Move a bucket from the instance's list to the histogram that it is of. */
static bool sort(json_t *commands, json_t *shards, json_t *bucket)
{
	json_t *command = json_object_get(bucket, "command"), *of;

	if (command)
		of = owner(commands, "command", command);
	else
		of = owner(shards, "shard", json_object_get(bucket, "shard"));
	if (!of || json_array_append(json_object_get(of, "histogram"), bucket))
		return false;
	json_object_del(bucket, "command");
	json_object_del(bucket, "shard");
	return true;
}

static bool finish_all(json_t *array)
{
	json_t *object;
	size_t i;

	json_array_foreach(array, i, object) {
		if (!finish(object))
			return false;
	}
	return true;
}

static int show(struct darter_call *call, const json_t *commands, const json_t *shards)
{
	json_t *both;
	int status;

	if (call->json) {
		both = json_pack("{s:O, s:O}", "commands", commands, "shards", shards);
		status = darter_ctl_show_json(call, both);
		json_decref(both);
		return status;
	}
	darter_ctl_print_table(of_commands, commands);
	if (json_array_size(shards)) {
		putchar('\n');
		darter_ctl_print_table(of_shards, shards);
	}
	return DARTER_EXIT_OK;
}

static int show_sorted(struct darter_call *call, const json_t *list)
{
	json_t *commands = json_array(), *shards = json_array(), *bucket;
	int status;
	bool ok = commands && shards;
	size_t i;

	json_array_foreach(list, i, bucket)
		ok = ok && sort(commands, shards, bucket);
	if (ok && finish_all(commands) && finish_all(shards))
		status = show(call, commands, shards);
	else
		status = darter_ctl_failed(call, darter_control_failed(call->control, -ENOMEM));
	json_decref(commands);
	json_decref(shards);
	return status;
}

int darter_ctl_latency(struct darter_call *call)
{
	json_t *list;
	int err, status;

	if (call->argc > 1)
		return darter_ctl_usage(call);
	err = darter_ctl_collect(call, DARTER_CMD_LATENCY_GET, true, buckets, &list);
	if (err)
		return darter_ctl_failed(call, err);
	status = show_sorted(call, list);
	json_decref(list);
	return status;
}
