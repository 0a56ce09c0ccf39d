# SPDX-License-Identifier: GPL-2.0
"""Upcalls: the daemon's registration, its answers, and its death."""
import errno

from control import *
from lab import expect, same, wait_for
from test_requests import instance, refusal, same_refusal

Subject = None

REWRITE = b"*2\r\n$6\r\nCONFIG\r\n$7\r\nREWRITE\r\n"
NOT_CONNECTED = b"-ERR darterd is not connected\r\n"


def daemon_of(subject):
    daemon = subject.control()
    daemon.request(DARTER_CMD_REGISTER)
    return daemon


def asked(daemon):
    """The next upcall: its number and the command."""
    message = daemon.unasked()
    same(message.command, DARTER_CMD_ASK)
    same((message.sequence, message.type), (0, daemon.family))
    return message.number(DARTER_A_UPCALL_ID), message.attrs[DARTER_A_UPCALL_REQUEST]


def answer(control, number, reply):
    return control.request(DARTER_CMD_ANSWER, u64(DARTER_A_UPCALL_ID, number),
                           attr(DARTER_A_UPCALL_REPLY, reply))


def is_registered(control):
    return instance(control).number(DARTER_A_DAEMON)


def test_without_a_daemon_a_command_is_refused():
    with Subject() as subject:
        same(subject.client().call("CONFIG", "REWRITE"), NOT_CONNECTED)


def test_an_upcall_is_answered():
    with Subject() as subject:
        daemon = daemon_of(subject)
        same(is_registered(daemon), 1)
        client = subject.client()
        for reply in (b"+OK\r\n", b"-ERR no\r\n", b"*2\r\n:1\r\n$2\r\nab\r\n"):
            client.send("CONFIG", "REWRITE")
            number, request = asked(daemon)
            same(request, REWRITE)
            same(answer(daemon, number, reply), [])
            same(client.read(), reply)


def test_the_client_waits_and_others_do_not():
    with Subject() as subject:
        daemon = daemon_of(subject)
        waiting = [subject.client() for _ in range(5)]
        for client in waiting:
            client.send("CONFIG", "REWRITE")
            client.send("ECHO", "after")
        numbers = [asked(daemon)[0] for _ in waiting]
        same(len(set(numbers)), 5)
        same(subject.client().call("PING"), b"+PONG\r\n")
        for number in reversed(numbers):
            answer(daemon, number, b":%d\r\n" % number)
        same(sorted(client.read() for client in waiting),
             sorted(b":%d\r\n" % number for number in numbers))
        same([client.read() for client in waiting], [b"$5\r\nafter\r\n"] * 5)


def test_any_privileged_connection_may_answer():
    with Subject() as subject:
        daemon, other, client = daemon_of(subject), subject.control(), subject.client()
        client.send("CONFIG", "REWRITE")
        answer(other, asked(daemon)[0], b"+OK\r\n")
        same(client.read(), b"+OK\r\n")


def test_the_longest_answer():
    with Subject() as subject:
        daemon, client = daemon_of(subject), subject.client()
        client.send("CONFIG", "REWRITE")
        number, _ = asked(daemon)
        reply = b"$%d\r\n%s\r\n" % (DARTER_REPLY_MAX - 10, b"x" * (DARTER_REPLY_MAX - 10))
        same(len(reply), DARTER_REPLY_MAX)
        same_refusal(refusal(answer, daemon, number, reply + b"x"), errno.ERANGE,
                     "Attribute failed policy validation", 32)
        answer(daemon, number, reply)
        same(client.read(), reply)


def test_answers_that_cannot_be():
    with Subject() as subject:
        daemon, client = daemon_of(subject), subject.client()
        client.send("CONFIG", "REWRITE")
        number, _ = asked(daemon)
        why = "an answer needs the upcall's number and a reply"
        same_refusal(refusal(answer, daemon, number, b""), errno.EINVAL, why)
        same_refusal(refusal(daemon.request, DARTER_CMD_ANSWER,
                             u64(DARTER_A_UPCALL_ID, number)), errno.EINVAL, why,
                     missing=DARTER_A_UPCALL_REPLY)
        same_refusal(refusal(daemon.request, DARTER_CMD_ANSWER,
                             attr(DARTER_A_UPCALL_REPLY, b"+OK\r\n")), errno.EINVAL, why,
                     missing=DARTER_A_UPCALL_ID)
        nobody = "nobody waits for this answer"
        for wrong in (0, number + 1, (1 << 64) - 1):
            same_refusal(refusal(answer, daemon, wrong, b"+OK\r\n"), errno.ENOENT, nobody, 20)
        answer(daemon, number, b"+OK\r\n")
        same_refusal(refusal(answer, daemon, number, b"+OK\r\n"), errno.ENOENT, nobody, 20)
        same(client.read(), b"+OK\r\n")


