// Package cluster is the part of the tests' vocabulary that speaks of a real cluster: where its parts are, objects in
// a namespace of the test's own, waiting for what has to come true, and telling what was there when it did not.
package cluster

import (
	"os"
	"testing"
)

// Variables of the environment that say where the parts of the cluster are. "make cluster-up" writes them.
const (
	// Registry is host:port, the same for this host, for builds, for the node and for pods.
	Registry = "REGISTRY"
	// BuildKitHost and BuildKitTLSDir reach buildkitd.
	BuildKitHost   = "BUILDKIT_HOST"
	BuildKitTLSDir = "BUILDKIT_TLS_DIR"
	// RegistryCADir has ca.crt and ca.key of the authority that builds and the node trust at registries.
	RegistryCADir = "REGISTRY_CA_DIR"
	// LoginRegistries are addresses of this host, with commas between, for registries that want a login.
	LoginRegistries = "LOGIN_REGISTRIES"
	// HostIP is where pods and builds reach what listens on this host.
	HostIP = "HOST_IP"
	// AuditLog and RegistryLog are files: every request to the API server, and to the registry.
	AuditLog    = "AUDIT_LOG"
	RegistryLog = "REGISTRY_LOG"
)

// Need is a variable's value; the test fails without it.
func Need(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Fatalf("%s is not set: run \"make cluster-up\" and source .cluster/env", variable)
	}
	return value
}

// SkipWithout is a variable's value; the test is skipped where the cluster does not offer it, as one that was not made
// by "make cluster-up" may not.
func SkipWithout(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Skipf("%s is not set: this cluster does not offer what the test looks at", variable)
	}
	return value
}
