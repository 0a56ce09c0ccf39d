// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/listpack.c kmod/core/number/integer.c */
/* Listpacks against an array of strings, and against damaged bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/listpack.h"

#define ELEMENTS 60

static u8 buffer[1 << 20];
static char *model[ELEMENTS + 8];
static u32 nmodel;

static char *random_text(void)
{
	static const u32 lengths[] = { 0, 1, 5, 62, 63, 64, 65, 127, 128, 4094, 4095, 4096, 5000 };
	char *text;

	if (rand() % 2) {
		long long n = (long long)((u64)rand() << 33 ^ (u64)rand() << 11 ^ rand());

		assert_true(asprintf(&text, "%lld", n >> rand() % 64) > 0);
		return text;
	}
	u32 len = lengths[rand() % (sizeof(lengths) / sizeof(*lengths))];

	text = malloc(len + 1);
	memset(text, 'a' + rand() % 26, len);
	text[len] = '\0';
	return text;
}

static struct darter_lp_text lp_text(const char *text)
{
	return (struct darter_lp_text) { text, strlen(text) };
}

static void check(void)
{
	u32 at = darter_lp_first(buffer), i, count;

	assert_int_equal(darter_lp_validate(buffer, darter_lp_bytes(buffer), &count), 0);
	assert_int_equal(count, nmodel);
	assert_int_equal(darter_lp_count(buffer), nmodel);
	for (i = 0; i < nmodel; i++, at = darter_lp_next(buffer, at)) {
		struct darter_lp_value value;
		struct darter_lp_text text;
		char digits[DARTER_S64_CHARS];

		assert_true(at);
		darter_lp_get(buffer, at, &value);
		text = darter_lp_text(&value, digits);
		assert_int_equal(text.len, strlen(model[i]));
		assert_memory_equal(text.bytes, model[i], text.len);
	}
	assert_int_equal(at, 0);
}

static u32 position(u32 index)
{
	u32 at = darter_lp_first(buffer);

	while (index-- && at)
		at = darter_lp_next(buffer, at);
	return at;
}

static void empty_model(void)
{
	while (nmodel)
		free(model[--nmodel]);
	darter_lp_init(buffer);
}

static void splices_like_an_array(void **state)
{
	int round;

	srand(5);
	empty_model();
	for (round = 0; round < 5000; round++) {
		u32 index = nmodel ? rand() % (nmodel + 1) : 0, nadd = rand() % 4, i;
		u32 remove = rand() % 4;
		struct darter_lp_text add[4];

		if (nmodel >= ELEMENTS)
			remove = 4;
		if (remove > nmodel - index)
			remove = nmodel - index;
		for (i = 0; i < remove; i++)
			free(model[index + i]);
		memmove(&model[index + nadd], &model[index + remove],
			(nmodel - index - remove) * sizeof(*model));
		for (i = 0; i < nadd; i++) {
			model[index + i] = random_text();
			add[i] = lp_text(model[index + i]);
		}
		darter_lp_splice(buffer, index == nmodel ? 0 : position(index), remove, add, nadd);
		nmodel += nadd - remove;
		check();
		if (nmodel > ELEMENTS)
			empty_model();
	}
	empty_model();
}

static void finds_by_text(void **state)
{
	struct darter_lp_text add[] = {
		lp_text("field"), lp_text("17"), lp_text("17"), lp_text("field"), lp_text("-5"),
		lp_text("x"),
	};

	darter_lp_init(buffer);
	darter_lp_splice(buffer, 0, 0, add, 6);
	assert_int_equal(darter_lp_find(buffer, darter_lp_first(buffer), "17", 2, 0), position(1));
	assert_int_equal(darter_lp_find(buffer, darter_lp_first(buffer), "17", 2, 1), position(2));
	assert_int_equal(darter_lp_find(buffer, darter_lp_first(buffer), "-5", 2, 1), position(4));
	assert_int_equal(darter_lp_find(buffer, darter_lp_first(buffer), "x", 1, 1), 0);
	assert_int_equal(darter_lp_find(buffer, darter_lp_first(buffer), "05", 2, 0), 0);
}

/* The hash f=1 g=hello, by hand from the format. */
static void reads_known_bytes(void **state)
{
	u8 bytes[] = {
		0x16, 0, 0, 0, 4, 0, 0x81, 'f', 2, 1, 1, 0x81, 'g', 2,
		0x85, 'h', 'e', 'l', 'l', 'o', 6, 0xff,
	};
	u32 count;

	assert_int_equal(darter_lp_validate(bytes, sizeof(bytes), &count), 0);
	assert_int_equal(count, 4);
	bytes[0]--;
	assert_int_equal(darter_lp_validate(bytes, sizeof(bytes), &count), -EINVAL);
}

