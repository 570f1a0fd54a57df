package image

import (
	"errors"
	"fmt"
	"slices"
)

// ErrContradictingLineage says that two pieces of evidence of an image's base cannot both be true.
var ErrContradictingLineage = errors.New("what tells of the image's base contradicts itself")

// Testimony is what one piece of evidence says of a platform's image.
type Testimony struct {
	Platform Platform
	Evidence Evidence
	// Says is a clause for a person to read, whose subject is the evidence, as in "name debian:12".
	Says string
}

// String is the testimony as a clause: "for linux/amd64 the image's annotations name debian:12".
func (t Testimony) String() string {
	return fmt.Sprintf("for %s %s %s", t.Platform, t.Evidence.subject(), t.Says)
}

// ContradictingLineageError is an ErrContradictingLineage with what says what.
type ContradictingLineageError struct {
	One, Other Testimony
}

// Error says what contradicts what, and what to declare.
func (e *ContradictingLineageError) Error() string {
	return fmt.Sprintf("%v: %s, and %s; %s", ErrContradictingLineage, e.One, e.Other, whatToDeclare)
}

// Unwrap is ErrContradictingLineage.
func (e *ContradictingLineageError) Unwrap() error { return ErrContradictingLineage }

// subject is the evidence in a sentence.
func (e Evidence) subject() string {
	switch e {
	case Annotations:
		return "the image's annotations"
	case Buildpacks:
		return "the image's label " + labelLifecycle
	case Layers:
		return "the image's layers"
	}
	return "the image's provenance"
}

// verb is what the evidence does with a base in a sentence.
func (e Evidence) verb() string {
	switch e {
	case Annotations:
		return "name"
	case Layers:
		return "begin with those of"
	}
	return "names"
}

func (e Evidence) naming(base Reference) string { return e.verb() + " " + base.Familiar() }

// says is the record as a clause whose subject is its evidence.
func (r record) says(base Reference) string {
	return r.evidence.naming(base) + " at " + r.at.Digest
}

// listing is a list of images of which the base is one, as one piece of evidence has it.
type listing struct {
	evidence Evidence
	images   []Material
}

// admits reports whether the claimed base may be on the list: its repository or its digest is, or an image of which no
// name is known.
func (l listing) admits(c claim) bool {
	return slices.ContainsFunc(l.images, func(m Material) bool {
		repository := m.Reference.Repository
		return repository == "" || repository == c.base.Repository ||
			slices.ContainsFunc(c.also, func(r Reference) bool { return r.Repository == repository }) ||
			slices.ContainsFunc(c.records, func(r record) bool { return r.at.Digest == m.Digest })
	})
}

// dispute is how other evidence contradicts a claim that the layers do not prove; nil if none does. Evidence contradicts
// it only where both cannot be true: the base on record is known and the image begins with another one's layers instead,
// or a list that the base has to be on is without it.
func (f *finder) dispute(c claim, found finding) error {
	if len(found.denied) > 0 {
		denied := found.denied[0]
		if other, ok := f.standing(); ok {
			return f.contradiction(denied.evidence, denied.says(c.base), Layers, record{other.at(), Layers}.says(other.Reference))
		}
	}
	others, err := f.listings(c.evidence)
	if err != nil {
		return err
	}
	for _, other := range others {
		if len(other.images) > 0 && !other.admits(c) {
			only := other.evidence.verb() + " only " + names(other.images)
			return f.contradiction(c.evidence, c.says(), other.evidence, only)
		}
	}
	return nil
}

func (f *finder) contradiction(one Evidence, says string, other Evidence, otherSays string) error {
	return &ContradictingLineageError{
		One: Testimony{f.child.Platform, one, says}, Other: Testimony{f.child.Platform, other, otherSays},
	}
}

// listings are the lists that evidence of less weight than that of a claim has.
func (f *finder) listings(evidence Evidence) ([]listing, error) {
	lists := []listing{{Provenance, f.candidates()}}
	if evidence != Annotations {
		return lists, nil
	}
	label, ok, err := f.packed()
	if !ok || err != nil {
		return lists, err
	}
	return append(lists, label.listing()), nil
}

// listing is the claim as a list of all the names of one image.
func (c claim) listing() listing {
	list := listing{evidence: c.evidence}
	for _, ref := range c.also {
		list.images = append(list.images, Material{Reference: ref, Digest: c.digest()})
	}
	return list
}

// standing is the image, of all that went into the build or that policies name as bases, whose layers the image begins
// with; the one with most layers.
func (f *finder) standing() (Material, bool) {
	best, most := Material{}, 0
	for _, m := range f.candidates() {
		if result, depth := f.compare(m.at()); result == begins && depth > most {
			best, most = m, depth
		}
	}
	if beneath, depth := f.beneath(anyBase); depth > most {
		best, most = beneath[0], depth
	}
	return best, most > 0
}
