package layers

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhatIsCaptured(t *testing.T) {
	const passwd = "root:secret:0:0:root:/root:/bin/sh\nbroken\nwww:x:33:34::/:/bin/sh\r\n"
	apk := "\nC:Q1\nP:musl-utils\nV:9\n\nC:Q1\nP:musl\nV:1.2.5_git20240801-r0\nA:x86_64\n\n"
	tests := map[string]struct {
		members []member
		want    map[string]string
	}{
		"os-release": {
			[]member{file("etc/os-release", "ID=alpine\n"), file("usr/lib/os-release", "ID=debian\n"), file("usr/lib/os.release.d/os-release-x", "ID=fedora\n")},
			map[string]string{"etc/os-release": "ID=alpine\n", "usr/lib/os-release": "ID=debian\n", "usr/lib/os.release.d/os-release-x": "ID=fedora\n"},
		},
		"accounts without secrets": {
			[]member{file("etc/passwd", passwd), file("etc/group", "root:x:0:\nwww:x:34:a,b\n")},
			map[string]string{"etc/passwd": "root:0:0\nwww:33:34\n", "etc/group": "root:0\nwww:34\n"},
		},
		"glibc": {
			[]member{
				file("lib/x86_64-linux-gnu/libc.so.6", strings.Repeat("x", 1<<16)+"GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright"),
				file("usr/lib64/libc-2.31.so", "stable release version 2.31.1.\n"), file("lib64/libc.so.6", "development release version 2.40.9000.\n"),
			},
			map[string]string{"lib/x86_64-linux-gnu/libc.so.6": "glibc 2.36", "usr/lib64/libc-2.31.so": "glibc 2.31.1", "lib64/libc.so.6": "glibc 2.40.9000"},
		},
		"musl": {
			[]member{file("lib/ld-musl-x86_64.so.1", "\x7fELF\x00127.0.0.1\x001.2.3\x00"), file("lib/apk/db/installed", apk)},
			map[string]string{"lib/ld-musl-x86_64.so.1": "musl 1.2.3", "lib/apk/db/installed": "musl 1.2.5_git20240801-r0"},
		},
		"a library that says nothing": {[]member{file("lib/libc.so.6", "release version 2.")}, nil},
		"the last of a path": {
			[]member{file("etc/os-release", "ID=a\n"), file("etc/os-release", "ID=b\n")}, map[string]string{"etc/os-release": "ID=b\n"},
		},
		"what became too large": {
			[]member{file("etc/os-release", "ID=a\n"), file("etc/os-release", strings.Repeat("x", DefaultLimits.Capture+1))}, nil,
		},
		"a library that says nothing any more": {
			[]member{file("lib/libc.so.6", "release version 2.36.\n"), file("lib/libc.so.6", "")}, nil,
		},
		"other files of the name": {[]member{file("opt/etc/passwd", passwd), file("opt/lib/libc.so.6", "release version 2.36.\n")}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stream := archive(t, tt.members...)
			for _, reader := range []func() (Facts, error){
				func() (Facts, error) { return Read(bytes.NewReader(stream), DefaultLimits) },
				func() (Facts, error) { return Read(iotest.OneByteReader(bytes.NewReader(stream)), DefaultLimits) },
			} {
				facts, err := reader()
				got := maps.Clone(facts.Versions)
				for at, content := range facts.Contents {
					if got == nil {
						got = map[string]string{}
					}
					got[at] = string(content)
				}
				if err != nil || !maps.Equal(got, tt.want) {
					t.Errorf("got %q, %v, want %q", got, err, tt.want)
				}
			}
		})
	}
}

func TestNoMoreIsCapturedThanTheLimit(t *testing.T) {
	var members []member
	for n := range DefaultLimits.Captures + 5 {
		members = append(members, file(fmt.Sprintf("usr/lib/os.release.d/%d", n), "ID=x\n"))
	}
	members = append(members, file("usr/lib/os.release.d/0", "ID=y\n"))
	got := read(t, archive(t, members...)).Contents
	if _, stale := got["usr/lib/os.release.d/0"]; stale || len(got) != DefaultLimits.Captures-1 {
		t.Errorf("captured %q", slices.Sorted(maps.Keys(got)))
	}
}

// TestAVersionIsNeverCutShort has a file end, and go on, at each place of what tells the version.
func TestAVersionIsNeverCutShort(t *testing.T) {
	text := "xx stable release version 2.36.12.\nyy"
	for cut := range text {
		b := &banner{name: "glibc", pattern: glibcBanner}
		b.see([]byte(text[:cut]))
		b.see([]byte(text[cut:]))
		if b.version != "2.36.12" {
			t.Errorf("cut at %d: got %q", cut, b.version)
		}
	}
}
