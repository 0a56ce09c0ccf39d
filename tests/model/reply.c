// SPDX-License-Identifier: GPL-2.0
/*
 * Replies, as bytes. A reply is a span that holds it to its last byte; its elements
 * are found by walking. Nothing here allocates but the sorting of elements.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* The number behind the type; returns the length of the line, 0: not complete. */
static size_t header(struct span span, long *number)
{
	const char *end = memchr(span.at, '\n', span.len);

	if (!end)
		return 0;
	*number = strtol(span.at + 1, NULL, 10);
	return end + 1 - span.at;
}

static long elements_of(char type, long number)
{
	if (number < 0)
		return 0;
	return type == '%' || type == '|' ? 2 * number : number;
}

static long aggregate_length(struct span span, size_t at, long count)
{
	while (count--) {
		long len = reply_length((struct span) { span.at + at, span.len - at });

		if (len <= 0)
			return len;
		at += len;
	}
	return at;
}

long reply_length(struct span span)
{
	long number = 0, len;
	size_t at;

	if (!span.len)
		return 0;
	at = header(span, &number);
	if (!at)
		return span.len > 1 << 20 ? -1 : 0;
	switch (*span.at) {
	case '+': case '-': case ':': case ',': case '(': case '#': case '_':
		return at;
	case '$': case '=': case '!':
		if (number < 0)
			return at;
		return at + number + 2 > span.len ? 0 : (long)(at + number + 2);
	case '*': case '~': case '>': case '%':
		return aggregate_length(span, at, elements_of(*span.at, number));
	case '|':	/* attributes of the reply that follows */
		len = aggregate_length(span, at, elements_of('|', number));
		return len <= 0 ? len : aggregate_length(span, len, 1);
	default:
		return -1;
	}
}

long reply_count(struct span reply)
{
	long number = 0;

	header(reply, &number);
	return strchr("*~>%", *reply.at) ? elements_of(*reply.at, number) : -1;
}

static struct span cut(const char *at, const char *end)
{
	struct span rest = { at, end - at };
	long len = reply_length(rest);

	return (struct span) { at, len > 0 ? len : 0 };
}

struct span reply_first(struct span reply)
{
	long number = 0;

	return cut(reply.at + header(reply, &number), reply.at + reply.len);
}

struct span reply_after(struct span reply, struct span element)
{
	return cut(element.at + element.len, reply.at + reply.len);
}

static bool same_bytes(struct span a, struct span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static int compare_spans(const void *one, const void *other)
{
	const struct span *a = one, *b = other;
	int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);

	return order ?: (a->len > b->len) - (a->len < b->len);
}

/* Elements, or groups of so many, in the order of their bytes. */
static struct span *sorted(struct span reply, long groups, int size)
{
	struct span *found = calloc(groups, sizeof(*found)), element = reply_first(reply);
	long i;
	int j;

	for (i = 0; i < groups; i++) {
		found[i].at = element.at;
		for (j = 0; j < size; j++) {
			found[i].len += element.len;
			element = reply_after(reply, element);
		}
	}
	qsort(found, groups, sizeof(*found), compare_spans);
	return found;
}

static bool same_groups(struct span a, struct span b, int size)
{
	long count = reply_count(a), i;
	struct span *sorted_a, *sorted_b;

	if (*a.at != *b.at || count != reply_count(b) || count <= 0 || count % size)
		return false;
	sorted_a = sorted(a, count / size, size);
	sorted_b = sorted(b, count / size, size);
	for (i = 0; i < count / size && same_bytes(sorted_a[i], sorted_b[i]); i++)
		;
	free(sorted_a);
	free(sorted_b);
	return i == count / size;
}

/* Sorted spans without those that repeat; returns how many are left. */
static long unique(struct span *spans, long count)
{
	long i, kept = 0;

	for (i = 0; i < count; i++)
		if (!kept || !same_bytes(spans[kept - 1], spans[i]))
			spans[kept++] = spans[i];
	return kept;
}

/* Elements in any order, each once or more often. */
static bool same_set(struct span a, struct span b)
{
	long count_a = reply_count(a), count_b = reply_count(b), i;
	struct span *sorted_a, *sorted_b;

	if (count_a < 0 || count_b < 0)
		return false;
	sorted_a = sorted(a, count_a, 1);
	sorted_b = sorted(b, count_b, 1);
	count_a = unique(sorted_a, count_a);
	count_b = unique(sorted_b, count_b);
	for (i = 0; i < count_a && count_a == count_b && same_bytes(sorted_a[i], sorted_b[i]); i++)
		;
	free(sorted_a);
	free(sorted_b);
	return i == count_a && count_a == count_b;
}

/* Where a walk stops is the server's choice, unless both came to the end at once. */
static bool same_scan(struct span a, struct span b)
{
	struct span cursor_a = reply_first(a), cursor_b = reply_first(b);

	if (reply_count(a) != 2 || reply_count(b) != 2)
		return false;
	if (!same_bytes(cursor_a, cursor_b) || memcmp(cursor_a.at, "$1\r\n0", 5))
		return true;
	a = reply_after(a, cursor_a);
	b = reply_after(b, cursor_b);
	return same_set(a, b);
}

static bool same_kind(struct span a, struct span b)
{
	return *a.at == *b.at && *a.at != '-' && memcmp(a.at, "$-1", 3) && memcmp(b.at, "$-1", 3);
}

/* Random picks: as many, of the same kinds. */
static bool same_shape(struct span a, struct span b)
{
	struct span x, y;
	long count = reply_count(a), i;

	if (!same_kind(a, b) || count != reply_count(b))
		return false;
	if (count <= 0)
		return true;
	x = reply_first(a);
	y = reply_first(b);
	for (i = 0; i < count && same_shape(x, y); i++) {
		x = reply_after(a, x);
		y = reply_after(b, y);
	}
	return i == count;
}

/* Times that were asked for a moment apart: seconds, milliseconds, or the reply of TIME. */
static bool same_about(struct span a, struct span b)
{
	long long x, y;

	if (*a.at == '*')
		return same_shape(a, b);
	if (*a.at != ':' || *b.at != ':')
		return false;
	x = strtoll(a.at + 1, NULL, 10);
	y = strtoll(b.at + 1, NULL, 10);
	return x >= 0 && y >= 0 && llabs(x - y) <= 2000;
}

/* Payloads without version and checksum; a table (type 4) has no order. */
static bool same_dump(struct span a, struct span b)
{
	long x = 0, y = 0;
	size_t at_a = header(a, &x), at_b = header(b, &y);

	if (*a.at != '$' || *b.at != '$' || x != y || x < 11)
		return false;
	return !memcmp(a.at + at_a, b.at + at_b, x - 10) ||
	       (a.at[at_a] == 4 && b.at[at_b] == 4);
}

bool reply_alike(enum likeness likeness, struct span a, struct span b)
{
	if (same_bytes(a, b))
		return true;
	switch (likeness) {
	case LIKE_UNORDERED:
		return same_groups(a, b, 1);
	case LIKE_SET:
		return same_set(a, b);
	case LIKE_PAIRS:
		return same_groups(a, b, 2);
	case LIKE_SCAN:
		return same_scan(a, b);
	case LIKE_SHAPE:
		return same_shape(a, b);
	case LIKE_KIND:
		return same_kind(a, b);
	case LIKE_NEAR:
		return same_about(a, b);
	case LIKE_DUMP:
		return same_dump(a, b);
	default:
		return false;
	}
}
