# SPDX-License-Identifier: GPL-2.0
"""One host build, one daemon and the tool, in a folder of their own.

Everything is started and ended by a Lab. Nothing waits for a fixed time: what
is expected is asked for until it is so, or until nobody believes in it any more.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parents[2]
HOST = os.environ.get("DARTER_HOST", str(TOP / "build/host/address/darter-host"))
DAEMON = os.environ.get("DARTERD", str(TOP / "build/daemon-address/darterd"))
TOOL = os.environ.get("DARTERCTL", str(TOP / "build/daemon-address/darterctl"))
PORT = int(os.environ.get("DARTER_TEST_PORT", "7800"))
PATIENCE = 60


class Failed(AssertionError):
    """What a test expected is not so."""


def expect(condition, *what):
    if not condition:
        raise Failed(" ".join(str(one) for one in what) or "not so")


def same(found, wanted, what=""):
    expect(found == wanted, what, f"is {found!r}, not {wanted!r}")


def wait_for(condition, what):
    """The first true value of condition()."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise Failed("waited in vain for " + what)


class Error(str):
    """An error reply."""


class Client:
    """A connection that speaks RESP2."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.input = self.socket.makefile("rb")

    def send(self, *words):
        out = b"*%d\r\n" % len(words)
        for word in words:
            word = str(word).encode()
            out += b"$%d\r\n%s\r\n" % (len(word), word)
        self.socket.sendall(out)

    def read(self):
        """The next reply; None at the end of the connection."""
        try:
            line = self.input.readline()
        except ConnectionResetError:
            return None
        if not line:
            return None
        kind, rest = chr(line[0]), line[1:-2].decode()
        if kind == "+":
            return rest
        if kind == "-":
            return Error(rest)
        if kind == ":":
            return int(rest)
        if kind == "$":
            return None if rest == "-1" else self.input.read(int(rest) + 2)[:-2].decode()
        return [self.read() for _ in range(int(rest))]

    def call(self, *words):
        self.send(*words)
        return self.read()

    def close(self):
        self.input.close()
        self.socket.close()


class Daemon:
    """A darterd in the foreground."""

    def __init__(self, lab, arguments):
        self.lab = lab
        self.log = lab.path / f"darterd.{len(lab.daemons)}.log"
        self.notify = lab.path / f"notify.{len(lab.daemons)}"
        self.notified = ""
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(self.notify))
        self.listener.setblocking(False)
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                [DAEMON, "--foreground", "--socket", lab.socket, *map(str, arguments)],
                stderr=out, stdout=out, stdin=subprocess.DEVNULL,
                env={**os.environ, **lab.environment, "NOTIFY_SOCKET": str(self.notify)})

    def text(self):
        return self.log.read_text()

    def lines(self, word):
        return [line for line in self.text().splitlines() if word in line]

    def notifications(self):
        while True:
            try:
                self.notified += self.listener.recv(4096).decode() + "\n"
            except BlockingIOError:
                return self.notified

    def told(self, what, times=1):
        return self.notifications().count(what) >= times or self.process.poll() is not None

    def ready(self):
        """Wait until it serves."""
        wait_for(lambda: self.told("STATUS=Configured") and self.told("READY=1"), "the daemon")
        same(self.process.poll(), None, "the daemon: " + self.text())
        return self

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """Its exit status."""
        if self.process.poll() is None:
            self.send(number)
        status = self.process.wait(PATIENCE)
        self.listener.close()
        expect("Sanitizer" not in self.text() and "runtime error" not in self.text(), self.text())
        return status


class Lab:
    """What one test needs; to be used in a with statement."""

    def __init__(self, *host_arguments):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="darter-daemon."))
        self.socket = str(self.path / "control")
        self.port = PORT
        self.host_log = self.path / "host.log"
        self.tool_log = self.path / "tool.log"
        self.tool_log.touch()
        self.host_process = None
        self.daemons = []
        self.clients = []
        self.others = []
        self.environment = {}           # of daemons, besides our own
        self.host_arguments = host_arguments

    def __enter__(self):
        self.start_host()
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.close(kind is None)
        except Exception:
            self.kill_all()
            raise
        finally:
            if kind is not None:
                self.show_logs()
            shutil.rmtree(self.path, ignore_errors=True)

    def close(self, strict):
        """End everything; if strict, all of it must end well."""
        for client in self.clients:
            client.close()
        for process in self.others:
            process.kill()
            process.wait()
        if not strict:
            self.kill_all()
            return
        expect("Sanitizer" not in self.tool_log.read_text(), self.tool_log.read_text())
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                same(daemon.end(), 0, "the status of darterd")
        if self.host_process:
            same(self.stop_host(), 0, self.host_log.read_text())

    def kill_all(self):
        for process in [self.host_process, *(daemon.process for daemon in self.daemons)]:
            if process:
                if process.poll() is not None:
                    print(f"--- {process.args[0]} had ended with {process.poll()}")
                process.kill()
                process.wait()

    def show_logs(self):
        for log in [self.host_log, self.tool_log, *(daemon.log for daemon in self.daemons)]:
            if log.exists():
                print(f"--- {log.name}\n{log.read_text()}", end="")

    def start_host(self):
        with open(self.host_log, "ab") as out:
            begin = out.tell()
            self.host_process = subprocess.Popen(
                [HOST, "--port", str(self.port), "--workers", "2", "--control", self.socket,
                 *self.host_arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        wait_for(lambda: "ready on" in self.host_log.read_text()[begin:] or
                 self.host_process.poll() is not None, "the host")
        same(self.host_process.poll(), None, self.host_log.read_text())

    def stop_host(self, number=signal.SIGTERM):
        if self.host_process.poll() is None:
            self.host_process.send_signal(number)
        status = self.host_process.wait(PATIENCE)
        self.host_process = None
        return status

    def daemon(self, *arguments):
        daemon = Daemon(self, arguments)
        self.daemons.append(daemon)
        return daemon

    def client(self):
        client = Client(self.port)
        self.clients.append(client)
        return client

    def file(self, name, text):
        path = self.path / name
        path.write_text(text)
        return path

    def tool(self, *words):
        """Exit status, output and errors of darterctl."""
        done = subprocess.run([TOOL, "--socket", self.socket, *map(str, words)],
                              capture_output=True, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL)
        expect("Sanitizer" not in done.stderr, done.stderr)
        return done.returncode, done.stdout, done.stderr

    def json(self, *words):
        status, out, errors = self.tool(*words, "--json")
        same(status, 0, f"darterctl {words} {errors}")
        return json.loads(out)

    def follow(self, *words):
        """A darterctl that goes on, with its output to be read."""
        with open(self.tool_log, "ab") as errors:
            process = subprocess.Popen([TOOL, "--socket", self.socket, *words], text=True,
                                       stdout=subprocess.PIPE, stderr=errors,
                                       stdin=subprocess.DEVNULL)
        self.others.append(process)
        return process

    def parameter(self, name):
        return self.json("config", "get", name)[name]


def main(names, words):
    """Run the test_ functions whose names contain one of the words, or all."""
    tests = [(name, run) for name, run in names.items() if name.startswith("test_") and
             (not words or any(word in name for word in words))]
    failed = 0
    for name, run in tests:
        try:
            run()
            print(f"  PASS    {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"  FAIL    {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed or not tests else 0
