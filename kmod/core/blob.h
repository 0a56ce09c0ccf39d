/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blobs: big strings that live outside the arenas and are shared by reference.
 *
 * A blob is filled by one owner (the connection that receives it) and is
 * immutable from the moment a second reference exists, so that replies can be
 * sent from it while its key is overwritten.
 */
#ifndef DARTER_CORE_BLOB_H
#define DARTER_CORE_BLOB_H

#include <linux/refcount.h>
#include <linux/types.h>

/* Bulk arguments of at least this many bytes are received into a blob. */
#define DARTER_BLOB_MIN 16384

struct darter_blob {
	refcount_t refs;
	u32 len;		/* bytes of value */
	u32 room;		/* bytes that data has room for, the value's included */
	char data[];
};

struct darter_blob *darter_blob_alloc(size_t len, size_t room);
struct darter_blob *darter_blob_get(struct darter_blob *blob);
void darter_blob_put(struct darter_blob *blob);
size_t darter_blob_footprint(const struct darter_blob *blob);

#endif /* DARTER_CORE_BLOB_H */
