// SPDX-License-Identifier: GPL-2.0
/* darterctl check: whether the keyspace is sound, while it is served. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "darterctl.h"
#include "output.h"

/* A byte of a key as it is printed, at most. */
#define ESCAPED 4
#define KEY_MAX 128

struct check {
	bool finished;
	json_t *findings;		/* an array, NULL: printed at once */
	unsigned long long keys, found;
	unsigned int unsure;
};

/* As C and Redis write strings. */
static void escape(const struct nlattr *attr, char *text)
{
	const unsigned char *bytes = nla_data(attr);

	for (int i = 0; i < nla_len(attr) && i < KEY_MAX; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			text += sprintf(text, "\\%c", bytes[i]);
		else if (bytes[i] < 0x80 && isprint(bytes[i]))
			*text++ = bytes[i];
		else
			text += sprintf(text, "\\x%02x", bytes[i]);
	}
	*text = '\0';
}

static void print_finding(struct nlattr *const *attrs, const char *key, const char *what)
{
	const char *gap = "";

	if (attrs[DARTER_A_SHARD_ID]) {
		printf("shard %llu", darter_attr_number(attrs[DARTER_A_SHARD_ID]));
		gap = ", ";
	}
	if (attrs[DARTER_A_DATABASE]) {
		printf("%sdatabase %llu", gap, darter_attr_number(attrs[DARTER_A_DATABASE]));
		gap = ", ";
	}
	if (attrs[DARTER_A_KEY])
		printf("%skey \"%s\"", gap, key);
	printf("%s%s\n", *gap || attrs[DARTER_A_KEY] ? ": " : "", what);
}

/* What there is no attribute for is null. */
static json_t *number_or_null(const struct nlattr *attr)
{
	return attr ? json_integer(darter_attr_number(attr)) : json_null();
}

static int keep_finding(json_t *findings, struct nlattr *const *attrs, const char *key,
			const char *what)
{
	json_t *finding = json_pack("{s:o, s:o, s:s?, s:s}", "shard",
				    number_or_null(attrs[DARTER_A_SHARD_ID]), "database",
				    number_or_null(attrs[DARTER_A_DATABASE]), "key",
				    attrs[DARTER_A_KEY] ? key : NULL, "what", what);

	return !finding || json_array_append_new(findings, finding) ? -ENOMEM : 0;
}

static int see(void *arg, const struct darter_message *message)
{
	char key[KEY_MAX * ESCAPED + 1] = "", what[256];
	struct nlattr *const *attrs = message->attrs;
	struct check *check = arg;

	if (attrs[DARTER_A_FINDING]) {
		if (attrs[DARTER_A_KEY])
			escape(attrs[DARTER_A_KEY], key);
		darter_attr_text(attrs[DARTER_A_FINDING], what, sizeof(what));
		if (check->findings)
			return keep_finding(check->findings, attrs, key, what);
		print_finding(attrs, key, what);
		return 0;
	}
	check->keys = darter_attr_number(attrs[DARTER_A_KEYS]);
	check->found = darter_attr_number(attrs[DARTER_A_FINDINGS]);
	check->unsure = darter_attr_number(attrs[DARTER_A_UNSURE]);
	check->finished = attrs[DARTER_A_FINISHED];
	return 0;
}

static int request(struct darter_call *call, bool whole, struct check *check)
{
	struct nl_msg *message = darter_control_message(call->control, DARTER_CMD_CHECK, true);

	if (message && whole && nla_put_flag(message, DARTER_A_WHOLE)) {
		nlmsg_free(message);
		message = NULL;
	}
	return darter_control_request(call->control, message, see, check);
}

static void print_summary(const struct check *check)
{
	printf("%llu keys were checked: ", check->keys);
	if (check->found)
		printf("%llu errors\n", check->found);
	else
		puts("nothing is wrong");
	if (check->unsure)
		printf("%u shards changed meanwhile: no sums were compared (--whole does)\n",
		       check->unsure);
}

static int show_json(struct darter_call *call, struct check *check)
{
	json_t *value = json_pack("{s:I, s:I, s:I, s:O}", "keys", (json_int_t)check->keys,
				  "errors", (json_int_t)check->found, "unsure",
				  (json_int_t)check->unsure, "findings", check->findings);
	int err = value ? darter_ctl_print_json(value, DARTER_JSON_LINES) : -ENOMEM;

	json_decref(value);
	return err ? darter_control_failed(call->control, err) : 0;
}

static int run(struct darter_call *call, bool whole, struct check *check)
{
	int err = request(call, whole, check);

	if (!err && !check->finished)
		err = darter_control_failed(call->control, -EPROTO);
	if (err)
		return darter_ctl_failed(call, err);
	if (check->findings)
		err = show_json(call, check);
	else
		print_summary(check);
	if (err)
		return darter_ctl_failed(call, err);
	return check->found ? DARTER_EXIT_FAILED : DARTER_EXIT_OK;
}

int darter_ctl_check(struct darter_call *call)
{
	bool whole = call->argc > 1 && !strcmp(call->argv[1], "--whole");
	struct check check = {};
	int status;

	if (call->argc > 1 + whole)
		return darter_ctl_usage(call);
	if (call->json) {
		check.findings = json_array();
		if (!check.findings)
			return darter_ctl_failed(call,
						 darter_control_failed(call->control, -ENOMEM));
	}
	status = run(call, whole, &check);
	json_decref(check.findings);
	return status;
}
