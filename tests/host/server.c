// SPDX-License-Identifier: GPL-2.0
/*
 * darter-host: starts the workers, makes the listeners and lends the core what
 * the kernel module gets from kmod/net. Control messages arrive on a UNIX
 * seqpacket socket (--control), served by the same kmod/ctl as in the module.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <poll.h>
#include <unistd.h>

#include "core/check.h"
#include "core/config.h"
#include "core/topology.h"
#include "ctl/ctl.h"
#include "genetlink_server.h"
#include "host.h"

/* More than that only if it is started with them. */
#define MAX_WORKERS 64

static struct server server = { .stopped = -1 };

static u64 clock_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static u64 host_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

static u64 host_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

u64 host_now(void)
{
	return host_wall_us() / 1000;
}

/*
 * A non-blocking listener on an IPv4 or IPv6 address, "*" for any. One that shares
 * its port does so with whoever else shares it.
 *
 * Return: the socket or a negative errno.
 */
static int listen_on(const char *address, u16 port, int backlog, bool shared)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *info;
	char service[8];
	int fd, one = 1, share = shared, err = 0;

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(strcmp(address, "*") ? address : "0.0.0.0", service, &hints, &info))
		return -EINVAL;
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &share, sizeof(share)) ||
	    bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, backlog))
		err = -errno;
	freeaddrinfo(info);
	if (err && fd >= 0)
		close(fd);
	return err ?: fd;
}

/* Without this two of them would each get half of the clients of a port. */
static int probe_port(const char *address, u16 port)
{
	int fd = listen_on(address, port, 1, false);

	if (fd >= 0)
		close(fd);
	return min(fd, 0);
}

/* On the shared port, and in the per-cpu topology on the worker's own. */
static int make_listeners(struct worker *worker)
{
	const struct darter_config *config = &server.instance.config;
	u16 ports[LISTENERS] = {
		config->port, darter_topology_port(&server.instance, worker->lane->index)
	};
	u32 i;

	for (i = 0; i < LISTENERS; i++)
		worker->listeners[i] = -1;
	for (i = 0; i < LISTENERS && ports[i]; i++) {
		worker->listeners[i] = listen_on(config->bind, ports[i], 511, !i);
		if (worker->listeners[i] < 0)
			return worker->listeners[i];
	}
	return 0;
}

static int make_worker(struct worker *worker, u32 index)
{
	struct darter_instance *instance = &server.instance;
	int err = index < instance->nlanes ? 0 : darter_instance_add_lane(instance);

	if (err)
		return err;
	worker->server = &server;
	worker->lane = &instance->lanes[index];
	worker->lane->clock_us = host_monotonic_us;
	return make_listeners(worker) ?: worker_start(worker);
}

/* As many workers as are wanted, and those that are left over without listeners. */
static int apply_workers(void)
{
	u32 i, wanted = server.instance.config.workers;
	int err = 0;

	for (; !err && server.nworkers < wanted; server.nworkers += !err)
		err = make_worker(&server.workers[server.nworkers], server.nworkers);
	if (err)
		return err;
	for (i = 0; !err && i < server.nworkers; i++)
		err = worker_attend(&server.workers[i], &server.workers[i % wanted]);
	darter_instance_hand_out(&server.instance, wanted);
	return err;
}

/* The ports stay what they were to begin with: a test has no use for moving them. */
static int host_apply(struct darter_instance *instance, u32 effects, char *why, size_t why_len)
{
	int err;

	if (effects & DARTER_APPLY_DISPATCH &&
	    darter_instance_add_inline_lanes(instance, instance->params.max_lanes,
					     host_monotonic_us))
		return -ENOMEM;
	if (!(effects & DARTER_APPLY_LISTEN) || !server.workers)
		return 0;
	if (effects & DARTER_APPLY_WORKERS) {
		err = apply_workers();
		snprintf(why, why_len, "%s", strerror(-err));
		return err;
	}
	snprintf(why, why_len, "the host build keeps the address it was started with");
	return -EOPNOTSUPP;
}

static u64 host_total_memory(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (u64)info.totalram * info.mem_unit;
}

