package registry

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// doorman lets in to a fake only one who has a name and a password, or a token that was got with them.
type doorman struct {
	f              *fake
	basic          bool
	name, password string
	identity       string // token, which is exchanged where there is one
	public         bool   // whether anybody gets a token
	extra          string // a scope that each call needs besides
	grantsNothing  bool

	mu     sync.Mutex
	issued map[string][]string // token → scopes
	logins []url.Values
}

func newDoorman(f *fake) *doorman {
	d := &doorman{f: f, name: "me", password: "hunter2", issued: map[string][]string{}}
	f.fault = d.handle
	return d
}

// handle answers whom it does not let in.
func (d *doorman) handle(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path == "/token" {
		d.login(w, r)
		return true
	}
	needed := neededScopes(r)
	if needed != nil && d.extra != "" {
		needed = append(needed, d.extra)
	}
	if d.admits(r, needed) {
		return false
	}
	challenge := `Basic realm="x"`
	if !d.basic {
		challenge = fmt.Sprintf(`Bearer realm="%s/token",service="s",scope=%q`, d.f.URL, strings.Join(needed, " "))
	}
	w.Header().Set("WWW-Authenticate", challenge)
	w.WriteHeader(http.StatusUnauthorized)
	return true
}

// neededScopes are those of a request to the fake's repositories, whose names have no slash.
func neededScopes(r *http.Request) []string {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) < 4 {
		return nil
	}
	scope := "repository:" + parts[2] + ":pull"
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		scope += ",push"
	}
	if from := r.URL.Query().Get("from"); from != "" {
		return []string{"repository:" + from + ":pull", scope}
	}
	return []string{scope}
}

func (d *doorman) admits(r *http.Request, needed []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name, password, given := r.BasicAuth(); d.basic {
		return given && name == d.name && password == d.password
	}
	granted, ok := d.issued[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	return ok && !slices.ContainsFunc(needed, func(scope string) bool {
		return !slices.ContainsFunc(granted, func(g string) bool { return strings.HasPrefix(g, scope) })
	})
}

// login gives a token for five minutes.
func (d *doorman) login(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logins = append(d.logins, r.Form)
	name, password, given := r.BasicAuth()
	switch {
	case r.Method == http.MethodPost && d.identity == "":
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPost && r.PostForm.Get("refresh_token") != d.identity:
		w.WriteHeader(http.StatusBadRequest)
	case r.Method == http.MethodGet && given && (name != d.name || password != d.password),
		r.Method == http.MethodGet && !given && !d.public:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		token := fmt.Sprintf("token-%d", len(d.issued))
		d.issued[token] = nil
		if !d.grantsNothing {
			d.issued[token] = scopesOf(r)
		}
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":300}`, token)
	}
}

func scopesOf(r *http.Request) []string {
	return strings.Fields(strings.Join(r.Form["scope"], " "))
}

// revoke makes all tokens worthless.
func (d *doorman) revoke() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.issued)
}

// ring is Credentials by the beginning of a repository's name, the longest first.
type ring map[string]Credential

func (r ring) For(repository string) (Credential, bool) {
	longest := ""
	for prefix := range r {
		if strings.HasPrefix(repository, prefix) && len(prefix) >= len(longest) {
			longest = prefix
		}
	}
	found, ok := r[longest]
	return found, ok
}

var me = Credential{Username: "me", Password: "hunter2"}

// roots are those of every secure fake.
func (f *fake) roots() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
}

// secureClient may talk to whatever this host has, and trusts secure fakes only on somebody's behalf.
func secureClient(options ...func(*Options)) *Client {
	o := Options{Internal: []string{"127.0.0.1"}, Timeout: 5 * time.Second, Wait: noWait}
	for _, option := range options {
		option(&o)
	}
	return New(o)
}

// as is the client on somebody's behalf.
func as(t *testing.T, c *Client, a Access) *Client {
	t.Helper()
	made, err := c.As(a)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
