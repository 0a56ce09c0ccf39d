/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Self-check: what is known of an instance twice, held against each other.
 *
 * A check walks one shard after the other, in steps. Each step holds the lock of
 * one shard for so many entries, fields, wheel nodes or slabs, and then lets others
 * go on; so it runs while clients are served. What a thing says of itself and of its
 * neighbours is looked at in one step. What holds for a whole shard or database, as
 * the number of keys, is added up over the steps, and compared only if nothing has
 * changed since they began; arenas and wheels count their changes. A shard where
 * something did counts as unsure, which is no error. With @whole a shard is walked
 * under one hold of its lock: then its sums always count, and its clients wait.
 *
 * A check follows pointers. Where memory is overwritten by who does not own it, it
 * finds what is wrong or meets a bad pointer; it is no substitute for KASAN.
 */
#ifndef DARTER_CORE_CHECK_H
#define DARTER_CORE_CHECK_H

#include <linux/compiler.h>
#include <linux/types.h>

struct darter_entry;
struct darter_hash;
struct darter_instance;
struct darter_segment;
struct darter_shard;
struct darter_table;
struct darter_wheel;
struct darter_wheel_node;

/* What one step looks at, and how much it can tell. */
#define DARTER_CHECK_BUDGET 256
#define DARTER_CHECK_FINDINGS 16
/* Longest parts of a finding; a key that is longer is cut. */
#define DARTER_FINDING_KEY 128
#define DARTER_FINDING_WHAT 128

/* Something that is wrong. */
struct darter_finding {
	s32 shard, db;			/* -1: of none in particular */
	s32 key_len;			/* -1: of no key */
	char key[DARTER_FINDING_KEY];
	char what[DARTER_FINDING_WHAT];
};

/* Where the walk through a table is, and what it has met. */
struct darter_check_walk {
	const struct darter_entry *of;	/* whose value the table is, NULL: of keys */
	const struct darter_segment *segment;	/* that it is in, only compared; NULL: in none */
	u32 prefix;			/* it is in that segment, and all before it is done */
	u32 slot;			/* the next in it, overflow segments included */
	u64 items;
	u32 segments, deepest, overflow;
};

/* How often something has changed; more is retired until something is freed. */
struct darter_check_marks {
	u64 arena, retired, wheels;
};

struct darter_check {
	struct darter_instance *instance;
	bool whole;

	/* where it is */
	u32 index;			/* of the shard */
	u32 stage, db;
	struct darter_shard *shard;	/* that is locked, NULL between steps */
	u32 budget;			/* left of this step */
	struct darter_check_walk keys;
	struct {			/* in a value that takes several steps */
		const struct darter_entry *of;	/* only compared, as is hash; NULL: in none */
		const struct darter_hash *hash;
		u32 part, record;
		u64 bytes;		/* of records */
		struct darter_check_marks since;
		struct darter_check_walk fields, records;
	} value;
	u32 slot;			/* of a wheel, those of all levels in one row */
	u32 class, slabs;		/* slabs: still to come of the class */
	u32 bucket;			/* of watched keys */

	/* of the database, as added up so far */
	u64 expiring, waiting;
	s64 deadline_sum;
	/* of the shard */
	u64 bytes, blob_bytes;
	u64 slab_objects, slab_bytes;	/* bytes of objects, and of slabs */
	bool slabs_unsure;		/* some may have been seen twice, or never */
	u32 watched;
	u32 *slots;			/* keys in each slot, NULL: they are not counted */
	struct darter_check_marks db_since, shard_since;

	/* what findings are about; NULL: no key */
	const struct darter_entry *entry;
	bool in_db;

	/* what has come out so far; @found is for the caller to empty between steps */
	u64 entries, errors;
	u32 unsure;			/* shards whose sums could not be compared */
	bool changed;			/* this one's, so far */
	u32 nfound;
	struct darter_finding found[DARTER_CHECK_FINDINGS];
};

int darter_check_init(struct darter_check *check, struct darter_instance *instance, bool whole);
/* Free what it has allocated, wherever it is. */
void darter_check_destroy(struct darter_check *check);
bool darter_check_step(struct darter_check *check);
u64 darter_check_all(struct darter_instance *instance,
		     void (*tell)(void *arg, const struct darter_finding *finding), void *arg);

/* The parts, each in a file of its own; under the shard's lock. */
__printf(2, 3) void darter_check_found(struct darter_check *check, const char *format, ...);
bool darter_check_walk(struct darter_check *check, struct darter_check_walk *walk,
		       const struct darter_table *table,
		       bool (*look)(struct darter_check *check, void *item));
void darter_check_walked(struct darter_check *check, const struct darter_check_walk *walk,
			 const struct darter_table *table, const char *what);
bool darter_check_entry(struct darter_check *check, void *item);
void darter_check_object(struct darter_check *check, const void *object, size_t size,
			 const char *what);
bool darter_check_class(struct darter_check *check);
void darter_check_arena(struct darter_check *check);
void darter_check_node(struct darter_check *check, const struct darter_wheel *wheel,
		       const struct darter_wheel_node *node, const char *what);
bool darter_check_wheel(struct darter_check *check, const struct darter_wheel *wheel,
			void (*look)(struct darter_check *check,
				     const struct darter_wheel_node *node));
/* What has changed so far in the database that the check has come to. */
struct darter_check_marks darter_check_mark_db(const struct darter_check *check);
/* Whether nothing has changed between two marks. */
bool darter_check_same(const struct darter_check_marks *a, const struct darter_check_marks *b);

#endif /* DARTER_CORE_CHECK_H */
