// SPDX-License-Identifier: GPL-2.0
/*
 * Extended-precision numbers without an FPU, see xfloat.h.
 *
 * Reading is exact: the decimal number is a fraction of two big integers, whose
 * quotient is produced bit by bit until the mantissa is full, and rounded to
 * nearest, ties to even, by what remains. Printing gives 17 digits after the
 * point, rounded the same way, without trailing zeros, as Redis prints.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "integer.h"
#include "xfloat.h"

/* Redis reads a number from at most this many bytes, less one. */
#define TEXT_MAX 5120
#define EXPONENT_MIN (-16445)
#define EXPONENT_MAX 16320
/* Decimal exponents beyond these are infinite, or zero. */
#define DECIMAL_MAX 4940
#define DECIMAL_MIN (-4970)
/* Powers of ten up to 10^(TEXT_MAX - DECIMAL_MIN) need 33520 bits. */
#define LIMBS 1060
#define FRACTION_DIGITS 17
#define FRACTION_ONE 100000000000000000ULL

struct big {
	u32 used;			/* limbs; the last is not 0 */
	u32 limbs[LIMBS];		/* lowest first */
};

struct fraction {
	struct big above, below;
};

static void big_set(struct big *n, u32 value)
{
	n->limbs[0] = value;
	n->used = value ? 1 : 0;
}

/* n = n * factor + carry; what does not fit cannot come here, see LIMBS. */
static void big_mul_add(struct big *n, u32 factor, u32 carry)
{
	u64 sum = carry;
	u32 i;

	for (i = 0; i < n->used; i++) {
		sum += (u64)n->limbs[i] * factor;
		n->limbs[i] = sum;
		sum >>= 32;
	}
	if (sum && n->used < LIMBS)
		n->limbs[n->used++] = sum;
}

static void big_mul_power_of_ten(struct big *n, u32 power)
{
	for (; power >= 9; power -= 9)
		big_mul_add(n, 1000000000, 0);
	for (; power; power--)
		big_mul_add(n, 10, 0);
}

static u32 big_bits(const struct big *n)
{
	return n->used ? 32 * n->used - __builtin_clz(n->limbs[n->used - 1]) : 0;
}

static void big_shift_left(struct big *n, u32 bits)
{
	u32 limbs = bits / 32, rest = bits % 32, i;

	if (!n->used || !bits)
		return;
	if (n->used + limbs + 1 > LIMBS)
		limbs = LIMBS - 1 - n->used;
	n->limbs[n->used] = 0;
	for (i = n->used + 1; i--;) {
		u64 pair = (u64)n->limbs[i] << 32 | (i ? n->limbs[i - 1] : 0);

		n->limbs[i + limbs] = pair << rest >> 32;
	}
	memset(n->limbs, 0, limbs * sizeof(u32));
	n->used += limbs + 1;
	if (!n->limbs[n->used - 1])
		n->used--;
}

static int big_compare(const struct big *a, const struct big *b)
{
	u32 i;

	if (a->used != b->used)
		return a->used < b->used ? -1 : 1;
	for (i = a->used; i--;)
		if (a->limbs[i] != b->limbs[i])
			return a->limbs[i] < b->limbs[i] ? -1 : 1;
	return 0;
}

/* a -= b, which is not greater. */
static void big_subtract(struct big *a, const struct big *b)
{
	s64 carry = 0;
	u32 i;

	for (i = 0; i < a->used; i++) {
		carry += (s64)a->limbs[i] - (i < b->used ? b->limbs[i] : 0);
		a->limbs[i] = carry;
		carry >>= 32;
	}
	while (a->used && !a->limbs[a->used - 1])
		a->used--;
}

static u32 big_div_small(struct big *n, u32 divisor)
{
	u64 rest = 0;
	u32 i;

	for (i = n->used; i--;) {
		rest = rest << 32 | n->limbs[i];
		n->limbs[i] = rest / divisor;
		rest %= divisor;
	}
	while (n->used && !n->limbs[n->used - 1])
		n->used--;
	return rest;
}

/* Make the number of a rounded mantissa: bring back what rounding carried out. */
static int finish(struct darter_xfloat *value, u64 mantissa, bool carry, s32 exponent)
{
	if (carry) {
		mantissa = 1ULL << 63;
		exponent++;
	}
	value->mantissa = mantissa;
	value->exponent = mantissa ? exponent : EXPONENT_MIN;
	return exponent > EXPONENT_MAX ? -ERANGE : 0;
}

