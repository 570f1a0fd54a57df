package registry

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestWhatOthersPutIntoURLsIsNotShown(t *testing.T) {
	const secret = "hunter2"
	from := &url.URL{Scheme: "https", Host: "r.example"}
	s := &session{c: New(Options{}), base: *from}
	for name, named := range map[string]string{
		"no host":          "https:///" + secret,
		"another protocol": "ftp://r.example/" + secret + "?a=" + secret,
		"a user":           "https://" + secret + ":" + secret + "@r.example/",
		"no URL":           "https://r.example/%zz" + secret,
		"something opaque": "mailto:" + secret,
	} {
		_, err := s.realm(named)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s, as a realm: %v", name, err)
		}
		if to, notURL := url.Parse(named); notURL == nil {
			if err := s.c.lists.lead(from, to); err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s, as a redirect: %v", name, err)
			}
		}
	}
	answer := &http.Response{
		Header: http.Header{"Location": {"https://r.example/%zz" + secret}}, Request: &http.Request{URL: from},
	}
	if _, err := place(answer); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("as a place for an upload: %v", err)
	}
}
