// SPDX-License-Identifier: GPL-2.0
/*
 * Coverage: which of the commands that Darter lists were sent, and how often the
 * reference refused them. The list is sorted; "container subcommand" are names, too.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

struct known {
	char name[48];
	uint64_t sent, refused;
};

static struct known *known;
static unsigned int names;

static int compare_known(const void *one, const void *other)
{
	return strcmp(((const struct known *)one)->name, ((const struct known *)other)->name);
}

static void count_name(const char *name, bool failed)
{
	struct known key, *found;

	snprintf(key.name, sizeof(key.name), "%s", name);
	found = bsearch(&key, known, names, sizeof(key), compare_known);
	if (found) {
		found->sent++;
		found->refused += failed;
	}
}

void coverage_count(struct span command, bool failed)
{
	struct span args[2];
	unsigned int n = resp_args(command, args, 2);
	char name[48];
	size_t i;

	if (!names || !n || args[0].len + (n > 1 ? args[1].len : 0) + 2 > sizeof(name))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)args[0].len, args[0].at);
	for (i = 0; name[i]; i++)
		name[i] |= name[i] >= 'A' && name[i] <= 'Z' ? 32 : 0;
	count_name(name, failed);
	if (n < 2)
		return;
	snprintf(name + i, sizeof(name) - i, " %.*s", (int)args[1].len, args[1].at);
	for (; name[i]; i++)
		name[i] |= name[i] >= 'A' && name[i] <= 'Z' ? 32 : 0;
	count_name(name, failed);
}

void coverage_learn(struct servers *servers)
{
	static const char list[] = "*2\r\n$7\r\nCOMMAND\r\n$4\r\nLIST\r\n";
	struct bytes out = { }, *in = &servers->links[0][DARTER].in;
	struct span reply, name;
	long i, count;

	servers_connect(servers, 0);
	bytes_add(&out, list, sizeof(list) - 1);
	if (!servers_ask(servers, 0, &out, 1, false))
		errx(2, "no list of commands");
	free(out.at);
	reply = (struct span) { in->at, in->len };
	count = reply_count(reply);
	known = calloc(count, sizeof(*known));
	name = reply_first(reply);
	for (i = 0; i < count; i++) {
		const char *text = memchr(name.at, '\n', name.len) + 1;
		int len = name.at + name.len - 2 - text;
		char *bar;

		snprintf(known[i].name, sizeof(known[i].name), "%.*s", len, text);
		bar = strchr(known[i].name, '|');
		if (bar)
			*bar = ' ';
		name = reply_after(reply, name);
	}
	qsort(known, count, sizeof(*known), compare_known);
	names = count;
}

unsigned int coverage_check(const struct rules *rules, bool tell)
{
	unsigned int i, missed = 0;

	for (i = 0; i < names; i++) {
		if (tell)
			printf("  %-28s %10llu sent %10llu refused\n", known[i].name,
			       (unsigned long long)known[i].sent,
			       (unsigned long long)known[i].refused);
		if (!known[i].sent && !rules_unsent(rules, known[i].name)) {
			printf("  FAIL    %s was never sent\n", known[i].name);
			missed++;
		}
	}
	return missed;
}

void coverage_free(void)
{
	free(known);
}
