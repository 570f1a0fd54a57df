// Package certificates makes and rotates the certificates that the webhooks are served with, without anyone's help: an
// authority of their own, and a serving certificate that it signs. Both are kept in one Secret, which every replica
// reads and any of them may write. What is due is decided by pure functions of the Secret's content and a time.
package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// The Secret's keys, beside those of a TLS Secret.
const (
	keyAuthorities  = "ca.crt"
	keyAuthorityKey = "ca.key"
)

const (
	// authorityName is the common name of our authorities: a certificate of another is not taken for one.
	authorityName = "respin-webhook-ca"
	// maxAuthorities bounds what is kept of old authorities. Two overlap at a rotation.
	maxAuthorities = 4
	blockType      = "CERTIFICATE"
)

// Content is what the Secret holds, as PEM: whatever someone may have put there, or nothing.
type Content struct {
	// Certificate and Key are what the webhooks are served with.
	Certificate, Key []byte
	// Authorities are the certificates that clients trust: the one that signs, then those before it.
	Authorities []byte
	// AuthorityKey is the key of the first of them.
	AuthorityKey []byte
}

// contentOf is what a Secret's data holds.
func contentOf(data map[string][]byte) Content {
	return Content{
		Certificate: data[corev1.TLSCertKey], Key: data[corev1.TLSPrivateKeyKey],
		Authorities: data[keyAuthorities], AuthorityKey: data[keyAuthorityKey],
	}
}

// data is a Secret's data with this content, and with what else there was in it.
func (c Content) data(before map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for key, value := range before {
		all[key] = value
	}
	all[corev1.TLSCertKey], all[corev1.TLSPrivateKeyKey] = c.Certificate, c.Key
	all[keyAuthorities], all[keyAuthorityKey] = c.Authorities, c.AuthorityKey
	return all
}

// Bundle is what clients are to trust at a time: of the authorities in PEM, ours that have not expired, in their order.
// It is empty where there is none.
func Bundle(authorities []byte, now time.Time) []byte {
	var bundle []byte
	for _, a := range trusted(authorities, now) {
		bundle = append(bundle, encode(blockType, a.Raw)...)
	}
	return bundle
}

// trusted are the authorities of ours that have not expired. Whatever else there is, is passed over.
func trusted(authorities []byte, now time.Time) []*x509.Certificate {
	var all []*x509.Certificate
	for rest := authorities; len(all) < maxAuthorities; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		a, err := x509.ParseCertificate(block.Bytes)
		if err == nil && block.Type == blockType && isAuthority(a) && now.Before(a.NotAfter) {
			all = append(all, a)
		}
	}
	return all
}

func isAuthority(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage&x509.KeyUsageCertSign != 0 && c.Subject.CommonName == authorityName
}

// authority is the one that signs; nil where there is none that can at this time.
func (c Content) authority(now time.Time) *tls.Certificate {
	pair, err := tls.X509KeyPair(c.Authorities, c.AuthorityKey)
	if err != nil || !isAuthority(pair.Leaf) || !valid(pair.Leaf, now) {
		return nil
	}
	return &pair
}

// serving is the certificate to serve with; nil where there is none that clients accept under each of the names.
func (c Content) serving(names []string, now time.Time) *tls.Certificate {
	pair, err := tls.X509KeyPair(c.Certificate, c.Key)
	if err != nil || !valid(pair.Leaf, now) {
		return nil
	}
	roots := x509.NewCertPool()
	for _, a := range trusted(c.Authorities, now) {
		roots.AddCert(a)
	}
	for _, name := range names {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			return nil
		}
	}
	return &pair
}

func valid(c *x509.Certificate, now time.Time) bool {
	return !now.Before(c.NotBefore) && now.Before(c.NotAfter)
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
