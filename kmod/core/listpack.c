// SPDX-License-Identifier: GPL-2.0
/*
 * Listpacks, see listpack.h. Elements are encoded as
 *
 *   0xxxxxxx                  number 0..127
 *   10xxxxxx text             text of up to 63 bytes
 *   110xxxxx x8               number of 13 bits, signed
 *   1110xxxx x8 text          text of up to 4095 bytes
 *   0xf0 u32-LE text          longer text
 *   0xf1 .. 0xf4              number of 2, 3, 4, 8 bytes, signed, little-endian
 *
 * followed by the length of all that, seven bits a byte, highest first; every
 * byte but the first has its top bit set.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "bytes.h"
#include "listpack.h"

#define LP_END 0xff
#define LP_COUNT_UNKNOWN U16_MAX
#define TEXT32 0xf0
#define INT16 0xf1
#define INT24 0xf2
#define INT32 0xf3
#define INT64 0xf4

/* Bytes of the trailing length for an element of @len bytes. */
static u32 backlen_size(u32 len)
{
	if (len <= 127)
		return 1;
	if (len < 16383)
		return 2;
	if (len < 2097151)
		return 3;
	return len < 268435455 ? 4 : 5;
}

static u32 put_backlen(u8 *out, u32 len)
{
	u32 size = backlen_size(len), i;

	for (i = size; i--; len >>= 7)
		out[i] = (len & 127) | (i ? 128 : 0);
	return size;
}

static u32 number_bytes(u8 code)
{
	static const u8 bytes[] = { 2, 3, 4, 8 };

	return bytes[code - INT16];
}

/* Encoding and data of the element at @p, of which @left bytes may be read; 0: bad. */
static u32 body_size(const u8 *p, size_t left)
{
	u64 size;

	if (!left)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc0)
		size = 1 + (p[0] & 63);
	else if (p[0] < 0xe0)
		size = 2;
	else if (p[0] < 0xf0)
		size = left < 2 ? 0 : 2 + ((p[0] & 15) << 8 | p[1]);
	else if (p[0] == TEXT32)
		size = left < 5 ? 0 : 5 + darter_get_le(p + 1, 4);
	else if (p[0] <= INT64)
		size = 1 + number_bytes(p[0]);
	else
		return 0;
	return size <= left ? size : 0;
}

/**
 * darter_lp_validate() - check bytes from outside before anything else reads them
 * @lp: the bytes
 * @len: how many
 * @count: set to the number of elements
 *
 * Return: 0 if they are one listpack of that length, sound in every element;
 * else -EINVAL.
 */
int darter_lp_validate(const u8 *lp, size_t len, u32 *count)
{
	size_t at = DARTER_LP_HEADER;
	u32 n = 0;

	if (len < DARTER_LP_EMPTY || len > U32_MAX || darter_get_le(lp, 4) != len ||
	    lp[len - 1] != LP_END)
		return -EINVAL;
	while (at < len - 1) {
		u32 body = body_size(lp + at, len - 1 - at);
		u8 back[5];
		u32 size;

		if (!body)
			return -EINVAL;
		size = put_backlen(back, body);
		at += body;
		if (size > len - 1 - at || memcmp(lp + at, back, size))
			return -EINVAL;
		at += size;
		n++;
	}
	if (darter_get_le(lp + 4, 2) != LP_COUNT_UNKNOWN && darter_get_le(lp + 4, 2) != n)
		return -EINVAL;
	*count = n;
	return 0;
}

/**
 * darter_lp_init() - write a listpack without elements
 * @lp: DARTER_LP_EMPTY bytes
 */
void darter_lp_init(u8 *lp)
{
	darter_put_le(lp, DARTER_LP_EMPTY, 4);
	darter_put_le(lp + 4, 0, 2);
	lp[DARTER_LP_HEADER] = LP_END;
}

u32 darter_lp_bytes(const u8 *lp)
{
	return darter_get_le(lp, 4);
}

