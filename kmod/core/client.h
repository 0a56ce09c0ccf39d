/* SPDX-License-Identifier: GPL-2.0 */
/* The registry of an instance's sessions: CLIENT LIST, KILL and limits. */
#ifndef DARTER_CORE_CLIENT_H
#define DARTER_CORE_CLIENT_H

#include <linux/types.h>

struct darter_instance;
struct darter_session;

/* Longest name, library name or version of a client. */
#define DARTER_CLIENT_NAME_MAX 255
/* Room for any line of CLIENT LIST. */
#define DARTER_CLIENT_LINE 1536

/* Takes clients_lock. -EMFILE when maxclients are connected already. */
int darter_client_register(struct darter_instance *instance, struct darter_session *session);
void darter_client_unregister(struct darter_session *session);
/* One line of CLIENT LIST without the newline; returns its length. */
u32 darter_client_line(struct darter_session *session, u64 now, char *line, size_t room);
/*
 * Visit the clients with id >= @first in order of their ids, under
 * clients_lock: @visit must not sleep on a shard or a socket. A non-zero return
 * stops and is returned.
 */
int darter_clients_visit(struct darter_instance *instance, u64 first,
			 int (*visit)(void *arg, struct darter_session *session), void *arg);
/* Mark for closing and kick; under clients_lock, so that the session stays. */
void darter_client_kill(struct darter_session *session);

#endif /* DARTER_CORE_CLIENT_H */
