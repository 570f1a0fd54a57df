#!/usr/bin/env bash
# Makes a certificate authority, and from it the certificates of config/buildkitd and of the operator, and puts them
# into the cluster of the current kubectl context. Run it again to renew them; then restart both Deployments.
#
#   buildkitd-certs.sh [FOLDER]      also keeps them in FOLDER, server/ and client/, instead of nowhere
set -euo pipefail

umask 077
days=${DAYS:-365}
if [[ $# -gt 0 ]]; then
	folder=$1
	mkdir -p "$folder"
else
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
fi

# issue NAME USAGE ALTERNATIVE-NAMES writes key.pem, cert.pem and ca.pem into the folder's NAME.
issue() {
	local out=$folder/$1
	mkdir -p "$out"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=respin-buildkit-$1" \
		-keyout "$out/key.pem" -out "$folder/request.pem" 2>/dev/null
	openssl x509 -req -in "$folder/request.pem" -days "$days" -CA "$folder/ca.pem" -CAkey "$folder/ca-key.pem" \
		-CAcreateserial -out "$out/cert.pem" 2>/dev/null \
		-extfile <(printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$2" "$3")
	cp "$folder/ca.pem" "$out/ca.pem"
}

# put NAMESPACE SECRET FOLDER creates or replaces a Secret. Its namespace is made if the manifests are not applied yet.
put() {
	kubectl get namespace "$1" >/dev/null 2>&1 || kubectl create namespace "$1"
	kubectl --namespace "$1" create secret generic "$2" --dry-run=client --output yaml \
		--from-file "$3/ca.pem" --from-file "$3/cert.pem" --from-file "$3/key.pem" |
		kubectl apply --server-side --force-conflicts --filename -
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=respin-buildkit-ca -days "$days" \
	-keyout "$folder/ca-key.pem" -out "$folder/ca.pem" 2>/dev/null
service=buildkitd.respin-buildkitd.svc
issue server serverAuth "DNS:$service,DNS:$service.cluster.local,DNS:buildkitd,DNS:localhost,IP:127.0.0.1"
issue client clientAuth DNS:respin-controller-manager
put respin-buildkitd buildkitd-certs "$folder/server"
put respin-system respin-buildkit-client "$folder/client"
