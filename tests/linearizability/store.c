// SPDX-License-Identifier: GPL-2.0
/* A store of few keys that does one command after the other, as Redis would. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lin.h"

static void answer(struct reply *reply, enum answer kind, const char *bytes, size_t len)
{
	reply->kind = kind;
	reply->len = len;
	memcpy(reply->bytes, bytes, len);
}

static void answer_word(struct reply *reply, enum answer kind, const char *word)
{
	answer(reply, kind, word, strlen(word));
}

static void answer_number(struct reply *reply, long long number)
{
	char text[24];

	answer(reply, NUMBER, text, snprintf(text, sizeof(text), "%lld", number));
}

/* The string at a key; false: there is none, and the reply says so. */
static bool get_string(const struct value *value, struct reply *reply)
{
	if (value->type == STRING)
		return true;
	if (value->type == HASH)
		answer_word(reply, ERROR, "WRONGTYPE");
	else
		answer(reply, NIL, "", 0);
	return false;
}

/* A command for hashes may work on this key. */
static bool may_be_hash(const struct value *value, struct reply *reply)
{
	if (value->type != STRING)
		return true;
	answer_word(reply, ERROR, "WRONGTYPE");
	return false;
}

static void put_string(struct value *value, const char *bytes, size_t len)
{
	struct value fresh = { .type = STRING, .len = { len } };

	if (len > VALUE_BYTES)
		errx(2, "a string grew too long");
	memcpy(fresh.bytes, bytes, len);
	*value = fresh;
}

static void put_field(struct value *value, int field, const char *bytes, size_t len)
{
	char *at = value->bytes + field * FIELD_BYTES;

	if (len > FIELD_BYTES)
		errx(2, "a field grew too long");
	value->type = HASH;
	value->has |= 1 << field;
	value->len[field] = len;
	memset(at, 0, FIELD_BYTES);
	memcpy(at, bytes, len);
}

static void drop(struct value *value)
{
	memset(value, 0, sizeof(*value));
}

/* False: the bytes are no number, as one is written. */
static bool number_in(const char *bytes, size_t len, long long *number)
{
	char text[VALUE_BYTES + 1], again[24];

	memcpy(text, bytes, len);
	text[len] = '\0';
	*number = strtoll(text, NULL, 10);
	snprintf(again, sizeof(again), "%lld", *number);
	return !strcmp(text, again);
}

/* The verbs: values of up to two keys, arguments behind the keys, replies. */

struct call {
	struct value *key, *other;
	const char *args[3];
	struct reply *replies;
};

static void do_get(struct call *call)
{
	if (get_string(call->key, call->replies))
		answer(call->replies, TEXT, call->key->bytes, call->key->len[0]);
}

static void do_set(struct call *call)
{
	put_string(call->key, call->args[0], strlen(call->args[0]));
	answer_word(call->replies, STATUS, "OK");
}

static void do_setnx(struct call *call)
{
	bool absent = call->key->type == NONE;

	if (absent)
		put_string(call->key, call->args[0], strlen(call->args[0]));
	answer_number(call->replies, absent);
}

static void do_getset(struct call *call)
{
	do_get(call);
	if (call->replies->kind != ERROR)
		put_string(call->key, call->args[0], strlen(call->args[0]));
}

static void do_getdel(struct call *call)
{
	do_get(call);
	if (call->replies->kind == TEXT)
		drop(call->key);
}

static void do_incr(struct call *call)
{
	struct value *value = call->key;
	long long number = 0;
	char text[24];

	if (value->type == HASH) {
		answer_word(call->replies, ERROR, "WRONGTYPE");
	} else if (value->type == STRING && !number_in(value->bytes, value->len[0], &number)) {
		answer_word(call->replies, ERROR, "ERR");
	} else {
		put_string(value, text, snprintf(text, sizeof(text), "%lld", number + 1));
		answer_number(call->replies, number + 1);
	}
}

static void do_append(struct call *call)
{
	struct value *value = call->key;
	char text[VALUE_BYTES + 8];
	size_t len = value->len[0], more = strlen(call->args[0]);

	if (value->type == HASH) {
		answer_word(call->replies, ERROR, "WRONGTYPE");
		return;
	}
	memcpy(text, value->bytes, len);
	memcpy(text + len, call->args[0], more);
	put_string(value, text, len + more);
	answer_number(call->replies, len + more);
}

static void do_strlen(struct call *call)
{
	if (get_string(call->key, call->replies) || call->replies->kind == NIL)
		answer_number(call->replies, call->key->len[0]);
}

static void do_del(struct call *call)
{
	answer_number(call->replies, call->key->type != NONE);
	drop(call->key);
}

static void do_exists(struct call *call)
{
	answer_number(call->replies, call->key->type != NONE);
}

static void do_hset(struct call *call)
{
	int field = call->args[0][0] == 'g';

	if (!may_be_hash(call->key, call->replies))
		return;
	answer_number(call->replies, !(call->key->has & 1 << field));
	put_field(call->key, field, call->args[1], strlen(call->args[1]));
}

