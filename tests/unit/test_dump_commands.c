// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* DUMP and RESTORE through a client: options, the order of errors, and bad payloads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "core.h"
#include "kmod/core/bytes.h"
#include "kmod/core/crc.h"
#include "kmod/core/dump.h"

#define SYNTAX "-ERR syntax error\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define BUSY "-BUSYKEY Target key name already exists.\r\n"
#define BAD_TTL "-ERR Invalid TTL value, must be >= 0\r\n"
#define BAD_SUM "-ERR DUMP payload version or checksum are wrong\r\n"
#define BAD_FORMAT "-ERR Bad data format\r\n"
#define BAD_IDLE "-ERR Invalid IDLETIME value, must be >= 0\r\n"
#define BAD_FREQ "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n"
#define FOOTER 10

static char payload[32768];
static u32 payload_len;

#define says(words, reply) assert_string_equal(test_say(client, words), reply)

/* Keep the bulk that a DUMP replied. */
static void dump(const char *key)
{
	char command[32];
	const char *reply;

	snprintf(command, sizeof(command), "DUMP %s", key);
	reply = test_say(client, command);
	assert_int_equal(sscanf(reply, "$%u\r\n", &payload_len), 1);
	assert_true(payload_len < sizeof(payload));
	memcpy(payload, strchr(reply, '\n') + 1, payload_len);
}

/* The payload of a body with a right footer. */
static void compose(const void *body, u32 len, u32 version)
{
	memcpy(payload, body, len);
	darter_put_le((u8 *)payload + len, version, 2);
	darter_put_le((u8 *)payload + len + 2, darter_crc64(0, payload, len + 2), 8);
	payload_len = len + FOOTER;
}

/* "RESTORE key ttl" with the payload, and words behind it. */
static const char *restore(const char *verb, const char *key, const char *ttl, const char *words)
{
	return test_restore(client, verb, key, ttl, payload, payload_len, words);
}

#define restores(key, ttl, words, reply) \
	assert_string_equal(restore("RESTORE", key, ttl, words), reply)

static void payloads_are_those_of_redis(void **state)
{
	says("SET s hello", "+OK\r\n");
	dump("s");
	assert_int_equal(payload_len, 7 + FOOTER);
	assert_memory_equal(payload, "\0\5hello\x0b\0", 9);
	assert_true(darter_get_le((u8 *)payload + 9, 8) == darter_crc64(0, payload, 9));
	says("SET n 10", "+OK\r\n");
	dump("n");
	assert_memory_equal(payload, "\0\xc0\x0a\x0b\0", 5);
	says("DUMP none", "$-1\r\n");
	test_say(client, "HELLO 3");
	says("DUMP none", "_\r\n");
}

/* No deadline is in a payload; RESTORE gives one. */
static void values_come_back(void **state)
{
	says("SET s hello EX 100", "+OK\r\n");
	dump("s");
	restores("s2", "0", "", "+OK\r\n");
	says("GET s2", "$5\r\nhello\r\n");
	says("TTL s2", ":-1\r\n");
	says("HSET h f v g 12345", ":2\r\n");
	dump("h");
	says("DEL h", ":1\r\n");
	restores("h", "5000", "", "+OK\r\n");
	says("HGETALL h", "*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$5\r\n12345\r\n");
	says("PTTL h", ":5000\r\n");
	says("SET empty ", "+OK\r\n");
	dump("empty");
	restores("h", "0", "REPLACE", "+OK\r\n");
	says("GET h", "$0\r\n\r\n");
	says("TTL h", ":-1\r\n");
}

static void keys_are_kept_unless_replaced(void **state)
{
	says("SET s hello", "+OK\r\n");
	says("SET t old EX 100", "+OK\r\n");
	dump("s");
	restores("t", "0", "", BUSY);
	restores("t", "1000", "ABSTTL", BUSY);
	says("GET t", "$3\r\nold\r\n");
	restores("t", "0", "replace", "+OK\r\n");
	says("GET t", "$5\r\nhello\r\n");
	says("TTL t", ":-1\r\n");
	/* What has expired is not there. */
	says("SET e old PX 10", "+OK\r\n");
	test_now += 11;
	restores("e", "0", "", "+OK\r\n");
	says("GET e", "$5\r\nhello\r\n");
}

static void times_to_live(void **state)
{
	says("SET s hello", "+OK\r\n");
	dump("s");
	restores("a", "1", "", "+OK\r\n");
	says("PTTL a", ":1\r\n");
	restores("b", "1700000001000", "absttl", "+OK\r\n");
	says("PTTL b", ":1000\r\n");
	restores("c", "-1", "", BAD_TTL);
	restores("c", "-1", "ABSTTL", BAD_TTL);
	restores("c", "x", "", NOT_INTEGER);
	restores("c", "1.5", "", NOT_INTEGER);
	restores("c", "9223372036854775808", "", NOT_INTEGER);
	says("EXISTS c", ":0\r\n");
	/* Without a time there is no absolute one. */
	restores("c", "0", "ABSTTL", "+OK\r\n");
	says("TTL c", ":-1\r\n");
	/* The past: nothing comes, and what was there goes. */
	restores("d", "1", "ABSTTL", "+OK\r\n");
	says("EXISTS d", ":0\r\n");
	restores("c", "1700000000000", "ABSTTL REPLACE", "+OK\r\n");
	says("EXISTS c", ":0\r\n");
	restores("c", "9223372036854775807", "ABSTTL", "+OK\r\n");
	says("PEXPIRETIME c", ":9223372036854775807\r\n");
}

