// SPDX-License-Identifier: GPL-2.0
/* links: tests/unit/core.c kmod/core/?*.c kmod/core/number/?*.c tests/shim/shim.c */
/* The announced nodes: always somewhere to connect to, and all slots theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/core/instance.h"
#include "kmod/core/session.h"
#include "kmod/core/topology.h"

static struct darter_instance instance;
static struct darter_session session;
static struct darter_announcement node;

static int set_up(void **state)
{
	memset(&instance, 0, sizeof(instance));
	memset(&session, 0, sizeof(session));
	mutex_init(&instance.config.lock);
	strcpy(instance.config.bind, "127.0.0.1");
	strcpy(instance.node_id, "fffe0123456789abcdef0123456789abcdef0123");
	strcpy(instance.shard_id, "0123456789abcdef0123456789abcdef01234567");
	instance.config.port = 6379;
	instance.params = (struct darter_params){
		.shards = 4, .databases = 1, .lanes = 3, .max_lanes = 8,
	};
	instance.config.workers = 3;
	instance.workers = 3;
	instance.epoch = 1;
	session.node = -1;
	session.instance = &instance;
	return 0;
}

static int set_up_per_cpu(void **state)
{
	set_up(state);
	instance.params.cluster = DARTER_TOPOLOGY_PER_CPU;
	return 0;
}

static const char *ip_for(const char *laddr)
{
	strcpy(session.laddr, laddr);
	darter_topology_announce(&instance, 0, &session, &node);
	return node.ip;
}

static const char *ip_of_bind(const char *bind)
{
	strcpy(instance.config.bind, bind);
	darter_topology_announce(&instance, 0, NULL, &node);
	return node.ip;
}

static void test_local_address(void **state)
{
	assert_string_equal(ip_for("10.1.2.3:6379"), "10.1.2.3");
	assert_string_equal(ip_for("[::1]:6379"), "::1");
	assert_string_equal(ip_for("[fe80::1234:5]:1"), "fe80::1234:5");
	assert_string_equal(ip_for(""), "127.0.0.1");
	assert_int_equal(node.port, 6379);
	assert_int_equal(node.bus_port, 16379);
	assert_string_equal(node.hostname, "");
}

static void test_without_client(void **state)
{
	assert_string_equal(ip_of_bind("10.0.0.7 127.0.0.1"), "10.0.0.7");
	assert_string_equal(ip_of_bind("-10.0.0.8"), "10.0.0.8");
	assert_string_equal(ip_of_bind("*"), "127.0.0.1");
	assert_string_equal(ip_of_bind("* -::*"), "127.0.0.1");
	assert_string_equal(ip_of_bind("-::*"), "127.0.0.1");
	assert_string_equal(ip_of_bind("0.0.0.0 ::"), "127.0.0.1");
	assert_string_equal(ip_of_bind("::1"), "::1");
	assert_string_equal(ip_of_bind(""), "127.0.0.1");
}

static void test_announced(void **state)
{
	strcpy(instance.config.announce_ip, "192.0.2.1");
	strcpy(instance.config.announce_hostname, "host.example");
	assert_string_equal(ip_for("10.1.2.3:6379"), "192.0.2.1");
	assert_string_equal(ip_of_bind("10.0.0.7"), "192.0.2.1");
	assert_string_equal(node.hostname, "host.example");
	instance.config.announce_port = 7000;
	ip_for("10.1.2.3:6379");
	assert_int_equal(node.port, 7000);
	/* As in Redis it follows the real port. */
	assert_int_equal(node.bus_port, 16379);
	instance.config.announce_bus_port = 7001;
	ip_for("10.1.2.3:6379");
	assert_int_equal(node.bus_port, 7001);
}

static void test_no_room_for_the_bus(void **state)
{
	instance.config.port = 60000;
	ip_for("10.1.2.3:60000");
	assert_int_equal(node.port, 60000);
	assert_int_equal(node.bus_port, 0);
}

/* Without a topology of several nodes there is one, whoever asks. */
static void test_one_node(void **state)
{
	instance.params.cluster = DARTER_TOPOLOGY_SINGLE;
	session.lane = 2;
	assert_int_equal(darter_topology_nodes(&instance), 1);
	assert_int_equal(darter_topology_self(&session), 0);
	assert_int_equal(darter_topology_port(&instance, 2), 0);
	ip_for("10.1.2.3:6379");
	assert_string_equal(node.id, instance.node_id);
	assert_string_equal(node.shard_id, instance.shard_id);
	assert_int_equal(node.first_slot, 0);
	assert_int_equal(node.last_slot, 16383);
}

static void announce(u32 number)
{
	darter_topology_announce(&instance, number, NULL, &node);
}

/* 4 shards of 4096 slots on 3 workers */
static void test_nodes_own_all_slots(void **state)
{
	static const u16 slots[][2] = { { 0, 8191 }, { 8192, 12287 }, { 12288, 16383 } };
	u32 i;

	assert_int_equal(darter_topology_nodes(&instance), 3);
	for (i = 0; i < 3; i++) {
		announce(i);
		assert_int_equal(node.first_slot, slots[i][0]);
		assert_int_equal(node.last_slot, slots[i][1]);
		session.lane = i;
		assert_int_equal(darter_topology_self(&session), i);
	}
}

/* Whatever the numbers are: no gap, no overlap, and no node without slots. */
static void test_slots_are_dealt_out(void **state)
{
	u32 i, next;

	for (instance.params.shards = 1; instance.params.shards <= 256; instance.params.shards++) {
		instance.workers = (instance.params.shards * 7 + 9) / 10;
		for (i = next = 0; i < instance.workers; i++) {
			announce(i);
			assert_int_equal(node.first_slot, next);
			assert_true(node.last_slot >= node.first_slot);
			next = node.last_slot + 1;
		}
		assert_int_equal(next, 16384);
	}
}

