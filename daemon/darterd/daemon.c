// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's life: find the module, configure and register, serve until it
 * goes away, find it again.
 *
 * A tick comes after retry_ms. It tries to connect where there is no connection,
 * and otherwise looks whether the instance is still the one that was configured.
 * Everything runs in the event loop's thread.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "../common/api.h"
#include "../common/event.h"
#include "../common/log.h"
#include "daemon.h"
#include "privilege.h"
#include "process.h"

#define RETRY_MS 1000
#define RETRY_MAX_MS 60000
#define PREDECESSOR_MS 100
#define PREDECESSOR_TRIES 20

static void warn_ignored(const char *file, unsigned int number, const char *name)
{
	darter_warning("%s:%u: %s has no meaning here and is ignored", file, number, name);
}

static void warn_nobody(const char *file, unsigned int number, const char *name)
{
	(void)file;
	(void)number;
	(void)name;
}

static void tell_manager(const char *text)
{
	int err = sd_notify(0, text);

	if (err < 0)
		darter_warning("cannot tell the service manager: %s", strerror(-err));
}

static int read_settings(const struct darter_options *options, bool quiet,
			 struct darter_settings *settings)
{
	struct darter_conf conf;
	int err = 0;

	darter_conf_init(&conf);
	*settings = (struct darter_settings){};
	if (options->conf)
		err = darter_conf_read(&conf, options->conf);
	for (size_t i = 0; i < options->nlines && !err; i++)
		err = darter_conf_add(&conf, "--option", i + 1, options->lines[i]);
	if (err) {
		darter_error("%s", conf.why);
	} else {
		err = darter_settings_build(settings, &conf,
					    quiet ? warn_nobody : warn_ignored);
		if (err)
			darter_error("%s", settings->why);
	}
	darter_conf_free(&conf);
	return err;
}

static int set_log_level(const struct darter_settings *settings)
{
	const struct darter_setting *setting = darter_settings_find(settings, "loglevel");
	int level = setting ? darter_log_parse_level(setting->value) : DARTER_LOG_NOTICE;

	if (level < 0) {
		darter_error("%s:%u: '%s' is no log level", setting->file, setting->number,
			     setting->value);
		return level;
	}
	darter_log_set_level(level);
	return 0;
}

int darter_daemon_load(struct darter_daemon *daemon, bool quiet)
{
	struct darter_settings settings;
	int err;

	err = read_settings(daemon->options, quiet, &settings);
	if (!err)
		err = set_log_level(&settings);
	if (err) {
		darter_settings_free(&settings);
		return err;
	}
	darter_settings_free(&daemon->settings);
	daemon->settings = settings;
	return 0;
}

static const char *log_file(const struct darter_daemon *daemon)
{
	const struct darter_setting *setting = darter_settings_find(&daemon->settings, "logfile");

	return setting && *setting->value ? setting->value : NULL;
}

/* A log that cannot be written is no reason to serve nobody. */
void darter_daemon_open_log(const struct darter_daemon *daemon)
{
	const char *path = log_file(daemon);
	int err = path ? darter_log_open(path) : 0;

	if (err)
		darter_warning("cannot log to %s: %s", path, strerror(-err));
}

static void disconnect(struct darter_daemon *daemon)
{
	darter_loop_cancel(&daemon->loop, &daemon->bus_io);
	darter_control_close(daemon->bus);
	darter_control_close(daemon->control);
	daemon->bus = NULL;
	daemon->control = NULL;
	darter_forget_upcalls(daemon);
}

static void enter(struct darter_daemon *daemon, enum darter_daemon_state state)
{
	static const char *const texts[] = {
		[DARTER_NO_SERVER] = "Waiting for the module",
		[DARTER_NO_INSTANCE] = "Waiting for an instance",
		[DARTER_REFUSED] = "Cannot configure the instance",
		[DARTER_SERVING] = "Configured",
	};
	char text[64];

	if (daemon->tried && daemon->state == state)
		return;
	daemon->state = state;
	darter_notice("%s", texts[state]);
	snprintf(text, sizeof(text), "STATUS=%s", texts[state]);
	tell_manager(text);
}

/* A connection for upcalls and events; the instance is there. */
static int open_bus(struct darter_daemon *daemon)
{
	int err = darter_control_open(&daemon->bus, daemon->options->socket);

	if (!err)
		err = darter_control_follow(daemon->bus);
	if (!err)
		err = darter_api_register(daemon->bus);
	if (err)
		darter_error("cannot register: %s", darter_control_why(daemon->bus));
	return err;
}

/* One that was just killed may not be gone yet; another is there to stay. */
static int wait_for_predecessor(struct darter_daemon *daemon)
{
	struct darter_brief brief;

	for (int i = 0; i < PREDECESSOR_TRIES; i++) {
		if (darter_api_brief(daemon->control, &brief) || !brief.daemon)
			return 0;
		usleep(PREDECESSOR_MS * 1000);
	}
	darter_error("another daemon is registered");
	return -EBUSY;
}

