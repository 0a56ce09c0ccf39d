/* SPDX-License-Identifier: GPL-2.0 */
/* The requests of the control protocol as functions. */
#ifndef DARTER_COMMON_API_H
#define DARTER_COMMON_API_H

#include "control.h"

/* What an instance is started with; 0 or NULL: the default. */
struct darter_start {
	unsigned int port, worker_port, shards, workers, databases;
	enum darter_cluster cluster;
	const char *bind;
};

/* The instance in short, copied. */
struct darter_brief {
	char run_id[64];
	unsigned int shards, workers, databases;
	enum darter_cluster cluster;
	bool daemon;			/* one is registered */
	unsigned long long keys;
};

struct darter_pair {
	const char *name, *value;
};

#define DARTER_NO_PAIR (~0U)

/* What to announce; NULL and -1: as it is, "" and 0: the default again. */
struct darter_topology {
	const char *ip, *hostname;
	int port, bus_port;
};

/*
 * All of these return 0 or a negative errno, and darter_control_why() then
 * says why. They wait for the answer.
 */
int darter_api_brief(struct darter_control *control, struct darter_brief *brief);
int darter_api_start(struct darter_control *control, const struct darter_start *start);
int darter_api_stop(struct darter_control *control);
/* @visit gets each parameter that matches; non-zero stops. */
int darter_api_config_get(struct darter_control *control, const char *pattern,
			  int (*visit)(void *arg, const char *name, const char *value),
			  void *arg);
/*
 * Set all pairs or none. @loading: they come from a file. @bad, if not NULL, is
 * set to the pair that was refused, or to DARTER_NO_PAIR.
 */
int darter_api_config_set(struct darter_control *control, const struct darter_pair *pairs,
			  unsigned int count, bool loading, unsigned int *bad);
int darter_api_topology_set(struct darter_control *control,
			    const struct darter_topology *topology);
/* -ENOENT: there is no such client. */
int darter_api_client_kill(struct darter_control *control, unsigned long long id);
/* Become the daemon of the instance: upcalls arrive on this connection. */
int darter_api_register(struct darter_control *control);
/* Answer an upcall with RESP; -ENOENT: the client no longer waits. */
int darter_api_answer(struct darter_control *control, unsigned long long id,
		      const char *reply, size_t length);

#endif /* DARTER_COMMON_API_H */
