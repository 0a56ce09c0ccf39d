#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Allocations fail, those that the module asks for or that are made for it by what it
# calls: now and then and often, under load; and one after the other. What was asked
# for is refused, nothing else comes of it. Only a kernel that can let them fail shows
# this (CONFIG_FAULT_INJECTION and what belongs to it).
# shellcheck source-path=SCRIPTDIR disable=SC2317
. "$(dirname "$0")/lib.sh"

churn=$here/churn
slab=/sys/kernel/debug/failslab
page=/sys/kernel/debug/fail_page_alloc
many=1000000
COMMANDS=${COMMANDS:-5000}

if ! [ -d "$slab" ] || ! [ -e /proc/self/fail-nth ]; then
	echo "1..0 # SKIP needs a kernel that can let allocations fail"
	exit 4
fi

# attribute NAME VALUE: of failures of both kinds
attribute() {
	echo "$2" >"$slab/$1"
	echo "$2" >"$page/$1"
}

# As if it could happen anywhere, and without a word, as it is on purpose
prepare_failures() {
	attribute probability 0
	attribute interval 1
	attribute space 0
	attribute verbose 0
	attribute ignore-gfp-wait N
	echo N >"$page/ignore-gfp-highmem"
	echo 0 >"$page/min-order"
	attribute stacktrace-depth 32
	# TCP ends a connection without a word if it has no memory for one, and its peer
	# waits for ever.
	local first last
	read -r first last <<<"$(awk 'found { print found, $1; exit }
		$3 == "__tcp_close" { found = $1 }' /proc/kallsyms)"
	attribute reject-start "0x$first"
	attribute reject-end "0x$last"
}

# restrict SLACK: to the module's text, which is loaded, and some bytes around it
restrict() {
	local first last
	read -r first last <<<"$(awk '$4 == "[darter]" && $3 ~ /[tT]/ {
		at = "" $1
		if (first == "" || at < first)
			first = at
		if (at > last)
			last = at
	}
	END { print first, last }' /proc/kallsyms)"
	prepare_failures
	attribute require-start "$(printf '%#x' $((0x$first - $1)))"
	attribute require-end "$(printf '%#x' $((0x$last + 4096 + $1)))"
}

# fail_with INTERVAL PROBABILITY: one of so many, or so many percent of those
fail_with() {
	attribute times "$many"
	attribute interval "$1"
	attribute probability "$2"
}

no_more_failures() {
	attribute probability 0
}

failures() {
	echo $((2 * many - $(cat "$slab/times") - $(cat "$page/times")))
}

more_to_tidy() {
	no_more_failures
}

# Those who ask the control family, and are refused now and then
start_requests() {
	start requests bash -c "
		while :; do
			$control CONFIG_SET 'PARAM=[NAME=timeout VALUE=1000]'
			$control CONFIG_SET 'PARAM=[NAME=darter-workers VALUE=1]'
			$control CONFIG_SET 'PARAM=[NAME=darter-workers VALUE=2]'
			$control CONFIG_SET 'PARAM=[NAME=bind VALUE=0.0.0.0]' 'PARAM=[NAME=maxclients VALUE=200]'
			$control CONFIG_SET 'PARAM=[NAME=bind VALUE=127.0.0.1]' 'PARAM=[NAME=maxclients VALUE=100]'
			$control CONFIG_GET && $control CLIENT_GET
			$control WORKER_GET && $control SHARD_GET && $control INSTANCE_GET
		done"
}

used_memory_is() {
	[ "$(info memory used_memory_dataset)" = "$1" ]
}

# under_failures INTERVAL PROBABILITY
under_failures() {
	start_requests
	local requests=$pid
	fail_with "$@"
	"$churn" run "$1$2" 10 "$COMMANDS" >"$work/churn" || fail "$(cat "$work/churn")"
	no_more_failures
	kill "$requests"
	wait "$requests"
	echo "# one in $1, $2%: $(cat "$work/churn"), $(failures) allocations failed"
	[ "$(failures)" -gt 0 ] || fail "no allocation has failed"
	wait_until "all keys can be read" "$churn" verify
	sound
}

