// SPDX-License-Identifier: GPL-2.0
/*
 * One request to the generic netlink family "darter", made of words, so that a
 * test can also send what a proper client would not:
 *
 *	control [-u] COMMAND [ATTRIBUTE=VALUE]...
 *
 * COMMAND and ATTRIBUTE are names of <darter.h> without their prefix, or numbers.
 * "u32:5", "text:a" or "raw:a" as a value is that type instead of the attribute's
 * own; "[NAME=a VALUE=b]" is a nest. -u gives CAP_NET_ADMIN up first. What comes
 * back is printed: attributes, a line each, or the error's name and its text. No
 * library takes part; one thread, nothing is shared.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "darter.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

enum type { RAW, FLAG, U8, U16, U32, U64, TEXT, NEST };

static const char *const type_names[] = { "raw", "flag", "u8", "u16", "u32", "u64", "text" };

struct attribute {
	const char *name;
	int id;
	enum type type;
};

#define A(name, type) { #name, DARTER_A_##name, type }
static const struct attribute attributes[] = {
	A(ABI, U32), A(VERSION, TEXT), A(MODE, TEXT), A(RUN_ID, TEXT), A(BIND, TEXT),
	A(PORT, U16), A(SHARDS, U32), A(WORKERS, U32), A(DATABASES, U32), A(CLUSTER, U8),
	A(UPTIME, U64), A(DAEMON, U8), A(CLIENTS, U32), A(MAX_CLIENTS, U32),
	A(MAX_MEMORY, U64), A(PEAK_MEMORY, U64), A(KEYS, U64), A(VOLATILE_KEYS, U64),
	A(MEMORY, U64), A(COMMANDS, U64), A(CONNECTIONS, U64), A(PATTERN, TEXT),
	A(PARAM, NEST), A(PARAM_INDEX, U32), A(NAME, TEXT), A(VALUE, TEXT), A(LOADING, FLAG),
	A(SHARD_ID, U32), A(FIRST_SLOT, U32), A(LAST_SLOT, U32), A(HITS, U64), A(MISSES, U64),
	A(EXPIRED, U64), A(CONTENDED, U64), A(WORKER_ID, U32), A(CPU, U32), A(RECEIVED, U64),
	A(SENT, U64), A(ERRORS, U64), A(PARKED, U64), A(BATCHES, U64), A(CLIENT_ID, U64),
	A(CLIENT_ADDR, TEXT), A(CLIENT_LADDR, TEXT), A(CLIENT_NAME, TEXT), A(CLIENT_AGE, U64),
	A(CLIENT_IDLE, U64), A(CLIENT_DB, U32), A(CLIENT_RESP, U8), A(CLIENT_COMMAND, TEXT),
	A(NODE_ID, TEXT), A(NODE_IP, TEXT), A(NODE_HOSTNAME, TEXT), A(NODE_PORT, U16),
	A(NODE_BUS_PORT, U16), A(UPCALL_ID, U64), A(UPCALL_REPLY, RAW), A(WORKER_PORT, U16),
	A(REMOTE, U64), A(SLEEPS, U64), A(POLLED, U64), A(UNIT, TEXT), A(EFFECT, TEXT),
	A(LEAST, U64), A(MOST, U64), A(DEFAULT, TEXT), A(BUCKET_END, U64), A(CALLS, U64),
};

#define C(name, dump) { #name, DARTER_CMD_##name, dump }
static const struct command {
	const char *name;
	int id;
	bool dump;
} commands[] = {
	C(INSTANCE_GET, false), C(START, false), C(STOP, false), C(CONFIG_GET, true),
	C(CONFIG_SET, false), C(SHARD_GET, true), C(WORKER_GET, true), C(CLIENT_GET, true),
	C(LATENCY_GET, true),
	C(CLIENT_KILL, false), C(TOPOLOGY_GET, false), C(TOPOLOGY_SET, false),
	C(REGISTER, false), C(ANSWER, false),
	/* The first node, and all of them */
	{ "TOPOLOGY_DUMP", DARTER_CMD_TOPOLOGY_GET, true },
};