u32 darter_lp_first(const u8 *lp)
{
	return lp[DARTER_LP_HEADER] == LP_END ? 0 : DARTER_LP_HEADER;
}

static u32 element_size(const u8 *p)
{
	u32 body;

	/* Short texts are what there is most of. */
	if (p[0] >> 6 == 2)
		return (p[0] & 63) + 2;
	body = body_size(p, U32_MAX);
	return body + backlen_size(body);
}

u32 darter_lp_next(const u8 *lp, u32 at)
{
	at += element_size(lp + at);
	return lp[at] == LP_END ? 0 : at;
}

u32 darter_lp_count(const u8 *lp)
{
	u32 count = darter_get_le(lp + 4, 2), at;

	if (count != LP_COUNT_UNKNOWN)
		return count;
	for (count = 0, at = darter_lp_first(lp); at; at = darter_lp_next(lp, at))
		count++;
	return count;
}

/**
 * darter_lp_get() - read an element
 * @lp: a sound listpack
 * @at: position of the element
 * @value: to fill; a text points into @lp
 */
void darter_lp_get(const u8 *lp, u32 at, struct darter_lp_value *value)
{
	const u8 *p = lp + at;

	value->bytes = NULL;
	value->len = 0;
	if (p[0] < 0x80) {
		value->number = p[0];
	} else if (p[0] < 0xc0) {
		value->bytes = (const char *)p + 1;
		value->len = p[0] & 63;
	} else if (p[0] < 0xe0) {
		value->number = darter_sign_extend((p[0] & 31) << 8 | p[1], 13);
	} else if (p[0] < 0xf0) {
		value->bytes = (const char *)p + 2;
		value->len = (p[0] & 15) << 8 | p[1];
	} else if (p[0] == TEXT32) {
		value->bytes = (const char *)p + 5;
		value->len = darter_get_le(p + 1, 4);
	} else {
		u32 bytes = number_bytes(p[0]);

		value->number = darter_sign_extend(darter_get_le(p + 1, bytes), 8 * bytes);
	}
}

struct darter_lp_text darter_lp_text(const struct darter_lp_value *value,
				     char digits[DARTER_S64_CHARS])
{
	if (value->bytes)
		return (struct darter_lp_text) { value->bytes, value->len };
	return (struct darter_lp_text) { digits, darter_format_s64(digits, value->number) };
}

/* What the element of a text is: a number if it is one in canonical form. */
static bool as_number(const char *bytes, u32 len, s64 *number)
{
	return len < DARTER_S64_CHARS && darter_parse_s64(bytes, len, number);
}

static u32 number_size(s64 n)
{
	if (n >= 0 && n <= 127)
		return 1;
	if (n >= -4096 && n <= 4095)
		return 2;
	if (n >= S16_MIN && n <= S16_MAX)
		return 3;
	if (n >= -8388608 && n <= 8388607)
		return 4;
	return n >= S32_MIN && n <= S32_MAX ? 5 : 9;
}

static u32 put_number(u8 *out, s64 n)
{
	u32 size = number_size(n);

	switch (size) {
	case 1:
		out[0] = n;
		break;
	case 2:
		out[0] = 0xc0 | ((n >> 8) & 31);
		out[1] = n;
		break;
	default:
		out[0] = size == 9 ? INT64 : INT16 + size - 3;
		darter_put_le(out + 1, n, size - 1);
	}
	return size;
}

static u32 text_head(u32 len)
{
	return len < 64 ? 1 : len < 4096 ? 2 : 5;
}

static u32 put_text(u8 *out, const char *bytes, u32 len)
{
	u32 head = text_head(len);

	if (head == 1) {
		out[0] = 0x80 | len;
	} else if (head == 2) {
		out[0] = 0xe0 | len >> 8;
		out[1] = len;
	} else {
		out[0] = TEXT32;
		darter_put_le(out + 1, len, 4);
	}
	memcpy(out + head, bytes, len);
	return head + len;
}