/* Nobody shall meet an instance that we started and could not configure. */
static void take_back(struct darter_daemon *daemon)
{
	if (!daemon->started)
		return;
	daemon->started = false;
	if (darter_api_stop(daemon->control))
		darter_error("cannot stop the instance: %s", darter_control_why(daemon->control));
}

/* An instance that has the settings keeps what was changed in it since. */
static bool has_settings(struct darter_daemon *daemon)
{
	struct darter_brief brief;

	return daemon->in_force && !darter_api_brief(daemon->control, &brief) &&
	       !strcmp(brief.run_id, daemon->run_id);
}

static int register_and_configure(struct darter_daemon *daemon)
{
	bool had_settings = has_settings(daemon);
	int err = had_settings ? 0 : darter_configure_instance(daemon);

	if (err == -ENODEV)
		enter(daemon, DARTER_NO_INSTANCE);
	if (err)
		return err;
	err = open_bus(daemon);
	if (!err && !had_settings)
		err = darter_configure_parameters(daemon);
	if (err)
		take_back(daemon);
	else
		daemon->in_force = true;
	return err;
}

/*
 * One attempt to get from nothing to serving. Return: 0; -ENOENT or -ENODEV if
 * there is nothing to connect to; another errno after logging.
 */
static int attempt(struct darter_daemon *daemon)
{
	int err = darter_control_open(&daemon->control, daemon->options->socket);

	if (err == -ENOENT) {
		/* Whatever comes next is a new start. */
		daemon->may_start = true;
		enter(daemon, DARTER_NO_SERVER);
		return err;
	}
	if (err) {
		darter_error("%s", darter_control_why(daemon->control));
		return err;
	}
	err = wait_for_predecessor(daemon);
	if (err)
		return err;
	daemon->started = false;
	err = register_and_configure(daemon);
	if (err)
		return err;
	daemon->may_start = false;
	enter(daemon, DARTER_SERVING);
	return 0;
}

/* @gone: with all instances, so that the next one is ours to start. */
static void lost(struct darter_daemon *daemon, const char *why, bool gone)
{
	darter_notice("%s", why);
	disconnect(daemon);
	daemon->may_start = gone;
	enter(daemon, gone ? DARTER_NO_SERVER : DARTER_NO_INSTANCE);
}

/* Whether the module or the host build has gone, for all that an error tells. */
static bool means_gone(int err)
{
	return err != -ENODEV && err != -ENOMEM;
}

static int queue_upcall(struct darter_daemon *daemon, const struct darter_message *message)
{
	struct nlattr *id = message->attrs[DARTER_A_UPCALL_ID];
	struct nlattr *request = message->attrs[DARTER_A_UPCALL_REQUEST];
	struct darter_upcall *upcall;

	if (!id || !request)
		return 0;
	upcall = malloc(sizeof(*upcall) + nla_len(request));
	if (!upcall)
		return -ENOMEM;
	upcall->next = NULL;
	upcall->id = darter_attr_number(id);
	upcall->length = nla_len(request);
	memcpy(upcall->request, nla_data(request), upcall->length);
	*daemon->upcalls_end = upcall;
	daemon->upcalls_end = &upcall->next;
	return 0;
}

static void log_event(const struct darter_message *message)
{
	struct darter_event event;

	if (!darter_event_read(message, &event))
		return;
	switch (event.kind) {
	case DARTER_EVENT_KIND_OOM:
		darter_warning("maxmemory is reached: writes are refused");
		break;
	case DARTER_EVENT_KIND_DAEMON:
		/* We are meant. */
		darter_debug("daemon: %s", event.text);
		break;
	default:
		darter_notice("%s: %s", event.name, event.text);
	}
}

static int see_unasked(void *arg, const struct darter_message *message)
{
	struct darter_daemon *daemon = arg;

	switch (message->command) {
	case DARTER_CMD_ASK:
		return queue_upcall(daemon, message);
	case DARTER_CMD_EVENT:
		log_event(message);
		return 0;
	default:
		return 0;
	}
}

/* Take what came, answer it, and wait for more. */
static void serve_bus(struct darter_daemon *daemon)
{
	int err = darter_control_receive(daemon->bus, see_unasked, daemon);

	if (err == -ENOBUFS) {
		darter_warning("events were lost");
	} else if (err) {
		lost(daemon, darter_control_why(daemon->bus), means_gone(err));
		return;
	}
	err = darter_answer_upcalls(daemon);
	if (err) {
		/* Whoever waits is told so when the connection ends. */
		lost(daemon, "beginning anew: commands were not answered", means_gone(err));
		return;
	}
	if (daemon->bus && !daemon->loop.stop)
		darter_loop_poll(&daemon->loop, &daemon->bus_io,
				 darter_control_fd(daemon->bus));
}

static void on_bus(struct darter_io *io, int result)
{
	struct darter_daemon *daemon = container_of(io, struct darter_daemon, bus_io);

	if (result != -ECANCELED && daemon->bus)
		serve_bus(daemon);
}

