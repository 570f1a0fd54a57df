# The tools: built when missing, into a folder that Git ignores, keyed by the version that their go.mod pins.

TOOLS := $(CURDIR)/.cache/tools

# The version of a module in a go.mod: $(call pinned,FILE,MODULE).
pinned = $(shell awk '$$1 == "$2" && $$2 ~ /^v/ { print $$2 }' $1/go.mod)

# Builds a command of a module in a folder: $(call build-tool,FOLDER,PACKAGE). Another architecture that is asked for
# is the operator's, not the tools'.
define build-tool
@echo "Building $(@F)"
@env -u GOOS -u GOARCH go -C $1 build -o $@ $2
endef

CONTROLLER_GEN := $(TOOLS)/controller-gen-$(call pinned,hack/tools,sigs.k8s.io/controller-tools)
GOTESTSUM := $(TOOLS)/gotestsum-$(call pinned,hack/tools,gotest.tools/gotestsum)
KUSTOMIZE := $(TOOLS)/kustomize-$(call pinned,hack/tools,sigs.k8s.io/kustomize/kustomize/v5)
CRANE := $(TOOLS)/crane-$(call pinned,hack/tools,github.com/google/go-containerregistry)
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(call pinned,hack/tools/golangci-lint,github.com/golangci/golangci-lint/v2)
export CONTROLLER_GEN GOTESTSUM KUSTOMIZE CRANE GOLANGCI_LINT

$(CONTROLLER_GEN):
	$(call build-tool,hack/tools,sigs.k8s.io/controller-tools/cmd/controller-gen)

$(GOTESTSUM):
	$(call build-tool,hack/tools,gotest.tools/gotestsum)

$(KUSTOMIZE):
	$(call build-tool,hack/tools,sigs.k8s.io/kustomize/kustomize/v5)

$(CRANE):
	$(call build-tool,hack/tools,github.com/google/go-containerregistry/cmd/crane)

$(GOLANGCI_LINT):
	$(call build-tool,hack/tools/golangci-lint,.)
