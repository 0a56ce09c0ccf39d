/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: a key with its value, one allocation from the shard's arena.
 *
 *   struct darter_entry | [wheel node with deadline] | key | inline string
 *
 * The wheel node exists only in entries that expire; gaining or losing it
 * relocates the entry. Values that do not fit inline hang off by a pointer. All
 * is under the lock of the shard.
 */
#ifndef DARTER_CORE_ENTRY_H
#define DARTER_CORE_ENTRY_H

#include <linux/types.h>

#include "blob.h"
#include "wheel.h"

struct darter_arena;
struct darter_hash;

#define DARTER_NO_DEADLINE (-1LL)

enum darter_type {
	DARTER_STRING,
	DARTER_HASH,
};

enum darter_encoding {
	DARTER_INLINE,		/* string: bytes follow the key */
	DARTER_BLOB,		/* string: in a blob */
	DARTER_OBJECT,		/* hash: in the struct darter_hash */
};

/* How a string came to be, which OBJECT tells; Redis stores it accordingly. */
enum darter_form {
	DARTER_FORM_PLAIN,		/* set: a number if it looks like one */
	DARTER_FORM_COPY,		/* the same, of a number that nobody shares */
	DARTER_FORM_TEXT,		/* no number, whatever it looks like */
	DARTER_FORM_RAW,		/* was changed in place */
};

struct darter_entry {
	u32 key_len;
	u8 type;			/* enum darter_type */
	u8 encoding;			/* enum darter_encoding */
	bool expires;			/* has a wheel node */
	u8 form;			/* enum darter_form */
	u32 value_len;			/* inline strings: bytes */
	u32 access;			/* last used, seconds since the epoch; 0: not yet */
	union {
		struct darter_blob *blob;
		struct darter_hash *hash;
	};
	char tail[];
};

/* A string value in either encoding. */
struct darter_string {
	const char *bytes;
	u32 len;
	struct darter_blob *blob;	/* NULL: inline */
};

static inline struct darter_wheel_node *darter_entry_node(struct darter_entry *entry)
{
	return (struct darter_wheel_node *)entry->tail;
}

static inline char *darter_entry_key(const struct darter_entry *entry)
{
	return (char *)entry->tail + (entry->expires ? sizeof(struct darter_wheel_node) : 0);
}

/* Where the inline string begins. */
static inline char *darter_entry_inline(const struct darter_entry *entry)
{
	return darter_entry_key(entry) + entry->key_len;
}

/* The entry that holds a node in the wheel. */
static inline struct darter_entry *darter_entry_of_node(struct darter_wheel_node *node)
{
	return (struct darter_entry *)((char *)node - offsetof(struct darter_entry, tail));
}

/* The name that TYPE answers. */
const char *darter_type_name(enum darter_type type);
/* A key lives through the millisecond of its deadline. */
bool darter_entry_expired(const struct darter_entry *entry, u64 now);
s64 darter_entry_deadline(const struct darter_entry *entry);
size_t darter_entry_size(u32 key_len, bool expires, u32 inline_len);
struct darter_entry *darter_entry_make(struct darter_arena *arena, const char *key, u32 key_len,
				       enum darter_type type, u32 inline_len, s64 deadline);
void darter_entry_free(struct darter_arena *arena, struct darter_entry *entry);
struct darter_string darter_entry_string(const struct darter_entry *entry);
/* The name that OBJECT ENCODING answers. */
const char *darter_entry_encoding(const struct darter_entry *entry);
/* Whether Redis would keep it as a number. */
bool darter_entry_is_number(const struct darter_entry *entry, s64 *number);

#endif /* DARTER_CORE_ENTRY_H */
