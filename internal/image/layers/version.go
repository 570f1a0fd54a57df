package layers

import "regexp"

// What C libraries say of themselves. Each pattern's group is the version, and each ends with what cannot be part of
// one, so that a version is never taken before all of it was seen.
var (
	glibcBanner = regexp.MustCompile(`release version ([0-9]{1,9}\.[0-9]{1,9}(?:\.[0-9]{1,9})?)(?:\.?[^0-9.])`)
	// muslBanner is a string of its own in musl's dynamic linker.
	muslBanner = regexp.MustCompile(`\x00([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})(?:-git[^\x00]{0,40})?\x00`)
	// muslPackage is in apk's database of what is installed.
	muslPackage = regexp.MustCompile(`\nP:musl\nV:([0-9][^\n]{0,62})\n`)
)

// overlap is how much of one part of a file is searched again with the next: the longest match is shorter.
const overlap = 128

// banner looks for a version.
type banner struct {
	at, name string
	pattern  *regexp.Regexp
	// seam is the end of what was seen so far, where a match may have begun.
	seam    []byte
	version string
}

func (b *banner) see(part []byte) {
	if b.version != "" || len(part) == 0 {
		return
	}
	b.seam = append(b.seam, part[:min(overlap, len(part))]...)
	if b.find(b.seam) || b.find(part) {
		return
	}
	if len(part) >= overlap {
		b.seam = append(b.seam[:0], part[len(part)-overlap:]...)
	} else {
		b.seam = append(b.seam[:0], b.seam[max(0, len(b.seam)-overlap):]...)
	}
}

func (b *banner) find(in []byte) bool {
	if found := b.pattern.FindSubmatch(in); found != nil {
		b.version = string(found[1])
	}
	return b.version != ""
}

func (b *banner) keep(facts *Facts) {
	delete(facts.Versions, b.at)
	if b.version == "" {
		return
	}
	if facts.Versions == nil {
		facts.Versions = map[string]string{}
	}
	facts.Versions[b.at] = b.name + " " + b.version
}
