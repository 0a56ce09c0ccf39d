# SPDX-License-Identifier: GPL-2.0
"""What each request does when it is right, and what it says when it is not."""
import errno

from control import *
from control import Refused
from lab import as_nobody, expect, same

Subject = None

PRIVILEGED = [DARTER_CMD_START, DARTER_CMD_STOP, DARTER_CMD_CONFIG_SET, DARTER_CMD_CLIENT_KILL,
              DARTER_CMD_TOPOLOGY_SET, DARTER_CMD_REGISTER, DARTER_CMD_ANSWER]
DUMPS = [DARTER_CMD_CONFIG_GET, DARTER_CMD_SHARD_GET, DARTER_CMD_WORKER_GET,
         DARTER_CMD_CLIENT_GET, DARTER_CMD_LATENCY_GET]


def refusal(call, *arguments, **how):
    """The error that the call must end with."""
    try:
        call(*arguments, **how)
    except Refused as refused:
        return refused
    raise AssertionError("not refused")


def same_refusal(refused, number, why, offset=None, missing=None):
    same((errno.errorcode[refused.number], refused.why, refused.offset, refused.missing),
         (errno.errorcode[number], why, offset, missing))


def param(name, value):
    return nest(DARTER_A_PARAM, text(DARTER_A_NAME, name), text(DARTER_A_VALUE, value))


def parameters(control, pattern="*"):
    return {one.text(DARTER_A_NAME): one.text(DARTER_A_VALUE)
            for one in control.dump(DARTER_CMD_CONFIG_GET, text(DARTER_A_PATTERN, pattern))}


def instance(control):
    return control.request(DARTER_CMD_INSTANCE_GET)[0]


def test_instance_get_describes_the_instance():
    with Subject() as subject:
        control = subject.control()
        before = instance(control)
        same(before.command, DARTER_CMD_INSTANCE_GET)
        same(before.number(DARTER_A_ABI), DARTER_ABI)
        same(before.text(DARTER_A_MODE), subject.mode)
        same(len(before.text(DARTER_A_RUN_ID)), 40)
        same(before.text(DARTER_A_BIND), "127.0.0.1")
        same(before.number(DARTER_A_PORT), subject.port)
        same(before.number(DARTER_A_DATABASES), 16)
        same(before.number(DARTER_A_MAX_CLIENTS), 10000)
        same(before.number(DARTER_A_CLUSTER), 0)
        same(before.number(DARTER_A_DAEMON), 0)
        client = subject.client()
        for i in range(10):
            client.call("SET", "netlink:%d" % i, "x" * 100)
        client.call("EXPIRE", "netlink:0", 1000)
        after = instance(control)
        for kind, grown in ((DARTER_A_KEYS, 10), (DARTER_A_VOLATILE_KEYS, 1),
                            (DARTER_A_CLIENTS, 1), (DARTER_A_CONNECTIONS, 1),
                            (DARTER_A_COMMANDS, 11)):
            same(after.number(kind) - before.number(kind), grown, kind)
        expect(after.number(DARTER_A_MEMORY) >= before.number(DARTER_A_MEMORY) + 1000)
        expect(after.number(DARTER_A_PEAK_MEMORY) >= 1000)
        for i in range(10):
            client.call("DEL", "netlink:%d" % i)


def test_numbers_have_their_widths():
    with Subject() as subject:
        attrs = instance(subject.control()).attrs
        for kind, width in ((DARTER_A_PORT, 2), (DARTER_A_SHARDS, 4), (DARTER_A_CLUSTER, 1),
                            (DARTER_A_UPTIME, 8), (DARTER_A_MAX_MEMORY, 8),
                            (DARTER_A_CLIENTS, 4), (DARTER_A_DAEMON, 1)):
            same(len(attrs[kind]), width, kind)


def test_start_is_refused_where_there_is_an_instance():
    with Subject() as subject:
        same_refusal(refusal(subject.control().request, DARTER_CMD_START), errno.EEXIST,
                     "this network namespace has an instance")


