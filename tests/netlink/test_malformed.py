# SPDX-License-Identifier: GPL-2.0
"""Messages that no client should send. Whatever comes, the connection goes on."""
import errno
import random
import struct

from control import *
from lab import Skipped, expect, same
from test_requests import PRIVILEGED, instance, param, parameters, refusal, same_refusal

Subject = None

# Requests with attributes of all kinds, none of which does harm.
SAMPLES = [
    (DARTER_CMD_CONFIG_SET, param("timeout", "0"), attr(DARTER_A_LOADING, b""),
     param("tcp-keepalive", "300")),
    (DARTER_CMD_ANSWER, u64(DARTER_A_UPCALL_ID, 1 << 60),
     attr(DARTER_A_UPCALL_REPLY, b"+OK\r\n")),
    (DARTER_CMD_TOPOLOGY_SET, text(DARTER_A_NODE_HOSTNAME, ""), u16(DARTER_A_NODE_PORT, 0)),
    (DARTER_CMD_CLIENT_KILL, u64(DARTER_A_CLIENT_ID, 1 << 60)),
    (DARTER_CMD_START, text(DARTER_A_BIND, "127.0.0.1"), u16(DARTER_A_PORT, 1),
     u32(DARTER_A_SHARDS, 1), u8(DARTER_A_CLUSTER, 1),
     u16(DARTER_A_WORKER_PORT, 7000)),
]


def still_there(control):
    same(len(control.request(DARTER_CMD_INSTANCE_GET)), 1)


def end_of(control, sequence):
    """How a request ended: 0 or the error's number."""
    try:
        control.collect(sequence)
        return 0
    except Refused as refused:
        return refused.number


def test_attributes_of_the_wrong_size_and_kind():
    with Subject() as subject:
        control = subject.control()
        failed, length = "Attribute failed policy validation", "invalid attribute length"
        for command, broken, number, why in (
                (DARTER_CMD_START, attr(DARTER_A_PORT, b"\0"), errno.EINVAL, length),
                (DARTER_CMD_START, u32(DARTER_A_PORT, 1), errno.EINVAL, length),
                (DARTER_CMD_START, attr(DARTER_A_PORT, b""), errno.EINVAL, length),
                (DARTER_CMD_START, u8(DARTER_A_SHARDS, 1), errno.EINVAL, length),
                (DARTER_CMD_START, u32(DARTER_A_CLUSTER, 1), errno.EINVAL, length),
                (DARTER_CMD_START, u32(DARTER_A_SHARDS, 257), errno.ERANGE,
                 "integer out of range"),
                (DARTER_CMD_START, u32(DARTER_A_SHARDS, 0xFFFFFFFF), errno.ERANGE,
                 "integer out of range"),
                (DARTER_CMD_START, u32(DARTER_A_DATABASES, 1025), errno.ERANGE,
                 "integer out of range"),
                (DARTER_CMD_START, u8(DARTER_A_CLUSTER, 3), errno.ERANGE,
                 "integer out of range"),
                (DARTER_CMD_START, attr(DARTER_A_BIND, b"127.0.0.1"), errno.EINVAL, failed),
                (DARTER_CMD_START, attr(DARTER_A_BIND, b""), errno.EINVAL, failed),
                (DARTER_CMD_START, text(DARTER_A_BIND, "x" * (DARTER_BIND_MAX + 1)),
                 errno.EINVAL, failed),
                (DARTER_CMD_START, attr(DARTER_A_BIND, b"x\0" + b"y" * DARTER_BIND_MAX),
                 errno.ERANGE, failed),
                (DARTER_CMD_START, attr(DARTER_A_PORT | NESTED, b"\0\0"), errno.EINVAL,
                 "NLA_F_NESTED not expected"),
                (DARTER_CMD_CONFIG_SET, attr(DARTER_A_PARAM, param("timeout", "0")[4:]),
                 errno.EINVAL, "NLA_F_NESTED is missing"),
                (DARTER_CMD_CONFIG_SET, nest(DARTER_A_PARAM, b"\0\0"), errno.ERANGE, failed),
                (DARTER_CMD_CONFIG_SET, u8(DARTER_A_LOADING, 1), errno.ERANGE, failed),
                (DARTER_CMD_CLIENT_KILL, u32(DARTER_A_CLIENT_ID, 1), errno.EINVAL, length),
                (DARTER_CMD_ANSWER, u32(DARTER_A_UPCALL_ID, 1), errno.EINVAL, length),
                (DARTER_CMD_TOPOLOGY_SET, u32(DARTER_A_NODE_PORT, 1), errno.EINVAL, length),
                (DARTER_CMD_TOPOLOGY_SET, text(DARTER_A_NODE_IP, "x" * (DARTER_HOST_MAX + 1)),
                 errno.EINVAL, failed)):
            same_refusal(refusal(control.request, command, broken), number, why, 20)
        same_refusal(refusal(control.dump, DARTER_CMD_CONFIG_GET,
                             text(DARTER_A_PATTERN, "x" * (DARTER_NAME_MAX + 1))),
                     errno.EINVAL, failed, 20)
        still_there(control)


