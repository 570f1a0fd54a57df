package registry

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/remotes/docker/auth"
)

// maxScopes bounds the scopes that a registry may have us ask for.
const maxScopes = 8

// challenge is how a registry wants to be shown who asks. The zero challenge is that of one that does not ask.
type challenge struct {
	scheme  auth.AuthenticationScheme // zero, auth.BasicAuth or auth.BearerAuth
	realm   *url.URL                  // where tokens are to be had
	service string                    // what the registry is called there
	scopes  []string                  // what the refused request needed
}

// learn reads the challenge of a registry's 401, and keeps it: it is the same for the whole host.
//
// A registry may name any realm on another host, as Docker Hub, GitLab and others do, and it is given the credentials
// for the registry. Whose host names the realm could as well ask for the same credentials itself, so that nothing is
// lost by that, on these conditions: the challenge came from the registry itself and not from where it redirected
// to, which is for the caller to see to; it came over TLS, or the administrator lists the registry as plain HTTP, and
// then the realm is over TLS or is so listed too; and no realm leads where a redirect may not.
func (s *session) learn(refused *http.Response) (challenge, error) {
	asked, err := s.parse(refused.Header)
	if err != nil || asked.scheme == 0 {
		s.c.doors.forget(s.door())
		return challenge{}, err
	}
	s.know(challenge{scheme: asked.scheme, realm: asked.realm, service: asked.service})
	return asked, nil
}

// know keeps how the host wants to be shown who asks.
func (s *session) know(asked challenge) {
	const others = 256 // bytes, about, beside what the registry chose
	cost := others + len(asked.service)
	if asked.realm != nil {
		cost += len(asked.realm.String())
	}
	s.c.doors.put(s.door(), asked, cost)
}

// parse finds the first challenge that can be answered.
func (s *session) parse(header http.Header) (challenge, error) {
	for _, found := range auth.ParseAuthHeader(header) {
		switch found.Scheme {
		case auth.BasicAuth:
			return challenge{scheme: found.Scheme}, nil
		case auth.BearerAuth:
			realm, err := s.realm(found.Parameters["realm"])
			if err != nil {
				return challenge{}, err
			}
			scopes := strings.Fields(found.Parameters["scope"])
			return challenge{
				scheme: found.Scheme, realm: realm, service: found.Parameters["service"],
				scopes: scopes[:min(len(scopes), maxScopes)],
			}, nil
		}
	}
	return challenge{}, nil
}

// realm checks where a registry says that tokens are to be had.
func (s *session) realm(named string) (*url.URL, error) {
	realm, err := url.Parse(named)
	if err != nil {
		return nil, badContent("it asks for a login at what is not a URL; check the registry's configuration")
	}
	if err := s.c.lists.lead(&s.base, realm); err != nil {
		return nil, err
	}
	if realm.Scheme == "https" {
		realm.Scheme = s.c.lists.scheme(realm.Host)
	}
	return realm, nil
}

// join is both lists in one, in order and each scope once.
func join(scopes, more []string) []string {
	all := slices.Concat(scopes, more)
	slices.Sort(all)
	return slices.Compact(all)
}

// cover reports whether all that is needed is among the scopes: pull is among pull,push.
func cover(scopes, needed []string) bool {
	return !slices.ContainsFunc(needed, func(need string) bool {
		return !slices.ContainsFunc(scopes, func(scope string) bool {
			return scope == need || strings.HasPrefix(scope, need+",")
		})
	})
}
