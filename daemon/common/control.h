/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control: messages to and from an instance, by generic netlink to the module or
 * over a UNIX seqpacket socket to the host build. This is the only place that
 * knows which of the two it is.
 */
#ifndef DARTER_COMMON_CONTROL_H
#define DARTER_COMMON_CONTROL_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>

#include "darter.h"

#define DARTER_CONTROL_WHY 512
/* Names the socket of a host build, if no option does. */
#define DARTER_SOCKET_VARIABLE "DARTER_SOCKET"

struct darter_control;

/* What a message carries besides its command. */
struct darter_message {
	int command;
	struct nlattr *attrs[DARTER_A_MAX + 1];	/* NULL: absent */
};

/* Look at one message; a negative return stops and is passed on. */
typedef int (*darter_control_see_t)(void *arg, const struct darter_message *message);

/**
 * darter_control_open() - connect to what serves instances
 * @control: set on success
 * @path: socket of a host build, NULL: the module
 *
 * Return: 0, -ENOENT if there is no module or nobody listens on @path, another
 * negative errno.
 */
int darter_control_open(struct darter_control **control, const char *path);
void darter_control_close(struct darter_control *control);

/*
 * For poll(2). What came while a request was waited for is not seen by it: call
 * darter_control_receive() once before.
 */
int darter_control_fd(const struct darter_control *control);
/* What is wrong after a failed call, never empty; valid until the next call. */
const char *darter_control_why(const struct darter_control *control);
/*
 * The attribute that the peer found wrong with the last request: how far its
 * header is behind the message's start, 0 if it named none.
 */
unsigned int darter_control_bad_offset(const struct darter_control *control);

/*
 * Say that a request failed before it was sent. Return: @err, and
 * darter_control_why() words it.
 */
int darter_control_failed(struct darter_control *control, int err);

/* An attribute's unsigned number, of whatever width; 0 if absent. */
unsigned long long darter_attr_number(const struct nlattr *attr);
/* Its text, cut where @room ends and always terminated; "" if absent. */
void darter_attr_text(const struct nlattr *attr, char *text, size_t room);

/* A request to be filled with nla_put_*() and handed on, NULL without memory. */
struct nl_msg *darter_control_message(struct darter_control *control, int command,
				      bool dump);

/**
 * darter_control_request() - send a request and wait for its end
 * @control: the connection
 * @message: from darter_control_message(), freed in any case; NULL is -ENOMEM
 * @see: called for each answer, may be NULL
 * @arg: for @see
 *
 * A dump that the peer says was inconsistent is not repeated.
 *
 * Context: sleeps until the peer acknowledged, or ten seconds passed.
 * Return: 0 or a negative errno, then darter_control_why() has the reason, the
 * peer's own words if it gave any. -ENODEV: no instance. -ENOTCONN: the module
 * or the host build went away.
 */
int darter_control_request(struct darter_control *control, struct nl_msg *message,
			   darter_control_see_t see, void *arg);

/* Receive the family's events on this connection from now on. */
int darter_control_follow(struct darter_control *control);

/**
 * darter_control_receive() - take what arrived unasked
 * @control: a connection
 * @see: called for each message
 * @arg: for @see
 *
 * Context: does not sleep.
 * Return: 0 when nothing is left, -ENOTCONN when the module or the host build
 * went away, -ENOBUFS when events were lost, another negative errno.
 */
int darter_control_receive(struct darter_control *control, darter_control_see_t see, void *arg);

#endif /* DARTER_COMMON_CONTROL_H */
