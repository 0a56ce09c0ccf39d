# SPDX-License-Identifier: GPL-2.0
"""Streams of commands for compare: patterns, common subsequences, expiry."""
import random
import time

from resp import Reply

PATTERN_BYTES = [b"a", b"b", b"c", b"A", b"*", b"?", b"[", b"]", b"^", b"-", b"\\", b"\x80",
                 b"\xff", b"\0", b"d"]


def some_bytes(generator, most):
    return b"".join(generator.choice(PATTERN_BYTES) for _ in range(generator.randrange(most)))


def scan_all(conn, *options):
    """What SCAN finds from the beginning to the end."""
    cursor, found = b"0", []
    while True:
        reply = conn.ask("SCAN", cursor, *options).value
        cursor = reply[0][1]
        found += [item[1] for item in reply[1]]
        if cursor == b"0":
            return found


def script_patterns(comparison, seed):
    """Keys and patterns of the bytes that mean something in patterns."""
    generator = random.Random(seed)
    for _ in range(20):
        comparison.run([["FLUSHALL"]] + [["SET", some_bytes(generator, 5), "1"]
                                         for _ in range(40)] + [["SET", "", "1"]])
        patterns = [some_bytes(generator, 8) for _ in range(100)] + [b"*", b"**", b""]
        comparison.run([["KEYS", pattern] for pattern in patterns])
        for pattern in patterns[:5] + [b"*", b"**"]:
            found = [Reply(repr(sorted(set(scan_all(conn, "MATCH", pattern)))).encode(), None)
                     for conn in comparison.both]
            comparison.judge(["SCAN MATCH", pattern], *found)
    comparison.run([["FLUSHALL"]])


def script_lcs(comparison, seed):
    """Few different bytes, so that much is common."""
    generator = random.Random(seed)
    options = [[], ["LEN"], ["IDX"], ["IDX", "WITHMATCHLEN"], ["idx", "minmatchlen", "3"],
               ["IDX", "MINMATCHLEN", "2", "withmatchlen"], ["IDX", "MINMATCHLEN", "-1"],
               ["WITHMATCHLEN"], ["LEN", "IDX"], ["MINMATCHLEN"], ["MINMATCHLEN", "x"],
               ["LEN", "LEN"], ["MINMATCHLEN", "4", "LEN"],
               ["IDX", "MINMATCHLEN", "9223372036854775807"]]
    for _ in range(30):
        alphabet = b"abcdefgh"[:generator.randrange(1, 9)]
        words = [bytes(generator.choice(alphabet) for _ in range(generator.randrange(120)))
                 for _ in range(2)]
        comparison.run([["MSET", "{l}1", words[0], "{l}2", words[1]]] +
                       [["LCS", "{l}1", "{l}2"] + option for option in options] +
                       [["LCS", "{l}1", "{l}1", "IDX", "WITHMATCHLEN"], ["LCS", "{l}1", "none"],
                        ["LCS", "none", "{l}2", "IDX"]])
    comparison.run([["HSET", "h", "f", "v"], ["LCS", "h", "{l}1"], ["LCS", "{l}1", "h", "bad"],
                    ["MSET", "p", "a" * 20000, "q", "b" * 20000], ["LCS", "p", "q"],
                    ["LCS", "p", "q", "LEN"], ["FLUSHALL"]])


def script_time(comparison, seed):
    """Deadlines at the borders of what fits, and those that pass while one waits."""
    generator = random.Random(seed)
    edges = [0, 1, 499, 500, 999, 1000, 1500, 2 ** 31, 2 ** 32, 2 ** 53, 9223372036854775,
             9223372036854776, 2 ** 63 - 1000, 2 ** 63 - 501, 2 ** 63 - 500, 2 ** 63 - 1]
    commands = []
    for edge in edges + [-edge for edge in edges]:
        for name in ("EXPIREAT", "PEXPIREAT"):
            commands += [["SET", "k", "v"], [name, "k", edge], ["EXISTS", "k"],
                         ["PEXPIRETIME", "k"], ["EXPIRETIME", "k"]]
        for name in ("EXPIRE", "PEXPIRE"):
            if abs(edge) > 2000 or edge <= 0:
                commands += [["SET", "k", "v"], [name, "k", edge], ["EXISTS", "k"]]
        commands += [["SET", "k", "v", "EXAT", edge], ["SET", "k", "v", "PXAT", edge],
                     ["GETEX", "k", "EXAT", edge], ["GETEX", "k", "PXAT", edge]]
    comparison.run(commands)
    keys = ["t%d" % i for i in range(40)]
    comparison.run([["FLUSHALL"]] + [["SET", key, "v", "PX", generator.choice(["1", "5", "20"])]
                                     for key in keys] + [["SET", "stays", "v"]])
    time.sleep(.05)
    comparison.run([["EXISTS"] + keys, ["KEYS", "*"], ["RANDOMKEY"], ["MGET"] + keys,
                    ["DEL"] + keys, ["TYPE", "t0"], ["RENAME", "t0", "x"], ["TTL", "t1"],
                    ["PERSIST", "t2"], ["COPY", "t3", "x"], ["SETNX", "t4", "w"],
                    ["INCR", "t5"], ["APPEND", "t6", "x"], ["GETSET", "t7", "x"],
                    ["SET", "t8", "v", "XX"], ["RENAMENX", "stays", "t9"], ["GETDEL", "t10"],
                    ["EXPIRE", "t11", "10"], ["DBSIZE"], ["FLUSHALL"]])


SCRIPTS = [script_patterns, script_lcs, script_time]
