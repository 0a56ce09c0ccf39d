# SPDX-License-Identifier: GPL-2.0
"""Dumps: what they hold, that they are whole, and that they say when they are not."""
import errno
import threading

from control import *
from lab import expect, same
from test_requests import param, parameters, refusal, same_refusal

Subject = None

# Values with which the parameters do not fit into one part, and those to go back to.
LONG = [param(name, "x" * 250) for name in
        ("requirepass", "cluster-announce-ip", "cluster-announce-hostname")]
SHORT = [param(name, "") for name in
         ("requirepass", "cluster-announce-ip", "cluster-announce-hostname")]


def test_config_get_shows_every_parameter_once_in_several_parts():
    with Subject() as subject:
        control = subject.control()
        control.request(DARTER_CMD_CONFIG_SET, *LONG)
        found = control.dump(DARTER_CMD_CONFIG_GET)
        # The end may have a part of its own.
        expect(control.parts > 2 or not subject.small_parts, control.parts)
        indexes = [one.number(DARTER_A_PARAM_INDEX) for one in found]
        same(indexes, list(range(len(found))))
        names = [one.text(DARTER_A_NAME) for one in found]
        same(len(set(names)), len(names))
        expect({"port", "maxmemory", "requirepass", "cluster-enabled"} <= set(names))
        same({one.command for one in found}, {DARTER_CMD_CONFIG_GET})
        expect(all(one.flags & F_MULTI for one in found))
        expect(not control.interrupted)
        control.request(DARTER_CMD_CONFIG_SET, *SHORT)


def test_knobs_are_described():
    with Subject() as subject:
        control = subject.control()
        found = {one.text(DARTER_A_NAME): one for one in control.dump(DARTER_CMD_CONFIG_GET)}
        tick = found["darter-tick"]
        same((tick.text(DARTER_A_UNIT), tick.text(DARTER_A_DEFAULT)), ("milliseconds", "100"))
        same((tick.number(DARTER_A_LEAST), tick.number(DARTER_A_MOST)), (1, 1000))
        expect(tick.text(DARTER_A_EFFECT))
        steering = found["darter-steering"]
        expect(DARTER_A_EFFECT in steering.attrs and DARTER_A_MOST not in steering.attrs)
        for attr in (DARTER_A_UNIT, DARTER_A_LEAST, DARTER_A_MOST, DARTER_A_DEFAULT,
                     DARTER_A_EFFECT):
            expect(attr not in found["timeout"].attrs)


def test_config_get_by_pattern():
    with Subject() as subject:
        control = subject.control()
        everything = parameters(control)
        same(parameters(control, "MAX*"),
             {name: value for name, value in everything.items() if name.startswith("max")})
        same(parameters(control, "tcp-keep[a-b]live"), {"tcp-keepalive": "300"})
        same(parameters(control, "no-such*"), {})
        same(parameters(control, ""), {})


def test_a_change_interrupts_a_dump_of_parameters():
    with Subject() as subject:
        control = subject.control()
        control.request(DARTER_CMD_CONFIG_SET, *LONG)
        first = control.pack(DARTER_CMD_CONFIG_GET, flags=F_REQUEST | F_DUMP)
        sequence = control.sequence
        change = control.pack(DARTER_CMD_CONFIG_SET, *SHORT, flags=F_REQUEST)
        # One datagram: the first part of the dump is made before the change, the rest later.
        control.send(first + change)
        control.collect(sequence)
        expect(control.interrupted or not subject.small_parts)
        control.dump(DARTER_CMD_CONFIG_GET)
        expect(not control.interrupted)


def test_one_dump_at_a_time():
    with Subject() as subject:
        control = subject.control()
        flags = F_REQUEST | F_DUMP
        first = control.pack(DARTER_CMD_CONFIG_GET, flags=flags)
        second = control.pack(DARTER_CMD_SHARD_GET, flags=flags)
        control.send(first + second)
        same_refusal(refusal(collect_second, control), errno.EBUSY, "")
        same(len(control.dump(DARTER_CMD_CONFIG_GET)), len(parameters(control)))


def collect_second(control):
    """The answer to the second of two requests; those to the first come in between."""
    ended = refused = None
    while not (ended and refused):
        for message in control.receive():
            if message.sequence == control.sequence:
                refused = message
            elif message.type == NLMSG_DONE:
                ended = message
    control.read_end(refused, 20)