def test_a_client_that_left_is_not_answered():
    with Subject() as subject:
        daemon, client = daemon_of(subject), subject.client()
        client.send("CONFIG", "REWRITE")
        number, _ = asked(daemon)
        before = instance(daemon).number(DARTER_A_CLIENTS)
        killed = int(daemon.dump(DARTER_CMD_CLIENT_GET)[-1].number(DARTER_A_CLIENT_ID))
        daemon.request(DARTER_CMD_CLIENT_KILL, u64(DARTER_A_CLIENT_ID, killed))
        wait_for(lambda: instance(daemon).number(DARTER_A_CLIENTS) < before, "the client's end")
        same_refusal(refusal(answer, daemon, number, b"+OK\r\n"), errno.ENOENT,
                     "nobody waits for this answer", 20)


def test_a_second_daemon_is_refused():
    with Subject() as subject:
        daemon, second = daemon_of(subject), subject.control()
        same_refusal(refusal(second.request, DARTER_CMD_REGISTER), errno.EBUSY,
                     "another daemon is registered")
        daemon.request(DARTER_CMD_REGISTER)
        # The end of a connection that is no daemon changes nothing.
        second.close()
        client = subject.client()
        client.send("CONFIG", "REWRITE")
        answer(daemon, asked(daemon)[0], b"+OK\r\n")
        same(client.read(), b"+OK\r\n")
        daemon.close()
        third = subject.control()
        wait_for(lambda: not is_registered(third), "the first daemon's end")
        third.request(DARTER_CMD_REGISTER)
        same(is_registered(third), 1)


def test_the_daemons_death_answers_who_waits():
    with Subject() as subject:
        daemon, follower = daemon_of(subject), subject.control()
        clients = [subject.client() for _ in range(3)]
        for client in clients:
            client.send("CONFIG", "REWRITE")
            asked(daemon)
        follower.follow()
        daemon.close()
        same([client.read() for client in clients],
             [b"-ERR darterd went away before it answered\r\n"] * 3)
        event = follower.unasked()
        same((event.number(DARTER_A_EVENT), event.text(DARTER_A_EVENT_TEXT)),
             (DARTER_EVENT_KIND_DAEMON, "disconnected"))
        same(is_registered(follower), 0)
        same(clients[0].call("CONFIG", "REWRITE"), NOT_CONNECTED)
        same(clients[0].call("PING"), b"+PONG\r\n")


def test_a_daemon_that_registers_and_dies_at_once():
    with Subject() as subject:
        control = subject.control()
        for _ in range(20):
            daemon = subject.control()
            daemon.send(daemon.pack(DARTER_CMD_REGISTER))
            daemon.close()
        wait_for(lambda: not is_registered(control), "the daemons' ends")
        same(subject.client().call("CONFIG", "REWRITE"), NOT_CONNECTED)


def test_daemons_that_come_and_go_under_load():
    with Subject() as subject:
        clients = [subject.client() for _ in range(10)]
        allowed = {b"+OK\r\n", NOT_CONNECTED, b"-ERR darterd went away before it answered\r\n"}
        seen = set()
        for turn in range(30):
            daemon = subject.control()
            wait_for(lambda: not is_registered(daemon), "the last daemon's end")
            daemon.request(DARTER_CMD_REGISTER)
            for client in clients:
                client.send("CONFIG", "REWRITE")
            for _ in range(turn % 11):
                answer(daemon, asked(daemon)[0], b"+OK\r\n")
            daemon.close()
            seen |= {client.read() for client in clients}
        expect(seen <= allowed, seen)
        expect(len(seen) > 1, seen)


def test_commands_that_are_too_long_to_ask():
    with Subject() as subject:
        daemon, client = daemon_of(subject), subject.client()
        reply = client.call("SHUTDOWN", "x" * DARTER_REQUEST_MAX)
        expect(reply.startswith(b"-ERR"), reply)
        client.send("CONFIG", "REWRITE")
        answer(daemon, asked(daemon)[0], b"+OK\r\n")
        same(client.read(), b"+OK\r\n")
