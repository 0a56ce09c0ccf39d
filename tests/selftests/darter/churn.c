// SPDX-License-Identifier: GPL-2.0
/*
 * Random commands for a server that may refuse them, and a look at all its keys.
 *
 *	churn [-h ADDRESS] [-p PORT] run SEED CONNECTIONS COMMANDS
 *	churn [-h ADDRESS] [-p PORT] verify
 *
 * `run` sends so many commands in pipelines over so many connections. Any reply will
 * do, be it an error, if it is one; a connection that is closed is replaced. At its
 * end it says how many replies there were of which kind. `verify` reads every key and
 * compares what different commands tell about it, in RESP2, in database 0.
 *
 * A server that does nothing for $PATIENCE seconds (60) has failed, and so has one
 * that answers no protocol. One thread; exit status 0 means that nothing was wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* Of what is sent at once; so much fits into the buffers of a socket. */
#define MAX_BATCH	(1 << 16)
#define MAX_VALUE	20000
#define MAX_DEPTH	8

struct conn {
	int fd;			/* -1: none */
	unsigned int owed;	/* replies that are to come */
	size_t at, len;		/* what was received and not yet read */
	char buffer[1 << 14];
};

/* A reply, or an element of one; the elements of an array follow it. */
struct item {
	char type;
	long long number;	/* of bytes, elements, or the integer; -1: none */
	char line[256];		/* the head of what it says */
};

static struct sockaddr_in server = { .sin_family = AF_INET };
static int patience = 60;
static uint64_t state;
static unsigned long long replies, errors, refusals, losses;

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("# churn: ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	exit(1);
}

/* xorshift64*, a number below @bound */
static unsigned int pick(unsigned int bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 33) % bound;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* The server may have no memory for a connection: it is asked again. */
static void dial(struct conn *conn)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	time_t end = now() + patience;
	int one = 1;

	conn->at = 0;
	conn->len = 0;
	conn->owed = 0;
	for (;;) {
		conn->fd = socket(AF_INET, SOCK_STREAM, 0);
		if (conn->fd < 0)
			die("socket: %s", strerror(errno));
		if (!connect(conn->fd, (struct sockaddr *)&server, sizeof(server)))
			break;
		if (now() > end)
			die("connect: %s", strerror(errno));
		close(conn->fd);
		nanosleep(&moment, NULL);
	}
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void lose(struct conn *conn)
{
	close(conn->fd);
	conn->fd = -1;
	losses++;
}

/* False: the connection has ended. */
static bool fill(struct conn *conn)
{
	struct pollfd ready = { .fd = conn->fd, .events = POLLIN };
	ssize_t got;

	if (poll(&ready, 1, patience * 1000) <= 0)
		die("the server did nothing for %d s", patience);
	got = recv(conn->fd, conn->buffer, sizeof(conn->buffer), 0);
	conn->at = 0;
	conn->len = got > 0 ? got : 0;
	return got > 0;
}

/* A line without its end, of which @room - 1 bytes are kept. */
static bool read_line(struct conn *conn, char *line, size_t room)
{
	size_t len = 0;
	char byte;

	do {
		if (conn->at == conn->len && !fill(conn))
			return false;
		byte = conn->buffer[conn->at++];
		if (len < room - 1 && byte != '\r' && byte != '\n')
			line[len++] = byte;
	} while (byte != '\n');
	line[len] = '\0';
	return true;
}

/* @len bytes and a line's end; the first of them are kept in @text */
static bool read_bulk(struct conn *conn, long long len, char *text, size_t room)
{
	size_t kept = 0;

	for (len += 2; len; ) {
		size_t piece = conn->len - conn->at;

		if (!piece && !fill(conn))
			return false;
		piece = conn->len - conn->at;
		if (piece > (size_t)len)
			piece = len;
		if (kept < room - 1) {
			size_t some = piece < room - 1 - kept ? piece : room - 1 - kept;

			memcpy(text + kept, conn->buffer + conn->at, some);
			kept += some;
		}
		conn->at += piece;
		len -= piece;
	}
	text[kept] = '\0';
	return true;
}

static bool read_item(struct conn *conn, struct item *item)
{
	char head[sizeof(item->line) + 1], *end;

	if (!read_line(conn, head, sizeof(head)))
		return false;
	item->type = head[0];
	strcpy(item->line, head + (head[0] != '\0'));
	if (item->type == '+' || item->type == '-')
		return true;
	item->number = strtoll(head + 1, &end, 10);
	if (!head[0] || !strchr(":$*", head[0]) || *end || end == head + 1 ||
	    (item->type != ':' && item->number < -1))
		die("\"%s\" is no reply", head);
	if (item->type != '$' || item->number < 0)
		return true;
	if (!read_bulk(conn, item->number, item->line, sizeof(item->line)))
		return false;
	if ((size_t)item->number < sizeof(item->line))
		item->line[item->number] = '\0';
	return true;
}

