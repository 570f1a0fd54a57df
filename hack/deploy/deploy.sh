#!/usr/bin/env bash
# Builds the operator's image, pushes it, and installs config/default with it. A second run changes only what has to
# change. KUSTOMIZE is set by make; hack/env.sh says which cluster.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. hack/env.sh
use_cluster

namespace=respin-system
deployment=deployment/respin-controller-manager
overlay=.cache/deploy/overlay

for command in kubectl git; do
	if ! command -v "$command" >/dev/null; then
		echo "$command is needed and was not found." >&2
		exit 1
	fi
done
# Pods cannot reach a socket of this host, or what is forwarded to it.
buildkit=${BUILDKIT_HOST_IN_CLUSTER:-$BUILDKIT_HOST}
if [[ $buildkit != tcp://* ]]; then
	echo "The operator cannot reach $buildkit from its pod: set BUILDKIT_HOST_IN_CLUSTER to a tcp:// address." >&2
	exit 1
fi

# settings prints the literals of the operator's ConfigMap.
settings() {
	echo "BUILDKIT_HOST=$buildkit"
	echo "BUILDKIT_TLS_DIR=${BUILDKIT_TLS_DIR:+/etc/respin/buildkit}"
	if plain_http "${REGISTRY%%/*}"; then
		echo "PLAIN_HTTP_REGISTRIES=${REGISTRY%%/*}"
	fi
	echo "INTERNAL_REGISTRIES=${REGISTRY%%/*}${LOGIN_REGISTRIES:+,$LOGIN_REGISTRIES}"
}

# certificates copies the client's certificates into the overlay, for the Secret.
certificates() {
	mkdir "$overlay/buildkit"
	chmod 700 "$overlay/buildkit"
	cp "$BUILDKIT_TLS_DIR"/{ca,cert,key}.pem "$overlay/buildkit/"
}

# write_overlay writes a kustomization over config/default: its image, settings, certificates and architecture. The
# checksum makes the operator start anew with new certificates, which it reads once.
write_overlay() {
	local image=$1 architecture=$2
	rm -rf "$overlay"
	mkdir -p "$overlay"
	settings >"$overlay/settings.env"
	cat >"$overlay/kustomization.yaml" <<-YAML
		apiVersion: kustomize.config.k8s.io/v1beta1
		kind: Kustomization
		namespace: $namespace
		resources: [../../../config/default]
		images:
		  - {name: respin-operator, newName: "${image%@*}", digest: "${image#*@}"}
		configMapGenerator:
		  - {name: respin-manager-config, namespace: $namespace, behavior: merge, envs: [settings.env]}
	YAML
	local checksum=none
	if [[ -n ${BUILDKIT_TLS_DIR:-} ]]; then
		certificates
		checksum=$(cat "$overlay"/buildkit/c*.pem | git hash-object --stdin)
		cat >>"$overlay/kustomization.yaml" <<-YAML
			secretGenerator:
			  - name: respin-buildkit-client
			    namespace: $namespace
			    files: [buildkit/ca.pem, buildkit/cert.pem, buildkit/key.pem]
			    options: {disableNameSuffixHash: true}
		YAML
	fi
	cat >>"$overlay/kustomization.yaml" <<-YAML
		patches:
		  - patch: |
		      apiVersion: apps/v1
		      kind: Deployment
		      metadata: {name: respin-controller-manager, namespace: $namespace}
		      spec:
		        template:
		          metadata:
		            annotations: {respin.dev/buildkit-client: "$checksum"}
		          spec:
		            nodeSelector: {kubernetes.io/arch: $architecture}
	YAML
}

# diagnose shows the newest pod: an older one, which works, may still be there.
diagnose() {
	local newest
	newest=$(kubectl --namespace "$namespace" get pods --sort-by .metadata.creationTimestamp --output name | tail -n 1)
	echo
	echo "The operator did not become ready. Its pods, what happened to $newest, and its last words:"
	kubectl --namespace "$namespace" get pods --output wide || true
	kubectl --namespace "$namespace" events --for "$newest" || true
	kubectl --namespace "$namespace" logs "$newest" --tail 40 || true
} >&2

# The image is for the first node's architecture, and the operator goes to nodes that have it.
architecture=$(kubectl get nodes --output 'jsonpath={.items[0].status.nodeInfo.architecture}')
image=$(hack/deploy/image.sh "${architecture:?the cluster has no node}")
write_overlay "$image" "$architecture"

echo "Installing $image"
"$KUSTOMIZE" build "$overlay" | kubectl apply --server-side --force-conflicts --filename -
if ! kubectl --namespace "$namespace" rollout status "$deployment" --timeout 2m; then
	diagnose
	exit 1
fi
