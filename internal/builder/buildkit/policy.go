package buildkit

import (
	"github.com/distribution/reference"
	spb "github.com/moby/buildkit/sourcepolicy/pb"
	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/builder"
)

const imageScheme = "docker-image://"

// base is where the pinned base is found, and how it used to be spelled.
type base struct {
	repository string   // docker.io/library/debian
	tagged     string   // docker.io/library/debian:12
	pinned     string   // docker.io/library/debian:12@sha256:…
	old        []string // digests
}

func parseBase(b builder.Base) (base, error) {
	named, err := reference.ParseNormalizedNamed(b.Reference)
	if err != nil {
		return base{}, refuse("Base.Reference", err.Error())
	}
	named = reference.TagNameOnly(named)
	if _, digested := named.(reference.Digested); digested {
		return base{}, refuse("Base.Reference", "write repository:tag, without a digest")
	}
	if _, err := digest.Parse(b.To); err != nil {
		return base{}, refuse("Base.To", "it must be a digest, sha256:…")
	}
	return base{repository: named.Name(), tagged: named.String(), pinned: named.String() + "@" + b.To, old: b.From}, nil
}

// pin is the policy that makes every spelling of the base mean its new digest. BuildKit applies it to each image that
// it reads, after build arguments were filled in and the name was made canonical.
//
// Other tags of the repository stay what they are, also where they are at an old digest of the base: who writes
// FROM debian:12.5 means that. BuildKit asks here again once it added the tag's digest, so these rules keep to a whole
// name each.
func (b base) pin() *spb.Policy {
	rules := []*spb.Rule{
		b.convert(spb.MatchType_EXACT, b.tagged),
		b.convert(spb.MatchType_WILDCARD, b.tagged+"@*"),
	}
	for _, digest := range b.old {
		rules = append(rules, b.convert(spb.MatchType_EXACT, b.repository+"@"+digest))
	}
	return &spb.Policy{Version: 1, Rules: rules}
}

func (b base) convert(match spb.MatchType, from string) *spb.Rule {
	return &spb.Rule{
		Action:   spb.PolicyAction_CONVERT,
		Selector: &spb.Selector{Identifier: imageScheme + from, MatchType: match},
		Updates:  &spb.Update{Identifier: imageScheme + b.pinned},
	}
}
