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

# trace EVENT...: from now on these are noted, and nothing else
trace() {
	local event
	[ -d /sys/kernel/tracing/events ] || mount -t tracefs nodev /sys/kernel/tracing ||
		fail "there is no tracefs"
	echo 0 >/sys/kernel/tracing/events/enable
	echo >/sys/kernel/tracing/trace
	for event; do
		echo 1 >"/sys/kernel/tracing/events/darter/darter_$event/enable" ||
			fail "there is no tracepoint $event"
	done
}

# traced EVENT FIELDS: it was noted with fields that match this, as a whole
traced() {
	sed -n "s/.* darter_$1: //p" /sys/kernel/tracing/trace | grep -qxE -- "$2"
}

tracepoints_tell_of_a_request() {
	load workers=1 shards=2
	trace accept receive command_start command_end reply
	expect "SET" "$(call SET key value)" +OK
	expect "HLEN" "$(call HLEN key | head -c 10)" -WRONGTYPE
	local who="client=[1-9][0-9]* worker=0"
	traced accept "$who node=-1" || fail "no accept"
	# "SET key value" as an array of three bulks, and "+OK"
	traced receive "$who bytes=33" || fail "no receive"
	traced command_start "$who command=set argc=3" || fail "no start"
	traced command_end "$who command=set micros=[0-9]{1,7} failed=0" || fail "no end"
	traced command_end "$who command=hlen micros=[0-9]{1,7} failed=1" || fail "no failure"
	traced reply "$who bytes=5 left=0" || fail "no reply"
	trace
	expect "PING" "$(call PING)" +PONG
	not grep -q darter_ /sys/kernel/tracing/trace || fail "what is off is noted"
}

tracepoints_tell_of_waiting() {
	load workers=2 shards=1
	darterctl tune darter-lock-spins 1
	# Both workers get connections that write.
	darterctl tune darter-steering no
	trace lock_wait park resume
	start load "$client" load 32
	ready load
	local who="client=[1-9][0-9]* worker=[01]"
	wait_until "a shard is found locked" traced lock_wait "$who shard=0 attempt=[1-9]"
	wait_until "a session parks" traced park "$who reason=shard shard=0"
	wait_until "a session resumes" traced resume "$who"
	call CLIENT KILL TYPE normal >/dev/null
	ended load "$pid"
	trace park resume
	expect "CLIENT PAUSE" "$(call CLIENT PAUSE 1000 WRITE)" +OK
	expect "SET" "$(call SET key value)" +OK
	traced park "$who reason=pause shard=-1" || fail "no pause"
	traced resume "$who" || fail "no end of the pause"
	trace
}

tracepoints_tell_of_expiry() {
	load workers=1 shards=2
	trace expire
	expect "SET" "$(call SET key value PX 1)" +OK
	wait_until "a key expires" traced expire "shard=[01] db=0 found=[01]"
	trace
}

run_tests knobs_are_turned_while_clients_are_served a_worker_polls_as_long_as_that_pays \
	tracepoints_tell_of_a_request tracepoints_tell_of_waiting tracepoints_tell_of_expiry
