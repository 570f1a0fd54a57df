package block

import (
	"net/netip"
	"strings"
	"testing"
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestChoose(t *testing.T) {
	for name, tc := range map[string]struct {
		seed  uint32
		taken []netip.Prefix
		want  string
	}{
		"the seed picks the block":                     {seed: 3, want: "10.77.12.0/22"},
		"a large seed wraps around":                    {seed: 64 + 3, want: "10.77.12.0/22"},
		"a taken block is passed over":                 {seed: 3, taken: prefixes("10.77.14.0/24"), want: "10.77.16.0/22"},
		"the last block is followed by the first":      {seed: 63, taken: prefixes("10.77.252.0/22"), want: "10.77.0.0/22"},
		"a route over a whole space moves to the next": {seed: 1, taken: prefixes("10.0.0.0/8"), want: "172.27.4.0/22"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Choose(tc.seed, tc.taken)
			if err != nil {
				t.Fatal(err)
			}
			if got.Prefix.String() != tc.want {
				t.Errorf("got %s, want %s", got.Prefix, tc.want)
			}
		})
	}
}

func TestChooseSaysWhenEverythingIsTaken(t *testing.T) {
	_, err := Choose(0, prefixes("10.0.0.0/8", "172.16.0.0/12", "198.18.0.0/15"))
	if err == nil || !strings.Contains(err.Error(), "no free addresses") {
		t.Errorf("got %v", err)
	}
}

func TestBlockIsDividedWithoutOverlap(t *testing.T) {
	b := Block{netip.MustParsePrefix("10.77.12.0/22")}
	for what, pair := range map[string][2]string{
		"host":        {b.Host().String(), "10.77.12.1"},
		"node":        {b.Node().String(), "10.77.12.2"},
		"pods":        {b.Pods().String(), "10.77.13.0/24"},
		"services":    {b.Services().String(), "10.77.14.0/24"},
		"API service": {b.APIService().String(), "10.77.14.1"},
		"builds":      {b.Builds().String(), "10.77.15.0/24"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
		}
	}
}

const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
rspme	00004D0A	00000000	0001	0	0	0	00FFFFFF	0	0	0
`

func TestTakenSkipsDefaultAndOwnRoutes(t *testing.T) {
	got, err := Taken(strings.NewReader(table), "rspme")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].String() != "192.0.2.0/24" {
		t.Errorf("got %v, want only 192.0.2.0/24", got)
	}
}

func TestTakenNamesTheLineItCannotRead(t *testing.T) {
	_, err := Taken(strings.NewReader("heading\neth0 zz 0 0 0 0 0 0\n"), "")
	if err == nil || !strings.Contains(err.Error(), "eth0 zz") {
		t.Errorf("got %v", err)
	}
}
