// SPDX-License-Identifier: GPL-2.0
/*
 * The self-check, see check.h: its steps and their order, and what is added up. Each
 * step holds the lock of one shard, and nothing else but leaves below it.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"
#include "crc.h"
#include "entry.h"
#include "hash.h"
#include "hash_ttl.h"
#include "instance.h"
#include "session.h"
#include "watch.h"

/* So many watched keys are looked at under one hold; more of them a bucket at a time. */
#define WATCHES_MAX 4096

/**
 * darter_check_found() - note that something is wrong
 * @check: the check; its shard, database and entry say where
 * @format: what is wrong
 *
 * What does not fit what one step can tell is counted only.
 */
void darter_check_found(struct darter_check *check, const char *format, ...)
{
	struct darter_finding *finding;
	va_list args;

	check->errors++;
	if (check->nfound == DARTER_CHECK_FINDINGS) {
		/* Let those be told first, unless nothing may come in between. */
		check->budget = check->whole ? check->budget : 0;
		return;
	}
	finding = &check->found[check->nfound++];
	finding->shard = check->shard ? check->shard->index : -1;
	finding->db = check->in_db ? check->db : -1;
	finding->key_len = -1;
	if (check->entry) {
		finding->key_len = min_t(u32, check->entry->key_len, DARTER_FINDING_KEY);
		memcpy(finding->key, darter_entry_key(check->entry), finding->key_len);
	}
	va_start(args, format);
	vscnprintf(finding->what, sizeof(finding->what), format, args);
	va_end(args);
}

struct darter_check_marks darter_check_mark_db(const struct darter_check *check)
{
	const struct darter_db *db = &check->shard->dbs[check->db];

	return (struct darter_check_marks) {
		.arena = check->shard->arena.changes,
		.retired = check->shard->guard.retired,
		.wheels = db->deadlines.changes + db->field_deadlines.changes,
	};
}

static struct darter_check_marks mark_shard(const struct darter_check *check)
{
	const struct darter_shard *shard = check->shard;
	struct darter_check_marks marks = {
		.arena = shard->arena.changes,
		.retired = shard->guard.retired,
	};
	u32 i;

	for (i = 0; i < check->instance->params.databases; i++)
		marks.wheels += shard->dbs[i].deadlines.changes +
				shard->dbs[i].field_deadlines.changes;
	return marks;
}

bool darter_check_same(const struct darter_check_marks *a, const struct darter_check_marks *b)
{
	return a->arena == b->arena && a->retired == b->retired && a->wheels == b->wheels;
}

static void compare(struct darter_check *check, const char *what, u64 counted, u64 seen)
{
	if (counted != seen)
		darter_check_found(check, "%s: %llu is counted, and there is %llu", what,
				   (unsigned long long)counted, (unsigned long long)seen);
}

static bool begin_shard(struct darter_check *check)
{
	const struct darter_shard *shard = check->shard;

	check->bytes = 0;
	check->blob_bytes = 0;
	check->slab_objects = 0;
	check->slab_bytes = 0;
	check->slabs_unsure = false;
	check->slabs = 0;
	check->watched = 0;
	check->changed = false;
	check->class = 0;
	check->bucket = 0;
	check->db = 0;
	if (check->slots)
		memset(check->slots, 0, DARTER_SLOTS * sizeof(*check->slots));
	check->shard_since = mark_shard(check);
	compare(check, "memory told to the instance", shard->published,
		shard->arena.used + shard->blob_bytes - shard->guard.retired);
	if (shard->guard.open || shard->guard.shape & 1)
		darter_check_found(check, "readers are kept away although nothing changes");
	return true;
}

static bool begin_db(struct darter_check *check)
{
	check->in_db = true;
	memset(&check->keys, 0, sizeof(check->keys));
	memset(&check->value, 0, sizeof(check->value));
	check->expiring = 0;
	check->waiting = 0;
	check->deadline_sum = 0;
	check->slot = 0;
	check->db_since = darter_check_mark_db(check);
	return true;
}

static bool check_keys(struct darter_check *check)
{
	bool done = darter_check_walk(check, &check->keys, &check->shard->dbs[check->db].keys,
				      darter_check_entry);

	check->entry = NULL;
	return done;
}

static bool find_entry(struct darter_check *check, const struct darter_entry *entry)
{
	const char *key = darter_entry_key(entry);
	u64 hash = darter_key_hash(check->instance, key, entry->key_len);

	return darter_table_find(&check->shard->dbs[check->db].keys, hash, key,
				 entry->key_len) == entry;
}

static void look_at_node(struct darter_check *check, const struct darter_wheel_node *node)
{
	const struct darter_entry *entry = darter_entry_of_node((struct darter_wheel_node *)node);

	if (!entry->expires || !find_entry(check, entry))
		darter_check_found(check, "a deadline, %llu, is that of no key",
				   (unsigned long long)node->deadline);
	else
		check->entry = entry;
}

