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
 *
 * Context: may sleep.
 * Return: the blob, or NULL when memory is short or @len does not fit.
 */
struct darter_blob *darter_blob_alloc(size_t len)
{
	struct darter_blob *blob;

	if (len > U32_MAX - BLOB_TAIL)
		return NULL;
	blob = kvmalloc(struct_size(blob, data, len + BLOB_TAIL),
			GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!blob)
		return NULL;
	refcount_set(&blob->refs, 1);
	blob->len = len;
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
 * Return: bytes, whole pages as the allocator hands them out.
 */
size_t darter_blob_footprint(const struct darter_blob *blob)
{
	return round_up(struct_size(blob, data, (size_t)blob->len + BLOB_TAIL),
			PAGE_SIZE);
}
