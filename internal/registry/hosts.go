package registry

import (
	"net"
	"strings"
)

// hosts is a list of hosts by name, each for one port or, without one, for all.
type hosts map[string]bool

func newHosts(list []string) hosts {
	h := hosts{}
	for _, entry := range list {
		h[canonical(entry)] = true
	}
	return h
}

// lists reports whether the list has an address of the form host:port, or host for the port 80.
func (h hosts) lists(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, "80"
	}
	host = canonical(host)
	return h[host] || h[host+" "+port]
}

// canonical is host, or host and port with a space between, without an IPv6 address's brackets.
func canonical(entry string) string {
	entry = strings.ToLower(entry)
	if host, port, err := net.SplitHostPort(entry); err == nil {
		return host + " " + port
	}
	return strings.Trim(entry, "[]")
}
