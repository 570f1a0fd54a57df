package access

import (
	"fmt"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/registry"
)

// ring has a key for each entry, with the entry's own name and place in the list as its username.
func ring(t *testing.T, entries ...string) keyring {
	t.Helper()
	var all []key
	for i, entry := range entries {
		at, ok := entryPlace(entry)
		if !ok {
			t.Fatalf("%q is no place", entry)
		}
		all = append(all, key{place: at, credential: registry.Credential{Username: fmt.Sprint(i, " ", entry), Password: "hunter2"}})
	}
	return newKeyring(all)
}

func TestTheNearestPlaceIsUsed(t *testing.T) {
	for sentence, c := range map[string]struct {
		entries    []string
		repository string
		want       string
	}{
		"nothing": {nil, "registry.example.com/app", ""},
		"the longer path": {
			[]string{"registry.example.com", "registry.example.com/team", "registry.example.com/team/app"},
			"registry.example.com/team/app", "2 registry.example.com/team/app",
		},
		"the host where no path fits": {
			[]string{"registry.example.com/team", "registry.example.com"}, "registry.example.com/teams/app", "1 registry.example.com",
		},
		"the host, asked for alone": {
			[]string{"registry.example.com/team", "registry.example.com"}, "registry.example.com", "1 registry.example.com",
		},
		"a host before a pattern":            {[]string{"*.example.com", "registry.example.com"}, "registry.example.com/app", "1 registry.example.com"},
		"a narrower pattern":                 {[]string{"*.*.com", "*.example.com", "r*.example.com"}, "registry.example.com/app", "2 r*.example.com"},
		"a pattern with a path before hosts": {[]string{"registry.example.com", "*.example.com/team"}, "registry.example.com/team/app", "1 *.example.com/team"},
		"the first of two for the same": {
			[]string{"https://index.docker.io/v1/", "docker.io"}, "docker.io/library/debian", "0 https://index.docker.io/v1/",
		},
		"none for another host": {[]string{"registry.example.com"}, "registry.example.org/app", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, ok := ring(t, c.entries...).For(c.repository)
			if got.Username != c.want || ok != (c.want != "") {
				t.Errorf("got %q (%t), want %q", got.Username, ok, c.want)
			}
		})
	}
}

func TestAKeyringPrintsNothingOfItsContent(t *testing.T) {
	r := ring(t, "registry.example.com")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{r, registry.Access{Pull: r}, struct{ R keyring }{r}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "hunter2") || strings.Contains(got, "registry.example.com") {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}
