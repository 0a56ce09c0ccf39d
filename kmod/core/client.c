// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of sessions, see client.h: a list in order of ids.
 *
 * instance->clients_lock protects the list and keeps those on it from ending.
 * What is shown of a session was published by its worker and is read without
 * another lock, except its names, which session->info_lock protects.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/string.h>

#include "client.h"
#include "command.h"
#include "instance.h"
#include "session.h"

/**
 * darter_client_register() - count a session in and let others see it
 * @instance: whose
 * @session: initialised
 *
 * Context: takes clients_lock; may sleep.
 * Return: 0, or -EMFILE when maxclients are connected already.
 */
int darter_client_register(struct darter_instance *instance, struct darter_session *session)
{
	struct list_head *before;
	int err = 0;

	mutex_lock(&instance->clients_lock);
	if (instance->nclients >= READ_ONCE(instance->config.max_clients)) {
		instance->rejected_clients++;
		err = -EMFILE;
		goto out;
	}
	/* Ids are given before the lock is taken: a neighbour may have been faster. */
	for (before = instance->clients.prev; before != &instance->clients;
	     before = before->prev)
		if (list_entry(before, struct darter_session, client_link)->id < session->id)
			break;
	list_add(&session->client_link, before);
	instance->nclients++;
	instance->total_clients++;
out:
	mutex_unlock(&instance->clients_lock);
	return err;
}

/**
 * darter_client_unregister() - forget a session
 * @session: registered; nobody kills or shows it when this returns
 *
 * Context: takes clients_lock; may sleep.
 */
void darter_client_unregister(struct darter_session *session)
{
	struct darter_instance *instance = session->instance;

	mutex_lock(&instance->clients_lock);
	list_del_init(&session->client_link);
	instance->nclients--;
	mutex_unlock(&instance->clients_lock);
}

/**
 * darter_clients_visit() - look at sessions in order of their ids
 * @instance: whose
 * @first: id to begin with
 * @visit: called under clients_lock; may not sleep on a shard or a socket
 * @arg: for @visit
 *
 * Return: 0, or what @visit stopped with.
 */
int darter_clients_visit(struct darter_instance *instance, u64 first,
			 int (*visit)(void *arg, struct darter_session *session), void *arg)
{
	struct darter_session *session;
	int result = 0;

	mutex_lock(&instance->clients_lock);
	list_for_each_entry(session, &instance->clients, client_link) {
		if (session->id < first)
			continue;
		result = visit(arg, session);
		if (result)
			break;
	}
	mutex_unlock(&instance->clients_lock);
	return result;
}

/**
 * darter_client_kill() - have a session's connection closed
 * @session: registered
 *
 * Context: under clients_lock.
 */
void darter_client_kill(struct darter_session *session)
{
	lockdep_assert_held(&session->instance->clients_lock);
	WRITE_ONCE(session->killed, true);
	session->instance->host->kick(session);
}

/* The letters of CLIENT LIST for what is special about a client. */
static void format_flags(const struct darter_session *session, char *flags)
{
	char *end = flags;

	if (READ_ONCE(session->monitoring))
		*end++ = 'O';
	if (READ_ONCE(session->queued) >= 0)
		*end++ = 'x';
	if (darter_session_blocked(session))
		*end++ = 'b';
	if (READ_ONCE(session->watch_dirty))
		*end++ = 'd';
	if (READ_ONCE(session->finishing))
		*end++ = 'c';
	if (READ_ONCE(session->readonly_mode))
		*end++ = 'r';
	if (READ_ONCE(session->no_evict))
		*end++ = 'e';
	if (READ_ONCE(session->no_touch))
		*end++ = 'T';
	if (end == flags)
		*end++ = 'N';
	*end = '\0';
}

static u64 seconds_since(u64 then, u64 now)
{
	return now > then ? (now - then) / 1000 : 0;
}

/* Up to the last command: what follows needs the names. */
static u32 format_state(const struct darter_session *session, u64 now, char *line, size_t room)
{
	const struct darter_command *command = READ_ONCE(session->last_command);
	u32 chunks = READ_ONCE(session->reply_chunks);
	u64 pushes = READ_ONCE(session->pushes.memory);
	char flags[12];
	u32 len;

	format_flags(session, flags);
	len = scnprintf(line, room,
			" age=%llu idle=%llu flags=%s db=%u sub=0 psub=0 ssub=0 multi=%d",
			seconds_since(session->created, now),
			seconds_since(READ_ONCE(session->last_active), now), flags,
			READ_ONCE(session->db), READ_ONCE(session->queued));
	/* Replies are queued in chunks only, and arguments lie in the input. */
	len += scnprintf(line + len, room - len,
			 " qbuf=%u qbuf-free=%u argv-mem=0 multi-mem=%llu rbs=0 rbp=0 obl=0",
			 READ_ONCE(session->query_bytes), READ_ONCE(session->query_free),
			 READ_ONCE(session->multi_memory));
	len += scnprintf(line + len, room - len,
			 " oll=%u omem=%llu tot-mem=%llu events=%s cmd=%s user=default redir=-1",
			 chunks, READ_ONCE(session->reply_memory) + pushes,
			 READ_ONCE(session->memory) + pushes,
			 chunks ? "rw" : "r", command ? command->name : "NULL");
	return len;
}

/**
 * darter_client_line() - describe a client as CLIENT LIST does
 * @session: registered, or run by the caller
 * @now: ms since the epoch
 * @line: gets the line without its newline, and a NUL
 * @room: DARTER_CLIENT_LINE is always enough
 *
 * There is no descriptor to show: fd is -1.
 *
 * Context: takes session->info_lock.
 * Return: its length.
 */
u32 darter_client_line(struct darter_session *session, u64 now, char *line, size_t room)
{
	u32 len;

	len = scnprintf(line, room, "id=%llu addr=%s laddr=%s fd=-1", session->id,
			session->addr, session->laddr);
	spin_lock(&session->info_lock);
	len += scnprintf(line + len, room - len, " name=%s", session->name ?: "");
	len += format_state(session, now, line + len, room - len);
	len += scnprintf(line + len, room - len, " resp=%u lib-name=%s lib-ver=%s",
			 READ_ONCE(session->resp), session->lib_name ?: "",
			 session->lib_ver ?: "");
	spin_unlock(&session->info_lock);
	return len;
}