def test_stop_is_acknowledged_and_closes_everything():
    # With arguments it is an instance for this test alone.
    with Subject("--workers", "2") as subject:
        client = subject.client()
        same(client.call("PING"), b"+PONG\r\n")
        same(subject.control().request(DARTER_CMD_STOP), [])
        same(client.read(), b"")
        subject.expect_end()


def test_config_set_changes_several_parameters():
    with Subject() as subject:
        control = subject.control()
        before = parameters(control)
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", "77"),
                        param("MaxMemory", "100mb"))
        same(parameters(control, "timeout"), {"timeout": "77"})
        same(parameters(control, "maxmemory"), {"maxmemory": "104857600"})
        same(subject.client().call("CONFIG", "GET", "timeout"),
             b"*2\r\n$7\r\ntimeout\r\n$2\r\n77\r\n")
        same(instance(control).number(DARTER_A_MAX_MEMORY), 104857600)
        control.request(DARTER_CMD_CONFIG_SET, param("timeout", before["timeout"]),
                        param("maxmemory", before["maxmemory"]))
        same(parameters(control), before)


def test_config_set_points_at_the_wrong_parameter_and_changes_nothing():
    with Subject() as subject:
        control = subject.control()
        before = parameters(control)
        first = param("timeout", "78")
        offset = 20 + len(first)
        for name, value, number, why in (
                ("no-such-parameter", "1", errno.ENOENT,
                 "Unknown option or number of arguments for CONFIG SET - 'no-such-parameter'"),
                ("maxclients", "many", errno.EINVAL,
                 "argument couldn't be parsed into an integer"),
                ("protected-mode", "perhaps", errno.EINVAL, "argument must be 'yes' or 'no'"),
                ("databases", "16", errno.EPERM, "can't set immutable config"),
                ("Timeout", "79", errno.EINVAL, "duplicate parameter")):
            same_refusal(refusal(control.request, DARTER_CMD_CONFIG_SET, first,
                                 param(name, value), param("tcp-keepalive", "1")),
                         number, why, offset)
            same(parameters(control), before)


def test_a_long_text_arrives_whole():
    with Subject() as subject:
        name = "x" * DARTER_NAME_MAX
        why = refusal(subject.control().request, DARTER_CMD_CONFIG_SET, param(name, "1")).why
        same(why, "Unknown option or number of arguments for CONFIG SET - '%s'" % name)


def test_many_connections_get_their_own_texts():
    with Subject() as subject:
        controls = [subject.control() for _ in range(40)]
        for turn in range(3):
            for i, control in enumerate(controls):
                name = "unknown-%d-%d" % (turn, i)
                expect(name in refusal(control.request, DARTER_CMD_CONFIG_SET,
                                       param(name, "1")).why)


def test_config_set_of_a_file_accepts_what_is_so_already():
    with Subject() as subject:
        control = subject.control()
        pair = param("databases", "16")
        control.request(DARTER_CMD_CONFIG_SET, attr(DARTER_A_LOADING, b""), pair)
        same_refusal(refusal(control.request, DARTER_CMD_CONFIG_SET,
                             attr(DARTER_A_LOADING, b""), param("databases", "17")),
                     errno.EPERM, "can't set immutable config", 24)


def test_config_set_needs_whole_parameters():
    with Subject() as subject:
        control = subject.control()
        same_refusal(refusal(control.request, DARTER_CMD_CONFIG_SET), errno.EINVAL,
                     "no parameters given", missing=DARTER_A_PARAM)
        for broken in (nest(DARTER_A_PARAM), nest(DARTER_A_PARAM, text(DARTER_A_NAME, "timeout")),
                       nest(DARTER_A_PARAM, text(DARTER_A_VALUE, "1"))):
            same_refusal(refusal(control.request, DARTER_CMD_CONFIG_SET, broken), errno.EINVAL,
                         "a parameter needs a name and a value", 20)


def test_config_set_takes_many_pairs():
    with Subject() as subject:
        pairs = [param("timeout", "1")] + [param("tcp-keepalive", "1")] * 1500
        same_refusal(refusal(subject.control().request, DARTER_CMD_CONFIG_SET, *pairs),
                     errno.EINVAL, "duplicate parameter", 20 + len(pairs[0]) + len(pairs[1]))


