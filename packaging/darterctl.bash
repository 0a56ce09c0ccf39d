# SPDX-License-Identifier: GPL-2.0
# bash completion for darterctl(8)

_darterctl_parameters() {
	darterctl config get --json 2>/dev/null |
		sed -n 's/^ *"\([^"]*\)": .*/\1/p'
}

_darterctl_knobs() {
	darterctl tune --json 2>/dev/null | sed -n 's/^ *"name": "\([^"]*\)",$/\1/p'
}

_darterctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' words='--json --help' i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket) ((i++)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done

	if [[ $prev == --socket ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	case $command in
	'') words='status config shards clients topology events stats latency tune check
		start stop
		--socket --help --version' ;;
	config)
		case ${COMP_WORDS[i + 1]} in
		get | set) ((COMP_CWORD > i + 1)) && words+=" $(_darterctl_parameters)" ;;
		esac
		((COMP_CWORD == i + 1)) && words='get set'
		;;
	clients) words+=' kill' ;;
	topology) words+=' set --ip --hostname --port --bus-port' ;;
	stats) words+=' --watch' ;;
	tune) ((COMP_CWORD == i + 1)) && words+=" $(_darterctl_knobs)" ;;
	check) words+=' --whole' ;;
	start) words+=' --port --bind --shards --workers --databases --cluster --worker-port' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _darterctl darterctl
