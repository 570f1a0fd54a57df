package certificates

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"
)

// foreignContent is sound, and made by another tool: an authority that signed itself and serves too.
func foreignContent(t *testing.T) Content {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "somebody-else"}, DNSNames: names,
		NotBefore: start.Add(-time.Hour), NotAfter: start.Add(365 * day),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, private := encode(blockType, der), encode("PRIVATE KEY", secret)
	return Content{Certificate: certificate, Key: private, Authorities: certificate, AuthorityKey: private}
}
