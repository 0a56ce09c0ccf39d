// SPDX-License-Identifier: GPL-2.0
/*
 * A client of Darter that does to connections what an ordinary one does not:
 * keeps many busy, leaves some in every state, cuts its input into pieces, reads
 * slowly or not at all.
 *
 *	client [-h ADDRESS] [-p PORT] COMMAND [ARGUMENT]...
 *
 * One thread. Where something of the server's is waited for, poll() waits for it;
 * a server that does not answer for $PATIENCE seconds (60) has failed. Exit status 0
 * means that what the command stands for is so.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* Of the values that big replies are made of. */
#define BIG (1 << 20)

static struct sockaddr_in server = { .sin_family = AF_INET };
static int patience = 60;

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("# client: ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	exit(1);
}

static int number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < 0 || value > 1 << 30)
		die("\"%s\" is not a number", text);
	return value;
}

/* A connection with a receive buffer of @buffer bytes, or the usual one if it is 0. */
static int dial_buffered(int buffer)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0)
		die("socket: %s", strerror(errno));
	if (buffer && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)))
		die("SO_RCVBUF: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)))
		die("connect: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int dial(void)
{
	return dial_buffered(0);
}

/* From a port from *@port on: where very many are taken, the kernel's search is slow. */
static int dial_from(int *port)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	do {
		if (*port > 65535)
			die("no port is left");
		own.sin_port = htons((*port)++);
	} while (bind(fd, (struct sockaddr *)&own, sizeof(own)) && errno == EADDRINUSE);
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)))
		die("connect: %s", strerror(errno));
	return fd;
}

static void await(int fd, short events)
{
	struct pollfd ready = { .fd = fd, .events = events };
	int n = poll(&ready, 1, patience * 1000);

	if (n <= 0)
		die("the server did nothing for %d s", patience);
}

static void send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

		if (sent < 0)
			die("send: %s", strerror(errno));
		at += sent;
		len -= sent;
	}
}

