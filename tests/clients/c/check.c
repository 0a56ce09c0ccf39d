// SPDX-License-Identifier: GPL-2.0
/*
 * The checks of ../checks with hiredis, as Debian has it: a connection of RESP2
 * without a cluster client.
 *
 *	hiredis single|cluster PORT 2 NAME...
 */
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS	5000
#define FIELDS	1000
#define LARGE	(1 << 20)

static int port;
static redisContext *client;

/* Why the check failed, its first reason. */
static char why[256];

__attribute__((format(printf, 1, 2)))
static bool fail(const char *format, ...)
{
	va_list args;

	if (!why[0]) {
		va_start(args, format);
		vsnprintf(why, sizeof(why), format, args);
		va_end(args);
	}
	return false;
}

static redisContext *connected(void)
{
	redisContext *context = redisConnect("127.0.0.1", port);

	if (!context || context->err) {
		fprintf(stderr, "connect: %s\n", context ? context->errstr : "no memory");
		exit(2);
	}
	return context;
}

/* The reply as words: "-ERR x", "(nil)", "[a 1]". */
static void print(FILE *out, const redisReply *reply)
{
	size_t i;

	switch (reply ? reply->type : 0) {
	case REDIS_REPLY_ERROR:
		fprintf(out, "-%s", reply->str);
		break;
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		fprintf(out, "%s", reply->str);
		break;
	case REDIS_REPLY_INTEGER:
		fprintf(out, "%lld", reply->integer);
		break;
	case REDIS_REPLY_NIL:
		fprintf(out, "(nil)");
		break;
	case REDIS_REPLY_ARRAY:
		fputc('[', out);
		for (i = 0; i < reply->elements; i++) {
			if (i)
				fputc(' ', out);
			print(out, reply->element[i]);
		}
		fputc(']', out);
		break;
	default:
		fprintf(out, "(no reply)");
	}
}

/* Compares a reply, which is freed, by its words. */
static bool is(redisReply *reply, const char *wanted)
{
	size_t length;
	char *found;
	bool same;
	FILE *out = open_memstream(&found, &length);

	print(out, reply);
	fclose(out);
	same = !strcmp(found, wanted);
	if (!same)
		fail("%.100s instead of %.100s", found, wanted);
	free(found);
	freeReplyObject(reply);
	return same;
}

__attribute__((format(printf, 2, 3)))
static bool ask(const char *wanted, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(client, format, args);
	va_end(args);
	return is(reply, wanted);
}

static bool next_is(const char *wanted)
{
	void *reply = NULL;

	redisGetReply(client, &reply);
	return is(reply, wanted);
}

static bool check_connect(void)
{
	redisReply *reply = redisCommand(client, "CLIENT INFO");
	bool good = reply && reply->str && strstr(reply->str, " resp=2 ");

	if (!good)
		fail("another protocol");
	freeReplyObject(reply);
	return good && ask("PONG", "PING") && ask("a b", "ECHO %s", "a b");
}

static bool check_pipeline(void)
{
	char wanted[16];
	int i;

	for (i = 0; i < 1000; i++)
		redisAppendCommand(client, "INCR counter");
	for (i = 1; i <= 1000; i++) {
		snprintf(wanted, sizeof(wanted), "%d", i);
		if (!next_is(wanted))
			return false;
	}
	return true;
}

static bool check_transaction(void)
{
	return ask("OK", "MULTI") && ask("QUEUED", "SET t:string v") &&
	       ask("QUEUED", "INCR t:number") && ask("QUEUED", "HSET t:hash a 1 b 2") &&
	       ask("QUEUED", "GET t:string") && ask("[OK 1 2 v]", "EXEC");
}

static bool check_conflict(void)
{
	redisContext *other = connected();
	bool good = ask("OK", "WATCH watched") &&
		    is(redisCommand(other, "SET watched theirs"), "OK") && ask("OK", "MULTI") &&
		    ask("QUEUED", "SET watched mine") && ask("(nil)", "EXEC") &&
		    ask("theirs", "GET watched");

	redisFree(other);
	return good;
}

/*
 * Walks with COMMAND, whose cursor is %s, and marks in seen[] the numbers at the end
 * of what it returns, every step-th element.
 */
