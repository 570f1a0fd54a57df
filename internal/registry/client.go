package registry

import (
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/respin-dev/respin/internal/image"
)

// Bounds on what is kept in memory. Documents are bounded by the bytes they were read from, since their author chooses
// their size.
const (
	keptAnswers   = 8192
	keptSessions  = 1024
	keptPauses    = 1024
	keptDocuments = 16 << 20
)

// Options say how registries are spoken to. They are the operator's administrator's, never a policy author's.
type Options struct {
	// PlainHTTP lists the registries, as host or host:port, that are spoken to in plain HTTP, and only so. All others
	// are spoken to in HTTPS only.
	PlainHTTP []string
	// Internal lists the hosts, as host or host:port, that may have a loopback, private or link-local address. Those
	// of PlainHTTP may have one too.
	Internal []string
	// UserAgent is sent to registries.
	UserAgent string
	// Timeout bounds the reading of one thing, the login and the answer's body included. The default is 30 s.
	Timeout time.Duration
	// Now is the clock, time.Now by default.
	Now func() time.Time
}

// Client reads registries. It is safe for concurrent use, and meant to be the only one of its process: sharing answers
// and obeying registries' limits both depend on that.
type Client struct {
	plain     hosts
	timeout   time.Duration
	now       func() time.Time
	transport http.RoundTripper

	flights   singleflight.Group
	answers   *memory[answer]
	sessions  *memory[*session]
	documents *memory[document]
	configs   *memory[config]
	materials *memory[[]image.Material]
}

// New makes a client that has talked to nobody yet.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Client{
		plain:     newHosts(o.PlainHTTP),
		timeout:   o.Timeout,
		now:       o.Now,
		transport: newTransport(o),
		answers:   newMemory[answer](keptAnswers),
		sessions:  newMemory[*session](keptSessions),
		documents: newMemory[document](keptDocuments),
		configs:   newMemory[config](keptDocuments),
		materials: newMemory[[]image.Material](keptDocuments),
	}
}