def test_shards_cover_the_slots_and_hold_the_keys():
    with Subject("--workers", "2", "--shards", "7", "--cluster") as subject:
        control = subject.control()
        client = subject.client()
        for i in range(200):
            client.call("SET", "key:%d" % i, "value")
        client.call("GET", "key:1")
        client.call("GET", "no such key")
        client.call("EXPIRE", "key:1", 100)
        shards = control.dump(DARTER_CMD_SHARD_GET)
        same([one.number(DARTER_A_SHARD_ID) for one in shards], list(range(7)))
        expected = 0
        for one in shards:
            same(one.number(DARTER_A_FIRST_SLOT), expected)
            expected = one.number(DARTER_A_LAST_SLOT) + 1
        same(expected, 16384)
        same(sum(one.number(DARTER_A_KEYS) for one in shards), 200)
        same(sum(one.number(DARTER_A_VOLATILE_KEYS) for one in shards), 1)
        same(sum(one.number(DARTER_A_HITS) for one in shards), 1)
        same(sum(one.number(DARTER_A_MISSES) for one in shards), 1)
        expect(all(one.number(DARTER_A_MEMORY) for one in shards))
        # Where each key is: the slot is what the shard says.
        slot = int(client.call("CLUSTER", "KEYSLOT", "key:5")[1:])
        holder = next(one for one in shards
                      if one.number(DARTER_A_FIRST_SLOT) <= slot <=
                      one.number(DARTER_A_LAST_SLOT)).number(DARTER_A_SHARD_ID)
        client.call("DEL", "key:5")
        after = control.dump(DARTER_CMD_SHARD_GET)
        same([one.number(DARTER_A_SHARD_ID) for one, now in zip(shards, after)
              if one.number(DARTER_A_KEYS) != now.number(DARTER_A_KEYS)], [holder])


def test_a_check_walks_all_keys_while_they_change():
    with Subject("--workers", "2", "--shards", "3") as subject:
        control = subject.control()
        client = subject.client()
        for i in range(300):
            client.call("SET", "key:%d" % i, "value")
            client.call("SET", "timed:%d" % i, "value", "EX", 100 + i)
            client.call("HSET", "hash", "field:%d" % i, "value" * (i % 30))
        for flags in ((), (attr(DARTER_A_WHOLE, b""),)):
            found = control.dump(DARTER_CMD_CHECK, *flags)
            same([one.text(DARTER_A_FINDING) for one in found if DARTER_A_FINDING in one.attrs],
                 [])
            same(found[-1].number(DARTER_A_KEYS), 601)
            same(found[-1].number(DARTER_A_FINDINGS), 0)
            same([DARTER_A_FINISHED in one.attrs for one in found],
                 [False] * (len(found) - 1) + [True])
        stop = threading.Event()

        def change():
            i = 0
            while not stop.is_set():
                client.call("SET", "key:%d" % (i % 900), "x" * (i % 70))
                client.call("DEL", "key:%d" % (i * 7 % 900))
                client.call("HSET", "hash", "field:%d" % (i % 900), i)
                i += 1

        thread = threading.Thread(target=change)
        thread.start()
        for _ in range(20):
            found = control.dump(DARTER_CMD_CHECK)
            same(found[-1].number(DARTER_A_FINDINGS), 0)
        stop.set()
        thread.join()
        found = control.dump(DARTER_CMD_CHECK)
        same(found[-1].number(DARTER_A_UNSURE), 0)


def test_histograms_are_dumped_by_bucket():
    with Subject() as subject:
        control = subject.control()
        client = subject.client()
        for number in range(10):
            client.call("SET", f"k{number}", "v")
        found = control.dump(DARTER_CMD_LATENCY_GET)
        calls = {}
        for one in found:
            name = one.text(DARTER_A_NAME)
            calls[name] = calls.get(name, 0) + one.number(DARTER_A_CALLS)
            expect(one.number(DARTER_A_BUCKET_END) > 0)
        expect(calls["set"] >= 10, calls)
        expect(not control.interrupted)


def test_many_shards_need_several_parts():
    with Subject("--shards", "256") as subject:
        control = subject.control()
        same([one.number(DARTER_A_SHARD_ID) for one in control.dump(DARTER_CMD_SHARD_GET)],
             list(range(256)))
        expect(control.parts > 4 or not subject.small_parts, control.parts)
        expect(all(DARTER_A_FIRST_SLOT not in one.attrs
                   for one in control.dump(DARTER_CMD_SHARD_GET)))


