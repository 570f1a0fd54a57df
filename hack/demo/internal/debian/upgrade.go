package debian

import (
	"fmt"
	"strings"
)

// UpgradeDockerfile builds the file system with all fixes from the one as it was released, given the image of that.
func UpgradeDockerfile(released string, from Archives) string {
	return fmt.Sprintf(`FROM %s
COPY <<"LIST" /etc/apt/sources.list
%s
LIST
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get --yes upgrade \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/apt/* /var/cache/ldconfig/* /var/cache/debconf/*-old /var/lib/dpkg/*-old
`, released, strings.Join(sources(from), "\n"))
}

func sources(from Archives) []string {
	return []string{
		"deb " + from.Main + " " + Suite + " main",
		"deb " + from.Main + " " + Suite + "-updates main",
		"deb " + from.Security + " " + Suite + "-security main",
	}
}
