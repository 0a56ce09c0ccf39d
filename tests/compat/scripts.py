# SPDX-License-Identifier: GPL-2.0
"""What `server` sends to both servers: commands, a line each, with escapes as in
Python's strings and '' for an empty word. Each line's reply is compared."""

CLIENT = """
client id extra
client getname
client setname foo
client getname
client setname a\\x20b
client setname a\\nb
client setname \\xe9
client setname
client setname ''
client getname
client getname x
client info x
client list type foo
client list type
client list type master
client list type replica
client list type pubsub
client list id
client list id x
client list id 1 x
client list id 99999999 99999998
client list foo
client list type normal x
client list id 0
client list id -1
client kill
client kill 1.2.3.4:5
client kill id
client kill id 0
client kill id x
client kill id -5
client kill id 99999999
client kill type foo
client kill type master
client kill type slave
client kill user nobody
client kill user default id 99999999
client kill skipme maybe
client kill skipme yes id 99999999
client kill SkipMe No ID 99999999
client kill addr 1.2.3.4:5 laddr 1.2.3.4:5
client kill id 1 addr
client kill foo bar
client kill id 1 2
client getredir
client getredir x
client trackinginfo
client trackinginfo x
client caching yes
client caching x
client caching
client no-evict on
client no-evict maybe
client no-evict
client no-evict Off
client reply maybe
client reply on
client reply
client unblock 1
client unblock x
client unblock 1 maybe
client unblock x maybe
client unblock 1 Error
client unblock 1 timeout x
client unblock
client pause
client pause x
client pause -1
client pause 99999999999999999999
client pause 0
client pause 0 maybe
client pause x maybe
client pause 0 Write
client pause 0 write x
client pause 1 All
client unpause x
client unpause
client foo
client
hello
hello 3
client getname
hello 2
hello 4
hello x
hello 1
hello 2 auth
hello 2 auth a b
hello 2 auth default b
hello 2 setname
hello 2 setname foo
client getname
hello 3 setname a\\x20b
hello 2 foo
hello 2 setname x foo
hello 3 auth default '' setname hi
client getname
hello 9999999999999999999
hello 3\\x20
hello 2
auth x
auth default x
auth nobody x
auth Default x
auth a b c
ping
ping a
ping a b
echo a
echo
select 1
select 16
select -1
select x
select 99999999999
select 9223372036854775808
select 0
select
readonly
readwrite
asking
time x
shutdown foo
shutdown save nosave
shutdown abort now
shutdown abort
info modules
info modules MODULES
info nothing
info ''
reset
quit x
"""

