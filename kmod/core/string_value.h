/* SPDX-License-Identifier: GPL-2.0 */
/*
 * String values: how they are made, replaced and changed.
 *
 * Short strings are stored in the entry, long ones in blobs. A blob that a reply
 * may still be sent from is never written to: whoever changes it makes a copy
 * first. All functions need the lock of the key's shard.
 */
#ifndef DARTER_CORE_STRING_VALUE_H
#define DARTER_CORE_STRING_VALUE_H

#include <linux/types.h>

#include "keyspace.h"

struct darter_arg;
struct darter_ctx;
struct darter_entry;

/* False, with the error replied, for an entry of another type; none is fine. */
bool darter_check_string(struct darter_ctx *ctx, const struct darter_entry *entry);
/* False, with the error replied, for more bytes than a string may have. */
bool darter_check_string_len(struct darter_ctx *ctx, u64 len);

/*
 * Make a string the value of a key, whatever it was: the argument's blob by
 * reference, other bytes copied. -ENOMEM: nothing has changed.
 */
int darter_store_string(const struct darter_key *key, struct darter_entry *old,
			const struct darter_arg *value, s64 deadline, enum darter_form form);

/*
 * Whether a string with that deadline can be stored where the one in an entry is: a
 * short one whose size class stays the same. Overwriting it then cannot fail, and a
 * string that fitted before fits after it, too.
 */
bool darter_string_fits(const struct darter_entry *old, const struct darter_arg *value,
			s64 deadline);
void darter_string_overwrite(const struct darter_key *key, struct darter_entry *old,
			     const struct darter_arg *value, enum darter_form form);

/* New entries, linked nowhere: with undefined bytes, or with those of an argument. */
struct darter_entry *darter_string_make(const struct darter_key *key, u32 len, s64 deadline);
struct darter_entry *darter_string_of_arg(const struct darter_key *key,
					  const struct darter_arg *value, s64 deadline);

char *darter_string_open(const struct darter_key *key, struct darter_entry *entry, u32 len,
			 u32 zeros_end);
/* It counts as changed in place, though no byte of it was. */
void darter_string_touch(const struct darter_key *key, struct darter_entry *entry);

/* As memcpy() and memset() with zeros, giving way to others now and then. */
void darter_copy_bytes(char *to, const char *from, size_t len);
void darter_zero_bytes(char *to, size_t len);

#endif /* DARTER_CORE_STRING_VALUE_H */
