//go:build integration

package buildkit_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/buildkit"
)

func TestADaemonThatIsDownIsUnavailable(t *testing.T) {
	moved := moveBase(t)
	b := builderOn(t, "tcp://127.0.0.1:1")
	_, err := b.Build(t.Context(), onBase("FROM "+moved.reference+"\n", moved, output(t)), nil)
	if !errors.Is(err, builder.ErrUnavailable) {
		t.Errorf("Build: got %v", err)
	}
	if _, err := b.Pin(t.Context(), "https://git.example.com/x.git"); !errors.Is(err, builder.ErrUnavailable) {
		t.Errorf("Pin: got %v", err)
	}
}

func TestADaemonThatGoesAwayIsUnavailable(t *testing.T) {
	moved := moveBase(t)
	between := newProxy(t)
	req := onBase("FROM "+moved.reference+"\nRUN echo "+unique()+" && sleep 60\n", moved, output(t))
	began := time.Time{}
	_, err := builderOn(t, between.address()).Build(t.Context(), req, func(p builder.Progress) {
		if strings.Contains(p.Current, "sleep") {
			began = time.Now()
			between.cut()
		}
	})
	if !errors.Is(err, builder.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it was noticed after %v", took)
	}
}

func TestACancelledBuildStopsPromptly(t *testing.T) {
	moved := moveBase(t)
	ctx, cancel := context.WithCancel(t.Context())
	req := onBase("FROM "+moved.reference+"\nRUN echo "+unique()+" && sleep 60\n", moved, output(t))
	began := time.Time{}
	_, err := newBuilder(t).Build(ctx, req, func(p builder.Progress) {
		if strings.Contains(p.Current, "sleep") {
			began = time.Now()
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, builder.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it stopped after %v", took)
	}
}

func TestReportsProgress(t *testing.T) {
	moved := moveBase(t)
	var seen []builder.Progress
	req := onBase("FROM "+moved.reference+"\nRUN echo "+unique()+"\nRUN echo two\n", moved, output(t))
	_, err := newBuilder(t).Build(t.Context(), req, func(p builder.Progress) { seen = append(seen, p) })
	must(t, err)
	for i := 1; i < len(seen); i++ {
		if seen[i].Step < seen[i-1].Step || seen[i].Step > seen[i].Steps {
			t.Errorf("from %+v to %+v", seen[i-1], seen[i])
		}
	}
	if last := seen[len(seen)-1]; last != (builder.Progress{Step: 4, Steps: 4, Current: "pushing the image"}) {
		t.Errorf("the last was %+v of %+v", last, seen)
	}
	if !reported(seen, "[3/3] RUN echo two") {
		t.Errorf("RUN was not reported: %+v", seen)
	}
}

func reported(seen []builder.Progress, current string) bool {
	for _, p := range seen {
		if p.Current == current {
			return true
		}
	}
	return false
}

func TestReadsRotatedCertificates(t *testing.T) {
	dir := t.TempDir()
	moved := moveBase(t)
	server := issue(t, dir)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", server)
	must(t, err)
	b, err := buildkit.New(buildkit.Options{Address: runProxy(t, listener, dialDaemon(t)).address(), TLSDir: dir})
	must(t, err)
	req := onBase("FROM "+moved.reference+"\n", moved, output(t))

	good, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "cert.pem")))
	if _, err := b.Build(t.Context(), req, nil); !errors.Is(err, builder.ErrUnavailable) {
		t.Errorf("without a certificate: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "cert.pem"), good, 0o600))
	if _, err := b.Build(t.Context(), req, nil); err != nil {
		t.Errorf("with a certificate again: %v", err)
	}
}

// issue writes ca.pem, cert.pem and key.pem for a client, and returns what a server that trusts it runs with.
func issue(t *testing.T, dir string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	self := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, self, self, key.Public(), key)
	must(t, err)
	der, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	for name, data := range map[string][]byte{"ca.pem": certPEM, "cert.pem": certPEM, "key.pem": keyPEM} {
		must(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		NextProtos:   []string{"h2"},
	}
}
