package access

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// certKey is the key of a Secret under which Kubernetes' own and cert-manager keep an authority's certificate.
const certKey = "ca.crt"

// roots reads the certificates of a Secret, in PEM. What stands between them is left out. Its errors are sentences for a
// person, and tell nothing of the content.
func roots(secret *corev1.Secret) ([]byte, error) {
	rest, ok := secret.Data[certKey]
	switch {
	case !ok:
		return nil, fmt.Errorf("it has no key %s: put the authority's certificate there, in PEM", certKey)
	case len(rest) > maxConfig:
		return nil, fmt.Errorf("its key %s has more than %d bytes", certKey, maxConfig)
	}
	var found bytes.Buffer
	for number := 1; ; number++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if err := checkCertificate(block, number); err != nil {
			return nil, err
		}
		found.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	}
	if found.Len() == 0 {
		return nil, errors.New("its key " + certKey + " holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
	}
	return found.Bytes(), nil
}

func checkCertificate(block *pem.Block, number int) error {
	if block.Type != "CERTIFICATE" {
		return fmt.Errorf("block %d of its key %s is no certificate: nothing but certificates belongs there", number, certKey)
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		return fmt.Errorf("certificate %d of its key %s cannot be parsed", number, certKey)
	}
	return nil
}
