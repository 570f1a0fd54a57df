#!/usr/bin/env bash
# Runs tests: test.sh unit | integration | shapes | e2e | bench. GOTESTSUM is set by make; ARGS are more flags for go test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. hack/env.sh
read -ra more <<<"${ARGS:-}"

# having lists the folders with a line in their tests.
having() {
	grep --recursive --files-with-matches --include='*_test.go' "$1" internal controllers cmd test |
		xargs -n1 dirname | sort -u | sed 's|^|./|'
}

run() {
	local format=$1
	shift
	"$GOTESTSUM" --format "$format" --format-hide-empty-pkg -- "$@" ${more[@]+"${more[@]}"}
}

unit() {
	local race=()
	if command -v gcc >/dev/null; then
		export CGO_ENABLED=1 # which the race detector needs
		race=(-race)
	fi
	echo "Compiling the tests. The first time, with the race detector, takes about 7 minutes on two cores."
	run pkgname-and-test-fails ${race[@]+"${race[@]}"} -timeout 10m ./...
}

integration() {
	use_cluster
	mapfile -t packages < <(having '^//go:build integration$')
	run pkgname-and-test-fails -tags integration -count 1 -timeout 20m "${packages[@]}"
}

# shapes is the part of integration that tells a table.
shapes() {
	use_cluster
	go test -tags integration -count 1 -timeout 20m -parallel 4 -v -run '^TestShapes$' ${more[@]+"${more[@]}"} ./test/rebase |
		grep --invert-match --extended-regexp '^(===|[[:space:]]*--- PASS)'
}

e2e() {
	use_cluster
	run testname -tags e2e -count 1 -timeout 40m ./test/e2e/...
}

# bench runs benchmarks one after the other, so that none disturbs another. What test/bench compares, it compares in
# rounds of its own, of which it needs more than fit into the usual second.
bench() {
	use_cluster
	mapfile -t packages < <(having '^func Benchmark' | grep --invert-match --line-regexp ./test/bench)
	if [[ ${#packages[@]} -gt 0 ]]; then
		go test -run '^$' -bench . -benchmem ${more[@]+"${more[@]}"} "${packages[@]}"
	fi
	TMPDIR=$(roomy_memory) go test -run '^$' -bench . -benchtime 20x ${more[@]+"${more[@]}"} ./test/bench
}

# roomy_memory is a folder in memory for the registry that is measured, if there is room: a disk's moods are nobody's
# merit. It is the usual folder for temporary files otherwise.
roomy_memory() {
	local available
	if [[ -w /dev/shm ]] && available=$(df --output=avail /dev/shm | tail -1) && [[ $available -gt $((2 << 20)) ]]; then
		echo /dev/shm
	else
		echo "${TMPDIR:-/tmp}"
	fi
}

"$1"
