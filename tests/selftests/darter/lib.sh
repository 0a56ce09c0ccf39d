# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
# What the tests of this folder share; to be sourced. A test is a function whose
# name says what is so. It runs in a shell of its own, without the module loaded,
# and has failed when that shell ends otherwise than with 0. What it started is
# ended and the module unloaded before the next one.
#
# DARTER_MODULE is the module's file; without it modprobe finds the module.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
client=$here/client
control=$here/control
PORT=6379
# Seconds that something may take; a kernel that looks for mistakes takes its time.
export PATIENCE=${PATIENCE:-60}

# rounds COUNT: how often something is repeated, if $ROUNDS does not say it
rounds() {
	echo "${ROUNDS:-$1}"
}

fail() {
	echo "# $*"
	exit 1
}

# expect WHAT FOUND WANTED
expect() {
	[ "$2" = "$3" ] || fail "$1 is \"$2\", not \"$3\""
}

# wait_until WHAT COMMAND...: until the command succeeds
wait_until() {
	local what=$1 end=$((SECONDS + PATIENCE))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || fail "waited in vain until $what"
		sleep 0.05
	done
}

not() {
	! "$@"
}

load() {
	if [ -n "${DARTER_MODULE-}" ]; then
		insmod "$DARTER_MODULE" "$@"
	else
		modprobe darter "$@"
	fi
}

loaded() {
	[ -d /sys/module/darter ]
}

# Nothing is wrong with the keyspace of this namespace, if there is one.
sound() {
	local said
	said=$(darterctl check) || [ $? = 3 ] || fail "$said"
}

# Nobody but a dump in progress may hold the module.
unload() {
	sound
	rmmod darter || fail "the module cannot be unloaded"
	not loaded || fail "the module is still loaded"
	not threads_left || fail "threads are left"
	expect "listeners" "$(sockets 0A)" 0
}

threads_left() {
	grep -qs '^darter/' /proc/[0-9]*/comm
}

# sockets STATE: how many of the server's are in it (a pattern of /proc/net/tcp's numbers)
sockets() {
	local port
	port=$(printf ':%04X$' $PORT)
	awk -v port="$port" -v state="^($1)$" '$2 ~ port && $4 ~ state' /proc/net/tcp /proc/net/tcp6 |
		wc -l
}

# All of them are gone but those that TCP keeps for a while (TIME_WAIT).
sockets_gone() {
	[ "$(sockets '0[1-5]|0[7-9]|0[A-C]')" = 0 ]
}

# Memory that the kernel uses for itself, in KiB
kernel_memory() {
	echo 3 >/proc/sys/vm/drop_caches
	# What CPUs keep at hand (the counts of zoneinfo, in pages) is free memory, too.
	awk -v page="$(getconf PAGESIZE 2>/dev/null || echo 4096)" '
	FILENAME ~ /zoneinfo/ { kept += ($1 == "count:") * $2 * page / 1024; next }
	{ kib[$1] = $2 }
	END {
		printf "%.0f\n", kib["MemTotal:"] - kib["MemFree:"] - kept - kib["AnonPages:"] -
			kib["Cached:"] - kib["Buffers:"] - kib["SReclaimable:"]
	}' /proc/zoneinfo /proc/meminfo
}

# back_to KIB: memory is what it was once, but for what has nothing to do with us. A
# kernel that looks for bad accesses keeps what was freed for a while; it finds leaks,
# too.
back_to() {
	local now end=$((SECONDS + PATIENCE))
	[ ! -e /sys/kernel/debug/kmemleak ] || return 0
	now=$(kernel_memory)
	while [ "$now" -gt $(($1 + 2048)) ]; do
		[ "$SECONDS" -lt "$end" ] || fail "the kernel uses $now KiB, before it were $1"
		sleep 1
		now=$(kernel_memory)
	done
}

call() {
	"$client" -p $PORT call "$@"
}

# info SECTION NAME
info() {
	call INFO "$1" | tr -d '\r' | sed -n "s/^$2://p"
}

# start NAME COMMAND...: in the background; its number is in $pid, its output in $work/NAME
start() {
	local name=$1
	shift
	# What one of that name has said before is no word of this one.
	: >"$work/$name"
	"$@" >"$work/$name" 2>&1 &
	pid=$!
}

ready() {
	wait_until "$1 is ready" grep -q '^ready' "$work/$1"
}

# ended NAME PID: successfully
ended() {
	wait "$2" || fail "$1 failed: $(cat "$work/$1")"
}

# For those who start something else
more_to_tidy() {
	:
}

tidy() {
	local job
	for job in $(jobs -p); do
		kill "$job" 2>/dev/null
		# Where a test has stopped it
		kill -CONT "$job" 2>/dev/null
	done
	wait
	more_to_tidy
	loaded && rmmod darter
}

# run NAME: one test
run() (
	trap tidy EXIT
	"$1"
)

# mark TEXT: where this test begins in the kernel's log
mark() {
	echo "darter selftest: $1" >/dev/kmsg
}

nothing_in_the_kernel_log() {
	local found
	found=$(dmesg | sed -n "/darter selftest: begin $$\$/,\$p" | awk -f "$here/complaints.awk" |
		head -5)
	[ -z "$found" ] || fail "$found"
	# Warnings, dead processes, lockups, bad pages
	[ $(($(cat /proc/sys/kernel/tainted) & (512 | 128 | 16384 | 32))) = 0 ] ||
		fail "the kernel is tainted: $(cat /proc/sys/kernel/tainted)"
}

nothing_is_lost() {
	local found
	found=$("$here/leaks")
	[ -z "$found" ] || fail "$(head -40 <<<"$found")"
}

# run_tests NAME...: all of them, and at last that the kernel has nothing to say
run_tests() {
	local number=0 failed=0 name result
	echo "TAP version 13"
	if [ "$(id -u)" != 0 ] || ! load autostart=0; then
		echo "1..0 # SKIP needs root and the module"
		exit 4
	fi
	rmmod darter
	[ ! -e /sys/kernel/debug/kmemleak ] || set -- "$@" nothing_is_lost
	set -- "$@" nothing_in_the_kernel_log
	echo "1..$#"
	mark "begin $$"
	for name; do
		number=$((number + 1)) result=ok
		mark "$name"
		work=$(mktemp -d)
		if ! run "$name"; then
			result="not ok" failed=$((failed + 1))
		fi
		rm -rf "$work"
		echo "$result $number ${name//_/ }"
	done
	exit $((failed > 0))
}
