package config

import (
	"net/netip"
	"os"
	"strings"
)

// resolvers are where a host's name servers are listed. The second one holds
// the real ones where the first points at systemd's own.
var resolvers = []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}

// WriteResolvConf gives the node the host's name servers.
func WriteResolvConf(path string) error {
	var chosen string
	for _, file := range resolvers {
		content, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if chosen = reachable(string(content)); strings.Contains(chosen, "nameserver") {
			break
		}
	}
	return os.WriteFile(path, []byte(chosen), 0o644)
}

// reachable leaves out name servers on the host's loopback: the node has a
// loopback of its own, where none listens.
func reachable(resolvConf string) string {
	var kept strings.Builder
	for line := range strings.Lines(resolvConf) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "nameserver" {
			if addr, err := netip.ParseAddr(fields[1]); err != nil || addr.IsLoopback() {
				continue
			}
		}
		kept.WriteString(line)
	}
	return kept.String()
}
