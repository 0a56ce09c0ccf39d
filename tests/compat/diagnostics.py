# SPDX-License-Identifier: GPL-2.0
"""Lines for server: databases, scripts and waiting, as a server alone has them."""
import re
import select

from resp import Connection

LIST = ["CLIENT", "LIST"]

SCRIPTS = """
function
function foo
function flush
function flush sync
function flush ASYNC
function flush later
function flush sync async
function flush a b c
function list
function list withcode
function list libraryname
function list libraryname x
function list LibraryName x WithCode
function list libraryname x libraryname y
function list withcode withcode
function list foo
function stats
function stats x
function kill
function kill x
function help x
script
script foo
script exists
script exists a
script exists a b 0123456789012345678901234567890123456789
script flush
script flush sync
script flush Async
script flush later
script flush sync async
script kill
script kill x
script help x
"""

WAITING = """
wait
wait 0
wait 0 0
wait 0 100
wait -1 0
wait x 0
wait 0 x
wait 0 -1
wait 0 1.5
wait 0 ''
wait x -1
wait 99999999999999999999 0
wait 0 99999999999999999999
multi
wait 1 0
wait 3 5000
exec
lolwut
lolwut x
lolwut version
lolwut version x
lolwut version 7
lolwut version 99999999999999999999
lolwut version 5 x
lolwut version 5 10 x
lolwut version 6 10 x
"""

DATABASES = """
flushall
swapdb
swapdb 0
swapdb 0 1 2
swapdb x 1
swapdb 0 x
swapdb x y
swapdb 0 16
swapdb 16 0
swapdb -1 0
swapdb 0 -1
swapdb 99999999999 0
swapdb 0 99999999999
swapdb 99999999999999999999 0
swapdb 0 0
swapdb '' 0
mset a 1 b 2
pexpireat b 4102444800000
swapdb 0 1
dbsize
keys *
select 1
dbsize
get a
pexpiretime b
set c 3
select 3
hset h f v
swapdb 3 1
mget a b c
dbsize
pexpiretime b
persist b
pexpiretime b
select 1
hgetall h
type h
expire h 0
dbsize
swapdb 1 3
flushall
info keyspace
select 0
"""

# A line that changes the string k, which begins as 12 and as a longer text.
CHANGES = """
append k x
append k ''
setrange k 0 9
setrange k 0 ''
setrange k 50 x
incr k
incrby k 9988
decr k
decrby k 13
incrbyfloat k 1
incrbyfloat k 1.5
getset k 10000
getset k text
set k -5 keepttl
setbit k 0 0
setbit k 7 1
setbit k 1000 0
bitfield k get u8 0
bitfield k set u8 0 49
bitfield k overflow fail incrby u2 0 100
bitop and k k
bitop not k k
expire k 1000
persist k
getex k ex 100
copy k k2 replace
rename k k2
move k 1
del k
hset k f v
"""

ENCODINGS = [["set", "k", value] for value in (
    "0", "12", "-1", "9999", "10000", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "007", "+1", "1.5", "", "-0", " 1", "text", "x" * 44, "x" * 45,
    "1" * 20, "y" * 20000)] + [
    ["append", "k", "12"], ["append", "k", "text"], ["append", "k", "x" * 45],
    ["setrange", "k", "0", "12"], ["setbit", "k", "3", "1"], ["incr", "k"],
    ["incrbyfloat", "k", "3"], ["mset", "k", "12"], ["msetnx", "k", "text"],
    ["setnx", "k", "12"], ["setex", "k", "100", "12"], ["psetex", "k", "100000", "text"],
    ["hset", "k", "f", "v"], ["hset", "k", "f", "v" * 65],
    ["hset", "k"] + [word for i in range(513) for word in ("f%d" % i, "v")],
    ["bitop", "or", "k", "none"], ["bitfield", "k", "set", "u8", "0", "49"]]

OBJECTS = """
flushall
object
object foo
object encoding
object encoding a b
object help x
object encoding none
object refcount none
object idletime none
object freq none
set k v
object freq k
object idletime k
object idletime k k
memory
memory foo
memory usage
memory usage none
memory usage none samples
memory usage none samples x
memory usage none samples -1
memory usage none samples 0
memory usage none samples 5 samples 6
memory usage none bad
memory usage none samples 1 bad
memory purge
memory purge x
memory doctor x
memory stats x
memory malloc-stats x
memory help x
del k
"""

