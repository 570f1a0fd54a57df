package host

import (
	"slices"
	"strings"
	"testing"
)

func TestHierarchies(t *testing.T) {
	for name, tc := range map[string]struct {
		mountinfo string
		want      []hierarchy
	}{
		"version 2": {
			"30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n",
			[]hierarchy{{"/sys/fs/cgroup", true}},
		},
		"version 1 beside version 2": {
			"30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n" +
				"31 30 0:27 / /sys/fs/cgroup/cpu rw shared:1 - cgroup cgroup rw,cpu\n" +
				"32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
			[]hierarchy{{"/sys/fs/cgroup/cpu", false}, {"/sys/fs/cgroup/unified", true}},
		},
		"mounts elsewhere are not ours": {
			"31 30 0:27 / /var/lib/x/cgroup rw - cgroup2 cgroup2 rw\n22 1 8:1 / / rw - ext4 /dev/sda rw\n",
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := hierarchies(strings.NewReader(tc.mountinfo))
			if err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
