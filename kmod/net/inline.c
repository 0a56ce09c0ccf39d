// SPDX-License-Identifier: GPL-2.0
/*
 * Inline dispatch at the socket: a packet's commands are executed in its softirq, out
 * of the packet, and answered there.
 *
 * The socket is locked: by its spinlock, or by who works off its backlog. Bytes that
 * are not executed stay in the receive queue, and the worker is kicked. Nothing here
 * sleeps; where memory is short, or the socket full, the worker goes on, too.
 */
#include <linux/skbuff.h>
#include <linux/smp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "core/inline.h"
#include "net.h"

/* Bytes of replies that may be sent here: copying more takes too long. */
#define SEND_MAX (128 * 1024)

struct packet {
	struct darter_connection *connection;
	struct darter_visit visit;
	bool left;			/* there is more, which is the worker's */
};

/* What lies in one piece of memory at an offset; NULL: nothing that can be looked at. */
static const char *piece_of(const struct sk_buff *skb, unsigned int offset, size_t *len)
{
	unsigned int at = offset, i;

	if (at < skb_headlen(skb)) {
		*len = min_t(size_t, *len, skb_headlen(skb) - at);
		return skb->data + at;
	}
	if (!skb_frags_readable(skb))
		return NULL;
	at -= skb_headlen(skb);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		const char *address = skb_frag_address_safe(frag);

		if (at < skb_frag_size(frag)) {
			*len = min_t(size_t, *len, skb_frag_size(frag) - at);
			return address ? address + at : NULL;
		}
		at -= skb_frag_size(frag);
	}
	return NULL;
}

static int run_packet(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset,
		      size_t len)
{
	struct packet *packet = desc->arg.data;
	size_t done = 0;

	while (done < len && !packet->left) {
		size_t piece = len - done;
		const char *bytes = piece_of(skb, offset + done, &piece);
		u32 run = bytes ? darter_inline_run(&packet->connection->session, &packet->visit,
						    bytes, piece) : 0;

		done += run;
		packet->left = !bytes || run < piece;
	}
	desc->count = !packet->left;
	return done;
}

/* As the socket's locked owner, which must not sleep, nor use a task's pages. */
static int send_atomic(struct darter_connection *connection, struct darter_lane *lane)
{
	struct sock *sk = connection->sock->sk;
	gfp_t allocation = sk->sk_allocation;
	int err;

	sk->sk_allocation = GFP_ATOMIC;
	sock_use_task_frag(sk, false);
	err = darter_connection_send(connection, lane);
	sk->sk_allocation = allocation;
	sock_use_task_frag(sk, true);
	return err;
}

static bool run_packets(struct darter_connection *connection, struct packet *packet)
{
	struct darter_session *session = &connection->session;
	struct sock *sk = connection->sock->sk;
	read_descriptor_t desc = { .arg.data = packet, .count = 1 };
	bool sent;

	if (!darter_inline_begin(session, &packet->visit))
		return false;
	tcp_read_sock(sk, &desc, run_packet);
	sent = !session->reply.bytes ||
	       (session->reply.bytes <= SEND_MAX &&
		!send_atomic(connection, packet->visit.lane));
	darter_inline_end(session, &packet->visit);
	return sent && !packet->left && !(sk->sk_shutdown & RCV_SHUTDOWN);
}

/**
 * darter_connection_serve_inline() - execute what has arrived at once
 * @connection: kept open by the caller
 *
 * Context: in the socket's data_ready, with the socket locked and softirqs off.
 * Return: false: the worker is to be kicked, since there is more to do than can be
 * done here.
 */
bool darter_connection_serve_inline(struct darter_connection *connection)
{
	struct darter_instance *instance = connection->session.instance;
	struct packet packet = { .connection = connection };
	bool done = false;

	/* Most of the time, or always, it is the worker's. */
	if (READ_ONCE(connection->owner) != DARTER_OWNER_NOBODY ||
	    cmpxchg(&connection->owner, DARTER_OWNER_NOBODY, DARTER_OWNER_SOFTIRQ) !=
	    DARTER_OWNER_NOBODY)
		return false;
	packet.visit.lane = darter_inline_lane(instance, smp_processor_id());
	if (packet.visit.lane &&
	    READ_ONCE(instance->config.dispatch) == DARTER_DISPATCH_INLINE) {
		packet.visit.now = darter_now_for(packet.visit.lane);
		packet.visit.budget = READ_ONCE(instance->config.knobs.inline_commands);
		done = run_packets(connection, &packet);
	}
	/* Pairs with the exchange in take_session(), or the one above. */
	smp_store_release(&connection->owner, done ? DARTER_OWNER_NOBODY : DARTER_OWNER_WORKER);
	return done;
}