commands_are_refused_and_the_data_is_sound() {
	local before rate
	load autostart=0
	expect "START" "$("$control" START WORKERS=2 SHARDS=4)" ""
	"$control" CONFIG_SET LOADING 'PARAM=[NAME=enable-debug-command VALUE=yes]'
	restrict 0
	before=$(info memory used_memory_dataset)
	for rate in "1000 100" "100 100" "1 5" "1 20" "1 50"; do
		# shellcheck disable=SC2086
		under_failures $rate
	done
	expect "FLUSHALL" "$(call FLUSHALL)" +OK
	wait_until "memory is what it was" used_memory_is "$before"
	unload
}

# with_failure N COMMAND...: its N-th allocation fails; false if it has not so many
with_failure() (
	attribute times 1
	echo "$1" >/proc/self/fail-nth
	shift
	exec "$@"
)

# each_fails COMMAND...: one allocation after the other; after each call `then_so` is called
# with what it said
each_fails() {
	local number answer
	for ((number = 1; number < 5000; number++)); do
		answer=$(with_failure "$number" "$@" 2>&1)
		then_so "$answer"
		if [ "$(cat "$slab/times" "$page/times" | xargs)" = "1 1" ]; then
			echo "# $((number - 1)) allocations of: ${*##*/}"
			[ "$number" -gt 1 ] || fail "none has failed"
			return
		fi
	done
	fail "$* does not end"
}

# Without memory the kernel may say that there are too many sockets, or that a port is
# taken.
refused_for_memory() {
	[[ $1 =~ ^(ENOMEM|ENOBUFS|ENFILE|EADDRINUSE)( |$) || $1 = *"Cannot allocate memory"* ]]
}

an_instance_starts_or_does_not() {
	load autostart=0
	restrict 0
	then_so() {
		if [ -z "$1" ]; then
			expect "SET" "$(call SET key value)" +OK
			expect "STOP" "$("$control" STOP)" ""
		elif ! refused_for_memory "$1"; then
			fail "START answers $1"
		fi
		not threads_left || fail "threads are left after $1"
		expect "listeners" "$(sockets 0A)" 0
		expect "a request" "$("$control" INSTANCE_GET)" \
			"ENODEV no instance in this network namespace"
	}
	each_fails "$control" START WORKERS=1 SHARDS=1
	each_fails "$control" START WORKERS=2 SHARDS=2 CLUSTER=2
	unload
}

parameters_are_set_or_are_not() {
	load
	restrict 0
	then_so() {
		[ -z "$1" ] || refused_for_memory "$1" || fail "the answer is $1"
		expect "PING" "$(call PING)" +PONG
		"$control" CONFIG_SET 'PARAM=[NAME=darter-workers VALUE=1]' 'PARAM=[NAME=timeout VALUE=0]'
	}
	each_fails "$control" CONFIG_SET 'PARAM=[NAME=darter-workers VALUE=2]'
	each_fails "$control" CONFIG_SET 'PARAM=[NAME=timeout VALUE=7]' \
		'PARAM=[NAME=requirepass VALUE=]' 'PARAM=[NAME=maxmemory VALUE=100mb]'
	each_fails "$control" TOPOLOGY_SET NODE_IP=192.0.2.1 NODE_HOSTNAME=store.example
	unload
}

the_module_loads_or_does_not() {
	load autostart=0
	# It will be somewhere near.
	restrict $((64 << 20))
	unload
	then_so() {
		if loaded; then
			rmmod darter || fail "it cannot be unloaded"
		elif ! refused_for_memory "$1"; then
			fail "insmod says $1"
		fi
		not threads_left || fail "threads are left"
		expect "listeners" "$(sockets 0A)" 0
	}
	each_fails insmod "$DARTER_MODULE" shards=1 workers=1
}

run_tests commands_are_refused_and_the_data_is_sound an_instance_starts_or_does_not \
	parameters_are_set_or_are_not the_module_loads_or_does_not