CONFIG = """
config
config foo
config get
config set
config set timeout
config resetstat 1
config help x
config get nothing
config get nothing nothing2
config get timeout
config get TimeOut
config get timeout timeout tim?out
config get [t]imeou?
config get hash-max-ziplist-value
config set maxmemory abc
config set maxmemory 1x
config set maxmemory -1
config set maxmemory 1%
config set maxmemory 1tb
config set maxmemory 1.5gb
config set maxmemory \\x201
config set maxmemory +1
config set maxmemory 1\\x20gb
config set maxmemory 5gb
config get maxmemory
config set MAXMEMORY 300000Kb
config get MaxMemory
config set maxmemory ''
config get maxmemory
config set maxmemory 01gB
config get maxmemory
config set timeout -1
config set timeout abc
config set timeout 99999999999
config set timeout 99999999999999999999
config set timeout 1kb
config set timeout ''
config set timeout \\x201
config set timeout +1
config set timeout 01
config set timeout 0x10
config set timeout 1 timeout 2
config set timeout x timeout 1
config set timeout 1 foo
config set timeout 7 foo 1
config set foo 1 bar 2
config set foo 1 timeout 1
config set bogus 1 databases 1
config set databases 1 bogus 1
config set timeout 7 maxmemory x
config get timeout
config set timeout 1000 hash-max-ziplist-entries 1 hash-max-listpack-entries 2
config get timeout
config get hash-max-ziplist-entries
config set timeout 0 hash-max-listpack-entries 512
config set protected-mode maybe
config set databases 16
config set cluster-enabled no
config set tcp-backlog 511
config set io-threads 1
config set io-threads 2
config set client-output-buffer-limit normal\\x200\\x200
config set client-output-buffer-limit normal\\x20\\x200\\x200\\x200
config set client-output-buffer-limit foo\\x200\\x200\\x200
config set client-output-buffer-limit normal\\x200\\x200\\x20x
config set client-output-buffer-limit normal\\x200\\x20x\\x201
config set client-output-buffer-limit normal\\x201mb\\x201k\\x2010
config get client-output-buffer-limit
config set client-output-buffer-limit ''
config set client-output-buffer-limit replica\\x201\\x202\\x203\\x20pubsub\\x205\\x206\\x20-1
config set client-output-buffer-limit Slave\\x201\\x202\\x203\\x20pubsub\\x205\\x206\\x207
config get client-output-buffer-limit
config set client-output-buffer-limit normal\\x200\\x200\\x200
config set maxclients 0
config set client-query-buffer-limit 1
config set proto-max-bulk-len 1
config set proto-max-bulk-len 99999999999999999999
config set proto-max-bulk-len -1
config set cluster-preferred-endpoint-type foo
config set port 99999
config set port -1
config set bind a\\x20b\\x20c\\x20d\\x20e\\x20f\\x20g\\x20h\\x20i\\x20j\\x20k\\x20l\\x20m\\x20n\\x20o\\x20p\\x20q
config set bind 192.0.2.9
config set timeout 9 bind 192.0.2.9
config get timeout
config set cluster-announce-port 70000
config set cluster-announce-hostname a\\x20b
config set hash-max-listpack-entries 100mb
config set hash-max-listpack-entries -1
config set hash-max-listpack-value 64k
config get hash-max-ziplist-value
config set hash-max-ziplist-value 64
config set save ''
config get save
config set appendonly no
config get appendonly
config set maxmemory-policy noeviction
config set notify-keyspace-events ''
config get notify-keyspace-events
config get databases
config get cluster-enabled
config get slowlog-max-len
config get latency-monitor-threshold
config get latency-tracking
config get latency-tracking-info-percentiles
config set slowlog-log-slower-than -2
config set slowlog-log-slower-than x
config set slowlog-log-slower-than 9223372036854775808
config set slowlog-log-slower-than 0
config set slowlog-log-slower-than -1
config get slowlog-log-slower-than
config set slowlog-log-slower-than 10000
config set slowlog-max-len -1
config set slowlog-max-len 128
config set latency-monitor-threshold -1
config set latency-monitor-threshold 0
config set latency-tracking maybe
config set latency-tracking yes
config set latency-tracking-info-percentiles a
config set latency-tracking-info-percentiles .
config set latency-tracking-info-percentiles 101
config set latency-tracking-info-percentiles 100.000001
config set latency-tracking-info-percentiles -1
config set latency-tracking-info-percentiles 50.1234567\\x200\\x20100
config get latency-tracking-info-percentiles
config set latency-tracking-info-percentiles 50\\x20\\x2099
config set latency-tracking-info-percentiles 50\\x20
config get latency-tracking-info-percentiles
config set latency-tracking-info-percentiles +5\\x20.5\\x205.\\x2099.999999
config get latency-tracking-info-percentiles
config set latency-tracking-info-percentiles \\x2050
config set latency-tracking-info-percentiles ''
config get latency-tracking-info-percentiles
config set latency-tracking-info-percentiles 50\\x2099\\x2099.9
"""

TRANSACTION = """
multi
config set timeout 3
client kill id 99999999
auth x
hello 3
select 1
client getname
info modules
shutdown
exec
multi
config set timeout 3
client kill id 99999999
auth x
hello 3
select 1
config get timeout
info modules
exec
select 0
config set timeout 0
hello 2
"""

PASSWORD = """
ping
hello
hello 3
hello 2 setname foo
auth bar
auth default bar
auth nobody foo
auth foo foo foo
auth fo
auth fooo
auth ''
hello 3 auth default bar
hello 3 auth default foo setname x
client getname
hello 2
ping
reset
ping
auth default foo
ping
"""

