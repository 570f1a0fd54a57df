package image

import "slices"

// claim is what one piece of evidence says of an image's base.
type claim struct {
	// base is the repository and tag; also are all the names that the same evidence has for it, where it has several.
	base     Reference
	also     []Reference
	evidence Evidence
	// records are the digests on record, the weightiest first.
	records []record
	// depth is how many of the image's layers are the base's, where the evidence says so; else zero. It counts where no
	// digest is on record.
	depth int
}

// record is a digest that the base had when the image was built.
type record struct {
	// at is where the base is found under the digest.
	at       Reference
	evidence Evidence
}

// digest is the one that the claim's own evidence has on record; empty where it has none.
func (c claim) digest() string {
	if len(c.records) > 0 && c.records[0].evidence == c.evidence {
		return c.records[0].at.Digest
	}
	return ""
}

// says is the claim as a clause whose subject is the evidence.
func (c claim) says() string {
	if digest := c.digest(); digest != "" {
		return c.evidence.naming(c.base) + " at " + digest
	}
	return c.evidence.naming(c.base)
}

// is reports whether the claim knows a base by a name.
func (c claim) is(base Reference) bool {
	return c.base == base || slices.ContainsFunc(c.also, base.SameTag)
}

// finding is what is found of one platform's image.
type finding struct {
	base      Reference
	evidence  Evidence
	record    record
	certainty Certainty
	// denied are the records that the layers disprove.
	denied []record
}
