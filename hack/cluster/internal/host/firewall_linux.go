package host

import (
	"errors"
	"fmt"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
)

// jumps are where our chain is called from, by table.
var jumps = map[string][]string{
	"nat":    {"POSTROUTING"},
	"filter": {"INPUT", "FORWARD"},
}

// OpenFirewall lets the node out to the internet, under the host's address,
// and in to the host. All rules are in chains of our own.
func OpenFirewall(chain, link string, b block.Block) error {
	rules := map[string][]string{
		"nat":    {fmt.Sprintf("-s %s ! -d %s -j MASQUERADE", b.Prefix, b.Prefix)},
		"filter": {"-i " + link + " -j ACCEPT", "-o " + link + " -j ACCEPT"},
	}
	for table, list := range rules {
		if err := run(iptables(table, "-N "+chain)); err != nil {
			return err
		}
		for _, rule := range list {
			if err := run(iptables(table, "-A "+chain+" "+rule)); err != nil {
				return err
			}
		}
		for _, from := range jumps[table] {
			if err := run(iptables(table, "-I "+from+" -j "+chain)); err != nil {
				return err
			}
		}
	}
	return nil
}

// CloseFirewall removes our chains, also half-made ones.
func CloseFirewall(chain string) error {
	if !found("iptables") {
		return nil // then there are no rules either
	}
	var errs []error
	for table, list := range jumps {
		if run(iptables(table, "-S "+chain)) != nil {
			continue // there is no such chain
		}
		for _, from := range list {
			for run(iptables(table, "-D "+from+" -j "+chain)) == nil { // until none is left
			}
		}
		errs = append(errs, runAll(iptables(table, "-F "+chain), iptables(table, "-X "+chain)))
	}
	return errors.Join(errs...)
}

// iptables waits for its lock: another program may hold it.
func iptables(table, command string) string { return "iptables -w -t " + table + " " + command }
