// SPDX-License-Identifier: GPL-2.0
/* darterd: reads what it is told, becomes a daemon, and serves. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../common/log.h"
#include "../common/names.h"
#include "../common/version.h"
#include "daemon.h"
#include "process.h"

static const char *setting_of(const struct darter_daemon *daemon, const char *name)
{
	const struct darter_setting *setting = darter_settings_find(&daemon->settings, name);

	return setting && *setting->value ? setting->value : NULL;
}

static bool stays_in_foreground(const struct darter_daemon *daemon)
{
	const char *daemonize = setting_of(daemon, "daemonize");

	return daemon->options->foreground || (daemonize && !strcasecmp(daemonize, "no"));
}

/* The path if the file was written and is ours to remove. */
static const char *write_pidfile(const struct darter_daemon *daemon)
{
	const char *path = daemon->options->pidfile ?: setting_of(daemon, "pidfile");
	int err = path ? darter_pidfile_write(path) : 0;

	if (!err)
		return path;
	darter_warning("cannot write %s: %s", path, strerror(-err));
	return NULL;
}

static int serve(struct darter_daemon *daemon)
{
	int background = -1, err, status = EXIT_FAILURE;
	char *pidfile = NULL;
	const char *written;

	if (!stays_in_foreground(daemon)) {
		err = darter_background(&background);
		if (err) {
			darter_error("cannot go into the background: %s", strerror(-err));
			return EXIT_FAILURE;
		}
	}
	darter_daemon_open_log(daemon);
	darter_notice("darterd " DARTER_TOOLS_VERSION);
	written = write_pidfile(daemon);
	/* The setting may change while we run. */
	if (written)
		pidfile = strdup(written);
	if (pidfile || !written)
		status = darter_daemon_run(daemon, background);
	else
		darter_error("out of memory");
	if (written)
		unlink(pidfile ?: written);
	free(pidfile);
	return status;
}

int main(int argc, char **argv)
{
	struct darter_options options;
	struct darter_daemon daemon = { .options = &options, .signals = -1 };
	int status = darter_options_read(&options, argc, argv);

	if (status < 0) {
		darter_log_init("darterd");
		status = darter_daemon_load(&daemon, false) ? EXIT_FAILURE : serve(&daemon);
		darter_settings_free(&daemon.settings);
		darter_names_forget();
	}
	darter_options_free(&options);
	return status;
}
