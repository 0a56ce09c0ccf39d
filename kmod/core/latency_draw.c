// SPDX-License-Identifier: GPL-2.0
/*
 * LATENCY GRAPH: a picture of an event's samples, made of letters.
 *
 * Each sample is a column, the oldest left. A bar stands on it whose height is one
 * of twelve, between the least sample and the greatest: four lines with three
 * heights each, written _ o # from low to high, and | below the top. Under a blank
 * line stands how long ago it was, from top to bottom. What does not fit into a
 * line of 80 goes into another picture below.
 *
 * Pure, but for the text.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "latency.h"
#include "text.h"

#define COLUMNS 80
#define LINES 4
#define STEPS 3			/* heights in a line */
#define LABEL_CHARS 24

/* What is drawn: samples from the oldest, and their range. */
struct picture {
	const struct darter_latency_series *series;
	u64 now;
	u32 count;
	u32 low, high;
};

/* The sample at a place, counted from the oldest that there is. */
static const struct darter_latency_sample *sample_at(const struct picture *picture, u32 place)
{
	const struct darter_latency_series *series = picture->series;
	u32 i, at;

	for (i = 0; i < DARTER_LATENCY_SAMPLES; i++) {
		at = (series->next + i) % DARTER_LATENCY_SAMPLES;
		if (series->samples[at].latency && !place--)
			break;
	}
	return &series->samples[at];
}

static void measure(struct picture *picture)
{
	u32 i;

	picture->low = U32_MAX;
	for (i = 0; i < DARTER_LATENCY_SAMPLES; i++) {
		u32 latency = picture->series->samples[i].latency;

		if (!latency)
			continue;
		picture->count++;
		picture->low = min(picture->low, latency);
		picture->high = max(picture->high, latency);
	}
	if (!picture->count)
		picture->low = 0;
}

static u32 height(const struct picture *picture, u32 place)
{
	u64 range = picture->high - picture->low ?: 1;
	u64 above = sample_at(picture, place)->latency - picture->low;

	return min_t(u64, div64_u64(above * STEPS * LINES, range), STEPS * LINES - 1);
}

static char bar(u32 height, u32 line)
{
	u32 base = (LINES - 1 - line) * STEPS;

	if (height < base)
		return ' ';
	return height - base < STEPS ? "_o#"[height - base] : '|';
}

static u32 format_label(const struct picture *picture, u32 place, char *label)
{
	u64 time = sample_at(picture, place)->time;
	u64 ago = picture->now - min(picture->now, time);

	if (ago < 60)
		return scnprintf(label, LABEL_CHARS, "%llus", ago);
	if (ago < 3600)
		return scnprintf(label, LABEL_CHARS, "%llum", div_u64(ago, 60));
	if (ago < 86400)
		return scnprintf(label, LABEL_CHARS, "%lluh", div_u64(ago, 3600));
	return scnprintf(label, LABEL_CHARS, "%llud", div_u64(ago, 86400));
}

static void add_line(struct darter_text *text, const char *line, u32 len)
{
	darter_text_add(text, "%.*s\n", (int)len, line);
}

static void draw_bars(struct darter_text *text, const struct picture *picture, u32 first,
		      u32 count)
{
	char line[COLUMNS];
	u32 row, i;

	for (row = 0; row < LINES; row++) {
		for (i = 0; i < count; i++)
			line[i] = bar(height(picture, first + i), row);
		add_line(text, line, count);
	}
}

static void draw_labels(struct darter_text *text, const struct picture *picture, u32 first,
			u32 count)
{
	char line[COLUMNS], label[LABEL_CHARS];
	u32 row, i, longest = 1;

	for (row = 0; row < longest; row++) {
		for (i = 0; i < count; i++) {
			u32 len = format_label(picture, first + i, label);

			longest = max(longest, len);
			line[i] = row < len ? label[row] : ' ';
		}
		add_line(text, line, count);
	}
}

void darter_latency_draw(struct darter_text *text, const char *name,
			 const struct darter_latency_series *series, u64 now)
{
	struct picture picture = { .series = series, .now = now };
	char line[COLUMNS];
	u32 first, count;

	measure(&picture);
	darter_text_add(text, "%s - high %u ms, low %u ms (all time high %u ms)\n", name,
			picture.high, picture.low, series->max);
	memset(line, '-', COLUMNS);
	add_line(text, line, COLUMNS);
	for (first = 0; first < picture.count; first += COLUMNS) {
		count = min_t(u32, picture.count - first, COLUMNS);
		if (first)
			darter_text_add(text, "\n");
		draw_bars(text, &picture, first, count);
		memset(line, ' ', count);
		add_line(text, line, count);
		draw_labels(text, &picture, first, count);
	}
}
