// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/*
 * Commands without memory: let the n-th allocation fail, for each n there is, once
 * with all that follow and once alone. Either the command is done as ever, or
 * nothing changes and the reply is -OOM, or the connection ends if there is no room
 * even for that.
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
#include "kmod/core/debug.h"
#include "kmod/core/command.h"
#include "kmod/core/crc.h"
#include "kmod/core/lane.h"
#include "kmod/core/shard.h"

#define BIG_LEN 20000
#define STATE_CHARS (1 << 20)
#define FIELDS 200
/* So many that new keys are in other shards: the first one there needs most memory. */
#define SHARDS 50
#define OLD_KEYS 8
/* So many that one more has them indexed. */
#define TIMED 32
#define ATTEMPTS_MAX 2000

/* Those that there are to begin with, then others. */
static const char *const keys[] = {
	"s", "n", "b", "h", "hh", "t", "ttt", "e", "x", "y", "z", "new", "new2", "new3",
};

/* The word BIG stands for many bytes, DUMPED:key for what DUMP returned of a key. */
static const char *const commands[] = {
	"SET s v", "SET s BIG", "SET b v", "SET new v", "SET new BIG PX 1000", "SET n v KEEPTTL",
	"SET s v GET", "SET b v GET", "SET new BIG GET", "SET h v", "SET hh BIG", "SET e v",
	"SETEX s 10 v", "PSETEX new 10000 BIG", "SETNX new v", "GETSET b v", "GETDEL b",
	"GETDEL s", "GETEX s EX 100", "GETEX b PX 5000", "GETEX n PERSIST",
	"MSET s 1 new 2 b 3 new2 BIG h 4 e 5 new3 6", "MSET s 1 s BIG new 2 new BIG new 3",
	"MSETNX new 1 new2 BIG new 3 e 4", "INCR n", "INCR new", "INCRBY n 1000000000000",
	"INCRBYFLOAT n 1e300", "INCRBYFLOAT n 1e4000", "INCRBYFLOAT new 1e4900",
	"INCRBYFLOAT new 3.0",
	"APPEND s tail", "APPEND s BIG", "APPEND b tail", "APPEND b BIG", "APPEND new v",
	"SETRANGE s 20000 x", "SETRANGE b 100 x", "SETRANGE b 50000 x", "SETRANGE new 5 x",
	"SETBIT s 1 0", "SETBIT s 200 1", "SETBIT b 9 0", "SETBIT b 200000 1", "SETBIT new 3 1",
	"SETBIT new 200000 1", "SETBIT e 3 1", "BITFIELD s SET u8 0 65 GET i8 0 INCRBY u8 300 1",
	"BITFIELD b INCRBY i33 17 1 SET u8 200000 7", "BITFIELD new SET u8 9 200 GET u8 8",
	"BITFIELD new OVERFLOW FAIL SET u8 9 256", "BITOP NOT s s", "BITOP AND new s b none",
	"BITOP XOR b s b", "BITOP OR h b b", "BITOP OR s none", "BITOP AND new2 none",
	"BITCOUNT b", "BITPOS b 1 3", "GETBIT s 5", "BITFIELD_RO b GET u8 0",
	"DEL s b h hh e n", "UNLINK s b h hh e n", "EXPIRE s 100", "EXPIRE b 100",
	"EXPIRE hh 100", "PEXPIRE n 1", "EXPIRE n -1", "PERSIST n", "RENAME s x", "RENAME s y",
	"RENAME s z", "RENAME b x", "RENAME b y", "RENAME h x", "RENAME h y", "RENAME hh x",
	"RENAME hh y", "RENAME hh z", "RENAME n s", "RENAME hh s", "RENAMENX hh b",
	"RENAMENX e x", "COPY s x", "COPY b y", "COPY h x", "COPY hh x", "COPY hh y",
	"COPY hh s REPLACE", "COPY n hh REPLACE", "COPY b x DB 1", "COPY hh hh DB 1", "MOVE s 1",
	"MOVE hh 1", "MOVE b 1", "MOVE n 1", "HSET h f v2", "HSET h a 1 b 2 c 3 f 4",
	"HSET h f BIG",
	"HSET hh a 1 b 2 f1 3 c BIG", "HSET new f v", "HSET new f BIG g v", "HMSET h a 1 b BIG",
	"HSETNX h new v", "HSETNX new f v", "HINCRBY h n 5", "HINCRBY hh n 5",
	"HEXPIRE h 100 FIELDS 2 f g", "HPEXPIRE hh 5000 FIELDS 4 f1 f2 none f3",
	"HEXPIRE hh 100 FIELDS 1 none", "HEXPIREAT hh 2000000000 NX FIELDS 3 f1 f2 f1",
	"HPEXPIREAT h 1 FIELDS 2 f g", "HEXPIRE t 50 FIELDS 2 f g",
	"HEXPIRE ttt 50 FIELDS 3 f1 f100 f150", "HEXPIRE ttt 50 GT FIELDS 2 f1 f150",
	"HEXPIRE new 100 FIELDS 1 f", "HTTL t FIELDS 2 f g", "HPTTL ttt FIELDS 2 f1 f100",
	"HEXPIRETIME ttt FIELDS 1 f1", "HPEXPIRETIME ttt FIELDS 1 f1",
	"HPERSIST ttt FIELDS 3 f1 f2 f100", "HPERSIST t FIELDS 1 f", "HSET ttt f1 2 f100 3",
	"HSET t f BIG", "HINCRBY ttt f1 5", "HDEL t f", "HDEL ttt f1 f2", "COPY t x", "COPY ttt x",
	"COPY ttt s REPLACE", "COPY ttt ttt DB 1", "RENAME t x", "RENAME ttt y", "RENAME ttt hh",
	"RENAME hh ttt", "MOVE ttt 1", "MOVE t 1", "EXPIRE ttt 100", "DUMP t", "GET ttt",
	"HINCRBYFLOAT h n 1e300", "HINCRBYFLOAT hh n 1e4000", "HDEL h f g", "HDEL hh f1 f2 f3",
	"FLUSHALL", "FLUSHDB", "GET b", "GET s", "MGET b s n new", "KEYS *", "SCAN 0", "HGETALL hh",
	"HKEYS hh", "HMGET h f g x", "HSCAN hh 0 COUNT 1000", "HRANDFIELD hh 300", "LCS s n",
	"LCS s s IDX WITHMATCHLEN", "LCS s n LEN", "TYPE s", "EXISTS s b e", "TTL n", "DUMP b",
	"DUMP hh", "DUMP h", "STRLEN b", "GETRANGE b 10 19000", "PING", "ECHO BIG",
	"SELECT 1", "NOSUCHCOMMAND BIG", "SET s", "CONFIG GET maxmem*", "CLIENT SETNAME me",
	"CLIENT LIST", "HELLO 3", "COMMAND INFO get set", "WATCH s b",
	"DECR n", "DECR new", "DECRBY n 100000000000", "SUBSTR b 0 100", "RESTORE x 0 DUMPED:s",
	"RESTORE x 1000 DUMPED:b", "RESTORE y 0 DUMPED:h", "RESTORE z 5000 DUMPED:hh",
	"RESTORE s 0 DUMPED:hh REPLACE", "RESTORE hh 1000 DUMPED:b REPLACE",
	"RESTORE b 0 DUMPED:h REPLACE", "RESTORE h 0 DUMPED:n REPLACE IDLETIME 5",
	"RESTORE hh 1 DUMPED:s ABSTTL REPLACE", "RESTORE-ASKING e 0 DUMPED:hh",
	"EXPIREAT b 2000000000", "PEXPIREAT hh 2000000000000", "PEXPIREAT b 1", "EXPIRETIME n",
	"PEXPIRETIME n", "PTTL n", "TOUCH s b none", "RANDOMKEY", "DBSIZE", "HEXISTS hh f5",
	"HGET hh f5", "HLEN hh", "HSTRLEN hh f5", "HVALS hh", "MULTI", "EXEC", "DISCARD",
	"UNWATCH", "AUTH secret", "QUIT", "RESET", "TIME", "READONLY", "READWRITE", "ASKING",
	"CLIENT ID", "CLIENT GETNAME", "CLIENT SETINFO LIB-NAME lib", "CLIENT INFO",
	"CLIENT KILL ID 999999", "CLIENT HELP", "CLIENT CACHING YES", "CLIENT GETREDIR",
	"CLIENT NO-EVICT ON", "CLIENT NO-TOUCH ON", "CLIENT PAUSE 0", "CLIENT REPLY ON",
	"CLIENT TRACKINGINFO", "CLIENT UNBLOCK 999999", "CLIENT UNPAUSE", "COMMAND",
	"COMMAND COUNT", "COMMAND LIST",
	"COMMAND DOCS", "COMMAND GETKEYS MSET a 1 b 2", "COMMAND GETKEYSANDFLAGS GET BIG",
	"COMMAND HELP", "INFO everything", "CONFIG SET timeout 5 hash-max-listpack-entries 3",
	"CONFIG SET requirepass BIG", "CONFIG SET timeout 7 requirepass secret", "CONFIG HELP",
	"CONFIG RESETSTAT", "CONFIG REWRITE", "SHUTDOWN", "CLUSTER KEYSLOT BIG",
	"CLUSTER COUNTKEYSINSLOT 5", "CLUSTER GETKEYSINSLOT 5 10", "CLUSTER SLOTS",
	"CLUSTER SHARDS", "CLUSTER NODES", "CLUSTER INFO", "CLUSTER MYID", "CLUSTER MYSHARDID",
	"CLUSTER LINKS", "CLUSTER REPLICAS x", "CLUSTER SLAVES x",
	"CLUSTER COUNT-FAILURE-REPORTS x", "CLUSTER HELP", "CLUSTER RESET",
	"DEBUG DIGEST", "DEBUG OBJECT s", "DEBUG HTSTATS 0", "DEBUG PROTOCOL map",
	"OBJECT ENCODING s", "OBJECT FREQ s", "OBJECT HELP", "OBJECT IDLETIME s",
	"OBJECT REFCOUNT n", "MEMORY DOCTOR", "MEMORY HELP", "MEMORY MALLOC-STATS",
	"MEMORY PURGE", "MEMORY STATS", "MEMORY USAGE hh SAMPLES 0",
	"SWAPDB 0 1", "WAIT 0 0", "WAITAOF 0 0 0", "LOLWUT", "LOLWUT VERSION 5 1000",
	"FUNCTION FLUSH", "FUNCTION HELP", "FUNCTION KILL", "FUNCTION LIST", "FUNCTION STATS",
	"SCRIPT EXISTS a b", "SCRIPT FLUSH", "SCRIPT HELP", "SCRIPT KILL",
	"MONITOR", "SLOWLOG GET",
	"SLOWLOG LEN", "SLOWLOG RESET", "SLOWLOG HELP", "LATENCY DOCTOR", "LATENCY GRAPH command",
	"LATENCY HISTOGRAM", "LATENCY HISTORY command", "LATENCY LATEST", "LATENCY RESET",
	"LATENCY HELP",
};

