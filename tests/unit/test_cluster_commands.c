// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* CLUSTER: the replies of one node in both protocols and of several, slots, and who refuses. */
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
#include "kmod/core/command.h"

#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define DISABLED "-ERR This instance has cluster support disabled\r\n"
#define BAD_SLOT "-ERR Invalid slot\r\n"
#define BAD_SLOT_OR_COUNT "-ERR Invalid slot or number of keys\r\n"
#define REFUSED "-ERR Darter emulates a cluster, which cannot be changed\r\n"
#define TEXT_CHARS 1024

static char text[TEXT_CHARS];

static int set_up(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_SINGLE;
	return test_client_setup(state);
}

/* Two nodes, and clients of both. */
static int set_up_per_cpu(void **state)
{
	test_params.cluster = DARTER_TOPOLOGY_PER_CPU;
	test_params.lanes = 2;
	test_params.max_lanes = 4;
	if (test_two_clients_setup(state))
		return -1;
	other->session.lane = 1;
	return 0;
}

#define says(words, reply) assert_string_equal(test_say(client, words), reply)
#define node_id test_instance.node_id

static const char *format(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	assert_true(vsnprintf(text, sizeof(text), fmt, args) < (int)sizeof(text));
	va_end(args);
	return text;
}

static void without_emulation_all_is_refused(void **state)
{
	static const char *const commands[] = {
		"CLUSTER INFO", "CLUSTER SLOTS", "CLUSTER SHARDS", "CLUSTER NODES",
		"CLUSTER KEYSLOT foo", "CLUSTER COUNTKEYSINSLOT x", "CLUSTER MYID",
		"CLUSTER GETKEYSINSLOT 0 1", "CLUSTER MYSHARDID", "CLUSTER LINKS",
		"CLUSTER REPLICAS x", "CLUSTER SLAVES x", "CLUSTER COUNT-FAILURE-REPORTS x",
		"CLUSTER HELP", "CLUSTER ADDSLOTS 1", "CLUSTER RESET", "CLUSTER MEET a 1",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		says(commands[i], DISABLED);
	says("CLUSTER NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLUSTER HELP.\r\n");
}

static void ids_are_40_hex_digits(void **state)
{
	const char *const ids[] = { node_id, test_instance.shard_id };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(strlen(ids[i]), 40);
		assert_int_equal(strspn(ids[i], "0123456789abcdef"), 40);
	}
	assert_string_not_equal(ids[0], ids[1]);
	says("CLUSTER MYID", format("$40\r\n%s\r\n", ids[0]));
	says("CLUSTER MYSHARDID", format("$40\r\n%s\r\n", ids[1]));
}

static void slots(void **state)
{
	says("CLUSTER SLOTS",
	     format("*1\r\n*3\r\n:0\r\n:16383\r\n"
		    "*4\r\n$9\r\n127.0.0.1\r\n:6379\r\n$40\r\n%s\r\n*0\r\n", node_id));
	test_say(client, "HELLO 3");
	says("CLUSTER SLOTS",
	     format("*1\r\n*3\r\n:0\r\n:16383\r\n"
		    "*4\r\n$9\r\n127.0.0.1\r\n:6379\r\n$40\r\n%s\r\n%%0\r\n", node_id));
}

static void slots_of_an_announced_node(void **state)
{
	says("CONFIG SET cluster-announce-ip 192.0.2.7 cluster-announce-port 7000 "
	     "cluster-announce-hostname node.example", "+OK\r\n");
	says("CLUSTER SLOTS",
	     format("*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$9\r\n192.0.2.7\r\n:7000\r\n"
		    "$40\r\n%s\r\n*2\r\n$8\r\nhostname\r\n$12\r\nnode.example\r\n", node_id));
	says("CONFIG SET cluster-preferred-endpoint-type hostname", "+OK\r\n");
	says("CLUSTER SLOTS",
	     format("*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$12\r\nnode.example\r\n:7000\r\n"
		    "$40\r\n%s\r\n*2\r\n$2\r\nip\r\n$9\r\n192.0.2.7\r\n", node_id));
	says("CONFIG SET cluster-announce-hostname ", "+OK\r\n");
	says("CLUSTER SLOTS",
	     format("*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$1\r\n?\r\n:7000\r\n"
		    "$40\r\n%s\r\n*2\r\n$2\r\nip\r\n$9\r\n192.0.2.7\r\n", node_id));
	says("CONFIG SET cluster-preferred-endpoint-type unknown-endpoint", "+OK\r\n");
	says("CLUSTER SLOTS",
	     format("*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$-1\r\n:7000\r\n"
		    "$40\r\n%s\r\n*2\r\n$2\r\nip\r\n$9\r\n192.0.2.7\r\n", node_id));
}