def test_what_is_inside_a_parameter_is_checked_too():
    with Subject() as subject:
        control = subject.control()
        name, value = text(DARTER_A_NAME, "timeout"), text(DARTER_A_VALUE, "0")
        failed = "Attribute failed policy validation"
        for inside, offset, why, number in (
                ((attr(DARTER_A_NAME, b"timeout"), value), 24, failed, errno.EINVAL),
                ((text(DARTER_A_NAME, "x" * (DARTER_NAME_MAX + 1)), value), 24, failed,
                 errno.EINVAL),
                ((name, text(DARTER_A_VALUE, "x" * (DARTER_VALUE_MAX + 1))), 24 + len(name),
                 failed, errno.EINVAL),
                ((name, value, u32(DARTER_A_PARAM_INDEX, 1)), 24 + len(name) + len(value),
                 "Unsupported attribute", errno.EINVAL),
                ((name, value, u32(DARTER_A_EVENT, 1)), 24 + len(name) + len(value),
                 "Unknown attribute type", errno.EINVAL),
                ((name, value, b"\0\0"), None, "bytes leftover after parsing attributes",
                 errno.EINVAL)):
            same_refusal(refusal(control.request, DARTER_CMD_CONFIG_SET,
                                 nest(DARTER_A_PARAM, *inside)), number, why, offset)
        still_there(control)


def test_the_longest_texts_are_taken():
    with Subject() as subject:
        control = subject.control()
        for name, value in (("x" * DARTER_NAME_MAX, "1"), ("timeout", "x" * DARTER_VALUE_MAX)):
            expect("Attribute" not in refusal(control.request, DARTER_CMD_CONFIG_SET,
                                              param(name, value)).why)
        same(parameters(control, "x" * DARTER_NAME_MAX), {})


def test_attributes_that_a_request_does_not_have():
    with Subject() as subject:
        control = subject.control()
        for command in PRIVILEGED:
            same_refusal(refusal(control.request, command, u32(DARTER_A_MAX + 1, 0)),
                         errno.EINVAL, "Unknown attribute type", 20)
            same_refusal(refusal(control.request, command, attr(0, b"")), errno.EINVAL,
                         "Unknown attribute type", 20)
        same_refusal(refusal(control.request, DARTER_CMD_CONFIG_SET, u32(DARTER_A_KEYS, 1)),
                     errno.EINVAL, "Unsupported attribute", 20)
        for command in (DARTER_CMD_REGISTER, DARTER_CMD_STOP, DARTER_CMD_INSTANCE_GET):
            same_refusal(refusal(control.request, command, attr(DARTER_A_PAD, b"")),
                         errno.EINVAL, "Attribute failed policy validation", 20)
        for command in (DARTER_CMD_SHARD_GET, DARTER_CMD_WORKER_GET, DARTER_CMD_CLIENT_GET,
                        DARTER_CMD_LATENCY_GET):
            same_refusal(refusal(control.dump, command, u32(DARTER_A_SHARD_ID, 0)),
                         errno.EINVAL, "Unknown attribute type", 20)
        same(instance(control).number(DARTER_A_DAEMON), 0)


def test_headers_that_are_wrong():
    with Subject() as subject:
        control = subject.control()
        request = control.request
        flags = "ambiguous or reserved bits set in nlmsg_flags"
        same_refusal(refusal(request, DARTER_CMD_INSTANCE_GET, reserved=1), errno.EINVAL,
                     "genlmsghdr.reserved field is not 0")
        for bit in (0x10, 0x20, 0x400, 0x800, 0x8000):
            same_refusal(refusal(request, DARTER_CMD_INSTANCE_GET,
                                 flags=F_REQUEST | F_ACK | bit), errno.EINVAL, flags)
        # Half of the flag for a dump.
        same_refusal(refusal(request, DARTER_CMD_CONFIG_GET, flags=F_REQUEST | F_ACK | 0x100),
                     errno.EINVAL, flags)
        same_refusal(refusal(request, DARTER_CMD_INSTANCE_GET, kind=control.family + 999),
                     errno.ENOENT, "")
        # Only requests are served, and control messages are not; both may be acknowledged.
        same(request(DARTER_CMD_STOP, flags=F_ACK), [])
        same(request(DARTER_CMD_STOP, kind=NLMSG_NOOP), [])
        same(request(DARTER_CMD_STOP, kind=NLMSG_DONE), [])
        same(len(request(DARTER_CMD_INSTANCE_GET, version=0)), 1)
        same(len(request(DARTER_CMD_INSTANCE_GET, version=99)), 1)
        still_there(control)


def test_without_a_wish_for_it_there_is_no_acknowledgment():
    with Subject() as subject:
        control = subject.control()
        control.send(control.pack(DARTER_CMD_CONFIG_SET, param("timeout", "0"),
                                  flags=F_REQUEST))
        control.send(control.pack(DARTER_CMD_INSTANCE_GET, flags=F_REQUEST))
        message = control.receive()[0].parse()
        same((message.sequence, message.command), (control.sequence, DARTER_CMD_INSTANCE_GET))
        # An error is told in any case.
        control.send(control.pack(200, flags=F_REQUEST))
        same(end_of(control, control.sequence), errno.EOPNOTSUPP)


