/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: a key with its value, one allocation from the shard's arena.
 *
 *   struct darter_entry | [deadline section] | key bytes | inline string bytes
 *
 * The deadline section (wheel node and 64-bit deadline in ms) exists only in
 * entries that expire; gaining or losing it relocates the entry. Values that do
 * not fit inline hang off the entry by a pointer. All under the shard's lock.
 */
#ifndef DARTER_CORE_ENTRY_H
#define DARTER_CORE_ENTRY_H

#include <linux/types.h>

#include "blob.h"
#include "wheel.h"

enum darter_type {
	DARTER_STRING,
	DARTER_HASH,
	DARTER_NTYPES,
};

enum darter_encoding {
	DARTER_INLINE,		/* string: bytes follow the key */
	DARTER_BLOB,		/* string: in a blob */
	DARTER_LISTPACK,	/* hash: one listpack from the arena */
	DARTER_TABLE,		/* hash: nested table */
};

struct darter_hash;

struct darter_entry {
	u32 key_len;
	u8 type;			/* enum darter_type */
	u8 encoding;			/* enum darter_encoding */
	u8 volatile_key;		/* has the deadline section */
	u8 spare;
	u32 value_len;			/* inline strings: bytes */
	u32 access;			/* clock of the last access, for eviction to come */
	union {
		struct darter_blob *blob;
		struct darter_hash *hash;
	};
	char tail[];
};

#endif /* DARTER_CORE_ENTRY_H */
