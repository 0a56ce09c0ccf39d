/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel side of the control protocol for tests: a family whose instance is
 * test_instance, one peer that sends requests, and all that is sent, kept. Link
 * control.c, core.c, the core, kmod/ctl and what test_control.c links beside them.
 */
#ifndef TESTS_UNIT_CONTROL_H
#define TESTS_UNIT_CONTROL_H

#include "core.h"
#include "kmod/ctl/family.h"
#include "tests/host/genetlink_server.h"

#define TEST_MAX_SENT 64

/* The owner of instances, who does what a test wants. */
struct test_owner {
	bool has_instance;
	int references;
	int start_err, stop_err;
	u32 starts, stops;
	const char *why;
	struct darter_start started;
	char bind[DARTER_BINDS_CHARS];
	int unicast_err;
};

extern struct test_owner test_owner;
extern const struct darter_ctl_backend test_backend;
extern struct peer test_peer;
/* Takes what is sent, and its reference; by default it is kept. */
extern void (*test_take_sent)(struct sk_buff *skb);
/* Datagrams in the order in which they were sent. */
extern struct sk_buff *test_sent[TEST_MAX_SENT];
extern int test_nsent;

/* cmocka fixtures of one test. */
int test_control_setup(void **state);
int test_control_teardown(void **state);

void test_forget_sent(void);
/* The last message that was sent. */
const struct nlmsghdr *test_last(void);
/* Whether that is the end of a request; how it ended, and in which words. */
bool test_has_ended(void);
int test_ending(const char **why);

/* A request that is being made, then handed over and freed. */
struct sk_buff *test_begin(u8 command, int flags);
/* A dump is gone on with to its end, or until no memory is left for it. */
void test_end(struct sk_buff *skb);
/* A nest with a parameter in it. */
void test_put_param(struct sk_buff *skb, const char *name, const char *value);

#endif /* TESTS_UNIT_CONTROL_H */