def test_workers_count_what_they_do():
    with Subject() as subject:
        control = subject.control()

        def sums():
            workers = control.dump(DARTER_CMD_WORKER_GET)
            same([one.number(DARTER_A_WORKER_ID) for one in workers], list(range(len(workers))))
            return {kind: sum(one.number(kind) for one in workers) for kind in
                    (DARTER_A_CLIENTS, DARTER_A_COMMANDS, DARTER_A_CONNECTIONS,
                     DARTER_A_RECEIVED, DARTER_A_SENT, DARTER_A_ERRORS)}

        before = sums()
        clients = [subject.client() for _ in range(8)]
        for client in clients:
            client.call("PING")
        clients[0].call("NO-SUCH-COMMAND")
        after = sums()
        same(after[DARTER_A_CLIENTS] - before[DARTER_A_CLIENTS], 8)
        same(after[DARTER_A_CONNECTIONS] - before[DARTER_A_CONNECTIONS], 8)
        same(after[DARTER_A_ERRORS] - before[DARTER_A_ERRORS], 1)
        expect(after[DARTER_A_COMMANDS] - before[DARTER_A_COMMANDS] >= 8)
        expect(after[DARTER_A_RECEIVED] - before[DARTER_A_RECEIVED] >= 8 * 14)
        expect(after[DARTER_A_SENT] - before[DARTER_A_SENT] >= 8 * 7)


def test_clients_are_described():
    with Subject() as subject:
        control = subject.control()
        client = subject.client()
        client.call("CLIENT", "SETNAME", "netlink")
        client.call("SELECT", 3)
        client.call("HSET", "h", "f", "v")
        number = int(client.call("CLIENT", "ID")[1:])
        found = {one.number(DARTER_A_CLIENT_ID): one
                 for one in control.dump(DARTER_CMD_CLIENT_GET)}
        one = found[number]
        same(one.text(DARTER_A_CLIENT_ADDR), client.address)
        same(one.text(DARTER_A_CLIENT_LADDR), "127.0.0.1:%d" % subject.port)
        same(one.text(DARTER_A_CLIENT_NAME), "netlink")
        same(one.number(DARTER_A_CLIENT_DB), 3)
        same(one.number(DARTER_A_CLIENT_RESP), 2)
        same(one.text(DARTER_A_CLIENT_COMMAND), "client|id")
        expect(one.number(DARTER_A_CLIENT_IDLE) <= one.number(DARTER_A_CLIENT_AGE) < 100)
        expect(DARTER_A_WORKER_ID in one.attrs and DARTER_A_MEMORY in one.attrs)
        client.call("DEL", "h")


def test_clients_who_stay_are_shown_once_while_others_come_and_go():
    with Subject() as subject:
        control = subject.control()
        stay = [subject.client() for _ in range(60)]
        ids = [int(client.call("CLIENT", "ID")[1:]) for client in stay]
        ended = threading.Event()

        def come_and_go():
            while not ended.is_set():
                for other in [subject.client() for _ in range(5)]:
                    other.close()

        thread = threading.Thread(target=come_and_go)
        thread.start()
        try:
            for _ in range(10):
                found = [one.number(DARTER_A_CLIENT_ID)
                         for one in control.dump(DARTER_CMD_CLIENT_GET)]
                expect(control.parts > 2 or not subject.small_parts, control.parts)
                same(found, sorted(set(found)))
                expect(set(ids) <= set(found))
        finally:
            ended.set()
            thread.join()


def test_a_dump_can_be_left():
    with Subject() as subject:
        for _ in range(5):
            control = subject.control()
            control.send(control.pack(DARTER_CMD_CONFIG_GET, flags=F_REQUEST | F_DUMP))
            control.close()
        same(len(subject.control().request(DARTER_CMD_INSTANCE_GET)), 1)


def test_many_dumps_side_by_side():
    with Subject() as subject:
        controls = [subject.control() for _ in range(20)]
        whole = len(parameters(controls[0]))
        for control in controls:
            control.send(control.pack(DARTER_CMD_CONFIG_GET, flags=F_REQUEST | F_DUMP))
        for control in controls:
            same(len(control.collect(control.sequence)), whole)
