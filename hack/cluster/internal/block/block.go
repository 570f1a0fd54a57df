// Package block divides the addresses of one cluster and finds a range that
// nothing else on the host uses.
package block

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// blockBits is the size of a block: four networks of 256 addresses.
const blockBits = 22

// spaces are where blocks are taken from, the preferred one first. The last
// is reserved for benchmarks, so that no real network uses it.
var spaces = []netip.Prefix{
	netip.MustParsePrefix("10.77.0.0/16"),
	netip.MustParsePrefix("172.27.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/16"),
}

// Block is the range of addresses that one cluster uses.
type Block struct {
	Prefix netip.Prefix
}

// Link is the network of the cable between host and node.
func (b Block) Link() netip.Prefix { return b.network(0) }

// Pods is the network of the pods.
func (b Block) Pods() netip.Prefix { return b.network(1) }

// Services is the network of the Services' cluster addresses.
func (b Block) Services() netip.Prefix { return b.network(2) }

// Builds is the network of BuildKit's build steps.
func (b Block) Builds() netip.Prefix { return b.network(3) }

// Host is the host's address on the cable.
func (b Block) Host() netip.Addr { return b.Link().Addr().Next() }

// Node is the node's address on the cable.
func (b Block) Node() netip.Addr { return b.Host().Next() }

// APIService is the address of the Service "kubernetes": always the first.
func (b Block) APIService() netip.Addr { return b.Services().Addr().Next() }

func (b Block) network(n byte) netip.Prefix {
	addr := b.Prefix.Addr().As4()
	addr[2] += n
	return netip.PrefixFrom(netip.AddrFrom4(addr), 24)
}

// Choose returns a block that overlaps none of the taken networks. The same
// seed gets the same block as long as that is free.
func Choose(seed uint32, taken []netip.Prefix) (Block, error) {
	for _, space := range spaces {
		blocks := uint32(1) << (blockBits - space.Bits())
		for i := range blocks {
			if b := nth(space, (seed+i)%blocks); b.Free(taken) {
				return b, nil
			}
		}
	}
	return Block{}, errors.New("no free addresses: routes of this host cover all of 10.77.0.0/16, 172.27.0.0/16 and 198.18.0.0/16")
}

// Free reports whether the block overlaps none of the taken networks.
func (b Block) Free(taken []netip.Prefix) bool {
	for _, t := range taken {
		if t.Overlaps(b.Prefix) {
			return false
		}
	}
	return true
}

func nth(space netip.Prefix, n uint32) Block {
	addr := space.Addr().As4()
	first := binary.BigEndian.Uint32(addr[:]) + n<<(32-blockBits)
	binary.BigEndian.PutUint32(addr[:], first)
	return Block{netip.PrefixFrom(netip.AddrFrom4(addr), blockBits)}
}