# With enable-debug-command.
DEBUG = """
flushall
debug
debug foo
debug FOO x
debug digest
debug digest x
debug digest-value
debug digest-value none none2
debug error x
debug error MYERR\\x20text
debug error a\\r\\nb
debug error
debug log hello
debug log
debug leak x
debug sleep 0
debug sleep 0.001
debug sleep x
debug sleep
debug set-active-expire 0
debug set-active-expire 1
debug set-active-expire
debug object none
debug object
debug listpack none
debug quicklist none
debug htstats-key none
debug htstats x
debug htstats 16
debug htstats -1
debug htstats
debug populate x
debug populate -1
debug populate 3 p x
debug populate 3 p -1
debug populate 3
mget key:0 key:1 key:2 key:3
set pre:0 own
debug populate 2 pre 4
mget pre:0 pre:1 pre:2
debug populate 2 pre 50
debug populate 1 long 50
get long:0
debug populate 0
dbsize
hset h f v
set s text
debug listpack h
debug listpack s
debug quicklist h
debug quicklist s 1
debug htstats-key h
debug htstats-key s
debug protocol string
debug protocol INTEGER
debug protocol double
debug protocol bignum
debug protocol null
debug protocol array
debug protocol set
debug protocol map
debug protocol attrib
debug protocol true
debug protocol false
debug protocol verbatim
debug protocol foo
debug protocol
debug quicklist-packed-threshold 100b
debug quicklist-packed-threshold 0
debug quicklist-packed-threshold x
debug replybuffer peak-reset-time never
debug replybuffer peak-reset-time reset
debug replybuffer peak-reset-time 100
debug replybuffer peak-reset-time x
debug replybuffer resizing 0
debug replybuffer resizing 1
debug replybuffer foo 1
debug replybuffer
debug pause-cron 1
debug pause-cron 0
debug change-repl-id
debug change-repl-id x
debug reload
debug reload foo
debug reload nosave foo
debug reload merge noflush
debug aof-flush-sleep 0
debug drop-cluster-packet-filter -1
debug set-disable-deny-scripts 0
debug client-eviction
debug stringmatch-test x
debug help x
multi
debug sleep 0.01
debug digest-value h s
debug populate 5 m
exec
multi
debug foo
exec
flushall
"""

# Without it.
REFUSED = """
debug
debug sleep 0
debug foo
multi
debug sleep 0
exec
"""

# What is watched, and whether another client's SWAPDB of 0 and 1 disturbs it.
SWAPS = """
watch k
select 0
set k v
watch k
select 1
set k v
select 0
watch k
mset k v l w
watch l
select 1
watch k
select 2
watch k
set k v
watch k
"""


def watch_swaps(score, both, others):
    """After each line that watches another client swaps, then the transaction runs."""
    for conn in both:
        conn.ask("FLUSHALL")
    for line in SWAPS.strip().split("\n"):
        replies = [conn.ask(*line.split()).raw for conn in both]
        score.check(replies[0] == replies[1], line)
        if not line.startswith("watch"):
            continue
        for conn in others:
            score.check(conn.ask("SWAPDB", 0, 1).raw == b"+OK\r\n", "SWAPDB")
        replies = []
        for conn in both:
            conn.send([["MULTI"], ["PING"], ["EXEC"]])
            replies.append([conn.read().raw for _ in range(3)])
        score.check(replies[0] == replies[1], "a swap after %s: %r %r" % (line, *replies))
        for conn in both:
            conn.ask("FLUSHALL")
            conn.ask("SELECT", 0)


def check_waitaof(score, conn):
    """What 7.2 answers without an append-only file."""
    for command, reply in (
            ("0 0 0", "*2\r\n:0\r\n:0\r\n"), ("0 0 10", "*2\r\n:0\r\n:0\r\n"),
            ("1 0 0", "-ERR WAITAOF cannot be used when numlocal is set but appendonly is "
             "disabled.\r\n"),
            ("2 0 0", "-ERR value is out of range, value must between 0 and 1\r\n"),
            ("x 0 0", "-ERR value is not an integer or out of range\r\n"),
            ("0 -1 0", "-ERR value is out of range, must be positive\r\n"),
            ("0 0 -1", "-ERR timeout is negative\r\n"),
            ("1 0 x", "-ERR timeout is not an integer or out of range\r\n"),
            ("0 0 9223372036854775807", "-ERR timeout is out of range\r\n"),
            ("0 0", "-ERR wrong number of arguments for 'waitaof' command\r\n")):
        got = conn.ask("WAITAOF", *command.split()).raw.decode()
        score.check(got == reply, "WAITAOF %s: %r" % (command, got))


