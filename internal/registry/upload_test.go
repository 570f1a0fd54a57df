package registry

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

func TestLocationsAreOnTheHostThatWasAsked(t *testing.T) {
	const asked = "https://registry.example/v2/team/app/blobs/uploads/"
	tests := map[string]struct{ asked, location, at string }{
		"a whole URL":              {asked, "https://registry.example/v2/up/1?_state=a%2Fb", "https://registry.example/v2/up/1?_state=a%2Fb"},
		"a path":                   {asked, "/v2/up/1", "https://registry.example/v2/up/1"},
		"a relative path":          {asked, "1?x=y", "https://registry.example/v2/team/app/blobs/uploads/1?x=y"},
		"an escaped path":          {asked, "/v2/up/a%2Fb", "https://registry.example/v2/up/a%2Fb"},
		"without a scheme":         {asked, "//registry.example/v2/up/1", "https://registry.example/v2/up/1"},
		"the host in capitals":     {asked, "https://REGISTRY.example/1", "https://registry.example/1"},
		"its own port, said":       {asked, "https://registry.example:443/1", "https://registry.example/1"},
		"plain HTTP, of a proxy's": {asked, "http://registry.example/1", "https://registry.example/1"},
		"another port than 443":    {"https://registry.example:5000/v2/", "https://registry.example:5000/1", "https://registry.example:5000/1"},
		"a plain registry":         {"http://registry.example/v2/", "http://registry.example:80/1", "http://registry.example/1"},
		"a fragment":               {asked, "/1#x", "https://registry.example/1"},

		"another host":              {asked, "https://evil.example/1", ""},
		"another host, no scheme":   {asked, "//evil.example/1", ""},
		"a host below":              {asked, "https://up.registry.example/1", ""},
		"a host that begins so":     {asked, "https://registry.example.evil.example/1", ""},
		"the host as a login":       {asked, "https://registry.example@evil.example/1", ""},
		"another port":              {asked, "https://registry.example:8443/1", ""},
		"port 80 with TLS":          {asked, "https://registry.example:80/1", ""},
		"the cloud's metadata":      {asked, "http://169.254.169.254/latest", ""},
		"an address on this host":   {asked, "http://[::1]/1", ""},
		"a host with a backslash":   {asked, `https://registry.example\@evil.example/1`, ""},
		"another kind of URL":       {asked, "file:///etc/passwd", ""},
		"no URL":                    {asked, "http://[", ""},
		"nothing":                   {asked, "", ""},
		"a control character in it": {asked, "https://evil.example\x7f/1", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			first, err := url.Parse(tt.asked)
			if err != nil {
				t.Fatal(err)
			}
			at, err := place(&http.Response{
				Header: http.Header{"Location": {tt.location}}, Request: &http.Request{URL: first},
			})
			if tt.at == "" && err == nil || tt.at != "" && (err != nil || at.String() != tt.at) {
				t.Errorf("got %v, %v; want %q", at, err, tt.at)
			}
		})
	}
}

func TestALocationElsewhereGetsNothing(t *testing.T) {
	thief := newFake(t)
	elsewhere := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			w.Header().Set("Location", thief.URL+"/v2/app/blobs/uploads/1")
			w.WriteHeader(http.StatusAccepted)
		}
		return r.Method == http.MethodPost
	}
	redirected := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}
		return r.Method == http.MethodPost
	}
	tests := map[string]struct {
		fault    func(http.ResponseWriter, *http.Request) bool
		listed   bool
		requests int
	}{
		"a Location":                               {elsewhere, true, 0},
		"a Location at an internal address":        {elsewhere, false, 0},
		"a redirect to one who goes on":            {redirected, true, 1},
		"a redirect to one at an internal address": {redirected, false, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.fault = tt.fault
			c := f.client(func(o *Options) {
				if tt.listed {
					o.PlainHTTP = append(o.PlainHTTP, thief.host)
				}
			})
			if err := c.PushBlob(t.Context(), f.ref("app:1"), []byte("secret")); err == nil {
				t.Error("it was pushed")
			}
			asked := thief.requests()
			if len(asked) != tt.requests || strings.Contains(strings.Join(asked, " "), http.MethodPut) {
				t.Errorf("the other host was asked %q", asked)
			}
		})
	}
}

func TestAnUploadThatFailsIsBegunAnew(t *testing.T) {
	f := newFake(t)
	failures := 1
	f.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || failures == 0 {
			return false
		}
		failures--
		_, _ = io.ReadFull(r.Body, make([]byte, 3))
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	c, to := f.client(), f.ref("app:1")
	if err := c.PushBlob(t.Context(), to, []byte("content")); err != nil {
		t.Fatal(err)
	}
	if asked := f.requests(); methods(asked) != "POST PUT POST PUT" {
		t.Errorf("asked %q", asked)
	}
	there, err := c.has(t.Context(), to, digest.FromString("content").String())
	if err != nil || !there {
		t.Errorf("it is there: %v, %v", there, err)
	}
	f.requests()
	failures = 1000
	if err := c.PushBlob(t.Context(), to, []byte("content")); KindOf(err) != Unreachable {
		t.Errorf("a registry that keeps failing: %v", err)
	}
	if asked := f.requests(); methods(asked) != "POST PUT POST PUT POST PUT" {
		t.Errorf("asked %q", asked)
	}
}
