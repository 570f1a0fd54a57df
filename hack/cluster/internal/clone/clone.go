// Package clone names everything that belongs to one checkout of the
// repository: its folders, and what it puts on the host. Names on the host
// carry a hash of the checkout's path, so two checkouts on one machine each
// have a cluster of their own.
package clone

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
)

// marker is a folder by which the repository's root is recognised.
const marker = "hack/cluster/parts"

// Clone is one checkout of the repository.
type Clone struct {
	// Root is the absolute path of the checkout, without symbolic links.
	Root string
	// ID is eight hexadecimal digits that differ for each checkout.
	ID string
}

// Find returns the checkout that dir is in.
func Find(dir string) (Clone, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Clone{}, err
	}
	for {
		if info, err := os.Stat(filepath.Join(dir, marker)); err == nil && info.IsDir() {
			return At(dir), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return Clone{}, errors.New("not inside a checkout of Respin: run this from the repository")
		}
		dir = parent
	}
}

// At returns the checkout whose root is the given path.
func At(root string) Clone {
	sum := sha256.Sum256([]byte(root))
	return Clone{Root: root, ID: hex.EncodeToString(sum[:4])}
}

// Parts is where the pinned modules of the cluster's parts are.
func (c Clone) Parts() string { return filepath.Join(c.Root, marker) }

// Cache is where built parts are kept. It outlives clusters.
func (c Clone) Cache() string { return filepath.Join(c.Root, ".cache", "cluster") }

// Bin is the folder of the built executables.
func (c Clone) Bin() string { return filepath.Join(c.Cache(), "bin") }

// Lock is the file that one command at a time holds. It is outside of Data,
// which is removed while the lock is held.
func (c Clone) Lock() string { return filepath.Join(c.Cache(), "lock") }

// Data is where everything of the running cluster is kept.
func (c Clone) Data() string { return filepath.Join(c.Root, ".cluster") }

// In is a path inside Data.
func (c Clone) In(elem ...string) string {
	return filepath.Join(append([]string{c.Data()}, elem...)...)
}

// Log is the log of one component.
func (c Clone) Log(component string) string { return c.In("logs", component+".log") }

// Interface is the host's end of the cable to the node: at most 15 bytes.
func (c Clone) Interface() string { return InterfacePrefix + c.ID }

// InterfacePrefix begins the name of every checkout's interface.
const InterfacePrefix = "rsp"

// Chain is the name of our iptables chains on the host.
func (c Clone) Chain() string { return "RESPIN-" + c.ID }

// Cgroup is the control group that holds the node, below the root.
func (c Clone) Cgroup() string { return "respin-" + c.ID }