static void send_text(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

/* What there is, up to @room bytes; 0: the connection has ended, however it did. */
static size_t receive(int fd, void *data, size_t room)
{
	ssize_t got;

	await(fd, POLLIN);
	got = recv(fd, data, room, 0);
	if (got >= 0)
		return got;
	if (errno != ECONNRESET && errno != EPIPE)
		die("recv: %s", strerror(errno));
	return 0;
}

static void receive_all(int fd, void *data, size_t len)
{
	char *at = data;

	while (len) {
		size_t got = receive(fd, at, len);

		if (!got)
			die("the connection ended %zu bytes too early", len);
		at += got;
		len -= got;
	}
}

static void expect(int fd, const char *reply)
{
	char got[512];
	size_t len = strlen(reply);

	receive_all(fd, got, len);
	if (memcmp(got, reply, len))
		die("the reply is \"%.*s\", not \"%s\"", (int)len, got, reply);
}

/* Up to its line feed. */
static size_t read_line(int fd, char *line, size_t room)
{
	size_t len = 0;

	while (!len || line[len - 1] != '\n') {
		if (len == room - 1 || !receive(fd, line + len, 1))
			die("there is no line of a reply");
		len++;
	}
	line[len] = '\0';
	return len;
}

/* Nothing more comes from the server, not even what it owed. */
static void expect_end(int fd)
{
	char byte;

	if (receive(fd, &byte, 1))
		die("there is more where the connection should have ended");
	close(fd);
}

/* Read until the end, and count what came. */
static size_t drain(int fd)
{
	static char buffer[1 << 16];
	size_t got, total = 0;

	while ((got = receive(fd, buffer, sizeof(buffer))))
		total += got;
	close(fd);
	return total;
}

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* SIGUSR1, for sigwait(). */
static sigset_t block_signal(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signals;
}

static void send_words(int fd, char **words, int count)
{
	static char text[1 << 16];
	size_t len = snprintf(text, sizeof(text), "*%d\r\n", count);
	int i;

	for (i = 0; i < count && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len, "$%zu\r\n%s\r\n", strlen(words[i]),
				words[i]);
	if (len >= sizeof(text))
		die("the command is too long");
	send_all(fd, text, len);
}

static void print_reply(int fd)
{
	static char text[BIG];
	size_t len = read_line(fd, text, sizeof(text));
	int count = text[0] == '*' || text[0] == '$' ? atoi(text + 1) : -1;

	if (text[0] == '*') {
		while (count-- > 0)
			print_reply(fd);
		return;
	}
	if (count < 0) {
		printf("%.*s\n", (int)len - 2, text);
		return;
	}
	if ((size_t)count > sizeof(text) - 2)
		die("the reply is too long");
	receive_all(fd, text, count + 2);
	printf("%.*s\n", count, text);
}

/* call WORD...: print the reply, the elements of an array on a line each */
static int do_call(int argc, char **argv)
{
	int fd = dial();

	send_words(fd, argv, argc);
	print_reply(fd);
	return 0;
}

/* refused TEXT: the server says that and closes */
static int do_refused(int argc, char **argv)
{
	char line[512];
	int fd = dial();

	(void)argc;
	if (read_line(fd, line, sizeof(line)) < 2 || strncmp(line, argv[0], strlen(argv[0])))
		die("the server said: %s", line);
	expect_end(fd);
	return 0;
}

/* A batch of commands with its replies, which are the same each time. */
struct batch {
	char commands[1 << 14], replies[1 << 14];
	size_t ncommands, nreplies;
};

static void make_batch(struct batch *batch, int id, int pairs)
{
	int i;

	batch->ncommands = 0;
	batch->nreplies = 0;
	for (i = 0; i < pairs; i++) {
		batch->ncommands += sprintf(batch->commands + batch->ncommands,
					    "*3\r\n$3\r\nSET\r\n$12\r\nkey:%05d:%02d\r\n"
					    "$16\r\n%08d%08d\r\n"
					    "*2\r\n$3\r\nGET\r\n$12\r\nkey:%05d:%02d\r\n",
					    id, i, id, i, id, i);
		batch->nreplies += sprintf(batch->replies + batch->nreplies,
					   "+OK\r\n$16\r\n%08d%08d\r\n", id, i);
	}
}

/* The same with commands that only read. */
static void make_reads(struct batch *batch, int id, int pairs)
{
	int i;

	batch->ncommands = 0;
	batch->nreplies = 0;
	for (i = 0; i < pairs; i++) {
		batch->ncommands += sprintf(batch->commands + batch->ncommands,
					    "*2\r\n$3\r\nGET\r\n$10\r\nnone:%05d\r\n"
					    "*2\r\n$4\r\nPING\r\n$5\r\n%05d\r\n", id, i);
		batch->nreplies += sprintf(batch->replies + batch->nreplies,
					   "$-1\r\n$5\r\n%05d\r\n", i);
	}
}

struct worker {
	struct batch batch;
	size_t received;		/* of the replies to the batch */
	unsigned int batches;
};

/* False: the server has closed the connection. */
static bool load_some(struct worker *worker, int fd)
{
	struct batch *batch = &worker->batch;
	char buffer[1 << 14];
	ssize_t got = recv(fd, buffer, batch->nreplies - worker->received, 0);

	if (got <= 0)
		return false;
	if (memcmp(buffer, batch->replies + worker->received, got))
		die("a wrong reply in a pipeline");
	worker->received += got;
	if (worker->received < batch->nreplies)
		return true;
	worker->received = 0;
	worker->batches++;
	return send(fd, batch->commands, batch->ncommands, MSG_NOSIGNAL) > 0;
}

static bool all_served(const struct worker *workers, int count)
{
	while (count--)
		if (workers[count].batches < 2)
			return false;
	return true;
}

/*
 * load N: keep N connections busy until the server has closed all of them; every other
 * one only reads
 */
static int do_load(int argc, char **argv)
{
	int count = number(argv[0]), open = count, i;
	struct worker *workers = calloc(count, sizeof(*workers));
	struct pollfd *ready = calloc(count, sizeof(*ready));
	bool told = false;

	(void)argc;
	for (i = 0; i < count; i++) {
		ready[i] = (struct pollfd){ .fd = dial(), .events = POLLIN };
		if (i % 2)
			make_reads(&workers[i].batch, i, 16);
		else
			make_batch(&workers[i].batch, i, 16);
		send_all(ready[i].fd, workers[i].batch.commands, workers[i].batch.ncommands);
	}
	while (open) {
		if (poll(ready, count, patience * 1000) <= 0)
			die("the server did nothing for %d s", patience);
		for (i = 0; i < count; i++) {
			if (!ready[i].revents || load_some(&workers[i], ready[i].fd))
				continue;
			close(ready[i].fd);
			ready[i].fd = -1;
			open--;
		}
		if (!told && all_served(workers, count)) {
			say_ready();
			told = true;
		}
	}
	free(workers);
	free(ready);
	return 0;
}

static void set_big_value(void)
{
	char *value = malloc(BIG);
	int fd = dial();

	memset(value, 'x', BIG);
	send_text(fd, "*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$1048576\r\n");
	send_all(fd, value, BIG);
	send_text(fd, "\r\n");
	expect(fd, "+OK\r\n");
	close(fd);
	free(value);
}

/* At once: after the first reply the server may not want to hear more. */
static void ask_for_big_values(int fd, int count)
{
	static char commands[1 << 12];
	size_t len = 0;

	while (count-- && len < sizeof(commands) - 16)
		len += sprintf(commands + len, "GET big\r\n");
	send_all(fd, commands, len);
}

/* States that a connection can be left in. Each gets one that was just opened. */

static void leave_idle(int fd)
{
	send_text(fd, "PING\r\n");
	expect(fd, "+PONG\r\n");
}

static void leave_half(int fd)
{
	send_text(fd, "*2\r\n$3\r\nGET\r\n$100\r\nabc");
}

static void leave_half_value(int fd)
{
	static char value[BIG / 2];

	send_text(fd, "*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$1048576\r\n");
	send_all(fd, value, sizeof(value));
}

static void leave_transaction(int fd)
{
	send_text(fd, "WATCH watched\r\nMULTI\r\nSET queued 1\r\n");
	expect(fd, "+OK\r\n+OK\r\n+QUEUED\r\n");
}

static void leave_unread(int fd)
{
	ask_for_big_values(fd, 32);
}

static void leave_unread_and_shut(int fd)
{
	ask_for_big_values(fd, 32);
	shutdown(fd, SHUT_WR);
}

static void leave_waiting(int fd)
{
	send_text(fd, "CONFIG REWRITE\r\nPING\r\n");
}

static const struct state {
	const char *name;
	void (*leave)(int fd);
	bool unread;		/* not to be read from before SIGUSR1 comes */
} states[] = {
	{ "idle", leave_idle, false },
	{ "half", leave_half, false },
	{ "half-value", leave_half_value, false },
	{ "transaction", leave_transaction, false },
	{ "unread", leave_unread, true },
	{ "unread-shut", leave_unread_and_shut, true },
	{ "waiting", leave_waiting, false },
};

static const struct state *find_state(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i].name, name))
			return &states[i];
	die("there is no state \"%s\"", name);
}