/* A message as it grows; the buffer is long enough for every command line. */
static struct {
	_Alignas(8) char bytes[1 << 16];
	size_t len;
} request;

static char answer[1 << 16] __attribute__((aligned(8)));

static void __attribute__((noreturn)) die(const char *what)
{
	perror(what);
	exit(2);
}

static void put(const void *data, size_t len)
{
	if (request.len + NLMSG_ALIGN(len) > sizeof(request.bytes)) {
		errno = E2BIG;
		die("control");
	}
	memcpy(request.bytes + request.len, data, len);
	request.len += len;
}

static void pad(void)
{
	static const char zeros[NLA_ALIGNTO];

	put(zeros, NLA_ALIGN(request.len) - request.len);
}

/* The type that a value is prefixed with, which is taken off; -1: none. */
static int take_type(char **value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(type_names); i++) {
		size_t len = strlen(type_names[i]);

		if (!strncmp(*value, type_names[i], len) && (*value)[len] == ':') {
			*value += len + 1;
			return i;
		}
	}
	return -1;
}

static void put_attribute(char *word);

static void put_value(enum type type, char *value)
{
	/* Of which the first bytes are taken. */
	uint64_t number = strtoull(value, NULL, 0);
	char *word, *state;

	switch (type) {
	case RAW:
		put(value, strlen(value));
		break;
	case FLAG:
		break;
	case TEXT:
		put(value, strlen(value) + 1);
		break;
	case NEST:
		value[strcspn(value, "]")] = '\0';
		for (word = strtok_r(value + (*value == '['), " ", &state); word;
		     word = strtok_r(NULL, " ", &state))
			put_attribute(word);
		break;
	default:
		put(&number, 1 << (type - U8));
	}
}

/* A word NAME=VALUE; without a value it is empty. */
static void put_attribute(char *word)
{
	struct nlattr head = { };
	size_t at = request.len, i;
	char *value = word + strcspn(word, "=");
	int type = RAW, given;

	if (*value)
		*value++ = '\0';
	head.nla_type = strtoul(word, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (!strcmp(word, attributes[i].name)) {
			head.nla_type = attributes[i].id;
			type = attributes[i].type;
		}
	given = take_type(&value);
	if (given >= 0)
		type = given;
	put(&head, sizeof(head));
	put_value(type, value);
	head.nla_len = request.len - at;
	if (type == NEST)
		head.nla_type |= NLA_F_NESTED;
	memcpy(request.bytes + at, &head, sizeof(head));
	pad();
}

static void begin(int family, int command, int flags)
{
	const struct nlmsghdr head = {
		.nlmsg_type = family,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = 1,
	};
	const struct genlmsghdr genl = { .cmd = command, .version = 1 };

	request.len = 0;
	put(&head, sizeof(head));
	put(&genl, sizeof(genl));
}

static void send_request(int fd)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	uint32_t len = request.len;

	memcpy(request.bytes, &len, sizeof(len));
	if (sendto(fd, request.bytes, len, 0, (const void *)&kernel, sizeof(kernel)) < 0)
		die("sendto");
}

static void print_value(enum type type, const char *data, int len)
{
	uint64_t number = 0;

	if (type == TEXT || type == RAW) {
		printf("%.*s", len, data);
		return;
	}
	memcpy(&number, data, len < 8 ? len : 8);
	printf("%llu", (unsigned long long)number);
}

/* Calls @visit for each attribute in a message's payload. */
static void each_attribute(const char *data, int len,
			   void (*visit)(int kind, const char *data, int len))
{
	while (len >= NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)data;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len)
			return;
		visit(attr->nla_type & NLA_TYPE_MASK, data + NLA_HDRLEN,
		      attr->nla_len - NLA_HDRLEN);
		len -= NLA_ALIGN(attr->nla_len);
		data += NLA_ALIGN(attr->nla_len);
	}
}

static const struct attribute *find_attribute(int id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].id == id)
			return &attributes[i];
	return NULL;
}

