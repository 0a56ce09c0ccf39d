# SPDX-License-Identifier: GPL-2.0
"""A client of the control protocol that packs its messages by hand.

It shares no code with libnl and can therefore send what libnl would not. The
numbers come from uapi/darter.h itself. Control(path) talks to the host build,
Control() to the module by generic netlink.
"""
import errno
import os
import re
import socket
import struct

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../uapi/darter.h")

NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE = 1, 2, 3
F_REQUEST, F_MULTI, F_ACK, F_DUMP_INTR, F_DUMP = 0x1, 0x2, 0x4, 0x10, 0x300
F_CAPPED, F_ACK_TLVS = 0x100, 0x200
A_MSG, A_OFFS, A_MISS_TYPE, A_MISS_NEST = 1, 2, 5, 6
NESTED = 0x8000
GENL_ID_CTRL = 16
SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK = 270, 1, 10, 11


def parse_header(path=HEADER):
    """The header's constants: {name: number or string}, in its order."""
    with open(path, encoding="ascii") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    names = {}
    for name, value in re.findall(r"^#define (\w+)[ \t]+(\S.*)$", text, re.M):
        names[name] = value.strip('"') if value[0] == '"' else int(value, 0)
    for body in re.findall(r"enum \w*\s*{(.*?)}", text, re.S):
        number = 0
        for entry in filter(None, (part.strip() for part in body.split(","))):
            name, _, value = (part.strip() for part in entry.partition("="))
            if value:
                # Only the usual "_MAX = __..._MAX - 1".
                known, minus, _ = value.partition(" - 1")
                number = names[known] - len(minus[:1])
            names[name] = number
            number += 1
    return names


UAPI = parse_header()
globals().update(UAPI)
FAMILY = UAPI["DARTER_SEQPACKET_FAMILY"]


def align(length):
    return (length + 3) & ~3


def attr(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data.ljust(align(len(data)), b"\0")


def text(kind, value):
    return attr(kind, value.encode() + b"\0")


def u8(kind, value):
    return attr(kind, struct.pack("=B", value))


def u16(kind, value):
    return attr(kind, struct.pack("=H", value))


def u32(kind, value):
    return attr(kind, struct.pack("=I", value))


def u64(kind, value):
    return attr(kind, struct.pack("=Q", value))


def nest(kind, *attrs):
    return attr(kind | NESTED, b"".join(attrs))


def parse_attrs(data):
    """[(type without flags, bytes)]; raises on anything that is not exact."""
    found = []
    while data:
        length, kind = struct.unpack_from("=HH", data)
        if not 4 <= length <= len(data):
            raise ValueError("attribute of length %d in %d bytes" % (length, len(data)))
        found.append((kind & 0x3FFF, data[4:length]))
        data = data[align(length):]
    return found


class Refused(Exception):
    """The peer's answer is an error."""

    def __init__(self, number, why, offset, missing):
        super().__init__("%s: %s" % (errno.errorcode.get(number, number), why))
        self.number, self.why, self.offset, self.missing = number, why, offset, missing


class Message:
    """What came: header fields, and for the family's messages a dict of attributes."""

    def __init__(self, data):
        (self.length, self.type, self.flags, self.sequence, self.port) = \
            struct.unpack_from("=IHHII", data)
        self.body = data[16:self.length]
        self.command = None

    def parse(self):
        self.command, self.version = struct.unpack_from("=BB", self.body)
        self.attrs = dict(parse_attrs(self.body[4:]))
        return self

    def number(self, kind):
        data = self.attrs[kind]
        return struct.unpack({1: "=B", 2: "=H", 4: "=I", 8: "=Q"}[len(data)], data)[0]

    def text(self, kind):
        data = self.attrs[kind]
        assert data[-1:] == b"\0" and b"\0" not in data[:-1], data
        return data[:-1].decode()


class Control:
    """One connection. A request returns the family's messages, or raises Refused."""

    def __init__(self, path=None, timeout=20):
        self.path = path
        self.sequence = 0
        self.pending = []       # came unasked while an answer was awaited
        self.family = FAMILY
        self.groups = {}
        if path:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.socket.connect(path)
        else:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
            self.socket.bind((0, 0))
            for option in CAP_ACK, EXT_ACK:
                self.socket.setsockopt(SOL_NETLINK, option, 1)
        self.socket.settimeout(timeout)
        if not path:
            self.find_family()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def find_family(self):
        answer = self.request(3, text(2, UAPI["DARTER_GENL_NAME"]), kind=GENL_ID_CTRL,
                              version=2)[0]
        self.family = answer.number(1)
        for _, group in parse_attrs(answer.attrs[7]):
            fields = dict(parse_attrs(group))
            self.groups[fields[1].rstrip(b"\0").decode()] = struct.unpack("=I", fields[2])[0]

    def pack(self, command, *attrs, flags=F_REQUEST | F_ACK, kind=None, reserved=0, version=1,
             length=None):
        self.sequence += 1
        body = struct.pack("=BBH", command, version, reserved) + b"".join(attrs)
        return struct.pack("=IHHII", 16 + len(body) if length is None else length,
                           self.family if kind is None else kind, flags, self.sequence,
                           0) + body

    def send(self, datagram):
        self.socket.send(datagram)

    def receive(self):
        """One datagram's messages."""
        data = self.socket.recv(1 << 20)
        messages = []
        if not data:
            raise EOFError
        while data:
            message = Message(data)
            if not 16 <= message.length <= len(data):
                raise ValueError("message of length %d in %d bytes" % (message.length, len(data)))
            messages.append(message)
            data = data[align(message.length):]
        return messages

    @staticmethod
    def read_end(message, skip):
        """What an error or the end of a dump says."""
        number = -struct.unpack_from("=i", message.body)[0]
        if not number:
            return
        extended = {}
        if message.flags & F_ACK_TLVS:
            extended = dict(parse_attrs(message.body[skip:]))
        why = extended.get(A_MSG, b"\0")
        offset, missing = (struct.unpack("=I", extended[kind])[0] if kind in extended else None
                           for kind in (A_OFFS, A_MISS_TYPE))
        raise Refused(number, why[:-1].decode(errors="replace"), offset, missing)

    def collect(self, sequence):
        """The answers to a request up to its end; .parts counts the datagrams."""
        answers = []
        self.parts = 0
        self.interrupted = False
        while True:
            self.parts += 1
            messages = self.receive()
            for message in messages:
                if message.sequence != sequence:
                    self.pending.append(message.parse())
                    continue
                self.interrupted |= bool(message.flags & F_DUMP_INTR)
                if message.type == NLMSG_ERROR:
                    self.read_end(message, 20)
                    return answers
                if message.type == NLMSG_DONE:
                    self.read_end(message, 4)
                    return answers
                answers.append(message.parse())

    def request(self, command, *attrs, **how):
        self.send(self.pack(command, *attrs, **how))
        return self.collect(self.sequence)

    def dump(self, command, *attrs):
        return self.request(command, *attrs, flags=F_REQUEST | F_DUMP)

    def follow(self):
        """Receive events from now on."""
        if self.path:
            self.request(UAPI["DARTER_CMD_EVENT"])
        else:
            self.socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP,
                                   self.groups[UAPI["DARTER_GENL_GROUP_EVENTS"]])

    def unasked(self):
        """The next message that was not asked for."""
        while not self.pending:
            self.pending += [message.parse() for message in self.receive()]
        return self.pending.pop(0)
