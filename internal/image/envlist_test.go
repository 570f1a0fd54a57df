package image_test

import (
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

func TestAValueThatWasMadeFromTheBasesFollowsIt(t *testing.T) {
	for name, test := range map[string]struct {
		app, old, new, want string
		ok                  bool
	}{
		"it is the base's":                          {"/bin", "/bin", "/sbin:/bin", "/sbin:/bin", true},
		"entries before the base's":                 {"/app:/bin", "/bin", "/sbin:/bin", "/app:/sbin:/bin", true},
		"entries behind the base's":                 {"/bin:/app", "/bin", "/sbin:/bin", "/sbin:/bin:/app", true},
		"entries on both sides":                     {"/a:/x:/y:/b", "/x:/y", "/z", "/a:/z:/b", true},
		"options, with spaces":                      {"-Xmx1g -Dapp=1", "-Xmx1g", "-Xmx2g", "-Xmx2g -Dapp=1", true},
		"Windows's PATH":                            {`C:\app;C:\Windows`, `C:\Windows`, `C:\Windows;C:\new`, `C:\app;C:\Windows;C:\new`, true},
		"NO_PROXY":                                  {"localhost,app", "localhost", "localhost,.svc", "localhost,.svc,app", true},
		"the first of two, where it is there twice": {"/x:/a:/x", "/x", "/y", "/y:/a:/x", true},
		"a part of an entry is no entry":            {"/app/bin:/usr/binary", "/bin", "/sbin", "", false},
		"another order":                             {"/y:/x", "/x:/y", "/z", "", false},
		"the app's own":                             {"/app", "/bin", "/sbin", "", false},
		"an empty base's":                           {"/app:", "", "/bin", "", false},
		"an empty app's":                            {"", "/bin", "/sbin", "", false},
		"an empty new base's":                       {"/app:/bin", "/bin", "", "/app", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := image.Rebased(test.app, test.old, test.new)
			if got != test.want || ok != test.ok {
				t.Errorf("got %q, %t, want %q, %t", got, ok, test.want, test.ok)
			}
		})
	}
}
