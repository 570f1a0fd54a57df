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
	. .cluster/env
}

# plain_http is true when a registry speaks HTTP without TLS.
plain_http() {
	local status
	status=$(curl --silent --max-time 5 --noproxy '*' --output /dev/null --write-out '%{http_code}' "http://$1/v2/" || true)
	[[ $status == 200 || $status == 401 ]]
}
