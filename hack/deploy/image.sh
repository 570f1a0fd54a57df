#!/usr/bin/env bash
# Builds the operator's image with BuildKit, pushes it to REGISTRY, and prints its name and digest: image.sh ARCHITECTURE.
# BUILDKIT_HOST says where to build, and BUILDKIT_TLS_DIR has the certificates, if any.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. hack/env.sh

architecture=$1
context=.cache/deploy/image
metadata=.cache/deploy/image.json

# client prints where buildctl is. It is built from the cluster's pinned parts where there is none.
client() {
	if ! command -v buildctl; then
		go -C hack/cluster/parts/buildkit build -o "$PWD/.cache/tools/buildctl" github.com/moby/buildkit/cmd/buildctl
		echo "$PWD/.cache/tools/buildctl"
	fi
}

authorities() {
	local file
	for file in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
		if [[ -n $file && -f $file ]]; then
			echo "$file"
			return
		fi
	done
	echo "No certificate authorities found. Install ca-certificates, or set SSL_CERT_FILE." >&2
	return 1
}

GOOS=linux GOARCH=$architecture make build >&2
mkdir -p "$context"
cp bin/respin-operator "$context/respin-operator"
cp "$(authorities)" "$context/ca-certificates.crt"

# The tag names what is in the image, so that the same content is the same image. Timestamps are fixed for that too.
repository=$REGISTRY/respin/operator
tag=$(cat Dockerfile "$context"/* | git hash-object --stdin | cut -c 1-12)
output="type=image,name=$repository:$tag,push=true,rewrite-timestamp=true"
if plain_http "${REGISTRY%%/*}"; then
	output+=,registry.insecure=true
fi
flags=(--addr "$BUILDKIT_HOST")
if [[ -n ${BUILDKIT_TLS_DIR:-} ]]; then
	flags+=(--tlsdir "$BUILDKIT_TLS_DIR")
fi
"$(client)" "${flags[@]}" build --progress plain --metadata-file "$metadata" --output "$output" \
	--frontend dockerfile.v0 --local dockerfile=. --local context="$context" \
	--opt "platform=linux/$architecture" --opt build-arg:SOURCE_DATE_EPOCH=0 >&2

digest=$(sed -n 's/.*"containerimage.digest": *"\([^"]*\)".*/\1/p' "$metadata")
echo "$repository@${digest:?BuildKit did not say which digest it pushed}"