#define SHARD_HEAD "*1\r\n*4\r\n$5\r\nslots\r\n*2\r\n:0\r\n:16383\r\n$5\r\nnodes\r\n*1\r\n"
#define SHARD_TAIL \
	"$4\r\nrole\r\n$6\r\nmaster\r\n$18\r\nreplication-offset\r\n:0\r\n" \
	"$6\r\nhealth\r\n$6\r\nonline\r\n"

static void shards(void **state)
{
	says("CLUSTER SHARDS",
	     format(SHARD_HEAD "*14\r\n$2\r\nid\r\n$40\r\n%s\r\n$4\r\nport\r\n:6379\r\n"
		    "$2\r\nip\r\n$9\r\n127.0.0.1\r\n$8\r\nendpoint\r\n$9\r\n127.0.0.1\r\n"
		    SHARD_TAIL, node_id));
	says("CONFIG SET cluster-announce-hostname h cluster-preferred-endpoint-type hostname",
	     "+OK\r\n");
	says("CLUSTER SHARDS",
	     format(SHARD_HEAD "*16\r\n$2\r\nid\r\n$40\r\n%s\r\n$4\r\nport\r\n:6379\r\n"
		    "$2\r\nip\r\n$9\r\n127.0.0.1\r\n$8\r\nendpoint\r\n$1\r\nh\r\n"
		    "$8\r\nhostname\r\n$1\r\nh\r\n" SHARD_TAIL, node_id));
	test_say(client, "HELLO 3");
	assert_memory_equal(test_say(client, "CLUSTER SHARDS"),
			    "*1\r\n%2\r\n$5\r\nslots\r\n*2", 21);
}

static void nodes(void **state)
{
	const char *line;

	line = strdupa(format("%s 127.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-16383\n",
			      node_id));
	says("CLUSTER NODES", format("$%zu\r\n%s\r\n", strlen(line), line));
	says("CONFIG SET cluster-announce-ip ::1 cluster-announce-hostname h "
	     "cluster-announce-port 1 cluster-announce-bus-port 2", "+OK\r\n");
	line = strdupa(format("%s ::1:1@2,h myself,master - 0 0 1 connected 0-16383\n", node_id));
	says("CLUSTER NODES", format("$%zu\r\n%s\r\n", strlen(line), line));
	test_say(client, "HELLO 3");
	says("CLUSTER NODES", format("=%zu\r\ntxt:%s\r\n", strlen(line) + 4, line));
}

static void info(void **state)
{
	static const char *const lines[] = {
		"cluster_state:ok\r\n", "\r\ncluster_slots_assigned:16384\r\n",
		"\r\ncluster_slots_ok:16384\r\n", "\r\ncluster_slots_pfail:0\r\n",
		"\r\ncluster_slots_fail:0\r\n", "\r\ncluster_known_nodes:1\r\n",
		"\r\ncluster_size:1\r\n", "\r\ncluster_current_epoch:1\r\n",
		"\r\ncluster_my_epoch:1\r\n",
	};
	const char *reply = test_say(client, "CLUSTER INFO");
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		assert_non_null(strstr(reply, lines[i]));
}

/* The slots that the cluster specification and its examples give. */
static void slots_of_keys(void **state)
{
	says("CLUSTER KEYSLOT 123456789", ":12739\r\n");
	says("CLUSTER KEYSLOT foo", ":12182\r\n");
	says("CLUSTER KEYSLOT somekey", ":11058\r\n");
	says("CLUSTER KEYSLOT ", ":0\r\n");
	says("CLUSTER KEYSLOT foo{hash_tag}", ":2515\r\n");
	says("CLUSTER KEYSLOT {hash_tag}bar", ":2515\r\n");
	says("CLUSTER KEYSLOT a{foo}{bar}", ":12182\r\n");
	/* An empty tag is none, and only the first one counts. */
	assert_string_not_equal(strdupa(test_say(client, "CLUSTER KEYSLOT {}foo")), ":12182\r\n");
	assert_string_equal(strdupa(test_say(client, "CLUSTER KEYSLOT foo{{bar}}zap")),
			    test_say(client, "CLUSTER KEYSLOT {bar"));
}

