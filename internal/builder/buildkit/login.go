package buildkit

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth"
	"google.golang.org/grpc"

	"github.com/respin-dev/respin/internal/builder"
)

const dockerHub = "docker.io"

// login tells the daemon, while a build runs, what to log in to a registry with. The daemon asks by host and knows of
// no repository, so that of several credentials on one host it gets one.
//
// The daemon itself fetches the tokens of registries that want some: it is told that there is nobody here to do that.
// This process would otherwise ask whatever address a registry names as its realm.
type login struct {
	auth.UnimplementedAuthServer

	credentials  func(repository string) (username, password string)
	repositories []string // with credentials that come before their host's, the first one first

	mu    sync.Mutex
	given []string // secrets, as they are and as they are sent
}

func newLogin(req builder.Request, base base) *login {
	l := &login{credentials: req.Credentials}
	if output, err := reference.ParseNormalizedNamed(req.Output); err == nil {
		l.repositories = append(l.repositories, output.Name())
	}
	l.repositories = append(l.repositories, base.repository)
	return l
}

// attached is what the session of a build answers for: nothing, for a build without credentials.
func (l *login) attached() []session.Attachable {
	if l.credentials == nil {
		return nil
	}
	return []session.Attachable{l}
}

// Register implements session.Attachable.
func (l *login) Register(server *grpc.Server) { auth.RegisterAuthServer(server, l) }

// Credentials implements auth.AuthServer. An empty answer has the daemon go on anonymously.
func (l *login) Credentials(_ context.Context, req *auth.CredentialsRequest) (*auth.CredentialsResponse, error) {
	host := registryAt(req.Host)
	for _, repository := range append(l.on(host), host) {
		if username, password := l.credentials(repository); password != "" {
			l.remember(username, password)
			return &auth.CredentialsResponse{Username: username, Secret: password}, nil
		}
	}
	return &auth.CredentialsResponse{}, nil
}

func (l *login) remember(username, password string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given = append(l.given, password, base64.StdEncoding.EncodeToString([]byte(username+":"+password)))
}

// hide takes what was given out of a server's words: it may repeat what it was told.
func (l *login) hide(words string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, secret := range l.given {
		words = strings.ReplaceAll(words, secret, "[hidden]")
	}
	return words
}

// on returns the repositories that are on a host, in their order.
func (l *login) on(host string) []string {
	var repositories []string
	for _, repository := range l.repositories {
		if strings.HasPrefix(repository, host+"/") {
			repositories = append(repositories, repository)
		}
	}
	return repositories
}

// registryAt is the registry's name in references for the host that the daemon connects to.
func registryAt(host string) string {
	host = strings.ToLower(host)
	if host == "registry-1.docker.io" || host == "index.docker.io" {
		return dockerHub
	}
	return host
}
