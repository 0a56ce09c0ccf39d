// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink client. libnl builds messages and finds families; sending and
 * receiving is done here, in one way for both carriers: a message, or several
 * that belong together, is a datagram. A connection belongs to one thread.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

#define MESSAGE_ROOM 65536
#define ANSWER_SECONDS 10
/* Events come in bursts; what does not fit is lost. */
#define RECEIVE_ROOM (1 << 20)

/* A message that came unasked while the answer to a request was waited for. */
struct early {
	struct early *next;
	char message[] __attribute__((aligned(NLMSG_ALIGNTO)));
};

struct darter_control {
	struct nl_sock *netlink;	/* NULL: a host build */
	int fd;
	int family;			/* message type of the family */
	u_int32_t sequence;
	char *buffer;			/* one datagram */
	size_t room;
	struct early *early, **early_end;
	unsigned int bad_offset;
	char why[DARTER_CONTROL_WHY];
};

/* How the answer to a request is coming along. */
struct exchange {
	darter_control_see_t see;
	void *arg;
	u_int32_t sequence;
	bool finished;
};

static int __attribute__((format(printf, 3, 4)))
fail(struct darter_control *control, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(control->why, sizeof(control->why), format, args);
	va_end(args);
	return err;
}

/*
 * Look through the list of families: to ask for one by name would make the
 * kernel load the module, which may just have been removed on purpose.
 */
static int find_family(struct darter_control *control)
{
	struct genl_family *family;
	struct nl_cache *families;
	int err;

	err = genl_ctrl_alloc_cache(control->netlink, &families);
	if (err)
		return fail(control, -EIO, "cannot list netlink families: %s", nl_geterror(err));
	family = genl_ctrl_search_by_name(families, DARTER_GENL_NAME);
	if (family) {
		control->family = genl_family_get_id(family);
		genl_family_put(family);
	} else {
		err = fail(control, -ENOENT, "the darter module is not loaded");
	}
	nl_cache_free(families);
	return err;
}

static int open_netlink(struct darter_control *control)
{
	const int on = 1;
	int err;

	control->netlink = nl_socket_alloc();
	if (!control->netlink)
		return fail(control, -ENOMEM, "out of memory");
	err = genl_connect(control->netlink);
	if (err)
		return fail(control, -EIO, "cannot open generic netlink: %s", nl_geterror(err));
	err = find_family(control);
	if (err)
		return err;
	nl_socket_set_buffer_size(control->netlink, RECEIVE_ROOM, 0);
	control->fd = nl_socket_get_fd(control->netlink);
	/* Errors then come with a text, and without the request. */
	if (setsockopt(control->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(control->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)))
		return fail(control, -errno, "cannot set up netlink: %s", strerror(errno));
	return 0;
}

static int open_unix(struct darter_control *control, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail(control, -ENAMETOOLONG, "%s: name too long for a socket", path);
	strcpy(address.sun_path, path);
	control->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (control->fd < 0)
		return fail(control, -errno, "cannot make a socket: %s", strerror(errno));
	if (!connect(control->fd, (struct sockaddr *)&address, sizeof(address)))
		return 0;
	err = errno == ECONNREFUSED ? -ENOENT : -errno;
	return fail(control, err, "%s: %s", path, strerror(errno));
}

int darter_control_open(struct darter_control **out, const char *path)
{
	const struct timeval wait = { .tv_sec = ANSWER_SECONDS };
	struct darter_control *control = calloc(1, sizeof(*control));
	int err;

	*out = control;
	if (!control)
		return -ENOMEM;
	control->fd = -1;
	control->early_end = &control->early;
	control->family = DARTER_SEQPACKET_FAMILY;
	err = path ? open_unix(control, path) : open_netlink(control);
	if (err)
		return err;
	if (setsockopt(control->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    setsockopt(control->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)))
		return fail(control, -errno, "cannot set up a socket: %s", strerror(errno));
	return 0;
}