/* A whole reply, whatever it is. */
static bool skip_reply(struct conn *conn, int depth, struct item *head)
{
	struct item element;
	long long i;

	if (depth > MAX_DEPTH)
		die("the reply is too deep");
	if (!read_item(conn, head))
		return false;
	for (i = 0; head->type == '*' && i < head->number; i++)
		if (!skip_reply(conn, depth + 1, &element))
			return false;
	return true;
}

/*
 * What is sent. In a word, %k is the name of a string or of what has its name, %h of
 * a hash, %f a field, %v a value, %n a position, %i an integer, %t a time to live.
 */
static const char *const commands[] = {
	"SET %k %v", "SET %k %v", "SET %k %v PX %t", "SET %k %i GET", "SETNX %k %v",
	"GET %k", "GET %k", "GET %h", "GETDEL %k", "GETEX %k PX %t", "MGET %k %k %k",
	"MSET %k %v %k %v %k %v", "MSETNX %k %v %k %v", "APPEND %k %v", "STRLEN %k",
	"SETRANGE %k %n %v", "GETRANGE %k 0 %n", "INCR %k", "INCRBYFLOAT %k 1.5",
	"SETBIT %k %n 1", "GETBIT %k %n", "BITCOUNT %k", "BITOP XOR %k %k %k",
	"BITFIELD %k SET u16 %n 7 INCRBY u8 %n 3",
	"HSET %h %f %v", "HSET %h %f %v %f %v %f %v", "HSET %h %f %i", "HGET %h %f",
	"HMGET %h %f %f", "HDEL %h %f", "HGETALL %h", "HINCRBY %h %f 1", "HLEN %h",
	"HRANDFIELD %h 3 WITHVALUES", "HSCAN %h 0", "HPEXPIRE %h %t FIELDS 1 %f",
	"HPERSIST %h FIELDS 1 %f", "HGETALL %k",
	"DEL %k %h", "UNLINK %k %h", "EXISTS %k %h", "TYPE %k", "RENAME %k %k",
	"RENAME %h %h", "RENAMENX %k %k", "COPY %k %k REPLACE", "COPY %h %h", "DUMP %h",
	"PEXPIRE %k %t", "PEXPIRE %h %t", "PERSIST %k", "PTTL %k", "TOUCH %k %h",
	"OBJECT ENCODING %h", "MEMORY USAGE %k", "RANDOMKEY", "SCAN 0 COUNT 20", "KEYS *1*",
	"MULTI", "EXEC", "EXEC", "DISCARD", "WATCH %k %h", "UNWATCH",
	"CLIENT LIST", "CLIENT SETNAME %f", "CLIENT ID", "INFO everything", "CONFIG GET *",
	"CONFIG SET slowlog-log-slower-than %i", "CONFIG SET hash-max-listpack-entries %i",
	"SLOWLOG GET 3", "LATENCY HISTOGRAM", "COMMAND COUNT", "ECHO %v", "NOSUCH %v",
	"SET %k", "DBSIZE", "CLIENT KILL ID %i", "QUIT",
};

static size_t put_value(char *text, size_t room)
{
	static const unsigned int limits[] = { 8, 8, 60, 60, 300, 3000, MAX_VALUE };
	size_t len = pick(limits[pick(ARRAY_SIZE(limits))]);

	if (len > room)
		len = room;
	memset(text, 'a' + pick(26), len);
	return len;
}

static size_t put_word(const char *word, size_t len, char *text, size_t room)
{
	static const char *const numbers[] = {
		['k'] = "string:%u", ['h'] = "hash:%u", ['f'] = "field:%u", ['n'] = "%u",
		['i'] = "%u", ['t'] = "%u",
	};
	static const unsigned int bounds[] = {
		['k'] = 300, ['h'] = 40, ['f'] = 200, ['n'] = 40000, ['i'] = 1000, ['t'] = 300,
	};

	if (word[0] != '%')
		return snprintf(text, room, "%.*s", (int)len, word);
	if (word[1] == 'v')
		return put_value(text, room);
	return snprintf(text, room, numbers[(unsigned char)word[1]],
			1 + pick(bounds[(unsigned char)word[1]]));
}

/* As an array of strings; its length. */
static size_t put_command(const char *form, char *text)
{
	char word[MAX_VALUE];
	size_t count = 1, len, at;
	const char *from;

	for (from = form; *from; from++)
		count += *from == ' ';
	at = sprintf(text, "*%zu\r\n", count);
	for (from = form; count--; from += len + 1) {
		size_t words;

		len = strcspn(from, " ");
		words = put_word(from, len, word, sizeof(word));
		at += sprintf(text + at, "$%zu\r\n", words);
		memcpy(text + at, word, words);
		at += words;
		at += sprintf(text + at, "\r\n");
	}
	return at;
}