static void options_are_checked(void **state)
{
	says("SET s hello", "+OK\r\n");
	dump("s");
	restores("a", "0", "NOSUCH", SYNTAX);
	restores("a", "0", "IDLETIME", SYNTAX);
	restores("a", "0", "FREQ", SYNTAX);
	restores("a", "0", "IDLETIME 1 FREQ 1", SYNTAX);
	restores("a", "0", "FREQ 1 IDLETIME 1", SYNTAX);
	restores("a", "0", "IDLETIME -1", BAD_IDLE);
	restores("a", "0", "IDLETIME x", NOT_INTEGER);
	restores("a", "0", "FREQ -1", BAD_FREQ);
	restores("a", "0", "FREQ 256", BAD_FREQ);
	restores("a", "0", "FREQ x", NOT_INTEGER);
	says("EXISTS a", ":0\r\n");
	restores("a", "0", "IDLETIME 0 REPLACE ABSTTL", "+OK\r\n");
	restores("a", "0", "replace freq 255", "+OK\r\n");
	restores("a", "0", "REPLACE IDLETIME 5 IDLETIME 6", "+OK\r\n");
	says("RESTORE a 0", "-ERR wrong number of arguments for 'restore' command\r\n");
}

/* What is wrong first is told: options, the key, the time, the payload. */
static void errors_have_an_order(void **state)
{
	says("SET s hello", "+OK\r\n");
	says("RESTORE s -1 junk NOSUCH", SYNTAX);
	says("RESTORE s -1 junk FREQ 300", BAD_FREQ);
	says("RESTORE s -1 junk", BUSY);
	says("RESTORE s -1 junk REPLACE", BAD_TTL);
	says("RESTORE s 0 junk REPLACE", BAD_SUM);
	says("RESTORE none -1 junk", BAD_TTL);
	says("RESTORE none 0 junk", BAD_SUM);
	says("RESTORE none 0 ", BAD_SUM);
	says("GET s", "$5\r\nhello\r\n");
	says("EXISTS none", ":0\r\n");
}

static void set_sum(void)
{
	u8 *sum = (u8 *)payload + payload_len - 8;

	darter_put_le(sum, darter_crc64(0, payload, payload_len - 8), 8);
}

