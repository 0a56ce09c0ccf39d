// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into darterd and darterctl: lets allocations fail when a test wants,
 * those of the libraries as well. The file that $DARTER_SCARCE names is shared with
 * the test, which may change it at any moment. One thread.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As struct.pack("=qII") has it. */
struct scarcity {
	int64_t after;			/* so many succeed first; -1: all do */
	uint32_t alone;			/* then one fails, not all */
	uint32_t failed;		/* so many have failed */
};

static struct scarcity *scarcity;

static void *(*next_malloc)(size_t size);
static void *(*next_calloc)(size_t n, size_t size);
static void *(*next_realloc)(void *old, size_t size);

__attribute__((constructor))
static void begin(void)
{
	const char *path = getenv("DARTER_SCARCE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*scarcity), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		scarcity = map;
}

static int fails(void)
{
	if (!scarcity || scarcity->after < 0)
		return 0;
	if (scarcity->after) {
		scarcity->after--;
		return 0;
	}
	if (scarcity->alone)
		scarcity->after = -1;
	scarcity->failed++;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	if (!next_malloc)
		next_malloc = dlsym(RTLD_NEXT, "malloc");
	return fails() ? NULL : next_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (!next_calloc)
		next_calloc = dlsym(RTLD_NEXT, "calloc");
	return fails() ? NULL : next_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (!next_realloc)
		next_realloc = dlsym(RTLD_NEXT, "realloc");
	return fails() ? NULL : next_realloc(old, size);
}

/* The sanitizer's own would not come by here. */
char *strndup(const char *text, size_t most)
{
	size_t length = strnlen(text, most);
	char *copy = malloc(length + 1);

	if (!copy)
		return NULL;
	copy[length] = '\0';
	return memcpy(copy, text, length);
}

char *strdup(const char *text)
{
	return strndup(text, SIZE_MAX);
}
