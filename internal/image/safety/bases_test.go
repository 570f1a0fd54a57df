package safety

import (
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

func TestLayers(t *testing.T) {
	expect(t, Layers, map[string]expectation{
		"an image on its base":    {situation: situation{app: layersOf(nil, nil)}, passed: "begin with the old base's 1, and 2 are its own"},
		"an image on another one": {situation: situation{change: func(c *Case) { c.App.DiffIDs[0] = "x" }}, refused: "1 layers do not begin with the old base's 1"},
		"a base with more layers": {situation: situation{change: func(c *Case) {
			c.OldBase.DiffIDs, c.OldBase.Layers = append(c.OldBase.DiffIDs, "x"), append(c.OldBase.Layers, c.OldBase.Layers[0])
		}}, refused: "1 layers do not begin with the old base's 2"},
		"a base without layers": {situation: situation{change: func(c *Case) { c.OldBase.DiffIDs, c.OldBase.Layers = nil, nil }}, refused: "the old base has no layers"},
		"a layer that the manifest has not": {
			situation: situation{change: func(c *Case) { c.NewBase.Layers = nil }}, refused: "the new base has 0 layers in its manifest and 1 in its config",
		},
		"a layer that may not be distributed": {
			situation: situation{change: func(c *Case) {
				c.App.Layers[0].MediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
			}}, refused: `layer 1 of the image is of the type "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", which cannot be read; declare a build`,
		},
		"a layer that was not read": {situation: situation{change: func(c *Case) { c.NewBase.DiffIDs[0] = "x" }}, refused: "not every layer"},
		"links that lead in circles": {
			situation: situation{app: layersOf([]entry{symlink("a", "b"), symlink("b", "a")}, []entry{file("a/x", "x")})}, refused: "cannot be told: the symbolic link /",
		},
	})
}

func TestPlatform(t *testing.T) {
	arm := func(variant string) image.Platform {
		return image.Platform{OS: "linux", Architecture: "arm", Variant: variant}
	}
	on := func(app, old, new image.Platform) situation {
		return situation{change: func(c *Case) { c.App.Platform, c.OldBase.Platform, c.NewBase.Platform = app, old, new }}
	}
	windows := image.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.1"}
	expect(t, Platform, map[string]expectation{
		"the same":                               {passed: "linux/amd64 in the image and both bases"},
		"the same, said in another way":          {situation: on(image.Platform{OS: "linux", Architecture: "arm64"}, image.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}, image.Platform{OS: "linux", Architecture: "arm64"}), passed: "linux/arm64"},
		"a variant that the app does not say":    {situation: on(arm(""), arm("v7"), arm("v7")), passed: "linux/arm/v7"},
		"another variant":                        {situation: on(arm("v7"), arm("v7"), arm("v6")), refused: "the old base is for linux/arm/v7 and the new one for linux/arm/v6"},
		"another variant of the image":           {situation: on(arm("v6"), arm("v7"), arm("v7")), refused: "the image is for linux/arm/v6 and its base for linux/arm/v7"},
		"a variant that the new base leaves out": {situation: on(arm("v7"), arm("v7"), arm("")), refused: "the old base is for"},
		"Windows":                                {situation: on(windows, windows, windows), refused: "Windows"},
		"nothing":                                {situation: on(image.Platform{}, image.Platform{}, image.Platform{}), refused: "does not say"},
	})
}