/* above / below * 2^0 as a rounded number; both are destroyed. */
static int divide(struct fraction *f, struct darter_xfloat *value)
{
	struct big *above = &f->above, *below = &f->below;
	s32 scale = (s32)big_bits(above) - (s32)big_bits(below);
	u32 bits = 64, i;
	u64 mantissa = 0;
	s32 exponent;
	bool up;
	int half;

	if (scale > 0)
		big_shift_left(below, scale);
	else
		big_shift_left(above, -scale);
	if (big_compare(above, below) < 0) {
		big_shift_left(above, 1);
		scale--;
	}
	/* Now 1 <= above / below < 2, and the value is that times 2^scale. */
	exponent = scale - 63;
	if (exponent < EXPONENT_MIN) {
		if (EXPONENT_MIN - exponent > 64)
			return -ERANGE;
		bits = 64 - (EXPONENT_MIN - exponent);
		exponent = EXPONENT_MIN;
	}
	for (i = 0; i < bits; i++) {
		mantissa <<= 1;
		if (big_compare(above, below) >= 0) {
			big_subtract(above, below);
			mantissa |= 1;
		}
		big_shift_left(above, 1);
	}
	half = big_compare(above, below);
	up = half > 0 || (!half && mantissa & 1);
	mantissa += up;
	if (!mantissa && !(up && bits == 64))
		return -ERANGE;
	return finish(value, mantissa, up && !mantissa, exponent);
}

/* The digits of a number, point removed, as an integer. */
struct digits {
	const char *first, *end;	/* with the point among them */
	s32 exponent;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* An exponent after its letter, kept within what cannot matter any more. */
static const char *read_exponent(const char *at, const char *end, s32 *exponent)
{
	bool negative = false;
	s32 value = 0;

	if (at < end && (*at == '+' || *at == '-'))
		negative = *at++ == '-';
	if (at == end || !is_digit(*at))
		return NULL;
	for (; at < end && is_digit(*at); at++)
		value = min(value * 10 + (*at - '0'), 1000000);
	*exponent = negative ? -value : value;
	return at;
}

static int parse_decimal(const char *at, const char *end, struct fraction *f,
			 struct darter_xfloat *value)
{
	s32 exponent = 0, point = 0, digits = 0;
	bool any = false, past_point = false;

	big_set(&f->above, 0);
	big_set(&f->below, 1);
	for (; at < end && (is_digit(*at) || (*at == '.' && !past_point)); at++) {
		if (*at == '.') {
			past_point = true;
			continue;
		}
		any = true;
		point += past_point;
		digits += digits || *at != '0';
		if (f->above.used || *at != '0') {
			if (!f->above.used)
				big_set(&f->above, *at - '0');
			else
				big_mul_add(&f->above, 10, *at - '0');
		}
	}
	if (!any)
		return -EINVAL;
	if (at < end && lower(*at) == 'e') {
		at = read_exponent(at + 1, end, &exponent);
		if (!at)
			return -EINVAL;
	}
	if (at != end)
		return -EINVAL;
	if (!f->above.used)
		return 0;
	exponent -= point;
	if (digits + exponent > DECIMAL_MAX || digits + exponent < DECIMAL_MIN)
		return -ERANGE;
	if (exponent >= 0)
		big_mul_power_of_ten(&f->above, exponent);
	else
		big_mul_power_of_ten(&f->below, -exponent);
	return divide(f, value);
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_hex(const char *at, const char *end, struct fraction *f,
		     struct darter_xfloat *value)
{
	s32 exponent = 0, point = 0;
	bool any = false, past_point = false;

