// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day as a test wants it: LD_PRELOAD this into a server, and gettimeofday(),
 * time() and clock_gettime(CLOCK_REALTIME) return what the file $MODEL_CLOCK holds,
 * microseconds since 1970 as a 64-bit number. It stands still until the test changes
 * the file, which all servers of a test share. Other clocks run as they do.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const uint64_t *clock_us;
static int (*real_clock_gettime)(clockid_t id, struct timespec *now);

__attribute__((constructor))
static void map_clock(void)
{
	const char *path = getenv("MODEL_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		abort();
	clock_us = mmap(NULL, sizeof(*clock_us), PROT_READ, MAP_SHARED, fd, 0);
	if (clock_us == MAP_FAILED)
		abort();
	close(fd);
}

static uint64_t now_us(void)
{
	return __atomic_load_n(clock_us, __ATOMIC_ACQUIRE);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	if (!real_clock_gettime)
		real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	if (!clock_us || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return real_clock_gettime(id, now);
	now->tv_sec = now_us() / 1000000;
	now->tv_nsec = now_us() % 1000000 * 1000;
	return 0;
}

int gettimeofday(struct timeval *now, void *zone)
{
	struct timespec spec;

	clock_gettime(CLOCK_REALTIME, &spec);
	now->tv_sec = spec.tv_sec;
	now->tv_usec = spec.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec spec;

	clock_gettime(CLOCK_REALTIME, &spec);
	if (out)
		*out = spec.tv_sec;
	return spec.tv_sec;
}
