// SPDX-License-Identifier: GPL-2.0
/*
 * Times to live of a hash's fields, see hash_ttl.h.
 *
 * A field that has one has a record here, with a copy of its name, whichever way
 * the fields themselves are encoded. A hash none of whose fields ever had one has
 * nothing, and is an object only if it is a table.
 *
 * The records are a binary heap, so the next field to expire is the first, however
 * many there are. By name they are found by looking at each while they are few, and
 * through a table from then on.
 *
 * Setting deadlines is all or nothing: darter_hash_ttl_prepare() makes records that
 * never expire, or none; giving them a deadline takes no memory; and
 * darter_hash_ttl_settle() takes those away that got none.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "arena.h"
#include "command.h"
#include "hash.h"
#include "hash_ttl.h"
#include "keyed_hash.h"
#include "table.h"

/* More records than this have an index. */
#define UNINDEXED_MAX 32
#define ROOM_MIN 2

static u64 ttl_hash(const struct darter_table *table, const void *item, u32 depth)
{
	const struct darter_ttl *ttl = item;

	return darter_keyed_hash(ttl->name, ttl->name_len, table->key);
}

static bool ttl_equal(const void *item, const void *key, size_t len)
{
	const struct darter_ttl *ttl = item;

	return ttl->name_len == len && !memcmp(ttl->name, key, len);
}

static const struct darter_table_ops index_ops = {
	.hash = ttl_hash,
	.equal = ttl_equal,
};

static size_t ttl_size(u32 name_len)
{
	return sizeof(struct darter_ttl) + name_len;
}

static void ttl_free(struct darter_arena *arena, struct darter_ttl *ttl)
{
	darter_arena_free(arena, ttl, ttl_size(ttl->name_len));
}

static u64 hash_of(const struct darter_ttls *ttls, const struct darter_ttl *ttl)
{
	return darter_keyed_hash(ttl->name, ttl->name_len, ttls->key);
}

/* The index is only an index: the heap has the records. */
static void keep_item(void *arg, void *item)
{
}

static void index_free(struct darter_arena *arena, struct darter_ttls *ttls)
{
	if (!ttls->index)
		return;
	darter_table_destroy(ttls->index, keep_item, NULL);
	darter_arena_free(arena, ttls->index, sizeof(*ttls->index));
	ttls->index = NULL;
}

static void heap_free(struct darter_arena *arena, struct darter_ttls *ttls)
{
	darter_arena_free(arena, ttls->heap, ttls->room * sizeof(*ttls->heap));
	ttls->heap = NULL;
	ttls->room = 0;
}

/**
 * darter_hash_ttls_free() - forget all deadlines, as if there never had been one
 * @arena: of the hash
 * @hash: the object, in no wheel
 */
void darter_hash_ttls_free(struct darter_arena *arena, struct darter_hash *hash)
{
	struct darter_ttls *ttls = hash->ttls;
	u32 i;

	if (!ttls)
		return;
	hash->ttls = NULL;
	index_free(arena, ttls);
	for (i = 0; i < ttls->count; i++)
		ttl_free(arena, ttls->heap[i]);
	heap_free(arena, ttls);
	darter_arena_free(arena, ttls, sizeof(*ttls));
}

/**
 * darter_hash_ttls_bytes() - memory that the deadlines take
 * @hash: the object
 *
 * Return: bytes, as counted in the arena.
 */
u64 darter_hash_ttls_bytes(const struct darter_hash *hash)
{
	const struct darter_ttls *ttls = hash->ttls;
	u64 bytes;

	if (!ttls)
		return 0;
	bytes = darter_arena_footprint(sizeof(*ttls)) + ttls->bytes;
	if (ttls->room)
		bytes += darter_arena_footprint(ttls->room * sizeof(*ttls->heap));
	if (ttls->index)
		bytes += darter_arena_footprint(sizeof(*ttls->index)) +
			 darter_table_bytes(ttls->index);
	return bytes;
}

static struct darter_ttls *ttls_make(struct darter_arena *arena, struct darter_hash *hash)
{
	struct darter_ttls *ttls = darter_arena_alloc(arena, sizeof(*ttls));

	if (!ttls)
		return NULL;
	memset(ttls, 0, sizeof(*ttls));
	ttls->key = hash->table.key;
	hash->ttls = ttls;
	return ttls;
}

static struct darter_ttl *find_ttl(const struct darter_ttls *ttls, const char *name, u32 len)
{
	u32 i;

	if (!ttls)
		return NULL;
	if (ttls->index)
		return darter_table_find(ttls->index, darter_keyed_hash(name, len, ttls->key),
					 name, len);
	for (i = 0; i < ttls->count; i++)
		if (ttl_equal(ttls->heap[i], name, len))
			return ttls->heap[i];
	return NULL;
}

static void heap_put(struct darter_ttls *ttls, u32 at, struct darter_ttl *ttl)
{
	ttls->heap[at] = ttl;
	ttl->at = at;
}