def asked_about(conn, key):
    return [conn.ask("OBJECT", what, key).raw for what in ("ENCODING", "REFCOUNT")]


def compare_encodings(score, both):
    """Each way to make a string, and each way to change it after that."""
    for conn in both:
        conn.ask("FLUSHALL")
    for first in ENCODINGS:
        for change in CHANGES.strip().split("\n"):
            replies = []
            for conn in both:
                conn.ask("DEL", "k", "k2")
                conn.ask(*first)
                before = asked_about(conn, "k")
                conn.ask(*["" if word == "''" else word for word in change.split()])
                replies.append([before, asked_about(conn, "k"), asked_about(conn, "k2")])
                payload = conn.ask("DUMP", "k").value
                if payload:
                    conn.ask("RESTORE", "k", 0, payload[1], "REPLACE")
                    replies[-1].append(asked_about(conn, "k"))
                conn.ask("SELECT", 1)
                replies[-1].append(asked_about(conn, "k"))
                conn.ask("FLUSHDB")
                conn.ask("SELECT", 0)
            score.check(replies[0] == replies[1], "%.60s, then %s: %r %r" %
                        (" ".join(first), change, *replies))


def figures(conn):
    reply = conn.ask("MEMORY", "STATS").value
    return {reply[i][1].decode(): reply[i + 1] for i in range(0, len(reply), 2)}


def check_memory(score, both):
    for conn in both:
        conn.ask("FLUSHALL")
        conn.ask("SET", "k", "v" * 1000)
        conn.ask("SELECT", 3)
        conn.ask("SET", "k", "v")
    kinds = [{name: value if isinstance(value, list) else value[0]
              for name, value in figures(conn).items()} for conn in both]
    score.check(list(kinds[0]) == list(kinds[1]), "names of MEMORY STATS: %s" % list(kinds[1]))
    for name in kinds[0]:
        if name.startswith("db."):
            names = [[item[1] for item in kind[name][::2]] for kind in kinds]
            score.check(names[0] == names[1], "names of %s: %s" % (name, names))
        else:
            score.check(kinds[0][name] == kinds[1][name], "type of %s" % name)
    darter = both[1]
    numbers = figures(darter)
    score.check(numbers["keys.count"][1] == b"2", "two keys are counted")
    used = int(darter.ask("MEMORY", "USAGE", "k").value[1])
    score.check(16 <= used < 100, "a small key takes %d" % used)
    for size in (100, 10000, 1000000):
        darter.ask("SET", "big", "v" * size)
        used = int(darter.ask("MEMORY", "USAGE", "big").value[1])
        score.check(size < used < size * 1.3 + 5000, "%d bytes take %d" % (size, used))
    before = int(numbers["total.allocated"][1])
    darter.ask("HSET", "h", *[word for i in range(5000) for word in ("field%d" % i, "v" * 90)])
    exact = int(darter.ask("MEMORY", "USAGE", "h", "SAMPLES", 0).value[1])
    guessed = int(darter.ask("MEMORY", "USAGE", "h").value[1])
    score.check(exact > 5000 * 90 and exact * .8 < guessed < exact * 1.2,
                "a hash takes %d, by samples %d" % (exact, guessed))
    grown = int(figures(darter)["total.allocated"][1]) - before
    score.check(grown > exact, "memory grew by %d for it" % grown)
    for conn in both:
        conn.ask("FLUSHALL")
        for what in ("DOCTOR", "MALLOC-STATS"):
            score.check(conn.ask("MEMORY", what).raw[:1] in b"$=", "a text of MEMORY " + what)
    score.check(darter.ask("MEMORY", "PURGE").raw == b"+OK\r\n", "MEMORY PURGE")
    for conn in both:
        conn.ask("SELECT", 0)


