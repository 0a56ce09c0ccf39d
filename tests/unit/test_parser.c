// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * The request parser: what becomes arguments, what is an error and how it is
 * worded, and that it does not matter where the input is cut into pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "core.h"
#include "kmod/core/parser.h"

#define PROTOCOL_ERROR "-ERR Protocol error: "
/* Longest line without an end. */
#define LINE_MAX_BYTES 65536
#define BIG DARTER_BLOB_MIN
#define MEGABYTE 1048576

#define says(client, words, reply) assert_string_equal(test_say(client, words), reply)

static enum darter_parse_result parse(struct test_client *client, struct darter_input *input)
{
	if (darter_parse_whole(&client->session, input, DARTER_WHOLE_ARGS))
		return DARTER_PARSE_COMMAND;
	return darter_parse(&client->session, input);
}

/* The complete command as "[first][second]", and a copy of the input that it lies in. */
static const char *parsed(struct test_client *client, const char *bytes, size_t len)
{
	static char text[4096], copy[4096];
	struct darter_session *session = &client->session;
	struct darter_input input = { .bytes = copy, .len = len };
	size_t at = 0;
	u32 i;

	assert_true(len <= sizeof(copy));
	memcpy(copy, bytes, len);
	darter_parse_reset(session);
	if (parse(client, &input) != DARTER_PARSE_COMMAND)
		return NULL;
	assert_true(session->complete);
	for (i = 0; i < session->argc; i++) {
		const struct darter_arg *arg = &session->argv[i];

		assert_true(at + arg->len + 3 < sizeof(text));
		text[at++] = '[';
		memcpy(text + at, arg->bytes, arg->len);
		at += arg->len;
		text[at++] = ']';
	}
	text[at] = '\0';
	return text;
}

#define PARSED(client, bytes) parsed(client, bytes, sizeof(bytes) - 1)

static void arrays_become_arguments(void **state)
{
	struct test_client *client = test_connect();

	assert_string_equal(PARSED(client, "*1\r\n$4\r\nPING\r\n"), "[PING]");
	assert_string_equal(PARSED(client, "*3\r\n$1\r\na\r\n$0\r\n\r\n$4\r\n\r\n*1\r\n"),
			    "[a][][\r\n*1]");
	assert_memory_equal(PARSED(client, "*1\r\n$3\r\n\0'\xff\r\n"), "[\0'\xff]", 6);
	/* What ends a bulk and the second half of a line's end are taken on trust. */
	assert_string_equal(PARSED(client, "*1\r*$4\r.PINGxx"), "[PING]");
	/* Nothing is asked by an array of nothing, or less. */
	assert_string_equal(PARSED(client, "*0\r\n*-1\r\n*-99\r\n*1\r\n$1\r\na\r\n"), "[a]");
	assert_null(PARSED(client, "*0\r\n"));
	assert_int_equal(client->session.argc, 0);
}

static void many_arguments_need_an_allocation(void **state)
{
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;
	char bytes[1024];
	size_t len;
	u32 i;

	len = sprintf(bytes, "*%u\r\n", 5 * DARTER_INLINE_ARGS);
	for (i = 0; i < 5 * DARTER_INLINE_ARGS; i++)
		len += sprintf(bytes + len, "$2\r\n%02u\r\n", i);
	assert_non_null(parsed(client, bytes, len));
	assert_int_equal(session->argc, 5 * DARTER_INLINE_ARGS);
	for (i = 0; i < session->argc; i++) {
		assert_int_equal(session->argv[i].len, 2);
		assert_int_equal(atoi(session->argv[i].bytes), i);
	}
	assert_ptr_not_equal(session->argv, session->argv_inline);
	darter_parse_reset(session);
	assert_ptr_equal(session->argv, session->argv_inline);
	assert_int_equal(session->argc, 0);
}