static struct early *take_early(struct darter_control *control)
{
	struct early *first = control->early;

	if (!first)
		return NULL;
	control->early = first->next;
	if (!control->early)
		control->early_end = &control->early;
	return first;
}

void darter_control_close(struct darter_control *control)
{
	if (!control)
		return;
	while (control->early)
		free(take_early(control));
	if (control->netlink)
		nl_socket_free(control->netlink);
	else if (control->fd >= 0)
		close(control->fd);
	free(control->buffer);
	free(control);
}

int darter_control_fd(const struct darter_control *control)
{
	return control->fd;
}

const char *darter_control_why(const struct darter_control *control)
{
	return control ? control->why : "out of memory";
}

unsigned int darter_control_bad_offset(const struct darter_control *control)
{
	return control->bad_offset;
}

int darter_control_failed(struct darter_control *control, int err)
{
	control->bad_offset = 0;
	return fail(control, err, "%s", strerror(-err));
}

unsigned long long darter_attr_number(const struct nlattr *attr)
{
	u_int64_t value;

	/* Little and big endian differ in where a shorter number lies. */
	switch (attr ? nla_len(attr) : 0) {
	case sizeof(u_int8_t):
		return nla_get_u8(attr);
	case sizeof(u_int16_t):
		return nla_get_u16(attr);
	case sizeof(u_int32_t):
		return nla_get_u32(attr);
	case sizeof(u_int64_t):
		memcpy(&value, nla_data(attr), sizeof(value));
		return value;
	default:
		return 0;
	}
}

void darter_attr_text(const struct nlattr *attr, char *text, size_t room)
{
	size_t length = attr ? strnlen(nla_data(attr), nla_len(attr)) : 0;

	if (length >= room)
		length = room - 1;
	if (length)
		memcpy(text, nla_data(attr), length);
	text[length] = '\0';
}

struct nl_msg *darter_control_message(struct darter_control *control, int command, bool dump)
{
	struct nl_msg *message = nlmsg_alloc_size(MESSAGE_ROOM);
	int flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);

	if (!message)
		return NULL;
	if (genlmsg_put(message, 0, ++control->sequence, control->family, 0, flags, command,
			DARTER_GENL_VERSION))
		return message;
	nlmsg_free(message);
	return NULL;
}

static int grow(struct darter_control *control, size_t length)
{
	char *buffer;

	if (length <= control->room)
		return 0;
	buffer = realloc(control->buffer, length);
	if (!buffer)
		return fail(control, -ENOMEM, "out of memory");
	control->buffer = buffer;
	control->room = length;
	return 0;
}

static int receive_failed(struct darter_control *control)
{
	switch (errno) {
	case EAGAIN:
		return fail(control, -ETIMEDOUT, "no answer within %d seconds", ANSWER_SECONDS);
	case ENOBUFS:
		return fail(control, -ENOBUFS, "messages were lost");
	case ECONNRESET:
	case EPIPE:
		return fail(control, -ENOTCONN, "the connection was closed");
	default:
		return fail(control, -errno, "cannot receive: %s", strerror(errno));
	}
}

/* One datagram into the buffer: its length, or a negative errno. */
static int receive(struct darter_control *control, int flags)
{
	ssize_t length;
	int err;

	do {
		length = recv(control->fd, NULL, 0, MSG_PEEK | MSG_TRUNC | flags);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return receive_failed(control);
	if (!length)
		return fail(control, -ENOTCONN, "the connection was closed");
	err = grow(control, length);
	if (err)
		return err;
	length = recv(control->fd, control->buffer, control->room, flags);
	return length < 0 ? receive_failed(control) : length;
}

/* What the kernel appends to an error: a text and where the request is wrong. */
static void read_extended(struct darter_control *control, struct nlattr *head, int length)
{
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];

	if (nla_parse(attrs, NLMSGERR_ATTR_MAX, head, length, NULL))
		return;
	if (attrs[NLMSGERR_ATTR_MSG])
		snprintf(control->why, sizeof(control->why), "%.*s",
			 nla_len(attrs[NLMSGERR_ATTR_MSG]),
			 (char *)nla_data(attrs[NLMSGERR_ATTR_MSG]));
	if (attrs[NLMSGERR_ATTR_OFFS])
		control->bad_offset = nla_get_u32(attrs[NLMSGERR_ATTR_OFFS]);
}

