#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# darterd comes, goes and dies: in the middle of what it was asked, with clients
# that shall not notice, and with the module coming and going under it.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

WENT_AWAY="-ERR darterd went away before it answered"

# attribute NAME: of the instance
attribute() {
	"$control" INSTANCE_GET | sed -n "s/^$1=//p"
}

registered() {
	[ "$(attribute DAEMON)" = "$1" ]
}

# start_daemon NAME: its number is in $daemon
start_daemon() {
	[ -e "$work/conf" ] || printf '%s\n' "port $PORT" "maxclients 4321" >"$work/conf"
	start "$1" darterd --foreground -c "$work/conf"
	daemon=$pid
	wait_until "$1 has registered" registered 1
}

end_daemon() {
	kill "-$1" "$daemon"
	wait "$daemon" 2>/dev/null
	wait_until "the daemon is gone" registered 0
}

# blocked COUNT: that many clients wait for the daemon
blocked() {
	[ "$(info clients blocked_clients)" = "$1" ]
}

# The daemon is asked and does not answer; who asked is in $asker.
ask_in_vain() {
	kill -STOP "$daemon"
	start asker "$client" call "$@"
	asker=$pid
	wait_until "$* waits" blocked 1
}

what_it_is_asked_it_answers() {
	load
	start_daemon daemon
	expect "maxclients" "$(call CONFIG GET maxclients | tail -n 1)" 4321
	expect "CONFIG SET" "$(call CONFIG SET timeout 77)" +OK
	expect "CONFIG REWRITE" "$(call CONFIG REWRITE)" +OK
	grep -qx 'timeout 77' "$work/conf" || fail "the file has no timeout"
	expect "another daemon" "$("$control" REGISTER)" "EBUSY another daemon is registered"
}

# killed_while COMMAND...
killed_while() {
	load
	start_daemon daemon
	start idle "$client" hold idle 3
	ready idle
	ask_in_vain "$@"
	end_daemon KILL
	ended asker "$asker"
	expect "the reply to $*" "$(cat "$work/asker")" "$WENT_AWAY"
	blocked 0 || fail "somebody still waits"
	expect "clients" "$("$control" CLIENT_GET | grep -c '^CLIENT_ID=')" 3
	expect "the reply to $*" "$(call "$@")" "-ERR darterd is not connected"
	expect "PING" "$(call PING)" +PONG
	unload
}

who_asked_gets_an_error_when_it_is_killed() {
	killed_while CONFIG REWRITE
	killed_while SHUTDOWN
	killed_while SHUTDOWN NOSAVE
}

everybody_who_waits_gets_an_error() {
	local wanted
	load
	start_daemon daemon
	kill -STOP "$daemon"
	start waiting "$client" hold waiting 20
	ready waiting
	wait_until "all of them wait" blocked 20
	end_daemon KILL
	wait_until "nobody waits any more" blocked 0
	expect "clients" "$("$control" CLIENT_GET | grep -c '^CLIENT_ID=')" 20
	"$control" STOP
	ended waiting "$pid"
	# And what they had sent after it was served, too.
	wanted=$((20 * (${#WENT_AWAY} + 2 + 7)))
	grep -qx "$wanted bytes" "$work/waiting" || fail "not $wanted but $(tail -n 1 "$work/waiting")"
}

who_goes_before_it_answers_is_forgotten() {
	load
	start_daemon daemon
	kill -STOP "$daemon"
	start abandon "$client" abandon
	ready abandon
	wait_until "it waits" blocked 1
	kill -USR1 "$pid"
	ended abandon "$pid"
	wait_until "nobody waits any more" blocked 0
	# One that ends in an orderly way may still want its answer.
	ask_in_vain CONFIG REWRITE
	kill -KILL "$asker"
	wait "$asker" 2>/dev/null
	kill -CONT "$daemon"
	wait_until "nobody waits any more" blocked 0
	expect "CONFIG REWRITE" "$(call CONFIG REWRITE)" +OK
	kill -0 "$daemon" || fail "the daemon has ended"
}

clients_do_not_notice_that_it_is_restarted() {
	local run_id round busy idle
	load
	start_daemon daemon
	expect "SET" "$(call SET key value)" +OK
	run_id=$(attribute RUN_ID)
	start busy "$client" load 10
	busy=$pid
	start idle "$client" hold idle 5
	idle=$pid
	ready busy
	ready idle
	for round in KILL TERM KILL; do
		end_daemon "$round"
		start_daemon "daemon-$round"
	done
	expect "the instance" "$(attribute RUN_ID)" "$run_id"
	expect "clients" "$(attribute CLIENTS)" 15
	expect "GET" "$(call GET key)" value
	kill -0 "$busy" "$idle" || fail "a client has ended"
	unload
	ended busy "$busy"
	ended idle "$idle"
}

it_configures_the_module_that_is_loaded_again() {
	local round
	load
	start_daemon daemon
	for round in 1 2 3; do
		unload
		load
		wait_until "it has registered again, time $round" registered 1
		expect "maxclients" "$(call CONFIG GET maxclients | tail -n 1)" 4321
		expect "CONFIG REWRITE" "$(call CONFIG REWRITE)" +OK
	done
	kill -0 "$daemon" || fail "the daemon has ended"
}

the_module_unloads_while_clients_wait() {
	load
	start_daemon daemon
	kill -STOP "$daemon"
	start waiting "$client" hold waiting 5
	ready waiting
	wait_until "all of them wait" blocked 5
	unload
	ended waiting "$pid"
	expect "what they got" "$(tail -n 1 "$work/waiting")" "0 bytes"
	kill -CONT "$daemon"
	load
	wait_until "it has registered again" registered 1
	expect "CONFIG REWRITE" "$(call CONFIG REWRITE)" +OK
}

shutdown_ends_the_instance() {
	load
	start_daemon daemon
	start idle "$client" hold idle 3
	ready idle
	start asker "$client" call SHUTDOWN
	wait "$pid" && fail "SHUTDOWN has a reply: $(cat "$work/asker")"
	wait "$daemon" || fail "the daemon failed: $(cat "$work/daemon")"
	wait_until "the instance is gone" not threads_left
	expect "a request" "$("$control" INSTANCE_GET)" \
		"ENODEV no instance in this network namespace"
	start_daemon successor
	expect "PING" "$(call PING)" +PONG
}

run_tests what_it_is_asked_it_answers who_asked_gets_an_error_when_it_is_killed \
	everybody_who_waits_gets_an_error who_goes_before_it_answers_is_forgotten \
	clients_do_not_notice_that_it_is_restarted it_configures_the_module_that_is_loaded_again \
	the_module_unloads_while_clients_wait shutdown_ends_the_instance
