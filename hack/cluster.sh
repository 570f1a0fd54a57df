#!/usr/bin/env bash
# The local cluster: cluster.sh up | down | status | ready. Ready leaves a cluster of your own alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. hack/env.sh

command=$1
if [[ $command == ready ]]; then
	if own_cluster; then
		echo "Using your own cluster: KUBECONFIG=$KUBECONFIG REGISTRY=$REGISTRY BUILDKIT_HOST=$BUILDKIT_HOST"
		exit
	fi
	command=up
fi
go -C hack/cluster build -o "$PWD/.cache/tools/cluster" .
exec .cache/tools/cluster "$command"
