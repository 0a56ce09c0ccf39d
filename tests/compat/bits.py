# SPDX-License-Identifier: GPL-2.0
"""Streams of commands for compare: bits of strings."""
from resp import Connection

# Where fields of bits, words and stored strings end, and what no string reaches.
POSITIONS = ["0", "1", "7", "8", "9", "63", "64", "65", "511", "512", "131071", "131072", "200000",
             "4294967296", "-1", "x", "", "+1", " 1", "01", "9223372036854775807",
             "9223372036854775808", "#1", "#"]
NUMBERS = ["0", "1", "-1", "2", "127", "128", "-128", "-129", "255", "256", "32767", "-32769",
           "4294967295", "9223372036854775807", "-9223372036854775808", "-9223372036854775807",
           "4611686018427387904", "-4611686018427387905", "x", "", "1.5", "9223372036854775808"]
TYPES = ["u1", "i1", "u2", "i5", "u8", "i8", "u13", "i16", "u31", "i32", "u33", "i57", "i63", "u63",
         "i64"]
BAD_TYPES = ["u64", "i65", "u0", "i0", "i-1", "u", "i", "", "8", "x8", "U8", "i08", "u8x", "i 8",
             "u99999999999999999999"]


def script_bit_errors(comparison, seed):
    """Which of several mistakes is told, for keys that exist and others."""
    commands = [["SET", "s", "abc"], ["SET", "empty", ""], ["HSET", "hash", "f", "v"]]
    for key in ("s", "empty", "hash", "none"):
        commands += [[name] + words for name in ("BITCOUNT", "BITPOS", "GETBIT", "SETBIT",
                                                 "BITFIELD", "BITFIELD_RO")
                     for words in ([], [key], [key, "0"], [key, "x"], [key, "0", "1", "2", "3"])]
        commands += [["BITCOUNT", key] + words for words in (
            ["0", "x"], ["x", "0"], ["0", "-1", "bad"], ["-1", "-2", "bad"], ["0", "x", "bad"],
            ["0", "-1", "bit", "more"], ["0", "0"], ["-1", "-2"], ["5", "2"], ["0", "-100"])]
        commands += [["BITPOS", key] + words for words in (
            ["2"], ["-1"], ["x"], ["2", "x"], ["0", "x"], ["1", "0", "x"], ["0", "0", "x", "bad"],
            ["0", "x", "0", "bad"], ["1", "0", "0", "bit", "more"], ["0", "3"], ["0", "2", "1"],
            ["1", "-1", "-100"], ["0", "-100", "-100"], ["0", "0", "-1"], ["0", "-1"])]
        commands += [[name, key, position] + more for position in POSITIONS
                     for name, more in (("GETBIT", []), ("SETBIT", ["2"]), ("SETBIT", ["x"]))]
        commands += [["BITFIELD", key, "GET", kind, "0"] for kind in BAD_TYPES]
        commands += [["BITFIELD", key] + words for words in (
            ["OVERFLOW", "SAT"], ["GET", "u8", "x", "bad"], ["SET", "u8", "0", "x", "GET", "u8"],
            ["OVERFLOW", "bad", "GET", "u8", "0"], ["INCRBY", "u8", "0"], ["GET", "bad", "x"])]
        commands += [["BITFIELD_RO", key] + words for words in (
            ["SET", "u8", "0", "1"], ["GET", "u8", "0", "INCRBY", "u8", "0", "1"],
            ["SET", "u8", "0", "x"], ["OVERFLOW", "SAT", "GET", "u8", "0"], ["SET", "u8", "0"])]
        commands += [["BITOP"] + words for words in (
            ["AND", "d"], ["bad", "d", key], ["NOT", "d", key, key], ["NOT", "d", key],
            ["bad", "d", key, "hash"], ["OR", "d", key, "none"], ["XOR", "hash", key])]
        commands += [["HSET", "hash", "f", "v"], ["DEL", "d"], ["EXISTS", key]]
    comparison.run(commands)
    comparison.run([["FLUSHALL"]])