static bool check_deadlines(struct darter_check *check)
{
	return darter_check_wheel(check, &check->shard->dbs[check->db].deadlines, look_at_node);
}

static bool next_wheel(struct darter_check *check)
{
	check->slot = 0;
	return true;
}

static void look_at_fields(struct darter_check *check, const struct darter_wheel_node *node)
{
	const struct darter_ttls *ttls = container_of(node, const struct darter_ttls, node);
	const struct darter_entry *entry = ttls->entry;

	if (!entry || !find_entry(check, entry) || entry->type != DARTER_HASH ||
	    darter_hash_ttls(entry) != ttls)
		darter_check_found(check, "a field's deadline, %llu, is that of no hash",
				   (unsigned long long)node->deadline);
	else
		check->entry = entry;
}

static bool check_field_deadlines(struct darter_check *check)
{
	return darter_check_wheel(check, &check->shard->dbs[check->db].field_deadlines,
				  look_at_fields);
}

static bool end_db(struct darter_check *check)
{
	const struct darter_db *db = &check->shard->dbs[check->db];
	struct darter_check_marks now = darter_check_mark_db(check);

	check->bytes += darter_table_bytes(&db->keys);
	if (darter_check_same(&check->db_since, &now)) {
		darter_check_walked(check, &check->keys, &db->keys, "keys");
		compare(check, "keys that expire", db->volatile_keys, check->expiring);
		compare(check, "nodes of the wheel", db->deadlines.count, check->expiring);
		compare(check, "the sum of deadlines", db->deadline_sum, check->deadline_sum);
		compare(check, "nodes of the wheel of fields", db->field_deadlines.count,
			check->waiting);
	} else {
		check->changed = true;
	}
	check->in_db = false;
	check->db++;
	return true;
}

static bool check_slabs(struct darter_check *check)
{
	if (darter_check_class(check))
		check->class++;
	return check->class == DARTER_ARENA_CLASSES;
}

static void check_watch(struct darter_check *check, const struct darter_watch *watch, u32 bucket)
{
	const struct darter_instance *instance = check->instance;
	u64 hash = darter_key_hash(instance, watch->key, watch->key_len);

	if (watch->hash != hash || hash % DARTER_WATCH_BUCKETS != bucket)
		darter_check_found(check, "a watched key is in bucket %u, not %llu", bucket,
				   (unsigned long long)(hash % DARTER_WATCH_BUCKETS));
	if (watch->shard != check->shard || watch->db >= instance->params.databases ||
	    watch->session->instance != instance)
		darter_check_found(check, "a watched key is not one of this shard");
}

static void check_watch_bucket(struct darter_check *check, u32 bucket)
{
	struct hlist_node *const *back = &check->shard->watches[bucket].first;

	for (; *back; back = &(*back)->next) {
		if ((*back)->pprev != back) {
			darter_check_found(check, "watched keys of bucket %u are linked badly",
					   bucket);
			return;
		}
		check_watch(check, container_of(*back, struct darter_watch, hash_link), bucket);
		check->watched++;
		check->budget -= min(check->budget, 1u);
	}
}

static bool check_watches(struct darter_check *check)
{
	const struct darter_shard *shard = check->shard;
	bool few = shard->nwatches <= WATCHES_MAX || check->whole;
	u32 begin = check->bucket;

	if (few)
		check->watched = 0;
	for (check->bucket = few ? 0 : begin; check->bucket < DARTER_WATCH_BUCKETS;
	     check->bucket++) {
		if (!few && !check->budget)
			return false;
		check_watch_bucket(check, check->bucket);
	}
	if (few)
		compare(check, "watched keys", shard->nwatches, check->watched);
	return true;
}

/* All under one hold of a leaf lock, as it is when they are woken. */
static bool check_waiters(struct darter_check *check)
{
	struct darter_shard *shard = check->shard;
	const struct darter_session *session;
	const struct list_head *at;

	spin_lock(&shard->waiters_lock);
	for (at = shard->waiters.next; at != &shard->waiters; at = at->next) {
		session = list_entry(at, struct darter_session, park_link);
		if (at->next->prev != at) {
			darter_check_found(check, "sessions that wait are linked badly");
			break;
		}
		if (session->instance != check->instance || session->parked_on != shard)
			darter_check_found(check, "client %llu waits for another shard",
					   (unsigned long long)session->id);
	}
	spin_unlock(&shard->waiters_lock);
	return true;
}

static void compare_slots(struct darter_check *check)
{
	const struct darter_instance *instance = check->instance;
	u32 slot = darter_shard_slots(instance, check->index);
	u32 end = darter_shard_slots(instance, check->index + 1);

	for (; slot < end; slot++)
		if (instance->slot_counts[slot] != check->slots[slot])
			darter_check_found(check, "%u keys of slot %u are counted, not %u",
					   instance->slot_counts[slot], slot,
					   check->slots[slot]);
}

