#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What clients do to connections, and limits on what they may do.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

# clients COUNT: that many are connected besides the one that asks
clients() {
	[ "$(info clients connected_clients)" = $(($1 + 1)) ]
}

# try COMMAND...: of the client program, which says what is wrong
try() {
	"$client" -p "$PORT" "$@" || fail "\"$*\" failed"
}

set_parameter() {
	darterctl config set "$@" || fail "$* cannot be set"
}

after_a_half_close_all_replies_come() {
	load
	try half-close 1
	try half-close 5000
	wait_until "they are gone" clients 0
}

resets_leave_nothing_behind() {
	local before
	load
	before=$(info memory mem_clients_normal)
	try reset 300
	wait_until "they are gone" clients 0
	expect "memory of clients" "$(info memory mem_clients_normal)" "$before"
	expect "PING" "$(call PING)" +PONG
}

a_slow_reader_gets_everything() {
	load
	start slow "$client" slow 32
	wait_until "it reads" clients 1
	expect "PING" "$(call PING)" +PONG
	ended slow "$pid"
	wait_until "it is gone" clients 0
}

# closed_over LIMIT
closed_over() {
	load
	start idle "$client" hold idle 1
	ready idle
	set_parameter client-output-buffer-limit "$1"
	start unread "$client" hold unread 2
	ready unread
	wait_until "who does not read is closed" clients 1
	kill -USR1 "$pid"
	ended unread "$pid"
	[ "$(sed -n 's/ bytes$//p' "$work/unread")" -lt $((2 * 32 << 20)) ] ||
		fail "all of the replies came"
	unload
}

who_does_not_read_is_closed_over_the_limit() {
	closed_over "normal 512kb 0 0"
	closed_over "normal 0 512kb 1"
}

replies_wait() {
	call CLIENT LIST | grep -q 'omem=[1-9]'
}

who_does_not_read_is_kept_below_the_limit() {
	load
	set_parameter client-output-buffer-limit "normal 64mb 0 0"
	start unread "$client" hold unread 1
	ready unread
	wait_until "replies wait" replies_wait
	clients 1 || fail "it was closed"
	"$control" STOP
	kill -USR1 "$pid"
	ended unread "$pid"
}

input_may_be_split_at_every_byte() {
	load
	try split
}

# Bytes of the kernel's general allocations, where sessions and connections are
allocated() {
	awk '$1 ~ /^kmalloc-/ { total += $2 * $4 } END { printf "%.0f\n", total }' /proc/slabinfo
}

# All from one peer, which has ports for some 28000. As many as CONNECTIONS says.
many_connections_are_served_and_cost_little() {
	local count=${CONNECTIONS:-2000} before each
	PATIENCE=$((PATIENCE + count / 50))
	load
	set_parameter maxclients $((count + 3))
	expect "PING" "$(call PING)" +PONG
	before=$(allocated)
	start many "$client" many "$count"
	ready many
	each=$(sed -n 's/^each //p' "$work/many")
	((each > 0 && each < 4096)) || fail "INFO says that each takes $each bytes"
	# Those of the client's side are among these.
	each=$((($(allocated) - before) / count))
	echo "# each of $count takes $each bytes"
	((each < 4096)) || fail "each takes $each bytes"
	expect "clients" "$(info clients connected_clients)" $((count + 2))
	kill -USR1 "$pid"
	ended many "$pid"
	wait_until "they are gone" clients 0
	unload
}

# Of all workers, since they were made
wake_ups() {
	grep -ls '^darter/' /proc/[0-9]*/comm | sed 's/comm$/status/' | xargs cat |
		awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }'
}

# Of the machine's clock, without a fraction
uptime_seconds() {
	cut -d . -f 1 /proc/uptime
}

# rests WORKERS: in some seconds in a row none was woken but for its tick, once a second
rests() {
	local woken=$(($(wake_ups))) since
	since=$(uptime_seconds)
	sleep 5
	woken=$(($(wake_ups) - woken))
	echo "$woken wake-ups of $1 workers in $(($(uptime_seconds) - since)) s" >"$work/woken"
	((woken <= $1 * ($(uptime_seconds) - since + 1)))
}

ten_thousand_idle_connections_wake_nobody() {
	local count=10000
	load workers=2
	set_parameter maxclients $((count + 10))
	start many "$client" many "$count"
	ready many
	# Somebody may still be told of the last acknowledgements, and INFO of the last requests.
	wait_until "workers rest" rests 2
	echo "# $(cat "$work/woken")"
	kill -USR1 "$pid"
	ended many "$pid"
}

too_many_clients_are_refused() {
	load
	set_parameter maxclients 10
	start idle "$client" hold idle 10
	ready idle
	try refused "-ERR max number of clients reached"
	try refused "-ERR max number of clients reached"
	set_parameter maxclients 11
	expect "PING" "$(call PING)" +PONG
	expect "rejections" "$(info stats rejected_connections)" 2
}

who_is_idle_for_too_long_is_closed() {
	local busy
	load
	start busy "$client" load 2
	busy=$pid
	ready busy
	start idle "$client" hold idle 3
	ready idle
	set_parameter timeout 1
	ended idle "$pid"
	wait_until "others are kept" clients 2
	kill -0 "$busy" || fail "a busy client was closed"
}

a_client_from_elsewhere_is_refused_in_protected_mode() {
	ip address add 10.77.1.1/32 dev lo
	load bind=0.0.0.0
	"$client" -h 10.77.1.1 refused "-DENIED Redis is running in protected mode" ||
		fail "it is not refused"
	set_parameter protected-mode no
	expect "PING" "$("$client" -h 10.77.1.1 call PING)" +PONG
	ip address delete 10.77.1.1/32 dev lo
}

another_port_leaves_connections_alone() {
	load
	start idle "$client" hold idle 3
	ready idle
	set_parameter port 7002
	call PING >"$work/old" && fail "the old port is served"
	PORT=7002
	expect "PING" "$(call PING)" +PONG
	clients 3 || fail "connections were closed"
	start other "$client" -p 7003 occupy
	ready other
	darterctl config set port 7003 2>"$work/error" && fail "a port in use is taken"
	expect "PING" "$(call PING)" +PONG
	clients 3 || fail "connections were closed"
}

run_tests after_a_half_close_all_replies_come resets_leave_nothing_behind \
	a_slow_reader_gets_everything who_does_not_read_is_closed_over_the_limit \
	who_does_not_read_is_kept_below_the_limit input_may_be_split_at_every_byte \
	many_connections_are_served_and_cost_little \
	ten_thousand_idle_connections_wake_nobody too_many_clients_are_refused \
	who_is_idle_for_too_long_is_closed a_client_from_elsewhere_is_refused_in_protected_mode \
	another_port_leaves_connections_alone
