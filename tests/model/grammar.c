// SPDX-License-Identifier: GPL-2.0
/*
 * The grammar: rules, read from a file, that sentences are made of.
 *
 *	name: words | words
 *		words
 *
 * One of a rule's alternatives is taken, each as often as its weight says: a first
 * word like 5x, else 1. The words of an alternative are arguments; `;` parts commands
 * that belong together, `!` in front says that the arguments must stay as they are,
 * and `-` stands for nothing. In a word <name> stands for what a rule, or one of the
 * makers below, makes: several arguments where the word is nothing else. <again> is the
 * argument behind the name of the first command once more. \xHH is a byte, "" the empty
 * argument. A line that begins with # is a comment.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "tools.h"

#define MAX_RULES	256
#define DEPTH		60

struct part {
	struct span literal;		/* if neither of the following is set */
	const struct rule *rule;
	void (*make)(struct bytes *out, struct chance *chance, const struct shape *shape,
		     int64_t low, int64_t high);
	int64_t low, high;
	bool again;
	struct part *next;
};

struct word {
	struct part *parts;
	bool separator;
	struct word *next;
};

struct alternative {
	unsigned int weight;
	bool verbatim;
	struct word *words;
};

struct rule {
	char name[32];
	struct alternative *alternatives;
	unsigned int count, weight;
};

struct grammar {
	struct rule rules[MAX_RULES];
	unsigned int count;
};

/* Makers: each appends to an argument. */

static void make_int(struct bytes *out, struct chance *chance, const struct shape *shape,
		     int64_t low, int64_t high)
{
	bytes_format(out, "%lld", (long long)chance_between(chance, low, high));
}

static void make_scale(struct bytes *out, struct chance *chance, const struct shape *shape,
		       int64_t low, int64_t high)
{
	long long value = low + chance_scale(chance, high - low);

	bytes_format(out, "%lld", value);
}

static void make_number(struct bytes *out, struct chance *chance, const struct shape *shape,
			int64_t low, int64_t high)
{
	bytes_format(out, "%lld", (long long)chance_between(chance, 0, shape->keys - 1));
}

static void make_random(struct bytes *out, struct chance *chance, const struct shape *shape,
			int64_t low, int64_t high)
{
	int64_t len = low + chance_scale(chance, high - low);

	while (len > 0) {
		uint64_t random = chance_next(chance);
		size_t n = len < 8 ? len : 8;

		bytes_add(out, &random, n);
		len -= n;
	}
}

/* Few different letters, so that much is alike. */
static void make_letters(struct bytes *out, struct chance *chance, const struct shape *shape,
			 int64_t low, int64_t high)
{
	int64_t len = low + chance_scale(chance, high - low);
	int letters = chance_between(chance, 1, 6);

	while (len--) {
		char c = 'a' + chance_between(chance, 0, letters - 1);

		bytes_add(out, &c, 1);
	}
}

/* One byte again and again, seldom another: bitmaps, and what compresses. */
static void make_fill(struct bytes *out, struct chance *chance, const struct shape *shape,
		      int64_t low, int64_t high)
{
	static const char fills[] = { 0, '\xff', '\x80', 1, 'x' };
	int64_t len = low + chance_scale(chance, high - low), i;
	char fill = fills[chance_between(chance, 0, sizeof(fills) - 1)];

	for (i = 0; i < len; i++) {
		char c = chance_once_in(chance, 1000) ? fill ^ 4 : fill;

		bytes_add(out, &c, 1);
	}
}

static void make_float(struct bytes *out, struct chance *chance, const struct shape *shape,
		       int64_t low, int64_t high)
{
	double value = (double)chance_between(chance, low * 1000000, high * 1000000) / 1000000;

	bytes_format(out, "%.*f", (int)chance_between(chance, 0, 17), value);
	if (chance_once_in(chance, 6))
		bytes_format(out, "e%d", (int)chance_between(chance, -25, 25));
}

static void make_payload(struct bytes *out, struct chance *chance, const struct shape *shape,
			 int64_t low, int64_t high)
{
	payload_add(out, chance);
}

/*
 * Times to live and deadlines, in units of so many milliseconds. Where the clock is
 * not driven nothing expires while somebody looks.
 */
static int64_t duration(struct chance *chance, const struct shape *shape, int64_t unit)
{
	int64_t ms = 1 + chance_scale(chance, 1 << 23);

	if (!shape->driven)
		ms += 100000000;
	return (ms + unit - 1) / unit;
}

static void make_wait(struct bytes *out, struct chance *chance, const struct shape *shape,
		      int64_t unit, int64_t unused)
{
	bytes_format(out, "%lld", (long long)duration(chance, shape, unit));
}

