#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Requests over generic netlink: what each does, and what is refused with which
# error and which text.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

# request WANTED WORD...: the answer has this line
request() {
	local wanted=$1 answer
	shift
	answer=$("$control" "$@")
	grep -qxF -- "$wanted" <<<"$answer" || fail "$* answers \"$answer\", not \"$wanted\""
}

# accepted WORD...: with an acknowledgment alone
accepted() {
	expect "the answer to $*" "$("$control" "$@")" ""
}

# refused WANTED WORD...: with this error and text, and nothing else
refused() {
	local wanted=$1
	shift
	expect "the answer to $*" "$("$control" "$@")" "$wanted"
}

# What can be seen of an instance but what time and requests themselves change
state() {
	"$control" INSTANCE_GET | grep -Ev '^(UPTIME|COMMANDS|CONNECTIONS|MEMORY|PEAK_MEMORY|CLIENTS)='
	"$control" CONFIG_GET
	"$control" TOPOLOGY_GET
}

an_instance_describes_itself() {
	load workers=2 shards=3
	expect "SET" "$(call SET key value)" +OK
	local line
	for line in ABI=3 MODE=module BIND=127.0.0.1 PORT=6379 SHARDS=3 WORKERS=2 DATABASES=16 \
		CLUSTER=0 DAEMON=0 MAX_CLIENTS=10000 KEYS=1 VOLATILE_KEYS=0; do
		request "$line" INSTANCE_GET
	done
	expect "the shards' keys" "$("$control" SHARD_GET | awk -F= '/^KEYS=/ { n += $2 } END { print n }')" 1
	expect "shards" "$("$control" SHARD_GET | grep -c '^SHARD_ID=')" 3
	expect "workers" "$("$control" WORKER_GET | grep -c '^WORKER_ID=')" 2
	request FIRST_SLOT=0 TOPOLOGY_GET
	request LAST_SLOT=16383 TOPOLOGY_GET
}

parameters_are_read_and_set() {
	load
	accepted CONFIG_SET 'PARAM=[NAME=timeout VALUE=77]' 'PARAM=[NAME=maxmemory VALUE=10mb]'
	request VALUE=77 CONFIG_GET PATTERN=timeout
	request VALUE=10485760 CONFIG_GET 'PATTERN=maxm*y'
	expect "CONFIG GET" "$(call CONFIG GET timeout | tail -n 1)" 77
	expect "CONFIG SET" "$(call CONFIG SET timeout 0)" +OK
	request VALUE=0 CONFIG_GET PATTERN=timeout
	expect "darterctl" "$(darterctl config get timeout | awk '{ print $2 }')" 0
	darterctl config set timeout 5 || fail "darterctl sets nothing"
	expect "CONFIG GET" "$(call CONFIG GET timeout | tail -n 1)" 5
}

clients_are_listed_and_killed() {
	load
	start idle "$client" hold idle 3
	ready idle
	expect "clients" "$("$control" CLIENT_GET | grep -c '^CLIENT_ID=')" 3
	local id
	for id in $("$control" CLIENT_GET | sed -n 's/^CLIENT_ID=//p'); do
		accepted CLIENT_KILL "CLIENT_ID=$id"
	done
	ended idle "$pid"
	expect "clients" "$("$control" CLIENT_GET)" ""
}

the_topology_is_seen_and_set() {
	load cluster=1
	accepted TOPOLOGY_SET NODE_IP=192.0.2.1 NODE_HOSTNAME=store.example NODE_PORT=7000
	request NODE_IP=192.0.2.1 TOPOLOGY_GET
	request NODE_HOSTNAME=store.example TOPOLOGY_GET
	call CLUSTER SLOTS | grep -qx 192.0.2.1 || fail "a client is not told"
}

instances_start_and_stop() {
	load autostart=0
	accepted START "PORT=$PORT" SHARDS=4 WORKERS=1 DATABASES=2 CLUSTER=1 BIND=127.0.0.1
	request SHARDS=4 INSTANCE_GET
	expect "PING" "$(call PING)" +PONG
	refused "EEXIST this network namespace has an instance" START
	accepted STOP
	expect "listeners" "$(sockets 0A)" 0
	not threads_left || fail "threads are left"
	local none="ENODEV no instance in this network namespace" command
	for command in INSTANCE_GET CONFIG_GET SHARD_GET WORKER_GET CLIENT_GET TOPOLOGY_GET \
		LATENCY_GET REGISTER STOP; do
		refused "$none" "$command"
	done
	refused "$none" CLIENT_KILL CLIENT_ID=1
	refused "$none" CONFIG_SET 'PARAM=[NAME=timeout VALUE=1]'
	refused "$none" TOPOLOGY_SET NODE_PORT=1
	refused "$none" ANSWER UPCALL_ID=1 UPCALL_REPLY=+OK
	refused "EADDRNOTAVAIL 203.0.113.9 port 6379: this host has no such address" \
		START BIND=203.0.113.9
	refused "EINVAL 100000 workers are more than this machine has CPUs ($(nproc))" \
		START WORKERS=100000
	not threads_left || fail "threads are left"
	accepted START
	accepted STOP
}