/* Try to connect; what is wrong with the configuration is retried ever later. */
static int connect_again(struct darter_daemon *daemon)
{
	int err = attempt(daemon);

	if (err)
		disconnect(daemon);
	else
		serve_bus(daemon);
	if (!err || err == -ENOENT || err == -ENODEV) {
		daemon->retry_ms = RETRY_MS;
	} else {
		enter(daemon, DARTER_REFUSED);
		daemon->retry_ms *= daemon->retry_ms < RETRY_MAX_MS ? 2 : 1;
	}
	daemon->tried = true;
	return err;
}

/* Whether the instance is the one that was configured. */
static void check(struct darter_daemon *daemon)
{
	struct darter_brief brief;
	int err = darter_api_brief(daemon->control, &brief);

	if (err)
		lost(daemon, darter_control_why(daemon->control), means_gone(err));
	else if (strcmp(brief.run_id, daemon->run_id))
		lost(daemon, "another instance was started", false);
}

static void on_timer(struct darter_io *io, int result)
{
	struct darter_daemon *daemon = container_of(io, struct darter_daemon, timer_io);

	(void)result;
	if (daemon->state == DARTER_SERVING)
		check(daemon);
	/* The poll of an earlier connection may still be on its way back. */
	else if (!daemon->bus_io.waiting)
		connect_again(daemon);
	darter_loop_timer(&daemon->loop, &daemon->timer_io, daemon->retry_ms);
}

/* Give the instance a configuration that has just been read. */
static void apply(struct darter_daemon *daemon)
{
	char before[sizeof(daemon->run_id)];
	int err;

	if (daemon->state != DARTER_SERVING) {
		/* What was refused may be right now. */
		if (!daemon->bus_io.waiting)
			connect_again(daemon);
		return;
	}
	strcpy(before, daemon->run_id);
	daemon->may_start = true;
	daemon->started = false;
	err = darter_configure_instance(daemon);
	if (!err)
		err = darter_configure_parameters(daemon);
	daemon->in_force = !err;
	if (err)
		take_back(daemon);
	daemon->may_start = false;
	if (strcmp(before, daemon->run_id))
		lost(daemon, "the instance was replaced", false);
}

static void reload(struct darter_daemon *daemon)
{
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 now.tv_sec * 1000000LL + now.tv_nsec / 1000);
	tell_manager(text);
	darter_notice("reading the configuration again");
	if (!darter_daemon_load(daemon, false)) {
		daemon->in_force = false;
		darter_daemon_open_log(daemon);
		apply(daemon);
	}
	tell_manager("READY=1");
}

static void on_signal(struct darter_io *io, int result)
{
	struct darter_daemon *daemon = container_of(io, struct darter_daemon, signal_io);
	struct signalfd_siginfo info;

	(void)result;
	while (read(daemon->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			reload(daemon);
			continue;
		}
		darter_notice("ended by signal %u; the instance goes on", info.ssi_signo);
		daemon->loop.stop = true;
	}
	if (!daemon->loop.stop)
		darter_loop_poll(&daemon->loop, io, daemon->signals);
}

static int open_signals(struct darter_daemon *daemon)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	daemon->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return daemon->signals < 0 ? -errno : 0;
}

/* Everything that may fail before the loop runs. */
static int prepare(struct darter_daemon *daemon)
{
	int err = darter_drop_privileges();

	if (err) {
		darter_error("cannot drop capabilities: %s", strerror(-err));
		return err;
	}
	err = connect_again(daemon);
	if (err && err != -ENOENT && err != -ENODEV)
		return err;
	err = darter_loop_poll(&daemon->loop, &daemon->signal_io, daemon->signals);
	if (!err)
		err = darter_loop_timer(&daemon->loop, &daemon->timer_io, daemon->retry_ms);
	if (err)
		darter_error("cannot queue to io_uring: %s", strerror(-err));
	return err;
}

static void init(struct darter_daemon *daemon)
{
	daemon->may_start = true;
	daemon->retry_ms = RETRY_MS;
	daemon->status = EXIT_SUCCESS;
	daemon->upcalls_end = &daemon->upcalls;
	daemon->bus_io.done = on_bus;
	daemon->signal_io.done = on_signal;
	daemon->timer_io.done = on_timer;
}

int darter_daemon_run(struct darter_daemon *daemon, int background)
{
	int err;

	init(daemon);
	err = darter_loop_init(&daemon->loop);
	if (err) {
		darter_error("io_uring is not available: %s", strerror(-err));
		return EXIT_FAILURE;
	}
	err = open_signals(daemon);
	if (err) {
		darter_error("cannot receive signals: %s", strerror(-err));
		goto out;
	}
	err = prepare(daemon);
	if (err)
		goto out;
	tell_manager("READY=1");
	if (background >= 0 && !log_file(daemon))
		darter_log_to_system();
	darter_background_ready(background);
	err = darter_loop_run(&daemon->loop);
	if (err)
		darter_error("waiting for events failed: %s", strerror(-err));
	tell_manager("STOPPING=1");
	disconnect(daemon);
	close(daemon->signals);
out:
	darter_loop_exit(&daemon->loop);
	return err ? EXIT_FAILURE : daemon->status;
}