/*
 * hold STATE N: leave N connections in a state until the server has closed them,
 * then print how many bytes came
 */
static int do_hold(int argc, char **argv)
{
	const struct state *state = find_state(argv[0]);
	int count = number(argv[1]), *fds = calloc(count, sizeof(*fds)), i, caught;
	sigset_t signals = block_signal();
	size_t total = 0;

	(void)argc;
	if (state->unread)
		set_big_value();
	for (i = 0; i < count; i++) {
		fds[i] = dial_buffered(state->unread ? 4096 : 0);
		state->leave(fds[i]);
	}
	say_ready();
	if (state->unread)
		sigwait(&signals, &caught);
	for (i = 0; i < count; i++)
		total += drain(fds[i]);
	printf("%zu bytes\n", total);
	free(fds);
	return 0;
}

/* half-close N: send N pairs of commands and a FIN; all replies come, then a FIN */
static int do_half_close(int argc, char **argv)
{
	int pairs = number(argv[0]), fd = dial(), i;
	struct batch batch;

	(void)argc;
	if (fork() == 0) {
		/* The server may stop reading before its replies are taken. */
		for (i = 0; i < pairs; i++) {
			make_batch(&batch, i, 1);
			send_all(fd, batch.commands, batch.ncommands);
		}
		shutdown(fd, SHUT_WR);
		exit(0);
	}
	for (i = 0; i < pairs; i++) {
		make_batch(&batch, i, 1);
		batch.replies[batch.nreplies] = '\0';
		expect(fd, batch.replies);
	}
	expect_end(fd);
	return 0;
}

