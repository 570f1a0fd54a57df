package safety

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

// releaseFiles are where os-release is, in the order in which it is looked for. See os-release(5).
var releaseFiles = []string{"etc/os-release", "usr/lib/os-release"}

// release is what a base says of its distribution.
type release struct {
	id, like, version string
	// file tells whether there is a file that says so, and read whether it could be read.
	file, read bool
}

// checkDistribution looks whether both bases are the same release of the same distribution.
func checkDistribution(p *proof) verdict {
	old, new := releaseOf(p.old), releaseOf(p.new)
	switch {
	case !old.file && !new.file:
		return p.nameless()
	case old.file != new.file:
		return refuse("one of the bases has an os-release file and the other has none")
	case !old.read || !new.read:
		return refuse("the os-release file of one of the bases is too large or in no form that can be read")
	case old.id != new.id:
		return refuse("the old base is %s and the new one %s", quote(old.id), quote(new.id))
	case old.line() != new.line():
		return refuse("the old base is %s %s and the new one %s", old.id, quote(old.version), quote(new.version))
	}
	return pass("%s %s in both bases", plain(new.id), plain(new.line()))
}

// nameless judges bases that do not say what they are: without packages they are files that somebody put together.
func (p *proof) nameless() verdict {
	for _, db := range databases {
		if p.old.at(db) != nil || p.new.at(db) != nil {
			return refuse("the bases have packages in /%s, and no os-release file that says of which distribution", db)
		}
	}
	return pass("neither base is of a distribution")
}

func releaseOf(t *tree) (r release) {
	for _, at := range releaseFiles {
		n, _ := t.find(at, true)
		if !n.is(layers.File) {
			continue
		}
		r.file = true
		content, ok := contentOf(n)
		if !ok {
			return r
		}
		r.id, r.like = variable(content, "ID"), variable(content, "ID_LIKE")
		if r.version = variable(content, "VERSION_ID"); r.version == "" {
			r.version = variable(content, "VERSION_CODENAME")
		}
		r.read = r.id != ""
		return r
	}
	return r
}

// contentOf is what was captured of a file.
func contentOf(n *node) ([]byte, bool) {
	if !n.is(layers.File) || n.from == nil {
		return nil, false
	}
	content, ok := n.from.Contents[n.entry.Path]
	return content, ok
}

// variable finds an assignment of a shell's, such as ID="debian". The last one counts.
func variable(file []byte, name string) (value string) {
	for line := range bytes.Lines(file) {
		if is, ok := strings.CutPrefix(strings.TrimSpace(string(line)), name+"="); ok {
			value = strings.Trim(is, `"'`)
		}
	}
	return value
}

// line is the part of the version within which a distribution only fixes. Alpine counts its fixes in a third number, Red
// Hat Enterprise Linux and what is made of it in a second one; others do not count them there at all.
func (r release) line() string {
	numbers := strings.Split(r.version, ".")
	switch like := append(strings.Fields(r.like), r.id); {
	case r.id == "alpine":
		return strings.Join(numbers[:min(2, len(numbers))], ".")
	case slices.Contains(like, "rhel"):
		return numbers[0]
	}
	return r.version
}

// plain shows a word that is one, and quotes anything else.
func plain(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) || len(s) > 64 {
		return strconv.Quote(s[:min(64, len(s))])
	}
	return s
}