/* An error, or with code 0 an acknowledgement. */
static int read_error(struct darter_control *control, struct nlmsghdr *header)
{
	struct nlmsgerr *error = nlmsg_data(header);
	int skip = sizeof(*error);

	if (nlmsg_datalen(header) < skip)
		return fail(control, -EPROTO, "truncated answer");
	if (!error->error)
		return 0;
	/* Generic netlink's own refusal comes without a text. */
	fail(control, 0, "%s", error->error == -EPERM ? "not permitted without CAP_NET_ADMIN" :
							strerror(-error->error));
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - sizeof(error->msg);
	skip = NLMSG_ALIGN(skip);
	if (header->nlmsg_flags & NLM_F_ACK_TLVS && skip < nlmsg_datalen(header))
		read_extended(control, nlmsg_data(header) + skip, nlmsg_datalen(header) - skip);
	return error->error;
}

/* The end of a dump carries the error that ended it early. */
static int read_done(struct darter_control *control, struct nlmsghdr *header)
{
	int skip = NLMSG_ALIGN(sizeof(int)), error;

	if (nlmsg_datalen(header) < (int)sizeof(error))
		return 0;
	memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error >= 0)
		return 0;
	fail(control, 0, "%s", strerror(-error));
	if (header->nlmsg_flags & NLM_F_ACK_TLVS && skip < nlmsg_datalen(header))
		read_extended(control, nlmsg_data(header) + skip, nlmsg_datalen(header) - skip);
	return error;
}

static int see(struct darter_control *control, struct nlmsghdr *header,
	       darter_control_see_t callback, void *arg)
{
	struct genlmsghdr *family = nlmsg_data(header);
	struct darter_message message;
	int err;

	if (!genlmsg_valid_hdr(header, 0))
		return fail(control, -EPROTO, "truncated message");
	message.command = family->cmd;
	if (nla_parse(message.attrs, DARTER_A_MAX, genlmsg_attrdata(family, 0),
		      genlmsg_attrlen(family, 0), NULL))
		return fail(control, -EPROTO, "message with unreadable attributes");
	err = callback ? callback(arg, &message) : 0;
	return err ? fail(control, err, "%s", strerror(-err)) : 0;
}

/* To be handed out by darter_control_receive(): an upcall must not be lost. */
static int keep_early(struct darter_control *control, const struct nlmsghdr *header)
{
	struct early *early;

	if (header->nlmsg_seq || header->nlmsg_type != control->family)
		return 0;
	early = malloc(sizeof(*early) + header->nlmsg_len);
	if (!early)
		return fail(control, -ENOMEM, "out of memory");
	early->next = NULL;
	memcpy(early->message, header, header->nlmsg_len);
	*control->early_end = early;
	control->early_end = &early->next;
	return 0;
}

static int read_answer(struct darter_control *control, struct nlmsghdr *header,
		       struct exchange *exchange)
{
	if (header->nlmsg_seq != exchange->sequence)
		return keep_early(control, header);
	switch (header->nlmsg_type) {
	case NLMSG_ERROR:
		exchange->finished = true;
		return read_error(control, header);
	case NLMSG_DONE:
		exchange->finished = true;
		return read_done(control, header);
	case NLMSG_OVERRUN:
		return fail(control, -ENOBUFS, "messages were lost");
	default:
		if (header->nlmsg_type != control->family)
			return 0;
		return see(control, header, exchange->see, exchange->arg);
	}
}

