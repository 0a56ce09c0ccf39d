# SPDX-License-Identifier: GPL-2.0
"""Events: who gets them, what they say, and what becomes of who does not read."""
import errno
import select
import time

from control import *
from lab import Skipped, expect, same
from test_requests import instance, param, parameters, refusal, same_refusal

Subject = None


def next_event(control):
    message = control.unasked()
    same(message.command, DARTER_CMD_EVENT)
    same(message.sequence, 0)
    return message.number(DARTER_A_EVENT), message.text(DARTER_A_EVENT_TEXT)


def follower_of(subject):
    control = subject.control()
    control.follow()
    return control


def test_events_of_parameters():
    with Subject() as subject:
        control, first, second = subject.control(), follower_of(subject), follower_of(subject)
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "5"),
                        param("tcp-keepalive", "301"))
        wanted = [(DARTER_EVENT_KIND_CONFIG, "timeout"),
                  (DARTER_EVENT_KIND_CONFIG, "tcp-keepalive")]
        for follower in first, second:
            same([next_event(follower), next_event(follower)], wanted)
        subject.client().call("CONFIG", "SET", "timeout", "0", "tcp-keepalive", "300")
        for follower in first, second:
            same([next_event(follower), next_event(follower)], wanted)


def test_no_event_of_what_did_not_change():
    with Subject() as subject:
        control, follower = subject.control(), follower_of(subject)
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "0"))
        refusal(control.request, DARTER_CMD_CONFIG_SET, param("timeout", "1"),
                param("maxclients", "x"))
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "9"))
        same(next_event(follower), (DARTER_EVENT_KIND_CONFIG, "timeout"))
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "0"))


def test_events_of_the_topology():
    with Subject() as subject:
        control, follower = subject.control(), follower_of(subject)
        control.request(DARTER_CMD_TOPOLOGY_SET, u16(DARTER_A_NODE_PORT, 7000))
        same([next_event(follower), next_event(follower)],
             [(DARTER_EVENT_KIND_CONFIG, "cluster-announce-port"),
              (DARTER_EVENT_KIND_TOPOLOGY, "")])
        control.request(DARTER_CMD_TOPOLOGY_SET, u16(DARTER_A_NODE_PORT, 0))


def test_events_of_flushes():
    with Subject() as subject:
        follower, client = follower_of(subject), subject.client()
        client.call("FLUSHALL")
        client.call("SELECT", 3)
        client.call("FLUSHDB")
        same([next_event(follower), next_event(follower)],
             [(DARTER_EVENT_KIND_FLUSH, "all"), (DARTER_EVENT_KIND_FLUSH, "3")])


def test_events_of_full_memory_come_once_a_second():
    with Subject() as subject:
        control, client = subject.control(), subject.client()
        before = parameters(control, "maxmemory")["maxmemory"]
        client.call("SET", "k", "v")
        control.request(DARTER_CMD_CONFIG_SET, param("maxmemory", "1"))
        follower = follower_of(subject)
        began = time.monotonic()
        for _ in range(200):
            expect(client.call("SET", "k", "v").startswith(b"-OOM"))
        seconds = time.monotonic() - began
        control.request(DARTER_CMD_CONFIG_SET, param("maxmemory", before))
        told = 0
        while next_event(follower) == (DARTER_EVENT_KIND_OOM, ""):
            told += 1
        expect(1 <= told <= seconds + 2, told, "in", seconds)
        client.call("DEL", "k")


def test_events_of_the_daemon():
    with Subject() as subject:
        follower, daemon = follower_of(subject), subject.control()
        daemon.request(DARTER_CMD_REGISTER)
        daemon.request(DARTER_CMD_REGISTER)
        daemon.close()
        same([next_event(follower), next_event(follower)],
             [(DARTER_EVENT_KIND_DAEMON, "connected"),
              (DARTER_EVENT_KIND_DAEMON, "disconnected")])


