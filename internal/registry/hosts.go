package registry

import (
	"fmt"
	"net"
	"net/url"
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

// origin is a URL's scheme, host and port in one spelling: what belongs to one origin is for no other.
func origin(u *url.URL) string { return u.Scheme + "://" + address(u) }

// public is as much of a URL that somebody else made as may be shown: its path and its query may hold a signature.
func public(u *url.URL) string { return u.Scheme + "://" + u.Host }

// address is a URL's host:port.
func address(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// lists are what the administrator says of hosts.
type lists struct {
	plain    hosts // are spoken to in plain HTTP
	internal hosts // may have an internal address, as those of plain may
}

func newLists(o Options) lists {
	internal := newHosts(o.Internal)
	for _, mirrors := range o.Mirrors {
		for _, mirror := range mirrors {
			host, _, _ := strings.Cut(mirror, "/")
			internal[canonical(host)] = true
		}
	}
	return lists{plain: newHosts(o.PlainHTTP), internal: internal}
}

// scheme is how a host is spoken to.
func (l lists) scheme(host string) string {
	if l.plain.lists(host) {
		return "http"
	}
	return "https"
}

func (l lists) has(u *url.URL) bool {
	return l.plain.lists(u.Host) || l.internal.lists(address(u))
}

// lead judges where an answer sends us: by a redirect, by the Location of an upload, or by the realm of a login. It is
// never from HTTPS to plain HTTP, and never from a host that the administrator does not list to one that they do: what
// is listed is reached by its own name only, at the paths that a registry has, and not by whatever address somebody's
// public registry makes up. That the host does not turn out to be at an internal address is checked when dialling.
func (l lists) lead(from, to *url.URL) error {
	switch {
	case to.Host == "" || to.Scheme != "https" && to.Scheme != "http" || to.User != nil:
		return badContent("%s sends to %.128q, which is not the URL of a host", from.Host, public(to))
	case l.plain.lists(from.Host):
		return nil
	case to.Scheme == "http" || l.plain.lists(to.Host):
		return &schemeError{host: to.Host}
	case l.has(to) && !l.has(from):
		return &leadError{from: from.Host, to: to.Host}
	}
	return nil
}

// leadError says that a host that is not listed sent us to one that is.
type leadError struct {
	from, to string
}

func (e *leadError) Error() string {
	return fmt.Sprintf("%s sends to %s, which is listed as internal", e.from, e.to)
}