/* Who only says that much will come gets nothing for it. */
static void announced_arguments_take_no_memory(void **state)
{
	struct test_client *client = test_connect();

	assert_string_equal(test_send(client, "*2147483647\r\n$4\r\nPING\r\n", 23), "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_int_equal(client->session.multibulk, 2147483646);
	assert_int_equal(client->session.argv_room, DARTER_INLINE_ARGS);
	assert_ptr_equal(client->session.argv, client->session.argv_inline);
}

static void inline_commands_are_split(void **state)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{ "PING\r\n", "[PING]" },
		{ "PING\n", "[PING]" },
		{ "  set  a\t b \r\n", "[set][a][b]" },
		{ "\r\n \t \n\r\nPING\r\n", "[PING]" },
		{ "\v\f a\r\n", "[a]" },
		/* These two are blanks in front of a word, and a part of one behind. */
		{ "a\vb c\fd \ve\r\n", "[a\vb][c\fd][e]" },
		{ "a\rb\n", "[a][b]" },
		{ "a \"b c\" 'd e'\n", "[a][b c][d e]" },
		{ "\"\" ''\n", "[][]" },
		{ "a\"b c\" d'e f'\n", "[ab c][de f]" },
		{ "\"a\"\v'b'\tc\n", "[a][b][c]" },
		{ "\"\\n\\r\\t\\a\\b\\\\\\\"\\q\"\n", "[\n\r\t\a\b\\\"q]" },
		{ "\"\\x41\\x7a\\xfF\\x4\\x4g\\x\"\n", "[Az\xffx4x4gx]" },
		{ "'\\'\\n\\\\ \"'\n", "['\\n\\\\ \"]" },
		{ "\\n \\\"a b\"\n", "[\\n][\\a b]" },
		{ "a $1\r\n", "[a][$1]" },
	};
	struct test_client *client = test_connect();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(parsed(client, cases[i].line, strlen(cases[i].line)),
				    cases[i].expected);
	assert_memory_equal(PARSED(client, "'a\0b' \"\\x00\"\n"), "[a\0b][\0]", 9);
}

/* Each on a connection of its own, which is to be closed when the error is sent. */
static void assert_error(const char *bytes, size_t len, const char *expected)
{
	struct test_client *client = test_connect();
	char reply[128];

	snprintf(reply, sizeof(reply), PROTOCOL_ERROR "%s\r\n", expected);
	assert_string_equal(test_send(client, bytes, len), reply);
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
	test_close(client);
}

