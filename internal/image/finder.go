package image

// finder finds the base of one platform's image.
type finder struct {
	app   Image
	child Child
	known Known
	// read are the images whose layers are known, wanted those whose layers would help.
	read   []Image
	wanted []Reference
}

func newFinder(app Image, child Child, known Known) *finder {
	return &finder{app: app, child: child, known: known, read: known.read()}
}

// find goes through the evidence in its order of weight.
func (f *finder) find() (finding, error) {
	if f.known.Declared != nil {
		return f.declared(f.known.Declared.WithDigest("")), nil
	}
	for _, evidence := range []func() (claim, bool, error){f.annotated, f.packed} {
		found, ok, err := evidence()
		if err != nil {
			return finding{}, err
		}
		if ok {
			return f.examine(found)
		}
	}
	if possible := f.candidates(); len(possible) > 0 {
		return f.attested(possible)
	}
	return f.layered()
}

// declared takes the policy's word for the base's name, which nothing contradicts: an owner may know a base by the name
// of its mirror, and the digests that a tag had in the past are not all known. Of the digests on record one that the
// layers disprove is not taken where the layers begin with those of the same base at another digest.
func (f *finder) declared(base Reference) finding {
	found := f.settle(claim{base: base, evidence: Declared, records: f.recall(base)})
	if found.certainty == Named || found.certainty == Doubtful {
		f.recognise(&found, 0)
	}
	return found
}

// examine completes a claim with the digests that other evidence has on record for the same base, and holds it against
// all other evidence.
func (f *finder) examine(c claim) (finding, error) {
	c.records = f.recall(c.base)
	found := f.settle(c)
	if found.certainty == Named {
		f.recognise(&found, c.depth)
	}
	if found.certainty == Proven && len(found.denied) == 0 {
		return found, nil
	}
	return found, f.dispute(c, found)
}

// settle takes the first record that the layers prove, else the first that they do not disprove.
func (f *finder) settle(c claim) finding {
	found := finding{base: c.base, evidence: c.evidence, certainty: Named}
	for _, r := range c.records {
		result, _ := f.compare(r.at)
		switch {
		case result == differs:
			found.denied = append(found.denied, r)
		case result == begins:
			found.record, found.certainty = r, Proven
			return found
		case result != elsewhere && found.certainty == Named:
			found.record, found.certainty = r, Recorded
		}
	}
	if found.certainty == Named && len(found.denied) > 0 {
		found.record, found.certainty = found.denied[0], Doubtful
	}
	return found
}

// recognise gives a base the digest at which a policy's base of the same name has the layers that the image begins
// with; as many as depth, unless that is zero.
func (f *finder) recognise(found *finding, depth int) {
	beneath, length := f.beneath(func(c Candidate) bool { return c.Reference.SameTag(found.base) })
	if len(beneath) > 0 && (depth == 0 || depth == length) {
		at := found.base.WithDigest(beneath[0].Digest)
		found.record, found.certainty = record{at, Layers}, Proven
	}
}

// recall gathers the digests that any evidence has on record for a base.
func (f *finder) recall(base Reference) []record {
	var records []record
	for _, c := range f.claims() {
		if c.is(base) {
			records = append(records, c.records...)
		}
	}
	for _, m := range f.candidates() {
		if m.Reference.SameTag(base) && m.Digest != "" {
			records = append(records, record{m.at(), Provenance})
		}
	}
	return records
}

// claims are those of the annotations and of the label, as far as they can be read.
func (f *finder) claims() []claim {
	var claims []claim
	for _, annotations := range f.annotations() {
		if c, ok, err := annotated(annotations); ok && err == nil {
			claims = append(claims, c)
		}
	}
	if c, ok, err := f.packed(); ok && err == nil {
		claims = append(claims, c)
	}
	return claims
}
