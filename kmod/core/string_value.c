// SPDX-License-Identifier: GPL-2.0
/* String values, see string_value.h. Runs under the lock of the key's shard. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "bytes.h"
#include "command.h"
#include "instance.h"
#include "reply.h"
#include "string_value.h"

/* So many bytes are written at a stretch. */
#define STRETCH (1024 * 1024)

bool darter_check_string(struct darter_ctx *ctx, const struct darter_entry *entry)
{
	if (!entry || entry->type == DARTER_STRING)
		return true;
	darter_reply_wrong_type(ctx);
	return false;
}

bool darter_check_string_len(struct darter_ctx *ctx, u64 len)
{
	if (len <= READ_ONCE(ctx->instance->config.max_bulk_len) && len <= S32_MAX)
		return true;
	darter_reply_error(ctx,
			   "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
	return false;
}

void darter_copy_bytes(char *to, const char *from, size_t len)
{
	for (; len > STRETCH; len -= STRETCH, to += STRETCH, from += STRETCH) {
		memcpy(to, from, STRETCH);
		cond_resched();
	}
	memcpy(to, from, len);
}

void darter_zero_bytes(char *to, size_t len)
{
	for (; len > STRETCH; len -= STRETCH, to += STRETCH) {
		memset(to, 0, STRETCH);
		cond_resched();
	}
	memset(to, 0, len);
}

/* Takes over the caller's reference to @blob if it succeeds. */
static struct darter_entry *make_blob(const struct darter_key *key, struct darter_blob *blob,
				      s64 deadline)
{
	struct darter_entry *entry;

	entry = darter_entry_make_ref(&key->shard->arena, key->bytes, key->len, DARTER_STRING,
				      DARTER_BLOB, blob, deadline);
	if (!entry)
		return NULL;
	key->shard->blob_bytes += darter_blob_footprint(blob);
	return entry;
}

static struct darter_entry *make_owned_blob(const struct darter_key *key,
					    struct darter_blob *blob, s64 deadline)
{
	struct darter_entry *entry = blob ? make_blob(key, blob, deadline) : NULL;

	if (!entry)
		darter_blob_put(blob);
	return entry;
}

/**
 * darter_string_make() - make an entry with a string to be filled in
 * @key: the key that it is for
 * @len: bytes of the string, S32_MAX at most
 * @deadline: ms since the epoch, or DARTER_NO_DEADLINE
 *
 * Context: may sleep.
 * Return: the entry, linked nowhere, or NULL when memory is short.
 */
struct darter_entry *darter_string_make(const struct darter_key *key, u32 len, s64 deadline)
{
	if (len < DARTER_BLOB_MIN)
		return darter_entry_make(&key->shard->arena, key->bytes, key->len, DARTER_STRING,
					 len, deadline);
	return make_owned_blob(key, darter_blob_alloc(len, len), deadline);
}

/**
 * darter_string_of_arg() - make an entry with the bytes of an argument
 * @key: the key that it is for
 * @value: the argument; if it lies in a blob of its own, that is shared
 * @deadline: ms since the epoch, or DARTER_NO_DEADLINE
 *
 * Context: may sleep.
 * Return: the entry, linked nowhere, or NULL when memory is short.
 */
struct darter_entry *darter_string_of_arg(const struct darter_key *key,
					  const struct darter_arg *value, s64 deadline)
{
	struct darter_entry *entry;

	if (value->blob && value->len >= DARTER_BLOB_MIN)
		return make_owned_blob(key, darter_blob_get(value->blob), deadline);
	entry = darter_string_make(key, value->len, deadline);
	if (entry)
		memcpy((char *)darter_entry_string(entry).bytes, value->bytes, value->len);
	return entry;
}

bool darter_string_fits(const struct darter_entry *old, const struct darter_arg *value,
			s64 deadline)
{
	size_t have, want;

	if (!old || old->type != DARTER_STRING || old->encoding != DARTER_INLINE ||
	    value->len >= DARTER_BLOB_MIN || darter_entry_deadline(old) != deadline)
		return false;
	if (old->value_len == value->len)
		return true;
	have = darter_entry_size(old->key_len, old->expires, old->value_len);
	want = darter_entry_size(old->key_len, old->expires, value->len);
	return darter_arena_footprint(have) == darter_arena_footprint(want) &&
	       want <= DARTER_ARENA_SMALL_MAX;
}

void darter_string_overwrite(const struct darter_key *key, struct darter_entry *old,
			     const struct darter_arg *value, enum darter_form form)
{
	darter_guard_open(&key->shard->guard, key->hash);
	darter_copy(darter_entry_inline(old), value->bytes, value->len);
	WRITE_ONCE(old->value_len, value->len);
	WRITE_ONCE(old->form, form);
	darter_key_changed(key);
}

static int put_or_discard(const struct darter_key *key, struct darter_entry *old,
			  struct darter_entry *entry)
{
	if (!entry)
		return -ENOMEM;
	if (!darter_key_put(key, old, entry))
		return 0;
	darter_key_discard(key, entry);
	return -ENOMEM;
}

int darter_store_string(const struct darter_key *key, struct darter_entry *old,
			const struct darter_arg *value, s64 deadline, enum darter_form form)
{
	struct darter_entry *entry;

	if (darter_string_fits(old, value, deadline)) {
		darter_string_overwrite(key, old, value, form);
		return 0;
	}
	entry = darter_string_of_arg(key, value, deadline);
	if (entry) {
		entry->form = form;
		entry->access = old ? READ_ONCE(old->access) : 0;
	}
	return put_or_discard(key, old, entry);
}

/* Whether the bytes of a blob may be changed and it can become @len long. */
static bool blob_is_ours(const struct darter_entry *entry, u32 len)
{
	const struct darter_blob *blob;

	if (entry->encoding != DARTER_BLOB)
		return false;
	blob = darter_entry_blob(entry);
	/* Pairs with darter_blob_get(): a reader sees the open stripe, or is seen. */
	smp_mb();
	return refcount_read(&blob->refs) == 1 && len <= blob->room;
}

/* Blobs that grow once are likely to grow again. */
static struct darter_blob *grown_blob(u32 old_len, u32 len)
{
	struct darter_blob *blob = NULL;

	if (old_len && old_len < len)
		blob = darter_blob_alloc(len, min_t(u64, (u64)len + len / 2, S32_MAX));
	return blob ?: darter_blob_alloc(len, len);
}

/* A new entry with the old contents and @len bytes, those beyond undefined. */
static struct darter_entry *resized_entry(const struct darter_key *key,
					  const struct darter_entry *old, u32 len)
{
	struct darter_string string = { .bytes = "" };
	s64 deadline = DARTER_NO_DEADLINE;
	struct darter_entry *entry;

	if (old) {
		string = darter_entry_string(old);
		deadline = darter_entry_deadline(old);
	}
	if (len < DARTER_BLOB_MIN)
		entry = darter_string_make(key, len, deadline);
	else
		entry = make_owned_blob(key, grown_blob(string.len, len), deadline);
	if (entry) {
		entry->access = old ? READ_ONCE(old->access) : 0;
		darter_copy_bytes((char *)darter_entry_string(entry).bytes, string.bytes,
				  string.len);
	}
	return entry;
}

void darter_string_touch(const struct darter_key *key, struct darter_entry *entry)
{
	darter_guard_open(&key->shard->guard, key->hash);
	WRITE_ONCE(entry->form, DARTER_FORM_RAW);
}

/**
 * darter_string_open() - make the string at a key writable
 * @key: the key
 * @entry: its entry, a string; NULL: there is none and it is made
 * @len: bytes that the string shall have at least, S32_MAX at most
 * @zeros_end: bytes that are new and lie before this one are zero; others that
 *	are new are the caller's to fill
 *
 * The key counts as changed, and its entry may have been replaced.
 *
 * Context: may sleep.
 * Return: the bytes of the string, or NULL when memory is short: then nothing
 * has changed.
 */
char *darter_string_open(const struct darter_key *key, struct darter_entry *entry, u32 len,
			 u32 zeros_end)
{
	u32 old_len = entry ? darter_entry_string(entry).len : 0;
	struct darter_entry *target = entry;
	char *bytes;

	len = max(len, old_len);
	darter_guard_open(&key->shard->guard, key->hash);
	if (entry && blob_is_ours(entry, len)) {
		WRITE_ONCE(darter_entry_blob(entry)->len, len);
	} else if (!entry || entry->encoding != DARTER_INLINE || len != old_len) {
		target = resized_entry(key, entry, len);
		if (put_or_discard(key, entry, target))
			return NULL;
	}
	if (target == entry)
		darter_key_changed(key);
	WRITE_ONCE(target->form, DARTER_FORM_RAW);
	bytes = (char *)darter_entry_string(target).bytes;
	if (zeros_end > old_len)
		darter_zero_bytes(bytes + old_len, zeros_end - old_len);
	return bytes;
}
