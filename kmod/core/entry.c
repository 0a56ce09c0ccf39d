// SPDX-License-Identifier: GPL-2.0
/* Entries, see entry.h: their layout, and nothing of where they are linked. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "arena.h"
#include "bytes.h"
#include "entry.h"
#include "hash.h"
#include "number/integer.h"

/* Up to so many bytes Redis keeps a string in one piece with its header. */
#define EMBEDDED_MAX 44

/**
 * darter_entry_size() - bytes that an entry takes
 * @key_len: bytes of its key
 * @expires: whether it has a deadline
 * @value_len: bytes behind the key
 *
 * Return: the size to ask an arena for.
 */
size_t darter_entry_size(u32 key_len, bool expires, u32 value_len)
{
	size_t node = expires ? sizeof(struct darter_wheel_node) : 0;

	return sizeof(struct darter_entry) + node + key_len + value_len;
}

/**
 * darter_entry_make() - allocate an entry with its key
 * @arena: of the key's shard
 * @key: the key
 * @key_len: its bytes
 * @type: of the value
 * @value_len: bytes to leave for an inline value
 * @deadline: ms since the epoch, or DARTER_NO_DEADLINE
 *
 * The value is to be filled in; the entry is linked nowhere.
 *
 * Context: may sleep.
 * Return: the entry or NULL.
 */
struct darter_entry *darter_entry_make(struct darter_arena *arena, const char *key, u32 key_len,
				       enum darter_type type, u32 value_len, s64 deadline)
{
	bool expires = deadline != DARTER_NO_DEADLINE;
	struct darter_entry *entry;

	entry = darter_arena_alloc(arena, darter_entry_size(key_len, expires, value_len));
	if (!entry)
		return NULL;
	entry->key_len = key_len;
	entry->type = type;
	entry->encoding = DARTER_INLINE;
	entry->expires = expires;
	entry->form = DARTER_FORM_PLAIN;
	entry->value_len = value_len;
	entry->access = 0;
	if (expires)
		darter_entry_node(entry)->deadline = deadline;
	memcpy(darter_entry_key(entry), key, key_len);
	return entry;
}

/**
 * darter_entry_make_ref() - allocate an entry whose value is elsewhere
 * @arena: of the key's shard
 * @key: the key
 * @key_len: its bytes
 * @type: of the value
 * @encoding: of the value, not DARTER_INLINE
 * @value: the value
 * @deadline: ms since the epoch, or DARTER_NO_DEADLINE
 *
 * Context: may sleep.
 * Return: the entry, linked nowhere, or NULL.
 */
struct darter_entry *darter_entry_make_ref(struct darter_arena *arena, const char *key,
					   u32 key_len, enum darter_type type,
					   enum darter_encoding encoding, void *value,
					   s64 deadline)
{
	u32 gap = -key_len % sizeof(value);
	struct darter_entry *entry;

	entry = darter_entry_make(arena, key, key_len, type, gap + sizeof(value), deadline);
	if (!entry)
		return NULL;
	entry->encoding = encoding;
	*(void **)(darter_entry_inline(entry) + gap) = value;
	return entry;
}

/**
 * darter_entry_remake() - make an entry that can take the place of another
 * @arena: of the key's shard
 * @from: the other
 * @value_len: bytes to leave behind the key; as many of the value are copied
 * @deadline: ms since the epoch, or DARTER_NO_DEADLINE
 *
 * Context: may sleep.
 * Return: the entry, linked nowhere, or NULL.
 */
struct darter_entry *darter_entry_remake(struct darter_arena *arena,
					 const struct darter_entry *from, u32 value_len,
					 s64 deadline)
{
	struct darter_entry *entry;

	entry = darter_entry_make(arena, darter_entry_key(from), from->key_len, from->type,
				  value_len, deadline);
	if (!entry)
		return NULL;
	entry->encoding = from->encoding;
	entry->form = from->form;
	entry->access = READ_ONCE(from->access);
	memcpy(darter_entry_inline(entry), darter_entry_inline(from),
	       min(value_len, from->value_len));
	return entry;
}

/**
 * darter_entry_free() - free an entry without its value
 * @arena: where it came from
 * @entry: linked nowhere
 */
void darter_entry_free(struct darter_arena *arena, struct darter_entry *entry)
{
	darter_arena_free(arena, entry,
			  darter_entry_size(entry->key_len, entry->expires, entry->value_len));
}

/**
 * darter_entry_deadline() - when an entry expires
 * @entry: the entry
 *
 * Return: ms since the epoch, or DARTER_NO_DEADLINE.
 */
s64 darter_entry_deadline(const struct darter_entry *entry)
{
	const struct darter_wheel_node *node = (const void *)entry->tail;

	return entry->expires ? READ_ONCE(node->deadline) : DARTER_NO_DEADLINE;
}

bool darter_entry_expired(const struct darter_entry *entry, u64 now)
{
	return entry->expires && darter_entry_deadline(entry) < (s64)now;
}

const char *darter_type_name(enum darter_type type)
{
	static const char *const names[] = {
		[DARTER_STRING] = "string",
		[DARTER_HASH] = "hash",
	};

	return names[type];
}

bool darter_entry_is_number(const struct darter_entry *entry, s64 *number)
{
	char digits[DARTER_S64_CHARS];
	struct darter_string string;

	if (entry->type != DARTER_STRING || READ_ONCE(entry->form) >= DARTER_FORM_TEXT)
		return false;
	string = darter_entry_string(entry);
	if (string.len >= sizeof(digits))
		return false;
	darter_copy_racing(digits, string.bytes, string.len);
	return darter_parse_s64(digits, string.len, number);
}

static const char *encoding_of_hash(const struct darter_entry *entry)
{
	if (!darter_hash_listpack(entry))
		return "hashtable";
	return darter_hash_ttls(entry) ? "listpackex" : "listpack";
}

/**
 * darter_entry_encoding() - how Redis would have encoded a value
 * @entry: the entry
 *
 * Return: the name that OBJECT ENCODING answers.
 */
const char *darter_entry_encoding(const struct darter_entry *entry)
{
	s64 number;

	if (entry->type == DARTER_HASH)
		return encoding_of_hash(entry);
	if (darter_entry_is_number(entry, &number))
		return "int";
	if (READ_ONCE(entry->form) != DARTER_FORM_RAW &&
	    darter_entry_string(entry).len <= EMBEDDED_MAX)
		return "embstr";
	return "raw";
}
