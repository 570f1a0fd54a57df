# Everything that is done with this repository. Longer steps are scripts in hack/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# One set of flags for every build and test, so that they share Go's build cache; only the race detector differs.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(GOFLAGS)) -trimpath)

include hack/tools.mk

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
OPERATOR := bin/respin-operator
COMMAND := bin/respin
PLUGIN := bin/kubectl-respin

##@ The loop, to see it

.PHONY: demo demo-clean
demo: cluster-ready ## Show a real Deployment being patched
	@hack/demo/run.sh

demo-clean: ## Undo the demo
	@hack/demo/clean.sh

##@ Tests

.PHONY: test test-unit test-integration test-shapes test-e2e bench
test: deps test-unit cluster-ready test-integration deploy test-e2e ## Everything, on the local cluster

test-unit: $(GOTESTSUM) ## What needs no cluster, with the race detector
	@hack/test.sh unit

test-integration: $(GOTESTSUM) $(CRANE) ## Parts against the real registry, builder and API server
	@hack/test.sh integration

test-shapes: ## Tell of images of every shape whether a rebase gives what a build does
	@hack/test.sh shapes

test-e2e: $(GOTESTSUM) ## The operator that "make deploy" put into the cluster
	@hack/test.sh e2e

bench: $(CRANE) cluster-ready ## Benchmarks, beside crane at the cluster's own registry program
	@hack/test.sh bench

##@ The cluster

.PHONY: cluster-up cluster-down cluster-status cluster-ready
cluster-up: ## Start the local cluster; writes .cluster/env
	@hack/cluster.sh up

cluster-down: ## End the local cluster and delete its data
	@hack/cluster.sh down

cluster-status: ## Say what of the local cluster works
	@hack/cluster.sh status

cluster-ready:
	@hack/cluster.sh ready

##@ The operator

.PHONY: build deploy undeploy run
build: ## Compile bin/respin-operator, bin/respin and bin/kubectl-respin
	go build -ldflags '-s -w -X main.version=$(VERSION)' -o $(OPERATOR) ./cmd/operator
	go build -ldflags '-s -w -X main.version=$(VERSION)' -o $(COMMAND) ./cmd/respin
	go build -ldflags '-s -w -X main.version=$(VERSION)' -o $(PLUGIN) ./cmd/kubectl-respin
	install -m 755 cmd/kubectl-respin/kubectl_complete-respin bin/

deploy: cluster-ready $(KUSTOMIZE) ## Build, push and install the operator
	@hack/deploy/deploy.sh

undeploy: $(KUSTOMIZE) ## Remove the operator, its policies and its kinds
	@hack/deploy/undeploy.sh

run: cluster-ready $(KUSTOMIZE) ## Run the operator on this host, for development
	@hack/run.sh

##@ The code

.PHONY: generate manifests fmt vet lint verify
generate: $(CONTROLLER_GEN) ## Write the deep copies of the API types
	$(CONTROLLER_GEN) object paths=./api/...

manifests: $(CONTROLLER_GEN) ## Write the CRDs and the operator's role from their markers
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=manager-role paths=./controllers/... output:rbac:dir=config/rbac

fmt: $(GOLANGCI_LINT) ## Format the code
	$(GOLANGCI_LINT) fmt

vet: ## Run go vet
	go vet -tags integration,e2e ./...

lint: $(GOLANGCI_LINT) ## Judge the code, the API and the scripts
	@hack/lint.sh

verify: $(CONTROLLER_GEN) ## Check that what is generated is current
	@hack/verify.sh

##@ The house

.PHONY: help deps tools clean
help: ## Print this
	@awk -f hack/help.awk Makefile

deps: ## Install the Debian packages that are missing (as root)
	@hack/deps.sh

tools: $(CONTROLLER_GEN) $(CRANE) $(GOLANGCI_LINT) $(GOTESTSUM) $(KUSTOMIZE) ## Build the tools

clean: ## Delete what was built, but not the tools and the cluster's parts
	rm -rf bin .cache/deploy cover.out
