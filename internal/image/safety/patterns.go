package safety

import (
	"path"
	"slices"

	"github.com/respin-dev/respin/internal/image/layers"
)

// What an own layer may have done by a pattern that would take in more on the new base. Each follows the layer's name.
const (
	deletesBeside  = "deletes %s, beside which the new base has more: a build may delete that too"
	deletesByName  = "deletes %s, and the new base has more of that name or kind elsewhere: a build may delete that too"
	changesBeside  = "changes the mode or owner of %s, beside or below which the new base has more: a build may change that too"
	changesByName  = "changes the mode or owner of %s, and the new base has more of that name or kind elsewhere: a build may change that too"
	takesPrivilege = "takes setuid or setgid from %s, and the new base has more such files: a build may take it from them too"
)

// privilege are the bits of setuid and setgid.
const privilege = 0o6000

// checkPatterns looks whether what is deleted or handed to another owner was chosen by a pattern, or recursively, and
// would be more on the new base. A layer does not tell that, so that any new neighbour counts.
func checkPatterns(p *proof) verdict {
	found, more := findings{p: p}, p.additions()
	for _, w := range p.writes {
		if fault := p.patternFault(w, more); fault != "" {
			found.add(w.layer, fault, w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("what the image's own layers delete or change the owner of has no new neighbours in the new base")
}

// additions are what the new base has and the old one has not.
type additions struct {
	// in are the directories that got more, below are those that did somewhere below them, and named are the names of what
	// they got: whole, and as *.pyc.
	in, below, named map[string]bool
	// privileged is true if the new base has files with setuid or setgid that the old one had not, or not like that.
	privileged bool
}

func (p *proof) additions() additions {
	more := additions{in: map[string]bool{}, below: map[string]bool{".": true}, named: map[string]bool{}}
	for at, c := range p.diff.changes {
		if c.new.is(layers.File) && c.new.entry.Mode&privilege != 0 {
			more.privileged = true
		}
		if c.old == nil {
			more.add(at)
		}
	}
	return more
}

func (a additions) add(at string) {
	a.in[parent(at)] = true
	for dir := parent(at); !a.below[dir]; dir = parent(dir) {
		a.below[dir] = true
	}
	for _, name := range patternsOf(at) {
		a.named[name] = true
	}
}

// has reports whether there is more of a path's name, or of its kind.
func (a additions) has(at string) bool {
	return slices.ContainsFunc(patternsOf(at), func(name string) bool { return a.named[name] })
}

// patternsOf are the patterns by which somebody may look for files such as this one.
func patternsOf(at string) []string {
	name := path.Base(at)
	if ext := path.Ext(name); ext != "" && ext != name {
		return []string{name, "*" + ext}
	}
	return []string{name}
}

func (p *proof) patternFault(w write, more additions) string {
	if w.was == nil || w.at == "." || p.own[w.layer].copies() {
		return ""
	}
	if w.deletes() {
		switch {
		case more.in[parent(w.at)]:
			return deletesBeside
		case more.has(w.at):
			return deletesByName
		}
		return ""
	}
	switch {
	case !restamped(w):
		return ""
	case w.was.Mode&^w.Mode&privilege != 0 && more.privileged:
		return takesPrivilege
	case more.in[parent(w.at)] || w.Kind == layers.Directory && more.below[w.at]:
		return changesBeside
	case more.has(w.at) && p.old.at(w.at) != nil:
		// Of the app's own files, a step such as chmod +x /app/*.sh is meant for them alone.
		return changesByName
	}
	return ""
}

// restamped reports whether a write leaves what was there, with another mode, owner or attributes.
func restamped(w write) bool {
	return w.Kind == w.was.Kind && w.Content == w.was.Content && w.Link == w.was.Link && w.Meta != w.was.Meta
}