static void errors_are_those_of_redis(void **state)
{
	static const struct {
		const char *bytes, *expected;
	} cases[] = {
		{ "*\r\n", "invalid multibulk length" },
		{ "*a\r\n", "invalid multibulk length" },
		{ "*1a\r\n", "invalid multibulk length" },
		{ "*+1\r\n", "invalid multibulk length" },
		{ "*01\r\n", "invalid multibulk length" },
		{ "* 1\r\n", "invalid multibulk length" },
		{ "*2147483648\r\n", "invalid multibulk length" },
		{ "*99999999999999999999\r\n", "invalid multibulk length" },
		{ "*1\nPING\r\n", "invalid multibulk length" },
		{ "*1\r\n+PING\r\n", "expected '$', got '+'" },
		{ "*1\r\n\xff\r\n", "expected '$', got '\xff'" },
		{ "*1\r\n\r\n", "expected '$', got ' '" },
		{ "*2\r\n$4\r\nECHO\r\nx$1\r\n", "expected '$', got 'x'" },
		{ "*1\r\n$\r\n", "invalid bulk length" },
		{ "*1\r\n$-1\r\n", "invalid bulk length" },
		{ "*1\r\n$x\r\n", "invalid bulk length" },
		{ "*1\r\n$04\r\n", "invalid bulk length" },
		{ "*1\r\n$4 \r\n", "invalid bulk length" },
		{ "*1\r\n$536870913\r\n", "invalid bulk length" },
		{ "*1\r\n$4294967296\r\n", "invalid bulk length" },
		{ "\"a\r\n", "unbalanced quotes in request" },
		{ "'a\r\n", "unbalanced quotes in request" },
		{ "\"a\\\"\r\n", "unbalanced quotes in request" },
		{ "'a\\'\r\n", "unbalanced quotes in request" },
		{ "a \"b\"c\r\n", "unbalanced quotes in request" },
		{ "a 'b''c'\r\n", "unbalanced quotes in request" },
		{ "\"\\\n", "unbalanced quotes in request" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_error(cases[i].bytes, strlen(cases[i].bytes), cases[i].expected);
	assert_int_equal(test_instance.total_errors, ARRAY_SIZE(cases));
	assert_int_equal(test_instance.nerrors, 1);
	assert_string_equal(test_instance.errors[0].code, "ERR");
}

/* What came before an error is answered, what comes after it is not. */
static void errors_end_the_conversation(void **state)
{
	struct test_client *client = test_connect();
	static const char bytes[] = "ECHO a\r\n*x\r\nECHO b\r\n";

	assert_string_equal(test_send(client, bytes, sizeof(bytes) - 1),
			    "$1\r\na\r\n" PROTOCOL_ERROR "invalid multibulk length\r\n");
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
	assert_string_equal(test_go_on(client), "");
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
}

/* Lines may be long as long as their end comes in time. */
static void lines_must_end(void **state)
{
	static const struct {
		const char *before, *begin, *error;
	} cases[] = {
		{ "", "", "too big inline request" },
		{ "", "*", "too big mbulk count string" },
		{ "*1\r\n", "$", "too big bulk count string" },
	};
	static char bytes[2 * LINE_MAX_BYTES];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct test_client *client = test_connect();
		size_t len = strlen(cases[i].before) + LINE_MAX_BYTES;
		char begin[8];

		memset(bytes, '1', sizeof(bytes));
		memcpy(bytes, begin, snprintf(begin, sizeof(begin), "%s%s", cases[i].before,
					      cases[i].begin));
		assert_string_equal(test_send(client, bytes, len), "");
		assert_int_equal(client->verdict, DARTER_SESSION_READ);
		assert_error(bytes, len + 1, cases[i].error);
		test_close(client);
	}
}

static void inline_lines_may_be_longest(void **state)
{
	static char bytes[LINE_MAX_BYTES + 1];
	struct test_client *client = test_connect();
	char expected[32];

	memset(bytes, 'x', LINE_MAX_BYTES);
	memcpy(bytes, "STRLEN ", 7);
	bytes[LINE_MAX_BYTES] = '\n';
	assert_string_equal(test_send(client, bytes, sizeof(bytes)), ":0\r\n");
	memcpy(bytes, "SET a  ", 7);
	assert_string_equal(test_send(client, bytes, sizeof(bytes)), "+OK\r\n");
	snprintf(expected, sizeof(expected), ":%u\r\n", LINE_MAX_BYTES - 7);
	says(client, "STRLEN a", expected);
}

static void bulks_are_limited_by_a_parameter(void **state)
{
	struct test_client *client = test_connect();

	says(client, "CONFIG SET proto-max-bulk-len 1mb", "+OK\r\n");
	assert_string_equal(test_send(client, "*1\r\n$1048576\r\n", 14), "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_error("*1\r\n$1048577\r\n", 14, "invalid bulk length");
}

static void strangers_may_send_less(void **state)
{
	static const char arguments[] = "*11\r\n", bulk[] = "*2\r\n$4\r\nAUTH\r\n$16385\r\n";
	static const char most[] = "*10\r\n$16384\r\n";
	struct test_client *client = test_connect();

	says(client, "CONFIG SET requirepass pw", "+OK\r\n");
	assert_error(arguments, sizeof(arguments) - 1, "unauthenticated multibulk length");
	assert_error(bulk, sizeof(bulk) - 1, "unauthenticated bulk length");
	client = test_connect();
	assert_string_equal(test_send(client, most, sizeof(most) - 1), "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	client = test_connect();
	says(client, "AUTH pw", "+OK\r\n");
	says(client, "EXISTS 1 2 3 4 5 6 7 8 9 10", ":0\r\n");
	assert_string_equal(test_send(client, bulk, sizeof(bulk) - 1), "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
}

/* Every kind of request, two alike in a row, and what they are answered. */
static const char stream[] =
	"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\n\r\n*1\r\n"
	"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
	"ECHO \"\\x41 \\n\"\r\nECHO 'b\\'c'\n\r\n*0\r\n"
	"*10\r\n$6\r\nEXISTS\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n$1\r\n5\r\n"
	"$1\r\n6\r\n$1\r\n7\r\n$0\r\n\r\n$1\r\na\r\n"
	"PING\r\nnosuch\r\n*1\r\n$x\r\n";
static const char answers[] =
	"+OK\r\n$4\r\n\r\n*1\r\n$4\r\n\r\n*1\r\n$3\r\nA \n\r\n$3\r\nb'c\r\n:1\r\n+PONG\r\n"
	"-ERR unknown command 'nosuch', with args beginning with: \r\n"
	PROTOCOL_ERROR "invalid bulk length\r\n";

/* Give the stream in pieces: those that @cut says, and the rest. */
static void assert_cut(const u32 *cut, u32 cuts)
{
	struct test_client *client = test_connect();
	char got[sizeof(answers) + 1] = "";
	u32 i, begin = 0;

	for (i = 0; i <= cuts; i++) {
		u32 end = i < cuts ? cut[i] : sizeof(stream) - 1;

		strncat(got, test_send(client, stream + begin, end - begin), sizeof(answers));
		if (end < sizeof(stream) - 1)
			assert_int_equal(client->verdict, DARTER_SESSION_READ);
		begin = end;
	}
	assert_string_equal(got, answers);
	assert_int_equal(client->verdict, DARTER_SESSION_FINISH);
	test_close(client);
}

static void input_may_be_cut_anywhere(void **state)
{
	u32 all[sizeof(stream)], cut[2];

	for (cut[0] = 1; cut[0] < sizeof(stream) - 1; cut[0]++) {
		all[cut[0] - 1] = cut[0];
		assert_cut(cut, 1);
		for (cut[1] = cut[0] + 1; cut[1] < sizeof(stream) - 1; cut[1] += 7)
			assert_cut(cut, 2);
	}
	assert_cut(all, sizeof(stream) - 2);
}

/* A request with a bulk of @len bytes in the middle. */
static size_t big_request(char *bytes, u32 len, u32 *body)
{
	size_t at = sprintf(bytes, "PING\r\n*4\r\n$3\r\nSET\r\n$1\r\nb\r\n$%u\r\n", len);
	u32 i;

	*body = at;
	for (i = 0; i < len; i++)
		bytes[at++] = i * 7 + (i >> 8);
	return at + sprintf(bytes + at, "\r\n$2\r\nNX\r\nGET b\r\n");
}

static void big_input_may_be_cut_anywhere(void **state)
{
	static char bytes[BIG + 200], got[2 * sizeof(bytes)];
	u32 body, cut;
	size_t len = big_request(bytes, BIG, &body), end = body + BIG;

	for (cut = 1; cut < len; cut++) {
		struct test_client *client = test_connect();
		size_t first;

		strcpy(got, test_send(client, bytes, cut));
		first = strlen(got);
		memcpy(got + first, test_send(client, bytes + cut, len - cut), BIG + 100);
		assert_memory_equal(got, "+PONG\r\n+OK\r\n$16384\r\n", 20);
		assert_memory_equal(got + 20, bytes + body, BIG);
		assert_null(client->session.query);
		says(client, "DEL b", ":1\r\n");
		test_close(client);
		/* Near its ends at every byte, inside now and then. */
		if (cut > body + 3 && cut < end - 3)
			cut = min_t(size_t, cut + 509, end - 4);
	}
}

/* From the first byte that is missing the socket writes into the blob. */
static void big_bulks_go_to_a_blob(void **state)
{
	static char bytes[BIG + 200];
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;
	struct darter_input input = { .bytes = bytes };
	const struct darter_blob *blob;
	u32 body;

	big_request(bytes, BIG, &body);
	input.pos = strlen("PING\r\n");
	input.len = body + 100;
	assert_int_equal(parse(client, &input), DARTER_PARSE_MORE);
	blob = session->incoming;
	assert_non_null(blob);
	assert_int_equal(blob->len, BIG);
	assert_int_equal(session->incoming_len, 100);
	assert_int_equal(input.len, body);
	memcpy(session->incoming->data + 100, bytes + body + 100, BIG - 100);
	session->incoming_len = BIG + 1;
	input.pos = body;
	assert_int_equal(parse(client, &input), DARTER_PARSE_MORE);
	session->incoming_len = BIG + 2;
	assert_int_equal(parse(client, &input), DARTER_PARSE_MORE);
	assert_null(session->incoming);
	assert_int_equal(session->argc, 3);
	assert_ptr_equal(session->argv[2].blob, blob);
	assert_ptr_equal(session->argv[2].bytes, blob->data);
	assert_int_equal(session->argv[2].len, BIG);
	assert_memory_equal(blob->data, bytes + body, BIG);
}

static void bulks_that_are_there_stay_there(void **state)
{
	static char bytes[BIG + 200];
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;
	struct darter_input input = { .bytes = bytes };
	u32 body;

	input.len = big_request(bytes, BIG, &body);
	input.pos = strlen("PING\r\n");
	assert_int_equal(parse(client, &input), DARTER_PARSE_COMMAND);
	assert_ptr_equal(session->argv[2].bytes, bytes + body);
	assert_null(session->argv[2].blob);
	darter_parse_reset(session);
	/* And so do smaller ones that are not. */
	big_request(bytes, BIG - 1, &body);
	input = (struct darter_input){ .bytes = bytes + 6, .len = body + 100 };
	assert_int_equal(parse(client, &input), DARTER_PARSE_MORE);
	assert_null(session->incoming);
	assert_int_equal(input.len, body + 100);
}

static void arguments_follow_the_input(void **state)
{
	char from[] = "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", to[sizeof(from)];
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;
	struct darter_input input = { .bytes = from, .len = sizeof(from) - 1 };
	struct darter_blob *blob = darter_blob_alloc(3, 3);

	assert_int_equal(parse(client, &input), DARTER_PARSE_COMMAND);
	session->argv[0].blob = blob;
	session->has_blobs = true;
	session->argv[0].bytes = blob->data;
	memcpy(to, from, sizeof(from));
	darter_parse_relocate(session, from + 4, to + 4);
	assert_ptr_equal(session->argv[0].bytes, blob->data);
	assert_ptr_equal(session->argv[1].bytes, to + (strstr(from, "key") - from));
}

/* The bytes go by, nothing of them is kept, and the next command is found. */
static void bulks_without_memory_are_skipped(void **state)
{
	static const char begin[] = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n";
	static const char end[] = "\r\nECHO after\r\n";
	static char bytes[MEGABYTE];
	struct test_client *client = test_connect();
	struct darter_session *session = &client->session;
	char head[32];

	says(client, "SET a before", "+OK\r\n");
	assert_string_equal(test_send(client, begin, sizeof(begin) - 1), "");
	shim_alloc_fail_after = 0;
	snprintf(head, sizeof(head), "$%u\r\n.", MEGABYTE + 1);
	assert_string_equal(test_send(client, head, strlen(head)), "");
	shim_alloc_fail_after = -1;
	assert_null(session->incoming);
	memset(bytes, '*', sizeof(bytes));
	assert_string_equal(test_send(client, bytes, sizeof(bytes)), "");
	assert_int_equal(client->verdict, DARTER_SESSION_READ);
	assert_true(session->query_room <= 65536);
	assert_string_equal(test_send(client, end, sizeof(end) - 1),
			    "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
			    "$5\r\nafter\r\n");
	says(client, "GET a", "$6\r\nbefore\r\n");
}

static void without_memory_for_arguments_it_ends(void **state)
{
	char line[] = "1 2 3 4 5 6 7 8 9\r\n";
	struct darter_input words = { .bytes = line, .len = sizeof(line) - 1 };
	struct test_client *client = test_connect(), *typing = test_connect();
	char bytes[256], *at = bytes;
	struct darter_input input = { .bytes = bytes };
	u32 i;

	at += sprintf(at, "*%u\r\n", DARTER_INLINE_ARGS + 1);
	for (i = 0; i <= DARTER_INLINE_ARGS; i++)
		at += sprintf(at, "$1\r\nx\r\n");
	input.len = at - bytes;
	shim_alloc_fail_after = 0;
	assert_int_equal(parse(client, &input), DARTER_PARSE_NO_MEMORY);
	assert_int_equal(parse(typing, &words), DARTER_PARSE_NO_MEMORY);
	shim_alloc_fail_after = -1;
}

#define core_test(name) \
	cmocka_unit_test_setup_teardown(name, test_core_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		core_test(arrays_become_arguments),
		core_test(many_arguments_need_an_allocation),
		core_test(announced_arguments_take_no_memory),
		core_test(inline_commands_are_split),
		core_test(errors_are_those_of_redis),
		core_test(errors_end_the_conversation),
		core_test(lines_must_end),
		core_test(inline_lines_may_be_longest),
		core_test(bulks_are_limited_by_a_parameter),
		core_test(strangers_may_send_less),
		core_test(input_may_be_cut_anywhere),
		core_test(big_input_may_be_cut_anywhere),
		core_test(big_bulks_go_to_a_blob),
		core_test(bulks_that_are_there_stay_there),
		core_test(arguments_follow_the_input),
		core_test(bulks_without_memory_are_skipped),
		core_test(without_memory_for_arguments_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
