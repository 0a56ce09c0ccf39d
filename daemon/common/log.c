// SPDX-License-Identifier: GPL-2.0
/*
 * Logging. One process, one thread: the settings are plain statics. A line is
 * one write, so that lines of several processes on one terminal stay whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LINE_CHARS 1024

static const char *log_name = "darter";
static enum darter_log_level log_level = DARTER_LOG_NOTICE;
static int log_fd = STDERR_FILENO;
static bool to_journal, to_system;

static const struct {
	const char *name;
	int priority;			/* syslog's, and sd-daemon(3)'s prefix */
} levels[] = {
	[DARTER_LOG_DEBUG] = { "debug", LOG_DEBUG },
	[DARTER_LOG_VERBOSE] = { "verbose", LOG_INFO },
	[DARTER_LOG_NOTICE] = { "notice", LOG_NOTICE },
	[DARTER_LOG_WARNING] = { "warning", LOG_WARNING },
	[DARTER_LOG_ERROR] = { "error", LOG_ERR },
	[DARTER_LOG_NOTHING] = { "nothing", LOG_EMERG },
};

/* $JOURNAL_STREAM names device and inode of the journal's socket. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long device, inode;
	struct stat st;

	if (!stream || sscanf(stream, "%lu:%lu", &device, &inode) != 2)
		return false;
	return !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
}

void darter_log_init(const char *name)
{
	log_name = name;
	log_level = DARTER_LOG_NOTICE;
	to_journal = stderr_is_journal();
}

void darter_log_set_level(enum darter_log_level level)
{
	log_level = level;
}

int darter_log_parse_level(const char *text)
{
	for (int i = DARTER_LOG_DEBUG; i <= DARTER_LOG_NOTHING; i++) {
		if (i != DARTER_LOG_ERROR && !strcasecmp(text, levels[i].name))
			return i;
	}
	return -EINVAL;
}

void darter_log_to_system(void)
{
	openlog(log_name, LOG_PID, LOG_DAEMON);
	to_system = true;
}

int darter_log_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return -errno;
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = fd;
	to_journal = false;
	to_system = false;
	return 0;
}

static int write_prefix(char *line, size_t room, enum darter_log_level level)
{
	struct timespec now;
	struct tm tm;
	size_t used;

	if (to_journal)
		return snprintf(line, room, "<%d>", levels[level].priority);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	used = strftime(line, room, "%Y-%m-%d %H:%M:%S", &tm);
	return used + snprintf(line + used, room - used, ".%03ld %s[%d] %s: ",
			       now.tv_nsec / 1000000, log_name, (int)getpid(),
			       levels[level].name);
}

void darter_log(enum darter_log_level level, const char *format, ...)
{
	char line[LINE_CHARS];
	va_list args;
	ssize_t wrote;
	size_t used;
	int more;

	if (level < log_level)
		return;
	if (to_system) {
		va_start(args, format);
		vsyslog(levels[level].priority, format, args);
		va_end(args);
		return;
	}
	used = write_prefix(line, sizeof(line) - 1, level);
	va_start(args, format);
	more = vsnprintf(line + used, sizeof(line) - 1 - used, format, args);
	va_end(args);
	if (more > 0)
		used += more;
	if (used > sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	/* There is nobody to tell that the log cannot be written. */
	wrote = write(log_fd, line, used);
	(void)wrote;
}
