# SPDX-License-Identifier: GPL-2.0
"""A Redis client that keeps the bytes of the replies it reads."""
import socket


class Reply:
    """One reply: its bytes, and what they mean."""

    def __init__(self, raw, value):
        self.raw = raw
        self.value = value

    def __repr__(self):
        text = repr(self.raw)
        return text if len(text) < 300 else "%s... (%d bytes)" % (text[:300], len(self.raw))


class Connection:
    """A client that keeps the bytes of what it reads."""

    def __init__(self, port, timeout=30):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""
        self.raw = bytearray()

    def close(self):
        self.sock.close()

    def send(self, commands):
        self.sock.sendall(b"".join(encode(command) for command in commands))

    def fill(self):
        data = self.sock.recv(1 << 16)
        if not data:
            raise ConnectionError("closed by the server")
        self.buffer += data

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        self.raw += line + b"\r\n"
        return line

    def exactly(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        self.raw += data
        return data

    def value(self):
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind in b"+-:,(#":
            return (kind, rest)
        if kind == b"_":
            return None
        if kind in b"$=!":
            size = int(rest)
            return None if size < 0 else (b"$", self.exactly(size + 2)[:-2])
        if kind in b"*~>":
            size = int(rest)
            return None if size < 0 else [self.value() for _ in range(size)]
        if kind in b"%|":
            return [self.value() for _ in range(2 * int(rest))]
        raise ValueError("not RESP: %r" % line)

    def read(self):
        self.raw = bytearray()
        value = self.value()
        return Reply(bytes(self.raw), value)

    def ask(self, *command):
        self.send([command])
        return self.read()


def to_bytes(arg):
    return arg if isinstance(arg, bytes) else str(arg).encode()


def encode(command):
    args = [to_bytes(arg) for arg in command]
    parts = [b"*%d\r\n" % len(args)]
    for arg in args:
        parts.append(b"$%d\r\n%s\r\n" % (len(arg), arg))
    return b"".join(parts)
