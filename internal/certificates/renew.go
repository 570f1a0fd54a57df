package certificates

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"time"
)

// Renew makes anew what is due. What it returns is what the Secret is to hold: the keys in it are for nobody's eyes.
func Renew(have Content, due Renewal, names []string, now time.Time) (Content, error) {
	made := have
	made.Authorities = Bundle(have.Authorities, now)
	if due.Authority {
		certificate, key, err := newAuthority(now)
		if err != nil {
			return Content{}, fmt.Errorf("making an authority for the webhooks' certificates: %w", err)
		}
		made.Authorities, made.AuthorityKey = append(certificate, made.Authorities...), key
	}
	if due.Serving {
		certificate, key, err := newServing(made.authority(now), names, now)
		if err != nil {
			return Content{}, fmt.Errorf("making the webhooks' serving certificate: %w", err)
		}
		made.Certificate, made.Key = certificate, key
	}
	return made, nil
}

func newAuthority(now time.Time) (certificate, key []byte, err error) {
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: authorityName},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(authorityLife),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	return sign(template, nil)
}

// newServing has an authority sign. What it signs does not outlive it.
func newServing(authority *tls.Certificate, names []string, now time.Time) (certificate, key []byte, err error) {
	if authority == nil || len(names) == 0 {
		return nil, nil, errors.New("there is no authority to sign it, or no name to serve under")
	}
	end := now.Add(servingLife)
	if end.After(authority.Leaf.NotAfter) {
		end = authority.Leaf.NotAfter
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: names[0]},
		DNSNames:  names,
		NotBefore: now.Add(-backdated), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	return sign(template, authority)
}

// sign makes a key and a certificate for it, signed by an authority, or by the key itself where there is none.
func sign(template *x509.Certificate, authority *tls.Certificate) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	parent, signer := template, any(private)
	if authority != nil {
		parent, signer = authority.Leaf, authority.PrivateKey
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, parent, private.Public(), signer)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return encode(blockType, signed), encode("PRIVATE KEY", secret), nil
}