/* Whatever is damaged is refused, or harmless to walk; the heap copy is exact. */
static void damage_is_harmless(void **state)
{
	int round;

	srand(9);
	for (round = 0; round < 20000; round++) {
		struct darter_lp_text add[3];
		u32 len, count, i, at;
		char *texts[3];
		u8 *copy;

		darter_lp_init(buffer);
		for (i = 0; i < 3; i++) {
			texts[i] = random_text();
			add[i] = lp_text(texts[i]);
		}
		darter_lp_splice(buffer, 0, 0, add, 3);
		len = darter_lp_bytes(buffer);
		if (rand() % 4 == 0)
			len = rand() % len;
		copy = malloc(len + !len);
		memcpy(copy, buffer, len);
		for (i = rand() % 3; i && len; i--)
			copy[rand() % (len < 20 || rand() % 2 ? len : 20)] = rand();
		if (!darter_lp_validate(copy, len, &count)) {
			for (at = darter_lp_first(copy); at; at = darter_lp_next(copy, at)) {
				struct darter_lp_value value;

				darter_lp_get(copy, at, &value);
				if (value.bytes)
					assert_true(value.bytes + value.len <= (char *)copy + len);
				count--;
			}
			assert_int_equal(count, 0);
		}
		free(copy);
		for (i = 0; i < 3; i++)
			free(texts[i]);
	}
}

/* What looks alike is told apart, whichever lengths the texts have. */
static void finds_among_texts_that_look_alike(void **state)
{
	char text[140], other[140];
	u32 len, i;

	memset(text, 'a', sizeof(text));
	for (len = 1; len < sizeof(text); len++) {
		struct darter_lp_text add[4] = { { other, len }, { "", 0 }, { text, len - 1 },
						 { text, len } };

		for (i = 0; i < len; i++) {
			memset(other, 'a', sizeof(other));
			other[i] = 'b';
			darter_lp_init(buffer);
			darter_lp_splice(buffer, 0, 0, add, 4);
			assert_int_equal(darter_lp_find(buffer, DARTER_LP_HEADER, text, len, 0),
					 position(3));
			assert_int_equal(darter_lp_find(buffer, DARTER_LP_HEADER, other, len, 0),
					 position(0));
			assert_int_equal(darter_lp_find(buffer, DARTER_LP_HEADER, "", 0, 0),
					 position(1));
		}
	}
}

/* Others may write a short text with a long head, and a number as a text. */
static void finds_what_others_encode(void **state)
{
	static const u8 foreign[] = {
		22, 0, 0, 0, 3, 0,
		0xe0, 2, 'a', 'b', 4,			/* 12-bit length */
		0xf0, 1, 0, 0, 0, 'c', 6,		/* 32-bit length */
		0x81, '7', 2,				/* a digit as a text */
		0xff,
	};
	const u8 *lp = foreign;
	u32 count;

	assert_int_equal(darter_lp_validate(lp, sizeof(foreign), &count), 0);
	assert_int_equal(darter_lp_find(lp, DARTER_LP_HEADER, "ab", 2, 0), DARTER_LP_HEADER);
	assert_int_equal(darter_lp_find(lp, DARTER_LP_HEADER, "c", 1, 0), DARTER_LP_HEADER + 5);
	assert_int_equal(darter_lp_find(lp, DARTER_LP_HEADER, "7", 1, 0), DARTER_LP_HEADER + 12);
	assert_int_equal(darter_lp_find(lp, DARTER_LP_HEADER, "8", 1, 0), 0);
	assert_int_equal(darter_lp_find(lp, DARTER_LP_HEADER, "", 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splices_like_an_array),
		cmocka_unit_test(finds_by_text),
		cmocka_unit_test(finds_among_texts_that_look_alike),
		cmocka_unit_test(finds_what_others_encode),
		cmocka_unit_test(reads_known_bytes),
		cmocka_unit_test(damage_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