events_are_told() {
	load
	start events darterctl events
	wait_until "somebody listens" pidof darterctl
	# Until it has joined the group.
	while ! grep -qs timeout "$work/events"; do
		darterctl config set timeout $((RANDOM + 1))
	done
	call FLUSHALL >/dev/null
	wait_until "a flush is told" grep -q 'flush *all' "$work/events"
	accepted STOP
	wait_until "the end is told" grep -q 'instance *stopped' "$work/events"
}

what_is_wrong_is_refused_and_changes_nothing() {
	load
	local before failed="EINVAL Attribute failed policy validation"
	local length="EINVAL invalid attribute length" unknown="EINVAL Unknown attribute type"
	before=$(state)
	# What is unknown
	refused EOPNOTSUPP 200
	refused "$unknown" STOP 9999=u32:0
	refused "EINVAL Unsupported attribute" START KEYS=1
	refused "EINVAL Unsupported attribute" CONFIG_SET SHARDS=1
	refused "$unknown" CLIENT_GET CLIENT_ID=1
	refused "ENOENT no client with this number" CLIENT_KILL CLIENT_ID=1234567
	refused "ENOENT nobody waits for this answer" ANSWER UPCALL_ID=77 UPCALL_REPLY=+OK
	# What is missing
	refused "EINVAL no parameters given (missing PARAM)" CONFIG_SET
	refused "EINVAL a parameter needs a name and a value" CONFIG_SET 'PARAM=[NAME=timeout]'
	refused "EINVAL a parameter needs a name and a value" CONFIG_SET 'PARAM=[VALUE=1]'
	refused "EINVAL no client given (missing CLIENT_ID)" CLIENT_KILL
	refused "EINVAL nothing given to set" TOPOLOGY_SET
	refused "EINVAL an answer needs the upcall's number and a reply (missing UPCALL_REPLY)" \
		ANSWER UPCALL_ID=1
	# Lengths
	refused "$length" START PORT=u8:1
	refused "$length" START PORT=u32:1
	refused "$length" START SHARDS=u64:1
	refused "$length" START CLUSTER=u32:1
	refused "$length" CLIENT_KILL CLIENT_ID=u32:1
	refused "$failed" START BIND=raw:127.0.0.1
	refused "$failed" START "BIND=$(printf '%0600d' 1)"
	refused "$failed" CONFIG_GET "PATTERN=$(printf '%064d' 1)"
	refused "$failed" CONFIG_SET "PARAM=[NAME=timeout VALUE=$(printf '%01024d' 1)]"
	refused "EINVAL NLA_F_NESTED is missing" CONFIG_SET PARAM=text:timeout
	# Ranges
	refused "ERANGE integer out of range" START SHARDS=257
	refused "ERANGE integer out of range" START DATABASES=1025
	refused "ERANGE integer out of range" START CLUSTER=3
	# Parameters
	refused "ENOENT Unknown option or number of arguments for CONFIG SET - 'no-such'" \
		CONFIG_SET 'PARAM=[NAME=timeout VALUE=9]' 'PARAM=[NAME=no-such VALUE=1]'
	refused "EINVAL argument couldn't be parsed into an integer" \
		CONFIG_SET 'PARAM=[NAME=timeout VALUE=9]' 'PARAM=[NAME=maxclients VALUE=many]'
	refused "EPERM can't set immutable config" CONFIG_SET 'PARAM=[NAME=databases VALUE=3]'
	refused "EINVAL duplicate parameter" \
		CONFIG_SET 'PARAM=[NAME=timeout VALUE=9]' 'PARAM=[NAME=TIMEOUT VALUE=8]'
	expect "the state afterwards" "$(state)" "$before"
}

changes_need_the_capability() {
	load
	local before request
	darterctl config set requirepass secret
	before=$(state)
	for request in START STOP CONFIG_SET CLIENT_KILL TOPOLOGY_SET REGISTER ANSWER; do
		refused EPERM -u "$request"
	done
	refused EPERM -u CONFIG_SET 'PARAM=[NAME=timeout VALUE=9]'
	for request in INSTANCE_GET CONFIG_GET SHARD_GET WORKER_GET CLIENT_GET TOPOLOGY_GET; do
		"$control" -u "$request" >/dev/null || fail "$request is refused"
	done
	request NAME=requirepass CONFIG_GET
	! "$control" -u CONFIG_GET | grep -q requirepass || fail "everybody sees the password"
	expect "the state afterwards" "$(state)" "$before"
}

run_tests an_instance_describes_itself parameters_are_read_and_set clients_are_listed_and_killed \
	the_topology_is_seen_and_set instances_start_and_stop events_are_told \
	what_is_wrong_is_refused_and_changes_nothing changes_need_the_capability
