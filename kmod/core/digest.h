/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Digests of keys and of all keys, equal to those of a Redis server with the same
 * contents: DEBUG DIGEST. The order in which keys and fields lie does not matter.
 */
#ifndef DARTER_CORE_DIGEST_H
#define DARTER_CORE_DIGEST_H

#include <linux/types.h>

#include "sha1.h"

struct darter_entry;
struct darter_instance;

struct darter_digest {
	u8 bytes[DARTER_SHA1_BYTES];
};

/* Add an entry's value and whether it expires; its shard is locked. */
void darter_digest_entry(struct darter_digest *digest, const struct darter_entry *entry);
/* Of all databases; all shards are locked. */
void darter_digest_all(struct darter_digest *digest, struct darter_instance *instance);

#endif /* DARTER_CORE_DIGEST_H */
