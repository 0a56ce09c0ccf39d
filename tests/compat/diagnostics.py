# SPDX-License-Identifier: GPL-2.0
"""Lines for server: databases, scripts and waiting, as a server alone has them."""

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
            conn.ask("SWAPDB", 0, 1)
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
