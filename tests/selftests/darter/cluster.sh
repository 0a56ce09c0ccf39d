#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The per-cpu topology: a port for each worker, and what becomes of it when its CPU
# goes away, or when there are more or fewer workers.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

cpu=/sys/devices/system/cpu/cpu1/online

more_to_tidy() {
	[ ! -f "$cpu" ] || echo 1 >"$cpu"
}

# at PORT COMMAND...
at() {
	"$client" -p "$1" call "${@:2}"
}

# worker NUMBER FIELD
worker() {
	"$control" WORKER_GET | awk -F= -v id="$1" -v field="$2" '
	$1 == "WORKER_ID" { found = $2 == id } found && $1 == field { print $2 }'
}

worker_is_on() {
	[ "$(worker "$1" CPU)" = "$2" ]
}

every_worker_listens_on_a_port_of_its_own() {
	load cluster=per-cpu workers=2 shards=4
	expect "the parameter" "$(cat /sys/module/darter/parameters/cluster)" per-cpu
	expect "nodes" "$("$control" TOPOLOGY_DUMP | grep -E '^NODE_PORT=' | tr '\n' ' ')" \
		"NODE_PORT=6380 NODE_PORT=6381 "
	local port
	for port in 6379 6380 6381; do
		expect "SET over $port" "$(at "$port" SET "key$port" value)" +OK
		expect "GET over $port" "$(at "$port" GET key6379)" value
	done
	[ "$(at 6380 CLUSTER MYID)" != "$(at 6381 CLUSTER MYID)" ] || fail "nodes have one id"
	PORT=6381 unload
}

ports_move() {
	load cluster=per-cpu workers=2 worker_port=7000
	expect "PING" "$(at 7001 PING)" +PONG
	# Each number is taken over from another listener of the same instance.
	expect "CONFIG SET" "$(call CONFIG SET port 7001 darter-worker-port 7002)" +OK
	local port
	for port in 7001 7002 7003; do
		expect "PING over $port" "$(at "$port" PING)" +PONG
		expect "listeners" "$(PORT=$port sockets 0A)" $((port == 7001 ? 2 : 1))
	done
	for port in 6379 7000; do
		expect "listeners" "$(PORT=$port sockets 0A)" 0
	done
	expect "CONFIG SET" "$(at 7002 CONFIG SET darter-worker-port 65535)" \
		"-ERR CONFIG SET failed (possibly related to argument 'darter-worker-port') - there are no 2 ports for the workers from 65535 on"
	expect "PING" "$(at 7003 PING)" +PONG
}

what_does_not_fit_is_not_started() {
	load autostart=0
	expect "START" "$("$control" START CLUSTER=2 WORKERS=2 SHARDS=1)" \
		"EINVAL the per-cpu topology needs a shard for each worker: 1 shards, 2 workers"
	start other "$client" -p 6381 occupy
	ready other
	expect "START" "$("$control" START CLUSTER=2 WORKERS=2)" \
		"EADDRINUSE 127.0.0.1 port 6381: address already in use"
	expect "listeners" "$(sockets 0A)" 0
}

a_worker_whose_cpu_goes_away_serves_on() {
	[ -f "$cpu" ] || return 0
	load cluster=per-cpu workers=2
	local id ids
	ids=$(at 6380 CLUSTER NODES | awk '{ print $1, $2, $NF }')
	start load "$client" -p 6381 load 8
	ready load
	for id in 1 2 3; do
		echo 0 >"$cpu"
		wait_until "worker 1 is on CPU 0" worker_is_on 1 0
		expect "PING" "$(at 6381 PING)" +PONG
		expect "nodes" "$(at 6381 CLUSTER NODES | awk '{ print $1, $2, $NF }')" "$ids"
		echo 1 >"$cpu"
		wait_until "worker 1 is back on CPU 1" worker_is_on 1 1
		expect "PING $id" "$(at 6381 PING "$id")" "$id"
	done
	unload
	ended load "$pid"
}

node_ports() {
	"$control" TOPOLOGY_DUMP | sed -n 's/^NODE_PORT=//p' | xargs
}

# workers COUNT PORTS: so many from now on, whose nodes have these ports
workers() {
	expect "CONFIG SET" "$(call CONFIG SET darter-workers "$1")" +OK
	expect "ports of nodes" "$(node_ports)" "$2"
	expect "workers" "$("$control" INSTANCE_GET | sed -n 's/^WORKERS=//p')" "$1"
}

workers_come_and_go() {
	[ "$(nproc)" -ge 2 ] || return 0
	load cluster=per-cpu workers=1 shards=4
	expect "ports of nodes" "$(node_ports)" 6380
	expect "listeners" "$(PORT=6381 sockets 0A)" 0
	start first "$client" -p 6380 load 8
	local first=$pid round
	ready first
	workers 2 "6380 6381"
	start second "$client" -p 6381 load 8
	local second=$pid
	ready second
	start shared "$client" load 8
	local shared=$pid
	ready shared
	for round in 1 2 3 4 5; do
		workers 1 6380
		# Who knows the port is served, by the other worker if he is new.
		expect "SET" "$(at 6381 SET key "$round")" +OK
		expect "slots of its node" "$(at 6381 CLUSTER NODES | awk '/myself/ { print $9 }')" ""
		workers 2 "6380 6381"
		expect "GET" "$(at 6381 GET key)" "$round"
		expect "slots of its node" "$(at 6381 CLUSTER NODES | awk '/myself/ { print $9 }')" \
			"8192-16383"
	done
	expect "CONFIG SET" "$(call CONFIG SET darter-workers 65535)" \
		"-ERR CONFIG SET failed (possibly related to argument 'darter-workers') - there can be $(possible_cpus) workers at most"
	# The 24 of the load are still there, and who asks.
	expect "clients" "$(info clients connected_clients)" 25
	unload
	ended first "$first"
	ended second "$second"
	ended shared "$shared"
}

possible_cpus() {
	sed 's/.*-//' /sys/devices/system/cpu/possible | awk '{ print $1 + 1 }'
}

a_worker_without_a_port_is_not_added() {
	[ "$(nproc)" -ge 2 ] || return 0
	load cluster=per-cpu workers=1 shards=2
	start other "$client" -p 6381 occupy
	ready other
	expect "CONFIG SET" "$(call CONFIG SET darter-workers 2)" \
		"-ERR CONFIG SET failed (possibly related to argument 'darter-workers') - 127.0.0.1 port 6381: address already in use"
	expect "CONFIG GET" "$(call CONFIG GET darter-workers | tail -n 1)" 1
	expect "ports of nodes" "$(node_ports)" 6380
	expect "PING" "$(at 6380 PING)" +PONG
	kill "$pid"
	wait "$pid"
	workers 2 "6380 6381"
	expect "PING" "$(at 6381 PING)" +PONG
	unload
}

run_tests every_worker_listens_on_a_port_of_its_own ports_move what_does_not_fit_is_not_started \
	a_worker_whose_cpu_goes_away_serves_on workers_come_and_go \
	a_worker_without_a_port_is_not_added
