/* SPDX-License-Identifier: GPL-2.0 */
/* What libFuzzer calls, and what the linker puts in the place of the C library's own. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* One input. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz.c: choices that are the same in each run. */
ssize_t __wrap_getrandom(void *out, size_t len, unsigned int flags);

/* conf.c: files that exist in memory only. */
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
int __wrap_glob(const char *pattern, int flags, int (*failed)(const char *path, int err),
		glob_t *found);
void __wrap_globfree(glob_t *found);

#endif /* TESTS_FUZZ_TARGET_H */
