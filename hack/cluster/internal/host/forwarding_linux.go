package host

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
)

const (
	forwarding = "/proc/sys/net/ipv4/ip_forward"
	// memory exists while forwarding is on because of us. All checkouts share
	// it, and it vanishes when the machine restarts, as does the setting.
	memory = "/run/respin-turned-on-ip-forward"
)

// EnableForwarding makes the host pass on packets from and to the node.
func EnableForwarding() error {
	now, err := os.ReadFile(forwarding)
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(now)) == "1" {
		return nil
	}
	if err := os.WriteFile(memory, nil, 0o644); err != nil {
		return err
	}
	return os.WriteFile(forwarding, []byte("1"), 0)
}

// RestoreForwarding turns it off if it was off before the first cluster, and
// the last one is gone.
func RestoreForwarding() error {
	if _, err := os.Stat(memory); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if others, err := anyCluster(); err != nil || others {
		return err
	}
	if err := os.WriteFile(forwarding, []byte("0"), 0); err != nil {
		return err
	}
	return os.Remove(memory)
}

func anyCluster() (bool, error) {
	interfaces, err := net.Interfaces()
	for _, i := range interfaces {
		if strings.HasPrefix(i.Name, clone.InterfacePrefix) {
			return true, nil
		}
	}
	return false, err
}
