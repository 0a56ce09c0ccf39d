// SPDX-License-Identifier: GPL-2.0
/* The command line. Read once, by the only thread. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/control.h"
#include "../common/version.h"
#include "options.h"

#define EXIT_USAGE 2

static const char help[] =
	"Usage: darterd [OPTION]... [FILE]\n"
	"Configure the Darter module from FILE, in the syntax of redis.conf, answer what\n"
	"it asks and log what it reports.\n"
	"\n"
	"  -c, --config FILE     the configuration file\n"
	"  -f, --foreground      do not become a daemon\n"
	"  -o, --option 'NAME VALUE'\n"
	"                        a line to read after the file; may be repeated\n"
	"      --pidfile FILE    write the process number to FILE\n"
	"      --socket PATH     configure the host build that listens on PATH instead of\n"
	"                        the module (default: $" DARTER_SOCKET_VARIABLE ")\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n"
	"\n"
	"SIGHUP reads the configuration again, SIGTERM ends the daemon; the store goes on.\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage.\n";

enum { OPTION_PIDFILE = 256, OPTION_SOCKET };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "option", required_argument, NULL, 'o' },
	{ "pidfile", required_argument, NULL, OPTION_PIDFILE },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{}
};

static int usage(void)
{
	fputs("Try 'darterd --help'.\n", stderr);
	return EXIT_USAGE;
}

/* One option; -1 to go on. */
static int take(struct darter_options *options, int option)
{
	switch (option) {
	case 'c':
		options->conf = optarg;
		return -1;
	case 'f':
		options->foreground = true;
		return -1;
	case 'o':
		options->lines[options->nlines++] = optarg;
		return -1;
	case OPTION_PIDFILE:
		options->pidfile = optarg;
		return -1;
	case OPTION_SOCKET:
		options->socket = optarg;
		return -1;
	case 'h':
		fputs(help, stdout);
		return EXIT_SUCCESS;
	case 'V':
		puts("darterd " DARTER_TOOLS_VERSION);
		return EXIT_SUCCESS;
	default:
		return usage();
	}
}

int darter_options_read(struct darter_options *options, int argc, char **argv)
{
	int option, status;

	*options = (struct darter_options){ .socket = getenv(DARTER_SOCKET_VARIABLE) };
	if (options->socket && !*options->socket)
		options->socket = NULL;
	/* No command line has more -o than words. */
	options->lines = calloc(argc, sizeof(*options->lines));
	if (!options->lines) {
		fputs("darterd: out of memory\n", stderr);
		return EXIT_FAILURE;
	}
	for (;;) {
		option = getopt_long(argc, argv, "c:fo:hV", long_options, NULL);
		if (option < 0)
			break;
		status = take(options, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc && !options->conf)
		options->conf = argv[optind++];
	return optind < argc ? usage() : -1;
}

void darter_options_free(struct darter_options *options)
{
	free(options->lines);
	*options = (struct darter_options){};
}