static bool walk(const char *command, const char *prefix, size_t step, bool *seen, int count)
{
	char cursor[24] = "0";
	redisReply *reply, *found;
	const char *name;
	size_t i;
	int number;

	do {
		reply = redisCommand(client, command, cursor);
		if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
			freeReplyObject(reply);
			return fail("no page of a scan");
		}
		snprintf(cursor, sizeof(cursor), "%s", reply->element[0]->str);
		found = reply->element[1];
		for (i = 0; i < found->elements; i += step) {
			name = found->element[i]->str;
			number = strncmp(name, prefix, strlen(prefix)) ? -1 :
				 atoi(name + strlen(prefix));
			if (number < 0 || number >= count)
				fail("found %s", name);
			else
				seen[number] = true;
		}
		freeReplyObject(reply);
	} while (strcmp(cursor, "0"));

	for (number = 0; number < count; number++) {
		if (!seen[number])
			return fail("%s%d is not found", prefix, number);
	}
	return !why[0];
}

static bool check_scan(void)
{
	bool seen[KEYS] = {};
	int i;

	for (i = 0; i < KEYS; i++)
		redisAppendCommand(client, "SET scan:%d v", i);
	for (i = 0; i < KEYS; i++) {
		if (!next_is("OK"))
			return false;
	}
	return walk("SCAN %s MATCH scan:* COUNT 100", "scan:", 1, seen, KEYS);
}

static bool check_large(void)
{
	unsigned char *value = malloc(LARGE);
	redisReply *reply;
	bool good;
	int i;

	for (i = 0; i < LARGE; i++)
		value[i] = i;
	good = is(redisCommand(client, "SET large %b", value, (size_t)LARGE), "OK");
	reply = redisCommand(client, "GET large");
	if (!reply || reply->type != REDIS_REPLY_STRING || reply->len != LARGE ||
	    memcmp(reply->str, value, LARGE))
		good = fail("another value came back");
	freeReplyObject(reply);
	free(value);
	return good;
}

static bool check_hash(void)
{
	bool seen[FIELDS] = {};
	int i;

	if (!(ask("3", "HSET hash a 1 b 2 c 3") && ask("[a 1 b 2 c 3]", "HGETALL hash") &&
	      ask("[1 (nil) 3]", "HMGET hash a none c") && ask("42", "HINCRBY hash a 41") &&
	      ask("2", "HDEL hash b c none") && ask("[a 42]", "HGETALL hash")))
		return false;
	for (i = 0; i < FIELDS; i++)
		redisAppendCommand(client, "HSET fields field:%d %d", i, i);
	for (i = 0; i < FIELDS; i++) {
		if (!next_is("1"))
			return false;
	}
	return walk("HSCAN fields %s COUNT 50", "field:", 2, seen, FIELDS);
}

static bool check_error(void)
{
	return ask("OK", "SET string v") &&
	       ask("-WRONGTYPE Operation against a key holding the wrong kind of value",
		   "HGET string f") &&
	       ask("-ERR value is not an integer or out of range", "INCR string") &&
	       ask("-ERR unknown command 'NOSUCH', with args beginning with: ", "NOSUCH") &&
	       ask("v", "GET string");
}

/* hiredis says that the connection has ended, and makes a new one when told to. */
static bool check_reconnect(void)
{
	redisContext *other = connected();
	redisReply *before = redisCommand(client, "CLIENT ID");
	bool good = before && is(redisCommand(other, "CLIENT KILL ID %lld", before->integer), "1");

	if (good && redisCommand(client, "PING"))
		good = fail("the connection goes on");
	if (good && client->err != REDIS_ERR_EOF && client->err != REDIS_ERR_IO)
		good = fail("error %d: %s", client->err, client->errstr);
	good = good && redisReconnect(client) == REDIS_OK && ask("v", "GET string");
	freeReplyObject(before);
	redisFree(other);
	return good;
}

static const struct {
	const char *name;
	bool (*check)(void);
} checks[] = {
	{ "connect", check_connect },
	{ "pipeline", check_pipeline },
	{ "transaction", check_transaction },
	{ "conflict", check_conflict },
	{ "scan", check_scan },
	{ "large", check_large },
	{ "hash", check_hash },
	{ "error", check_error },
	{ "reconnect", check_reconnect },
};

static void run(const char *name)
{
	size_t i;

	if (!strncmp(name, "cluster-", 8)) {
		printf("skip %s: hiredis has no cluster client\n", name);
		return;
	}
	why[0] = 0;
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].name, name))
			continue;
		if (checks[i].check())
			printf("ok %s\n", name);
		else
			printf("not ok %s: %s\n", name, why);
	}
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 4)
		return 2;
	port = atoi(argv[2]);
	client = connected();
	for (i = 4; i < argc; i++)
		run(argv[i]);
	redisFree(client);
	return 0;
}
