package registry

import (
	"net/http"
	"testing"
	"time"
)

func TestTheRegistryIsAskedWhereAMirrorFails(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"other bytes":                 status(200, "<html>log in</html>"),
		"no answer":                   standing(""),
		"an answer that stands still": standing("{"),
		"an answer that is cut off":   cutOff,
	} {
		t.Run(name, func(t *testing.T) {
			own, mirror := newFake(t), newFake(t)
			stored := own.putImage("1", "amd64")
			mirror.failing(fault)
			c := own.client(func(o *Options) {
				o.Timeout = 1500 * time.Millisecond
				o.PlainHTTP = append(o.PlainHTTP, mirror.host)
				o.Mirrors = map[string][]string{own.host: {mirror.host}}
			})
			if _, err := c.Inspect(t.Context(), own.ref("app@"+stored.Digest), nil); err != nil {
				t.Fatal(err)
			}
			if asked := mirror.requests(); len(asked) != 1 {
				t.Errorf("the mirror does not rest: it was asked %q", asked)
			}
		})
	}
}
