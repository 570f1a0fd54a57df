#!/usr/bin/env bash
# Removes the operator. Policies and runs go first, while it is there: a run that has changed a workload ends what it
# began before it goes. KUSTOMIZE is set by make; hack/env.sh says which cluster.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. hack/env.sh
use_cluster

if kubectl get crd patchpolicies.respin.dev patchruns.respin.dev >/dev/null 2>&1; then
	for kind in patchpolicies patchruns; do
		if ! kubectl delete "$kind.respin.dev" --all --all-namespaces --timeout 5m; then
			echo "Some $kind do not go. Is the operator running? It has to end the runs that have changed a workload." >&2
			exit 1
		fi
	done
fi
"$KUSTOMIZE" build config/default | kubectl delete --ignore-not-found --filename -