static void print_attribute(int kind, const char *data, int len)
{
	const struct attribute *attribute = find_attribute(kind);

	if (!attribute)
		return;
	printf("%s=", attribute->name);
	print_value(attribute->type, data, len);
	putchar('\n');
}

static void print_text(int kind, const char *data, int len)
{
	const struct attribute *missing;

	if (kind == NLMSGERR_ATTR_MSG)
		printf(" %.*s", len, data);
	if (kind != NLMSGERR_ATTR_MISS_TYPE)
		return;
	missing = find_attribute(*(const uint32_t *)data);
	printf(" (missing %s)", missing ? missing->name : "?");
}

/* What an error or the end of a dump says; @fixed bytes of it are no attributes. */
static int print_end(const struct nlmsghdr *head, int fixed)
{
	const char *body = NLMSG_DATA(head);
	int number = -*(const int *)body;

	if (!number)
		return 0;
	printf("%s", strerrorname_np(number) ?: "E?");
	if (head->nlmsg_flags & NLM_F_ACK_TLVS)
		each_attribute(body + fixed, head->nlmsg_len - NLMSG_HDRLEN - fixed, print_text);
	putchar('\n');
	return 1;
}

static int family_id;

static void find_id(int kind, const char *data, int len)
{
	if (kind == CTRL_ATTR_FAMILY_ID && len == 2)
		family_id = *(const uint16_t *)data;
}

/* The exit status when the answer is over, else -1. */
static int take_message(const struct nlmsghdr *head,
			void (*visit)(int kind, const char *data, int len))
{
	const char *body = NLMSG_DATA(head);

	if (head->nlmsg_type == NLMSG_ERROR)
		return print_end(head, sizeof(struct nlmsgerr));
	if (head->nlmsg_type == NLMSG_DONE)
		return print_end(head, sizeof(int));
	each_attribute(body + GENL_HDRLEN, head->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, visit);
	return -1;
}

static int take_answer(int fd, void (*visit)(int kind, const char *data, int len))
{
	for (;;) {
		ssize_t got = recv(fd, answer, sizeof(answer), 0);
		const struct nlmsghdr *head = (const void *)answer;

		if (got < 0)
			die("recv");
		for (; NLMSG_OK(head, (size_t)got); head = NLMSG_NEXT(head, got)) {
			int status = take_message(head, visit);

			if (status >= 0)
				return status;
		}
	}
}

static int dial(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)))
		die("socket");
	return fd;
}

static void find_family(int fd)
{
	const struct nlattr name = {
		.nla_len = NLA_HDRLEN + sizeof(DARTER_GENL_NAME),
		.nla_type = CTRL_ATTR_FAMILY_NAME,
	};

	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	put(&name, sizeof(name));
	put(DARTER_GENL_NAME, sizeof(DARTER_GENL_NAME));
	pad();
	send_request(fd);
	if (take_answer(fd, find_id))
		exit(1);
}

static void give_up_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		die("capget");
	data[0].effective &= ~(1U << CAP_NET_ADMIN);
	data[0].permitted &= ~(1U << CAP_NET_ADMIN);
	data[0].inheritable = 0;
	if (syscall(SYS_capset, &head, data))
		die("capset");
}

int main(int argc, char **argv)
{
	int id, option, fd;
	bool dump = false;
	size_t i;

	while ((option = getopt(argc, argv, "+u")) != -1) {
		if (option != 'u')
			return 2;
		give_up_admin();
	}
	if (optind == argc) {
		fputs("Usage: control [-u] COMMAND [ATTRIBUTE=VALUE]...\n", stderr);
		return 2;
	}
	id = atoi(argv[optind]);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[optind], commands[i].name)) {
			id = commands[i].id;
			dump = commands[i].dump;
		}
	fd = dial();
	find_family(fd);
	begin(family_id, id, dump ? NLM_F_DUMP : NLM_F_ACK);
	while (++optind < argc)
		put_attribute(argv[optind]);
	send_request(fd);
	return take_answer(fd, print_attribute);
}