static struct test_client *observer, *actor;
static char big[BIG_LEN + 1];
/* What DUMP returned of the keys that are strings or hashes to begin with. */
static struct {
	const char *key;
	char bytes[8192];
	u32 len;
} dumped[] = { { "s" }, { "n" }, { "b" }, { "h" }, { "hh" } };

/* What a word of so many bytes stands for. */
static struct darter_arg expand(const char *word, u32 len)
{
	u32 i;

	if (len == 3 && !memcmp(word, "BIG", 3))
		return (struct darter_arg){ .bytes = big, .len = BIG_LEN };
	for (i = 0; i < ARRAY_SIZE(dumped); i++)
		if (len == 7 + strlen(dumped[i].key) && !memcmp(word, "DUMPED:", 7) &&
		    !memcmp(word + 7, dumped[i].key, len - 7))
			return (struct darter_arg){ .bytes = dumped[i].bytes,
						    .len = dumped[i].len };
	return (struct darter_arg){ .bytes = word, .len = len };
}

static u32 split(const char *words, struct darter_arg *argv, u32 room)
{
	u32 argc = 0;

	for (;;) {
		const char *end = strchrnul(words, ' ');

		assert_true(argc < room);
		argv[argc++] = expand(words, end - words);
		if (!*end)
			return argc;
		words = end + 1;
	}
}

