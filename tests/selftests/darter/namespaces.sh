#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Network namespaces: each has an instance of its own or none, which ends with it.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

NONE="ENODEV no instance in this network namespace"

more_to_tidy() {
	local name
	for name in $(ip netns list | sed -n 's/^\(darter-[a-z]*\).*/\1/p'); do
		ip netns delete "$name"
	done
}

# in_ns NAME COMMAND...
in_ns() {
	local name=$1
	shift
	ip netns exec "darter-$name" "$@"
}

add_ns() {
	ip netns add "darter-$1" || fail "no namespace $1"
	in_ns "$1" ip link set lo up
}

# ask NAME WORD...: a request from there
ask() {
	local name=$1
	shift
	in_ns "$name" "$control" "$@"
}

# call_in NAME WORD...: a command from there
call_in() {
	local name=$1
	shift
	in_ns "$name" "$client" call "$@"
}

start_in() {
	add_ns "$1"
	expect "START in $1" "$(ask "$@")" ""
}

count_in() {
	ask "$1" CLIENT_GET | grep -c '^CLIENT_ID='
}

two_instances_know_nothing_of_each_other() {
	load autostart=0
	start_in a START DATABASES=4 SHARDS=2
	start_in b START DATABASES=9 SHARDS=5 CLUSTER=1
	expect "shards" "$(ask a INSTANCE_GET | grep SHARDS) $(ask b INSTANCE_GET | grep SHARDS)" \
		"SHARDS=2 SHARDS=5"
	ask a CONFIG_SET 'PARAM=[NAME=timeout VALUE=11]'
	ask b CONFIG_SET 'PARAM=[NAME=timeout VALUE=22]'
	expect "timeouts" "$(call_in a CONFIG GET timeout | tail -n 1) $(
		call_in b CONFIG GET timeout | tail -n 1)" "11 22"
	expect "SET" "$(call_in a SET key a) $(call_in b SET key b)" "+OK +OK"
	expect "SET" "$(call_in a SET only-a a)" +OK
	expect "GET" "$(call_in a GET key) $(call_in b GET key)" "a b"
	expect "GET" "$(call_in b GET only-a)" '$-1'
	expect "SELECT" "$(call_in a SELECT 4) $(call_in b SELECT 9)" \
		"-ERR DB index is out of range -ERR DB index is out of range"
	expect "CLUSTER MYID" "$(call_in a CLUSTER MYID)" \
		"-ERR This instance has cluster support disabled"
	start idle-a ip netns exec darter-a "$client" hold idle 2
	start idle-b ip netns exec darter-b "$client" hold idle 3
	ready idle-a
	ready idle-b
	expect "clients" "$(count_in a) $(count_in b)" "2 3"
	expect "FLUSHALL" "$(call_in a FLUSHALL)" +OK
	expect "DBSIZE" "$(call_in a DBSIZE) $(call_in b DBSIZE)" ":0 :1"
	# The initial namespace has none, and nobody listens there.
	expect "a request" "$("$control" INSTANCE_GET)" "$NONE"
	call PING >/dev/null && fail "somebody listens in the initial namespace"
	expect "STOP" "$(ask a STOP)" ""
	expect "a request" "$(ask a INSTANCE_GET)" "$NONE"
	expect "GET" "$(call_in b GET key)" b
	expect "clients" "$(count_in b)" 3
}

has_daemon() {
	ask "$1" INSTANCE_GET | grep -qx DAEMON=1
}

events_and_daemons_belong_to_one() {
	load autostart=0
	start_in a START
	start_in b START
	start events ip netns exec darter-a darterctl events
	while ! grep -qs timeout "$work/events"; do
		ask a CONFIG_SET "PARAM=[NAME=timeout VALUE=$((RANDOM + 1))]"
	done
	printf 'maxclients 4321\n' >"$work/conf"
	start daemon ip netns exec darter-b darterd --foreground -c "$work/conf"
	wait_until "the daemon has registered" has_daemon b
	not has_daemon a || fail "the daemon is that of another, too"
	expect "CONFIG REWRITE" "$(call_in a CONFIG REWRITE)" "-ERR darterd is not connected"
	expect "CONFIG REWRITE" "$(call_in b CONFIG REWRITE)" "+OK"
	ask a CONFIG_SET 'PARAM=[NAME=tcp-keepalive VALUE=5]'
	wait_until "an event comes" grep -q tcp-keepalive "$work/events"
	! grep -q -e maxclients -e daemon "$work/events" || fail "events of another come, too"
}

