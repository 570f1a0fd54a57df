package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Bounds on one provenance statement: the sources of all kinds that it may name, and the images among them. A build
// has a few.
const (
	maxResources = 4096
	maxMaterials = 256
)

// Predicate types of the provenance that BuildKit writes, in the in-toto statement's terms. See
// https://slsa.dev/provenance/v0.2 and https://slsa.dev/provenance/v1.
const (
	PredicateSLSA02 = "https://slsa.dev/provenance/v0.2"
	PredicateSLSA1  = "https://slsa.dev/provenance/v1"
)

// statement is an in-toto statement around SLSA provenance, as much of it as tells of images.
type statement struct {
	PredicateType string `json:"predicateType"`
	Predicate     struct {
		// v0.2
		Materials  resources `json:"materials"`
		Invocation struct {
			Parameters request `json:"parameters"`
		} `json:"invocation"`
		// v1
		BuildDefinition struct {
			ResolvedDependencies resources `json:"resolvedDependencies"`
			ExternalParameters   struct {
				Request request `json:"request"`
			} `json:"externalParameters"`
		} `json:"buildDefinition"`
	} `json:"predicate"`
}

type resource struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest"`
}

// resources are a list that is bounded while it is read: a few bytes of JSON are many of memory.
type resources []resource

// UnmarshalJSON is json.Unmarshaler's.
func (r *resources) UnmarshalJSON(raw []byte) error {
	entries := json.NewDecoder(bytes.NewReader(raw))
	start, err := entries.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return errors.New("its sources are not a list")
	}
	for entries.More() {
		if len(*r) == maxResources {
			return fmt.Errorf("it names more than %d sources", maxResources)
		}
		var entry resource
		if err := entries.Decode(&entry); err != nil {
			return err
		}
		*r = append(*r, entry)
	}
	return nil
}

// request is what BuildKit was asked: args.source is the image of a Dockerfile frontend that is not built in.
type request struct {
	Args map[string]string `json:"args"`
}

// ParseProvenance reads the images that a build used from its in-toto statement with SLSA provenance, v0.2 or v1, in
// the forms that BuildKit writes. Sources that are no images, and the frontend's own image, are left out. The caller
// bounds the statement's size.
func ParseProvenance(raw []byte) ([]Material, error) {
	var s statement
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("the provenance is not an in-toto statement of the form that it should have: %w", err)
	}
	switch s.PredicateType {
	case PredicateSLSA02:
		return materials(s.Predicate.Materials, s.Predicate.Invocation.Parameters)
	case PredicateSLSA1:
		definition := s.Predicate.BuildDefinition
		return materials(definition.ResolvedDependencies, definition.ExternalParameters.Request)
	}
	return nil, fmt.Errorf("the statement is %.128q and not SLSA provenance v0.2 or v1", s.PredicateType)
}

func materials(all resources, asked request) ([]Material, error) {
	frontend, _ := ParseReference(asked.Args["source"])
	var found []Material
	for _, r := range all {
		m, ok := r.material()
		if !ok || frontend.SameTag(m.Reference) || frontend == m.Reference {
			continue
		}
		if len(found) == maxMaterials {
			return nil, errors.New("the provenance names too many images to make sense of")
		}
		found = append(found, m)
	}
	return found, nil
}

// material is the image that the resource is, at the digest that was used. An image without one is of no use.
func (r resource) material() (Material, bool) {
	m, ok := parsePURL(r.URI)
	if !ok {
		return Material{}, false
	}
	if used := "sha256:" + r.Digest["sha256"]; ValidDigest(used) {
		m.Digest = used
	} else {
		m.Digest = m.Reference.Digest
	}
	return m, m.Digest != ""
}