FILLS = [["SET", "a", ""], ["SET", "b", "12"], ["SET", "c", "x" * 1000], ["APPEND", "b", "3"],
         ["HSET", "h", "f", "v", "g", "12", "", ""], ["EXPIRE", "a", "1000"],
         ["HSET", "big"] + [word for i in range(700) for word in ("field%d" % i, i * i)],
         ["HSET", "wide", "f", "y" * 100, "g", "z" * 55], ["SET", b"\x00\xff", b"\r\n" * 40],
         ["SET", "last", "d" * 20000], ["HDEL", "h", "f"], ["PERSIST", "a"], ["DEL", "c"]] + [
         ["SET", "length%d" % length, "l" * length] for length in (54, 55, 56, 63, 64, 65, 119, 120)]


def compare_digests(score, both):
    """The same contents have the same digest, wherever they lie."""
    for conn in both:
        conn.ask("FLUSHALL")
    for db in (0, 5):
        for conn in both:
            conn.ask("SELECT", db)
        for fill in FILLS:
            for conn in both:
                conn.ask(*fill)
            replies = [[conn.ask("DEBUG", "DIGEST").raw,
                        conn.ask("DEBUG", "DIGEST-VALUE", fill[1], "none").raw] for conn in both]
            score.check(replies[0] == replies[1], "digests after %.60s: %s" % (fill, replies))
    for conn in both:
        conn.ask("SWAPDB", 0, 3)
    replies = [conn.ask("DEBUG", "DIGEST").raw for conn in both]
    score.check(replies[0] == replies[1], "digests after SWAPDB: %s" % replies)
    for key in ("a", "b", "h", "big", "wide", "last"):
        texts = [conn.ask("DEBUG", "OBJECT", key).value[1].decode() for conn in both]
        fields = [dict(word.split(":") for word in text.split()[2:]) for text in texts]
        score.check(list(fields[0]) == list(fields[1]) and
                    fields[0]["encoding"] == fields[1]["encoding"], "DEBUG OBJECT %s: %s" %
                    (key, texts))
        # Two compressors find different repetitions, in tables of different orders.
        a, b = [int(field["serializedlength"]) for field in fields]
        score.check(a == b or a > 20, "its length: %s" % texts)
    for conn in both:
        conn.ask("FLUSHALL")
        conn.ask("SELECT", 0)


def sleeps(said, client):
    """Whether a list of clients shows that the one with this id is in DEBUG SLEEP."""
    return re.search(rb"\bid=%s .* cmd=debug " % client, said)


def of_another_worker(conn, client, others):
    """One that is served while conn sleeps; None: one worker serves all of them."""
    conn.send([["DEBUG", "SLEEP", "1"]])
    waiting, found, asleep = list(others), None, True
    for other in others:
        other.send([LIST])
    while asleep:
        ready = select.select([each.sock for each in [conn, *waiting]], [], [], 30)[0]
        asleep = conn.sock not in ready
        for other in [other for other in waiting if other.sock in ready]:
            if not sleeps(other.read().raw, client):
                other.send([LIST])
                continue
            waiting.remove(other)
            found = found or (other if asleep else None)
    for each in [conn, *waiting]:
        each.read()
    return found


def check_debug(score, port):
    """Nothing crashes; who sleeps can be killed."""
    conn = Connection(port)
    for command in ("SEGFAULT", "PANIC", "ASSERT", "OOM", "RESTART", "CRASH-AND-RECOVER"):
        score.check(conn.ask("DEBUG", command).raw.startswith(b"-ERR Darter does not crash"),
                    "DEBUG %s is refused" % command)
    score.check(conn.ask("DEBUG", "LOADAOF").raw.startswith(b"-ERR Error trying to load the AOF"),
                "DEBUG LOADAOF finds nothing")
    score.check(conn.ask("DEBUG", "HTSTATS", 0).raw[:1] in b"$=", "DEBUG HTSTATS")
    conn.close()
    conn, others = Connection(port), [Connection(port) for _ in range(16)]
    client = conn.ask("CLIENT", "ID").value[1]
    other = of_another_worker(conn, client, others)
    if not other:
        print("  SKIP    a sleeper is killed: one worker serves all connections")
        return
    conn.ask("CLIENT", "ID")
    conn.send([["DEBUG", "SLEEP", "3600"]])
    while not sleeps(other.ask(*LIST).raw, client):
        pass
    score.check(other.ask("CLIENT", "KILL", "ID", client).raw == b":1\r\n", "a sleeper is killed")
    try:
        conn.read()
        score.check(False, "and gets no reply")
    except ConnectionError:
        score.check(True, "and gets no reply")
    for other in others:
        other.close()
