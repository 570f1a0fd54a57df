package access

import (
	"cmp"
	"net"
	"path"
	"slices"
	"strings"
)

// place is where credentials are for: a registry, or the repositories on it below a path.
type place struct {
	host string // in lower case; where credentials are for several hosts a pattern, as in *.example.com
	port string
	path string // as in team/app; empty for the whole registry
}

// entryPlace reads the name of an entry as Docker's command line and people write it: registry.example.com,
// https://registry.example.com:5000/team, https://index.docker.io/v1/. It is false for one that names no host.
func entryPlace(name string) (place, bool) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	p := repositoryPlace(name)
	// A version of the API is no part of the repository.
	first, rest, _ := strings.Cut(p.path, "/")
	if first == "v1" || first == "v2" {
		p.path = rest
	}
	return p, p.host != ""
}

// repositoryPlace reads a repository, registry included, or a registry alone.
func repositoryPlace(repository string) place {
	address, below, _ := strings.Cut(repository, "/")
	address = strings.ToLower(address)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, ""
	}
	if host == "index.docker.io" || host == "registry-1.docker.io" {
		host = "docker.io"
	}
	return place{host: host, port: port, path: strings.Trim(below, "/")}
}

// holds tells whether a repository, or a registry, is at the place or below it. The kubelet takes team for above
// teams/app as well, and tries one credential after another; who uses only one has to take the right one.
func (p place) holds(repository place) bool {
	below := p.path == "" || p.path == repository.path || strings.HasPrefix(repository.path, p.path+"/")
	return below && p.port == repository.port &&
		slices.EqualFunc(strings.Split(p.host, "."), strings.Split(repository.host, "."), matches)
}

// matches tells whether a part of a host's name, between dots, fits a pattern. No star reaches across a dot.
func matches(pattern, label string) bool {
	if pattern == label {
		return true
	}
	fits, err := path.Match(pattern, label)
	return err == nil && fits
}

// compare sorts the place that says more before the one that says less: by its path, then by its host.
func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(len(other.path), len(p.path)), cmp.Compare(other.letters(), p.letters()))
}

// letters is how many characters of the host stand for themselves.
func (p place) letters() int {
	return len(p.host) - strings.Count(p.host, "*") - strings.Count(p.host, "?")
}
