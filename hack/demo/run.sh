#!/usr/bin/env bash
# The demo: run.sh [show | publish | clean], in the cluster that hack/env.sh finds. "make demo" brings one up first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. hack/env.sh
use_cluster

export CGO_ENABLED=0
program=.cache/demo/respin-demo
if [[ ! -e $program ]]; then
	echo "Compiling the demo, which takes about a minute the first time"
fi
go build -trimpath -o "$program" ./hack/demo
# Where deploy puts buildctl when there is none, and where Debian's su does not look.
export PATH="$PATH:$PWD/.cache/tools:/usr/local/sbin:/usr/sbin:/sbin"
exec "$program" "$@"
