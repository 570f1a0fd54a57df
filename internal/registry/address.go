package registry

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// forbidden are the ranges that are no public registry's, beside those that netip knows: see
// https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sister.
var forbidden = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // this network: Linux takes it for loopback
	netip.MustParsePrefix("100.64.0.0/10"),  // carriers' NAT, used by clouds for their own services
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments, a cloud's metadata service among them
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, broadcast
	netip.MustParsePrefix("::/96"),          // IPv4-compatible
	netip.MustParsePrefix("64:ff9b:1::/48"), // local NAT64
	netip.MustParsePrefix("2001::/32"),      // Teredo: an IPv4 address inside
	netip.MustParsePrefix("2002::/16"),      // 6to4: an IPv4 address inside
	netip.MustParsePrefix("fec0::/10"),      // site-local
}

// nat64 is where clusters without IPv4 see the public IPv4 internet.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// isForbidden reports whether an address is one that only listed hosts may have.
func isForbidden(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		bytes := a.As16()
		return isForbidden(netip.AddrFrom4([4]byte(bytes[12:])))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return true
	}
	for _, prefix := range forbidden {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// addressError says that a name led to an address that it may not have.
type addressError struct {
	host    string
	address netip.Addr
}

func (e *addressError) Error() string {
	return fmt.Sprintf("%s has the internal address %s", e.host, e.address)
}

// dialer connects to public addresses, and to any for the hosts that may have them. The check is made on the address
// that is connected to, after the name was resolved, so that no name, redirect or login realm gets around it.
type dialer struct {
	net.Dialer
	internal []hosts
}

func newDialer(internal ...hosts) *dialer {
	return &dialer{Dialer: net.Dialer{Timeout: 10 * time.Second}, internal: internal}
}

// dial is a http.Transport's DialContext.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	for _, list := range d.internal {
		if list.lists(address) {
			return d.DialContext(ctx, network, address)
		}
	}
	host, _, _ := net.SplitHostPort(address)
	guarded := d.Dialer
	guarded.Control = func(_, address string, _ syscall.RawConn) error { return checkAddress(host, address) }
	return guarded.DialContext(ctx, network, address)
}

func checkAddress(host, address string) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if isForbidden(resolved.Addr()) {
		return &addressError{host: host, address: resolved.Addr()}
	}
	return nil
}