	big_set(&f->above, 0);
	big_set(&f->below, 1);
	for (; at < end && (hex_value(*at) >= 0 || (*at == '.' && !past_point)); at++) {
		if (*at == '.') {
			past_point = true;
			continue;
		}
		any = true;
		point += past_point;
		if (!f->above.used)
			big_set(&f->above, hex_value(*at));
		else
			big_mul_add(&f->above, 16, hex_value(*at));
	}
	if (!any)
		return -EINVAL;
	if (at < end && lower(*at) == 'p') {
		at = read_exponent(at + 1, end, &exponent);
		if (!at)
			return -EINVAL;
	}
	if (at != end)
		return -EINVAL;
	if (!f->above.used)
		return 0;
	exponent -= 4 * point;
	if ((s32)big_bits(&f->above) + exponent > 16384 + 64 ||
	    (s32)big_bits(&f->above) + exponent < EXPONENT_MIN - 64)
		return -ERANGE;
	if (exponent >= 0)
		big_shift_left(&f->above, exponent);
	else
		big_shift_left(&f->below, -exponent);
	return divide(f, value);
}

static bool is_word(const char *at, const char *end, const char *word)
{
	for (; at < end && *word; at++, word++)
		if (lower(*at) != *word)
			return false;
	return at == end && !*word;
}

/* Most numbers are short: no fraction is needed for up to 19 digits without point. */
static bool parse_short(const char *at, const char *end, struct darter_xfloat *value)
{
	u64 sum = 0;

	if (at == end || end - at > 19)
		return false;
	for (; at < end; at++) {
		if (!is_digit(*at))
			return false;
		sum = sum * 10 + (*at - '0');
	}
	value->exponent = sum ? -__builtin_clzll(sum) : EXPONENT_MIN;
	value->mantissa = sum ? sum << -value->exponent : 0;
	return true;
}

/**
 * darter_xfloat_parse() - read a number as Redis does
 * @text: decimal or hexadecimal, or "inf", in full; no blanks
 * @len: its bytes
 * @value: set to the nearest number
 *
 * What strtold() takes, less what Redis rejects: NaN, what overflows or
 * underflows to zero, more than 5119 bytes.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if it is no such number, -ENOMEM.
 */
int darter_xfloat_parse(const char *text, size_t len, struct darter_xfloat *value)
{
	const char *at = text, *end = text + len;
	struct fraction *f;
	int err;

	memset(value, 0, sizeof(*value));
	value->exponent = EXPONENT_MIN;
	if (!len || len >= TEXT_MAX)
		return -EINVAL;
	if (*at == '+' || *at == '-')
		value->negative = *at++ == '-';
	if (is_word(at, end, "inf") || is_word(at, end, "infinity")) {
		value->infinite = true;
		return 0;
	}
	if (parse_short(at, end, value))
		return 0;
	f = kvmalloc(sizeof(*f), GFP_KERNEL | __GFP_NOWARN);
	if (!f)
		return -ENOMEM;
	if (end - at > 2 && at[0] == '0' && lower(at[1]) == 'x')
		err = parse_hex(at + 2, end, f, value);
	else
		err = parse_decimal(at, end, f, value);
	kvfree(f);
	return err ? -EINVAL : 0;
}

static u32 clz128(unsigned __int128 n)
{
	u64 high = n >> 64;

	return high ? __builtin_clzll(high) : 64 + __builtin_clzll((u64)n);
}

/* n >> bits, with the last bit set if any of those shifted out was. */
static unsigned __int128 shift_sticky(unsigned __int128 n, u32 bits)
{
	if (!bits)
		return n;
	if (bits > 127)
		return n != 0;
	return n >> bits | ((n & (((unsigned __int128)1 << bits) - 1)) != 0);
}

/* Round n * 2^exponent, n not 0, to a number. */
static void round128(unsigned __int128 n, s32 exponent, struct darter_xfloat *value)
{
	s32 drop = 64 - (s32)clz128(n);
	u64 mantissa;
	unsigned __int128 rest;
	bool up;

	drop = max(drop, EXPONENT_MIN - exponent);
	if (drop <= 0) {
		finish(value, (u64)n << -drop, false, exponent + drop);
		return;
	}
	mantissa = n >> drop;
	rest = n & (((unsigned __int128)1 << drop) - 1);
	up = rest > (unsigned __int128)1 << (drop - 1) ||
	     (rest == (unsigned __int128)1 << (drop - 1) && mantissa & 1);
	mantissa += up;
	if (finish(value, mantissa, up && !mantissa, exponent + drop))
		value->infinite = true;
}

/**
 * darter_xfloat_add() - add two numbers
 * @a: a number
 * @b: a number
 * @sum: set to the nearest number to their sum; may be @a or @b
 */
void darter_xfloat_add(const struct darter_xfloat *a, const struct darter_xfloat *b,
		       struct darter_xfloat *sum)
{
	const struct darter_xfloat *big = a, *small = b;
	struct darter_xfloat result = { .exponent = EXPONENT_MIN };
	unsigned __int128 x, y;