CLUSTER = """
cluster
cluster foo
cluster slots x
cluster keyslot
cluster keyslot foo
cluster keyslot {a}b
cluster keyslot {}b
cluster keyslot ''
cluster countkeysinslot 5
cluster countkeysinslot 16384
cluster countkeysinslot -1
cluster countkeysinslot x
cluster getkeysinslot 5 1
cluster getkeysinslot 5 -1
cluster getkeysinslot 16384 1
cluster getkeysinslot x 1
cluster getkeysinslot 1 x
cluster getkeysinslot 99999999999999 1
set {t}1 v
set {t}2 v
cluster countkeysinslot 15891
cluster getkeysinslot 15891 0
del {t}1
cluster getkeysinslot 15891 10
del {t}2
cluster slots
cluster shards
cluster nodes
cluster info
cluster myid
cluster links
cluster replicas x
cluster slaves x
cluster count-failure-reports x
asking
readonly
readwrite
info cluster
config get cluster-enabled
config set cluster-announce-hostname host.example
cluster slots
cluster shards
cluster nodes
config set cluster-preferred-endpoint-type hostname
cluster slots
cluster shards
config set cluster-preferred-endpoint-type unknown-endpoint
cluster slots
cluster shards
config set cluster-announce-hostname ''
cluster slots
config set cluster-preferred-endpoint-type hostname
cluster slots
cluster shards
config set cluster-preferred-endpoint-type ip
config set cluster-announce-ip 192.0.2.7 cluster-announce-port 77
cluster slots
cluster nodes
config set cluster-announce-bus-port 99
cluster nodes
cluster shards
config set cluster-announce-port 0 cluster-announce-bus-port 0 cluster-announce-ip 127.0.0.1
hello 3
cluster slots
cluster shards
cluster nodes
cluster info
cluster links
hello 2
"""

# What CLIENT REPLY keeps from a client, up to the last reply.
SILENCES = (
    "client reply skip; client reply skip; ping; ping",
    "client reply off; client reply skip; ping; nosuch; get; client reply on; ping",
    "multi; ping; client reply off; ping; client reply on; ping; exec; ping",
    "multi; client reply skip; ping; exec; ping; echo a",
    "client reply skip; multi; ping; exec",
    "client reply off; hello 3; config get timeout; reset; ping",
    "client reply skip; mget a b c; client reply maybe; ping",
    "client reply skip; hgetall a; hgetall a",
    "set a {big}; client reply skip; get a; client reply skip; scan 0; get a; del a",
)

OBSERVATION = """
slowlog
slowlog foo
slowlog reset
slowlog get x
slowlog get -2
slowlog get 1 2
slowlog len x
slowlog len
slowlog get
slowlog get -1
slowlog reset x
latency
latency foo
latency latest
latency latest x
latency history
latency history x
latency reset
latency reset x y
latency graph
latency graph x
latency graph Command
latency doctor x
latency histogram foo
"""

DISABLED = """
cluster keyslot a
cluster slots
cluster shards
cluster nodes
cluster info
cluster myid
cluster links
cluster replicas x
cluster slaves x
cluster countkeysinslot 1
cluster getkeysinslot 1 1
cluster count-failure-reports x
cluster help
cluster meet 127.0.0.1 1
cluster failover
cluster reset
cluster help x
cluster meet
"""

MONITORED = """
select 3
set a\\x00b\\xff\\"\\\\c\\nd\\re\\tf\\ag\\bh~\\x7f\\x80 1
get \'
GeT x
auth foo
auth default bar
hello 2 auth default pw setname x
hello 2 setname auth
hello 3 auth x
config get timeout
nosuch
get
multi
incr n
config get x
exec
exec
multi
discard
client id
client reply on
hset n f v
info x
slowlog len
latency latest
client pause 0
mget a b c d e f g h
reset
del n
"""

LISTENING = """
ping
get x
exists x
dbsize
monitor
echo a
multi
get x
discard
multi
exec
client getname
reset
echo unwatched
"""
