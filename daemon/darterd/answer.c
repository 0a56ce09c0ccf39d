// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that the kernel leaves to the daemon. They are answered in the order
 * of their arrival, in the event loop's thread, with RESP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/api.h"
#include "../common/log.h"
#include "daemon.h"
#include "request.h"
#include "rewrite.h"

#define REPLY_CHARS 512
#define HOST_MS 10
#define HOST_TRIES 1000

static int reply(struct darter_daemon *daemon, const struct darter_upcall *upcall,
		 const char *text)
{
	/* -ENOENT: the client did not wait. */
	int err = darter_api_answer(daemon->control, upcall->id, text, strlen(text));

	if (!err || err == -ENOENT)
		return 0;
	darter_warning("cannot answer a command: %s", darter_control_why(daemon->control));
	return err;
}

static int collect_value(void *values, const char *name, const char *value)
{
	return darter_values_add(values, name, value);
}

static int config_rewrite(struct darter_daemon *daemon, const struct darter_upcall *upcall)
{
	struct darter_values values = {};
	char text[REPLY_CHARS];
	int err;

	if (!daemon->options->conf) {
		return reply(daemon, upcall,
			     "-ERR The server is running without a config file\r\n");
	}
	err = darter_api_config_get(daemon->control, "*", collect_value, &values);
	if (!err)
		err = darter_rewrite_file(daemon->options->conf, &values);
	darter_values_free(&values);
	if (err) {
		darter_warning("CONFIG REWRITE of %s failed: %s", daemon->options->conf,
			       strerror(-err));
		snprintf(text, sizeof(text), "-ERR Rewriting config file: %s\r\n",
			 strerror(-err));
		return reply(daemon, upcall, text);
	}
	darter_notice("CONFIG REWRITE: %s is up to date", daemon->options->conf);
	/* What the next instance shall be given. */
	darter_daemon_load(daemon, true);
	return reply(daemon, upcall, "+OK\r\n");
}

/* Options of SHUTDOWN, a bit each. */
enum {
	SHUTDOWN_NOSAVE = 1 << 0,
	SHUTDOWN_SAVE = 1 << 1,
	SHUTDOWN_NOW = 1 << 2,
	SHUTDOWN_FORCE = 1 << 3,
	SHUTDOWN_ABORT = 1 << 4,
};

static int read_option(const struct darter_word *word)
{
	static const char *const names[] = { "NOSAVE", "SAVE", "NOW", "FORCE", "ABORT" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (darter_word_is(word, names[i]))
			return 1 << i;
	}
	return -EINVAL;
}

/* The options, or -EINVAL for one that does not exist or two that contradict. */
static int read_shutdown(const struct darter_request *request)
{
	int options = 0, option;

	for (size_t i = 1; i < request->count; i++) {
		option = read_option(&request->words[i]);
		if (option < 0)
			return option;
		options |= option;
	}
	if ((options & SHUTDOWN_ABORT && options != SHUTDOWN_ABORT) ||
	    (options & SHUTDOWN_SAVE && options & SHUTDOWN_NOSAVE))
		return -EINVAL;
	return options;
}

/* Why there is no shutdown, as a reply; NULL if there shall be one. */
static const char *refuse_shutdown(int options)
{
	if (options < 0)
		return "-ERR syntax error\r\n";
	if (options & SHUTDOWN_ABORT)
		return "-ERR No shutdown in progress.\r\n";
	/* There is nowhere to save to, and SAVE promises not to end without it. */
	if (options & SHUTDOWN_SAVE && !(options & SHUTDOWN_FORCE)) {
		darter_warning("SHUTDOWN SAVE refused: there is nothing to save to");
		return "-ERR Errors trying to SHUTDOWN. Check logs.\r\n";
	}
	return NULL;
}

/*
 * A host build answers before it ends. If we were gone by then, the client would
 * be told that we did not answer.
 */
static void wait_for_host(struct darter_daemon *daemon)
{
	struct darter_brief brief;

	for (int i = 0; i < HOST_TRIES; i++) {
		if (darter_api_brief(daemon->control, &brief) == -ENOTCONN)
			return;
		usleep(HOST_MS * 1000);
	}
}

/* The client gets no reply: its connection is closed with all others. */
static int stop_instance(struct darter_daemon *daemon, const struct darter_upcall *upcall,
			 const struct darter_request *request)
{
	const char *refusal = refuse_shutdown(read_shutdown(request));
	int err;

	if (refusal)
		return reply(daemon, upcall, refusal);
	darter_notice("a client asked for SHUTDOWN");
	err = darter_api_stop(daemon->control);
	/* A host build may be gone before it can say so. */
	if (err && err != -ENODEV && err != -ENOTCONN) {
		darter_error("cannot stop the instance: %s",
			     darter_control_why(daemon->control));
		return reply(daemon, upcall, "-ERR Errors trying to SHUTDOWN. Check logs.\r\n");
	}
	if (daemon->options->socket)
		wait_for_host(daemon);
	daemon->status = EXIT_SUCCESS;
	daemon->loop.stop = true;
	return 0;
}

static int answer(struct darter_daemon *daemon, const struct darter_upcall *upcall)
{
	struct darter_request request;

	if (darter_request_parse(upcall->request, upcall->length, &request)) {
		darter_warning("received a command that is no command");
		return reply(daemon, upcall, "-ERR darterd could not read the command\r\n");
	}
	if (request.count == 2 && darter_word_is(&request.words[0], "CONFIG") &&
	    darter_word_is(&request.words[1], "REWRITE"))
		return config_rewrite(daemon, upcall);
	if (darter_word_is(&request.words[0], "SHUTDOWN"))
		return stop_instance(daemon, upcall, &request);
	darter_warning("received a command that this version does not know: %.*s",
		       (int)request.words[0].length, request.words[0].text);
	return reply(daemon, upcall,
		     "-ERR this version of darterd does not know the command\r\n");
}

static struct darter_upcall *take_first(struct darter_daemon *daemon)
{
	struct darter_upcall *first = daemon->upcalls;

	if (!first)
		return NULL;
	daemon->upcalls = first->next;
	if (!daemon->upcalls)
		daemon->upcalls_end = &daemon->upcalls;
	return first;
}

int darter_answer_upcalls(struct darter_daemon *daemon)
{
	struct darter_upcall *upcall;
	int err = 0;

	while (!err && !daemon->loop.stop && (upcall = take_first(daemon))) {
		err = answer(daemon, upcall);
		free(upcall);
	}
	return err;
}

void darter_forget_upcalls(struct darter_daemon *daemon)
{
	while (daemon->upcalls)
		free(take_first(daemon));
}
