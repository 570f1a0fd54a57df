package buildkit

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/moby/buildkit/client"

	"github.com/respin-dev/respin/internal/builder"
)

// keepAlive is how often the kernel asks a silent daemon's host whether it is still there, so that a build on a node
// that vanished ends within minutes.
const keepAlive = 15 * time.Second

// connect returns a client that dials when it is first used. A client a build keeps its lifetime trivial and reads
// rotated certificates; next to a build, the handshake costs nothing.
func (b *Builder) connect(ctx context.Context) (*client.Client, error) {
	c, err := client.New(ctx, b.address, b.clientOptions()...)
	if err != nil {
		return nil, fmt.Errorf("%w: preparing the connection to %s: %w", builder.ErrUnavailable, b.address, err)
	}
	return c, nil
}

func (b *Builder) clientOptions() []client.ClientOpt {
	var opts []client.ClientOpt
	if b.tlsDir != "" {
		opts = append(opts,
			client.WithServerConfig("", filepath.Join(b.tlsDir, "ca.pem")),
			client.WithCredentials(filepath.Join(b.tlsDir, "cert.pem"), filepath.Join(b.tlsDir, "key.pem")))
	}
	if strings.HasPrefix(b.address, "tcp://") {
		opts = append(opts, client.WithContextDialer(dialTCP))
	}
	return opts
}

func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{KeepAlive: keepAlive}
	return d.DialContext(ctx, "tcp", address)
}
