package block

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// Taken reads the networks that a host has routes to, from the format of
// /proc/net/route. Default routes take nothing, nor do those through the
// given interface, which is our own.
func Taken(table io.Reader, own string) ([]netip.Prefix, error) {
	var taken []netip.Prefix
	lines := bufio.NewScanner(table)
	lines.Scan() // the heading
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 || fields[0] == own {
			continue
		}
		network, err := route(fields[1], fields[7])
		if err != nil {
			return nil, fmt.Errorf("routing table, line %q: %w", lines.Text(), err)
		}
		if network.Bits() > 0 {
			taken = append(taken, network)
		}
	}
	return taken, lines.Err()
}

func route(destination, mask string) (netip.Prefix, error) {
	addr, err := hexAddr(destination)
	if err != nil {
		return netip.Prefix{}, err
	}
	m, err := hexAddr(mask)
	if err != nil {
		return netip.Prefix{}, err
	}
	ones := bits.OnesCount32(binary.BigEndian.Uint32(m.AsSlice()))
	return netip.PrefixFrom(addr, ones), nil
}

// hexAddr reads an address as the kernel prints it: as one number in the
// machine's own byte order, which is little-endian wherever we run.
func hexAddr(s string) (netip.Addr, error) {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return netip.Addr{}, err
	}
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(n))
	return netip.AddrFrom4(b), nil
}