static void keys_of_slots(void **state)
{
	says("CLUSTER COUNTKEYSINSLOT 12182", ":0\r\n");
	says("MSET foo 1 x{foo} 2 y{foo} 3 other 4", "+OK\r\n");
	says("CLUSTER COUNTKEYSINSLOT 12182", ":3\r\n");
	assert_memory_equal(test_say(client, "CLUSTER GETKEYSINSLOT 12182 100"), "*3\r\n", 4);
	assert_memory_equal(test_say(client, "CLUSTER GETKEYSINSLOT 12182 2"), "*2\r\n", 4);
	says("CLUSTER GETKEYSINSLOT 12182 0", "*0\r\n");
	says("CLUSTER GETKEYSINSLOT 0 100", "*0\r\n");
	says("DEL x{foo} y{foo}", ":2\r\n");
	says("CLUSTER GETKEYSINSLOT 12182 9223372036854775807", "*1\r\n$3\r\nfoo\r\n");
	says("RENAME foo bar", "+OK\r\n");
	says("CLUSTER COUNTKEYSINSLOT 12182", ":0\r\n");
	/* Only database 0 counts. */
	says("COPY bar foo DB 1", ":1\r\n");
	says("CLUSTER COUNTKEYSINSLOT 12182", ":0\r\n");
	says("CLUSTER GETKEYSINSLOT 12182 10", "*0\r\n");
	says("SET foo 1", "+OK\r\n");
	says("FLUSHALL", "+OK\r\n");
	says("CLUSTER COUNTKEYSINSLOT 12182", ":0\r\n");
}

static void wrong_slots(void **state)
{
	says("CLUSTER COUNTKEYSINSLOT 16384", BAD_SLOT);
	says("CLUSTER COUNTKEYSINSLOT -1", BAD_SLOT);
	says("CLUSTER COUNTKEYSINSLOT 9223372036854775807", BAD_SLOT);
	says("CLUSTER COUNTKEYSINSLOT x", NOT_INTEGER);
	says("CLUSTER GETKEYSINSLOT 16384 1", BAD_SLOT_OR_COUNT);
	says("CLUSTER GETKEYSINSLOT -1 1", BAD_SLOT_OR_COUNT);
	says("CLUSTER GETKEYSINSLOT 0 -1", BAD_SLOT_OR_COUNT);
	says("CLUSTER GETKEYSINSLOT x 1", NOT_INTEGER);
	says("CLUSTER GETKEYSINSLOT 0 x", NOT_INTEGER);
	says("CLUSTER COUNTKEYSINSLOT",
	     "-ERR wrong number of arguments for 'cluster|countkeysinslot' command\r\n");
	says("CLUSTER COUNTKEYSINSLOT 16383", ":0\r\n");
}

static void there_are_no_others(void **state)
{
	says("CLUSTER LINKS", "*0\r\n");
	says(strdupa(format("CLUSTER REPLICAS %s", node_id)), "*0\r\n");
	says(strdupa(format("CLUSTER SLAVES %s", node_id)), "*0\r\n");
	says(strdupa(format("CLUSTER COUNT-FAILURE-REPORTS %s", node_id)), ":0\r\n");
	says("CLUSTER REPLICAS abc", "-ERR Unknown node abc\r\n");
	says("CLUSTER SLAVES ", "-ERR Unknown node \r\n");
	says("CLUSTER COUNT-FAILURE-REPORTS abc", "-ERR Unknown node abc\r\n");
	says(strdupa(format("CLUSTER REPLICAS %sx", node_id)),
	     strdupa(format("-ERR Unknown node %sx\r\n", node_id)));
}