static bool send_batch(struct conn *conn)
{
	static char text[MAX_BATCH + 4 * MAX_VALUE];
	unsigned int count = 1 + pick(24);
	size_t len = 0;

	while (conn->owed < count && len < MAX_BATCH) {
		len += put_command(commands[pick(ARRAY_SIZE(commands))], text + len);
		conn->owed++;
	}
	return send(conn->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool take_replies(struct conn *conn)
{
	struct item head;

	for (; conn->owed; conn->owed--) {
		if (!skip_reply(conn, 0, &head))
			return false;
		replies++;
		errors += head.type == '-';
		refusals += head.type == '-' && !strncmp(head.line, "OOM", 3);
	}
	return true;
}

/* run SEED CONNECTIONS COMMANDS */
static int run(char **argv)
{
	unsigned int count = atoi(argv[1]), i;
	unsigned long long wanted = strtoull(argv[2], NULL, 10);
	struct conn *conns = calloc(count, sizeof(*conns));

	state = strtoull(argv[0], NULL, 10) * 2 + 1;
	for (i = 0; i < count; i++)
		conns[i].fd = -1;
	while (replies < wanted) {
		for (i = 0; i < count; i++) {
			if (conns[i].fd < 0)
				dial(&conns[i]);
			if (!send_batch(&conns[i]))
				lose(&conns[i]);
		}
		for (i = 0; i < count; i++)
			if (conns[i].fd >= 0 && !take_replies(&conns[i]))
				lose(&conns[i]);
	}
	for (i = 0; i < count; i++)
		close(conns[i].fd);
	free(conns);
	printf("%llu replies, %llu errors, %llu out of memory, %llu connections lost\n",
	       replies, errors, refusals, losses);
	return 0;
}

/* ask FORMAT...: words without spaces, the reply's head */
static struct item __attribute__((format(printf, 2, 3))) ask(struct conn *conn,
							     const char *format, ...)
{
	char text[1024], line[900];
	struct item head;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (send(conn->fd, text, put_command(line, text), MSG_NOSIGNAL) < 0 ||
	    !read_item(conn, &head))
		die("%s: the connection has ended", line);
	if (head.type == '-')
		die("%s: %s", line, head.line);
	return head;
}

static void expect_equal(const char *key, const char *what, long long a, long long b)
{
	if (a != b)
		die("%s: %s is %lld and %lld", key, what, a, b);
}

static struct item next(struct conn *conn)
{
	struct item item;

	if (!read_item(conn, &item))
		die("the connection has ended in a reply");
	return item;
}

static void verify_hash(struct conn *conn, const char *key)
{
	long long fields = ask(conn, "HLEN %s", key).number;
	long long i, all = ask(conn, "HGETALL %s", key).number;

	for (i = 0; i < all; i++)
		next(conn);
	expect_equal(key, "the number of its fields", fields, all / 2);
}

static void verify_key(struct conn *conn, const char *key)
{
	struct item type = ask(conn, "TYPE %s", key);

	if (!strcmp(type.line, "hash"))
		verify_hash(conn, key);
	else if (!strcmp(type.line, "string"))
		expect_equal(key, "its length", ask(conn, "STRLEN %s", key).number,
			     ask(conn, "GET %s", key).number);
	else
		die("%s is of the type %s", key, type.line);
}

/* One step of SCAN; its cursor takes the place of the old one. */
static long long verify_some(struct conn *conn, struct conn *asker, struct item *cursor)
{
	long long count, i;

	ask(conn, "SCAN %s COUNT 100", cursor->line);
	*cursor = next(conn);
	count = next(conn).number;
	for (i = 0; i < count; i++)
		verify_key(asker, next(conn).line);
	return count;
}

/* verify: nothing may change meanwhile */
static int verify(void)
{
	static struct conn conn, asker;
	struct item cursor = { .line = "0" }, digest;
	long long seen = 0;

	dial(&conn);
	dial(&asker);
	digest = ask(&conn, "DEBUG DIGEST");
	do {
		seen += verify_some(&conn, &asker, &cursor);
	} while (strcmp(cursor.line, "0"));
	expect_equal("SCAN and DBSIZE", "the number of keys", seen, ask(&conn, "DBSIZE").number);
	if (strcmp(digest.line, ask(&conn, "DEBUG DIGEST").line))
		die("the digest has changed");
	printf("%lld keys\n", seen);
	return 0;
}

int main(int argc, char **argv)
{
	const char *address = "127.0.0.1", *port = "6379";
	int option;

	if (getenv("PATIENCE"))
		patience = atoi(getenv("PATIENCE"));
	while ((option = getopt(argc, argv, "+h:p:")) != -1) {
		if (option == '?')
			return 2;
		*(option == 'h' ? &address : &port) = optarg;
	}
	server.sin_port = htons(atoi(port));
	if (inet_pton(AF_INET, address, &server.sin_addr) != 1)
		die("\"%s\" is not an address", address);
	if (argc - optind == 4 && !strcmp(argv[optind], "run"))
		return run(argv + optind + 1);
	if (argc - optind == 1 && !strcmp(argv[optind], "verify"))
		return verify();
	fputs("Usage: churn [-h ADDRESS] [-p PORT] run SEED CONNECTIONS COMMANDS | verify\n",
	      stderr);
	return 2;
}
