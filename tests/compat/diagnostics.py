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
