# shellcheck shell=bash
# To be sourced: says which cluster to work with, and finds it.

# own_cluster is true when the environment names a whole cluster that is not the local one.
own_cluster() {
	[[ -n ${KUBECONFIG:-} && -n ${REGISTRY:-} && -n ${BUILDKIT_HOST:-} && $KUBECONFIG != "$PWD/.cluster/"* ]]
}

# use_cluster exports KUBECONFIG, REGISTRY, BUILDKIT_HOST and, with mutual TLS, BUILDKIT_TLS_DIR. The local cluster's
# values win over an environment that names only a part of another one.
use_cluster() {
	if own_cluster; then
		return
	fi
	if [[ ! -f .cluster/env ]]; then
		echo "There is no local cluster. Run \"make cluster-up\", or set KUBECONFIG, REGISTRY and BUILDKIT_HOST." >&2
		return 1
	fi
	# shellcheck source=/dev/null # "make cluster-up" writes it: there is none where there is no cluster
	. .cluster/env
}

# plain_http is true when a registry, host:port, speaks HTTP without TLS. One without a port is taken to speak TLS, as
# everywhere. It is bash that asks: nothing else is sure to be there.
plain_http() {
	local answer
	[[ $1 =~ ^(.+):([0-9]+)$ ]] || return 1
	answer=$(ask "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" 2>/dev/null) || return 1
	[[ $answer == "HTTP/1."[01]" 200 "* || $answer == "HTTP/1."[01]" 401 "* ]]
}

# ask prints the first line of a registry's answer.
ask() {
	exec 3<>"/dev/tcp/$1/$2"
	printf 'GET /v2/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$1:$2" >&3
	read -r -t 5 <&3
	echo "$REPLY"
}
