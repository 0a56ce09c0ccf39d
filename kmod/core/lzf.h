/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LZF, the compression of strings in RDB files and DUMP payloads. Pure functions
 * over bytes; a compressor is used by one caller at a time.
 */
#ifndef DARTER_CORE_LZF_H
#define DARTER_CORE_LZF_H

#include <linux/types.h>

#define DARTER_LZF_HASH_BITS 13

/* What the compressor remembers of where it has been; zeroed before first use. */
struct darter_lzf {
	u32 base;			/* positions up to here belong to earlier inputs */
	u32 heads[1 << DARTER_LZF_HASH_BITS];
};

u32 darter_lzf_compress(struct darter_lzf *lzf, const u8 *in, u32 len, u8 *out, u32 room);
int darter_lzf_length(const u8 *in, size_t len, u64 *out_len);
int darter_lzf_decompress(const u8 *in, size_t len, u8 *out, size_t out_len);

#endif /* DARTER_CORE_LZF_H */