static const char *say(struct test_client *client, const char *words)
{
	struct darter_arg argv[32];

	return test_say_args(client, argv, split(words, argv, ARRAY_SIZE(argv)));
}

static int set_up(void **state)
{
	memset(big, 'b', BIG_LEN);
	/* Keys are counted by slots as well, and slots tell where they are. */
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	test_params.shards = SHARDS;
	if (test_core_setup(state))
		return -1;
	/* All instances reply in the same order. */
	memset(&test_instance.hash_key, 5, sizeof(test_instance.hash_key));
	memset(test_instance.node_id, 'a', DARTER_ID_CHARS);
	memset(test_instance.shard_id, 'b', DARTER_ID_CHARS);
	observer = test_connect();
	actor = test_connect();
	return 0;
}

static void dump_all(void)
{
	char command[16];
	const char *reply;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(dumped); i++) {
		snprintf(command, sizeof(command), "DUMP %s", dumped[i].key);
		reply = say(observer, command);
		assert_int_equal(sscanf(reply, "$%u\r\n", &dumped[i].len), 1);
		assert_true(dumped[i].len <= sizeof(dumped[i].bytes));
		memcpy(dumped[i].bytes, strchr(reply, '\n') + 1, dumped[i].len);
	}
}

/*
 * A new instance: an old one has memory in its arenas that would make up for failed
 * allocations. In database 0 are keys, in 1 none, and there the protocol is the newer.
 */
