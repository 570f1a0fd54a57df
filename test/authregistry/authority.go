package authregistry

import (
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

func newAuthority(t testing.TB, ip net.IP) authority {
	t.Helper()
	rootKey, root := template(t, "respin-tests-authority")
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage = true, true, x509.KeyUsageCertSign
	rootCert, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	must(t, err)
	key, leaf := template(t, "registry")
	leaf.IPAddresses, leaf.DNSNames = []net.IP{ip}, []string{localName}
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey)
	must(t, err)
	der, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	return authority{
		t: t, pem: encode("CERTIFICATE", rootCert), issued: encode("CERTIFICATE", cert), key: encode("EC PRIVATE KEY", der),
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
