// SPDX-License-Identifier: GPL-2.0
/*
 * What may differ. A line of the file `differences` is
 *
 *	LIKENESS COMMAND [REFERENCE DARTER]
 *
 * with tabs between its fields: which replies to which commands count as equal. The
 * fields but the first are extended regular expressions, matched without regard to
 * case. COMMAND is matched with the beginning of the arguments, as far as one of them
 * ends, or for `unsent`, what need not be sent, with a whole name; REFERENCE and DARTER, for the likeness `text`, with the whole replies but
 * for the end of their last line, odd bytes escaped as \xHH. `near` counts only where
 * the clock is not driven.
 */
#include <err.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "tools.h"

#define SHOWN	400		/* bytes of an argument or a reply that are matched */

struct rule {
	enum likeness likeness;
	regex_t command, reference, darter;
	struct rule *next;
};

struct rules {
	struct rule *first;
};

static enum likeness likeness_named(const char *name)
{
	static const char * const names[] = {
		[LIKE_UNORDERED] = "unordered", [LIKE_SET] = "set",
		[LIKE_PAIRS] = "pairs", [LIKE_SCAN] = "scan",
		[LIKE_SHAPE] = "shape", [LIKE_KIND] = "kind", [LIKE_NEAR] = "near",
		[LIKE_DUMP] = "dump", [LIKE_TEXT] = "text", [LIKE_UNSENT] = "unsent",
	};
	size_t i;

	for (i = 1; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return i;
	errx(2, "differences: what is \"%s\"?", name);
}

static void compile(regex_t *regex, const char *pattern, const char *end)
{
	char text[1024];

	if (!pattern)
		errx(2, "differences: a field is missing");
	snprintf(text, sizeof(text), "^(%s)%s", pattern, end);
	if (regcomp(regex, text, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		errx(2, "differences: not a regular expression: %s", pattern);
}

static struct rule *parse_rule(char *line)
{
	struct rule *rule = calloc(1, sizeof(*rule));
	char *rest = line;

	rule->likeness = likeness_named(strsep(&rest, "\t"));
	compile(&rule->command, strsep(&rest, "\t"), rule->likeness == LIKE_UNSENT ? "$" : "( |$)");
	if (rule->likeness == LIKE_TEXT) {
		compile(&rule->reference, strsep(&rest, "\t"), "$");
		compile(&rule->darter, strsep(&rest, "\t"), "$");
	}
	return rule;
}

struct rules *rules_load(const char *path, bool driven)
{
	struct rules *rules = calloc(1, sizeof(*rules));
	struct rule **last = &rules->first;
	struct lines lines = lines_open(path);
	char *line;

	while ((line = lines_next(&lines))) {
		*last = parse_rule(line);
		if ((*last)->likeness == LIKE_NEAR && driven)
			(*last)->likeness = LIKE_BYTES;
		last = &(*last)->next;
	}
	return rules;
}

void rules_free(struct rules *rules)
{
	struct rule *rule;

	while ((rule = rules->first)) {
		rules->first = rule->next;
		regfree(&rule->command);
		if (rule->likeness == LIKE_TEXT) {
			regfree(&rule->reference);
			regfree(&rule->darter);
		}
		free(rule);
	}
	free(rules);
}

static bool matches(const regex_t *regex, const struct bytes *text)
{
	return !regexec(regex, text->at, 0, NULL, 0);
}

static void show_command(struct bytes *out, struct span command)
{
	struct span args[SENTENCE_ARGS];
	unsigned int i, n = resp_args(command, args, SENTENCE_ARGS);

	for (i = 0; i < n; i++) {
		bytes_add(out, " ", i > 0);
		bytes_add_escaped(out, args[i], SHOWN);
	}
	bytes_add(out, "", 1);
}

static void show_reply(struct bytes *out, struct span reply)
{
	reply.len -= reply.len >= 2 ? 2 : 0;
	bytes_add_escaped(out, reply, SHOWN);
	bytes_add(out, "", 1);
}

bool rules_allow(const struct rules *rules, struct span command, struct span reference,
		 struct span darter)
{
	struct bytes texts[3] = { };
	const struct rule *rule;
	bool allowed = false;

	show_command(&texts[0], command);
	show_reply(&texts[1], reference);
	show_reply(&texts[2], darter);
	for (rule = rules->first; rule && !allowed; rule = rule->next) {
		if (!matches(&rule->command, &texts[0]))
			continue;
		if (rule->likeness == LIKE_TEXT)
			allowed = matches(&rule->reference, &texts[1]) &&
				  matches(&rule->darter, &texts[2]);
		else
			allowed = reply_alike(rule->likeness, reference, darter);
	}
	free(texts[0].at);
	free(texts[1].at);
	free(texts[2].at);
	return allowed;
}

bool rules_unsent(const struct rules *rules, const char *name)
{
	const struct rule *rule;

	for (rule = rules->first; rule; rule = rule->next)
		if (rule->likeness == LIKE_UNSENT &&
		    !regexec(&rule->command, name, 0, NULL, 0))
			return true;
	return false;
}
