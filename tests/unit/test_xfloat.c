// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/number/xfloat.c kmod/core/number/integer.c tests/shim/shim.c */
/* Extended precision against the C library's long double, digit for digit. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/number/xfloat.h"

static u64 seed = 88172645463325252ULL;

static u64 random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static long double to_native(const struct darter_xfloat *x)
{
	long double value = x->infinite ? INFINITY : ldexpl(x->mantissa, x->exponent);

	return x->negative ? -value : value;
}

static struct darter_xfloat from_native(long double value)
{
	struct darter_xfloat x = { .negative = signbit(value), .exponent = -16445 };
	unsigned char bytes[16] = { };
	u16 head;

	memcpy(bytes, &value, 10);
	memcpy(&x.mantissa, bytes, 8);
	memcpy(&head, bytes + 8, 2);
	head &= 0x7fff;
	if (x.mantissa)
		x.exponent = head ? head - 16383 - 63 : -16445;
	return x;
}

/* What Redis takes: strtold() over all of it, no NaN, no overflow or underflow. */
static bool native_parse(const char *text, long double *value)
{
	char *end;

	errno = 0;
	*value = strtold(text, &end);
	return *text && *text != ' ' && !*end && !isnan(*value) &&
	       !(errno == ERANGE && (isinf(*value) || *value == 0));
}

static void check_parse(const char *text)
{
	struct darter_xfloat got;
	long double want;
	bool ok = native_parse(text, &want);

	if ((!darter_xfloat_parse(text, strlen(text), &got)) != ok)
		fail_msg("'%s' is %s number", text, ok ? "a" : "no");
	if (ok && (to_native(&got) != want || signbit(to_native(&got)) != signbit(want)))
		fail_msg("'%s' is %La, not %La", text, want, to_native(&got));
}

static void native_print(long double value, char *out, size_t room)
{
	int len = snprintf(out, room, "%.17Lf", value);

	while (out[len - 1] == '0')
		len--;
	if (out[len - 1] == '.')
		len--;
	out[len] = '\0';
	if (!strcmp(out, "-0"))
		strcpy(out, "0");
}

static void check_print(long double value)
{
	struct darter_xfloat x = from_native(value);
	struct darter_xfloat_text text;
	static char want[6000];

	native_print(value, want, sizeof(want));
	assert_int_equal(darter_xfloat_print(&x, &text), 0);
	if (text.len != strlen(want) || memcmp(text.bytes, want, text.len))
		fail_msg("%La prints %.*s, not %s", value, (int)text.len, text.bytes, want);
	darter_xfloat_text_free(&text);
}

static long double random_value(void)
{
	s32 scale = random64() % 8 ? (s32)(random64() % 160) - 140 :
				     (s32)(random64() % 32829) - 16445;
	u64 mantissa = random64();
	long double value;

	if (random64() % 4 == 0)
		mantissa >>= random64() % 64;
	value = ldexpl(mantissa, scale - 40);
	if (isinf(value))
		value = 1;
	return random64() & 1 ? -value : value;
}