static void host_cpu_time(struct darter_instance *instance, u64 *system, u64 *user)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	*system = usage.ru_stime.tv_sec * 1000000ULL + usage.ru_stime.tv_usec;
	*user = usage.ru_utime.tv_sec * 1000000ULL + usage.ru_utime.tv_usec;
}

static void host_describe(char *os, size_t room)
{
	struct utsname name;

	uname(&name);
	snprintf(os, room, "%s %s %s", name.sysname, name.release, name.machine);
}

/* In short naps: the server may end meanwhile. */
static void host_rest(struct darter_session *session, u64 micros)
{
	u64 end = host_wall_us() + micros, now;

	for (now = host_wall_us(); now < end && !atomic_load(&server.stopping) &&
	     !READ_ONCE(session->killed); now = host_wall_us())
		usleep(min_t(u64, end - now, 50000));
}

static const struct darter_host host = {
	.mode = "host",
	.kick = worker_kick,
	.apply = host_apply,
	.upcall = darter_ctl_upcall,
	.event = darter_ctl_event,
	.total_memory = host_total_memory,
	.cpu_time = host_cpu_time,
	.describe = host_describe,
	.wall_us = host_wall_us,
	.rest = host_rest,
};

static struct darter_instance *backend_get(struct net *net)
{
	return atomic_load(&server.stopping) ? NULL : &server.instance;
}

static void backend_put(struct darter_instance *instance)
{
}

static int backend_start(struct net *net, const struct darter_start *start, char *why,
			 size_t why_len)
{
	snprintf(why, why_len, "the host build has one instance, started with it");
	return -EEXIST;
}

static int backend_stop(struct net *net)
{
	u64 one = 1;

	WRITE_ONCE(server.instance.shutting_down, true);
	return write(server.stopped, &one, sizeof(one)) == sizeof(one) ? 0 : -EIO;
}

static const struct darter_ctl_backend backend = {
	.get = backend_get,
	.put = backend_put,
	.start = backend_start,
	.stop = backend_stop,
};

struct options {
	struct darter_params params;
	const char *bind, *control;
	u16 port;
	struct darter_config_pair set[64];
	u32 nset;
};

static void usage(FILE *out)
{
	fputs("Usage: darter-host [--port N] [--bind ADDRESS] [--workers N] [--shards N]\n"
	      "                   [--databases N] [--cluster[=single|per-cpu]]\n"
	      "                   [--control SOCKET] [--control-admin UID]\n"
	      "                   [--set NAME=VALUE]...\n", out);
}

static int parse_set(struct options *options, char *pair)
{
	char *value = strchr(pair, '=');

	if (!value || options->nset == ARRAY_SIZE(options->set))
		return -EINVAL;
	*value++ = '\0';
	options->set[options->nset++] = (struct darter_config_pair) { pair, value };
	return 0;
}

static int parse_cluster(enum darter_topology *cluster, const char *text)
{
	if (!text || !strcmp(text, "single"))
		*cluster = DARTER_TOPOLOGY_SINGLE;
	else if (!strcmp(text, "per-cpu"))
		*cluster = DARTER_TOPOLOGY_PER_CPU;
	else
		return -EINVAL;
	return 0;
}

static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "bind", required_argument, NULL, 'b' },
		{ "workers", required_argument, NULL, 'w' },
		{ "shards", required_argument, NULL, 's' },
		{ "databases", required_argument, NULL, 'd' },
		{ "cluster", optional_argument, NULL, 'c' },
		{ "control", required_argument, NULL, 'C' },
		{ "control-admin", required_argument, NULL, 'A' },
		{ "set", required_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (option) {
		case 'p':
			options->port = atoi(optarg);
			break;
		case 'b':
			options->bind = optarg;
			break;
		case 'w':
			options->params.lanes = atoi(optarg);
			break;
		case 's':
			options->params.shards = atoi(optarg);
			break;
		case 'd':
			options->params.databases = atoi(optarg);
			break;
		case 'c':
			if (parse_cluster(&options->params.cluster, optarg))
				return -EINVAL;
			break;
		case 'C':
			options->control = optarg;
			break;
		case 'A':
			shim_genl_set_admin(atoi(optarg));
			break;
		case 'S':
			if (parse_set(options, optarg))
				return -EINVAL;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			return -EINVAL;
		}
	}
	if (!options->params.shards)
		options->params.shards = options->params.lanes;
	options->params.max_lanes = max_t(u32, options->params.lanes, MAX_WORKERS);
	return optind == argc ? 0 : -EINVAL;
}