static void test_nodes_have_ids(void **state)
{
	static const char *const ids[] = {
		"fffe0123456789abcdef0123456789abcdef0123",
		"ffff0123456789abcdef0123456789abcdef0123",
		"00000123456789abcdef0123456789abcdef0123",
	};
	u32 i;

	for (i = 0; i < 3; i++) {
		announce(i);
		assert_string_equal(node.id, ids[i]);
		assert_int_equal(darter_topology_find(&instance, ids[i], 40), i);
	}
	assert_string_equal(node.shard_id, "0125456789abcdef0123456789abcdef01234567");
	assert_int_equal(darter_topology_find(&instance, ids[0], 39), -1);
	assert_int_equal(darter_topology_find(&instance, "", 0), -1);
	assert_int_equal(darter_topology_find(&instance,
					      "00010123456789abcdef0123456789abcdef0123", 40), -1);
}

static void assert_ports(u16 first, u16 last, u16 last_bus)
{
	announce(0);
	assert_int_equal(node.port, first);
	announce(2);
	assert_int_equal(node.port, last);
	assert_int_equal(node.bus_port, last_bus);
}

static void test_workers_have_ports(void **state)
{
	assert_int_equal(darter_topology_port(&instance, 0), 6380);
	assert_int_equal(darter_topology_port(&instance, 2), 6382);
	assert_ports(6380, 6382, 16382);
	instance.config.worker_port = 7000;
	assert_int_equal(darter_topology_port(&instance, 2), 7002);
	assert_ports(7000, 7002, 17002);
	/* What is announced may be elsewhere; the ports stay where they are. */
	instance.config.announce_port = 9000;
	instance.config.announce_bus_port = 9100;
	assert_int_equal(darter_topology_port(&instance, 2), 7002);
	assert_ports(9000, 9002, 9102);
	instance.config.port = 0;
	assert_int_equal(darter_topology_port(&instance, 1), 7001);
	instance.config.worker_port = 0;
	assert_int_equal(darter_topology_port(&instance, 1), 0);
}

/* Also of a worker that is not there just now. */
static void test_ports_have_owners(void **state)
{
	assert_int_equal(darter_topology_port_owner(&instance, 6379), -1);
	assert_int_equal(darter_topology_port_owner(&instance, 6380), 0);
	assert_int_equal(darter_topology_port_owner(&instance, 6387), 7);
	assert_int_equal(darter_topology_port_owner(&instance, 6388), -1);
	instance.config.worker_port = 6375;
	assert_int_equal(darter_topology_port_owner(&instance, 6374), -1);
	assert_int_equal(darter_topology_port_owner(&instance, 6375), 0);
	assert_int_equal(darter_topology_port_owner(&instance, 6379), -1);
	instance.config.worker_port = 65534;
	assert_int_equal(darter_topology_port(&instance, 1), 65535);
	assert_int_equal(darter_topology_port(&instance, 2), 0);
	instance.params.cluster = DARTER_TOPOLOGY_SINGLE;
	assert_int_equal(darter_topology_port_owner(&instance, 65534), -1);
}

static const char *check(u32 port, u32 worker_port, u32 announce_port, u32 announce_bus_port)
{
	static char why[128];

	instance.config.port = port;
	instance.config.worker_port = worker_port;
	instance.config.announce_port = announce_port;
	instance.config.announce_bus_port = announce_bus_port;
	return darter_topology_check(&instance, why, sizeof(why)) ? why : "";
}

static void test_ports_must_fit(void **state)
{
	assert_string_equal(check(6379, 0, 0, 0), "");
	assert_string_equal(check(65532, 0, 65533, 65533), "");
	assert_string_equal(check(65533, 0, 0, 0),
			    "there are no 3 ports for the workers from 65534 on");
	assert_string_equal(check(65535, 7000, 0, 0), "");
	assert_string_equal(check(6379, 65534, 0, 0),
			    "there are no 3 ports for the workers from 65534 on");
	assert_string_equal(check(6379, 0, 65534, 0),
			    "there are no 3 ports for the workers from 65534 on");
	assert_string_equal(check(6379, 0, 0, 65535),
			    "there are no 3 ports for the workers from 65535 on");
	assert_string_equal(check(6379, 6376, 0, 0), "");
	assert_string_equal(check(6379, 6377, 0, 0),
			    "the ports of 3 workers from 6377 on include the shared one");
	assert_string_equal(check(6379, 6379, 0, 0),
			    "the ports of 3 workers from 6379 on include the shared one");
	assert_string_equal(check(0, 0, 0, 0), "");
	assert_string_equal(check(0, 7000, 0, 0), "");
	instance.params.cluster = DARTER_TOPOLOGY_SINGLE;
	assert_string_equal(check(65535, 65535, 65535, 65535), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_local_address, set_up),
		cmocka_unit_test_setup(test_without_client, set_up),
		cmocka_unit_test_setup(test_announced, set_up),
		cmocka_unit_test_setup(test_no_room_for_the_bus, set_up),
		cmocka_unit_test_setup(test_one_node, set_up),
		cmocka_unit_test_setup(test_nodes_own_all_slots, set_up_per_cpu),
		cmocka_unit_test_setup(test_slots_are_dealt_out, set_up_per_cpu),
		cmocka_unit_test_setup(test_nodes_have_ids, set_up_per_cpu),
		cmocka_unit_test_setup(test_workers_have_ports, set_up_per_cpu),
		cmocka_unit_test_setup(test_ports_have_owners, set_up_per_cpu),
		cmocka_unit_test_setup(test_ports_must_fit, set_up_per_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