def test_messages_cut_at_every_length():
    """Their own length untouched, so it says more than there is: nobody answers."""
    with Subject() as subject:
        control = subject.control()
        before = parameters(control)
        for command, *attrs in SAMPLES:
            whole = control.pack(command, *attrs)
            for length in range(1, len(whole)):
                control.send(whole[:length])
            still_there(control)
            same(control.pending, [])
        same(parameters(control), before)


def test_messages_that_end_at_every_length():
    """Their length is true, but their content is not all there."""
    with Subject() as subject:
        control = subject.control()
        before = parameters(control)
        for command, *attrs in SAMPLES:
            for length in range(16, len(control.pack(command, *attrs))):
                whole = control.pack(command, *attrs, length=length)
                control.send(whole[:length])
                number = end_of(control, control.sequence)
                expect(length >= 20 or number == errno.EINVAL, command, length, number)
            still_there(control)
        same(parameters(control), before)


def test_lengths_that_lie():
    with Subject() as subject:
        control = subject.control()
        for length in (0, 1, 15, 10000, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFF0):
            control.send(control.pack(DARTER_CMD_STOP, length=length))
        still_there(control)
        # What follows a whole message is looked at, as far as it is one.
        good = control.pack(DARTER_CMD_INSTANCE_GET)
        control.send(good + b"\xff" * 15)
        same(len(control.collect(control.sequence)), 1)
        control.send(control.pack(DARTER_CMD_INSTANCE_GET) + b"\xff" * 64)
        same(len(control.collect(control.sequence)), 1)
        still_there(control)


def attribute_positions(data, start):
    """Where the attributes of a message are, those inside others too."""
    found = []
    while data:
        length, kind = struct.unpack_from("=HH", data)
        found.append(start)
        if kind & NESTED:
            found += attribute_positions(data[4:length], start + 4)
        start += align(length)
        data = data[align(length):]
    return found


def test_attribute_lengths_that_lie():
    with Subject() as subject:
        control = subject.control()
        before = parameters(control)
        for command, *attrs in SAMPLES:
            for at in attribute_positions(b"".join(attrs), 20):
                for length in (0, 1, 3, 5, 0x100, 0x7FFF, 0xFFFF):
                    message = bytearray(control.pack(command, *attrs))
                    struct.pack_into("=H", message, at, length)
                    control.send(message)
                    end_of(control, control.sequence)
            still_there(control)
        same(parameters(control), before)


def test_random_bytes():
    """Bits turned at random, but never the command: none of these stops the instance."""
    with Subject() as subject:
        control = subject.control()
        chance = random.Random(7)
        for _ in range(3000):
            command, *attrs = chance.choice(SAMPLES)
            message = bytearray(control.pack(command, *attrs, flags=F_REQUEST))
            for _ in range(chance.randrange(1, 6)):
                at = chance.randrange(len(message))
                if not 8 <= at < 17:
                    message[at] ^= 1 << chance.randrange(8)
            control.send(message[:chance.randrange(1, len(message) + 1)])
        # Many were answered; skip all of that.
        control.send(control.pack(DARTER_CMD_INSTANCE_GET))
        while True:
            if any(message.sequence == control.sequence for message in control.receive()):
                break
        subject.control().request(DARTER_CMD_INSTANCE_GET)


def test_empty_and_huge_datagrams():
    with Subject() as subject:
        control = subject.control()
        try:
            control.send(b"")
        except OSError as error:
            # Netlink has no empty messages.
            same((subject.mode, error.errno), ("module", errno.ENODATA))
        for datagram in (b"\0" * 4, b"\0" * 100000, b"\xff" * 150000):
            control.send(datagram)
        still_there(control)


def test_several_messages_in_one_datagram():
    with Subject() as subject:
        control = subject.control()
        first = control.pack(DARTER_CMD_INSTANCE_GET)
        one = control.sequence
        bad = control.pack(DARTER_CMD_CLIENT_KILL, u64(DARTER_A_CLIENT_ID, 1 << 60))
        two = control.sequence
        # A message that does not end at a multiple of four is padded.
        odd = control.pack(DARTER_CMD_CLIENT_KILL, b"\0", length=21) + b"\0" * 3
        three = control.sequence
        last = control.pack(DARTER_CMD_TOPOLOGY_GET)
        control.send(first + bad + odd + last)
        same(len(control.collect(one)), 1)
        same(end_of(control, two), errno.ENOENT)
        same(end_of(control, three), errno.EINVAL)
        same(len(control.collect(control.sequence)), 1)


def test_who_asks_without_reading_harms_nobody():
    with Subject() as subject:
        if not subject.path:
            raise Skipped("a netlink socket loses what it does not read")
        lazy, control = subject.control(), subject.control()
        lazy.socket.settimeout(5)
        for _ in range(20000):
            lazy.send(lazy.pack(DARTER_CMD_INSTANCE_GET))
        still_there(control)
        lazy.close()
        still_there(control)
