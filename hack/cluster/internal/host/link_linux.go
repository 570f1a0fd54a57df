package host

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
	"github.com/respin-dev/respin/hack/cluster/internal/node"
)

const (
	routes     = "/proc/net/route"
	defaultMTU = 1500
)

// TakenNetworks are those that the host has routes to, but for our own.
func TakenNetworks(own string) ([]netip.Prefix, error) {
	table, err := os.Open(routes)
	if err != nil {
		return nil, err
	}
	defer table.Close()
	return block.Taken(table, own)
}

// Connect lays a cable between the host and the node whose first process is
// pid, and sends everything for the node's pods and Services through it.
func Connect(name string, pid int, b block.Block, mtu int) error {
	return runAll(
		fmt.Sprintf("ip link add %s mtu %d type veth peer name %s mtu %d netns %d", name, mtu, node.Interface, mtu, pid),
		fmt.Sprintf("ip address add %s/%d dev %s", b.Host(), b.Link().Bits(), name),
		fmt.Sprintf("ip link set %s up", name),
		fmt.Sprintf("ip route add %s via %s dev %s", b.Prefix, b.Node(), name),
	)
}

// Disconnect removes the cable. It vanishes with the node, but not at once.
func Disconnect(name string) error {
	deadline := time.Now().Add(5 * time.Second)
	for present(name) {
		// It may vanish meanwhile, and then cannot be deleted.
		if err := run("ip link delete " + name); err != nil && time.Now().After(deadline) {
			return err
		}
	}
	return nil
}

func present(name string) bool {
	_, err := net.InterfaceByName(name)
	return err == nil
}

// MTU is the largest packet that fits through the default route.
func MTU() int {
	table, err := os.ReadFile(routes)
	if err != nil {
		return defaultMTU
	}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[1] != "00000000" {
			continue
		}
		if out, err := net.InterfaceByName(fields[0]); err == nil {
			return min(out.MTU, defaultMTU)
		}
	}
	return defaultMTU
}
