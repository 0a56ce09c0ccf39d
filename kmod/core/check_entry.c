// SPDX-License-Identifier: GPL-2.0
/*
 * Whether an entry and its value are sound, see check.h. Under the lock of its shard.
 *
 * A hash of many fields takes several steps. It is gone on with if the entry is at
 * its place in the table still, and refers to the same object; whatever else has
 * become of both meanwhile, what is there is looked at from where the walk is.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "check.h"
#include "crc.h"
#include "hash.h"
#include "hash_ttl.h"
#include "instance.h"
#include "keyspace.h"

/* Up to so many fields of a listpack are compared each with each. */
#define PAIRWISE_MAX 128
/* Bytes of a listpack that are as much work as an entry. */
#define BYTES_OF_WORK 64

/* What there is to see of a hash, in this order. */
enum { PART_FIELDS, PART_RECORDS, PART_INDEX, PART_END };

static void check_string(struct darter_check *check, const struct darter_entry *entry)
{
	const struct darter_blob *blob;

	if (entry->form > DARTER_FORM_RAW)
		darter_check_found(check, "the form of a string is %u", entry->form);
	if (entry->encoding == DARTER_INLINE) {
		if (entry->value_len >= DARTER_BLOB_MIN)
			darter_check_found(check, "a string of %u bytes is in its entry",
					   entry->value_len);
		return;
	}
	blob = darter_entry_blob(entry);
	check->blob_bytes += darter_blob_footprint(blob);
	if (!refcount_read(&blob->refs))
		darter_check_found(check, "nobody refers to its blob");
	if (blob->len > blob->room || darter_blob_footprint(blob) % PAGE_SIZE)
		darter_check_found(check, "its blob has %u bytes in %u", blob->len, blob->room);
}

/* Whether each name of a listpack is there once; that also looks each of them up. */
static void check_names(struct darter_check *check, const u8 *lp)
{
	char digits[DARTER_S64_CHARS];
	struct darter_lp_value value;
	struct darter_lp_text name;
	u32 at;

	for (at = darter_lp_first(lp); at; at = darter_lp_next(lp, darter_lp_next(lp, at))) {
		darter_lp_get(lp, at, &value);
		name = darter_lp_text(&value, digits);
		if (darter_lp_find(lp, darter_lp_first(lp), name.bytes, name.len, 1) == at)
			continue;
		darter_check_found(check, "a field is in its listpack twice");
		return;
	}
}

static void check_listpack(struct darter_check *check, const u8 *lp, u32 room)
{
	u32 bytes = room >= DARTER_LP_EMPTY ? darter_lp_bytes(lp) : U32_MAX, count;

	if (bytes > room || darter_lp_validate(lp, bytes, &count)) {
		darter_check_found(check, "its listpack is unsound");
		return;
	}
	check->budget -= min(check->budget, bytes / BYTES_OF_WORK);
	if (!count || count % 2)
		darter_check_found(check, "its listpack has %u elements", count);
	else if (count / 2 <= PAIRWISE_MAX)
		check_names(check, lp);
}

static bool look_at_field(struct darter_check *check, void *item)
{
	const struct darter_table *table = &darter_entry_hash(check->entry)->table;
	const struct darter_field *field = item;
	struct darter_lp_text name = darter_field_name(field);

	darter_check_object(check, field, darter_field_size(field), "a field");
	if (field->code != darter_table_code(table->ops->hash(table, field, U32_MAX)))
		darter_check_found(check, "a field notes another hash than its name has");
	if (darter_field_table_find(table, name.bytes, name.len) != field)
		darter_check_found(check, "a field is not found by its name");
	return true;
}

static bool look_at_indexed(struct darter_check *check, void *item)
{
	const struct darter_ttls *ttls = darter_entry_hash(check->entry)->ttls;
	const struct darter_ttl *ttl = item;

	if (ttl->at >= ttls->count || ttls->heap[ttl->at] != ttl)
		darter_check_found(check, "the index has a deadline that the heap has not");
	return true;
}

