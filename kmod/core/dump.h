/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DUMP payloads: a value as Redis 7.2 writes it to RDB files.
 *
 *   type | value | version (u16 LE) | CRC64 of all before (u64 LE)
 *
 * Payloads come from anywhere: a checksum does not make one trustworthy.
 */
#ifndef DARTER_CORE_DUMP_H
#define DARTER_CORE_DUMP_H

#include <linux/types.h>

#include "command.h"
#include "entry.h"
#include "hash.h"

struct darter_arena;
struct darter_blob;

/* The RDB version that is written; older ones are read. */
#define DARTER_DUMP_VERSION 11

/* What restoring needs to know of the place where a value goes. */
struct darter_dump_target {
	struct darter_arena *arena;	/* of the key's shard, locked */
	const char *key;
	u32 key_len;
	s64 deadline;			/* of the key, or DARTER_NO_DEADLINE */
	struct darter_hash_rules rules;
	u64 max_len;			/* of a string: proto-max-bulk-len */
};

/* A value out of a payload that is not stored yet. */
struct darter_restored {
	struct darter_entry *entry;	/* the key with a hash; NULL: a string */
	struct darter_arg string;	/* in the payload, the digits or the blob */
	char digits[DARTER_S64_CHARS];
	struct darter_blob *blob;	/* what was decompressed, NULL: nothing */
};

struct darter_blob *darter_dump(const struct darter_entry *entry, bool compress);
bool darter_dump_verify(const void *payload, size_t len);
int darter_dump_load(const struct darter_dump_target *target, const void *payload, size_t len,
		     struct darter_restored *restored);
void darter_dump_discard(const struct darter_dump_target *target,
			 struct darter_restored *restored);

#endif /* DARTER_CORE_DUMP_H */
