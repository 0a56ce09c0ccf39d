#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What experimenters use: knobs and what comes of them.
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

# sum COUNTER: of all workers
sum() {
	"$control" WORKER_GET | awk -F= -v name="$1" '$1 == name { n += $2 } END { print n + 0 }'
}

# more COUNTER THAN
more() {
	[ "$(sum "$1")" -gt "$2" ]
}

knobs_are_turned_while_clients_are_served() {
	load workers=2
	start load "$client" load 8
	ready load
	local name least most count=0
	darterctl tune | awk '$5 ~ /^[0-9]+$/ && $1 != "darter-workers" { print $1, $4, $5 }' \
		>"$work/knobs"
	while read -r name least most; do
		darterctl tune "$name" "$least" || fail "$name is not set to $least"
		expect "PING" "$(call PING)" +PONG
		darterctl tune "$name" "$most" || fail "$name is not set to $most"
		expect "PING" "$(call PING)" +PONG
		not darterctl tune "$name" $((most + 1)) 2>/dev/null || fail "$name may be $most + 1"
		count=$((count + 1))
	done <"$work/knobs"
	[ "$count" -ge 10 ] || fail "there are $count knobs"
	darterctl tune darter-steering no || fail "steering is not turned off"
	expect "PING" "$(call PING)" +PONG
	kill -0 "$pid" || fail "the load ended: $(cat "$work/load")"
}

a_worker_polls_as_long_as_that_pays() {
	load workers=1
	start load "$client" load 2
	ready load
	darterctl tune darter-poll 0
	expect "what was found by polling" "$(sum POLLED)" 0
	darterctl tune darter-poll 10000
	wait_until "polling finds work" more POLLED 0
	call CLIENT KILL TYPE normal >/dev/null
	ended load "$pid"
	# Each tick is a sleep again.
	wait_until "the worker sleeps" more SLEEPS $(($(sum SLEEPS) + 3))
}

run_tests knobs_are_turned_while_clients_are_served a_worker_polls_as_long_as_that_pays
