#!/usr/bin/env bash
# Lints every Go module that holds code of ours, and the scripts. GOLANGCI_LINT is set by make.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
for module in . hack/cluster hack/tools/golangci-lint; do
	echo "golangci-lint in $module"
	(cd "$module" && "$GOLANGCI_LINT" run ./...) || failed=1
done

if command -v shellcheck >/dev/null; then
	echo "shellcheck"
	find hack -name '*.sh' -exec shellcheck --external-sources {} + || failed=1
	shellcheck --external-sources .ci/run cmd/kubectl-respin/kubectl_complete-respin || failed=1
else
	echo "shellcheck is not installed: the scripts were not judged"
fi
exit "$failed"
