#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module comes and goes: often, busy, with connections in every state, and not
# at all when its parameters are wrong.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

use_and_unload() {
	load || fail "the module cannot be loaded"
	expect "SET" "$(call SET key "$1")" +OK
	expect "GET" "$(call GET key)" "$1"
	expect "the reference count" "$(cat /sys/module/darter/refcnt)" 0
	unload
}

it_loads_and_unloads_often() {
	local round before last
	last=$(rounds 100)
	use_and_unload before
	before=$(kernel_memory)
	for ((round = 2; round < last; round++)); do
		load || fail "the module cannot be loaded, round $round"
		expect "SET" "$(call SET key value)" +OK
		rmmod darter || fail "the module cannot be unloaded, round $round"
	done
	use_and_unload after
	back_to "$before"
}

fill_and_unload() {
	local i
	load
	for ((i = 0; i < 10; i++)); do
		expect "SETRANGE" "$(call SETRANGE "key $i" 4000000 end)" :4000003
	done
	unload
}

data_is_given_back() {
	local before
	fill_and_unload
	before=$(kernel_memory)
	fill_and_unload
	fill_and_unload
	back_to "$before"
}

unload_with_busy_clients() {
	load
	start load "$client" load 50
	ready load
	expect "the reference count" "$(cat /sys/module/darter/refcnt)" 0
	unload
	ended load "$pid"
	wait_until "no connection is left" sockets_gone
}

it_unloads_under_load() {
	local before round
	unload_with_busy_clients
	before=$(kernel_memory)
	for ((round = $(rounds 5); round > 0; round--)); do
		unload_with_busy_clients
	done
	back_to "$before"
}

# clients_with PATTERN COUNT: that many lines of CLIENT LIST match
clients_with() {
	[ "$(call CLIENT LIST | grep -Ec "$1")" = "$2" ]
}

unload_with_connections_left() {
	local state pids=()
	load
	for state in idle half half-value transaction unread unread-shut; do
		start "$state" "$client" hold "$state" 5
		pids+=("$pid")
		ready "$state"
	done
	wait_until "halves of commands have come" clients_with 'qbuf=3 ' 5
	wait_until "halves of values have come" clients_with 'tot-mem=5[0-9]{5} ' 5
	expect "transactions" "$(call CLIENT LIST | grep -c 'multi=1')" 5
	wait_until "replies wait" clients_with 'omem=[1-9]' 10
	unload
	kill -USR1 "${pids[@]:4}"
	for state in idle half half-value transaction unread unread-shut; do
		ended "$state" "${pids[0]}"
		pids=("${pids[@]:1}")
	done
	wait_until "no connection is left" sockets_gone
}

it_unloads_with_connections_in_every_state() {
	local before round
	unload_with_connections_left
	before=$(kernel_memory)
	for ((round = $(rounds 3); round > 0; round--)); do
		unload_with_connections_left
	done
	back_to "$before"
}

it_unloads_while_it_is_asked() {
	local round
	for ((round = $(rounds 5); round > 0; round--)); do
		load
		start requests bash -c "while $control INSTANCE_GET && $control CLIENT_GET; do :; done"
		start clients bash -c "while $client call PING; do :; done"
		wait_until "requests are answered" grep -q MODE=module "$work/requests"
		wait_until "clients are served" grep -q PONG "$work/clients"
		# A dump in progress may keep it for a moment.
		wait_until "it is unloaded" rmmod darter
		not threads_left || fail "threads are left"
		wait
	done
}

# refused WHY PARAMETER...
refused() {
	local why=$1
	shift
	mark "refuse $*"
	load "$@" 2>/dev/null && fail "$* is accepted"
	not loaded || fail "the module is loaded with $*"
	not threads_left || fail "threads are left after $*"
	expect "listeners" "$(sockets 0A)" 0
	dmesg | sed -n "/darter selftest: refuse $*\$/,\$p" | grep -q "$why" ||
		fail "nothing says \"$why\" after $*: $(dmesg | tail -n 2)"
}

parameters_out_of_range_are_refused() {
	refused 'cannot start: 100000 workers are more than this machine has' workers=100000
	refused 'cannot start: shards must be 1 to 256' shards=257
	refused 'cannot start: shards must be 1 to 256' shards=4294967295
	refused 'cannot start: .*databases 1 to 1024' databases=1025
	refused 'cannot start: maxmemory: ' maxmemory=lots
	refused 'cannot start: maxmemory: ' maxmemory=-1
	refused 'cannot start: nonsense port 6379: not an IP address' bind=nonsense
	refused 'cannot start: 203.0.113.9 port 6379: this host has no such address' \
		bind=203.0.113.9
	refused "invalid for parameter .port" port=65536
	refused "invalid for parameter .port" port=-1
	refused "invalid for parameter .workers" workers=many
	refused "invalid for parameter .cluster" cluster=perhaps
}

a_port_in_use_is_refused() {
	start other "$client" -p "$PORT" occupy
	ready other
	mark "port in use"
	load 2>/dev/null && fail "it shares the port of another"
	not loaded || fail "the module is loaded"
	dmesg | grep -q "cannot start: 127.0.0.1 port $PORT: address already in use" ||
		fail "nothing says why: $(dmesg | tail -n 2)"
	kill "$pid"
	wait "$pid"
	use_and_unload afterwards
}

parameters_in_range_are_taken() {
	load port=7001 shards=7 workers=2 databases=4 cluster=1 maxmemory=10mb \
		'bind="127.0.0.1 -203.0.113.9"' || fail "they are refused"
	PORT=7001
	"$control" INSTANCE_GET >"$work/instance"
	for wanted in PORT=7001 SHARDS=7 WORKERS=2 DATABASES=4 CLUSTER=1 MAX_MEMORY=10485760 \
		'BIND=127.0.0.1 -203.0.113.9'; do
		grep -qx "$wanted" "$work/instance" || fail "no $wanted in $(cat "$work/instance")"
	done
	expect "SET" "$(call SET key value)" +OK
	expect "SELECT" "$(call SELECT 4)" "-ERR DB index is out of range"
	unload
}

nothing_is_started_without_autostart() {
	load autostart=0
	expect "listeners" "$(sockets 0A)" 0
	not threads_left || fail "there are threads"
	expect "a request" "$("$control" INSTANCE_GET)" \
		"ENODEV no instance in this network namespace"
	unload
}

run_tests parameters_in_range_are_taken nothing_is_started_without_autostart \
	parameters_out_of_range_are_refused a_port_in_use_is_refused \
	it_loads_and_unloads_often data_is_given_back it_unloads_under_load \
	it_unloads_with_connections_in_every_state it_unloads_while_it_is_asked
