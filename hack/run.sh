#!/usr/bin/env bash
# Runs the operator on this host against the cluster, with its kinds installed. An operator in the cluster is scaled to
# zero first, so that two do not work at once; "make deploy" brings it back. KUSTOMIZE is set by make.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. hack/env.sh
use_cluster

"$KUSTOMIZE" build config/crd | kubectl apply --server-side --force-conflicts --filename -
if kubectl --namespace respin-system get deployment respin-controller-manager >/dev/null 2>&1; then
	echo "Scaling the operator in the cluster to zero. \"make deploy\" brings it back."
	kubectl --namespace respin-system scale deployment respin-controller-manager --replicas 0
fi
# Here it serves no webhooks: nothing could be approved while the API server asks for them.
kubectl delete mutatingwebhookconfiguration respin-webhook --ignore-not-found
flags=(--metrics-bind-address 127.0.0.1:8080 --health-probe-bind-address 127.0.0.1:8081 --zap-devel)
flags+=(--internal-registries "${REGISTRY%%/*}")
if plain_http "${REGISTRY%%/*}"; then
	flags+=(--plain-http-registries "${REGISTRY%%/*}")
fi
make build
# BUILDKIT_HOST and BUILDKIT_TLS_DIR are read from the environment. ARGS are more flags.
read -ra more <<<"${ARGS:-}"
exec bin/respin-operator "${flags[@]}" ${more[@]+"${more[@]}"}
