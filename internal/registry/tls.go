package registry

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net/http"
)

// keptTransports bounds the sets of roots that connections are kept for. The connections of one that is dropped close
// by themselves when they were idle for a while.
const keptTransports = 32

// trusting is the transport for roots beside the system's, and a fingerprint of them: empty for none.
func (c *core) trusting(roots []byte) (http.RoundTripper, string, error) {
	if len(bytes.TrimSpace(roots)) == 0 {
		return c.system, "", nil
	}
	sum := sha256.Sum256(roots)
	fingerprint := hex.EncodeToString(sum[:])
	if known, ok := c.transports.get(key(fingerprint)); ok {
		return known, fingerprint, nil
	}
	pool, err := withSystems(roots)
	if err != nil {
		return nil, "", err
	}
	made := c.newTransport(pool)
	c.transports.put(key(fingerprint), made, 1)
	return made, fingerprint, nil
}

// withSystems adds certificates in PEM to those that the system trusts.
func withSystems(roots []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(roots) {
		return nil, errors.New("the authorities' certificates hold none that can be read: write them in PEM, each " +
			"from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----")
	}
	return pool, nil
}
