#!/usr/bin/env bash
# Generates everything again and fails if that changes a file. It compares files, not commits, so that it can be run
# before committing too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sums() {
	find api config/crd/bases config/rbac/role.yaml -type f -exec cksum {} + | sort -k 3
}

before=$(sums)
make generate manifests
if ! difference=$(diff <(echo "$before") <(sums)); then
	echo "These generated files were not current. They are now: look at them and commit them."
	awk '/^[<>]/ { print "  " $4 }' <<<"$difference" | sort -u
	exit 1
fi
for module in . hack/cluster; do
	if ! go -C "$module" mod tidy -diff; then
		echo "go.mod of $module is not tidy: run \"go mod tidy\" there and commit it."
		exit 1
	fi
done