/* Values of every type and encoding, as keys. */
static const char *make_values(void)
{
	char words[512] = "HSET h-table";
	size_t len = strlen(words);
	u32 i;

	for (i = 0; i < 20; i++)
		len += sprintf(words + len, " f%u v%u", i, i);
	says("CONFIG SET hash-max-listpack-entries 10", "+OK\r\n");
	says(words, ":20\r\n");
	says("HSET h-small f v", ":1\r\n");
	says("HSET h-long f v g aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     ":2\r\n");
	says("HSET h-list a 1 b -300 c 70000 d 1099511627776 e aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     ":5\r\n");
	says("MSET empty  byte 5 word -300 long 70000 huge 99999999999 short text", "+OK\r\n");
	says("SET packed aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	     "+OK\r\n");
	says("SETRANGE blob 20000 end", ":20003\r\n");
	return "empty byte word long huge short packed blob h-table h-small h-long h-list";
}

/* With the sum of the damaged bytes it may be a value again, or it is none. */
static void flip_byte(u32 at)
{
	const char *reply;

	payload[at] ^= 1 << at % 8;
	restores("t", "0", "REPLACE", BAD_SUM);
	says("GET t", "$3\r\nold\r\n");
	if (at < payload_len - 8) {
		set_sum();
		reply = restore("RESTORE", "u", "0", "REPLACE");
		if (strcmp(reply, BAD_FORMAT) && strcmp(reply, BAD_SUM))
			assert_string_equal(reply, "+OK\r\n");
	}
	payload[at] ^= 1 << at % 8;
	set_sum();
}

static void every_byte_of_every_value_flipped(void **state)
{
	const char *keys = make_values();
	char key[16];
	int len;
	u32 i;

	says("SET t old", "+OK\r\n");
	for (; sscanf(keys, "%15s%n", key, &len) == 1; keys += len) {
		dump(key);
		for (i = 0; i < payload_len; i++)
			flip_byte(i);
		restores("u", "0", "REPLACE", "+OK\r\n");
	}
	says("FLUSHALL", "+OK\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

static void damaged_payloads(void **state)
{
	u32 whole;

	says("SET s hello", "+OK\r\n");
	says("SET t old", "+OK\r\n");
	dump("s");
	whole = payload_len;
	for (payload_len = 0; payload_len < whole; payload_len++)
		restores("t", "0", "REPLACE", BAD_SUM);
	payload[payload_len++] = 0;
	restores("t", "0", "REPLACE", BAD_SUM);
	says("GET t", "$3\r\nold\r\n");
	payload_len--;
	restores("t", "0", "REPLACE", "+OK\r\n");
}

static void versions(void **state)
{
	u32 version;

	for (version = 1; version <= 11; version++) {
		compose("\0\5hello", 7, version);
		restores("t", "0", "REPLACE", "+OK\r\n");
		says("GETDEL t", "$5\r\nhello\r\n");
	}
	compose("\0\5hello", 7, 12);
	restores("t", "0", "", BAD_SUM);
	compose("\0\5hello", 7, 0xffff);
	restores("t", "0", "", BAD_SUM);
}

/* A right checksum makes no value of it. */
static void bodies_that_are_no_values(void **state)
{
	static const struct {
		const char *bytes;
		u32 len;
	} bodies[] = {
		{ "", 0 }, { "\0", 1 }, { "\0\5hell", 6 }, { "\0\5hello!", 8 },
		{ "\0\x80\x7f\xff\xff\xffx", 7 }, { "\0\x81\xff\xff\xff\xff\xff\xff\xff\xff", 10 },
		{ "\0\xc3\5\x20xxxxx", 9 }, { "\0\xc4", 2 }, { "\0\xc2\1\2\3", 5 },
		{ "\2\1\1a", 4 }, { "\4\0", 2 }, { "\4\1\1f", 4 }, { "\4\2\1f\1v\1f\1v", 10 },
		{ "\x10\x06zzzzzz", 8 }, { "\xff\1x", 3 }, { "\x12\1\2\1x", 5 },
	};
	u32 i;

	says("HSET t f old", ":1\r\n");
	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		compose(bodies[i].bytes, bodies[i].len, DARTER_DUMP_VERSION);
		restores("t", "0", "REPLACE", BAD_FORMAT);
		restores("none", "100", "", BAD_FORMAT);
	}
	says("HGETALL t", "*2\r\n$1\r\nf\r\n$3\r\nold\r\n");
	says("DBSIZE", ":1\r\n");
	says("DEL t", ":1\r\n");
	assert_true(atomic64_read(&test_instance.used) == 0);
}

/* A hash of the large encoding, written by hand. */
static void hashes_by_hand(void **state)
{
	compose("\4\2\1f\1v\2gg\xc1\x39\x30", 12, DARTER_DUMP_VERSION);
	restores("h", "0", "", "+OK\r\n");
	says("HLEN h", ":2\r\n");
	says("HGET h f", "$1\r\nv\r\n");
	says("HGET h gg", "$5\r\n12345\r\n");
}

static void strings_have_a_greatest_length(void **state)
{
	/* 100 bytes of which 2 MiB are said to come. */
	static const u8 body[] = { 0, 0xc3, 0x03, 0x80, 0x00, 0x20, 0x00, 0x00, 0x00, 'a', 'b' };

	says("CONFIG SET proto-max-bulk-len 1048576", "+OK\r\n");
	compose(body, sizeof(body), DARTER_DUMP_VERSION);
	restores("s", "0", "", BAD_FORMAT);
	says("EXISTS s", ":0\r\n");
}

/* As the nodes of a cluster call it. */
static void the_other_name(void **state)
{
	says("SET s hello", "+OK\r\n");
	dump("s");
	assert_string_equal(restore("RESTORE-ASKING", "t", "100", ""), "+OK\r\n");
	says("PTTL t", ":100\r\n");
	assert_string_equal(restore("RESTORE-ASKING", "t", "100", ""), BUSY);
}

static void compression_is_a_parameter(void **state)
{
	u32 compressed;

	says("SET s aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "+OK\r\n");
	dump("s");
	compressed = payload_len;
	restores("t", "0", "", "+OK\r\n");
	says("CONFIG SET rdbcompression no", "+OK\r\n");
	dump("s");
	assert_true(compressed < payload_len);
	assert_true(payload_len > 72);
	restores("u", "0", "", "+OK\r\n");
	assert_memory_equal(test_say(client, "LCS t u LEN"), ":72\r\n", 5);
}

#define DUMP_TEST(f) cmocka_unit_test_setup_teardown(f, test_client_setup, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DUMP_TEST(payloads_are_those_of_redis),
		DUMP_TEST(values_come_back),
		DUMP_TEST(keys_are_kept_unless_replaced),
		DUMP_TEST(times_to_live),
		DUMP_TEST(options_are_checked),
		DUMP_TEST(errors_have_an_order),
		DUMP_TEST(every_byte_of_every_value_flipped),
		DUMP_TEST(damaged_payloads),
		DUMP_TEST(versions),
		DUMP_TEST(bodies_that_are_no_values),
		DUMP_TEST(hashes_by_hand),
		DUMP_TEST(strings_have_a_greatest_length),
		DUMP_TEST(the_other_name),
		DUMP_TEST(compression_is_a_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
