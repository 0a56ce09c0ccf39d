// SPDX-License-Identifier: GPL-2.0
/*
 * The floor of `make bench`: a server that reads nothing of what it is sent and answers
 * five bytes, where the packet arrives. What a request costs with it is the client's
 * and TCP's; whatever a store does comes on top.
 *
 * For measurements on a machine of one's own: it listens on the loopback device, keeps
 * each connection until it is removed, and believes that a packet holds whole requests.
 */
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/tcp.h>

#define ANSWER "+OK\r\n"
/* Answers to one packet at most. */
#define ANSWERS_MAX 1024

static ushort port = 7004;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "of the loopback device (7004)");

static uint answers = 1;
module_param(answers, uint, 0644);
MODULE_PARM_DESC(answers, "to each packet, 1 to 1024: the requests in a pipeline (1)");

struct connection {
	struct list_head link;
	struct socket *sock;
	void (*data_ready)(struct sock *sk);	/* as it was */
};

static LIST_HEAD(connections);		/* of the thread, then of who removes the module */
static struct socket *listener;
static struct task_struct *acceptor;
static char text[ANSWERS_MAX * (sizeof(ANSWER) - 1)];

static int skip_bytes(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset,
		      size_t len)
{
	return len;
}

/* In softirq, or where the socket's backlog is worked off; it is locked in either case. */
static void answer(struct sock *sk)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	read_descriptor_t desc = { .count = INT_MAX };
	size_t len = clamp(READ_ONCE(answers), 1U, (uint)ANSWERS_MAX) * (sizeof(ANSWER) - 1);
	struct kvec vec = { .iov_base = text, .iov_len = len };

	if (tcp_read_sock(sk, &desc, skip_bytes) <= 0)
		return;
	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, len);
	tcp_sendmsg_locked(sk, &msg, len);
}

static void take_over(struct connection *connection)
{
	struct sock *sk = connection->sock->sk;

	tcp_sock_set_nodelay(sk);
	lock_sock(sk);
	sk->sk_allocation = GFP_ATOMIC;
	sk->sk_use_task_frag = false;
	write_lock_bh(&sk->sk_callback_lock);
	connection->data_ready = sk->sk_data_ready;
	sk->sk_data_ready = answer;
	write_unlock_bh(&sk->sk_callback_lock);
	/* What came before has told nobody. */
	answer(sk);
	release_sock(sk);
}

/* No callback is under way when the socket is ours, and none comes any more. */
static void give_back(struct connection *connection)
{
	struct sock *sk = connection->sock->sk;

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = connection->data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

static int accept_all(void *unused)
{
	struct connection *connection;
	struct socket *sock;

	while (!kthread_should_stop()) {
		if (kernel_accept(listener, &sock, 0)) {
			/* The listener is shut down when the thread is to end. */
			schedule_timeout_idle(1);
			continue;
		}
		connection = kmalloc(sizeof(*connection), GFP_KERNEL);
		if (!connection) {
			sock_release(sock);
			continue;
		}
		connection->sock = sock;
		list_add(&connection->link, &connections);
		take_over(connection);
	}
	return 0;
}

static int __init echo_init(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port),
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(text); i++)
		text[i] = ANSWER[i % (sizeof(ANSWER) - 1)];
	err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP, &listener);
	if (err)
		return err;
	sock_set_reuseaddr(listener->sk);
	/* The type of the address differs between kernels, the bytes do not. */
	err = kernel_bind(listener, (void *)&address, sizeof(address));
	if (!err)
		err = kernel_listen(listener, 64);
	if (err)
		goto err_release;
	acceptor = kthread_run(accept_all, NULL, "darter_echo");
	if (!IS_ERR(acceptor))
		return 0;
	err = PTR_ERR(acceptor);

err_release:
	sock_release(listener);
	return err;
}

static void __exit echo_exit(void)
{
	struct connection *connection, *next;

	kernel_sock_shutdown(listener, SHUT_RDWR);
	kthread_stop(acceptor);
	sock_release(listener);
	list_for_each_entry_safe(connection, next, &connections, link) {
		give_back(connection);
		sock_release(connection->sock);
		kfree(connection);
	}
	synchronize_net();
}

module_init(echo_init);
module_exit(echo_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("answers five bytes to whatever it is sent");
