package registry

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

func TestFailuresHaveAKindAndSayWhatToDo(t *testing.T) {
	denied := `{"errors":[{"code":"DENIED","message":"not\u001b[31m for\n you ` + strings.Repeat("x", 500) + `"}]}`
	much := strings.Repeat("x", 1<<20)
	tests := map[string]struct {
		fault http.HandlerFunc
		kind  Kind
		says  string
	}{
		"not there":                    {status(404, ""), NotFound, "check the name and the tag"},
		"wants credentials":            {status(401, ""), Denied, "add an imagePullSecret"},
		"forbids":                      {status(403, denied), Denied, `"DENIED: not[31m for you xxx`},
		"has an error of its own":      {status(500, "<html>oops</html>"), Unreachable, "status 500; it is asked again"},
		"is in maintenance":            {status(503, ""), Unreachable, "status 503"},
		"says much of what is missing": {status(404, much), NotFound, "check the name and the tag"},
		"says much of who may not":     {status(403, much), Denied, "add an imagePullSecret"},
		"says much of its trouble":     {status(503, much), Unreachable, "status 503"},
		"does not like the request":    {status(400, ""), BadContent, "check that it is a registry"},
		"is a web site":                {status(200, "<html>welcome</html>"), BadContent, "not JSON of the right form"},
		"closes the connection":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unreachable, "closed the connection"},
		"sends less than it announced": {cutOff, Unreachable, "closed the connection"},
		"does not answer":              {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, Unreachable, "did not answer in time"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c := f.client(func(o *Options) { o.Timeout = time.Second })
			f.failing(func(w http.ResponseWriter, r *http.Request) {
				// HEAD's answers have no body; those of GET are told apart below.
				if r.Method == http.MethodHead {
					w.WriteHeader(http.StatusMethodNotAllowed)
					return
				}
				tt.fault(w, r)
			})
			_, err := c.Digest(t.Context(), f.ref("app:1"), time.Now())
			if KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %s: %v", KindOf(err), err)
			}
			if !strings.HasPrefix(err.Error(), f.host+"/app:1: ") || len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("not fit to be shown: %q", err)
			}
		})
	}
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"schemaVersion":2`))
}

func TestNetworkFailuresSayWhatToDo(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	secure := httptest.NewUnstartedServer(status(200, ""))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(status(200, ""))
	defer plain.Close()
	host := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	tests := map[string]struct {
		options Options
		host    string
		says    string
	}{
		"nobody is there":                {Options{PlainHTTP: []string{host(gone)}, Wait: noWait}, host(gone), "connection refused"},
		"the certificate is not trusted": {Options{Internal: []string{host(secure)}}, host(secure), "certSecretRef"},
		"plain HTTP that is not listed":  {Options{Internal: []string{host(plain)}}, host(plain), "speaks plain HTTP"},
		"a name that does not exist":     {Options{}, "registry.invalid", "resolved"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := fake{host: tt.host, t: t}
			_, err := New(tt.options).Digest(t.Context(), f.ref("app:1"), time.Now())
			if KindOf(err) != Unreachable || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %s: %v", KindOf(err), err)
			}
			_, again := New(tt.options).Digest(t.Context(), f.ref("app:1"), time.Now())
			if again == nil || again.Error() != err.Error() {
				t.Errorf("the message changes by itself:\n%v\n%v", err, again)
			}
		})
	}
}

func TestRegistrysLimitsAreObeyedByHost(t *testing.T) {
	tests := map[string]struct {
		status int
		after  string
		pause  time.Duration
	}{
		"seconds":                               {429, "30", 30 * time.Second},
		"a date":                                {429, "Sat, 01 Aug 2026 10:05:00 GMT", 5 * time.Minute},
		"nothing":                               {429, "", time.Minute},
		"nonsense":                              {429, "soon", time.Minute},
		"seconds since 1970, which is too long": {429, "1785578400", time.Hour},
		"unavailable for some seconds":          {503, "10", 10 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, clock := newFake(t), newClock()
			c := f.client(clock.option)
			f.failing(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tt.after)
				w.WriteHeader(tt.status)
			})
			_, err := c.Digest(t.Context(), f.ref("app:1"), clock.now())
			until := clock.now().Add(tt.pause)
			if KindOf(err) != Unreachable || !RetryAfter(err).Equal(until) {
				t.Fatalf("got %v, to be asked again at %s; want %s", err, RetryAfter(err), until)
			}
			f.fault = nil
			f.requests()
			want := f.putImage("2", "amd64").Digest
			clock.advance(tt.pause - time.Second)
			if _, err := c.Digest(t.Context(), f.ref("app:2"), clock.now()); !RetryAfter(err).Equal(until) || len(f.requests()) != 0 {
				t.Errorf("the host was asked too early, or says %v", err)
			}
			clock.advance(time.Second)
			if got, err := c.Digest(t.Context(), f.ref("app:2"), clock.now()); err != nil || got.Digest != want {
				t.Errorf("after the pause: %+v, %v", got, err)
			}
		})
	}
}