static void check_record(struct darter_check *check, const struct darter_ttls *ttls, u32 at)
{
	const struct darter_ttl *ttl = ttls->heap[at];
	struct darter_pair pair;
	size_t size = struct_size(ttl, name, ttl->name_len);

	darter_check_object(check, ttl, size, "a field's deadline");
	check->value.bytes += darter_arena_footprint(size);
	if (ttl->at != at || ttls->heap[(at - !!at) / 2]->deadline > ttl->deadline)
		darter_check_found(check, "the deadline at %u of the heap is out of order", at);
	if (ttl->deadline == DARTER_TTL_NONE)
		darter_check_found(check, "a field's deadline never comes");
	if (!darter_hash_get(check->entry, ttl->name, ttl->name_len, &pair))
		darter_check_found(check, "a deadline is that of no field");
	if (ttls->index &&
	    darter_table_find(ttls->index, darter_keyed_hash(ttl->name, ttl->name_len, ttls->key),
			      ttl->name, ttl->name_len) != ttl)
		darter_check_found(check, "a field's deadline is not in the index");
}

/* False: there are more for another step. */
static bool check_records(struct darter_check *check, const struct darter_ttls *ttls)
{
	u32 *at = &check->value.record;

	if (ttls->count > ttls->room) {
		darter_check_found(check, "%u deadlines are in a heap of %u", ttls->count,
				   ttls->room);
		return true;
	}
	for (; *at < ttls->count; ++*at) {
		if (!check->budget)
			return false;
		check->budget--;
		check_record(check, ttls, *at);
	}
	return true;
}

/* What a step that is whole can say of deadlines, and what they take beside the records. */
static void check_ttls(struct darter_check *check, const struct darter_ttls *ttls)
{
	const struct darter_wheel *wheel = &check->shard->dbs[check->db].field_deadlines;
	const struct darter_entry *entry = check->entry;

	if (ttls->key != &check->instance->hash_key || !ttls->used)
		darter_check_found(check, "it has deadlines without a key, or never used");
	if (ttls->entry) {
		check->waiting++;
		darter_check_node(check, wheel, &ttls->node, "the first deadline");
	}
	if (ttls->entry && ttls->entry != entry)
		darter_check_found(check, "its deadlines are those of another entry");
	if (ttls->count && (!ttls->entry || ttls->node.deadline > ttls->heap[0]->deadline))
		darter_check_found(check, "its first field does not expire in time");
	darter_check_object(check, ttls, sizeof(*ttls), "what is kept of deadlines");
	if (ttls->room)
		darter_check_object(check, ttls->heap, ttls->room * sizeof(*ttls->heap),
				    "the heap of deadlines");
	if (!ttls->index)
		return;
	darter_check_object(check, ttls->index, sizeof(*ttls->index), "the index of deadlines");
	check->bytes += darter_table_bytes(ttls->index);
}

/* The object by itself, and what it takes beside fields and records. */
static void check_object(struct darter_check *check, const struct darter_hash *hash)
{
	darter_check_object(check, hash, sizeof(*hash), "its object");
	if (hash->table.arena != &check->shard->arena ||
	    hash->table.key != &check->instance->hash_key)
		darter_check_found(check, "its fields are those of another shard");
	if (hash->lp) {
		darter_check_object(check, hash->lp, hash->room, "its listpack");
		check_listpack(check, hash->lp, hash->room);
		if (hash->table.directory)
			darter_check_found(check, "it has a listpack and a table");
	} else if (!hash->table.count) {
		darter_check_found(check, "it is a hash without fields");
	}
	check->bytes += darter_table_bytes(&hash->table);
	if (hash->ttls)
		check_ttls(check, hash->ttls);
}

/* The sums of a value that did not change while it was walked. */
static void compare_value(struct darter_check *check, const struct darter_hash *hash)
{
	const struct darter_ttls *ttls = hash->ttls;
	struct darter_check_marks now = darter_check_mark_db(check);

	check_object(check, hash);
	if (!darter_check_same(&check->value.since, &now))
		return;
	darter_check_walked(check, &check->value.fields, &hash->table, "fields");
	if (!ttls)
		return;
	if (check->value.bytes != ttls->bytes)
		darter_check_found(check, "deadlines count %llu bytes and take %llu",
				   (unsigned long long)ttls->bytes,
				   (unsigned long long)check->value.bytes);
	if (ttls->index)
		darter_check_walked(check, &check->value.records, ttls->index, "deadlines");
	if (ttls->index && ttls->index->count != ttls->count)
		darter_check_found(check, "%u deadlines are in the heap, not %llu", ttls->count,
				   (unsigned long long)ttls->index->count);
}