static void prepare(u32 db)
{
	char command[256];
	int len;
	u32 i;

	test_core_teardown(NULL);
	assert_int_equal(set_up(NULL), 0);
	/* As a configuration file would set it. */
	test_instance.config.debug_access = DARTER_DEBUG_YES;
	say(observer, "SET s small");
	say(observer, "SET n 5 PX 100000");
	say(observer, "SET b BIG");
	say(observer, "HSET h f v g w");
	for (i = 0; i < FIELDS;) {
		len = sprintf(command, "HSET hh");
		do
			len += sprintf(command + len, " f%u %u", i, i);
		while (++i % 10);
		say(observer, command);
	}
	say(observer, "COPY hh ttt");
	for (i = 0; i < TIMED; i++) {
		sprintf(command, "HPEXPIRE ttt %u FIELDS 1 f%u", 1000000 + i, i);
		say(observer, command);
	}
	say(observer, "COPY h t");
	say(observer, "HEXPIRE t 1000 FIELDS 1 f");
	dump_all();
	say(observer, "SET e x PX 1");
	test_now += 10;
	if (db) {
		say(actor, "SELECT 1");
		say(actor, "HELLO 3");
	}
}

static void note(char *state, size_t *len, const char *verb, const char *key, const char *more)
{
	char command[128];

	snprintf(command, sizeof(command), "%s%s%s%s", verb, *key ? " " : "", key, more);
	*len += snprintf(state + *len, STATE_CHARS - *len, "%s", say(observer, command));
	assert_true(*len < STATE_CHARS);
}

/* All that a client can see of the keys. */
static char *observe(void)
{
	char *state = malloc(STATE_CHARS);
	char slot[16];
	size_t len = 0;
	u32 db, i;

	for (db = 0; db < 2; db++) {
		say(observer, db ? "SELECT 1" : "SELECT 0");
		for (i = 0; i < ARRAY_SIZE(keys); i++) {
			note(state, &len, "TYPE", keys[i], "");
			note(state, &len, "PEXPIRETIME", keys[i], "");
			note(state, &len, "GET", keys[i], "");
			note(state, &len, "HLEN", keys[i], "");
			note(state, &len, "HMGET", keys[i], " f g a b c n f0 f1 f2 f3 f100 f199");
			note(state, &len, "HPEXPIRETIME", keys[i],
			     " FIELDS 7 f g f0 f1 f2 f100 f150");
		}
	}
	say(observer, "SELECT 0");
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(slot, sizeof(slot), "%u", darter_key_slot(keys[i], strlen(keys[i])));
		note(state, &len, "CLUSTER COUNTKEYSINSLOT", slot, "");
	}
	note(state, &len, "CONFIG GET", "timeout", " requirepass hash-max-listpack-entries");
	note(state, &len, "DBSIZE", "", "");
	return state;
}

static bool is_oom(const char *reply)
{
	return !strncmp(reply, "-OOM ", 5) || strstr(reply, "Insufficient memory");
}

/* What failed has given back what it took. */
static void check_accounts(const char *command)
{
	bool left = false;
	u32 i;

	say(observer, "FLUSHALL");
	test_grace_period();
	for (i = 0; i < SHARDS; i++)
		left |= test_instance.shards[i].arena.used || test_instance.shards[i].blob_bytes;
	if (left || atomic64_read(&test_instance.used))
		fail_msg("%s left memory behind", command);
}

/* How a command went. */
struct outcome {
	bool done;			/* it came to its end */
	bool complete;			/* it got all the memory that it asked for */
	char reply[STATE_CHARS];
};

/* Run a command with that many allocations, of which the next fails, or all others. */
static void run(const char *command, long allocations, bool once, struct outcome *outcome)
{
	test_drop_spare_chunks();
	shim_alloc_fail_once = once;
	shim_alloc_fail_after = allocations;
	snprintf(outcome->reply, STATE_CHARS, "%s", say(actor, command));
	outcome->complete = shim_alloc_fail_after > 0 || allocations < 0;
	shim_alloc_fail_after = -1;
	outcome->done = actor->verdict != DARTER_SESSION_ABORT && !is_oom(outcome->reply);
}

