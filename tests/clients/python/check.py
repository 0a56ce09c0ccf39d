#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The checks of ../checks with redis-py.

    check.py single|cluster PORT PROTOCOL

One program for the versions that requirements-*.txt name.
"""
import os
import sys

import redis
from redis.cluster import RedisCluster

BYTES = bytes(range(256)) * 4096


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError("%s: %.200r instead of %.200r" % (what, found, wanted))


def raises(error, text, function, *arguments):
    """The function fails with that very class of error, and says text."""
    try:
        found = function(*arguments)
    except redis.RedisError as caught:
        expect("class of the error", type(caught), error)
        if text not in str(caught):
            raise AssertionError("not about %s: %s" % (text, caught)) from caught
        return
    raise AssertionError("%.200r instead of an error" % (found,))


class Checks:
    """Each method is the check of its name."""

    def __init__(self, port, protocol):
        self.port, self.protocol = port, protocol
        self.client = self.connect()
        self.cluster = None

    def connect(self):
        return redis.Redis(port=self.port, protocol=self.protocol, decode_responses=True)

    def raw(self):
        """A client that does not decode."""
        return redis.Redis(port=self.port, protocol=self.protocol)

    def check_connect(self):
        expect("PING", self.client.ping(), True)
        expect("protocol", int(self.client.client_info()["resp"]), self.protocol)

    def check_pipeline(self):
        pipe = self.client.pipeline(transaction=False)
        for _ in range(1000):
            pipe.incr("counter")
        expect("replies", pipe.execute(), list(range(1, 1001)))

    def check_transaction(self):
        pipe = self.client.pipeline(transaction=True)
        pipe.set("t:string", "v").incr("t:number").hset("t:hash", mapping={"a": 1, "b": 2})
        pipe.get("t:string")
        expect("replies", pipe.execute(), [True, 1, 2, "v"])

    def check_conflict(self):
        with self.client.pipeline() as pipe:
            pipe.watch("watched")
            self.connect().set("watched", "theirs")
            pipe.multi()
            pipe.set("watched", "mine")
            raises(redis.WatchError, "Watched variable changed", pipe.execute)
        expect("value", self.client.get("watched"), "theirs")

    def check_scan(self):
        wanted = {"scan:%d" % i for i in range(5000)}
        self.client.mset(dict.fromkeys(wanted, "v"))
        expect("keys", set(self.client.scan_iter("scan:*", count=100)), wanted)

    def check_large(self):
        client = self.raw()
        client.set("large", BYTES)
        expect("value", client.get("large"), BYTES)

    def check_hash(self):
        client = self.client
        expect("HSET", client.hset("hash", mapping={"a": "1", "b": "2", "c": "3"}), 3)
        expect("HGETALL", client.hgetall("hash"), {"a": "1", "b": "2", "c": "3"})
        expect("HMGET", client.hmget("hash", "a", "none", "c"), ["1", None, "3"])
        expect("HINCRBY", client.hincrby("hash", "a", 41), 42)
        expect("HDEL", client.hdel("hash", "b", "c", "none"), 2)
        expect("HGETALL", client.hgetall("hash"), {"a": "42"})
        wanted = {"field:%d" % i: str(i) for i in range(1000)}
        client.hset("fields", mapping=wanted)
        expect("HSCAN", dict(client.hscan_iter("fields", count=50)), wanted)

    def check_error(self):
        self.client.set("string", "v")
        raises(redis.ResponseError, "WRONGTYPE Operation", self.client.hget, "string", "f")
        raises(redis.ResponseError, "value is not an integer", self.client.incr, "string")
        raises(redis.ResponseError, "unknown command", self.client.execute_command, "NOSUCH")
        expect("GET", self.client.get("string"), "v")

    def check_reconnect(self):
        before = self.client.client_id()
        expect("killed", self.connect().client_kill_filter(_id=before), 1)
        try:
            after = self.client.client_id()
        except redis.ConnectionError:       # version 5 asks once only
            after = self.client.client_id()
        if after <= before:
            raise AssertionError("still the same connection")

    def check_cluster_keys(self):
        self.cluster = RedisCluster(host="127.0.0.1", port=self.port, protocol=self.protocol,
                                    decode_responses=True)
        expect("nodes", sorted(str(node.port) for node in self.cluster.get_nodes()),
               os.environ["NODES"].split())
        for i in range(1000):
            self.cluster.set("key:%d" % i, i)
        for i in range(1000):
            expect("GET", self.cluster.get("key:%d" % i), str(i))

    def check_cluster_multi(self):
        wanted = {"multi:%d" % i: str(i) for i in range(100)}
        self.cluster.mset_nonatomic(wanted)
        expect("MGET", self.cluster.mget_nonatomic(*wanted), list(wanted.values()))
        expect("DEL", self.cluster.delete(*wanted), 100)
        expect("MSET", self.cluster.mset({"{multi}1": "a", "{multi}2": "b"}), True)
        expect("MGET", self.cluster.mget("{multi}1", "{multi}2"), ["a", "b"])

    def check_cluster_pipeline(self):
        pipe = self.cluster.pipeline()
        for i in range(1000):
            pipe.set("pipe:%d" % i, i)
            pipe.get("pipe:%d" % i)
        wanted = [reply for i in range(1000) for reply in (True, str(i))]
        expect("replies", pipe.execute(), wanted)

    def check_cluster_transaction(self):
        if redis.VERSION < (6, 2):
            return "transactions of cluster clients came with 6.2"
        pipe = self.cluster.pipeline(transaction=True)
        pipe.incr("{ct}1")
        pipe.hset("{ct}2", "f", "v")
        pipe.hget("{ct}2", "f")
        expect("replies", pipe.execute(), [1, 1, "v"])
        return None

    def check_cluster_scan(self):
        wanted = {"cscan:%d" % i for i in range(5000)}
        self.cluster.mset_nonatomic(dict.fromkeys(wanted, "v"))
        expect("keys", set(self.cluster.scan_iter("cscan:*", count=100)), wanted)

    def check_cluster_reconnect(self):
        if redis.VERSION < (6,):
            return "a cluster client forgets a node that failed, even the only one"
        expect("SET", self.cluster.set("survivor", "v"), True)
        if self.client.client_kill_filter(_type="normal", skipme=True) < 1:
            raise AssertionError("nothing was killed")
        expect("GET", self.cluster.get("survivor"), "v")
        return None


def main():
    port, protocol = int(sys.argv[2]), int(sys.argv[3])
    checks = Checks(port, protocol)
    failed = False
    for name in sys.argv[4:]:
        try:
            reason = getattr(checks, "check_" + name.replace("-", "_"))()
            print("skip %s: %s" % (name, reason) if reason else "ok " + name)
        except Exception as error:      # any error is the failure of its check alone
            print("not ok %s: %s: %s" % (name, type(error).__name__, str(error).split("\n")[0]))
            failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