/**
 * darter_lp_encoded_size() - bytes that an element takes
 * @bytes: its text
 * @len: of the text
 *
 * Return: with the trailing length.
 */
u32 darter_lp_encoded_size(const char *bytes, u32 len)
{
	s64 number;
	u32 body = as_number(bytes, len, &number) ? number_size(number) : text_head(len) + len;

	return body + backlen_size(body);
}

static u32 put_element(u8 *out, const struct darter_lp_text *text)
{
	s64 number;
	u32 body;

	if (as_number(text->bytes, text->len, &number))
		body = put_number(out, number);
	else
		body = put_text(out, text->bytes, text->len);
	return body + put_backlen(out + body, body);
}

/**
 * darter_lp_splice() - replace consecutive elements by others, in place
 * @lp: with room for the result
 * @at: position of the first to go; 0: append at the end
 * @remove: how many go
 * @add: what comes there instead; outside of @lp
 * @nadd: how many
 */
void darter_lp_splice(u8 *lp, u32 at, u32 remove, const struct darter_lp_text *add, u32 nadd)
{
	u32 bytes = darter_lp_bytes(lp), count = darter_lp_count(lp);
	u32 begin = at ?: bytes - 1, end = begin, added = 0, i;

	for (i = 0; i < remove; i++)
		end += element_size(lp + end);
	for (i = 0; i < nadd; i++)
		added += darter_lp_encoded_size(add[i].bytes, add[i].len);
	memmove(lp + begin + added, lp + end, bytes - end);
	for (i = 0; i < nadd; i++)
		begin += put_element(lp + begin, &add[i]);
	count += nadd - remove;
	darter_put_le(lp, bytes + added - (end - (begin - added)), 4);
	darter_put_le(lp + 4, min_t(u32, count, LP_COUNT_UNKNOWN), 2);
}

/* A text as it is looked for. */
struct wanted {
	const char *bytes;
	u32 len;
	u8 head, last;			/* bytes of the element that a short one is, else 0 */
	bool is_number;
	s64 number;
};

/*
 * An element of another form than most texts have. A text may be one that looks
 * like a number, or be short and have a long head: others write listpacks too.
 */
static bool is_wanted_slow(const u8 *lp, u32 at, const struct wanted *wanted)
{
	struct darter_lp_value value;

	darter_lp_get(lp, at, &value);
	if (!value.bytes)
		return wanted->is_number && value.number == wanted->number;
	return value.len == wanted->len && !memcmp(value.bytes, wanted->bytes, value.len);
}

static bool is_wanted(const u8 *lp, u32 at, const struct wanted *wanted)
{
	const u8 *p = lp + at;

	if (p[0] >> 6 != 2)
		return is_wanted_slow(lp, at, wanted);
	/* Names of a kind begin alike: their last bytes tell them apart. */
	return p[0] == wanted->head && p[wanted->len] == wanted->last &&
	       !memcmp(p + 1, wanted->bytes, wanted->len);
}

/**
 * darter_lp_find() - look for an element by its text
 * @lp: a sound listpack
 * @at: where to begin; 0: nowhere
 * @bytes: the text
 * @len: of the text
 * @skip: elements to leave out after each that is looked at
 *
 * Return: its position, or 0.
 */
u32 darter_lp_find(const u8 *lp, u32 at, const char *bytes, u32 len, u32 skip)
{
	struct wanted wanted = { .bytes = bytes, .len = len };
	u32 i;

	if (!at)
		return 0;
	wanted.is_number = as_number(bytes, len, &wanted.number);
	if (text_head(len) == 1) {
		wanted.head = 0x80 | len;
		wanted.last = len ? bytes[len - 1] : wanted.head;
	}
	while (lp[at] != LP_END) {
		if (is_wanted(lp, at, &wanted))
			return at;
		at += element_size(lp + at);
		for (i = 0; i < skip && lp[at] != LP_END; i++)
			at += element_size(lp + at);
	}
	return 0;
}
