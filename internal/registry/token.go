package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

const (
	// keptTokens bounds the tokens that are kept for one credential at one registry.
	keptTokens = 64
	// maxToken bounds the answer with a token, in bytes.
	maxToken = 64 << 10
	// shortestLife is how long a token is good for that does not say it, as the specification has it.
	shortestLife = time.Minute
	longestLife  = time.Hour
)

// token is what a registry takes for a proof, for some scopes and some time.
type token struct {
	value  string
	scopes []string
	until  time.Time
}

// tokens keeps tokens by the registry and the credential that they were got with.
type tokens struct {
	mu   sync.Mutex
	kept *memory[[]token] // the newest first
}

// find gives a token that is good for the scopes, and for no more than them if there is such a one: of more that were
// asked for, not all may have been granted.
func (t *tokens) find(of key, scopes []string, now time.Time) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, _ := t.kept.get(of)
	var wider token
	for _, known := range all {
		if !now.Before(known.until) || !cover(known.scopes, scopes) {
			continue
		}
		if len(known.scopes) == len(scopes) {
			return known, true
		}
		if wider.value == "" {
			wider = known
		}
	}
	return wider, wider.value != ""
}

func (t *tokens) add(of key, got token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, _ := t.kept.get(of)
	t.put(of, append([]token{got}, all[:min(len(all), keptTokens-1)]...))
}

func (t *tokens) put(of key, all []token) {
	const others = 256 // bytes, about, beside the token itself
	cost := 0
	for _, known := range all {
		cost += len(known.value) + others
	}
	t.kept.put(of, all, cost)
}

// drop forgets a token that was refused.
func (t *tokens) drop(of key, refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, _ := t.kept.get(of)
	var kept []token
	for _, known := range all {
		if known.value != refused {
			kept = append(kept, known)
		}
	}
	t.put(of, kept)
}

// loginError says that a registry's realm did not give a token.
type loginError struct {
	realm string // host
	cause error
}

func (e *loginError) Error() string { return fmt.Sprintf("logging in at %s: %v", e.realm, e.cause) }
func (e *loginError) Unwrap() error { return e.cause }

// fetch gets a token for the scopes. See https://distribution.github.io/distribution/spec/auth/token/ and, beside it,
// oauth/.
func (s *session) fetch(ctx context.Context, asked challenge, scopes []string) (token, error) {
	var (
		got token
		err error
	)
	if s.credential.IdentityToken != "" {
		got, err = s.exchange(ctx, asked, scopes)
	}
	if s.credential.IdentityToken == "" || noExchange(err) {
		got, err = s.get(ctx, asked, scopes)
	}
	if err != nil {
		return token{}, &loginError{realm: asked.realm.Host, cause: bare(err)}
	}
	got.scopes = scopes
	return got, nil
}

// noExchange reports whether a realm has no answer to the exchange of identity tokens. Artifactory says 401 to it.
func noExchange(err error) bool {
	var answered *transport.Error
	if !errors.As(err, &answered) {
		return false
	}
	switch answered.StatusCode {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnauthorized:
		return true
	}
	return false
}

// get asks for a token with a name and a password, or with nothing.
func (s *session) get(ctx context.Context, asked challenge, scopes []string) (token, error) {
	at := *asked.realm
	query := at.Query()
	query["scope"] = scopes
	if asked.service != "" {
		query.Set("service", asked.service)
	}
	at.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return token{}, err
	}
	return s.askForToken(req, s.credential.basic())
}

// exchange asks for a token with an identity token.
func (s *session) exchange(ctx context.Context, asked challenge, scopes []string) (token, error) {
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {s.credential.IdentityToken}, "client_id": {"respin"},
		"scope": {strings.Join(scopes, " ")},
	}
	if asked.service != "" {
		form.Set("service", asked.service)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, asked.realm.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return token{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.askForToken(req, "")
}

// askForToken follows no redirect to another origin: the request may hold the credentials in its body, and what comes
// back is sent to the registry.
func (s *session) askForToken(req *http.Request, header string) (token, error) {
	at := origin(req.URL)
	client := http.Client{
		Transport: &login{next: s.c.transport, origin: at, header: header},
		CheckRedirect: func(next *http.Request, _ []*http.Request) error {
			if origin(next.URL) != at {
				return badContent("%s redirects a login to %s; have the registry name that place itself",
					req.URL.Host, next.URL.Host)
			}
			return nil
		},
	}
	answer, err := client.Do(req)
	if err != nil {
		return token{}, err
	}
	defer answer.Body.Close()
	if err := s.check(answer, http.StatusOK); err != nil {
		return token{}, err
	}
	return s.readToken(answer.Body)
}

func (s *session) readToken(from io.Reader) (token, error) {
	raw, err := io.ReadAll(io.LimitReader(from, maxToken+1))
	if err != nil {
		return token{}, err
	}
	var said struct {
		Token       string      `json:"token"`
		AccessToken string      `json:"access_token"`
		ExpiresIn   json.Number `json:"expires_in"`
	}
	if len(raw) > maxToken || json.Unmarshal(raw, &said) != nil || said.Token == "" && said.AccessToken == "" {
		return token{}, badContent("it gives no token that can be read")
	}
	if said.Token == "" {
		said.Token = said.AccessToken
	}
	seconds, _ := said.ExpiresIn.Float64()
	life := min(max(time.Duration(seconds)*time.Second, shortestLife), longestLife)
	// It is not used to the last moment, since the clocks differ and requests take time.
	return token{value: said.Token, until: s.c.now().Add(life - life/10)}, nil
}