static void reset(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("SO_LINGER: %s", strerror(errno));
	close(fd);
}

/* reset N: N times, send a pipeline, read some of the replies and reset */
static int do_reset(int argc, char **argv)
{
	int count = number(argv[0]), i;
	char some[64];

	(void)argc;
	for (i = 0; i < count; i++) {
		struct batch batch;
		int fd = dial();

		make_batch(&batch, i, 100);
		send_all(fd, batch.commands, batch.ncommands);
		if (i % 2)
			receive_all(fd, some, sizeof(some));
		reset(fd);
	}
	return 0;
}

/* abandon: let the server wait for its daemon, and reset when SIGUSR1 comes */
static int do_abandon(int argc, char **argv)
{
	sigset_t signals = block_signal();
	int fd = dial(), caught;

	(void)argc;
	(void)argv;
	leave_waiting(fd);
	say_ready();
	sigwait(&signals, &caught);
	reset(fd);
	return 0;
}

static void expect_big_value(int fd)
{
	static char piece[4096];
	size_t left = BIG, i;

	expect(fd, "$1048576\r\n");
	while (left) {
		size_t len = left < sizeof(piece) ? left : sizeof(piece);

		receive_all(fd, piece, len);
		for (i = 0; i < len; i++)
			if (piece[i] != 'x')
				die("a value has changed on its way");
		left -= len;
	}
	expect(fd, "\r\n");
}

/* slow N: ask for N MiB at once and read them in small pieces through a small window */
static int do_slow(int argc, char **argv)
{
	int count = number(argv[0]), fd, i;

	(void)argc;
	set_big_value();
	fd = dial_buffered(16384);
	ask_for_big_values(fd, count);
	send_text(fd, "PING\r\n");
	for (i = 0; i < count; i++)
		expect_big_value(fd);
	expect(fd, "+PONG\r\n");
	close(fd);
	return 0;
}

/* The value of a line of INFO. */
static unsigned long long info(int fd, const char *section, const char *name)
{
	static char text[1 << 16];
	char command[64], head[64];
	int len = snprintf(command, sizeof(command), "INFO %s\r\n", section);
	char *line;

	send_all(fd, command, len);
	read_line(fd, head, sizeof(head));
	len = atoi(head + 1);
	if (head[0] != '$' || len < 0 || (size_t)len > sizeof(text) - 3)
		die("INFO answered %s", head);
	receive_all(fd, text, len + 2);
	text[len] = '\0';
	line = strstr(text, name);
	if (!line || line[strlen(name)] != ':')
		die("INFO does not tell %s", name);
	return strtoull(line + strlen(name) + 1, NULL, 10);
}

static const char commands_to_split[] =
	"*3\r\n$3\r\nSET\r\n$5\r\nsplit\r\n$7\r\nwhole\r\n\r\n"
	"SET inline \"a b\"\r\n"
	"*1\r\n$4\r\nPING\r\n"
	"*2\r\n$3\r\nGET\r\n$5\r\nsplit\r\n"
	"GET inline\r\n";
static const char split_replies[] =
	"+OK\r\n+OK\r\n+PONG\r\n$7\r\nwhole\r\n\r\n$3\r\na b\r\n";

/* The server has taken @bytes more than @before, apart from what asking takes. */
static void await_received(int fd, unsigned long long before, unsigned long long bytes)
{
	int asked = 0;

	do {
		asked++;
		if (asked > 100000)
			die("the server does not take the first piece");
	} while (info(fd, "stats", "total_net_input_bytes") <
		 before + bytes + asked * strlen("INFO stats\r\n"));
}

