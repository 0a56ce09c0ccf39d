/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's log: lines with a level, to the journal, a terminal, a file or syslog. */
#ifndef DARTER_COMMON_LOG_H
#define DARTER_COMMON_LOG_H

/* In rising severity; the names are those of the loglevel directive. */
enum darter_log_level {
	DARTER_LOG_DEBUG,
	DARTER_LOG_VERBOSE,
	DARTER_LOG_NOTICE,
	DARTER_LOG_WARNING,
	DARTER_LOG_ERROR,
	DARTER_LOG_NOTHING,		/* as a level to set only */
};

/*
 * Write to standard error, with the journal's priority prefixes when it is
 * connected to the journal and with a time stamp otherwise. @name is what
 * the lines without journal begin with; it is not copied.
 */
void darter_log_init(const char *name);
/* Lines below @level are dropped; darter_log_init() sets DARTER_LOG_NOTICE. */
void darter_log_set_level(enum darter_log_level level);
/* "debug", "verbose", "notice", "warning", "nothing" (any case) or -EINVAL. */
int darter_log_parse_level(const char *text);
/* To the system's log from now on: for a daemon without a terminal and a file. */
void darter_log_to_system(void);
/* Append to a file from now on. Return: 0 or a negative errno, then nothing changed. */
int darter_log_open(const char *path);

void darter_log(enum darter_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define darter_debug(...) darter_log(DARTER_LOG_DEBUG, __VA_ARGS__)
#define darter_notice(...) darter_log(DARTER_LOG_NOTICE, __VA_ARGS__)
#define darter_warning(...) darter_log(DARTER_LOG_WARNING, __VA_ARGS__)
#define darter_error(...) darter_log(DARTER_LOG_ERROR, __VA_ARGS__)

#endif /* DARTER_COMMON_LOG_H */
