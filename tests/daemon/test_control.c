// SPDX-License-Identifier: GPL-2.0
/* The client of the control protocol, against a peer that plays a script. */
/* links: daemon/common/control.c daemon/common/api.c daemon/common/event.c */
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/genl/genl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/common/api.h"
#include "daemon/common/event.h"

#define ROOM 65536

/* A peer: it accepts one connection and plays its script in a thread. */
struct peer {
	char path[64];
	int listener, fd;
	pthread_t thread;
	void (*script)(struct peer *peer);
	_Alignas(NLMSG_ALIGNTO) char request[ROOM];
	struct nlattr *attrs[DARTER_A_MAX + 1];	/* of the request */
	bool failed;			/* asserts are for the test's own thread */
};

static struct nlmsghdr *request_of(struct peer *peer)
{
	return (struct nlmsghdr *)peer->request;
}

/* Receive a request and check its command. */
static void take(struct peer *peer, int command)
{
	struct nlmsghdr *header = request_of(peer);
	ssize_t length = recv(peer->fd, peer->request, ROOM, 0);
	struct genlmsghdr *family = nlmsg_data(header);

	if (length < (ssize_t)sizeof(*header) || header->nlmsg_len != length ||
	    header->nlmsg_type != DARTER_SEQPACKET_FAMILY || family->cmd != command ||
	    nla_parse(peer->attrs, DARTER_A_MAX, genlmsg_attrdata(family, 0),
		      genlmsg_attrlen(family, 0), NULL))
		peer->failed = true;
}

static struct nl_msg *compose(int command, unsigned int sequence)
{
	struct nl_msg *message = nlmsg_alloc();

	genlmsg_put(message, 0, sequence, DARTER_SEQPACKET_FAMILY, 0, 0, command, 1);
	return message;
}

static void deliver(struct peer *peer, struct nl_msg *message)
{
	struct nlmsghdr *header = nlmsg_hdr(message);

	if (send(peer->fd, header, header->nlmsg_len, MSG_NOSIGNAL) != header->nlmsg_len)
		peer->failed = true;
	nlmsg_free(message);
}

/* An acknowledgement, or an error with what the kernel appends to it. */
static void finish(struct peer *peer, int error, const char *why, unsigned int offset)
{
	struct nl_msg *message = nlmsg_alloc();
	struct nlmsgerr *body;
	int flags = NLM_F_CAPPED | (why || offset ? NLM_F_ACK_TLVS : 0);

	nlmsg_put(message, 0, request_of(peer)->nlmsg_seq, NLMSG_ERROR, sizeof(*body), flags);
	body = nlmsg_data(nlmsg_hdr(message));
	body->error = error;
	body->msg = *request_of(peer);
	if (why)
		nla_put_string(message, NLMSGERR_ATTR_MSG, why);
	if (offset)
		nla_put_u32(message, NLMSGERR_ATTR_OFFS, offset);
	deliver(peer, message);
}

static void finish_dump(struct peer *peer, int error)
{
	struct nl_msg *message = nlmsg_alloc();

	nlmsg_put(message, 0, request_of(peer)->nlmsg_seq, NLMSG_DONE, sizeof(error), NLM_F_MULTI);
	memcpy(nlmsg_data(nlmsg_hdr(message)), &error, sizeof(error));
	deliver(peer, message);
}

static void *play(void *arg)
{
	struct peer *peer = arg;

	peer->fd = accept(peer->listener, NULL, NULL);
	peer->script(peer);
	close(peer->fd);
	return NULL;
}

static struct darter_control *meet(struct peer *peer, void (*script)(struct peer *peer))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct darter_control *control;

	*peer = (struct peer){ .path = "/tmp/darter-control.XXXXXX", .script = script };
	assert_non_null(mkdtemp(peer->path));
	strcat(peer->path, "/s");
	strcpy(address.sun_path, peer->path);
	peer->listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(peer->listener, 1), 0);
	assert_int_equal(pthread_create(&peer->thread, NULL, play, peer), 0);
	assert_int_equal(darter_control_open(&control, peer->path), 0);
	return control;
}

static void part(struct peer *peer, struct darter_control *control)
{
	darter_control_close(control);
	pthread_join(peer->thread, NULL);
	close(peer->listener);
	unlink(peer->path);
	*strrchr(peer->path, '/') = '\0';
	rmdir(peer->path);
	assert_false(peer->failed);
}

