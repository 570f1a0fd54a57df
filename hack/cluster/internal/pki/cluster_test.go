package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
)

var testBlock = block.Block{Prefix: netip.MustParsePrefix("10.77.12.0/22")}

func ensure(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if err := Ensure(dir, "node", testBlock); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verify(t *testing.T, ca, cert, key string, usage x509.ExtKeyUsage, host string) error {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	_, err = pair.Leaf.Verify(x509.VerifyOptions{
		Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}

func TestServersAreKnownByTheirAddresses(t *testing.T) {
	dir := ensure(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, host := range []string{"10.77.12.2", "10.77.14.1", "127.0.0.1", "kubernetes.default.svc"} {
		if err := verify(t, at("ca.crt"), at("serving.crt"), at("serving.key"), x509.ExtKeyUsageServerAuth, host); err != nil {
			t.Error(err)
		}
	}
	if err := verify(t, at("buildkit/ca.crt"), at("buildkit/server.crt"), at("buildkit/server.key"), x509.ExtKeyUsageServerAuth, "10.77.12.2"); err != nil {
		t.Error(err)
	}
}

func TestTheAuthorityForRegistriesVouchesForNothingElse(t *testing.T) {
	dir := ensure(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, server := range []string{"serving", "buildkit/server"} {
		if err := verify(t, at("registries/ca.crt"), at(server+".crt"), at(server+".key"), x509.ExtKeyUsageServerAuth, ""); err == nil {
			t.Errorf("it vouches for %s", server)
		}
	}
	if _, err := tls.LoadX509KeyPair(at("registries/ca.crt"), at("registries/ca.key")); err != nil {
		t.Errorf("it cannot be used: %v", err)
	}
}

func TestBuildKitTrustsOnlyItsOwnClients(t *testing.T) {
	dir := ensure(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	ca := at("buildkit/ca.crt")
	if err := verify(t, ca, at("buildkit/client/cert.pem"), at("buildkit/client/key.pem"), x509.ExtKeyUsageClientAuth, ""); err != nil {
		t.Error(err)
	}
	if err := verify(t, ca, at("admin.crt"), at("admin.key"), x509.ExtKeyUsageClientAuth, ""); err == nil {
		t.Error("the cluster's administrator is let in to BuildKit")
	}
}

func TestEnsureKeepsWhatIsThere(t *testing.T) {
	dir := ensure(t)
	before, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Ensure(dir, "node", testBlock); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the authority changed")
	}
}
