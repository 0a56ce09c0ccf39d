// SPDX-License-Identifier: GPL-2.0
/*
 * Reference-counted big strings, see blob.h. No locks: the count is atomic and
 * shared contents do not change.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "blob.h"

/* Received bulks end in CRLF, which is read into the blob and not counted. */
#define BLOB_TAIL 2

/**
 * darter_blob_alloc() - make an unfilled blob with one reference
 * @len: bytes of value
 * @room: bytes it shall be able to grow to, at least @len
 *
 * There is room for two more bytes behind the value; whole pages are used up.
 *
 * Context: may sleep.
 * Return: the blob, or NULL when memory is short or @room does not fit.
 */
struct darter_blob *darter_blob_alloc(size_t len, size_t room)
{
	struct darter_blob *blob;
	size_t size;

	if (room > S32_MAX)
		return NULL;
	size = PAGE_ALIGN(struct_size(blob, data, room + BLOB_TAIL));
	blob = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!blob)
		return NULL;
	refcount_set(&blob->refs, 1);
	blob->len = len;
	blob->room = size - sizeof(*blob);
	return blob;
}

/**
 * darter_blob_get() - take one more reference
 * @blob: blob the caller holds a reference to
 *
 * Return: @blob.
 */
struct darter_blob *darter_blob_get(struct darter_blob *blob)
{
	refcount_inc(&blob->refs);
	/* Pairs with blob_is_ours(): who took it without a lock sees that it changes. */
	smp_mb__after_atomic();
	return blob;
}

/**
 * darter_blob_put() - drop a reference, the last one frees
 * @blob: the blob, or NULL
 *
 * Context: process context; big blobs are unmapped.
 */
void darter_blob_put(struct darter_blob *blob)
{
	if (blob && refcount_dec_and_test(&blob->refs))
		kvfree(blob);
}

/**
 * darter_blob_footprint() - memory that a blob occupies
 * @blob: the blob
 *
 * Return: bytes, whole pages.
 */
size_t darter_blob_footprint(const struct darter_blob *blob)
{
	return struct_size(blob, data, (size_t)blob->room);
}
