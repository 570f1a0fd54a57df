// Package buildkit builds images with a BuildKit daemon, through its Go client.
//
// Three things are decided here rather than left to a Dockerfile. Only the daemon's own Dockerfile frontend runs: a
// "# syntax=" line is a comment. The base is pinned by a source policy, which works on what a FROM became after all
// its arguments were filled in. And what the final stage stands on is checked before anything is built or pushed.
package buildkit

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/respin-dev/respin/internal/builder"
)

var _ builder.Builder = (*Builder)(nil)

// Options say where the daemon is.
type Options struct {
	// Address of the daemon: tcp://host:port or unix:///path.
	Address string
	// TLSDir is a folder with ca.pem, cert.pem and key.pem for mutual TLS. They are read again for each build, so
	// that they may be rotated. Empty means no TLS.
	TLSDir string
}

// Builder builds on one BuildKit daemon. It holds no connection between calls and may be used by many goroutines.
type Builder struct {
	address string
	tlsDir  string
}

// New returns a Builder. It connects to nothing: a daemon that is down is reported by Pin and Build.
func New(opts Options) (*Builder, error) {
	address, err := url.Parse(opts.Address)
	if err != nil {
		return nil, fmt.Errorf("parsing the address of BuildKit: %w", err)
	}
	switch {
	case address.Scheme == "tcp" && address.Port() != "":
	case address.Scheme == "unix" && address.Path != "":
	default:
		return nil, errors.New("the address of BuildKit must be tcp://host:port or unix:///path")
	}
	return &Builder{address: opts.Address, tlsDir: opts.TLSDir}, nil
}
