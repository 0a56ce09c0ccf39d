#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inline dispatch: what is answered in softirq is answered as a worker answers it, in
# its order, and leaves nothing behind.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

try() {
	"$client" -p "$PORT" "$@" || fail "\"$*\" failed"
}

# more_than COUNT: commands that were executed inline
more_than() {
	[ "$(info stats darter_inline_commands)" -gt "$1" ]
}

clients() {
	[ "$(info clients connected_clients)" = $(($1 + 1)) ]
}

reads_need_no_worker() {
	load dispatch=inline
	expect "the parameter" "$(call CONFIG GET darter-dispatch | tail -n 1)" inline
	start load "$client" load 8
	ready load
	wait_until "commands are executed inline" more_than 1000
	"$control" STOP
	ended load "$pid"
}

where_changes_at_run_time() {
	local before round
	load
	start load "$client" load 8
	ready load
	for ((round = 0; round < 20; round++)); do
		before=$(info stats darter_inline_commands)
		expect "CONFIG SET" "$(call CONFIG SET darter-dispatch inline)" +OK
		wait_until "commands are executed inline" more_than "$before"
		expect "CONFIG SET" "$(call CONFIG SET darter-dispatch worker)" +OK
	done
	expect "CONFIG SET" "$(call CONFIG SET darter-dispatch both)" \
		"-ERR CONFIG SET failed (possibly related to argument 'darter-dispatch') - argument(s) must be one of the following: worker, inline"
	"$control" STOP
	ended load "$pid"
}

order_and_bytes_are_the_same() {
	load dispatch=inline
	try split
	call CONFIG SET darter-inline-commands 1 >/dev/null
	try split
	try half-close 1
	try half-close 5000
	try reset 300
	wait_until "they are gone" clients 0
}

a_slow_reader_gets_everything() {
	load dispatch=inline
	start slow "$client" slow 32
	ended slow "$pid"
}

it_stops_and_unloads_under_load() {
	local round
	for ((round = 0; round < ${ROUNDS:-10}; round++)); do
		load dispatch=inline
		start load "$client" load 16
		ready load
		rmmod darter || fail "the module cannot be unloaded, round $round"
		ended load "$pid"
	done
}

a_wrong_word_is_refused() {
	load dispatch=both 2>"$work/error" && fail "it is loaded"
	not loaded || fail "it is loaded"
}

run_tests reads_need_no_worker where_changes_at_run_time order_and_bytes_are_the_same \
	a_slow_reader_gets_everything it_stops_and_unloads_under_load a_wrong_word_is_refused
