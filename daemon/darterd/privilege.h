/* SPDX-License-Identifier: GPL-2.0 */
/* Giving up what the daemon does not need. */
#ifndef DARTER_DARTERD_PRIVILEGE_H
#define DARTER_DARTERD_PRIVILEGE_H

/*
 * Keep at most CAP_NET_ADMIN, for this process and whatever it would execute.
 * Files are opened as their owner or not at all from then on. Return: 0 or a
 * negative errno.
 */
int darter_drop_privileges(void);

#endif /* DARTER_DARTERD_PRIVILEGE_H */