static void make_deadline(struct bytes *out, struct chance *chance, const struct shape *shape,
			  int64_t unit, int64_t unused)
{
	int64_t wait = duration(chance, shape, unit);

	if (chance_once_in(chance, 8))
		wait = -wait;
	bytes_format(out, "%lld", (long long)(shape->now_ms / unit + wait));
}

static const struct {
	const char *name;
	void (*make)(struct bytes *out, struct chance *chance, const struct shape *shape,
		     int64_t low, int64_t high);
} makers[] = {
	{ "int", make_int }, { "scale", make_scale }, { "number", make_number },
	{ "random", make_random }, { "letters", make_letters }, { "fill", make_fill },
	{ "float", make_float }, { "payload", make_payload }, { "wait", make_wait },
	{ "deadline", make_deadline },
};

/* Reading the file. */

static struct rule *rule_named(struct grammar *grammar, const char *name)
{
	unsigned int i;

	for (i = 0; i < grammar->count; i++)
		if (!strcmp(grammar->rules[i].name, name))
			return &grammar->rules[i];
	if (grammar->count == MAX_RULES || strlen(name) >= sizeof(grammar->rules[0].name))
		errx(2, "grammar: no room for %s", name);
	strcpy(grammar->rules[grammar->count].name, name);
	return &grammar->rules[grammar->count++];
}

/* <name>, or a maker: <name:LOW:HIGH> */
static void parse_reference(struct grammar *grammar, struct part *part, char *text)
{
	char *name = strsep(&text, ":");
	size_t i;

	for (i = 0; i < sizeof(makers) / sizeof(*makers); i++) {
		if (strcmp(name, makers[i].name))
			continue;
		part->make = makers[i].make;
		part->low = text ? strtoll(text, &text, 10) : 0;
		part->high = text && *text == ':' ? strtoll(text + 1, NULL, 10) : 0;
		return;
	}
	part->again = !strcmp(name, "again");
	if (!part->again)
		part->rule = rule_named(grammar, name);
}

static char *parse_literal(struct part *part, char *text)
{
	struct bytes bytes = { };

	for (; *text && *text != '<'; text++) {
		char c = *text;

		if (c == '\\' && text[1] == 'x' && isxdigit(text[2]) && isxdigit(text[3])) {
			char hex[3] = { text[2], text[3] };

			c = strtol(hex, NULL, 16);
			text += 3;
		}
		bytes_add(&bytes, &c, 1);
	}
	part->literal = (struct span) { bytes.at, bytes.len };
	return text;
}

static struct word *parse_word(struct grammar *grammar, char *text)
{
	struct word *word = calloc(1, sizeof(*word));
	struct part **last = &word->parts;

	word->separator = !strcmp(text, ";");
	if (!strcmp(text, "\"\""))
		text += 2;
	while (*text) {
		char *end = *text == '<' ? strchr(text, '>') : NULL;

		*last = calloc(1, sizeof(**last));
		if (end) {
			*end = '\0';
			parse_reference(grammar, *last, text + 1);
			text = end + 1;
		} else {
			text = parse_literal(*last, text);
		}
		last = &(*last)->next;
	}
	return word;
}

static bool parse_weight(struct alternative *alternative, const char *word)
{
	char *end;
	long weight = strtol(word, &end, 10);

	if (end == word || strcmp(end, "x"))
		return false;
	alternative->weight = weight;
	return true;
}

static void parse_alternative(struct grammar *grammar, struct rule *rule, char *text)
{
	struct alternative *alternative;
	struct word **last;
	char *word, *rest;

	rule->alternatives = realloc(rule->alternatives,
				     (rule->count + 1) * sizeof(*rule->alternatives));
	alternative = &rule->alternatives[rule->count++];
	*alternative = (struct alternative) { .weight = 1 };
	last = &alternative->words;
	for (word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		if (!alternative->words && parse_weight(alternative, word))
			continue;
		if (!strcmp(word, "!")) {
			alternative->verbatim = true;
		} else if (strcmp(word, "-")) {
			*last = parse_word(grammar, word);
			last = &(*last)->next;
		}
	}
	rule->weight += alternative->weight;
}

static void parse_alternatives(struct grammar *grammar, struct rule *rule, char *text)
{
	while (text) {
		char *bar = strstr(text, " | ");

		if (bar)
			*bar = '\0';
		parse_alternative(grammar, rule, text);
		text = bar ? bar + 3 : NULL;
	}
}

struct grammar *grammar_load(const char *path)
{
	struct grammar *grammar = calloc(1, sizeof(*grammar));
	struct lines lines = lines_open(path);
	struct rule *rule = NULL;
	char *line, *text;
	unsigned int i;

