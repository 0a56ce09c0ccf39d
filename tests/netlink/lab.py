# SPDX-License-Identifier: GPL-2.0
"""What the tests of the control protocol run against.

Host starts the host build, a process for each test, and makes sure that it ends
well. Module takes what is there: the module's instance in this network namespace.
Both give control connections and clients.
"""
import errno
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import traceback

from control import *
from control import Control, Refused

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DARTER_HOST", str(TOP / "build/host/address/darter-host"))
PORT = int(os.environ.get("DARTER_TEST_PORT", "7500"))
PATIENCE = 30


class Failed(AssertionError):
    """What a test expected is not so."""


class Skipped(Exception):
    """A test that makes no sense here, and why."""


def expect(condition, *what):
    if not condition:
        raise Failed(" ".join(str(one) for one in what) or "not so")


def same(found, wanted, what=""):
    expect(found == wanted, what, "is %r, not %r" % (found, wanted))


def wait_for(condition, what):
    """The first true value of condition(); there is no other way to wait here."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise Failed("waited in vain for " + what)


class Client:
    """A connection that speaks RESP2, and returns replies as they are."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.input = self.socket.makefile("rb")
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def send(self, *words):
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(encoded) +
                            b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in encoded))

    def read(self):
        """The bytes of one reply; nothing at the end of the connection."""
        try:
            line = self.input.readline()
        except ConnectionResetError:
            return b""
        if line[:1] == b"$" and line != b"$-1\r\n":
            return line + self.input.read(int(line[1:]) + 2)
        if line[:1] == b"*":
            return line + b"".join(self.read() for _ in range(int(line[1:])))
        return line

    def call(self, *words):
        self.send(*words)
        return self.read()

    def close(self):
        self.input.close()
        self.socket.close()


class Subject:
    """Connections that are closed at the end of a test."""

    path = None
    port = PORT
    # How much a part of a dump holds depends, with netlink, on how the socket is read.
    small_parts = False

    def __init__(self):
        self.opened = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close_all()

    def close_all(self):
        for one in self.opened:
            one.close()
        self.opened = []

    def control(self):
        self.opened.append(Control(self.path, PATIENCE))
        return self.opened[-1]

    def client(self, port=None):
        self.opened.append(Client(port or self.port))
        return self.opened[-1]


class Module(Subject):
    """The instance of the network namespace, or another one for the time of a test."""

    mode = "module"

    def __init__(self, *arguments):
        super().__init__()
        self.replaced = bool(arguments)
        if arguments:
            self.replace(arguments)

    def replace(self, arguments):
        words = list(arguments)
        attrs = [u16(DARTER_A_PORT, self.port)]
        while words:
            option = words.pop(0)
            if option.startswith("--cluster"):
                kind = DARTER_CLUSTER_PER_CPU if "per-cpu" in option else DARTER_CLUSTER_SINGLE
                attrs.append(u8(DARTER_A_CLUSTER, kind))
            elif option in ("--workers", "--shards"):
                kind = DARTER_A_WORKERS if option == "--workers" else DARTER_A_SHARDS
                attrs.append(u32(kind, int(words.pop(0))))
            else:
                raise Skipped("a module has no " + option)
        with Control() as control:
            try:
                control.request(DARTER_CMD_STOP)
            except Refused as refused:
                same(refused.number, errno.ENODEV)
            control.request(DARTER_CMD_START, *attrs)

    def __exit__(self, *_):
        self.close_all()
        if self.replaced:
            self.replace(())

    def expect_end(self):
        """The instance was stopped."""
        with Control() as control:
            try:
                control.request(DARTER_CMD_INSTANCE_GET)
            except Refused as refused:
                same(refused.number, errno.ENODEV)
                same(refused.why, "no instance in this network namespace")
                return
        raise Failed("the instance is still there")


class Host(Subject):
    """The host build."""

    mode = "host"
    small_parts = True

    def __init__(self, *arguments):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="darter-netlink.")
        os.chmod(self.folder.name, 0o755)
        self.path = self.folder.name + "/control"
        self.log = open(self.folder.name + "/log", "w+b")
        self.process = subprocess.Popen(
            [BINARY, "--port", str(self.port), "--control", self.path, *arguments],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        wait_for(lambda: self.process.poll() is not None or b"ready" in self.said(), "the host")
        same(self.process.poll(), None, self.said().decode())

    def expect_end(self):
        """The instance was stopped, and the host build with it."""
        same(self.process.wait(PATIENCE), 0)

    def said(self):
        return pathlib.Path(self.log.name).read_bytes()

    def __exit__(self, kind, value, trace):
        self.close_all()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        said = self.said().decode()
        self.log.close()
        self.folder.cleanup()
        if kind is not None:
            print(said, end="")
        else:
            same(status, 0, "the host's status\n" + said)


def as_nobody(function):
    """Run it in a process without privileges; its failure is the caller's."""
    if os.getuid():
        raise Skipped("needs root to become nobody")
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            function()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    same(os.waitpid(child, 0)[1], 0, "the status of the process without privileges")


def run(tests):
    """Run functions in their order and count; the last line is for tests/run."""
    passed = failed = 0
    for test in tests:
        name = test.__name__.replace("_", " ")
        try:
            test()
            passed += 1
            print("  PASS    " + name, flush=True)
        except Skipped as why:
            print("  SKIP    %s: %s" % (name, why), flush=True)
        except Exception:
            failed += 1
            print("  FAIL    %s\n%s" % (name, traceback.format_exc()), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0 or not passed
