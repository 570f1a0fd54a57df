package registry

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

const (
	// moreTries is how often a request that failed is made again.
	moreTries = 2
	// firstWait bounds the wait before the second try; each later one is bounded by twice the one before.
	firstWait = 250 * time.Millisecond
)

// persistent makes a request again where it failed in a way that may pass, and where it does no harm to make it twice.
// The waits are random, so that those who failed together do not come back together.
func (c *Client) persistent(ctx context.Context, r call, try func() (*http.Response, error)) (*http.Response, error) {
	longest := firstWait
	for range moreTries {
		answer, err := try()
		if err == nil || !r.repeatable() || !mayPass(err) || c.wait(ctx, longest) != nil {
			return answer, err
		}
		longest *= 2
	}
	return try()
}

// repeatable reports whether a call comes to the same when it is made twice. A PUT is of content that its URL names, but
// for one that goes on with an upload: see Client.upload. A POST that mounts leaves at most an upload that was opened.
func (r call) repeatable() bool {
	mounts := r.method == http.MethodPost && r.from != ""
	return r.at == nil && (mounts || slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPut}, r.method))
}

// mayPass reports whether an error is a registry's passing trouble. One that does not answer in time has had its time.
func mayPass(err error) bool {
	var (
		answered *transport.Error
		address  *addressError
		lookup   *net.DNSError
		op       *net.OpError
	)
	switch {
	case errors.As(err, &answered):
		return slices.Contains([]int{http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout}, answered.StatusCode)
	case errors.As(err, &address), errors.As(err, &lookup) && lookup.IsNotFound:
		return false
	case errors.As(err, &op):
		return !op.Timeout() && slices.Contains([]string{"dial", "read", "write"}, op.Op)
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// wait is what Options.Wait is by default.
func wait(ctx context.Context, longest time.Duration) error {
	timer := time.NewTimer(rand.N(longest)) //nolint:gosec // who can guess it gains nothing
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