func TestDistribution(t *testing.T) {
	release := func(content string) []entry { return []entry{file("etc/os-release", content)} }
	moved := func(old, new string) situation { return situation{old: release(old), new: release(new)} }
	big := strings.Repeat("#\n", 200_000)
	expect(t, Distribution, map[string]expectation{
		"the same release":            {situation: situation{new: fixed()}, passed: "debian 12 in both bases"},
		"another release":             {situation: moved("ID=debian\nVERSION_ID=\"12\"\n", "ID=debian\nVERSION_ID=\"13\"\n"), refused: `the old base is debian "12" and the new one "13"; declare a build, or allow distribution`},
		"another distribution":        {situation: moved("ID=debian\nVERSION_ID=12\n", "ID=ubuntu\nVERSION_ID=12\n"), refused: `"debian" and the new one "ubuntu"`},
		"fixes of an Alpine":          {situation: moved("ID=alpine\nVERSION_ID=3.20.1\n", "ID=alpine\nVERSION_ID=3.20.3\n"), passed: "alpine 3.20 in both"},
		"another Alpine":              {situation: moved("ID=alpine\nVERSION_ID=3.20.1\n", "ID=alpine\nVERSION_ID=3.21.0\n"), refused: "3.20.1"},
		"fixes of a Red Hat":          {situation: moved("ID=\"rhel\"\nID_LIKE=fedora\nVERSION_ID=\"9.3\"\n", "ID=\"rhel\"\nID_LIKE=fedora\nVERSION_ID=\"9.4\"\n"), passed: "rhel 9 in both"},
		"fixes of what is like one":   {situation: moved("ID=rocky\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=9.3\n", "ID=rocky\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=9.4\n"), passed: "rocky 9"},
		"another Red Hat":             {situation: moved("ID=rhel\nVERSION_ID=8.9\n", "ID=rhel\nVERSION_ID=9.0\n"), refused: "8.9"},
		"another Ubuntu":              {situation: moved("ID=ubuntu\nVERSION_ID=22.04\n", "ID=ubuntu\nVERSION_ID=22.10\n"), refused: "22.04"},
		"one that has no releases":    {situation: moved("ID=arch\n", "ID=arch\n"), passed: "arch"},
		"one before its release":      {situation: moved("ID=debian\nVERSION_CODENAME=trixie\n", "ID=debian\nVERSION_CODENAME=forky\n"), refused: "trixie"},
		"no distribution at all":      {situation: situation{old: []entry{file("bin/busybox", "a")}, new: []entry{file("bin/busybox", "b")}}, passed: "neither base is of a distribution"},
		"packages of no distribution": {situation: situation{old: []entry{file("var/lib/rpm/x", "a")}, new: []entry{file("var/lib/rpm/x", "b")}}, refused: "packages in /var/lib/rpm, and no os-release"},
		"only one says":               {situation: situation{old: release("ID=debian\n"), new: []entry{file("x", "")}}, refused: "one of the bases has an os-release file"},
		"a file that says nothing":    {situation: moved("NAME=x\n", "NAME=x\n"), refused: "in no form that can be read"},
		"a file that is too large":    {situation: moved("ID=a\n", "ID=a\n"+big), refused: "too large"},
		"the file that counts": {
			situation: situation{old: []entry{file("etc/os-release", "ID=a\n"), file("usr/lib/os-release", "ID=b\n")}, new: release("ID=a\n")}, passed: "a ",
		},
	})
}

func TestLibC(t *testing.T) {
	glibc := func(says string) []entry { return debian(file("usr/lib/libc.so.6", says)) }
	version := func(v string) []entry { return glibc("stable release version " + v + ".\n") }
	musl := func(v string, content string) []entry {
		return []entry{file("lib/ld-musl-x86_64.so.1", content), symlink("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1"), file("lib/apk/db/installed", "\nP:musl\nV:"+v+"\n")}
	}
	expect(t, LibC, map[string]expectation{
		"the same file":                 {passed: "the same glibc in both bases"},
		"another file of the version":   {situation: situation{old: version("2.36"), new: version("2.36.\n")}, passed: "glibc 2.36 in the old base and 2.36 in the new one"},
		"a newer one":                   {situation: situation{old: version("2.9"), new: version("2.36")}, passed: "glibc 2.9 in the old base and 2.36"},
		"an older one":                  {situation: situation{old: version("2.36"), new: version("2.9")}, refused: "has glibc 2.36 and the new one 2.9, which is older; declare a build, or allow libc"},
		"one that says nothing":         {situation: situation{old: version("2.36"), new: glibc("x")}, refused: "/usr/lib/libc.so.6 differs between the bases and does not say its version"},
		"one that says nothing in both": {situation: situation{old: glibc("x"), new: glibc("x")}, passed: "the same glibc"},
		"another kind":                  {situation: situation{new: musl("1.2.4-r0", "x")}, refused: "the old base's C library is glibc and the new one's musl"},
		"none any more":                 {situation: situation{new: []entry{file("x", "x")}}, refused: "glibc and the new one's none"},
		"none":                          {situation: situation{old: []entry{file("x", "x")}, new: []entry{file("x", "y")}}, passed: "neither base has a C library"},
		"a newer musl":                  {situation: situation{old: musl("1.2.4-r2", "one"), new: musl("1.2.4-r10", "two")}, passed: "musl 1.2.4-r2 in the old base and 1.2.4-r10"},
		"an older musl":                 {situation: situation{old: musl("1.2.5-r0", "one"), new: musl("1.2.4-r9", "two")}, refused: "older"},
		"one of an older glibc's name": {
			situation: situation{
				old: []entry{file("lib64/libc-2.31.so", "release version 2.31.\n"), symlink("lib64/libc.so.6", "libc-2.31.so")}, new: []entry{file("lib64/libc.so.6", "release version 2.34.\n")},
			}, passed: "glibc 2.31 in the old base and 2.34",
		},
	})
}
