/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Extended-precision numbers in integer code: what INCRBYFLOAT and HINCRBYFLOAT
 * compute with. The format is the 80-bit one of x87 ("long double" of the ABI):
 * a 64-bit mantissa, exponents from -16445 to 16320 of its last bit.
 */
#ifndef DARTER_CORE_NUMBER_XFLOAT_H
#define DARTER_CORE_NUMBER_XFLOAT_H

#include <linux/types.h>

/* (-1)^negative * mantissa * 2^exponent; the top bit is set unless subnormal. */
struct darter_xfloat {
	u64 mantissa;
	s32 exponent;
	bool negative, infinite, nan;
};

/* A printed number: nearly all fit the struct, the longest have 4951 digits. */
struct darter_xfloat_text {
	const char *bytes;
	u32 len;
	char *allocated;
	char small[48];
};

int darter_xfloat_parse(const char *text, size_t len, struct darter_xfloat *value);
void darter_xfloat_add(const struct darter_xfloat *a, const struct darter_xfloat *b,
		       struct darter_xfloat *sum);
int darter_xfloat_print(const struct darter_xfloat *value, struct darter_xfloat_text *text);
void darter_xfloat_text_free(struct darter_xfloat_text *text);
int darter_xfloat_sum(const char *a, size_t a_len, const char *b, size_t b_len,
		      struct darter_xfloat_text *text);

#endif /* DARTER_CORE_NUMBER_XFLOAT_H */