static bool end_shard(struct darter_check *check)
{
	struct darter_check_marks now = mark_shard(check);

	if (darter_check_same(&check->shard_since, &now)) {
		darter_check_arena(check);
		if (check->slots)
			compare_slots(check);
	} else {
		check->changed = true;
	}
	check->unsure += check->changed;
	check->index++;
	return true;
}

/* What a step does, in this order; each returns whether it is done with. */
static bool (*const stages[])(struct darter_check *check) = {
	begin_shard,
#define FIRST_OF_DB 1
	begin_db,
	check_keys,
	check_deadlines,
	next_wheel,
	check_field_deadlines,
	end_db,
#define LAST_OF_DB 6
	check_slabs,
	check_watches,
	check_waiters,
	end_shard,
};

/* Whether the shard is done. */
static bool advance(struct darter_check *check)
{
	if (!stages[check->stage](check))
		return false;
	if (check->stage == LAST_OF_DB && check->db < check->instance->params.databases)
		check->stage = FIRST_OF_DB;
	else
		check->stage++;
	/* Empty databases are some work, too. */
	check->budget -= min(check->budget, 1u);
	return check->stage == ARRAY_SIZE(stages);
}

static void walk_shard(struct darter_check *check)
{
	bool done = false;

	check->budget = DARTER_CHECK_BUDGET;
	while (!done && (check->budget || check->whole)) {
		done = advance(check);
		if (check->budget || !check->whole)
			continue;
		check->budget = DARTER_CHECK_BUDGET;
		cond_resched();
	}
	if (done)
		check->stage = 0;
}

static u32 count_clients(struct darter_check *check)
{
	const struct list_head *at;
	u32 count = 0;

	list_for_each(at, &check->instance->clients)
		count++;
	return count;
}

/* What shards and sessions have in common, at the end. */
static void check_instance(struct darter_check *check)
{
	struct darter_instance *instance = check->instance;
	struct darter_shard_set all = {};
	u64 published = 0;
	u32 i;

	for (i = 0; i < instance->params.shards; i++)
		__set_bit(i, all.bits);
	darter_shards_lock(instance, &all);
	for (i = 0; i < instance->params.shards; i++)
		published += instance->shards[i].published;
	compare(check, "memory of all shards", atomic64_read(&instance->used), published);
	darter_shards_unlock(instance, &all);
	mutex_lock(&instance->clients_lock);
	compare(check, "clients", instance->nclients, count_clients(check));
	mutex_unlock(&instance->clients_lock);
	check->index++;
}

/**
 * darter_check_init() - begin a check
 * @check: memory to fill
 * @instance: what to check; may come to its end between two steps, not in one
 * @whole: hold each shard's lock until it is done
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int darter_check_init(struct darter_check *check, struct darter_instance *instance, bool whole)
{
	memset(check, 0, sizeof(*check));
	check->instance = instance;
	check->whole = whole;
	if (!instance->slot_counts)
		return 0;
	check->slots = kvcalloc(DARTER_SLOTS, sizeof(*check->slots), GFP_KERNEL);
	return check->slots ? 0 : -ENOMEM;
}

void darter_check_destroy(struct darter_check *check)
{
	kvfree(check->slots);
}

/**
 * darter_check_step() - go on with a check
 * @check: the check; its findings of earlier steps are gone
 *
 * Context: may sleep; the caller holds none of the instance's locks.
 * Return: whether there is more to do.
 */
bool darter_check_step(struct darter_check *check)
{
	struct darter_instance *instance = check->instance;

	check->nfound = 0;
	if (check->index < instance->params.shards) {
		check->shard = &instance->shards[check->index];
		darter_shard_lock(check->shard);
		walk_shard(check);
		darter_shard_unlock(check->shard);
		check->shard = NULL;
		check->entry = NULL;
	} else if (check->index == instance->params.shards) {
		check_instance(check);
	}
	return check->index <= instance->params.shards;
}

/**
 * darter_check_all() - check an instance from the beginning to the end
 * @instance: the store
 * @tell: called for each finding, under no lock
 * @arg: for @tell
 *
 * Each shard is held until it is done.
 *
 * Context: may sleep; the caller holds none of the instance's locks.
 * Return: how much is wrong; U64_MAX without memory for the check.
 */
u64 darter_check_all(struct darter_instance *instance,
		     void (*tell)(void *arg, const struct darter_finding *finding), void *arg)
{
	struct darter_check *check = kvmalloc(sizeof(*check), GFP_KERNEL);
	u64 errors = U64_MAX;
	bool more;
	u32 i;

	if (!check)
		return errors;
	if (!darter_check_init(check, instance, true)) {
		do {
			more = darter_check_step(check);
			for (i = 0; i < check->nfound; i++)
				tell(arg, &check->found[i]);
			cond_resched();
		} while (more);
		errors = check->errors;
	}
	darter_check_destroy(check);
	kvfree(check);
	return errors;
}