def script_bit_fields(comparison, seed):
    """Numbers at the ends of what fits, whatever happens to them there."""
    for kind in TYPES:
        width, signed = int(kind[1:]), kind[0] == "i"
        low, high = (-2 ** (width - 1), 2 ** (width - 1) - 1) if signed else (0, 2 ** width - 1)
        edges = {low, low + 1, high, high - 1, 0, low + high + 1}
        numbers = {n for edge in edges for n in (edge - 1, edge, edge + 1)} | \
            {-2 ** 63, -2 ** 63 + high, -2 ** 63 + high + 1, 2 ** 63 - 1, high - low, low - high}
        numbers = sorted(n for n in numbers if -2 ** 63 <= n < 2 ** 63)
        commands = []
        for overflow in ("WRAP", "SAT", "FAIL"):
            for start in sorted(edges):
                for number in numbers:
                    commands.append(["BITFIELD", "f", "SET", kind, "3", start, "OVERFLOW", overflow,
                                     "INCRBY", kind, "3", number, "GET", kind, "3",
                                     "SET", kind, "3", number, "GET", kind, "3"])
        comparison.run(commands + [["GET", "f"]])
    comparison.run([["FLUSHALL"]])


def script_bit_watch(comparison, seed):
    """Who watches a key is told of what changes it, and of nothing else."""
    others = [Connection(port) for port in comparison.ports]
    for change in (
            ["SETBIT", "a", "1", "0"], ["SETBIT", "a", "1", "1"], ["SETBIT", "a", "800", "0"],
            ["BITFIELD", "a", "GET", "u8", "0"], ["BITFIELD", "a", "SET", "u8", "0", "97"],
            ["BITFIELD", "a", "SET", "u8", "0", "98"], ["BITFIELD", "a", "INCRBY", "u8", "0", "0"],
            ["BITFIELD", "a", "OVERFLOW", "FAIL", "INCRBY", "u8", "0", "255"],
            ["BITFIELD", "a", "SET", "u8", "800", "0"], ["BITOP", "AND", "a", "a"],
            ["BITOP", "NOT", "a", "c"], ["BITOP", "OR", "a", "none"], ["BITOP", "OR", "b", "a"],
            ["BITCOUNT", "a"], ["SETBIT", "new", "0", "0"], ["BITOP", "OR", "new", "none"],
            ["BITFIELD", "new", "SET", "u1", "0", "0"]):
        for conn in comparison.both:
            conn.ask("FLUSHALL")
        comparison.run([["SET", "a", "a"], ["SET", "c", "1"], ["WATCH", "a", "new"]])
        comparison.judge(change, *[conn.ask(*change) for conn in others])
        comparison.run([["MULTI"], ["SET", "r", "1"], ["EXEC"], ["GET", "r"], ["GET", "a"],
                        ["EXISTS", "new", "b"]])
    for conn in others:
        conn.close()


def script_bit_lengths(comparison, seed):
    """Strings that grow from nothing through all ways to store them, and big ones."""
    commands = []
    for at in (0, 7, 8, 800, 130000, 131063, 131064, 131072, 131080, 200000, 2000000, 900):
        commands += [["SETBIT", "s", at, "1"], ["BITFIELD", "f", "SET", "u16", at, "65535"],
                     ["STRLEN", "s"], ["STRLEN", "f"], ["BITCOUNT", "s"], ["BITCOUNT", "f"]]
    commands += [["GET", "s"], ["GET", "f"], ["COPY", "s", "t"], ["SETBIT", "s", "5", "1"],
                 ["BITFIELD", "t", "SET", "u8", "0", "255", "GET", "u8", "0"], ["GET", "s"],
                 ["GET", "t"], ["BITOP", "XOR", "s", "s", "t"], ["GET", "s"], ["BITPOS", "s", "1"],
                 ["BITOP", "NOT", "s", "s"], ["BITCOUNT", "s"], ["GET", "t"], ["FLUSHALL"]]
    comparison.run(commands)
    comparison.run([
        ["SETBIT", "big", "4294967295", "1"], ["STRLEN", "big"], ["BITCOUNT", "big"],
        ["BITPOS", "big", "1"], ["BITPOS", "big", "0"], ["BITCOUNT", "big", "-9", "-1", "BIT"],
        ["BITPOS", "big", "1", "0", "-2", "BIT"], ["GETBIT", "big", "4294967295"],
        ["BITFIELD", "big", "GET", "u16", "4294967288"],
        ["BITFIELD", "big", "INCRBY", "u16", "4294967280", "-2"], ["BITCOUNT", "big"],
        ["SETBIT", "big", "4294967296", "1"], ["DEL", "big"], ["FLUSHALL"],
    ])


SCRIPTS = [script_bit_errors, script_bit_fields, script_bit_watch, script_bit_lengths]
