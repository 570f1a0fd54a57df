package node

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/respin-dev/respin/hack/cluster/internal/config"
)

// Interface is the node's end of the cable to the host.
const Interface = "eth0"

// setUpNetwork gives the node its address and its way out.
func setUpNetwork(s Spec) error {
	if err := syscall.Sethostname([]byte(config.NodeName)); err != nil {
		return err
	}
	for _, command := range []string{
		"link set lo up",
		fmt.Sprintf("address add %s/%d dev %s", s.Block.Node(), s.Block.Link().Bits(), Interface),
		"link set " + Interface + " up",
		"route add default via " + s.Block.Host().String(),
	} {
		if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", command, err, out)
		}
	}
	// Of this network only: pods are reached through the node.
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
}