static void brief_script(struct peer *peer)
{
	struct nl_msg *message;
	char long_id[100];

	take(peer, DARTER_CMD_INSTANCE_GET);
	message = compose(DARTER_CMD_INSTANCE_GET, request_of(peer)->nlmsg_seq);
	memset(long_id, 'x', sizeof(long_id));
	/* Longer than anybody expects, and without its NUL. */
	nla_put(message, DARTER_A_RUN_ID, sizeof(long_id), long_id);
	nla_put_u32(message, DARTER_A_SHARDS, 4);
	nla_put_u16(message, DARTER_A_WORKERS, 2);
	nla_put_u8(message, DARTER_A_CLUSTER, 1);
	nla_put_u64(message, DARTER_A_KEYS, 1ULL << 40);
	deliver(peer, message);
	finish(peer, 0, NULL, 0);
}

static void test_brief(void **state)
{
	struct darter_brief brief;
	struct peer peer;
	struct darter_control *control = meet(&peer, brief_script);

	assert_int_equal(darter_api_brief(control, &brief), 0);
	assert_int_equal(strlen(brief.run_id), sizeof(brief.run_id) - 1);
	assert_int_equal(brief.shards, 4);
	assert_int_equal(brief.workers, 2);
	assert_int_equal(brief.databases, 0);
	assert_true(brief.cluster);
	assert_true(brief.keys == 1ULL << 40);
	part(&peer, control);
}

/* Refuse the pair whose name is "b", as the kernel would point at it. */
static void set_script(struct peer *peer)
{
	struct nlattr *attr, *inner[DARTER_A_MAX + 1];
	struct genlmsghdr *family;
	int left, count = 0;

	take(peer, DARTER_CMD_CONFIG_SET);
	if (!peer->attrs[DARTER_A_LOADING])
		peer->failed = true;
	family = nlmsg_data(request_of(peer));
	nla_for_each_attr(attr, genlmsg_attrdata(family, 0), genlmsg_attrlen(family, 0), left) {
		if (nla_type(attr) != DARTER_A_PARAM)
			continue;
		count++;
		if (!(attr->nla_type & NLA_F_NESTED) ||
		    nla_parse_nested(inner, DARTER_A_MAX, attr, NULL) ||
		    strlen(nla_get_string(inner[DARTER_A_VALUE])) != (size_t)count) {
			peer->failed = true;
			return;
		}
		if (!strcmp(nla_get_string(inner[DARTER_A_NAME]), "b"))
			finish(peer, -EINVAL, "no good", (char *)attr - peer->request);
	}
	if (count != 3)
		peer->failed = true;
}

static void test_refused_pair(void **state)
{
	const struct darter_pair pairs[] = { { "a", "1" }, { "b", "22" }, { "c", "333" } };
	struct peer peer;
	struct darter_control *control = meet(&peer, set_script);
	unsigned int bad;

	assert_int_equal(darter_api_config_set(control, pairs, 3, true, &bad), -EINVAL);
	assert_int_equal(bad, 1);
	assert_string_equal(darter_control_why(control), "no good");
	part(&peer, control);
}

static void refuse_script(struct peer *peer)
{
	take(peer, DARTER_CMD_STOP);
	finish(peer, -EPERM, NULL, 0);
	take(peer, DARTER_CMD_CONFIG_SET);
	finish(peer, -ENOMEM, NULL, 0);
	take(peer, DARTER_CMD_CLIENT_KILL);
	if (darter_attr_number(peer->attrs[DARTER_A_CLIENT_ID]) != 1ULL << 33)
		peer->failed = true;
	finish(peer, -ENOENT, "no such client", 0);
}

static void test_refusals(void **state)
{
	const struct darter_pair pair = { "a", "1" };
	struct peer peer;
	struct darter_control *control = meet(&peer, refuse_script);
	unsigned int bad;

	assert_int_equal(darter_api_stop(control), -EPERM);
	assert_string_equal(darter_control_why(control), "not permitted without CAP_NET_ADMIN");
	assert_int_equal(darter_api_config_set(control, &pair, 1, false, &bad), -ENOMEM);
	assert_int_equal(bad, DARTER_NO_PAIR);
	assert_int_equal(darter_api_client_kill(control, 1ULL << 33), -ENOENT);
	assert_string_equal(darter_control_why(control), "no such client");
	part(&peer, control);
}