static void nothing_can_be_changed(void **state)
{
	static const char *const commands[] = {
		"CLUSTER ADDSLOTS 1", "CLUSTER ADDSLOTSRANGE 1 2", "CLUSTER BUMPEPOCH",
		"CLUSTER DELSLOTS 1", "CLUSTER DELSLOTSRANGE 1 2", "CLUSTER FAILOVER",
		"CLUSTER FAILOVER FORCE", "CLUSTER FLUSHSLOTS", "CLUSTER FORGET x",
		"CLUSTER MEET 127.0.0.1 7000", "CLUSTER REPLICATE x", "CLUSTER RESET",
		"CLUSTER RESET HARD", "CLUSTER SAVECONFIG", "CLUSTER SET-CONFIG-EPOCH 2",
		"CLUSTER SETSLOT 1 STABLE",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		says(commands[i], REFUSED);
}

/* What both workers say of themselves. */
static void every_worker_is_a_node(void **state)
{
	char ids[2][DARTER_ID_CHARS + 1], shard_ids[2][DARTER_ID_CHARS + 1];
	struct test_client *const clients[] = { client, other };
	u32 i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(sscanf(test_say(clients[i], "CLUSTER MYID"), "$40\r\n%40s\r\n",
					ids[i]), 1);
		assert_int_equal(sscanf(test_say(clients[i], "CLUSTER MYSHARDID"),
					"$40\r\n%40s\r\n", shard_ids[i]), 1);
	}
	assert_string_equal(ids[0], node_id);
	assert_string_not_equal(ids[0], ids[1]);
	assert_string_not_equal(shard_ids[0], shard_ids[1]);
	for (i = 0; i < 2; i++) {
		assert_string_equal(test_say(clients[i], format("CLUSTER REPLICAS %s", ids[1])),
				    "*0\r\n");
		assert_string_equal(test_say(clients[i],
					     format("CLUSTER COUNT-FAILURE-REPORTS %s", ids[1])),
				    ":0\r\n");
		assert_string_equal(test_say(clients[i], "CLUSTER LINKS"), "*0\r\n");
		assert_string_equal(test_say(clients[i], "CLUSTER SLOTS"),
				    format("*2\r\n*3\r\n:0\r\n:8191\r\n*4\r\n$9\r\n127.0.0.1\r\n"
					   ":6380\r\n$40\r\n%s\r\n*0\r\n"
					   "*3\r\n:8192\r\n:16383\r\n*4\r\n$9\r\n127.0.0.1\r\n"
					   ":6381\r\n$40\r\n%s\r\n*0\r\n", ids[0], ids[1]));
	}
}

#define LINE_0 "%s 127.0.0.1:6380@16380 %smaster - 0 %llu 1 connected 0-8191\n"
#define LINE_1 "%s 127.0.0.1:6381@16381 %smaster - 0 %llu 2 connected 8192-16383\n"

static void workers_list_each_other(void **state)
{
	unsigned long long now = TEST_BEGIN_MS;
	char id[DARTER_ID_CHARS + 1];
	const char *text;

	assert_int_equal(sscanf(test_say(other, "CLUSTER MYID"), "$40\r\n%40s\r\n", id), 1);
	text = strdupa(format(LINE_0 LINE_1, node_id, "myself,", 0ULL, id, "", now));
	says("CLUSTER NODES", format("$%zu\r\n%s\r\n", strlen(text), text));
	text = strdupa(format(LINE_0 LINE_1, node_id, "", now, id, "myself,", 0ULL));
	assert_string_equal(test_say(other, "CLUSTER NODES"),
			    format("$%zu\r\n%s\r\n", strlen(text), text));
	text = test_say(other, "CLUSTER INFO");
	assert_non_null(strstr(text, "\r\ncluster_known_nodes:2\r\n"));
	assert_non_null(strstr(text, "\r\ncluster_size:2\r\n"));
	assert_non_null(strstr(text, "\r\ncluster_slots_assigned:16384\r\n"));
	assert_non_null(strstr(text, "\r\ncluster_current_epoch:2\r\n"));
	assert_non_null(strstr(text, "\r\ncluster_my_epoch:2\r\n"));
	text = strstr(test_say(other, "CLUSTER SHARDS"), ":8191\r\n");
	assert_non_null(text);
	assert_non_null(strstr(text, "$5\r\nslots\r\n*2\r\n:8192\r\n:16383\r\n"
				     "$5\r\nnodes\r\n*1\r\n"));
}

