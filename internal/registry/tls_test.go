package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// oldTLS is what a server offers that nobody should speak to any more.
func oldTLS() *tls.Config {
	return &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
}

// certificate is one that signs itself, for a name, or an address, until a time.
func certificate(t *testing.T, host string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func pemOf(c tls.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
}

func rootsOfTests(t *testing.T) []byte {
	t.Helper()
	return pemOf(certificate(t, "127.0.0.1", time.Now().Add(time.Hour)))
}

func TestCertificatesThatAreNotTrustedAreTold(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		host  string
		until time.Time
		known bool
		says  string
	}{
		"of an authority that nobody knows": {"127.0.0.1", now.Add(time.Hour), false, "name a private authority's certificate in certSecretRef"},
		"that has expired":                  {"127.0.0.1", now.Add(-time.Minute), true, now.Add(-time.Minute).UTC().Format(time.RFC3339) + "; renew it"},
		"for another name":                  {"r.example", now.Add(time.Hour), true, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			own := certificate(t, tt.host, tt.until)
			f := unstarted(t)
			f.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
			f.TLS = &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
			f.StartTLS()
			f.host = strings.TrimPrefix(f.URL, "https://")
			access := Access{}
			if tt.known {
				access.Roots = pemOf(own)
			}
			words := ""
			for range 2 {
				_, _, err := as(t, secureClient(), access).Find(t.Context(), f.ref("app:1"))
				if KindOf(err) != Unreachable || !strings.Contains(err.Error(), tt.says) {
					t.Fatalf("got %v", err)
				}
				if words != "" && err.Error() != words {
					t.Errorf("the message changes by itself:\n%s\n%v", words, err)
				}
				words = err.Error()
			}
		})
	}
}
