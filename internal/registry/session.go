package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// session is one repository, at its registry or at a mirror, spoken to with one credential. It holds no state: how the
// registry wants to be shown who asks, and the tokens that it takes for that, are kept by host and credential.
type session struct {
	c          *Client
	base       url.URL // …/v2/<path>
	path       string
	credential Credential
	push       bool
}

// hostOf is where a registry is spoken to. Docker Hub's name is a web site's.
func hostOf(registry string) string {
	if registry == "docker.io" {
		return "index.docker.io"
	}
	return registry
}

// session is for a repository with its registry.
func (c *Client) session(repository string, push bool) *session {
	registry, path, _ := strings.Cut(repository, "/")
	host := hostOf(registry)
	return &session{
		c: c, path: path, push: push, credential: c.credential(repository, push),
		base: url.URL{Scheme: c.lists.scheme(host), Host: host, Path: "/v2/" + path},
	}
}

// door names the host, the roots that it was trusted by, and the credential.
func (s *session) door() key {
	return key(origin(&s.base) + " " + s.c.fingerprint(s.credential))
}

// scopes are what a call needs, in the terms of tokens. A mount takes from a repository of the same registry, or is none.
func (s *session) scopes(r call) []string {
	actions := ":pull"
	if s.push {
		actions = ":pull,push"
	}
	scopes := []string{"repository:" + s.path + actions}
	registry, from, _ := strings.Cut(r.from, "/")
	if from != "" && hostOf(registry) == s.base.Host && from != s.path {
		scopes = append(scopes, "repository:"+from+":pull")
	}
	return join(scopes, nil)
}

// send makes a call, logs in where that is asked for, and judges the answer's status.
func (s *session) send(ctx context.Context, r call) (*http.Response, error) {
	answer, err := s.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := s.check(answer, r.answers()...); err != nil {
		answer.Body.Close()
		return nil, s.denied(err, http.StatusUnauthorized, http.StatusForbidden)
	}
	return answer, nil
}

// check makes an error of an answer that is none of those. Of what the registry says no more is kept than is shown, and
// that without what it may have repeated of our secrets.
func (s *session) check(answer *http.Response, statuses ...int) error {
	err := transport.CheckError(answer, statuses...)
	if err == nil || answer.Request.Context().Err() != nil {
		return err
	}
	said := &transport.Error{StatusCode: answer.StatusCode}
	errors.As(err, &said) // if its words could be read: they may be too many
	kept, sent := &transport.Error{StatusCode: said.StatusCode}, answer.Request.Header.Get("Authorization")
	for _, e := range said.Errors[:min(len(said.Errors), 1)] {
		kept.Errors = []transport.Diagnostic{{
			Code:    transport.ErrorCode(clean(s.credential.hide(string(e.Code), sent))),
			Message: clean(s.credential.hide(e.Message, sent)),
		}}
	}
	return kept
}

// ask makes a call, and once more if it was refused and there is something else to show.
func (s *session) ask(ctx context.Context, r call) (*http.Response, error) {
	shown, err := s.prove(ctx, r)
	if err != nil {
		return nil, err
	}
	answer, err := s.once(ctx, r, shown)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		s.welcome(answer, shown)
		return answer, err
	}
	if !stayed(answer.Request, origin(&s.base)) {
		return s.abroad(ctx, r, answer)
	}
	shown, err = s.again(ctx, answer, s.scopes(r), shown)
	if err == nil && shown.header == "" {
		return answer, nil
	}
	discard(answer)
	if err != nil {
		return nil, err
	}
	return s.once(ctx, r, shown)
}

// abroad answers another host's challenge, to which the registry redirected us, as nobody: it gets none of the
// registry's credentials, but may want to see a token that it gives to anyone.
func (s *session) abroad(ctx context.Context, r call, refused *http.Response) (*http.Response, error) {
	if r.method != http.MethodGet && r.method != http.MethodHead {
		return refused, nil
	}
	at := *refused.Request.URL
	stranger := &session{c: s.c, base: url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/"}}
	shown, err := stranger.again(ctx, refused, nil, proof{})
	if err == nil && shown.header == "" {
		return refused, nil
	}
	discard(refused)
	if err != nil {
		return nil, err
	}
	r.at = &at
	return stranger.once(ctx, r, shown)
}

// once sends a call. What is shown is for the registry itself, wherever the call is redirected to.
func (s *session) once(ctx context.Context, r call, shown proof) (*http.Response, error) {
	req, err := r.request(ctx, s.base)
	if err != nil {
		return nil, err
	}
	if err := s.c.lists.lead(&s.base, req.URL); err != nil {
		return nil, err
	}
	client := http.Client{Transport: &login{next: s.c.transport, origin: origin(&s.base), header: shown.header}}
	return client.Do(req)
}

// discard reads what little there may be of an answer, so that its connection can be used again.
func discard(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, answer.Body, 4<<10)
	answer.Body.Close()
}
