package registry

import (
	"context"
	"net/http"
	"strings"

	"github.com/containerd/containerd/v2/core/remotes/docker/auth"
)

// proof is an Authorization header, for a request to the registry itself; empty for none.
type proof struct {
	header string
	scopes []string // of a token
	fresh  bool     // a token that was got for this very call
}

// prove gives what to show with a call.
//
// What a registry wants to be shown is learned by asking /v2/ only where it matters: with credentials, since some
// registries tell strangers that there is nothing instead of asking who they are, and before a body is sent, which
// would be for nothing. Without both, a call goes out at once, and its refusal tells as much. So a registry that asks
// nobody costs no request but the calls.
func (s *session) prove(ctx context.Context, r call) (proof, error) {
	if s.credential.RegistryToken != "" {
		return proof{header: "Bearer " + s.credential.RegistryToken}, nil
	}
	asked, known := s.c.doors.get(s.door())
	if !known && (r.body != nil || s.credential != Credential{}) {
		var err error
		if asked, err = s.ping(ctx); err != nil {
			return proof{}, err
		}
	}
	return s.show(ctx, asked, s.scopes(r))
}

// ping asks how the registry wants to be shown who asks.
func (s *session) ping(ctx context.Context) (challenge, error) {
	return shared(ctx, s.c, "ping "+s.door(), func(ctx context.Context) (challenge, error) {
		at := s.base
		at.Path = "/v2/"
		answer, err := s.once(ctx, call{method: http.MethodGet, at: &at}, proof{})
		if err != nil {
			return challenge{}, err
		}
		defer discard(answer)
		if answer.StatusCode >= http.StatusInternalServerError {
			return challenge{}, s.check(answer)
		}
		if answer.StatusCode == http.StatusUnauthorized && stayed(answer.Request, origin(&s.base)) {
			return s.learn(answer)
		}
		s.know(challenge{})
		return challenge{}, nil
	})
}

// show answers a challenge.
func (s *session) show(ctx context.Context, asked challenge, scopes []string) (proof, error) {
	switch asked.scheme {
	case auth.BasicAuth:
		return proof{header: s.credential.basic()}, nil
	case auth.BearerAuth:
		return s.token(ctx, asked, scopes)
	}
	return proof{}, nil
}

// token finds a token, or gets one.
func (s *session) token(ctx context.Context, asked challenge, scopes []string) (proof, error) {
	if known, ok := s.c.tokens.find(s.door(), scopes, s.c.now()); ok {
		return proof{header: "Bearer " + known.value, scopes: known.scopes}, nil
	}
	of := key("token " + asked.realm.String() + " " + strings.Join(scopes, " ") + " ")
	got, err := shared(ctx, s.c, of+s.door(), func(ctx context.Context) (token, error) {
		got, err := s.fetch(ctx, asked, scopes)
		if err == nil {
			s.c.tokens.add(s.door(), got)
		}
		return got, err
	})
	if err != nil {
		if !mayPass(err) {
			// How to log in may have changed.
			s.c.doors.forget(s.door())
		}
		// OAuth has 400 for a grant that is not good any more.
		return proof{}, s.denied(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden)
	}
	return proof{header: "Bearer " + got.value, scopes: got.scopes, fresh: true}, nil
}

// again gives what else to show after a refusal; nothing, where it would be the same.
func (s *session) again(ctx context.Context, refused *http.Response, scopes []string, shown proof) (proof, error) {
	if s.credential.RegistryToken != "" {
		return proof{}, nil
	}
	asked, err := s.learn(refused)
	if err != nil || shown.fresh && cover(shown.scopes, asked.scopes) {
		return proof{}, err
	}
	s.c.tokens.drop(s.door(), strings.TrimPrefix(shown.header, "Bearer "))
	next, err := s.show(ctx, asked, join(scopes, asked.scopes))
	if next.header == shown.header {
		return proof{}, err
	}
	return next, err
}

// welcome remembers of a registry of which nothing is known that it asked nobody who they are.
func (s *session) welcome(answer *http.Response, shown proof) {
	if answer == nil || answer.StatusCode >= http.StatusBadRequest || shown.header != "" {
		return
	}
	if _, known := s.c.doors.get(s.door()); !known {
		s.know(challenge{})
	}
}
