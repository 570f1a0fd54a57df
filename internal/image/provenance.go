package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxMaterials bounds the images that one statement may name. A build has a few.
const maxMaterials = 256

// Predicate types of the provenance that BuildKit writes, in the in-toto statement's terms. See
// https://slsa.dev/provenance/v0.2 and https://slsa.dev/provenance/v1.
const (
	PredicateSLSA02 = "https://slsa.dev/provenance/v0.2"
	PredicateSLSA1  = "https://slsa.dev/provenance/v1"
)

// BuildTypeRebase is the build type of the provenance that tells of a rebase by Respin, and is always SLSA v1. Several
// images went into one: the source, the base that its layers were on, and the base that they are on now. They are told
// apart by the names of the resolved dependencies.
const BuildTypeRebase = "https://respin.dev/rebase/v1"

// DependencyBase is the name, in the provenance of a rebase, of the base that the image it tells of stands on.
const DependencyBase = "base"

// statement is an in-toto statement around SLSA provenance, as much of it as tells of images. The rest, such as the
// whole definition of the build that mode=max adds, is skipped and takes no memory.
type statement struct {
	PredicateType string `json:"predicateType"`
	Predicate     struct {
		// v0.2
		Materials  dependencies `json:"materials"`
		Invocation struct {
			Parameters request `json:"parameters"`
		} `json:"invocation"`
		// v1
		BuildDefinition struct {
			BuildType            string       `json:"buildType"`
			ResolvedDependencies dependencies `json:"resolvedDependencies"`
			ExternalParameters   struct {
				Request request `json:"request"`
			} `json:"externalParameters"`
		} `json:"buildDefinition"`
	} `json:"predicate"`
}

// request is what BuildKit was asked. The frontend is an image that runs the build, unless it is built in; where it
// asked BuildKit for a build of its own, root has what the user asked.
type request struct {
	Args frontend `json:"args"`
	Root struct {
		Request struct {
			Args frontend `json:"args"`
		} `json:"request"`
	} `json:"root"`
}

type frontend struct {
	Source string `json:"source"`
}

// runs reports whether an image is one of the request's frontends.
func (r request) runs(ref Reference) bool {
	for _, source := range []string{r.Args.Source, r.Root.Request.Args.Source} {
		if asked, err := ParseReference(source); err == nil && (asked == ref || asked.SameTag(ref)) {
			return true
		}
	}
	return false
}

// dependency is an image that went into a build.
type dependency struct {
	Material
	// name is what in-toto calls the resource's name.
	name string
}

// dependencies are read one by one: of all that went into a build, which may be thousands of files, only the images
// take memory.
type dependencies []dependency

// UnmarshalJSON is json.Unmarshaler's.
func (d *dependencies) UnmarshalJSON(raw []byte) error {
	entries := json.NewDecoder(bytes.NewReader(raw))
	start, err := entries.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return errors.New("its sources are not a list")
	}
	for entries.More() {
		var entry resource
		if err := entries.Decode(&entry); err != nil {
			return err
		}
		material, ok, err := entry.material()
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if len(*d) == maxMaterials {
			return fmt.Errorf("it names more than %d images, too many to make sense of", maxMaterials)
		}
		*d = append(*d, dependency{material, entry.Name})
	}
	return nil
}

// resource is in-toto's resource descriptor, and the material of SLSA v0.2.
type resource struct {
	Name   string `json:"name"`
	URI    string `json:"uri"`
	Digest struct {
		SHA256 string `json:"sha256"`
	} `json:"digest"`
}

// material is the image that the resource is, at the digest that was used.
func (r resource) material() (m Material, ok bool, err error) {
	m, ok = parsePURL(r.URI)
	used := "sha256:" + r.Digest.SHA256
	if !ok || !ValidDigest(used) {
		return m, ok, nil
	}
	if m.Digest != "" && m.Digest != used {
		return Material{}, false, fmt.Errorf("it has the image %.256q at another digest, %s", r.URI, used)
	}
	m.Digest = used
	return m, true, nil
}

// ParseProvenance reads the images that a build used from its in-toto statement with SLSA provenance, v0.2 or v1, in
// the forms that BuildKit writes. Sources that are no images, and the frontend's own image, are left out. Of Respin's
// own provenance it gives the new base alone. The caller bounds the statement's size; what it takes in memory is a
// small multiple of that.
func ParseProvenance(raw []byte) ([]Material, error) {
	var s statement
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("the provenance is not an in-toto statement of the form that it should have: %w", err)
	}
	definition := s.Predicate.BuildDefinition
	switch {
	case s.PredicateType == PredicateSLSA02:
		return s.Predicate.Materials.without(s.Predicate.Invocation.Parameters), nil
	case s.PredicateType != PredicateSLSA1:
		return nil, fmt.Errorf("the statement is %.128q and not SLSA provenance v0.2 or v1", s.PredicateType)
	case definition.BuildType == BuildTypeRebase:
		return definition.ResolvedDependencies.named(DependencyBase), nil
	}
	return definition.ResolvedDependencies.without(definition.ExternalParameters.Request), nil
}

// without are the images that the request did not run as a frontend.
func (d dependencies) without(asked request) []Material {
	var found []Material
	for _, dependency := range d {
		if !asked.runs(dependency.Reference) {
			found = append(found, dependency.Material)
		}
	}
	return found
}

// named are the images that have a name.
func (d dependencies) named(name string) []Material {
	var found []Material
	for _, dependency := range d {
		if dependency.name == name {
			found = append(found, dependency.Material)
		}
	}
	return found
}
