/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share: numbers that an input decides, and an instance
 * that is the same in every run.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include <linux/types.h>

struct test_client;

/* libFuzzer keeps the input that gets here. */
#define fuzz_fail(...) do {					\
	fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);		\
	fprintf(stderr, __VA_ARGS__);				\
	fputc('\n', stderr);					\
	abort();						\
} while (0)

#define fuzz_check(condition) do {				\
	if (!(condition))					\
		fuzz_fail("not so: %s", #condition);		\
} while (0)

struct fuzz_numbers {
	u64 state;
};

/* Numbers that follow from the input alone. */
void fuzz_numbers_init(struct fuzz_numbers *numbers, const u8 *data, size_t size);
/* Below @bound, which is not 0. */
u32 fuzz_number(struct fuzz_numbers *numbers, u32 bound);

/* A new test_instance, with the same identities, keys and random choices each time. */
void fuzz_core_begin(void);
/* What all keys and values add up to, as DEBUG DIGEST prints it. */
void fuzz_digest(char *digest, size_t room);
/* No session, key or byte may be left: checks that, and frees it. */
void fuzz_core_end(void);

/* Replies in the order in which they were sent; long ones by their checksum. */
struct fuzz_replies {
	u64 len, crc;
	u32 kept;
	char head[1 << 16];
};

/* Send what is queued; it is added to @replies unless that is NULL. */
void fuzz_take(struct test_client *client, struct fuzz_replies *replies);
/*
 * Let the client go on for as long as it can without more input, whatever it waits
 * for: the clock is moved to the end of a pause that is not too long.
 */
void fuzz_go_on(struct test_client *client, struct fuzz_replies *replies);

#endif /* TESTS_FUZZ_FUZZ_H */
