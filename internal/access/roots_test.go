package access

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func authority(t *testing.T, name string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, self, self, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func certificates(text []byte) *corev1.Secret {
	return &corev1.Secret{Data: map[string][]byte{"ca.crt": text}}
}

func TestReadsTheCertificatesOfAuthorities(t *testing.T) {
	one, two := authority(t, "one"), authority(t, "two")
	for sentence, c := range map[string]struct{ text, want []byte }{
		"one":                      {one, one},
		"two":                      {joined(one, two), joined(one, two)},
		"with words between them":  {joined([]byte("# one\n"), one, []byte("\n# two\n"), two, []byte("end\n")), joined(one, two)},
		"with lines of a DOS file": {bytes.ReplaceAll(one, []byte("\n"), []byte("\r\n")), one},
		"with headers": {
			bytes.Replace(one, []byte("-----\n"), []byte("-----\nName: one\n\n"), 1), one,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := roots(certificates(c.text))
			if err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("got %s and %v", got, err)
			}
			if !x509.NewCertPool().AppendCertsFromPEM(got) {
				t.Error("they are of no use")
			}
		})
	}
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestSaysWhatIsWrongWithCertificates(t *testing.T) {
	one := authority(t, "one")
	for sentence, c := range map[string]struct {
		secret *corev1.Secret
		want   string
	}{
		"without the key":    {&corev1.Secret{Data: map[string][]byte{"tls.crt": one}}, "it has no key ca.crt"},
		"empty":              {certificates(nil), "holds no certificate in PEM"},
		"not PEM":            {certificates([]byte("hunter2")), "holds no certificate in PEM"},
		"PEM that is cut":    {certificates(one[:len(one)-10]), "holds no certificate in PEM"},
		"not a certificate":  {certificates(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("hunter2")})), "certificate 1 of its key ca.crt cannot be parsed"},
		"with a private key": {certificates(joined(one, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("hunter2")}))), "block 2 of its key ca.crt is no certificate"},
		"too large":          {certificates(append(one, make([]byte, maxConfig)...)), "has more than 1048576 bytes"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := roots(c.secret)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(fmt.Sprint(err), "hunter2") {
				t.Errorf("got %d bytes and %v, want it to say %q", len(got), err, c.want)
			}
		})
	}
}
