package access

import "testing"

func TestAPlaceHoldsWhatIsAtItOrBelow(t *testing.T) {
	for sentence, c := range map[string]struct {
		entry, repository string
		want              bool
	}{
		"a host":                                    {"registry.example.com", "registry.example.com/team/app", true},
		"a host, asked for alone":                   {"registry.example.com", "registry.example.com", true},
		"a host in capital letters":                 {"Registry.Example.COM", "registry.example.com/app", true},
		"a URL":                                     {"https://registry.example.com", "registry.example.com/app", true},
		"a URL without TLS":                         {"http://registry.example.com/", "registry.example.com/app", true},
		"a URL with the API's version":              {"https://registry.example.com/v2/", "registry.example.com/app", true},
		"a URL with the version and a path":         {"https://registry.example.com/v1/team", "registry.example.com/team/app", true},
		"a version without a slash after it":        {"registry.example.com/v2", "registry.example.com/app", true},
		"a folder whose name begins like a version": {"registry.example.com/v2x", "registry.example.com/app", false},
		"another host":                              {"registry.example.com", "registry.example.org/app", false},
		"a host above":                              {"example.com", "registry.example.com/app", false},
		"a host below":                              {"registry.example.com", "eu.registry.example.com/app", false},
		"a host that ends alike":                    {"registry.example.com", "myregistry.example.com/app", false},
		"the same port":                             {"registry.example.com:5000", "registry.example.com:5000/app", true},
		"another port":                              {"registry.example.com:5000", "registry.example.com:5001/app", false},
		"a port where none is meant":                {"registry.example.com:5000", "registry.example.com/app", false},
		"no port where one is meant":                {"registry.example.com", "registry.example.com:5000/app", false},
		"an IPv6 address":                           {"[2001:db8::1]:5000", "[2001:db8::1]:5000/app", true},
		"an IPv6 address without a port":            {"[2001:db8::1]", "[2001:db8::1]/app", true},
		"a path":                                    {"registry.example.com/team", "registry.example.com/team/app", true},
		"a path with a slash after it":              {"registry.example.com/team/", "registry.example.com/team/app", true},
		"a path that is the repository":             {"registry.example.com/team/app", "registry.example.com/team/app", true},
		"a path that begins alike":                  {"registry.example.com/team", "registry.example.com/teams/app", false},
		"a path in capital letters":                 {"registry.example.com/Team", "registry.example.com/team/app", false},
		"a path, asked for the host":                {"registry.example.com/team", "registry.example.com", false},
		"a path below the repository":               {"registry.example.com/team/app/x", "registry.example.com/team/app", false},
		"a repository that is called like a version": {
			"registry.example.com", "registry.example.com/v2/app", true,
		},
		"a pattern":                       {"*.example.com", "registry.example.com/app", true},
		"a pattern within a label":        {"reg*.example.com", "registry.example.com/app", true},
		"a pattern with a path":           {"*.example.com/team", "registry.example.com/team/app", true},
		"a pattern with another path":     {"*.example.com/team", "registry.example.com/app", false},
		"a pattern for another port":      {"*.example.com", "registry.example.com:5000/app", false},
		"a pattern and the port":          {"*.example.com:5000", "registry.example.com:5000/app", true},
		"a pattern does not cross a dot":  {"*.example.com", "a.b.example.com/app", false},
		"a pattern does not stand for ''": {"*.example.com", "example.com/app", false},
		"a star alone is one label":       {"*", "registry.example.com/app", false},
		"a star in a path is no pattern":  {"registry.example.com/*", "registry.example.com/app", false},
		"a pattern that is none":          {"[.example.com", "registry.example.com/app", false},
		"Docker Hub as Docker writes it":  {"https://index.docker.io/v1/", "docker.io/library/debian", true},
		"Docker Hub in short":             {"docker.io", "docker.io/library/debian", true},
		"Docker Hub where it is":          {"registry-1.docker.io", "docker.io/team/app", true},
		"Docker Hub, asked for alone":     {"index.docker.io", "docker.io", true},
		"Docker Hub, a path":              {"docker.io/team", "docker.io/team/app", true},
		"Docker Hub, another path":        {"docker.io/team", "docker.io/library/debian", false},
		"Docker Hub is not its website":   {"hub.docker.com", "docker.io/library/debian", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			at, ok := entryPlace(c.entry)
			if !ok {
				t.Fatal("it is no place")
			}
			if got := at.holds(repositoryPlace(c.repository)); got != c.want {
				t.Errorf("%s for %s: got %t", c.entry, c.repository, got)
			}
		})
	}
}

func TestEntriesThatNameNoHostAreNoPlaces(t *testing.T) {
	for _, entry := range []string{"", "/", "https://", "https:///v1/", "/team/app"} {
		if at, ok := entryPlace(entry); ok {
			t.Errorf("%q is taken for %+v", entry, at)
		}
	}
}