static int start_workers(const struct options *options)
{
	struct darter_config *config = &server.instance.config;
	int err;

	server.workers = calloc(server.instance.params.max_lanes, sizeof(*server.workers));
	if (!server.workers)
		return -ENOMEM;
	err = probe_port(options->bind, options->port);
	if (!err) {
		/* A client of the first worker may want more of them already. */
		mutex_lock(&config->lock);
		err = apply_workers();
		mutex_unlock(&config->lock);
	}
	if (err)
		fprintf(stderr, "darter-host: %s port %u: %s\n", options->bind, options->port,
			strerror(-err));
	return err;
}

static int configure(const struct options *options)
{
	char why[256], port[8];
	struct darter_config_pair fixed[] = {
		{ "port", port },
		{ "bind", options->bind },
	};
	u32 bad = 0;
	int err;

	snprintf(port, sizeof(port), "%u", options->port);
	err = darter_config_set(&server.instance, fixed, ARRAY_SIZE(fixed), true, &bad, why,
				sizeof(why));
	if (!err && options->nset)
		err = darter_config_set(&server.instance, options->set, options->nset, true, &bad,
					why, sizeof(why));
	if (err)
		fprintf(stderr, "darter-host: parameter %u: %s\n", bad, why);
	return err;
}

/* Wait for a signal, or for SHUTDOWN through the daemon. */
static void wait_for_end(void)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .fd = server.stopped, .events = POLLIN } };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	fds[0].fd = signalfd(-1, &set, SFD_CLOEXEC);
	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	close(fds[0].fd);
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void stop_workers(void)
{
	u32 i;

	atomic_store(&server.stopping, true);
	/* Each can add more, behind it. */
	for (i = 0; i < server.nworkers; i++)
		worker_stop(&server.workers[i]);
	for (i = 0; i < server.nworkers; i++)
		worker_destroy(&server.workers[i]);
	free(server.workers);
}

static void tell(void *arg, const struct darter_finding *finding)
{
	int i;

	fprintf(stderr, "darter-host: shard %d, database %d", finding->shard, finding->db);
	for (i = 0; i < finding->key_len; i++)
		fprintf(stderr, "%s%02x", i ? " " : ", key ", (u8)finding->key[i]);
	fprintf(stderr, ": %s\n", finding->what);
}

/* Whatever was done to the store, it ends sound. Return: 0 or -EUCLEAN. */
static int check_store(void)
{
	return darter_check_all(&server.instance, tell, NULL) ? -EUCLEAN : 0;
}

int main(int argc, char **argv)
{
	struct options options = {
		.params = { .databases = 16, .lanes = 2 },
		.bind = "127.0.0.1",
		.port = 6379,
	};
	char why[128];
	int err;

	if (parse_options(&options, argc, argv)) {
		usage(stderr);
		return 2;
	}
	block_signals();
	server.stopped = eventfd(0, EFD_CLOEXEC);
	err = darter_params_check(&options.params, why, sizeof(why));
	if (!err) {
		err = darter_instance_init(&server.instance, &options.params, &host, &server);
		snprintf(why, sizeof(why), "%s", strerror(-err));
	}
	if (err) {
		fprintf(stderr, "darter-host: %s\n", why);
		return 1;
	}
	err = darter_ctl_attach(&server.instance, NULL);
	if (!err)
		err = darter_ctl_init(&backend);
	if (!err && options.control)
		err = shim_genl_serve(options.control);
	if (!err)
		err = configure(&options);
	if (!err)
		err = start_workers(&options);
	if (!err) {
		printf("darter-host: ready on %s port %u\n", options.bind, options.port);
		fflush(stdout);
		wait_for_end();
	}
	/* Connections end first: nobody shall be told that the daemon went away. */
	stop_workers();
	if (options.control)
		shim_genl_stop();
	darter_ctl_exit();
	darter_ctl_detach(&server.instance);
	err = err ?: check_store();
	darter_instance_destroy(&server.instance);
	close(server.stopped);
	return err ? 1 : 0;
}