static bool check_part(struct darter_check *check, const struct darter_hash *hash)
{
	const struct darter_ttls *ttls = hash->ttls;

	switch (check->value.part) {
	case PART_FIELDS:
		return darter_check_walk(check, &check->value.fields, &hash->table,
					 look_at_field);
	case PART_RECORDS:
		return !ttls || check_records(check, ttls);
	case PART_INDEX:
		return !ttls || !ttls->index ||
		       darter_check_walk(check, &check->value.records, ttls->index,
					 look_at_indexed);
	default:
		compare_value(check, hash);
		return true;
	}
}

/* False: it takes another step. */
static bool check_hash(struct darter_check *check, const struct darter_entry *entry)
{
	const struct darter_hash *hash = darter_entry_hash(entry);

	if (check->value.of != entry || check->value.hash != hash) {
		memset(&check->value, 0, sizeof(check->value));
		check->value.of = entry;
		check->value.hash = hash;
		check->value.since = darter_check_mark_db(check);
		check->value.fields.of = entry;
		check->value.records.of = entry;
	}
	for (; check->value.part <= PART_END; check->value.part++)
		if (!check_part(check, hash))
			return false;
	check->value.of = NULL;
	return true;
}

static void check_key(struct darter_check *check, const struct darter_entry *entry)
{
	struct darter_shard *shard = check->shard;
	const char *key = darter_entry_key(entry);
	u64 hash = darter_key_hash(check->instance, key, entry->key_len);

	if (darter_shard_at(check->instance, key, entry->key_len, hash) != shard)
		darter_check_found(check, "its shard is another one");
	if (darter_table_find(&shard->dbs[check->db].keys, hash, key, entry->key_len) != entry)
		darter_check_found(check, "it is not found by its key");
	if (check->slots && !check->db)
		check->slots[darter_key_slot(key, entry->key_len)]++;
}

static void check_deadline(struct darter_check *check, struct darter_entry *entry)
{
	const struct darter_wheel *wheel = &check->shard->dbs[check->db].deadlines;

	if (!entry->expires)
		return;
	check->expiring++;
	check->deadline_sum += darter_deadline_share(check->instance,
						     darter_entry_deadline(entry));
	darter_check_node(check, wheel, darter_entry_node(entry), "its deadline");
}

/* Whether type and encoding go together; else nothing can be said of the value. */
static bool is_known(const struct darter_entry *entry)
{
	static const u8 other[] = { [DARTER_STRING] = DARTER_BLOB, [DARTER_HASH] = DARTER_OBJECT };

	return entry->type < ARRAY_SIZE(other) &&
	       (entry->encoding == DARTER_INLINE || entry->encoding == other[entry->type]);
}

/**
 * darter_check_entry() - look at an entry
 * @check: the check; findings are about this entry from now on
 * @item: the entry, in the table of keys that the check has come to
 *
 * Return: whether all of it was seen; else there is more for another step.
 */
bool darter_check_entry(struct darter_check *check, void *item)
{
	struct darter_entry *entry = item;

	check->entry = entry;
	if (is_known(entry) && entry->encoding == DARTER_OBJECT && !check_hash(check, entry))
		return false;
	check->entries++;
	darter_check_object(check, entry, darter_entry_size(entry->key_len, entry->expires,
							    entry->value_len), "its entry");
	check_key(check, entry);
	check_deadline(check, entry);
	if (!is_known(entry))
		darter_check_found(check, "type %u and encoding %u do not go together",
				   entry->type, entry->encoding);
	else if (entry->type == DARTER_STRING)
		check_string(check, entry);
	else if (entry->encoding == DARTER_INLINE)
		check_listpack(check, darter_hash_listpack(entry), entry->value_len);
	return true;
}