static int read_answers(struct darter_control *control, struct exchange *exchange)
{
	struct nlmsghdr *header;
	int length, err = 0;

	while (!exchange->finished && !err) {
		length = receive(control, 0);
		if (length < 0)
			return length;
		for (header = (struct nlmsghdr *)control->buffer;
		     nlmsg_ok(header, length) && !exchange->finished && !err;
		     header = nlmsg_next(header, &length))
			err = read_answer(control, header, exchange);
	}
	return err;
}

int darter_control_request(struct darter_control *control, struct nl_msg *message,
			   darter_control_see_t callback, void *arg)
{
	struct exchange exchange = { .see = callback, .arg = arg };
	struct nlmsghdr *header;
	ssize_t sent;

	control->bad_offset = 0;
	fail(control, 0, "unexpected answer");
	if (!message)
		return fail(control, -ENOMEM, "out of memory");
	header = nlmsg_hdr(message);
	exchange.sequence = header->nlmsg_seq;
	sent = send(control->fd, header, header->nlmsg_len, MSG_NOSIGNAL);
	nlmsg_free(message);
	if (sent < 0)
		return receive_failed(control);
	return read_answers(control, &exchange);
}

static int follow_netlink(struct darter_control *control)
{
	static const struct {
		const char *family, *group;
	} groups[] = {
		{ DARTER_GENL_NAME, DARTER_GENL_GROUP_EVENTS },
		/* Says when a family, and so the module, goes away. */
		{ "nlctrl", "notify" },
	};
	int group, err;

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		group = genl_ctrl_resolve_grp(control->netlink, groups[i].family, groups[i].group);
		if (group < 0)
			return fail(control, -ENOENT, "no multicast group %s", groups[i].group);
		err = nl_socket_add_memberships(control->netlink, group, 0);
		if (err)
			return fail(control, -EPERM, "cannot join group %s: %s", groups[i].group,
				    nl_geterror(err));
	}
	return 0;
}

/* Where nobody knows groups, the event's own number is the request. */
static int follow_unix(struct darter_control *control)
{
	return darter_control_request(control,
				      darter_control_message(control, DARTER_CMD_EVENT, false),
				      NULL, NULL);
}

int darter_control_follow(struct darter_control *control)
{
	return control->netlink ? follow_netlink(control) : follow_unix(control);
}

/* Whether the message says that the family was removed. */
static bool family_is_gone(struct nlmsghdr *header)
{
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];
	struct genlmsghdr *family = nlmsg_data(header);

	if (header->nlmsg_type != GENL_ID_CTRL || !genlmsg_valid_hdr(header, 0))
		return false;
	if (family->cmd != CTRL_CMD_DELFAMILY ||
	    nla_parse(attrs, CTRL_ATTR_MAX, genlmsg_attrdata(family, 0),
		      genlmsg_attrlen(family, 0), NULL))
		return false;
	return attrs[CTRL_ATTR_FAMILY_NAME] &&
	       !strcmp(nla_get_string(attrs[CTRL_ATTR_FAMILY_NAME]), DARTER_GENL_NAME);
}

static int read_unasked(struct darter_control *control, darter_control_see_t callback,
			void *arg, int length)
{
	struct nlmsghdr *header = (struct nlmsghdr *)control->buffer;
	int err = 0;

	for (; nlmsg_ok(header, length) && !err; header = nlmsg_next(header, &length)) {
		if (control->netlink && family_is_gone(header))
			return fail(control, -ENOTCONN, "the darter module was unloaded");
		if (header->nlmsg_type == control->family)
			err = see(control, header, callback, arg);
	}
	return err;
}

int darter_control_receive(struct darter_control *control, darter_control_see_t callback,
			   void *arg)
{
	struct early *early;
	int err = 0;

	while (!err && control->early) {
		early = take_early(control);
		err = see(control, (struct nlmsghdr *)early->message, callback, arg);
		free(early);
	}
	while (!err) {
		int length = receive(control, MSG_DONTWAIT);

		if (length == -ETIMEDOUT)
			return 0;
		err = length < 0 ? length : read_unasked(control, callback, arg, length);
	}
	return err;
}
