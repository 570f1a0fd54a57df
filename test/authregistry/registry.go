// Package authregistry is the part of the tests' vocabulary that speaks of registries as people have them: the real CNCF
// registry, over TLS with a certificate of a private authority, for those only who have an account. One that asks nobody
// who they are is there to be measured.
package authregistry

import (
	"net"
	"path"
	"strconv"
	"testing"
	"time"

	"github.com/respin-dev/respin/test/cluster"
)

// Binaries is the variable that names the folder of the registry's program.
const Binaries = "CLUSTER_BIN"

// Login is how a registry finds out who asks.
type Login int

// The logins.
const (
	// Basic takes a name and a password with each request, and lets everybody with an account do everything.
	Basic Login = iota
	// Token takes what a token server signed, for the repositories and actions that are in it.
	Token
	// None lets everybody do everything, and speaks plain HTTP.
	None
)

// Account is somebody who may use a registry.
type Account struct {
	Name, Password string
	// Pull and Push are patterns of path.Match over repositories, as in team-a/*. A registry with Basic ignores them.
	Pull, Push []string
}

// Options say what registry to start.
type Options struct {
	// IP is where it listens; 127.0.0.1 by default. A node and its pods reach cluster.HostIP.
	IP string
	// Port and TokenPort are where the registry and its token server listen; 0 for any.
	Port, TokenPort int
	Login           Login
	Accounts        []Account
	// CADir has ca.crt and ca.key of the authority that issues the certificate; empty for one of the test's own.
	CADir string
}

// Registry is a running registry. It ends with its test, and so does all that it holds.
type Registry struct {
	// Host is host:port.
	Host string
	// CA is the authority's certificate in PEM, which a client has to trust; nil with plain HTTP.
	CA []byte

	t        testing.TB
	scheme   string
	log      string
	accounts []Account
}

// Start starts a registry, and returns when it answers. The test is skipped where the registry's program is not at hand.
func Start(t testing.TB, o Options) *Registry {
	t.Helper()
	program := path.Join(cluster.SkipWithout(t, Binaries), "registry")
	if o.IP == "" {
		o.IP = "127.0.0.1"
	}
	dir := t.TempDir()
	settings, ca := o.settings(t, dir)
	process := launch(t, program, settings.write(t), dir)
	return &Registry{
		Host: process.listening(30 * time.Second), CA: ca, t: t, scheme: settings.scheme(), log: process.accessLog,
		accounts: o.Accounts,
	}
}

// settings are those of the registry, whose files are in a folder, with the certificate of its authority.
func (o Options) settings(t testing.TB, dir string) (of settings, authority []byte) {
	t.Helper()
	of = settings{dir: dir, address: net.JoinHostPort(o.IP, strconv.Itoa(o.Port))}
	if o.Login == None {
		return of, nil
	}
	ca := issue(t, rootOf(t, o.CADir), net.ParseIP(o.IP))
	of.pair = ca.write(dir)
	if o.Login == Token {
		of.auth = tokenAuth(t, dir, o, ca)
	} else {
		of.auth = basicAuth(t, dir, o.Accounts)
	}
	return of, ca.pem
}

// Account is the account of a name.
func (r *Registry) Account(name string) Account {
	r.t.Helper()
	for _, a := range r.accounts {
		if a.Name == name {
			return a
		}
	}
	r.t.Fatalf("the registry has no account %q", name)
	return Account{}
}