/* split: cut commands in two at every byte; the server has the first piece, then the rest */
static int do_split(int argc, char **argv)
{
	size_t len = strlen(commands_to_split), at;
	int fd = dial(), watcher = dial();

	(void)argc;
	(void)argv;
	for (at = 1; at < len; at++) {
		unsigned long long before = info(watcher, "stats", "total_net_input_bytes");

		send_all(fd, commands_to_split, at);
		await_received(watcher, before, at);
		send_all(fd, commands_to_split + at, len - at);
		expect(fd, split_replies);
	}
	/* And at all bytes at once. */
	for (at = 0; at < len; at++) {
		unsigned long long before = info(watcher, "stats", "total_net_input_bytes");

		send_all(fd, commands_to_split + at, 1);
		await_received(watcher, before, 1);
	}
	expect(fd, split_replies);
	close(fd);
	close(watcher);
	return 0;
}

static void allow_files(int count)
{
	struct rlimit limit = { count + 64, count + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("RLIMIT_NOFILE: %s", strerror(errno));
}

/*
 * many N: N connections at once, each served; prints what INFO says that one of
 * them takes when it is idle, and waits for SIGUSR1
 */
static int do_many(int argc, char **argv)
{
	int count = number(argv[0]), *fds = calloc(count, sizeof(*fds)), watcher, i, caught;
	int port = 10000;
	unsigned long long before, after;
	sigset_t signals = block_signal();

	(void)argc;
	allow_files(count);
	watcher = dial();
	before = info(watcher, "memory", "mem_clients_normal");
	for (i = 0; i < count; i++)
		fds[i] = dial_from(&port);
	for (i = 0; i < count; i++)
		send_text(fds[i], "SET many 1\r\nGET many\r\n");
	for (i = 0; i < count; i++)
		expect(fds[i], "+OK\r\n$1\r\n1\r\n");
	if (info(watcher, "clients", "connected_clients") != (unsigned long long)count + 1)
		die("INFO counts another number of clients");
	after = info(watcher, "memory", "mem_clients_normal");
	printf("each %llu\n", (after - before) / count);
	say_ready();
	sigwait(&signals, &caught);
	for (i = 0; i < count; i++)
		leave_idle(fds[i]);
	free(fds);
	return 0;
}

/* occupy: listen on the port, share it with everybody who wants to, and serve nobody */
static int do_occupy(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	(void)argc;
	(void)argv;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&server, sizeof(server)) || listen(fd, 1))
		die("listen: %s", strerror(errno));
	say_ready();
	pause();
	return 0;
}

static const struct command {
	const char *name;
	int least;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "call", 1, do_call },
	{ "refused", 1, do_refused },
	{ "load", 1, do_load },
	{ "hold", 2, do_hold },
	{ "half-close", 1, do_half_close },
	{ "reset", 1, do_reset },
	{ "abandon", 0, do_abandon },
	{ "slow", 1, do_slow },
	{ "split", 0, do_split },
	{ "many", 1, do_many },
	{ "occupy", 0, do_occupy },
};

int main(int argc, char **argv)
{
	const char *address = "127.0.0.1", *port = "6379";
	size_t i;
	int option;

	if (getenv("PATIENCE"))
		patience = number(getenv("PATIENCE"));
	while ((option = getopt(argc, argv, "+h:p:")) != -1) {
		if (option == '?')
			return 2;
		*(option == 'h' ? &address : &port) = optarg;
	}
	server.sin_port = htons(number(port));
	if (inet_pton(AF_INET, address, &server.sin_addr) != 1)
		die("\"%s\" is not an address", address);
	for (i = 0; optind < argc && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[optind], commands[i].name) &&
		    argc - optind > commands[i].least)
			return commands[i].run(argc - optind - 1, argv + optind + 1);
	fputs("Usage: client [-h ADDRESS] [-p PORT] COMMAND [ARGUMENT]...\n", stderr);
	return 2;
}
