/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The control protocol of Darter: generic netlink family "darter". The same
 * messages travel over a UNIX seqpacket socket to the host build.
 *
 * A request concerns the instance of the sender's network namespace; without
 * one it fails with ENODEV. Every error carries a text (NLMSGERR_ATTR_MSG) but
 * for those that generic netlink finds before the family is asked: EPERM and
 * EOPNOTSUPP. Reading is open to all; whatever changes something needs
 * CAP_NET_ADMIN over the namespace. darter.yaml says the same for machines.
 *
 * Numbers once given are never given another meaning; new ones are appended.
 */
#ifndef _UAPI_DARTER_H
#define _UAPI_DARTER_H

#define DARTER_GENL_NAME "darter"
#define DARTER_GENL_VERSION 1
/* Of the protocol, in DARTER_A_ABI; grows when something is added. */
#define DARTER_ABI 3
#define DARTER_GENL_GROUP_EVENTS "events"

/* Message type of the family on a seqpacket socket, where nobody assigns one. */
#define DARTER_SEQPACKET_FAMILY 0x20

/* Longest texts, without the terminating NUL. */
#define DARTER_NAME_MAX 63
#define DARTER_VALUE_MAX 1023
#define DARTER_BIND_MAX 511
#define DARTER_HOST_MAX 255
/* Longest command in an upcall, and longest answer to one. */
#define DARTER_REQUEST_MAX 60000
#define DARTER_REPLY_MAX 60000

/* "do": one answer or an acknowledgment; "dump": one message for each object. */
enum {
	DARTER_CMD_UNSPEC,
	DARTER_CMD_INSTANCE_GET,	/* do: the instance in short */
	DARTER_CMD_START,		/* do, privileged: make an instance */
	DARTER_CMD_STOP,		/* do, privileged: end it, all data is lost */
	DARTER_CMD_CONFIG_GET,		/* dump: PARAM_INDEX, NAME, VALUE ...; [PATTERN] */
	DARTER_CMD_CONFIG_SET,		/* do, privileged: PARAM...; [LOADING] */
	DARTER_CMD_SHARD_GET,		/* dump */
	DARTER_CMD_WORKER_GET,		/* dump */
	DARTER_CMD_CLIENT_GET,		/* dump */
	DARTER_CMD_CLIENT_KILL,		/* do, privileged: CLIENT_ID */
	DARTER_CMD_TOPOLOGY_GET,	/* do, dump: the first node of the cluster, or all */
	DARTER_CMD_TOPOLOGY_SET,	/* do, privileged: [NODE_IP] [NODE_PORT] ... */
	DARTER_CMD_REGISTER,		/* do, privileged: upcalls come to this socket */
	DARTER_CMD_ASK,			/* upcall to the daemon: UPCALL_ID, UPCALL_REQUEST */
	DARTER_CMD_ANSWER,		/* do, privileged: UPCALL_ID, UPCALL_REPLY */
	/*
	 * To the group "events", unasked: EVENT, EVENT_TEXT. A seqpacket socket knows no
	 * groups: there, "do" without attributes and without privilege is the request to
	 * receive events on this connection from the acknowledgment on.
	 */
	DARTER_CMD_EVENT,
	/*
	 * dump, privileged; [WHOLE]: look for what is wrong with the keyspace. A message
	 * for each finding: [SHARD_ID] [DATABASE] [KEY] FINDING, and some that tell how
	 * far it is: KEYS, FINDINGS, UNSURE, in the last one FINISHED. ESTALE: the
	 * instance was replaced meanwhile.
	 */
	DARTER_CMD_CHECK,
	DARTER_CMD_LATENCY_GET,		/* dump: NAME or SHARD_ID, BUCKET_END, CALLS */

	__DARTER_CMD_MAX,
	DARTER_CMD_MAX = __DARTER_CMD_MAX - 1
};

/*
 * What is sent unasked has sequence number 0. All numbers are in host byte order;
 * texts are NUL-terminated. An error that concerns one of several PARAM points at it
 * (NLMSGERR_ATTR_OFFS). In TOPOLOGY_SET an empty text or 0 means the default again.
 */
enum {
	DARTER_A_UNSPEC,
	DARTER_A_PAD,
	DARTER_A_ABI,			/* u32 */

	/* an instance; those marked * also start one */
	DARTER_A_VERSION,		/* text: of the module */
	DARTER_A_MODE,			/* text: "module" or "host" */
	DARTER_A_RUN_ID,		/* text */
	DARTER_A_BIND,			/* text*: addresses, one space between */
	DARTER_A_PORT,			/* u16* */
	DARTER_A_SHARDS,		/* u32* */
	DARTER_A_WORKERS,		/* u32* */
	DARTER_A_DATABASES,		/* u32* */
	DARTER_A_CLUSTER,		/* u8*: enum darter_cluster */
	DARTER_A_UPTIME,		/* u64: seconds */
	DARTER_A_DAEMON,		/* u8: one is registered */
	DARTER_A_CLIENTS,		/* u32: connected */
	DARTER_A_MAX_CLIENTS,		/* u32 */
	DARTER_A_MAX_MEMORY,		/* u64: bytes, 0: no limit */
	DARTER_A_PEAK_MEMORY,		/* u64: bytes */

