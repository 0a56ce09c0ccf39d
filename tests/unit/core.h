/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A whole core for tests: an instance, clients that talk to it in memory, and a
 * clock that stands still until it is told to move. Link core.c and the core.
 */
#ifndef TESTS_UNIT_CORE_H
#define TESTS_UNIT_CORE_H

#include "kmod/core/instance.h"
#include "kmod/core/session.h"

#define TEST_SHARDS 4
#define TEST_BEGIN_MS 1700000000000ULL

/* A client, and what became of the last bytes that it sent. */
struct test_client {
	struct darter_session session;
	enum darter_session_verdict verdict;
	u32 kicks;
};

extern struct darter_instance test_instance;
extern u64 test_now;			/* ms since the epoch */
extern u32 test_upcalls;		/* asked of the daemon, which is not there */
/* What the instance is made with; a test's own setup may change it before. */
extern struct darter_params test_params;

/* Nothing is wrong with test_instance; every test ends with it. */
void test_check(void);

/* cmocka fixtures of one test; the second sets test_params back. */
int test_core_setup(void **state);
int test_core_teardown(void **state);

/* The same with a first client; for tests that need one, or one to begin with. */
extern struct test_client *client;
int test_client_setup(void **state);
/* And with a second one. */
extern struct test_client *other;
int test_two_clients_setup(void **state);
/* Without a client; a daemon is there, and was last asked this. */
extern struct darter_upcall *test_asked;
int test_daemon_setup(void **state);

/* Clients are closed by the teardown, unless they were before. */
struct test_client *test_connect(void);
void test_close(struct test_client *client);

/*
 * Hand over bytes as they come from a socket, until one is refused or the session
 * does not want more. Return: how many were taken.
 */
size_t test_receive(struct test_client *client, const void *bytes, size_t len);
/* The queued replies, which are sent with that. */
const char *test_take(struct test_client *client);
/* Hand over all bytes at once; the replies that are there then. */
const char *test_send(struct test_client *client, const void *bytes, size_t len);

/* Send a command, words separated by one space; the replies that are there then. */
const char *test_say(struct test_client *client, const char *words);
/* The same for arguments of any bytes. */
const char *test_say_args(struct test_client *client, const struct darter_arg *argv, u32 argc);
/* RESTORE, or a @verb that takes the same; @options are words, or empty. */
const char *test_restore(struct test_client *client, const char *verb, const char *key,
			 const char *ttl, const char *payload, size_t len, const char *options);
/* Run the session again, as its owner does after a kick. */
const char *test_go_on(struct test_client *client);

/* No reader is left that might see what was retired: have it freed. */
void test_grace_period(void);

struct darter_shard *test_shard_of(const char *key);

/* Free the chunks that wait in a lane: they would make up for failed allocations. */
void test_drop_spare_chunks(void);

#endif /* TESTS_UNIT_CORE_H */