/* Move a record up or down to where its deadline belongs. */
static void heap_sift(struct darter_ttls *ttls, struct darter_ttl *ttl)
{
	u32 at = ttl->at;
	u64 child;

	while (at && ttls->heap[(at - 1) / 2]->deadline > ttl->deadline) {
		heap_put(ttls, at, ttls->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (;;) {
		child = 2 * (u64)at + 1;
		if (child + 1 < ttls->count &&
		    ttls->heap[child + 1]->deadline < ttls->heap[child]->deadline)
			child++;
		if (child >= ttls->count || ttls->heap[child]->deadline >= ttl->deadline)
			break;
		heap_put(ttls, at, ttls->heap[child]);
		at = child;
	}
	heap_put(ttls, at, ttl);
}

static int heap_grow(struct darter_arena *arena, struct darter_ttls *ttls)
{
	u32 room = ttls->room ? 2 * ttls->room : ROOM_MIN;
	struct darter_ttl **heap;

	if (ttls->count < ttls->room)
		return 0;
	if (room > U32_MAX / sizeof(*heap))
		return -ENOMEM;
	heap = darter_arena_alloc(arena, room * sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	if (ttls->count)
		memcpy(heap, ttls->heap, ttls->count * sizeof(*heap));
	heap_free(arena, ttls);
	ttls->heap = heap;
	ttls->room = room;
	return 0;
}

/* An index of all records, once they are too many to look at each. */
static int index_make(struct darter_arena *arena, struct darter_ttls *ttls)
{
	u32 i;

	if (ttls->index || ttls->count < UNINDEXED_MAX)
		return 0;
	ttls->index = darter_arena_alloc(arena, sizeof(*ttls->index));
	if (!ttls->index)
		return -ENOMEM;
	darter_table_init(ttls->index, &index_ops, arena, NULL, ttls->key);
	for (i = 0; i < ttls->count; i++) {
		if (darter_table_insert(ttls->index, hash_of(ttls, ttls->heap[i]),
					ttls->heap[i])) {
			index_free(arena, ttls);
			return -ENOMEM;
		}
	}
	return 0;
}

/* A record that never expires. */
static int add_ttl(struct darter_arena *arena, struct darter_ttls *ttls, const char *name, u32 len)
{
	struct darter_ttl *ttl;

	if (heap_grow(arena, ttls) || index_make(arena, ttls))
		return -ENOMEM;
	ttl = darter_arena_alloc(arena, ttl_size(len));
	if (!ttl)
		return -ENOMEM;
	ttl->deadline = DARTER_TTL_NONE;
	ttl->name_len = len;
	memcpy(ttl->name, name, len);
	if (ttls->index &&
	    darter_table_insert(ttls->index, hash_of(ttls, ttl), ttl)) {
		ttl_free(arena, ttl);
		return -ENOMEM;
	}
	heap_put(ttls, ttls->count++, ttl);
	ttls->bytes += darter_arena_footprint(ttl_size(len));
	return 0;
}

static void remove_ttl(struct darter_arena *arena, struct darter_ttls *ttls,
		       struct darter_ttl *ttl)
{
	struct darter_ttl *last = ttls->heap[--ttls->count];

	if (last != ttl) {
		heap_put(ttls, ttl->at, last);
		heap_sift(ttls, last);
	}
	if (ttls->index)
		darter_table_remove(ttls->index, hash_of(ttls, ttl), ttl->name,
				    ttl->name_len);
	ttls->bytes -= darter_arena_footprint(ttl_size(ttl->name_len));
	ttl_free(arena, ttl);
	if (!ttls->count) {
		index_free(arena, ttls);
		heap_free(arena, ttls);
	}
}

/**
 * darter_hash_ttl() - when a field expires
 * @entry: the entry of a hash
 * @name: of a field
 * @len: of the name
 *
 * Return: ms since the epoch, DARTER_TTL_NONE if it does not.
 */
u64 darter_hash_ttl(const struct darter_entry *entry, const char *name, u32 len)
{
	const struct darter_ttl *ttl = find_ttl(darter_hash_ttls(entry), name, len);

	return ttl ? ttl->deadline : DARTER_TTL_NONE;
}

u64 darter_hash_ttl_first(const struct darter_entry *entry)
{
	const struct darter_ttls *ttls = darter_hash_ttls(entry);

	return ttls && ttls->count ? ttls->heap[0]->deadline : DARTER_TTL_NONE;
}

static int prepare_field(struct darter_arena *arena, struct darter_entry **entry,
			 const siphash_key_t *key, const struct darter_arg *name)
{
	struct darter_hash *hash;
	struct darter_pair pair;

	if (!darter_hash_get(*entry, name->bytes, name->len, &pair) ||
	    find_ttl(darter_hash_ttls(*entry), name->bytes, name->len))
		return 0;
	if (darter_hash_become_object(arena, entry, key))
		return -ENOMEM;
	hash = darter_entry_hash(*entry);
	if (!hash->ttls && !ttls_make(arena, hash))
		return -ENOMEM;
	return add_ttl(arena, hash->ttls, name->bytes, name->len);
}

/**
 * darter_hash_ttl_prepare() - have memory for deadlines of fields
 * @arena: of the hash
 * @entry: the entry of a hash; may be remade, even without success
 * @key: for hashing names
 * @names: of fields, which need not exist
 * @count: how many
 *
 * From now on darter_hash_ttl_set() works for those that exist, up to
 * darter_hash_ttl_settle() with the same names, which must follow.
 *
 * Return: 0, or -ENOMEM when no deadline has changed.
 */
int darter_hash_ttl_prepare(struct darter_arena *arena, struct darter_entry **entry,
			    const siphash_key_t *key, const struct darter_arg *names, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (prepare_field(arena, entry, key, &names[i])) {
			darter_hash_ttl_settle(arena, *entry, names, count);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * darter_hash_ttl_set() - give a field a deadline
 * @entry: the entry of a hash
 * @name: of a field that has one, or is prepared for one
 * @len: of the name
 * @deadline: ms since the epoch
 */
void darter_hash_ttl_set(struct darter_entry *entry, const char *name, u32 len, u64 deadline)
{
	struct darter_ttls *ttls = darter_hash_ttls(entry);
	struct darter_ttl *ttl = find_ttl(ttls, name, len);

	if (WARN_ON_ONCE(!ttl))
		return;
	ttl->deadline = deadline;
	ttls->used = true;
	heap_sift(ttls, ttl);
}

/**
 * darter_hash_ttl_settle() - give back what was prepared and not used
 * @arena: of the hash
 * @entry: the entry of the hash
 * @names: as given to darter_hash_ttl_prepare()
 * @count: how many
 */
void darter_hash_ttl_settle(struct darter_arena *arena, struct darter_entry *entry,
			    const struct darter_arg *names, u32 count)
{
	struct darter_ttls *ttls = darter_hash_ttls(entry);
	struct darter_ttl *ttl;
	u32 i;

	if (!ttls)
		return;
	for (i = 0; i < count; i++) {
		ttl = find_ttl(ttls, names[i].bytes, names[i].len);
		if (ttl && ttl->deadline == DARTER_TTL_NONE)
			remove_ttl(arena, ttls, ttl);
	}
	if (!ttls->used)
		darter_hash_ttls_free(arena, darter_entry_hash(entry));
}

/**
 * darter_hash_ttl_drop() - take a field's deadline away
 * @arena: of the hash
 * @entry: the entry of the hash
 * @name: of a field
 * @len: of the name
 *
 * Return: whether it had one.
 */
bool darter_hash_ttl_drop(struct darter_arena *arena, struct darter_entry *entry,
			  const char *name, u32 len)
{
	struct darter_ttls *ttls = darter_hash_ttls(entry);
	struct darter_ttl *ttl = find_ttl(ttls, name, len);

	if (ttl)
		remove_ttl(arena, ttls, ttl);
	return ttl;
}

/**
 * darter_hash_expire() - delete fields whose deadline has passed
 * @arena: of the hash
 * @entry: the entry of the hash; may be empty afterwards
 * @now: ms since the epoch; a field lives through the millisecond of its deadline
 * @budget: fields at most
 *
 * Return: how many were deleted.
 */
u32 darter_hash_expire(struct darter_arena *arena, struct darter_entry *entry, u64 now,
		       u32 budget)
{
	const struct darter_ttl *ttl;
	u32 done;

	for (done = 0; done < budget && darter_hash_ttl_first(entry) < now; done++) {
		ttl = darter_hash_ttls(entry)->heap[0];
		darter_hash_del(arena, entry, ttl->name, ttl->name_len);
		cond_resched();
	}
	return done;
}

/**
 * darter_hash_ttls_copy() - give a copy of a hash the deadlines of its fields
 * @arena: of the copy
 * @to: the copy, an object without deadlines
 * @from: what it was made from
 *
 * Return: 0, or -ENOMEM with some of them copied.
 */
int darter_hash_ttls_copy(struct darter_arena *arena, struct darter_hash *to,
			  const struct darter_hash *from)
{
	const struct darter_ttls *ttls = from->ttls;
	struct darter_ttls *copy;
	u32 i;

	if (!ttls || !ttls->count)
		return 0;
	copy = ttls_make(arena, to);
	if (!copy)
		return -ENOMEM;
	copy->used = true;
	for (i = 0; i < ttls->count; i++) {
		const struct darter_ttl *ttl = ttls->heap[i];

		if (add_ttl(arena, copy, ttl->name, ttl->name_len))
			return -ENOMEM;
		/* In the order of a heap they are one again. */
		copy->heap[i]->deadline = ttl->deadline;
		cond_resched();
	}
	return 0;
}