static void special_texts(void **state)
{
	static const char *const texts[] = {
		"0", "-0", "1", "+1", "-1", "1.5", ".5", "5.", ".", "", "-", "+", "e5", "1e", "1e+",
		"1e5", "1E-5", "1e4931", "1.18e4932", "1.19e4932", "1e4933", "1e-4931", "3.7e-4951",
		"1e-4951", "1.8e-4951", "1.9e-4951", "1e-4960", "1e99999999999", "1e-99999999999",
		"0e99999999999", "inf", "-inf", "Infinity", "INF", "infin", "nan", "NaN", "nan(1)",
		"0x", "0x1", "0x1p3", "0X1.8P-1", "0x.8", "0x1p", "0x1p16383", "0x1p16384",
		"0x1p-16445", "0x1p-16446", "0x1.8p-16446", "0x1.ffffffffffffffffp0", "1 ", "1a",
		"18446744073709551615", "18446744073709551616", "18446744073709551617",
		"9223372036854775807.5", "0.1", "0.2", "0.30000000000000000001", "1.1.1", "--1",
		"0.000000000000000005", "0.0000000000000000149999999", "00012", "0x00001p1",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		check_parse(texts[i]);
}

static void random_texts(void **state)
{
	char text[256];
	int i;

	for (i = 0; i < 150000; i++) {
		snprintf(text, sizeof(text), "%.*Lg", 1 + (int)(random64() % 24), random_value());
		check_parse(text);
		snprintf(text, sizeof(text), "%lld.%llu", (long long)random64() >> random64() % 64,
			 (unsigned long long)random64());
		check_parse(text);
		snprintf(text, sizeof(text), "%La", random_value());
		check_parse(text);
	}
}

/* The hardest to round: exactly between two numbers, and just beside. */
static void halfway_texts(void **state)
{
	static char text[40000];
	int i;

	for (i = 0; i < 400; i++) {
		long double value = fabsl(random_value());
		size_t len;

		/* All digits of a number with one more bit than fits. */
		len = snprintf(text, sizeof(text), "%.*Lf", 60, value);
		if (len > 5000)
			continue;
		check_parse(text);
		text[len - 1] = '1';
		check_parse(text);
	}
	check_parse("9223372036854775808.5");
	check_parse("9223372036854775809.5");
	check_parse("18446744073709551614.5");
	check_parse("18446744073709551615.5");
	check_parse("18446744073709551615.4999999999999999999999999999999999");
}

static void random_prints(void **state)
{
	int i;

	for (i = 0; i < 300000; i++) {
		long double value = random_value();

		/* Few of the long ones: the C library is slow there. */
		if (fabsl(value) > 1e30L && i % 100)
			continue;
		check_print(value);
	}
	check_print(0.0L);
	check_print(-0.0L);
	check_print(0.5L);
	check_print(0.999999999999999999L);
	check_print(ldexpl(1, 16383));
}

static void random_sums(void **state)
{
	int i;

	for (i = 0; i < 1000000; i++) {
		long double a = random_value(), b = random_value(), want;
		struct darter_xfloat x, y;

		if (i % 3 == 0)
			b = -a * (1 + (long double)(random64() % 9) * 0x1p-63L);
		x = from_native(a);
		y = from_native(b);
		want = a + b;
		darter_xfloat_add(&x, &y, &x);
		if (to_native(&x) != want)
			fail_msg("%La + %La is %La, not %La", a, b, want, to_native(&x));
	}
}

static void sums_as_redis_prints_them(void **state)
{
	static const struct {
		const char *a, *b, *sum;
	} sums[] = {
		{ "0.1", "0.2", "0.3" },
		{ "3.0e3", "200", "3200" },
		{ "5.0e3", "-5000", "0" },
		{ "10.50", "0.1", "10.6" },
		{ "1", "1.1e-17", "1.00000000000000001" },
	};
	struct darter_xfloat_text text;
	size_t i;

	for (i = 0; i < sizeof(sums) / sizeof(*sums); i++) {
		assert_int_equal(darter_xfloat_sum(sums[i].a, strlen(sums[i].a), sums[i].b,
						   strlen(sums[i].b), &text), 0);
		assert_int_equal(text.len, strlen(sums[i].sum));
		assert_memory_equal(text.bytes, sums[i].sum, text.len);
		darter_xfloat_text_free(&text);
	}
	assert_int_equal(darter_xfloat_sum("1e4932", 6, "1e4932", 6, &text), -ERANGE);
	assert_int_equal(darter_xfloat_sum("inf", 3, "-inf", 4, &text), -ERANGE);
	assert_int_equal(darter_xfloat_sum("x", 1, "1", 1, &text), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(special_texts),
		cmocka_unit_test(random_texts),
		cmocka_unit_test(halfway_texts),
		cmocka_unit_test(random_prints),
		cmocka_unit_test(random_sums),
		cmocka_unit_test(sums_as_redis_prints_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