static void do_hget(struct call *call)
{
	int field = call->args[0][0] == 'g';

	if (!may_be_hash(call->key, call->replies))
		return;
	if (call->key->has & 1 << field)
		answer(call->replies, TEXT, call->key->bytes + field * FIELD_BYTES,
		       call->key->len[field]);
	else
		answer(call->replies, NIL, "", 0);
}

static void do_hdel(struct call *call)
{
	int field = call->args[0][0] == 'g';
	struct value *value = call->key;

	if (!may_be_hash(value, call->replies))
		return;
	answer_number(call->replies, value->has >> field & 1);
	if (value->has == 1 << field) {
		drop(value);
	} else if (value->has & 1 << field) {
		put_field(value, field, "", 0);
		value->has &= ~(1 << field);
	}
}

static void do_hincrby(struct call *call)
{
	int field = call->args[0][0] == 'g';
	struct value *value = call->key;
	long long number = 0;
	char text[24];

	if (!may_be_hash(value, call->replies))
		return;
	if (value->has & 1 << field &&
	    !number_in(value->bytes + field * FIELD_BYTES, value->len[field], &number)) {
		answer_word(call->replies, ERROR, "ERR");
		return;
	}
	number += atoi(call->args[1]);
	put_field(value, field, text, snprintf(text, sizeof(text), "%lld", number));
	answer_number(call->replies, number);
}

static void do_mget(struct call *call)
{
	struct value *values[2] = { call->key, call->other };
	int i;

	for (i = 0; i < 2; i++) {
		if (values[i]->type == STRING)
			answer(&call->replies[i], TEXT, values[i]->bytes, values[i]->len[0]);
		else
			answer(&call->replies[i], NIL, "", 0);
	}
}

/* Arguments of MSET and MSETNX stand as key, key, value, value here. */
static void do_mset(struct call *call)
{
	put_string(call->key, call->args[0], strlen(call->args[0]));
	put_string(call->other, call->args[1], strlen(call->args[1]));
	answer_word(call->replies, STATUS, "OK");
}

static void do_msetnx(struct call *call)
{
	bool absent = call->key->type == NONE && call->other->type == NONE;

	if (absent)
		do_mset(call);
	answer_number(call->replies, absent);
}

static void do_rename(struct call *call)
{
	struct value moved = *call->key;

	if (moved.type == NONE) {
		answer_word(call->replies, ERROR, "ERR");
		return;
	}
	drop(call->key);
	*call->other = moved;
	answer_word(call->replies, STATUS, "OK");
}

static const struct {
	const char *name, *form;
	void (*apply)(struct call *call);
} verbs[] = {
	{ "GET", "k", do_get }, { "SET", "kv", do_set }, { "INCR", "k", do_incr },
	{ "SETNX", "kv", do_setnx }, { "GETSET", "kv", do_getset }, { "GETDEL", "k", do_getdel },
	{ "APPEND", "kv", do_append }, { "STRLEN", "k", do_strlen }, { "DEL", "k", do_del },
	{ "EXISTS", "k", do_exists }, { "HSET", "kfv", do_hset }, { "HGET", "kf", do_hget },
	{ "HDEL", "kf", do_hdel }, { "HINCRBY", "kfn", do_hincrby },
	{ "MGET", "kk", do_mget }, { "MSET", "kvkv", do_mset }, { "MSETNX", "kvkv", do_msetnx },
	{ "RENAME", "kk", do_rename },
};

const unsigned int verb_count = sizeof(verbs) / sizeof(*verbs);
const unsigned int verb_single_count = sizeof(verbs) / sizeof(*verbs) - 4;

const char *verb_name(unsigned int verb)
{
	return verbs[verb].name;
}

int verb_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < verb_count; i++)
		if (!strcmp(verbs[i].name, name))
			return i;
	return -1;
}

const char *verb_form(unsigned int verb)
{
	return verbs[verb].form;
}

bool command_uses(const struct command *command, unsigned int key)
{
	const char *form = verb_form(command->verb);
	unsigned int i;

	for (i = 0; form[i]; i++)
		if (form[i] == 'k' && (unsigned int)(command->args[i][0] - 'a') == key)
			return true;
	return false;
}

void store_apply(struct store *store, const struct command *command, struct reply replies[2])
{
	const char *form = verb_form(command->verb);
	struct call call = { .replies = replies };
	unsigned int i, n = 0;

	memset(replies, 0, 2 * sizeof(*replies));
	for (i = 0; form[i]; i++) {
		if (form[i] != 'k')
			call.args[n++] = command->args[i];
		else if (!call.key)
			call.key = &store->keys[command->args[i][0] - 'a'];
		else
			call.other = &store->keys[command->args[i][0] - 'a'];
	}
	verbs[command->verb].apply(&call);
}
