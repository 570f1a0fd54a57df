package safety

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

const (
	// maxListed is how many paths a reason lists.
	maxListed = 5
	// maxShown is how much of one path a reason shows, in bytes.
	maxShown = 160
)

// list shows the first of some paths.
func list(paths []string) string {
	shown := make([]string, 0, maxListed)
	for _, p := range paths[:min(maxListed, len(paths))] {
		shown = append(shown, show(p))
	}
	text := strings.Join(shown, ", ")
	if more := len(paths) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// show writes a path of a tree as people do. Layers name their files as they like: what does not print is quoted.
func show(at string) string {
	at = "/" + strings.TrimPrefix(at, ".")
	if len(at) > maxShown {
		at = at[:maxShown/2] + "…" + at[len(at)-maxShown/2:]
	}
	if strings.ContainsFunc(at, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar }) {
		return strconv.Quote(at)
	}
	return at
}

// quote shows a value of somebody else's.
func quote(s string) string { return fmt.Sprintf("%.80q", s) }

// findings are what speaks against a rebase, by layer and by what is wrong.
type findings struct {
	p    *proof
	kind []finding
}

// finding is one kind of fault of one layer, with all the paths that have it.
type finding struct {
	layer int
	// fault follows the name of the layer, and has %s where the paths go.
	fault string
	paths []string
}

func (f *findings) add(layer int, fault, at string) {
	for i := range f.kind {
		k := &f.kind[i]
		if k.layer == layer && k.fault == fault {
			if k.paths[len(k.paths)-1] != at {
				k.paths = append(k.paths, at)
			}
			return
		}
	}
	f.kind = append(f.kind, finding{layer, fault, []string{at}})
}

func (f *findings) none() bool { return len(f.kind) == 0 }

// refuse tells of the findings.
func (f *findings) refuse() verdict {
	sentences := make([]string, 0, maxListed)
	for _, k := range f.kind[:min(maxListed, len(f.kind))] {
		sentences = append(sentences, f.p.name(k.layer)+" "+strings.Replace(k.fault, "%s", list(k.paths), 1))
	}
	text := strings.Join(sentences, "; ")
	if more := len(f.kind) - len(sentences); more > 0 {
		text += fmt.Sprintf("; and %d more of the kind", more)
	}
	return refuse("%s", text)
}

// name is what to call one of the app's own layers.
func (p *proof) name(layer int) string {
	made := ""
	if maker := p.own[layer].maker; maker != "" {
		made = " (" + maker + ")"
	}
	return fmt.Sprintf("the image's own layer %d of %d%s", layer+1, len(p.own), made)
}
