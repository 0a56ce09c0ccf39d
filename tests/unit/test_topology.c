// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/topology.c tests/shim/shim.c */
/* The announced node: always somewhere to connect to. */
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
	instance.config.port = 6379;
	return 0;
}

static const char *ip_for(const char *laddr)
{
	strcpy(session.laddr, laddr);
	darter_topology_announce(&instance, &session, &node);
	return node.ip;
}

static const char *ip_of_bind(const char *bind)
{
	strcpy(instance.config.bind, bind);
	darter_topology_announce(&instance, NULL, &node);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_local_address, set_up),
		cmocka_unit_test_setup(test_without_client, set_up),
		cmocka_unit_test_setup(test_announced, set_up),
		cmocka_unit_test_setup(test_no_room_for_the_bus, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
