/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: a key with its value, one allocation from the shard's arena.
 *
 *   struct darter_entry | [wheel node with deadline] | key | value
 *
 * The wheel node exists only in entries that expire; gaining or losing it
 * relocates the entry. The value is a string or the listpack of a small hash, or
 * else, aligned for it, a pointer to what the value is. All is under the lock of
 * the shard; but once an entry is linked, readers without it may look at its head,
 * its key and deadline, and at a string, see guard.h.
 */
#ifndef DARTER_CORE_ENTRY_H
#define DARTER_CORE_ENTRY_H

#include <linux/align.h>
#include <linux/compiler.h>
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
	DARTER_INLINE,		/* string, or hash as a listpack: follows the key */
	DARTER_BLOB,		/* string: in a blob */
	DARTER_OBJECT,		/* hash: in a struct darter_hash */
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
	u32 value_len;			/* bytes behind the key */
	u32 access;			/* last used, seconds since the epoch; 0: not yet */
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

/* Where an inline value begins. */
static inline char *darter_entry_inline(const struct darter_entry *entry)
{
	return darter_entry_key(entry) + entry->key_len;
}

/* What the value is, where it is not inline. */
static inline void *darter_entry_ref(const struct darter_entry *entry)
{
	return *(void **)PTR_ALIGN(darter_entry_inline(entry), sizeof(void *));
}

static inline struct darter_blob *darter_entry_blob(const struct darter_entry *entry)
{
	return darter_entry_ref(entry);
}

static inline struct darter_hash *darter_entry_hash(const struct darter_entry *entry)
{
	return darter_entry_ref(entry);
}

/**
 * darter_entry_string() - the bytes of a string value
 * @entry: an entry of type DARTER_STRING
 *
 * Return: valid while the shard is locked and the entry unchanged; or inside
 * rcu_read_lock(), as far as the shard's guard says so.
 */
static inline struct darter_string darter_entry_string(const struct darter_entry *entry)
{
	if (READ_ONCE(entry->encoding) == DARTER_BLOB) {
		struct darter_blob *blob = darter_entry_blob(entry);

		return (struct darter_string) {
			.bytes = blob->data,
			.len = READ_ONCE(blob->len),
			.blob = blob,
		};
	}
	return (struct darter_string) {
		.bytes = darter_entry_inline(entry),
		.len = READ_ONCE(entry->value_len),
	};
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
size_t darter_entry_size(u32 key_len, bool expires, u32 value_len);
struct darter_entry *darter_entry_make(struct darter_arena *arena, const char *key, u32 key_len,
				       enum darter_type type, u32 value_len, s64 deadline);
struct darter_entry *darter_entry_make_ref(struct darter_arena *arena, const char *key,
					   u32 key_len, enum darter_type type,
					   enum darter_encoding encoding, void *value,
					   s64 deadline);
struct darter_entry *darter_entry_remake(struct darter_arena *arena,
					 const struct darter_entry *from, u32 value_len,
					 s64 deadline);
void darter_entry_free(struct darter_arena *arena, struct darter_entry *entry);
/* The name that OBJECT ENCODING answers. */
const char *darter_entry_encoding(const struct darter_entry *entry);
/* Whether Redis would keep it as a number. */
bool darter_entry_is_number(const struct darter_entry *entry, s64 *number);

#endif /* DARTER_CORE_ENTRY_H */
