# SPDX-License-Identifier: GPL-2.0
# Of a kernel's log: what it says when something is wrong with it, a line each.
#
# Data races are told by KCSAN in blocks between lines of "=". The kernel has many; those
# that concern the module are where one of the two accesses is made in it, or by a small
# function of the kernel that it calls. What it was doing when an interrupt came is no
# matter.

function complain(text) {
	gsub(/[\r\001-\010\016-\037]/, "", text)
	print text
}

/BUG: KCSAN:/ {
	race = $0
	ours = 0
	depth = 99
}

race != "" {
	depth++
	if (/ (to|of) 0x.* by (task|interrupt)/)
		depth = 0
	else if (depth <= 3 && /\[darter\]/)
		ours = 1
	if (/================/) {
		if (ours)
			complain(race)
		race = ""
	}
	next
}

/WARNING:|BUG[: ]|Oops|Call Trace|general protection|refcount_t|[Ll]eaked|memory leak/ ||
/rcu.*(stall|self-detected)|blocked for more than|scheduling while atomic|sleeping function/ ||
/list_(add|del) corruption|Bad page|soft lockup|hard LOCKUP|workqueue lockup/ ||
/unregister_netdevice: waiting|use-after-free|ODEBUG: |unreferenced object/ {
	complain($0)
}