/* Two parameters in one datagram, one in another, then an error. */
static void dump_script(struct peer *peer)
{
	static const char *const names[] = { "a", "bb", "ccc" };
	unsigned int sequence;
	char datagram[1024];
	size_t length = 0;

	take(peer, DARTER_CMD_CONFIG_GET);
	if (strcmp(nla_get_string(peer->attrs[DARTER_A_PATTERN]), "x*") ||
	    (request_of(peer)->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		peer->failed = true;
	sequence = request_of(peer)->nlmsg_seq;
	for (int i = 0; i < 3; i++) {
		struct nl_msg *message = compose(DARTER_CMD_CONFIG_GET, sequence);

		nla_put_string(message, DARTER_A_NAME, names[i]);
		if (i)
			nla_put_string(message, DARTER_A_VALUE, "v");
		memcpy(datagram + length, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
		length += NLMSG_ALIGN(nlmsg_hdr(message)->nlmsg_len);
		nlmsg_free(message);
		if (!i)
			continue;
		send(peer->fd, datagram, length, MSG_NOSIGNAL);
		length = 0;
	}
	finish_dump(peer, -EIO);
}

static int note(void *text, const char *name, const char *value)
{
	strcat(strcat(strcat(text, name), value), ";");
	return 0;
}

static void test_dump(void **state)
{
	struct peer peer;
	struct darter_control *control = meet(&peer, dump_script);
	char seen[64] = "";

	assert_int_equal(darter_api_config_get(control, "x*", note, seen), -EIO);
	assert_string_equal(seen, "a;bbv;cccv;");
	part(&peer, control);
}

static void put_upcall(struct peer *peer, unsigned long long id)
{
	struct nl_msg *message = compose(DARTER_CMD_ASK, 0);

	nla_put_u64(message, DARTER_A_UPCALL_ID, id);
	nla_put(message, DARTER_A_UPCALL_REQUEST, 2, "*1");
	deliver(peer, message);
}

/* A client may ask between the registration and its acknowledgement. */
static void early_script(struct peer *peer)
{
	struct nl_msg *message;

	take(peer, DARTER_CMD_EVENT);
	finish(peer, 0, NULL, 0);
	take(peer, DARTER_CMD_REGISTER);
	put_upcall(peer, 7);
	put_upcall(peer, 8);
	finish(peer, 0, NULL, 0);
	message = compose(DARTER_CMD_EVENT, 0);
	nla_put_u32(message, DARTER_A_EVENT, DARTER_EVENT_KIND_FLUSH);
	nla_put_string(message, DARTER_A_EVENT_TEXT, "all");
	deliver(peer, message);
	message = compose(DARTER_CMD_EVENT, 0);
	nla_put_u32(message, DARTER_A_EVENT, 1000);
	deliver(peer, message);
	/* The test asks once more so that it knows that all was sent. */
	take(peer, DARTER_CMD_STOP);
	finish(peer, 0, NULL, 0);
}

static int note_unasked(void *arg, const struct darter_message *message)
{
	struct darter_event event;
	char *text = arg;

	if (message->command == DARTER_CMD_ASK)
		sprintf(text + strlen(text), "upcall %llu;",
			darter_attr_number(message->attrs[DARTER_A_UPCALL_ID]));
	else if (darter_event_read(message, &event))
		sprintf(text + strlen(text), "%s %s;", event.name, event.text);
	return 0;
}

static void test_unasked(void **state)
{
	struct peer peer;
	struct darter_control *control = meet(&peer, early_script);
	char seen[128] = "";
	int err;

	assert_int_equal(darter_control_follow(control), 0);
	assert_int_equal(darter_api_register(control), 0);
	assert_int_equal(darter_api_stop(control), 0);
	do {
		err = darter_control_receive(control, note_unasked, seen);
	} while (!err);
	/* The peer is gone when its script is over. */
	assert_int_equal(err, -ENOTCONN);
	assert_string_equal(seen, "upcall 7;upcall 8;flush all;unknown ;");
	assert_int_equal(darter_api_stop(control), -ENOTCONN);
	part(&peer, control);
}

static void leave_script(struct peer *peer)
{
	take(peer, DARTER_CMD_ANSWER);
	if (nla_len(peer->attrs[DARTER_A_UPCALL_REPLY]) != 5 ||
	    memcmp(nla_data(peer->attrs[DARTER_A_UPCALL_REPLY]), "+OK\r\n", 5))
		peer->failed = true;
}

static void test_peer_leaves(void **state)
{
	static char long_text[70000];
	const struct darter_pair pair = { "a", long_text };
	struct peer peer;
	struct darter_control *control = meet(&peer, leave_script);

	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_int_equal(darter_api_config_set(control, &pair, 1, false, NULL), -EMSGSIZE);
	assert_int_equal(darter_api_answer(control, 1, long_text, sizeof(long_text)), -EMSGSIZE);
	assert_int_equal(darter_api_answer(control, 1, "+OK\r\n", 5), -ENOTCONN);
	part(&peer, control);
}

/* What no kernel sends must still not crash or hang. */
static void garbage_script(struct peer *peer)
{
	struct nl_msg *message;

	take(peer, DARTER_CMD_STOP);
	send(peer->fd, "abc", 3, MSG_NOSIGNAL);
	message = nlmsg_alloc();
	nlmsg_put(message, 0, request_of(peer)->nlmsg_seq, NLMSG_ERROR, 2, 0);
	deliver(peer, message);
	take(peer, DARTER_CMD_INSTANCE_GET);
	message = nlmsg_alloc();
	nlmsg_put(message, 0, request_of(peer)->nlmsg_seq, DARTER_SEQPACKET_FAMILY, 0, 0);
	deliver(peer, message);
	take(peer, DARTER_CMD_INSTANCE_GET);
	message = compose(DARTER_CMD_INSTANCE_GET, request_of(peer)->nlmsg_seq);
	/* Numbers of no width, a text of no length. */
	nla_put(message, DARTER_A_SHARDS, 3, "abc");
	nla_put(message, DARTER_A_RUN_ID, 0, "");
	deliver(peer, message);
	finish(peer, 0, NULL, 0);
}

static void test_garbage(void **state)
{
	struct darter_brief brief;
	struct peer peer;
	struct darter_control *control = meet(&peer, garbage_script);

	assert_int_equal(darter_api_stop(control), -EPROTO);
	assert_int_equal(darter_api_brief(control, &brief), -EPROTO);
	assert_int_equal(darter_api_brief(control, &brief), 0);
	assert_int_equal(brief.shards, 0);
	assert_string_equal(brief.run_id, "");
	part(&peer, control);
}

static void topology_script(struct peer *peer)
{
	take(peer, DARTER_CMD_TOPOLOGY_SET);
	if (strcmp(nla_get_string(peer->attrs[DARTER_A_NODE_IP]), "") ||
	    peer->attrs[DARTER_A_NODE_HOSTNAME] || peer->attrs[DARTER_A_NODE_PORT] ||
	    nla_get_u16(peer->attrs[DARTER_A_NODE_BUS_PORT]) != 0)
		peer->failed = true;
	finish(peer, 0, NULL, 0);
	take(peer, DARTER_CMD_START);
	if (nla_get_u16(peer->attrs[DARTER_A_PORT]) != 65535 || peer->attrs[DARTER_A_SHARDS] ||
	    strcmp(nla_get_string(peer->attrs[DARTER_A_BIND]), "::1 *") ||
	    nla_get_u8(peer->attrs[DARTER_A_CLUSTER]) != 1)
		peer->failed = true;
	finish(peer, 0, NULL, 0);
}

static void test_absent_and_default(void **state)
{
	const struct darter_topology topology = { .ip = "", .port = -1, .bus_port = 0 };
	const struct darter_start start = { .port = 65535, .cluster = true, .bind = "::1 *" };
	struct peer peer;
	struct darter_control *control = meet(&peer, topology_script);

	assert_int_equal(darter_api_topology_set(control, &topology), 0);
	assert_int_equal(darter_api_start(control, &start), 0);
	part(&peer, control);
}

static void test_nobody_there(void **state)
{
	struct darter_control *control;
	char path[200];

	assert_int_equal(darter_control_open(&control, "/nonexistent/socket"), -ENOENT);
	assert_non_null(strstr(darter_control_why(control), "/nonexistent/socket"));
	darter_control_close(control);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(darter_control_open(&control, path), -ENAMETOOLONG);
	darter_control_close(control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_brief),
		cmocka_unit_test(test_refused_pair),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_peer_leaves),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_absent_and_default),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
