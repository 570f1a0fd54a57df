package image

import (
	"errors"
	"fmt"
	"slices"
)

// ErrPlatformLost says that a base is no longer published for a platform that the image runs on.
var ErrPlatformLost = errors.New("the base lost a platform")

// Verdict is whether an image is behind its base.
type Verdict struct {
	// Behind is true if any platform that runs is behind.
	Behind bool
	// Platforms tell the same of each platform that runs, with the reason.
	Platforms []PlatformVerdict
}

// PlatformVerdict is whether one platform's image is behind its base.
type PlatformVerdict struct {
	Platform Platform
	Behind   bool
	// Reason is a clause for a person to read.
	Reason string
}

// Reason tells why, in the words of the first platform that decided it.
func (v Verdict) Reason() string {
	for _, p := range v.Platforms {
		if p.Behind == v.Behind {
			return fmt.Sprintf("%s: %s", p.Platform, p.Reason)
		}
	}
	return ""
}

// Behind judges an image against its base as the base is now, platform by platform, since an index's digest also moves
// when other platforms' images do. Recorded are the images that lineage.Digests names, as many of them as could still
// be fetched: an old index whose image for the platform is the current one is current. Base and recorded have to hold
// at least app's platforms.
//
// The error is ErrPlatformLost or ErrPlatformMissing.
func Behind(lineage Lineage, app, base Image, platforms []Platform, recorded ...Image) (Verdict, error) {
	children, err := app.running(platforms)
	if err != nil {
		return Verdict{}, err
	}
	var verdict Verdict
	for _, child := range children {
		now, ok := base.Child(child.Platform)
		if !ok {
			return Verdict{}, fmt.Errorf("%w: the image runs on %s, and %s is published for %v only; "+
				"follow another tag, or stop running the image there",
				ErrPlatformLost, child.Platform, lineage.Base.Familiar(), base.Platforms())
		}
		one := judge(lineage.recordFor(child.Platform), child, base, now, recorded)
		one.Platform = child.Platform
		verdict.Behind = verdict.Behind || one.Behind
		verdict.Platforms = append(verdict.Platforms, one)
	}
	return verdict, nil
}

// judge compares one platform's image with the base's image for it. The order matters: what was recorded goes before
// what the layers look like, since a new base may differ from the old in its config alone.
func judge(record string, app Child, base Image, now Child, recorded []Image) PlatformVerdict {
	switch {
	case record == base.Digest || record == now.Digest:
		return PlatformVerdict{Reason: "it was built on the base's current digest"}
	case record == "" && BeginsWith(app.DiffIDs, now.DiffIDs):
		return PlatformVerdict{Reason: "its layers begin with those of the current base"}
	case record == "":
		return PlatformVerdict{Behind: true, Reason: "its layers do not begin with those of the current base"}
	}
	old, fetched := childOf(recorded, record, app.Platform)
	if fetched && old.Digest == now.Digest {
		return PlatformVerdict{Reason: "the base moved for other platforms only"}
	}
	return PlatformVerdict{Behind: true, Reason: fmt.Sprintf("the base moved from %s to %s", record, base.Digest)}
}

func (l Lineage) recordFor(p Platform) string {
	at := slices.IndexFunc(l.Records, func(r Record) bool { return r.Platform == p })
	if at < 0 {
		return l.Digest
	}
	return l.Records[at].Digest
}

// childOf finds the image for a platform in what a digest stands for, if that was fetched.
func childOf(images []Image, digest string, p Platform) (Child, bool) {
	found, ok := imageAt(images, digest)
	if !ok {
		return Child{}, false
	}
	return found.Child(p)
}

// BeginsWith reports whether the image's layers begin with the base's. A base without layers proves nothing.
func BeginsWith(app, base []string) bool {
	return len(base) > 0 && len(base) <= len(app) && slices.Equal(app[:len(base)], base)
}
