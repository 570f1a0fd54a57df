package registry

import (
	"context"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/singleflight"

	"github.com/respin-dev/respin/internal/image"
)

// Bounds on what is kept in memory. Documents, places where to log in and tokens are bounded by the bytes they were
// read from, since their author chooses their size.
const (
	keptAnswers   = 8192
	keptHosts     = 1024
	keptDocuments = 16 << 20
	keptLogins    = 4 << 20 // the places where to log in, and as much for tokens
)

// Options say how registries are spoken to. They are the operator's administrator's, never a policy author's.
type Options struct {
	// PlainHTTP lists the registries, as host or host:port, that are spoken to in plain HTTP, and only so. All others
	// are spoken to in HTTPS only.
	PlainHTTP []string
	// Internal lists the hosts, as host or host:port, that may have a loopback, private or link-local address. Those
	// of PlainHTTP and Mirrors may have one too. No redirect, Location or login of a registry that is in none of these
	// lists leads to one that is.
	Internal []string
	// Mirrors names, by the registry's host (docker.io for Docker Hub), what else has its content: each as host or
	// host/prefix, where the prefix goes before the repository's path. What a digest names is read from the first
	// mirror that has it, and from the registry where none has. Writing goes to the registry alone.
	Mirrors map[string][]string
	// MirrorTags has mirrors asked where a tag stands, too. Without it the registry itself is asked, since a mirror
	// that lags behind would have a base move back. It is for clusters that reach nothing but mirrors.
	MirrorTags bool
	// FactsDir is a folder for what is known of layers, so that a restart does not have them read again. It is made where
	// there is none. Nobody else may write there: what it holds is believed. Without it, or where it cannot be written,
	// only memory is used.
	FactsDir string
	// FactsBytes bounds the files in FactsDir together; those used longest ago go first. The default is 512 MiB.
	FactsBytes int64
	// Log is told of what is no caller's failure: that FactsDir cannot be used.
	Log logr.Logger
	// UserAgent is sent to registries.
	UserAgent string
	// Timeout bounds the reading of one thing, the login and the answer's body included. The default is 30 s.
	Timeout time.Duration
	// Now is the clock, time.Now by default.
	Now func() time.Time
	// Wait waits for a random time, up to the longest that it is given, before a request is made again. It returns an
	// error if the context ends first. There is a default.
	Wait func(ctx context.Context, longest time.Duration) error
}

// Client speaks to registries on somebody's behalf. It is safe for concurrent use. All clients of a process are meant to
// stem from one: sharing answers and obeying registries' limits both depend on that.
type Client struct {
	*core
	pull, push Credentials
	roots      string // a fingerprint
	transport  http.RoundTripper
	unmirrored bool
}

// core is what clients on everybody's behalf share.
type core struct {
	lists      lists
	timeout    time.Duration
	now        func() time.Time
	wait       func(context.Context, time.Duration) error
	agent      string
	mirrors    map[string][]string
	mirrorTags bool

	system     http.RoundTripper
	transports *memory[http.RoundTripper] // for roots beside the system's
	pauses     *pauses
	resting    *memory[time.Time]
	doors      *memory[challenge]
	tokens     *tokens

	flights   singleflight.Group
	answers   *memory[answer]
	moves     *memory[time.Time]
	documents *memory[document]
	configs   *memory[config]
	materials *memory[[]image.Material]
	library   *library
}

// New makes a client on nobody's behalf that has talked to nobody yet.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	c := &core{
		lists: newLists(o), timeout: o.Timeout, now: o.Now, wait: o.Wait, agent: o.UserAgent,
		mirrors: o.Mirrors, mirrorTags: o.MirrorTags,
		transports: newMemory[http.RoundTripper](keptTransports),
		pauses:     &pauses{now: o.Now, until: newMemory[time.Time](keptHosts)},
		resting:    newMemory[time.Time](keptHosts),
		doors:      newMemory[challenge](keptLogins),
		tokens:     &tokens{kept: newMemory[[]token](keptLogins)},
		answers:    newMemory[answer](keptAnswers),
		moves:      newMemory[time.Time](keptAnswers),
		documents:  newMemory[document](keptDocuments),
		configs:    newMemory[config](keptDocuments),
		materials:  newMemory[[]image.Material](keptDocuments),
		library:    newLibrary(o),
	}
	c.system = c.newTransport(nil)
	return &Client{core: c, transport: c.system}
}
