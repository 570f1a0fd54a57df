package authregistry

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// localName is the name that the certificate is for, besides the address.
const localName = "localhost"

// authority is a private certificate authority, and what it issued for one address.
type authority struct {
	t   testing.TB
	pem []byte
	// issued and key are for servers at the address, in PEM.
	issued, key []byte
}

// root is who issues certificates.
type root struct {
	key  crypto.Signer
	cert *x509.Certificate
	pem  []byte
}

// rootOf is the root in a folder, as the local cluster has one, or a new one where there is none.
func rootOf(t testing.TB, dir string) root {
	t.Helper()
	if dir == "" {
		return newRoot(t)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"))
	must(t, err)
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		t.Fatalf("the key in %s cannot sign", dir)
	}
	return root{key: key, cert: pair.Leaf, pem: encode("CERTIFICATE", pair.Certificate[0])}
}

func newRoot(t testing.TB) root {
	t.Helper()
	key, cert := template(t, "respin-tests-authority")
	cert.IsCA, cert.BasicConstraintsValid, cert.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	must(t, err)
	return root{key: key, cert: cert, pem: encode("CERTIFICATE", der)}
}

func issue(t testing.TB, by root, ip net.IP) authority {
	t.Helper()
	key, leaf := template(t, "registry")
	leaf.IPAddresses, leaf.DNSNames = []net.IP{ip}, []string{localName}
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, by.cert, &key.PublicKey, by.key)
	must(t, err)
	der, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	return authority{
		t: t, pem: by.pem, issued: encode("CERTIFICATE", cert), key: encode("EC PRIVATE KEY", der),
	}
}

func template(t testing.TB, name string) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	must(t, err)
	return key, &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// pair are the files of a certificate and its key.
type pair struct{ cert, key string }

func (a authority) write(dir string) pair {
	a.t.Helper()
	files := pair{filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")}
	must(a.t, os.WriteFile(files.cert, a.issued, 0o600))
	must(a.t, os.WriteFile(files.key, a.key, 0o600))
	return files
}

// serving is how a server of this process proves that it is at the address.
func (a authority) serving() *tls.Config {
	a.t.Helper()
	certificate, err := tls.X509KeyPair(a.issued, a.key)
	must(a.t, err)
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