	if (a->infinite || b->infinite || a->nan || b->nan) {
		result.nan = a->nan || b->nan ||
			     (a->infinite && b->infinite && a->negative != b->negative);
		result.infinite = !result.nan;
		result.negative = a->infinite ? a->negative : b->negative;
		*sum = result;
		return;
	}
	if (a->exponent < b->exponent ||
	    (a->exponent == b->exponent && a->mantissa < b->mantissa)) {
		big = b;
		small = a;
	}
	/* 62 bits below the last one: enough that sticky bits round right. */
	x = (unsigned __int128)big->mantissa << 62;
	y = shift_sticky((unsigned __int128)small->mantissa << 62, big->exponent - small->exponent);
	result.negative = big->negative;
	x = big->negative == small->negative ? x + y : x - y;
	if (x)
		round128(x, big->exponent - 62, &result);
	else
		result.negative = a->negative && b->negative;
	*sum = result;
}

/* Digits of a number without fraction that needs more than 64 bits. */
static int print_big(const struct darter_xfloat *value, struct darter_xfloat_text *text)
{
	struct big *n = kvmalloc(sizeof(*n), GFP_KERNEL | __GFP_NOWARN);
	char *at;

	text->allocated = kvmalloc(TEXT_MAX, GFP_KERNEL | __GFP_NOWARN);
	if (!n || !text->allocated) {
		kvfree(n);
		kvfree(text->allocated);
		text->allocated = NULL;
		return -ENOMEM;
	}
	n->limbs[0] = value->mantissa;
	n->limbs[1] = value->mantissa >> 32;
	n->used = 2;
	big_shift_left(n, value->exponent);
	at = text->allocated + TEXT_MAX;
	while (n->used) {
		u32 group = big_div_small(n, 1000000000), i;

		for (i = 0; i < 9 && (n->used || group); i++, group /= 10)
			*--at = '0' + group % 10;
	}
	if (value->negative)
		*--at = '-';
	text->bytes = at;
	text->len = text->allocated + TEXT_MAX - at;
	kvfree(n);
	return 0;
}

/* Split a number below 2^64 into its integer and 17 rounded decimal places. */
static void split_fraction(const struct darter_xfloat *value, u64 *whole, u64 *fraction)
{
	s32 shift = -value->exponent;
	unsigned __int128 product, rest;

	*whole = shift < 64 ? value->mantissa >> shift : 0;
	*fraction = 0;
	if (!shift || shift > 127)
		return;
	product = shift < 64 ? value->mantissa & ((1ULL << shift) - 1) : value->mantissa;
	product *= FRACTION_ONE;
	rest = product & (((unsigned __int128)1 << shift) - 1);
	*fraction = product >> shift;
	if (rest > (unsigned __int128)1 << (shift - 1) ||
	    (rest == (unsigned __int128)1 << (shift - 1) && *fraction & 1))
		++*fraction;
	if (*fraction == FRACTION_ONE) {
		*fraction = 0;
		++*whole;
	}
}

/**
 * darter_xfloat_print() - write a number as Redis does
 * @value: finite
 * @text: set to it; to be freed with darter_xfloat_text_free()
 *
 * Fixed notation, at most 17 digits behind the point, no trailing zeros, no
 * negative zero.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int darter_xfloat_print(const struct darter_xfloat *value, struct darter_xfloat_text *text)
{
	u64 whole, fraction;
	char *at = text->small;
	u32 digits;

	text->allocated = NULL;
	if (value->exponent > 0)
		return print_big(value, text);
	split_fraction(value, &whole, &fraction);
	if (value->negative && (whole || fraction))
		*at++ = '-';
	at += darter_format_u64(at, whole);
	if (fraction) {
		*at++ = '.';
		for (digits = darter_digits_u64(fraction); digits < FRACTION_DIGITS; digits++)
			*at++ = '0';
		while (!(fraction % 10))
			fraction /= 10;
		at += darter_format_u64(at, fraction);
	}
	text->bytes = text->small;
	text->len = at - text->small;
	return 0;
}

/**
 * darter_xfloat_text_free() - free what printing allocated
 * @text: a printed number
 */
void darter_xfloat_text_free(struct darter_xfloat_text *text)
{
	kvfree(text->allocated);
}

/**
 * darter_xfloat_sum() - add two numbers given as text
 * @a: a number
 * @a_len: its bytes
 * @b: a number
 * @b_len: its bytes
 * @text: set to the printed sum; to be freed on success
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if one is no number, -ERANGE if the sum is not finite,
 * -ENOMEM.
 */
int darter_xfloat_sum(const char *a, size_t a_len, const char *b, size_t b_len,
		      struct darter_xfloat_text *text)
{
	struct darter_xfloat x, y;
	int err = darter_xfloat_parse(a, a_len, &x) ?: darter_xfloat_parse(b, b_len, &y);

	if (err)
		return err;
	darter_xfloat_add(&x, &y, &x);
	if (x.infinite || x.nan)
		return -ERANGE;
	return darter_xfloat_print(&x, text);
}