	while ((line = lines_next(&lines))) {
		text = line;
		if (*line != '\t') {
			rule = rule_named(grammar, strsep(&text, ":"));
			if (!text || rule->count)
				errx(2, "grammar: not a new rule: %s", line);
		}
		if (strspn(text, " \t") < strlen(text))
			parse_alternatives(grammar, rule, text);
	}
	for (i = 0; i < grammar->count; i++)
		if (!grammar->rules[i].count)
			errx(2, "grammar: no rule %s", grammar->rules[i].name);
	return grammar;
}

static void free_word(struct word *word)
{
	struct part *part;

	while ((part = word->parts)) {
		word->parts = part->next;
		free((void *)part->literal.at);
		free(part);
	}
	free(word);
}

void grammar_free(struct grammar *grammar)
{
	unsigned int i, j;

	for (i = 0; i < grammar->count; i++) {
		struct rule *rule = &grammar->rules[i];

		for (j = 0; j < rule->count; j++) {
			struct word *word;

			while ((word = rule->alternatives[j].words)) {
				rule->alternatives[j].words = word->next;
				free_word(word);
			}
		}
		free(rule->alternatives);
	}
	free(grammar);
}

/* Making sentences. */

struct expansion {
	struct chance *chance;
	const struct shape *shape;
	struct sentence *sentence;
};

static const struct alternative *choose(const struct rule *rule, struct chance *chance)
{
	const struct alternative *alternative = rule->alternatives;
	uint64_t draw = chance_next(chance) % rule->weight;

	for (; draw >= alternative->weight; alternative++)
		draw -= alternative->weight;
	return alternative;
}

static void expand_part(struct expansion *expansion, const struct part *part, int depth);

/* All of an alternative's words into one argument. */
static void expand_inside(struct expansion *expansion, const struct rule *rule, int depth)
{
	const struct word *word = choose(rule, expansion->chance)->words;
	const struct part *part;

	for (; word; word = word->next)
		for (part = word->parts; part; part = part->next)
			expand_part(expansion, part, depth + 1);
}

/* The bytes are copied first: those of the sentence move as it grows. */
static void repeat_first(struct sentence *sentence)
{
	struct bytes copy = { };

	if (sentence->nargs < 2)
		return;
	bytes_add(&copy, sentence->text.at + sentence->args[1].at, sentence->args[1].len);
	bytes_add(&sentence->text, copy.at, copy.len);
	free(copy.at);
}

static void expand_part(struct expansion *expansion, const struct part *part, int depth)
{
	struct bytes *text = &expansion->sentence->text;

	if (part->again)
		repeat_first(expansion->sentence);
	else if (part->rule && depth < DEPTH)
		expand_inside(expansion, part->rule, depth);
	else if (part->make)
		part->make(text, expansion->chance, expansion->shape, part->low, part->high);
	else
		bytes_add(text, part->literal.at, part->literal.len);
}

static void expand_rule(struct expansion *expansion, const struct rule *rule, int depth);

static void expand_word(struct expansion *expansion, const struct word *word, int depth)
{
	struct sentence *sentence = expansion->sentence;
	const struct part *part = word->parts;
	size_t at = sentence->text.len;

	if (word->separator) {
		sentence->ends[sentence->ncommands++] = sentence->nargs;
		return;
	}
	if (part && part->rule && !part->next) {
		if (depth < DEPTH)
			expand_rule(expansion, part->rule, depth + 1);
		return;
	}
	for (; part; part = part->next)
		expand_part(expansion, part, depth);
	if (sentence->nargs < SENTENCE_ARGS) {
		sentence->args[sentence->nargs].at = at;
		sentence->args[sentence->nargs++].len = sentence->text.len - at;
	}
}

static void expand_rule(struct expansion *expansion, const struct rule *rule, int depth)
{
	const struct alternative *alternative = choose(rule, expansion->chance);
	const struct word *word;

	expansion->sentence->verbatim |= alternative->verbatim;
	for (word = alternative->words; word; word = word->next)
		expand_word(expansion, word, depth);
}

void grammar_expand(const struct grammar *grammar, const char *rule, struct chance *chance,
		    const struct shape *shape, struct sentence *sentence)
{
	struct expansion expansion = { chance, shape, sentence };

	sentence->text.len = 0;
	sentence->nargs = 0;
	sentence->ncommands = 0;
	sentence->verbatim = false;
	expand_rule(&expansion, rule_named((struct grammar *)grammar, rule), 0);
	sentence->ends[sentence->ncommands++] = sentence->nargs;
}
