package rebase

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// single is one platform's image.
type single struct {
	// ref is where it was read from, by the manifest's digest.
	ref      image.Reference
	manifest document
	config   config
}

// parseSingle puts together what was read of an image, and refuses one whose parts do not fit.
func parseSingle(ref image.Reference, manifest document, raw []byte) (single, error) {
	config, err := parseConfig(raw)
	if err != nil {
		return single{}, err
	}
	switch layers := len(manifest.Layers); {
	case layers != len(config.diffIDs):
		return single{}, fmt.Errorf("its manifest has %d layers and its config tells of %d: push it again", layers, len(config.diffIDs))
	case layers > maxLayers:
		return single{}, fmt.Errorf("it has %d layers, and no more than %d are taken", layers, maxLayers)
	}
	return single{ref: ref, manifest: manifest, config: config}, nil
}

// rebased is one platform's image on its new base, as it is to be pushed.
type rebased struct {
	manifest, config blob
	// layers are the new base's, of which there are base, and then the app's own.
	layers []ocispec.Descriptor
	base   int
	// OSVersion and OSFeatures are for the image's entry in an index.
	osVersion  string
	osFeatures []string
}

// rebase puts a new base under an image. Annotations are set on the manifest. The error is a sentence on what speaks
// against it.
func rebase(app, old, new single, annotations map[string]string) (rebased, error) {
	if err := fits(app, old, new); err != nil {
		return rebased{}, err
	}
	annotations = annotate(app.manifest.Annotations, annotations)
	layers, f, err := stack(app, old, new, len(annotations) > 0)
	if err != nil {
		return rebased{}, err
	}
	content, err := encode(mergeConfigs(app.config, old.config, new.config))
	if err != nil {
		return rebased{}, err
	}
	config, err := describe(f.config(), content, maxConfig)
	if err != nil {
		return rebased{}, err
	}
	manifest, err := newManifest(f, config.descriptor, layers, annotations)
	if err != nil {
		return rebased{}, err
	}
	result := rebased{manifest: manifest, config: config, layers: layers, base: len(new.manifest.Layers)}
	result.osVersion = new.config.platform.OSVersion
	if err := new.config.top.read("os.features", &result.osFeatures); err != nil {
		return rebased{}, badConfig(err)
	}
	return result, result.assert(app, old, new)
}

// fits refuses an image that was not built on the old base, and a new base for another platform.
func fits(app, old, new single) error {
	if !image.BeginsWith(app.config.diffIDs, old.config.diffIDs) {
		return fmt.Errorf("its layers do not begin with those of %s: declare the base that it was built on, or build it again",
			old.ref.Familiar())
	}
	for _, base := range []single{old, new} {
		if !app.config.platform.Matches(base.config.platform) {
			return fmt.Errorf("it is for %s, and %s is for %s: name a base for the same platform",
				app.config.platform, base.ref.Familiar(), base.config.platform)
		}
	}
	if len(new.config.diffIDs) == 0 {
		return fmt.Errorf("the new base %s has no layers: follow one that has", new.ref.Familiar())
	}
	return nil
}

// stack puts the app's own layers on the new base's, each under the name that the result's family has for its type. A
// Docker manifest becomes an OCI one where it has to: it can have no annotations, and no zstd.
func stack(app, old, new single, annotated bool) ([]ocispec.Descriptor, family, error) {
	layers := slices.Concat(new.manifest.Layers, app.manifest.Layers[len(old.config.diffIDs):])
	if len(layers) > maxLayers {
		return nil, oci, fmt.Errorf("it would have %d layers, and no more than %d are taken: build it again with fewer",
			len(layers), maxLayers)
	}
	f, compressions := app.manifest.family(), make([]compression, len(layers))
	for i, layer := range layers {
		var err error
		if compressions[i], err = compressionOf(layer); err != nil {
			return nil, oci, err
		}
		if compressions[i] == zstd || annotated {
			f = oci
		}
	}
	for i, layer := range layers {
		layers[i] = ocispec.Descriptor{
			MediaType: f.layer(compressions[i]), Digest: layer.Digest, Size: layer.Size, Annotations: layer.Annotations,
		}
	}
	return layers, f, nil
}

// assert reads the result back and makes sure that it is the new base's layers with the app's own on them, in the
// manifest and in the config.
func (r rebased) assert(app, old, new single) error {
	manifest, err := parseDocument(r.manifest.descriptor.MediaType, r.manifest.content)
	if err != nil {
		return fmt.Errorf("the result is broken: %w", err)
	}
	result, err := parseSingle(image.Reference{}, manifest, r.config.content)
	if err != nil {
		return fmt.Errorf("the result is broken: %w", err)
	}
	ids := slices.Concat(new.config.diffIDs, app.config.diffIDs[len(old.config.diffIDs):])
	stored := slices.Concat(new.manifest.Layers, app.manifest.Layers[len(old.config.diffIDs):])
	sameBlob := func(a, b ocispec.Descriptor) bool { return a.Digest == b.Digest && a.Size == b.Size }
	if !slices.Equal(result.config.diffIDs, ids) || !slices.EqualFunc(result.manifest.Layers, stored, sameBlob) {
		return fmt.Errorf("the result is broken: its layers are not those of %s and then the image's own", new.ref.Familiar())
	}
	return nil
}

// origins begin the annotations that tell where an image comes from. Those of the old image are not true of the new one.
var origins = []string{"org.opencontainers.image.base.", "dev.respin.source."}

// annotate is the old annotations, without those that tell of the origin, and with the ones that are wanted.
func annotate(old, wanted map[string]string) map[string]string {
	annotations := map[string]string{}
	for key, value := range old {
		if !slices.ContainsFunc(origins, func(origin string) bool { return strings.HasPrefix(key, origin) }) {
			annotations[key] = value
		}
	}
	maps.Copy(annotations, wanted)
	if len(annotations) == 0 {
		return nil
	}
	return annotations
}
