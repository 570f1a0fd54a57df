package safety

import (
	"path"

	"github.com/respin-dev/respin/internal/image/layers"
)

// What an own layer may have done by a pattern that would take in more on the new base. Each follows the layer's name.
const (
	deletesBeside  = "deletes %s, beside which the new base has more: a build may delete that too"
	changesBeside  = "changes the mode or owner of %s, beside which the new base has more: a build may change that too"
	deletesByName  = "deletes %s in several directories, and the new base has more of that name: a build may delete that too"
	takesPrivilege = "takes setuid or setgid from %s, and the new base has more such files: a build may take it from them too"
)

// privilege are the bits of setuid and setgid.
const privilege = 0o6000

// checkPatterns looks whether what is deleted or handed to another owner was chosen by a pattern, or recursively, and
// would be more on the new base. A layer does not tell that, so that any new neighbour counts.
func checkPatterns(p *proof) verdict {
	found, more := findings{p: p}, p.additions()
	names := p.deletedNames()
	for _, w := range p.writes {
		if fault := p.patternFault(w, more, names); fault != "" {
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
	// in are the directories that got more, and named the names of what they got: whole, and as *.pyc.
	in, named map[string]bool
	// privileged is true if a file is among them that is setuid or setgid, or if one became so.
	privileged bool
}

func (p *proof) additions() additions {
	more := additions{in: map[string]bool{}, named: map[string]bool{}}
	for at, c := range p.diff.changes {
		if c.new.is(layers.File) && c.new.entry.Mode&privilege != 0 {
			more.privileged = true
		}
		if c.old != nil {
			continue
		}
		more.in[parent(at)] = true
		for _, name := range patternsOf(at) {
			more.named[name] = true
		}
	}
	return more
}

// patternsOf are the patterns by which somebody may look for files such as this one.
func patternsOf(at string) []string {
	name := path.Base(at)
	if ext := path.Ext(name); ext != "" && ext != name {
		return []string{name, "*" + ext}
	}
	return []string{name}
}

// hasAny reports whether there is more of a name that was deleted in several directories.
func (a additions) hasAny(at string, deleted map[string]spread) bool {
	for _, name := range patternsOf(at) {
		if deleted[name].several && a.named[name] {
			return true
		}
	}
	return false
}

func (p *proof) patternFault(w write, more additions, deleted map[string]spread) string {
	was := p.old.at(w.at)
	if was == nil || p.own[w.layer].copies() {
		return ""
	}
	switch {
	case w.deletes() && more.in[parent(w.at)] && w.at != ".":
		return deletesBeside
	case w.deletes() && more.hasAny(w.at, deleted):
		return deletesByName
	case !restamped(w, was):
		return ""
	case was.entry.Mode&^w.Mode&privilege != 0 && more.privileged:
		return takesPrivilege
	case more.in[parent(w.at)] || w.Kind == layers.Directory && more.in[w.at]:
		return changesBeside
	}
	return ""
}

// restamped reports whether a write leaves what the base had, with another mode, owner or attributes.
func restamped(w write, was *node) bool {
	return w.Kind == was.entry.Kind && w.Content == was.entry.Content && w.Link == was.entry.Link && w.Meta != was.entry.Meta
}

// spread is where something was deleted.
type spread struct {
	dir     string
	several bool
}

// deletedNames are the patterns that fit what is deleted of the old base.
func (p *proof) deletedNames() map[string]spread {
	names := map[string]spread{}
	for _, w := range p.writes {
		if !w.deletes() || p.old.at(w.at) == nil {
			continue
		}
		dir := parent(w.at)
		for _, name := range patternsOf(w.at) {
			at, before := names[name]
			names[name] = spread{dir, at.several || before && at.dir != dir}
		}
	}
	return names
}