/* Replies that are not the same each time; DUMP compresses if there is memory for it. */
static bool varies(const char *command)
{
	static const char *const verbs[] = {
		"DUMP", "CLIENT", "HELLO", "HRANDFIELD", "RANDOMKEY", "INFO", "LOLWUT",
		"LATENCY HISTOGRAM", "MEMORY", "DEBUG",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strncmp(command, verbs[i], strlen(verbs[i])))
			return true;
	return false;
}

/* What a command makes of the keys, if it has the memory, and of which before. */
struct change {
	const char *before, *after;
	struct outcome expected;
};

static void check_outcome(const char *command, const struct outcome *outcome,
			  const struct change *change, long allocations)
{
	char *state = observe();

	if (strcmp(state, outcome->done ? change->after : change->before))
		fail_msg("%s: the keys are wrong after %ld allocations: %s", command, allocations,
			 state);
	if (outcome->done && !varies(command) && strcmp(outcome->reply, change->expected.reply))
		fail_msg("%s: %s, at first %s", command, outcome->reply, change->expected.reply);
	free(state);
	check_accounts(command);
}

static void check_failures(const char *command, u32 db, bool once, const struct change *change)
{
	static struct outcome outcome;
	long allocations = 0;

	do {
		if (allocations > ATTEMPTS_MAX)
			fail_msg("%s never succeeds: %s", command, outcome.reply);
		prepare(db);
		run(command, allocations++, once, &outcome);
		check_outcome(command, &outcome, change, allocations);
	} while (!outcome.complete);
	assert_true(outcome.done);
}

static void check_command(const char *command, u32 db)
{
	static struct change change;
	char *before, *after;

	prepare(db);
	before = observe();
	prepare(db);
	run(command, -1, false, &change.expected);
	after = observe();
	check_accounts(command);
	change.before = before;
	change.after = after;
	check_failures(command, db, false, &change);
	check_failures(command, db, true, &change);
	free(before);
	free(after);
}

/* Subcommands that only refuse are one handler. */
static bool is_swept(const struct darter_command *command)
{
	struct darter_arg argv[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct darter_command *called;

		called = darter_command_lookup(argv, split(commands[i], argv, ARRAY_SIZE(argv)));
		if (called && called->handler == command->handler)
			return true;
	}
	return false;
}

static void no_command_is_left_out(void **state)
{
	u32 i;

	for (i = 0; i < darter_command_count; i++) {
		const struct darter_command *command = darter_command_at(i);

		if (command->handler && !is_swept(command))
			fail_msg("%s is not tried without memory", command->name);
	}
}

static void new_keys_are_apart(void **state)
{
	struct darter_shard *shard;
	u32 i, j;

	for (i = OLD_KEYS; i < ARRAY_SIZE(keys); i++) {
		shard = darter_shard_of(&test_instance, keys[i], strlen(keys[i]));
		for (j = 0; j < OLD_KEYS; j++)
			assert_ptr_not_equal(shard, darter_shard_of(&test_instance, keys[j],
								    strlen(keys[j])));
	}
}

static void nothing_changes_half(void **state)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		check_command(commands[i], 0);
		check_command(commands[i], 1);
	}
}

/* Queue with all memory, and EXEC with little; true when it got what it asked for. */
static bool transaction_ends(long allocations, bool once)
{
	static const char *const queued[] = {
		"MULTI", "SET s v", "GET b", "HSET h a BIG", "MSET new BIG new2 v", "GET b",
	};
	static struct outcome outcome;
	u32 i;

	prepare(0);
	for (i = 0; i < ARRAY_SIZE(queued); i++)
		assert_false(is_oom(say(actor, queued[i])));
	run("EXEC", allocations, once, &outcome);
	if (actor->verdict != DARTER_SESSION_ABORT) {
		assert_int_equal(actor->verdict, DARTER_SESSION_READ);
		assert_string_equal(say(actor, "EXEC"), "-ERR EXEC without MULTI\r\n");
	}
	if (outcome.complete)
		assert_null(strstr(outcome.reply, "-OOM "));
	check_accounts("EXEC");
	return outcome.complete;
}

/* EXEC may end early, but it ends, and nothing of it is left. */
static void transactions_end(void **state)
{
	long allocations = 0, alone = 0;

	while (!transaction_ends(allocations, false))
		assert_true(++allocations < ATTEMPTS_MAX);
	while (!transaction_ends(alone, true))
		assert_true(++alone < ATTEMPTS_MAX);
	assert_true(allocations > 2 && alone > 2);
}

#define SCARCITY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCARCITY_TEST(no_command_is_left_out),
		SCARCITY_TEST(new_keys_are_apart),
		SCARCITY_TEST(nothing_changes_half),
		SCARCITY_TEST(transactions_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