def test_client_kill_closes_one_connection():
    with Subject() as subject:
        control = subject.control()
        clients = [subject.client() for _ in range(3)]
        ids = [int(client.call("CLIENT", "ID")[1:]) for client in clients]
        control.request(DARTER_CMD_CLIENT_KILL, u64(DARTER_A_CLIENT_ID, ids[1]))
        same(clients[1].read(), b"")
        same([client.call("PING") for client in (clients[0], clients[2])], [b"+PONG\r\n"] * 2)


def test_client_kill_of_nobody():
    with Subject() as subject:
        control = subject.control()
        client = subject.client()
        own = int(client.call("CLIENT", "ID")[1:])
        for number in (0, own + 1000, (1 << 64) - 1):
            same_refusal(refusal(control.request, DARTER_CMD_CLIENT_KILL,
                                 u64(DARTER_A_CLIENT_ID, number)),
                         errno.ENOENT, "no client with this number", 20)
        same_refusal(refusal(control.request, DARTER_CMD_CLIENT_KILL), errno.EINVAL,
                     "no client given", missing=DARTER_A_CLIENT_ID)
        same(client.call("PING"), b"+PONG\r\n")


def test_topology_is_seen_and_set():
    with Subject() as subject:
        control = subject.control()

        def node():
            return control.request(DARTER_CMD_TOPOLOGY_GET)[0]

        before = node()
        same(before.text(DARTER_A_NODE_IP), "127.0.0.1")
        same(before.text(DARTER_A_NODE_HOSTNAME), "")
        same(before.number(DARTER_A_NODE_PORT), subject.port)
        same(len(before.text(DARTER_A_NODE_ID)), 40)
        same((before.number(DARTER_A_FIRST_SLOT), before.number(DARTER_A_LAST_SLOT)), (0, 16383))
        control.request(DARTER_CMD_TOPOLOGY_SET, text(DARTER_A_NODE_IP, "192.0.2.1"),
                        text(DARTER_A_NODE_HOSTNAME, "store.example"),
                        u16(DARTER_A_NODE_PORT, 7000), u16(DARTER_A_NODE_BUS_PORT, 17001))
        after = node()
        same(after.text(DARTER_A_NODE_IP), "192.0.2.1")
        same(after.text(DARTER_A_NODE_HOSTNAME), "store.example")
        same(after.number(DARTER_A_NODE_PORT), 7000)
        same(after.number(DARTER_A_NODE_BUS_PORT), 17001)
        same(parameters(control, "cluster-announce-port"), {"cluster-announce-port": "7000"})
        control.request(DARTER_CMD_TOPOLOGY_SET, text(DARTER_A_NODE_IP, ""),
                        text(DARTER_A_NODE_HOSTNAME, ""), u16(DARTER_A_NODE_PORT, 0),
                        u16(DARTER_A_NODE_BUS_PORT, 0))
        same(node().attrs, before.attrs)


def test_topology_of_one_node_is_dumped():
    with Subject() as subject:
        control = subject.control()
        nodes = control.dump(DARTER_CMD_TOPOLOGY_GET)
        same([one.attrs for one in nodes], [control.request(DARTER_CMD_TOPOLOGY_GET)[0].attrs])
        expect(DARTER_A_WORKER_ID not in nodes[0].attrs)
        expect(DARTER_A_WORKER_PORT not in instance(control).attrs)


