/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hash of keys and fields: SipHash-1-3 with a secret of the instance, so that
 * nobody can choose keys that meet in a table. The kernel's own has twice as many
 * rounds for each word; keys are short, and their hash is never told to anybody.
 */
#ifndef DARTER_CORE_KEYED_HASH_H
#define DARTER_CORE_KEYED_HASH_H

#include <linux/siphash.h>
#include <linux/types.h>

u64 darter_keyed_hash(const void *bytes, size_t len, const siphash_key_t *key);

#endif /* DARTER_CORE_KEYED_HASH_H */