	/* of an instance or a part of it */
	DARTER_A_KEYS,			/* u64 */
	DARTER_A_VOLATILE_KEYS,		/* u64: with an expiry */
	DARTER_A_MEMORY,		/* u64: bytes */
	DARTER_A_COMMANDS,		/* u64: executed */
	DARTER_A_CONNECTIONS,		/* u64: accepted */

	/* configuration */
	DARTER_A_PATTERN,		/* text: glob */
	DARTER_A_PARAM,			/* nest: NAME, VALUE; repeated */
	DARTER_A_PARAM_INDEX,		/* u32: position in the table */
	DARTER_A_NAME,			/* text */
	DARTER_A_VALUE,			/* text */
	DARTER_A_LOADING,		/* flag: the pairs come from a file */

	/* a shard */
	DARTER_A_SHARD_ID,		/* u32 */
	DARTER_A_FIRST_SLOT,		/* u32: with cluster emulation */
	DARTER_A_LAST_SLOT,		/* u32 */
	DARTER_A_HITS,			/* u64 */
	DARTER_A_MISSES,		/* u64 */
	DARTER_A_EXPIRED,		/* u64 */
	DARTER_A_CONTENDED,		/* u64: times it was found locked */

	/* a worker */
	DARTER_A_WORKER_ID,		/* u32 */
	DARTER_A_CPU,			/* u32: that it runs on */
	DARTER_A_RECEIVED,		/* u64: bytes */
	DARTER_A_SENT,			/* u64: bytes */
	DARTER_A_ERRORS,		/* u64: error replies */
	DARTER_A_PARKED,		/* u64: times a session waited for a shard */
	DARTER_A_BATCHES,		/* u64: times replies were sent */

	/* a client */
	DARTER_A_CLIENT_ID,		/* u64 */
	DARTER_A_CLIENT_ADDR,		/* text */
	DARTER_A_CLIENT_LADDR,		/* text */
	DARTER_A_CLIENT_NAME,		/* text */
	DARTER_A_CLIENT_AGE,		/* u64: seconds */
	DARTER_A_CLIENT_IDLE,		/* u64: seconds */
	DARTER_A_CLIENT_DB,		/* u32 */
	DARTER_A_CLIENT_RESP,		/* u8: 2 or 3 */
	DARTER_A_CLIENT_COMMAND,	/* text: the last one */

	/* topology */
	DARTER_A_NODE_ID,		/* text */
	DARTER_A_NODE_IP,		/* text */
	DARTER_A_NODE_HOSTNAME,		/* text */
	DARTER_A_NODE_PORT,		/* u16 */
	DARTER_A_NODE_BUS_PORT,		/* u16 */

	/* upcalls */
	DARTER_A_UPCALL_ID,		/* u64 */
	DARTER_A_UPCALL_REQUEST,	/* bytes: the command, a RESP array of bulks */
	DARTER_A_UPCALL_REPLY,		/* bytes: RESP */

	/* events */
	DARTER_A_EVENT,			/* u32: enum darter_event_kind */
	DARTER_A_EVENT_TEXT,		/* text */

	/* since ABI 2 */
	DARTER_A_WORKER_PORT,		/* u16*: of the first worker's own, others follow */
	DARTER_A_REMOTE,		/* u64: shards of other workers that it locked */

	/* since ABI 3 */
	DARTER_A_SLEEPS,		/* u64: times a worker slept */
	DARTER_A_POLLED,		/* u64: times it found work just before it would have */
	/* of a parameter that is a knob */
	DARTER_A_UNIT,			/* text */
	DARTER_A_EFFECT,		/* text */
	DARTER_A_LEAST,			/* u64: the least value of a number */
	DARTER_A_MOST,			/* u64: the greatest */
	DARTER_A_DEFAULT,		/* text */
	/* of a check */
	DARTER_A_WHOLE,			/* flag: hold each shard until it is done */
	DARTER_A_DATABASE,		/* u32 */
	DARTER_A_KEY,			/* bytes: its first 128 */
	DARTER_A_FINDING,		/* text: what is wrong */
	DARTER_A_FINDINGS,		/* u64: how much, so far */
	DARTER_A_UNSURE,		/* u32: shards that changed, so no sums were compared */
	DARTER_A_FINISHED,		/* flag: all was checked */
	/* of a histogram of how long commands took */
	DARTER_A_BUCKET_END,		/* u64: the greatest duration of a bucket, ns */
	DARTER_A_CALLS,			/* u64: that took so long */

	__DARTER_A_MAX,
	DARTER_A_MAX = __DARTER_A_MAX - 1
};

enum darter_cluster {
	DARTER_CLUSTER_OFF,
	DARTER_CLUSTER_SINGLE,		/* one node */
	DARTER_CLUSTER_PER_CPU,		/* a node for each worker */
};

enum darter_event_kind {
	DARTER_EVENT_KIND_CONFIG,	/* text: the parameter that changed */
	DARTER_EVENT_KIND_TOPOLOGY,
	DARTER_EVENT_KIND_FLUSH,	/* text: "all" or a database's number */
	DARTER_EVENT_KIND_DAEMON,	/* text: "connected" or "disconnected" */
	DARTER_EVENT_KIND_OOM,		/* maxmemory was reached */
	DARTER_EVENT_KIND_INSTANCE,	/* text: "started" or "stopped" */
};

#endif /* _UAPI_DARTER_H */