def test_who_does_not_follow_hears_nothing():
    with Subject() as subject:
        control, other, follower = subject.control(), subject.control(), follower_of(subject)
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "6"))
        next_event(follower)
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "0"))
        same(select.select([other.socket], [], [], 0)[0], [])
        same(control.pending, [])


def test_a_follower_may_ask_too():
    with Subject() as subject:
        follower = follower_of(subject)
        follower.request(DARTER_CMD_CONFIG_SET, param("timeout", "7"))
        follower.request(DARTER_CMD_CONFIG_SET, param("timeout", "0"))
        same(next_event(follower), (DARTER_EVENT_KIND_CONFIG, "timeout"))
        same(next_event(follower), (DARTER_EVENT_KIND_CONFIG, "timeout"))
        same(len(follower.dump(DARTER_CMD_WORKER_GET)),
             instance(follower).number(DARTER_A_WORKERS))


def test_following_takes_no_attributes():
    with Subject() as subject:
        if not subject.path:
            raise Skipped("netlink has groups")
        same_refusal(refusal(subject.control().request, DARTER_CMD_EVENT,
                             u32(DARTER_A_EVENT, 1)), errno.EINVAL,
                     "following events takes no attributes")


def test_who_does_not_read_loses_events_and_holds_up_nobody():
    with Subject() as subject:
        lazy, control, client = follower_of(subject), subject.control(), subject.client()
        total, seen = 8000, 0
        for _ in range(total // 100):
            client.socket.sendall(b"*1\r\n$8\r\nFLUSHALL\r\n" * 100)
            same([client.read() for _ in range(100)], [b"+OK\r\n"] * 100)
        same(len(control.request(DARTER_CMD_INSTANCE_GET)), 1)
        while select.select([lazy.socket], [], [], 0.5)[0]:
            try:
                same(next_event(lazy), (DARTER_EVENT_KIND_FLUSH, "all"))
                seen += 1
            except OSError as error:
                same(error.errno, errno.ENOBUFS)
        expect(100 < seen < total, seen)
        # It is served again now.
        client.call("SELECT", 1)
        client.call("FLUSHDB")
        same(next_event(lazy), (DARTER_EVENT_KIND_FLUSH, "1"))


def test_followers_that_go_away():
    with Subject() as subject:
        control = subject.control()
        for i in range(20):
            follower_of(subject).close()
            control.request(DARTER_CMD_CONFIG_SET, param("timeout", str(i % 2)))
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "0"))
        same(len(control.request(DARTER_CMD_INSTANCE_GET)), 1)


def test_the_end_of_the_instance_ends_the_connection():
    with Subject("--workers", "1") as subject:
        if not subject.path:
            raise Skipped("the module's connections outlive instances")
        follower = follower_of(subject)
        subject.control().request(DARTER_CMD_STOP)
        try:
            while True:
                follower.receive()
        except (EOFError, ConnectionResetError):
            pass


def test_events_of_instances():
    with Subject("--workers", "1") as subject:
        if subject.path:
            raise Skipped("the host build ends with its instance")
        follower, daemon = follower_of(subject), subject.control()
        daemon.request(DARTER_CMD_REGISTER)
        subject.replace(["--workers", "2"])
        same([next_event(follower) for _ in range(3)],
             [(DARTER_EVENT_KIND_DAEMON, "connected"), (DARTER_EVENT_KIND_INSTANCE, "stopped"),
              (DARTER_EVENT_KIND_INSTANCE, "started")])
        # The daemon was that of the instance which is gone.
        same(instance(daemon).number(DARTER_A_DAEMON), 0)
        daemon.request(DARTER_CMD_REGISTER)
        daemon.close()
        same([next_event(follower) for _ in range(2)],
             [(DARTER_EVENT_KIND_DAEMON, "connected"),
              (DARTER_EVENT_KIND_DAEMON, "disconnected")])