def test_every_worker_is_a_node_of_the_per_cpu_topology():
    with Subject("--cluster=per-cpu", "--workers", "2", "--shards", "3") as subject:
        control = subject.control()
        same(instance(control).number(DARTER_A_CLUSTER), DARTER_CLUSTER_PER_CPU)
        first = instance(control).number(DARTER_A_WORKER_PORT)
        same(first, subject.port + 1)
        nodes = control.dump(DARTER_CMD_TOPOLOGY_GET)
        same([one.number(DARTER_A_WORKER_ID) for one in nodes], [0, 1])
        same([one.number(DARTER_A_NODE_PORT) for one in nodes], [first, first + 1])
        same([one.number(DARTER_A_NODE_BUS_PORT) for one in nodes], [first + 10000, first + 10001])
        # Two of the three shards, and one.
        same([(one.number(DARTER_A_FIRST_SLOT), one.number(DARTER_A_LAST_SLOT)) for one in nodes],
             [(0, 10922), (10923, 16383)])
        same(control.request(DARTER_CMD_TOPOLOGY_GET)[0].attrs, nodes[0].attrs)
        for number, node in enumerate(nodes):
            client = subject.client(first + number)
            same(client.call("CLUSTER", "MYID"),
                 b"$40\r\n%s\r\n" % node.text(DARTER_A_NODE_ID).encode())
            # Either serves what the other owns.
            same(client.call("SET", "a", "1"), b"+OK\r\n")
        control.request(DARTER_CMD_TOPOLOGY_SET, u16(DARTER_A_NODE_PORT, 7000))
        same([one.number(DARTER_A_NODE_PORT) for one in control.dump(DARTER_CMD_TOPOLOGY_GET)],
             [7000, 7001])
        same_refusal(refusal(control.request, DARTER_CMD_TOPOLOGY_SET,
                             u16(DARTER_A_NODE_PORT, 65535)), errno.ERANGE,
                     "there are no 2 ports for the workers from 65535 on", 20)
        # "a" is in slot 15495: one of the two SETs went to a shard of the other worker.
        same([one.number(DARTER_A_REMOTE) for one in control.dump(DARTER_CMD_WORKER_GET)], [1, 0])


def test_topology_set_points_at_what_is_wrong():
    with Subject() as subject:
        control = subject.control()
        before = control.request(DARTER_CMD_TOPOLOGY_GET)[0].attrs
        port = u16(DARTER_A_NODE_PORT, 7000)
        same_refusal(refusal(control.request, DARTER_CMD_TOPOLOGY_SET, port,
                             text(DARTER_A_NODE_HOSTNAME, "under_score")), errno.EINVAL,
                     "Hostnames may only contain alphanumeric characters, hyphens or dots",
                     20 + len(port))
        same_refusal(refusal(control.request, DARTER_CMD_TOPOLOGY_SET), errno.EINVAL,
                     "nothing given to set")
        same(control.request(DARTER_CMD_TOPOLOGY_GET)[0].attrs, before)


def check_unprivileged(control):
    """All of it can be read but secrets, and nothing changed."""
    for command in PRIVILEGED:
        same_refusal(refusal(control.request, command), errno.EPERM, "")
    same_refusal(refusal(control.dump, DARTER_CMD_CHECK), errno.EPERM, "")
    for command in (DARTER_CMD_INSTANCE_GET, DARTER_CMD_TOPOLOGY_GET):
        same(len(control.request(command)), 1)
    for command in DUMPS:
        control.dump(command)
    shown = parameters(control)
    expect("maxmemory" in shown)
    expect("requirepass" not in shown)


def test_changes_need_privilege():
    with Subject() as subject:
        control = subject.control()
        expect("requirepass" in parameters(control))

        def unprivileged():
            own = subject.control()
            check_unprivileged(own)
            own.follow()

        as_nobody(unprivileged)
        same(instance(control).number(DARTER_A_DAEMON), 0)


def test_changes_need_privilege_whoever_has_it():
    # Nobody is this user, so not even root is privileged.
    with Subject("--control-admin", "4242424") as subject:
        check_unprivileged(subject.control())


def test_requests_of_the_wrong_kind():
    with Subject() as subject:
        control = subject.control()
        for command in range(256):
            known = command in (DARTER_CMD_INSTANCE_GET, DARTER_CMD_TOPOLOGY_GET, *PRIVILEGED)
            if not known and (command != DARTER_CMD_EVENT or not subject.path):
                same_refusal(refusal(control.request, command), errno.EOPNOTSUPP, "")
            if command not in (DARTER_CMD_TOPOLOGY_GET, DARTER_CMD_CHECK, *DUMPS):
                same_refusal(refusal(control.dump, command), errno.EOPNOTSUPP, "")
