package safety

import (
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

// checkLinks looks whether the own layers' symbolic links lead to something on the new base where they did on the old
// one: a build may make them of what the base has, as update-alternatives does.
func checkLinks(p *proof) verdict {
	found, links := findings{p: p}, 0
	for _, w := range p.writes {
		if w.Kind != layers.Symlink || p.before.at(w.at) == nil || p.before.at(w.at).entry != w.Entry {
			continue
		}
		links++
		if was, _ := p.before.find(target(w), true); was == nil {
			continue
		}
		if is, _ := p.after.find(target(w), true); is == nil {
			found.add(w.layer, "makes the symbolic link %s, which leads to nothing on the new base", w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("each of the %d symbolic links of the image's own layers leads where it did", links)
}

// target is the path that a symbolic link leads to, from the root. Dots in it stay: they may lead back from a link.
func target(w write) string {
	if strings.HasPrefix(w.Link, "/") {
		return w.Link
	}
	return parent(w.at) + "/" + w.Link
}
