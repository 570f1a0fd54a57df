package rebase

import (
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// assembly puts the images of a result together.
type assembly struct {
	job    job
	source document
	plan   Plan
	writes *writes
	// entries are the result's index's: the images, and what tells of them.
	entries, telling []ocispec.Descriptor
	family           family
}

// assemble gives the plan for a source whose images are rebased.
func assemble(j job, source document, children []child) (*Plan, error) {
	a := &assembly{job: j, source: source, writes: newWrites(j, children), family: source.family()}
	if len(annotate(source.Annotations, j.annotations)) > 0 {
		a.family = oci
	}
	for _, c := range children {
		if err := a.add(c); err != nil {
			return nil, err
		}
	}
	if source.isIndex() {
		if err := a.close(); err != nil {
			return nil, err
		}
	}
	a.plan.Writes = a.writes.inOrder()
	return &a.plan, nil
}

// add adds one platform's image.
func (a *assembly) add(c child) error {
	result := Image{
		Platform: c.platform, Source: c.app.ref, Old: c.old.ref, New: c.new.ref, Digest: c.entry.Digest.String(),
	}
	var err error
	switch {
	case c.result == nil:
		a.keep(c)
	case a.source.isIndex():
		result.Provenance, err = a.addRebased(c)
	default:
		a.writes.rebased(c)
		a.finish(c.result.manifest)
	}
	if c.result != nil {
		result.Digest = c.result.manifest.descriptor.Digest.String()
		result.Manifest, result.Config = c.result.manifest.content, c.result.config.content
	}
	a.plan.Images = append(a.plan.Images, result)
	return err
}

// keep adds an image that stays as it is, with the attestations that are true of it.
func (a *assembly) keep(c child) {
	a.entries = append(a.entries, c.entry)
	a.writes.copied(c.app.ref, c.app.manifest)
	for _, one := range c.attached {
		a.telling = append(a.telling, one.entry)
		if one.manifest.Config != nil {
			a.writes.copied(a.job.source, one.manifest)
		}
	}
}

// addRebased adds an image of an index, with provenance if the source's index is one that can have that.
func (a *assembly) addRebased(c child) (provenance []byte, err error) {
	manifest := c.result.manifest
	a.writes.rebased(c)
	a.writes.put(manifests, "", manifest)
	a.entries = append(a.entries, c.newEntry())
	if manifest.descriptor.MediaType == oci.manifest() {
		a.family = oci
	}
	if a.source.family() == docker {
		return nil, nil
	}
	statement, err := a.origin(c).envelope(manifest.descriptor.Digest.String())
	if err != nil {
		return nil, err
	}
	told, err := attest(manifest, statement)
	if err != nil {
		return nil, err
	}
	a.writes.upload(told.statement)
	a.writes.upload(told.config)
	a.writes.put(manifests, told.tag, told.manifest)
	a.telling = append(a.telling, told.entry(manifest))
	return statement.content, nil
}

func (a *assembly) origin(c child) origin {
	return origin{
		platform: c.platform, source: a.job.source, child: c.app.ref, old: c.oldTop, new: a.job.base,
		output: a.job.output, version: a.job.version,
	}
}

// newEntry is the entry of a rebased image: the source's, with what has changed.
func (c child) newEntry() ocispec.Descriptor {
	entry := c.result.manifest.descriptor
	entry.Annotations = annotate(c.entry.Annotations, nil)
	if c.entry.Platform != nil {
		platform := *c.entry.Platform
		platform.OSVersion, platform.OSFeatures = c.result.osVersion, c.result.osFeatures
		entry.Platform = &platform
	}
	return entry
}

// close adds the index, and says what of the source's it does not have.
func (a *assembly) close() error {
	index, err := newIndex(a.family, slices.Concat(a.entries, a.telling), annotate(a.source.Annotations, a.job.annotations))
	if err != nil {
		return err
	}
	a.finish(index)
	for _, entry := range a.source.Manifests {
		a.leave(entry)
	}
	return nil
}

// leave says why an entry of the source is not in the result, unless it is.
func (a *assembly) leave(entry ocispec.Descriptor) {
	digest := entry.Digest.String()
	kept := func(o ocispec.Descriptor) bool { return o.Digest == entry.Digest }
	rebased := func(o Image) bool { return o.Source.Digest == digest }
	platform, _ := platformOf(entry)
	var why string
	switch {
	case slices.ContainsFunc(slices.Concat(a.entries, a.telling), kept), slices.ContainsFunc(a.plan.Images, rebased):
		return
	case isImage(entry):
		why = fmt.Sprintf("an image for %s, which is not wanted", platform)
	case entry.Annotations[annotationType] == attestationEntry:
		why = "an attestation of an image that is replaced, or not there"
	default:
		why = fmt.Sprintf("%.128q, of which it is not known whether it is true of the new images", entry.MediaType)
	}
	a.plan.LeftOut = append(a.plan.LeftOut, digest+": "+why)
}

// finish adds what the tag is to stand for.
func (a *assembly) finish(top blob) {
	a.plan.Digest, a.plan.MediaType = top.descriptor.Digest.String(), top.descriptor.MediaType
	a.writes.put(tag, a.job.output.Tag, top)
}
