/* SPDX-License-Identifier: GPL-2.0 */
/* SHA-1 (FIPS 180-4), for digests that Redis shows; it protects nothing. Pure. */
#ifndef DARTER_CORE_SHA1_H
#define DARTER_CORE_SHA1_H

#include <linux/types.h>

#define DARTER_SHA1_BYTES 20

void darter_sha1(const void *bytes, size_t len, u8 digest[DARTER_SHA1_BYTES]);

#endif /* DARTER_CORE_SHA1_H */