/* Each worker executes what it is asked, and counts what belongs to the other. */
static void workers_serve_all_keys(void **state)
{
	/* Slots 15495 and 3300 */
	says("SET a 1", "+OK\r\n");
	says("SET b 2", "+OK\r\n");
	assert_int_equal(test_instance.lanes[0].remote, 1);
	assert_string_equal(test_say(other, "GET a"), "$1\r\n1\r\n");
	assert_int_equal(test_instance.lanes[1].remote, 0);
	assert_string_equal(test_say(other, "MGET a b"), "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
	assert_string_equal(test_say(other, "PING"), "+PONG\r\n");
	assert_int_equal(test_instance.lanes[1].remote, 1);
	assert_non_null(strstr(test_say(other, "INFO stats"), "\r\ndarter_remote_accesses:2\r\n"));
	assert_non_null(strstr(test_say(other, "INFO server"), "\r\ndarter_topology:per-cpu\r\n"));
	says("CONFIG RESETSTAT", "+OK\r\n");
	assert_non_null(strstr(test_say(other, "INFO stats"), "\r\ndarter_remote_accesses:0\r\n"));
}

/* The keys of a SCAN to its end */
static u32 scan(struct test_client *of)
{
	char cursor[32] = "0";
	u32 number, keys = 0;
	const char *reply;

	do {
		reply = test_say(of, format("SCAN %s", cursor));
		assert_int_equal(2, sscanf(reply, "*2\r\n$%*u\r\n%31s\r\n*%u\r\n", cursor,
					   &number));
		keys += number;
	} while (strcmp(cursor, "0"));
	return keys;
}

static u32 number_after(struct test_client *of, const char *words, char kind)
{
	const char *reply = test_say(of, words);

	assert_int_equal(*reply, kind);
	return strtoul(reply + 1, NULL, 10);
}

/* Who goes round the nodes meets each key once; over the shared port it is all there. */
static void own_ports_show_keys_of_their_node(void **state)
{
	struct test_client *const clients[] = { client, other };
	struct test_client *shared = test_connect();
	u32 i, counts[2];

	client->session.node = 0;
	other->session.node = 1;
	for (i = 0; i < 100; i++)
		assert_string_equal(test_say(clients[i % 2], format("SET key:%u 1", i)), "+OK\r\n");
	for (i = 0; i < 2; i++) {
		counts[i] = number_after(clients[i], "DBSIZE", ':');
		assert_in_range(counts[i], 1, 99);
		assert_int_equal(scan(clients[i]), counts[i]);
		assert_int_equal(number_after(clients[i], "KEYS *", '*'), counts[i]);
	}
	assert_int_equal(counts[0] + counts[1], 100);
	assert_int_equal(number_after(shared, "DBSIZE", ':'), 100);
	assert_int_equal(scan(shared), 100);
	assert_int_equal(number_after(shared, "KEYS *", '*'), 100);
	assert_string_equal(test_say(other, "FLUSHALL"), "+OK\r\n");
	assert_string_equal(test_say(other, "RANDOMKEY"), "$-1\r\n");
	assert_int_equal(number_after(shared, "DBSIZE", ':'), counts[0]);
	assert_string_equal(test_say(shared, "FLUSHDB"), "+OK\r\n");
	assert_int_equal(number_after(client, "DBSIZE", ':'), 0);
}

/* Line by line, the slots of each node with its epoch. */
static const char *nodes_of(struct test_client *of)
{
	const char *line = strchr(test_say(of, "CLUSTER NODES"), '\n');
	static char found[256];
	u64 epoch;
	int len;

	found[0] = '\0';
	for (; sscanf(++line, "%*s %*s %*s - 0 %*u %llu connected%n", &epoch, &len) == 1;
	     line = strchr(line, '\n'))
		sprintf(found + strlen(found), "%llu%.*s\n", epoch,
			(int)strcspn(line + len, "\n"), line + len);
	return found;
}

/* Epochs grow, and a node without a worker is shown to none but its own clients. */
static void workers_come_and_go(void **state)
{
	struct test_client *removed = test_connect();
	const char *text;

	removed->session.lane = 1;
	removed->session.node = 1;
	assert_string_equal(nodes_of(client), "1 0-8191\n2 8192-16383\n");
	/* As many as there are: nothing changes. */
	says("CONFIG SET darter-workers 2", "+OK\r\n");
	assert_string_equal(nodes_of(client), "1 0-8191\n2 8192-16383\n");
	says("CONFIG SET darter-workers 1", "+OK\r\n");
	assert_string_equal(nodes_of(client), "3 0-16383\n");
	assert_string_equal(nodes_of(removed), "3 0-16383\n0\n");
	assert_non_null(strstr(test_say(removed, "CLUSTER NODES"), " myself,master - 0 0 0 "));
	text = test_say(removed, "CLUSTER INFO");
	assert_non_null(strstr(text, "\r\ncluster_known_nodes:2\r\ncluster_size:1\r\n"
				     "cluster_current_epoch:3\r\ncluster_my_epoch:0\r\n"));
	assert_memory_equal(test_say(removed, "CLUSTER SLOTS"), "*1\r\n*3\r\n:0\r\n:16383\r\n",
			    20);
	says("SET a 1", "+OK\r\n");
	assert_string_equal(test_say(removed, "GET a"), "$1\r\n1\r\n");
	assert_int_equal(test_instance.lanes[0].remote, 0);
	/* It has no keys of its own, which others show. */
	assert_int_equal(number_after(removed, "DBSIZE", ':'), 0);
	assert_int_equal(scan(removed), 0);
	assert_string_equal(test_say(removed, "FLUSHALL"), "+OK\r\n");
	says("DBSIZE", ":1\r\n");
	says("CONFIG SET darter-workers 3", "+OK\r\n");
	assert_string_equal(nodes_of(removed), "4 0-8191\n5 8192-12287\n6 12288-16383\n");
	says("CONFIG SET darter-workers 5",
	     "-ERR CONFIG SET failed (possibly related to argument 'darter-workers') - there can be 4 workers at most\r\n");
	assert_non_null(strstr(test_say(client, "INFO server"), "\r\ndarter_workers:3\r\n"));
}

/* A transaction has one topology, whatever it changes. */
static void commands_keep_to_what_is_locked(void **state)
{
	client->session.node = 1;
	says("SET a 1", "+OK\r\n");
	says("MULTI", "+OK\r\n");
	says("CONFIG SET darter-workers 1", "+QUEUED\r\n");
	says("DBSIZE", "+QUEUED\r\n");
	says("EXEC", "*2\r\n+OK\r\n:1\r\n");
	says("DBSIZE", ":0\r\n");
}

static void ports_that_do_not_fit_are_refused(void **state)
{
	says("CONFIG SET port 65534",
	     "-ERR CONFIG SET failed (possibly related to argument 'port') - there are no 2 ports for the workers from 65535 on\r\n");
	says("CONFIG SET port 65534 darter-worker-port 65533",
	     "-ERR CONFIG SET failed (possibly related to argument 'port') - the ports of 2 workers from 65533 on include the shared one\r\n");
	says("CONFIG GET port", "*2\r\n$4\r\nport\r\n$4\r\n6379\r\n");
	says("CONFIG SET port 65534 darter-worker-port 7000", "+OK\r\n");
	says("CONFIG SET cluster-announce-port 65535",
	     "-ERR CONFIG SET failed (possibly related to argument 'cluster-announce-port') - there are no 2 ports for the workers from 65535 on\r\n");
	assert_non_null(strstr(test_say(client, "CLUSTER SLOTS"), "\r\n:7001\r\n"));
}

/* Nobody is sent elsewhere. */
static void keys_of_any_slots_go_together(void **state)
{
	says("MSET a 1 b 2 c 3", "+OK\r\n");
	says("MGET a b c", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
	says("READONLY", "+OK\r\n");
	says("READWRITE", "+OK\r\n");
	says("ASKING", "+OK\r\n");
	says("GET a", "$1\r\n1\r\n");
	assert_memory_equal(test_say(client, "CLUSTER HELP") + 5, "+CLUSTER ", 9);
	assert_non_null(strstr(test_say(client, "INFO cluster"), "\r\ncluster_enabled:1\r\n"));
	assert_non_null(strstr(test_say(client, "INFO server"), "\r\nredis_mode:cluster\r\n"));
}

#define CLUSTER_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_core_teardown)
#define PER_CPU_TEST(f) cmocka_unit_test_setup_teardown(f, set_up_per_cpu, test_core_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_emulation_all_is_refused, test_client_setup,
						test_core_teardown),
		CLUSTER_TEST(ids_are_40_hex_digits),
		CLUSTER_TEST(slots),
		CLUSTER_TEST(slots_of_an_announced_node),
		CLUSTER_TEST(shards),
		CLUSTER_TEST(nodes),
		CLUSTER_TEST(info),
		CLUSTER_TEST(slots_of_keys),
		CLUSTER_TEST(keys_of_slots),
		CLUSTER_TEST(wrong_slots),
		CLUSTER_TEST(there_are_no_others),
		CLUSTER_TEST(nothing_can_be_changed),
		CLUSTER_TEST(keys_of_any_slots_go_together),
		PER_CPU_TEST(every_worker_is_a_node),
		PER_CPU_TEST(workers_list_each_other),
		PER_CPU_TEST(workers_serve_all_keys),
		PER_CPU_TEST(own_ports_show_keys_of_their_node),
		PER_CPU_TEST(workers_come_and_go),
		PER_CPU_TEST(commands_keep_to_what_is_locked),
		PER_CPU_TEST(ports_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