# A namespace with an instance that is reached from here.
add_reachable_ns() {
	add_ns a
	ip link add darter0 type veth peer name darter1 netns darter-a
	ip address add 10.77.0.1/24 dev darter0
	ip link set darter0 up
	in_ns a ip address add 10.77.0.2/24 dev darter1
	in_ns a ip link set darter1 up
	expect "START" "$(ask a START BIND=10.77.0.2)" ""
	ask a CONFIG_SET 'PARAM=[NAME=protected-mode VALUE=no]'
	wait_until "it is reached" "$client" -h 10.77.0.2 call PING
}

delete_with_clients() {
	local pids=() state
	add_reachable_ns
	start load "$client" -h 10.77.0.2 load 10
	pids+=("$pid")
	ready load
	for state in idle half-value transaction unread; do
		start "$state" "$client" -h 10.77.0.2 hold "$state" 3
		pids+=("$pid")
		ready "$state"
	done
	ip netns delete darter-a
	wait_until "the instance is gone" not threads_left
	kill -USR1 "${pids[4]}"
	for state in load idle half-value transaction unread; do
		ended "$state" "${pids[0]}"
		pids=("${pids[@]:1}")
	done
	wait_until "the namespace's device is gone" not ip link show darter0
}

an_instance_ends_with_its_namespace() {
	local before
	load autostart=0
	delete_with_clients
	before=$(kernel_memory)
	delete_with_clients
	delete_with_clients
	back_to "$before"
	unload
}

namespaces_come_and_go() {
	local round before last
	last=$(rounds 20)
	load
	for ((round = 0; round < last; round++)); do
		start_in a START
		expect "SET" "$(call_in a SETRANGE key 1000000 end)" :1000003
		ip netns delete darter-a
		[ "$round" -gt 3 ] || before=$(kernel_memory)
	done
	expect "PING" "$(call PING)" +PONG
	back_to "$before"
	unload
}

the_module_unloads_with_several_instances() {
	load
	start_in a START
	start_in b START CLUSTER=1
	start initial "$client" load 5
	local pids=("$pid")
	start a ip netns exec darter-a "$client" load 5
	pids+=("$pid")
	start b ip netns exec darter-b "$client" hold transaction 5
	pids+=("$pid")
	ready initial
	ready a
	ready b
	unload
	ended initial "${pids[0]}"
	ended a "${pids[1]}"
	ended b "${pids[2]}"
}

the_module_unloads_while_namespaces_go() {
	local round
	for ((round = $(rounds 5); round > 0; round--)); do
		load
		start_in a START
		start_in b START
		ip netns delete darter-a
		ip netns delete darter-b
		unload
	done
}

# instances COUNT: whose threads are there
instances() {
	[ "$(grep -ls '^darter/0' /proc/[0-9]*/comm | wc -l)" = "$1" ]
}

the_root_of_a_user_namespace_rules_its_own() {
	load
	expect "SET" "$(call SET key initial)" +OK
	cat >"$work/inside" <<-END
		ip link set lo up
		"$control" INSTANCE_GET
		"$control" -u START
		"$control" START
		"$client" call SET key inner
		"$client" call GET key
	END
	expect "what is so inside" "$(unshare -Urn bash "$work/inside" 2>&1)" \
		"$(printf '%s\n' "$NONE" EPERM +OK inner)"
	expect "GET" "$(call GET key)" initial
	# It has ended with the last process there.
	wait_until "there are the threads of one" instances 1
}

run_tests two_instances_know_nothing_of_each_other events_and_daemons_belong_to_one \
	an_instance_ends_with_its_namespace namespaces_come_and_go \
	the_module_unloads_with_several_instances the_module_unloads_while_namespaces_go \
	the_root_of_a_user_namespace_rules_its_own
