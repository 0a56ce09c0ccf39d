/* SPDX-License-Identifier: GPL-2.0 */
/* Checksums of Redis' formats: CRC16 of cluster slots, CRC64 of RDB and DUMP. */
#ifndef DARTER_CORE_CRC_H
#define DARTER_CORE_CRC_H

#include <linux/types.h>

#define DARTER_SLOTS 16384

u16 darter_crc16(const void *data, size_t len);
u64 darter_crc64(u64 crc, const void *data, size_t len);
u16 darter_key_slot(const char *key, size_t len);

#endif /* DARTER_CORE_CRC_H */
