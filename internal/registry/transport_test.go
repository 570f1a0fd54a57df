package registry

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

func TestInternalAddressesAreForbidden(t *testing.T) {
	tests := map[string]bool{
		"8.8.8.8": false, "2606:4700::1": false, "64:ff9b::808:808": false, "172.32.0.1": false, "100.128.0.1": false,
		"127.0.0.1": true, "127.8.8.8": true, "::1": true, "0.0.0.0": true, "0.1.2.3": true, "::": true,
		"10.0.0.1": true, "172.16.0.1": true, "192.168.1.1": true, "fd00::1": true, "fc00::1": true,
		"169.254.169.254": true, "fe80::1": true, "fe80::1%lo": true, "100.64.0.1": true, "100.100.100.200": true,
		"192.0.0.192": true, "198.18.0.1": true, "224.0.0.1": true, "ff02::1": true, "255.255.255.255": true, "240.0.0.1": true,
		"::ffff:10.0.0.1": true, "::ffff:169.254.169.254": true, "::7f00:1": true,
		"64:ff9b::a00:1": true, "64:ff9b::a9fe:a9fe": true, "64:ff9b:1::1": true, "2002:7f00:1::": true, "2001::1": true,
		"fec0::1": true, "fd00:ec2::254": true,
	}
	for address, want := range tests {
		if got := isForbidden(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is forbidden: %v", address, got)
		}
	}
}

func TestHostsAreListedByNameAndPort(t *testing.T) {
	list := newHosts([]string{"Registry.Example:5000", "any.example", "[fd00::1]:5000", "[fd00::2]", "plain.example:80"})
	tests := map[string]bool{
		"registry.example:5000": true, "registry.example:443": false, "registry.example": false,
		"any.example:1": true, "ANY.example": true, "other.any.example:1": false,
		"[fd00::1]:5000": true, "[fd00::1]:1": false, "[fd00::2]:1": true, "[fd00::2]": true,
		"plain.example": true, "plain.example:443": false, "": false,
	}
	for address, want := range tests {
		if got := list.lists(address); got != want {
			t.Errorf("%q is listed: %v", address, got)
		}
	}
}

func TestNoNameLeadsToAnInternalAddress(t *testing.T) {
	secret := newFake(t)
	secret.putImage("1", "amd64")
	_, port, _ := strings.Cut(secret.host, ":")
	byName := "localhost:" + port
	to := func(url string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusTemporaryRedirect) }
	}
	realm := func(url string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="x"`, url))
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	tests := map[string]struct {
		host  string
		fault http.HandlerFunc
		kind  Kind
	}{
		"a registry's address":                  {host: secret.host, kind: ForbiddenAddress},
		"a registry's name":                     {host: byName, kind: ForbiddenAddress},
		"a registry's address, on another port": {host: "127.0.0.1:1", kind: ForbiddenAddress},
		"a redirect to an address":              {fault: to("https://" + secret.host + "/v2/app/manifests/1"), kind: ForbiddenAddress},
		"a redirect to a name":                  {fault: to("https://" + byName + "/v2/app/manifests/1"), kind: ForbiddenAddress},
		"a redirect in plain HTTP":              {fault: to("http://" + byName + "/v2/app/manifests/1"), kind: ForbiddenAddress},
		"a redirect to the cloud's metadata":    {fault: to("http://169.254.169.254/latest"), kind: ForbiddenAddress},
		"a realm's name":                        {fault: realm("https://" + byName + "/token"), kind: ForbiddenAddress},
		"a realm in plain HTTP":                 {fault: realm("http://" + byName + "/token"), kind: ForbiddenAddress},
		"a realm's address":                     {fault: realm("https://" + secret.host + "/token"), kind: ForbiddenAddress},
		"the cloud's metadata for a realm":      {fault: realm("http://169.254.169.254/token"), kind: ForbiddenAddress},
		"a redirect without end":                {fault: func(w http.ResponseWriter, r *http.Request) { to(r.URL.String())(w, r) }, kind: BadContent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c := f.client()
			f.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(name, "redirect") && r.URL.Path == "/v2/" {
					return false
				}
				tt.fault(w, r)
				return true
			}
			if tt.host != "" {
				f.host = tt.host
			}
			_, err := c.Digest(t.Context(), f.ref("app:1"), time.Now())
			if KindOf(err) != tt.kind {
				t.Errorf("got %s: %v", KindOf(err), err)
			}
			if asked := secret.requests(); len(asked) != 0 {
				t.Errorf("the internal host was asked %q", asked)
			}
			if asked := f.requests(); len(asked) > 2+maxRedirects {
				t.Errorf("asked %d times", len(asked))
			}
		})
	}
}

func TestRedirectsThatAreNoneAreRefused(t *testing.T) {
	f := newFake(t)
	for name, tt := range map[string]struct {
		location string
		method   string
		kind     Kind
	}{
		"one that makes a write a read": {"/v2/app/other", http.MethodPost, BadContent},
		"one with a password":           {"http://a:b@" + f.host + "/v2/app/other", http.MethodGet, BadContent},
		"one to a file":                 {"file:///etc/passwd", http.MethodGet, BadContent},
	} {
		f.fault = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", tt.location)
			w.WriteHeader(http.StatusFound)
			return true
		}
		f.requests()
		_, err := f.client().do(t.Context(), f.ref("app:1"), call{method: tt.method, what: "manifests/1"})
		if asked := f.requests(); KindOf(err) != tt.kind || len(asked) != 1 {
			t.Errorf("%s: asked %q and got %v", name, asked, err)
		}
	}
}

func TestRedirectsOfHostsThatAreNotListedDoNotLeadToThoseThatAre(t *testing.T) {
	inner := answers(func(r *http.Request) *http.Response {
		if r.URL.Host == "internal.example" {
			t.Error("it is asked")
		}
		return &http.Response{StatusCode: http.StatusFound, Body: http.NoBody, Request: r,
			Header: http.Header{"Location": {"https://internal.example/admin"}}}
	})
	c := New(Options{Internal: []string{"internal.example"}})
	c.transport = &guard{inner: inner, lists: c.lists, pauses: c.pauses}
	_, _, err := c.Find(t.Context(), image.Reference{Repository: "public.example/app", Tag: "1"})
	if KindOf(err) != ForbiddenAddress || !strings.Contains(err.Error(), "public.example sends to internal.example") {
		t.Errorf("got %v", err)
	}
}

// answers is an http.RoundTripper that sends nothing.
type answers func(*http.Request) *http.Response

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

func TestHTTPSIsNeverLeftForHTTP(t *testing.T) {
	var asked []string
	inner := answers(func(r *http.Request) *http.Response {
		asked = append(asked, r.URL.String())
		answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{}, Request: r}
		if r.URL.Host == "secure.example" {
			answer.StatusCode = http.StatusFound
			answer.Header.Set("Location", "https://plain.example/x")
		}
		return answer
	})
	g := &guard{inner: inner, lists: newLists(Options{PlainHTTP: []string{"plain.example"}}), pauses: &pauses{now: time.Now, until: newMemory[time.Time](1)}}
	client := http.Client{Transport: g}
	for _, url := range []string{"https://secure.example/", "http://secure.example/"} {
		if answer, err := client.Get(url); err == nil {
			answer.Body.Close()
			t.Errorf("%s led to %q", url, asked)
		}
	}
	answer, err := client.Get("https://plain.example/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	want := []string{"https://secure.example/", "http://plain.example/"}
	if strings.Join(asked, " ") != strings.Join(want, " ") {
		t.Errorf("asked %q; want %q", asked, want)
	}
}
